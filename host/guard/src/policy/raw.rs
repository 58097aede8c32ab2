//! First stage: `driftguard.toml` as it was typed, with the place of every
//! value. What is missing stays missing; nothing is joined or looked up.

use std::collections::BTreeMap;

use driftguard_verdict::{Risk, Severity};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeTable;

use super::error::PolicyError;
use super::place::{Place, Source};
use super::shape;

/// A table whose keys are checked later.
pub(super) type RawValues = BTreeMap<Spanned<String>, Spanned<toml::Value>>;

/// Checks by id.
pub(super) type RawChecks = BTreeMap<Spanned<String>, RawCheck>;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawPolicy {
    pub version: Option<Spanned<i64>>,
    pub data: RawData,
    pub roles: RawRoles,
    pub rules: RawValues,
    pub checks: RawChecks,
    pub budget: RawBudget,
    pub fingerprint: RawFingerprint,
    pub model: RawModel,
    pub history: RawHistory,
    pub gate: RawGate,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawData {
    pub reference: Option<Spanned<OneOrMore>>,
    pub current: Option<Spanned<OneOrMore>>,
    pub split: Option<Spanned<toml::Value>>,
    pub split_by: Option<Spanned<String>>,
    pub delimiter: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawRoles {
    pub timestamp: Option<Spanned<String>>,
    pub label: Option<Spanned<String>>,
    pub prediction: Option<Spanned<String>>,
    pub score: Option<Spanned<OneOrMore>>,
    pub segment: Option<Spanned<OneOrMore>>,
    pub ids: Vec<Spanned<String>>,
    pub numeric: Vec<Spanned<String>>,
    pub categorical: Vec<Spanned<String>>,
    pub text: Vec<Spanned<String>>,
    pub embedding: Vec<Spanned<String>>,
    pub ignore: Vec<Spanned<String>>,
    pub personal: Vec<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawCheck {
    pub enabled: Option<bool>,
    pub severity: Option<Severity>,
    pub risk: Option<Risk>,
    pub columns: Option<Vec<Spanned<String>>>,
    pub exclude: Vec<Spanned<String>>,
    pub settings: RawValues,
    pub budget: RawBudget,
    pub plugin: Option<Spanned<String>>,
    pub sha256: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawBudget {
    pub memory_mib: Option<u64>,
    pub call_seconds: Option<f64>,
    pub fuel: Option<toml::Value>,
    pub traffic_mib: Option<u64>,
    pub output_kib: Option<u64>,
    pub kernel_values: Option<u64>,
    pub findings: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawGate {
    pub fail_on: Option<super::resolved::FailOn>,
    pub environment: Option<super::fingerprint::Environment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawFingerprint {
    pub code: Option<Spanned<String>>,
    pub model: Option<Spanned<OneOrMore>>,
    pub config: Option<Spanned<OneOrMore>>,
    pub deps: Option<Spanned<OneOrMore>>,
    pub features: Option<Spanned<OneOrMore>>,
    pub runtime: Vec<Spanned<String>>,
    pub reference: Option<Spanned<String>>,
    pub current: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawModel {
    pub command: Option<Spanned<OneOrMore>>,
    pub onnx: Option<Spanned<String>>,
    pub inputs: Vec<Spanned<String>>,
    pub output: Option<Spanned<String>>,
    pub stdin: Option<RawStdin>,
    pub old: RawModelSource,
    pub metrics: Option<Spanned<OneOrMore>>,
    pub rows: Option<u64>,
    pub timeout_seconds: Option<f64>,
    pub memory_mib: Option<toml::Value>,
    pub output_mib: Option<u64>,
    pub canary: Option<Spanned<String>>,
    pub check_canary: Option<Spanned<bool>>,
    pub check_replay: Option<Spanned<bool>>,
    pub tolerance: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawModelSource {
    pub command: Option<Spanned<OneOrMore>>,
    pub onnx: Option<Spanned<String>>,
    pub inputs: Vec<Spanned<String>>,
    pub output: Option<Spanned<String>>,
    pub stdin: Option<RawStdin>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RawStdin {
    #[default]
    Arrow,
    Csv,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct RawHistory {
    pub file: Option<Spanned<String>>,
    pub model: Option<String>,
    pub alarm_after: Option<u32>,
    pub close_after: Option<u32>,
    pub close_p: Option<f64>,
    pub close_effect: Option<f64>,
    pub escalate_after: Option<u32>,
}

/// One text, or several in a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    pub fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        }
    }
}

impl RawPolicy {
    /// Reads a policy. The version comes first: a newer policy is not blamed
    /// for keys that this driftguard does not know yet.
    pub fn read(source: Source) -> Result<Self, PolicyError> {
        let tree = DeTable::parse(source.text).map_err(|error| syntax(source, &error))?;
        version(source, tree.get_ref())?;
        shape::check(source, tree.get_ref())?;
        toml::from_str(source.text).map_err(|error| syntax(source, &error))
    }
}

fn version(source: Source, top: &DeTable) -> Result<(), PolicyError> {
    let Some(written) = top.get("version") else {
        return Ok(());
    };
    let number = written.get_ref().as_integer();
    let number =
        number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
    match number {
        Some(found) if found > super::NEWEST_VERSION => Err(PolicyError::Version {
            place: source.place(written.span()),
            found,
        }),
        _ => Ok(()),
    }
}

fn syntax(source: Source, error: &toml::de::Error) -> PolicyError {
    let place = match error.span() {
        Some(span) => source.place(span),
        None => Place::File(source.file.to_owned()),
    };
    PolicyError::Syntax {
        place,
        message: super::text::wrapped(error.message(), usize::MAX).join(" "),
    }
}

/// The entries in the order they were typed.
pub(super) fn in_order<T>(table: BTreeMap<Spanned<String>, T>) -> Vec<(Spanned<String>, T)> {
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}
