//! The verdict: what the pipeline acts on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Reason;

/// The four answers, mildest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Nothing that matters changed.
    Pass,
    /// Something changed that a person should look at.
    Alert,
    /// Do not promote, do not go on.
    Block,
    /// Could not be evaluated; treated as a block.
    Error,
}

impl Level {
    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Alert => "alert",
            Self::Block => "block",
            Self::Error => "error",
        }
    }

    /// The exit code of `driftguard check`. An alert fails the pipeline only
    /// when asked to (`--fail-on alert`).
    pub fn exit_code(self, fail_on_alert: bool) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Alert if fail_on_alert => 2,
            Self::Alert => 0,
            Self::Block => 1,
            Self::Error => 3,
        }
    }
}

/// One column (or the rows, or a segment) that is suspected, with why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Suspect {
    /// Column name; `__rows__` for the rows themselves.
    pub name: String,
    /// How bad the worst finding on it is.
    pub level: Level,
    /// Largest effect on it, as share of rows moved (0 to 1).
    pub effect: f64,
    /// Positions in the document's findings, strongest first.
    pub findings: Vec<usize>,
    /// The strongest finding in words.
    pub because: String,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Verdict {
    /// What to do.
    pub level: Level,
    /// Why, as a stable code.
    pub reason: Reason,
    /// One sentence for a human.
    pub summary: String,
    /// Ranked, the likeliest culprit first.
    pub suspects: Vec<Suspect>,
    /// Which guarantee holds for this verdict, in words.
    pub guarantee: String,
    /// The smallest effect that this amount of data can show, over all columns.
    pub detectable: Option<f64>,
}
