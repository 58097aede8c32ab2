//! `[model]`: the model as a function, so that a run can tell what it does from
//! what it is given.

use std::path::{Path, PathBuf};
use std::time::Duration;

use driftguard_model::{Limits, Stdin, split};
use toml::Spanned;

use super::error::PolicyError;
use super::place::Source;
use super::raw::{OneOrMore, RawModel, RawModelSource, RawStdin};
use super::shape::described_text;
use crate::replay::Metric;

/// Rows that are replayed of each side, unless said otherwise.
pub const ROWS: u64 = 20_000;

/// What answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answering {
    /// A scoring command, in words.
    Command(Vec<String>),
    /// An ONNX file, run in the process.
    Onnx(PathBuf),
}

/// One model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSource {
    /// What answers.
    pub by: Answering,
    /// Where a command runs: the policy's folder. None: here.
    pub folder: Option<PathBuf>,
    /// What a command's rows look like.
    pub stdin: Stdin,
    /// The columns that it is given, in this order; empty: all but labels and
    /// outputs.
    pub inputs: Vec<String>,
    /// The column of its answers that counts.
    pub output: Option<String>,
}

impl ModelSource {
    /// A model of which nothing else is said.
    pub fn new(by: Answering) -> Self {
        Self {
            by,
            folder: None,
            stdin: Stdin::Arrow,
            inputs: vec![],
            output: None,
        }
    }

    /// Whether a program is started to ask it.
    pub fn is_command(&self) -> bool {
        matches!(self.by, Answering::Command(_))
    }
}

/// Everything of `[model]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPolicy {
    /// The model that is judged.
    pub model: Option<ModelSource>,
    /// The model before it.
    pub old: Option<ModelSource>,
    /// What of the answers is compared; empty: their mean, or the share of each
    /// class.
    pub metrics: Vec<Metric>,
    /// Rows of each side.
    pub rows: u64,
    /// What one run of a model may take.
    pub limits: Limits,
    /// Frozen inputs with stored answers.
    pub canary: Option<PathBuf>,
    /// Whether `driftguard check` replays the canary, too.
    pub check_canary: bool,
    /// Whether `driftguard check` runs old and new model on old and new data
    /// where the fingerprints differ.
    pub check_replay: bool,
    /// Whether a check may run the commands that a policy names. No policy can
    /// say so: only who runs the check.
    pub allow_commands: bool,
    /// How far apart the same answers may be, relative.
    pub tolerance: f64,
}

impl Default for ModelPolicy {
    fn default() -> Self {
        Self {
            model: None,
            old: None,
            metrics: vec![],
            rows: ROWS,
            limits: Limits::default(),
            canary: None,
            check_canary: false,
            check_replay: false,
            allow_commands: false,
            tolerance: 1e-6,
        }
    }
}

impl ModelPolicy {
    pub(super) fn new(source: Source, raw: RawModel) -> Result<Self, PolicyError> {
        let folder = source.file.parent().unwrap_or(Path::new(""));
        let usual = Self::default();
        let metrics = raw.metrics.map(|typed| {
            let place = source.place(typed.span());
            let texts = typed.into_inner().into_vec();
            let parse = |text: String| {
                text.parse::<Metric>().map_err(|_| PolicyError::OutOfRange {
                    place: place.clone(),
                    key: "model.metrics".into(),
                    expected: Metric::EXPECTED.into(),
                    found: described_text(&text),
                })
            };
            texts.into_iter().map(parse).collect::<Result<Vec<_>, _>>()
        });
        let new = RawModelSource {
            command: raw.command,
            onnx: raw.onnx,
            inputs: raw.inputs,
            output: raw.output,
            stdin: raw.stdin,
        };
        let model = one(source, folder, "model", new)?;
        let old = one(source, folder, "model.old", raw.old)?;
        if raw
            .check_canary
            .as_ref()
            .is_some_and(|flag| *flag.get_ref())
            && (raw.canary.is_none() || model.is_none())
        {
            let span = raw.check_canary.map_or(0..0, |flag| flag.span());
            return Err(PolicyError::Conflict {
                place: source.place(span),
                what: "`model.check-canary` needs a model (`command` or `onnx`) and `canary`, a file of `driftguard replay --make-canary`".into(),
            });
        }
        if let Some(flag) = raw.check_replay.as_ref().filter(|flag| *flag.get_ref())
            && (model.is_none() || old.is_none())
        {
            return Err(PolicyError::Conflict {
                place: source.place(flag.span()),
                what: "`model.check-replay` needs two models, [model] and [model.old]".into(),
            });
        }
        Ok(Self {
            old: old.map(|old| inherit(old, model.as_ref())),
            model,
            metrics: metrics.transpose()?.unwrap_or_default(),
            rows: raw.rows.unwrap_or(usual.rows),
            limits: Limits {
                time: raw
                    .timeout_seconds
                    .map_or(usual.limits.time, Duration::from_secs_f64),
                memory_mib: match raw.memory_mib {
                    None => usual.limits.memory_mib,
                    // The only text that the shape lets through is `none`.
                    Some(value) => value.as_integer().and_then(|mib| u64::try_from(mib).ok()),
                },
                output_mib: raw.output_mib.unwrap_or(usual.limits.output_mib),
            },
            canary: raw.canary.map(|path| folder.join(path.into_inner())),
            check_canary: raw.check_canary.is_some_and(Spanned::into_inner),
            check_replay: raw.check_replay.is_some_and(Spanned::into_inner),
            allow_commands: usual.allow_commands,
            tolerance: raw.tolerance.unwrap_or(usual.tolerance),
        })
    }
}

/// What is not said of the old model is as with the new one.
pub(super) fn inherit(old: ModelSource, model: Option<&ModelSource>) -> ModelSource {
    let Some(model) = model else { return old };
    ModelSource {
        // A file says itself what it takes, and may take other columns.
        inputs: match old.inputs.is_empty() && old.is_command() == model.is_command() {
            true => model.inputs.clone(),
            false => old.inputs,
        },
        output: old.output.or_else(|| model.output.clone()),
        ..old
    }
}

fn one(
    source: Source,
    folder: &Path,
    key: &str,
    raw: RawModelSource,
) -> Result<Option<ModelSource>, PolicyError> {
    let by = match (raw.command, raw.onnx) {
        (Some(command), None) => Some(Answering::Command(words(source, key, command)?)),
        (None, Some(file)) => Some(Answering::Onnx(folder.join(file.into_inner()))),
        (None, None) => None,
        (Some(_), Some(file)) => {
            return Err(PolicyError::Conflict {
                place: source.place(file.span()),
                what: format!("`{key}` names two models, `command` and `onnx`: keep one"),
            });
        }
    };
    let Some(by) = by else {
        let stray = raw.inputs.iter().map(Spanned::span).next();
        let stray = stray.or_else(|| raw.output.as_ref().map(Spanned::span));
        return match stray {
            None => Ok(None),
            Some(span) => Err(PolicyError::Conflict {
                place: source.place(span),
                what: format!(
                    "`{key}` names inputs or an output and no model: add `command` or `onnx`"
                ),
            }),
        };
    };
    Ok(Some(ModelSource {
        by,
        stdin: raw.stdin.unwrap_or_default().into(),
        folder: Some(folder.to_owned()).filter(|folder| !folder.as_os_str().is_empty()),
        inputs: raw.inputs.into_iter().map(Spanned::into_inner).collect(),
        output: raw.output.map(Spanned::into_inner),
    }))
}

/// The words of a command.
fn words(
    source: Source,
    key: &str,
    command: Spanned<OneOrMore>,
) -> Result<Vec<String>, PolicyError> {
    let place = source.place(command.span());
    let words = match command.into_inner() {
        OneOrMore::More(words) => words,
        OneOrMore::One(text) => split(&text).map_err(|error| PolicyError::Conflict {
            place: place.clone(),
            what: error.to_string(),
        })?,
    };
    if words.is_empty() {
        return Err(PolicyError::OutOfRange {
            place,
            key: format!("{key}.command"),
            expected: "a program and its arguments".into(),
            found: "an empty list".into(),
        });
    }
    Ok(words)
}

impl From<RawStdin> for Stdin {
    fn from(word: RawStdin) -> Self {
        match word {
            RawStdin::Arrow => Self::Arrow,
            RawStdin::Csv => Self::Csv,
        }
    }
}

/// A model as typed on the command line.
///
/// # Errors
/// A text that is no command.
pub fn model_of(text: &str) -> Result<ModelSource, driftguard_model::ModelError> {
    Ok(ModelSource::new(Answering::Command(split(text)?)))
}
