//! A finding: one measurement on one subject. Plugins make them, the host
//! weighs them. A finding carries no severity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a finding is about.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// All rows and columns together.
    Dataset,
    /// One column.
    Column(String),
    /// Two columns and what relates them.
    Pair(String, String),
    /// A described part of the rows.
    Segment(String),
}

impl Subject {
    /// The columns that the subject names, in order.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Column(name) => vec![name],
            Self::Pair(left, right) => vec![left, right],
            Self::Dataset | Self::Segment(_) => vec![],
        }
    }
}

/// How a finding takes part in the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Nature {
    /// Has chance in it: weighed against noise, n and effect.
    Measurement,
    /// Is so, whatever n; does not wait for statistics.
    Fault,
    /// Reported beside a measurement; never decides by itself.
    Supporting,
}

/// Whether the measurement could be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was made.
    Ok,
    /// Fewer rows than it needs.
    InsufficientData,
    /// The statistic is not defined here (a constant column, say).
    Degenerate,
    /// The question does not arise for this column.
    NotApplicable,
}

/// An interval for the effect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage, 0 to 1.
    pub level: f64,
}

/// The statistic under "nothing changed", at these numbers of rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Noise {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// The effect in the column's own unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitEffect {
    /// How much.
    pub value: f64,
    /// Of what; empty when the column's unit is not known.
    pub unit: String,
}

/// A small table for plots: one number per label and side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What is shown.
    pub title: String,
    /// Bins or values.
    pub labels: Vec<String>,
    /// Shares or counts of the reference, one for each label.
    pub reference: Vec<f64>,
    /// The same of the current data.
    pub current: Vec<f64>,
}

/// One measurement on one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// The check that made it.
    pub check: String,
    /// Metric with its convention, `psi/q10ref/eps1e-4/v1`.
    pub metric: String,
    /// What it is about.
    pub subject: Subject,
    /// How it takes part in the decision.
    pub nature: Nature,
    /// Whether it could be measured.
    pub status: Status,
    /// The statistic itself.
    pub statistic: Option<f64>,
    /// Free of units, 0 = nothing changed; usually the share of rows moved.
    pub effect: f64,
    /// The effect in the column's own unit.
    pub unit_effect: Option<UnitEffect>,
    /// Interval for the effect.
    pub interval: Option<Interval>,
    /// Probability of a statistic at least this large if nothing changed.
    pub p_value: Option<f64>,
    /// Noise floor.
    pub noise: Option<Noise>,
    /// Rows used on the reference side.
    pub n_reference: u64,
    /// Rows used on the current side.
    pub n_current: u64,
    /// Tables for plots.
    pub evidence: Vec<Evidence>,
    /// One sentence with the numbers in it.
    pub message: String,
}

impl Finding {
    /// The first part of the metric: `psi` of `psi/q10ref/eps1e-4/v1`.
    pub fn metric_name(&self) -> &str {
        self.metric.split('/').next().unwrap_or(&self.metric)
    }
}
