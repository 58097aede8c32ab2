//! `[checks.ID]`: which checks run, on which columns, with what weight.

use std::path::{Path, PathBuf};

use driftguard_verdict::{Risk, Severity};

use super::budget::Budget;
use super::error::{Names, PolicyError};
use super::pattern;
use super::place::{Place, Placed, Source};
use super::raw::{RawCheck, in_order};
use super::settings::TypedSettings;

/// Longest id of a check, in letters.
const LONGEST_ID: usize = 64;

/// The columns a check may read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grant {
    /// Patterns; `None`: all columns that fit the check's roles and kinds.
    pub columns: Option<Vec<Placed<String>>>,
    /// Patterns of columns taken out again.
    pub exclude: Vec<Placed<String>>,
}

impl Grant {
    /// Whether a column is in the grant; roles and kinds are looked at later.
    pub fn allows(&self, column: &str) -> bool {
        let any = |patterns: &[Placed<String>]| {
            patterns.iter().any(|one| pattern::fits(&one.value, column))
        };
        self.columns.as_deref().is_none_or(any) && !any(&self.exclude)
    }
}

/// A plugin file of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginFile {
    /// As typed, for messages.
    pub typed: Placed<String>,
    /// As it is opened: joined to the policy's folder.
    pub path: PathBuf,
    /// The SHA-256 it must have, 64 lower-case hexadecimal digits.
    pub sha256: Option<Placed<String>>,
}

impl PluginFile {
    /// Compares the digest of the file (hexadecimal) with the pin, if there is
    /// one.
    ///
    /// # Errors
    /// [`PolicyError::WrongPin`].
    pub fn verify(&self, found: &str) -> Result<(), PolicyError> {
        match &self.sha256 {
            Some(pin) if !pin.value.eq_ignore_ascii_case(found) => Err(PolicyError::WrongPin {
                place: pin.place.clone(),
                path: self.typed.value.clone(),
                pinned: pin.value.clone(),
                found: found.to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// What the policy says about one check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckPolicy {
    /// The id.
    pub id: String,
    /// Where its table stands.
    pub place: Place,
    /// Whether it runs; true unless said otherwise.
    pub enabled: bool,
    /// The most it may do to the verdict; as judged unless said otherwise.
    pub severity: Severity,
    /// Overrides the plugin's own tag.
    pub risk: Option<Risk>,
    /// The columns it may read.
    pub grant: Grant,
    /// To be resolved against the plugin's specifications.
    pub settings: TypedSettings,
    /// Limits that differ from the general ones.
    pub budget: Budget,
    /// The file, for a check that is not built in.
    pub plugin: Option<PluginFile>,
}

/// Resolves `[checks]`, in the order typed.
pub(super) fn resolve(
    source: Source,
    raw: super::raw::RawChecks,
    built_in: &[&str],
) -> Result<Vec<CheckPolicy>, PolicyError> {
    let mut checks: Vec<CheckPolicy> = Vec::new();
    for (id, raw) in in_order(raw) {
        let check = one(source, source.placed(id), raw, built_in)?;
        distinct(&checks, &check)?;
        checks.push(check);
    }
    Ok(checks)
}

fn one(
    source: Source,
    id: Placed<String>,
    raw: RawCheck,
    built_in: &[&str],
) -> Result<CheckPolicy, PolicyError> {
    let Placed { value: id, place } = id;
    let is_built_in = built_in.contains(&id.as_str());
    if is_built_in && let Some(plugin) = &raw.plugin {
        return Err(PolicyError::BuiltInCheck {
            place: source.place(plugin.span()),
            id,
        });
    }
    if !is_built_in && raw.plugin.is_none() {
        return Err(PolicyError::UnknownCheck {
            place,
            names: Names::new(&id, built_in.iter().copied()),
            id,
        });
    }
    if !is_built_in && !is_id(&id) {
        return Err(PolicyError::BadCheckId { place, id });
    }
    let pin = raw
        .sha256
        .map(|pin| digest(&id, source.placed(pin)))
        .transpose()?;
    let plugin = match (raw.plugin.map(|typed| source.placed(typed)), pin) {
        (Some(typed), sha256) => {
            let path = source
                .file
                .parent()
                .unwrap_or(Path::new(""))
                .join(&typed.value);
            Some(PluginFile {
                typed,
                path,
                sha256,
            })
        }
        (None, Some(pin)) => {
            return Err(PolicyError::PinWithoutPlugin {
                place: pin.place,
                id,
            });
        }
        (None, None) => None,
    };
    let enabled = raw.enabled.unwrap_or(true);
    if enabled && let Some(plugin) = plugin.as_ref().filter(|plugin| !plugin.path.is_file()) {
        let PluginFile { typed, path, .. } = plugin.clone();
        return Err(PolicyError::MissingPlugin {
            place: typed.place,
            path: typed.value,
            looked: path,
        });
    }
    let placed = |names: Vec<toml::Spanned<String>>| {
        names.into_iter().map(|name| source.placed(name)).collect()
    };
    Ok(CheckPolicy {
        enabled,
        severity: raw.severity.unwrap_or(Severity::Block),
        risk: raw.risk,
        grant: Grant {
            columns: raw.columns.map(placed),
            exclude: placed(raw.exclude),
        },
        settings: TypedSettings::new(source, raw.settings),
        budget: raw.budget.into(),
        plugin,
        place,
        id,
    })
}

/// A plugin file holds one check: two tables with one file are a slip. Links
/// and `..` are followed where the file is there.
fn distinct(before: &[CheckPolicy], new: &CheckPolicy) -> Result<(), PolicyError> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let Some(plugin) = &new.plugin else {
        return Ok(());
    };
    let same = |old: &&CheckPolicy| {
        old.plugin
            .as_ref()
            .is_some_and(|old| real(&old.path) == real(&plugin.path))
    };
    match before.iter().find(same) {
        None => Ok(()),
        Some(first) => Err(PolicyError::DuplicatePlugin {
            place: plugin.typed.place.clone(),
            path: plugin.typed.value.clone(),
            first: first.id.clone(),
        }),
    }
}

fn is_id(id: &str) -> bool {
    let letters = |part: &str| {
        part.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    id.len() <= LONGEST_ID
        && id.starts_with(|first: char| first.is_ascii_lowercase())
        && id.split('-').all(|part| !part.is_empty() && letters(part))
}

fn digest(id: &str, typed: Placed<String>) -> Result<Placed<String>, PolicyError> {
    match typed.value.len() == 64 && typed.value.chars().all(|digit| digit.is_ascii_hexdigit()) {
        true => Ok(Placed {
            value: typed.value.to_ascii_lowercase(),
            place: typed.place,
        }),
        false => Err(PolicyError::OutOfRange {
            found: super::shape::described_text(&typed.value),
            place: typed.place,
            key: format!("checks.{id}.sha256"),
            expected: "64 hexadecimal digits, as `sha256sum` prints them".into(),
        }),
    }
}
