//! `[fingerprint]`: what decides the model's answers, so that a run can say
//! whether it changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use driftguard_provenance::{Given, Request};
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::error::PolicyError;
use super::place::{Place, Placed, Source};
use super::raw::{OneOrMore, RawFingerprint};
use super::shape::described_text;

/// The word for a part that does not exist.
pub const NONE: &str = "none";

/// Where the pipeline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Environment {
    /// Where nobody acts on the answers yet.
    #[default]
    Development,
    /// Where answers count: a missing fingerprint stops it.
    Production,
}

/// Fingerprints of both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FingerprintPolicy {
    /// What to fingerprint for the current side; paths of a policy are already
    /// joined to its folder.
    pub request: Request,
    /// The document of the reference.
    pub reference: Option<PathBuf>,
    /// A document that was made for the current side, in place of `request`.
    pub current: Option<PathBuf>,
}

impl FingerprintPolicy {
    pub(super) fn new(source: Source, raw: RawFingerprint) -> Result<Self, PolicyError> {
        let folder = source.file.parent().unwrap_or(Path::new(""));
        let paths = |typed: Option<Spanned<OneOrMore>>| match typed {
            Some(typed) => several(folder, typed.into_inner().into_vec()),
            None => Given::Nothing,
        };
        let runtime = raw
            .runtime
            .into_iter()
            .map(|typed| named_value("fingerprint.runtime", &source.placed(typed)))
            .collect::<Result<_, _>>()?;
        let joined = |typed: Option<Spanned<String>>| typed.map(|t| folder.join(t.into_inner()));
        let request = Request {
            code: match raw.code.map(Spanned::into_inner) {
                None => Given::Nothing,
                Some(word) if word == NONE => Given::Absent,
                Some(path) => Given::This(folder.join(path)),
            },
            model: paths(raw.model),
            config: paths(raw.config),
            deps: paths(raw.deps),
            features: paths(raw.features),
            schema: Given::Nothing,
            runtime,
        };
        let both = raw.current.as_ref().map(|typed| source.place(typed.span()));
        if let Some(place) = both
            && request != Request::default()
        {
            return Err(PolicyError::Conflict {
                place,
                what: "`fingerprint.current`, which is a document that was made before, and what to make one of exclude each other: remove one".into(),
            });
        }
        Ok(Self {
            request,
            reference: joined(raw.reference),
            current: joined(raw.current),
        })
    }

    /// Whether anything is said of fingerprints.
    pub fn is_given(&self) -> bool {
        *self != Self::default()
    }
}

/// Files, or the word that there are none.
pub fn several(folder: &Path, typed: Vec<String>) -> Given<Vec<PathBuf>> {
    match typed.as_slice() {
        [] => Given::Nothing,
        [word] if word == NONE => Given::Absent,
        paths => Given::This(paths.iter().map(|path| folder.join(path)).collect()),
    }
}

/// `onnxruntime=1.20` as name and value.
pub(super) fn named_value(
    key: &str,
    typed: &Placed<String>,
) -> Result<(String, String), PolicyError> {
    match typed.value.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err(PolicyError::OutOfRange {
            place: typed.place.clone(),
            key: key.to_owned(),
            expected: "a name and its value, as \"onnxruntime=1.20\"".into(),
            found: described_text(&typed.value),
        }),
    }
}

/// What flags say of the runtime.
///
/// # Errors
/// A text that is not `NAME=VALUE`.
pub fn runtime_of(flags: &[String]) -> Result<BTreeMap<String, String>, PolicyError> {
    let placed = |text: &String| Placed {
        value: text.clone(),
        place: Place::Flag("--runtime"),
    };
    flags
        .iter()
        .map(|text| named_value("runtime", &placed(text)))
        .collect()
}
