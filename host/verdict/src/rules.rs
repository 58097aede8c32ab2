//! Thresholds of the decision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verdict::Level;

/// What counts as material and how sure the decision must be. Effects are
/// shares of rows moved (the scale of Kolmogorov-Smirnov D and of total
/// variation): 0.05 is about an eighth of a standard deviation, 0.10 about a
/// quarter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Rules {
    /// Chance of a false alarm over all columns and checks together, if rows
    /// are independent and nothing changed. Between 0 and 0.5.
    pub alpha: f64,
    /// Effects from here on alert.
    pub alert_at: f64,
    /// Effects from here on block.
    pub block_at: f64,
    /// If even an effect of this size could have been missed, the answer is
    /// "cannot tell" instead of a pass.
    pub must_see: f64,
    /// Fewest rows on either side for a statistic to decide.
    pub min_rows: u64,
    /// What "cannot tell" amounts to.
    pub on_cannot_tell: Level,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            alert_at: 0.05,
            block_at: 0.10,
            must_see: 0.15,
            min_rows: 50,
            on_cannot_tell: Level::Alert,
        }
    }
}

/// The most that a check may do to the verdict.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Reported only.
    Ignore,
    /// At most an alert.
    Alert,
    /// As judged.
    Block,
}
