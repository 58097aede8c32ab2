//! The document of `driftguard replay`. Its JSON Schema is committed as
//! `docs/schema/replay.v1.json`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::canary::CanaryReport;
use super::split::MetricSplit;
use crate::cause::Comparison;
use crate::{Level, Reason, Rules};

/// Name and version of the document's format.
pub const FORMAT: &str = "driftguard/replay/v1";

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReplayDocument {
    /// `driftguard/replay/v1`; a reader refuses what it does not know.
    pub format: String,
    /// What to do.
    pub verdict: Level,
    /// Why, as a stable code.
    pub reason: Reason,
    /// One sentence for a human.
    pub summary: String,
    /// The model that is judged.
    pub model: ModelReport,
    /// The model before it; absent where one model was given: then the part of
    /// the code is 0 by construction and says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_model: Option<ModelReport>,
    /// The frozen inputs, scored again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryReport>,
    /// Old data; absent where only a canary was replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReplayedSide>,
    /// New data; absent where only a canary was replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<ReplayedSide>,
    /// The move of each metric, split.
    pub metrics: Vec<MetricReport>,
    /// What is known of code, model and the rest on both sides; absent where no
    /// fingerprints were given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<Comparison>,
    /// The thresholds that were applied.
    pub rules: Rules,
    /// Version of driftguard.
    pub driftguard: String,
}

/// A model that was run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ModelReport {
    /// The command or file.
    pub name: String,
    /// The column of its answers that was looked at; absent where only a canary
    /// was replayed.
    pub output: Option<String>,
}

/// Rows that were replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReplayedSide {
    /// What was asked for, as given.
    pub source: String,
    /// Its rows.
    pub rows: u64,
    /// The rows scored: all, or one drawn from each of as many equal stretches.
    pub replayed: u64,
}

/// One metric of the answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MetricReport {
    /// `mean`, `share>0.5`, `share=approved`.
    pub metric: String,
    /// Its four cells and the parts of its move.
    #[serde(flatten)]
    pub split: MetricSplit,
    /// What each group of columns moved; absent where it was not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<ColumnsReport>,
}

/// The data's part, by groups of columns whose values are put back to how the
/// reference has them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ColumnsReport {
    /// `shapley`: exact Shapley values over all combinations of groups.
    pub method: String,
    /// Rows of the current side that were scored in each combination.
    pub rows: u64,
    /// The groups, what moved most first.
    pub groups: Vec<GroupReport>,
    /// The part of the model as one of the players; 0 where one was given.
    pub model: f64,
    /// What is left of the total: how columns go together, and chance.
    pub rest: f64,
    /// The total that the parts add up to, on the rows scored here.
    pub total: f64,
}

/// Columns that are put back together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct GroupReport {
    /// Names, in the order of the data. More than one: they go together
    /// (|rank correlation| above 0.7), or are all that moved least.
    pub columns: Vec<String>,
    /// Whether this is everything that moved least, taken together.
    pub others: bool,
    /// Its Shapley value, in the metric's unit.
    pub value: f64,
    /// What putting back this group alone takes away from the current mean
    /// (leave one out).
    pub alone: f64,
}
