//! Reason codes: stable names for why a verdict is what it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why the verdict is what it is. Codes are never renamed or re-used.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Reason {
    /// Nothing material changed.
    Stable,
    /// The data is broken: a deterministic fault or a rate that jumped.
    DataQuality,
    /// Inputs moved, outputs did not (or there are none to look at).
    InputDrift,
    /// Outputs moved, inputs did not.
    OutputDrift,
    /// Inputs and outputs moved together.
    InputAndOutputDrift,
    /// Too little data to rule a material change out.
    CannotTell,
    /// A check could not do its work.
    CheckFailed,
}

/// What `driftguard explain` prints of a reason.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// One line.
    pub title: &'static str,
    /// What it means, in words for a manager.
    pub meaning: &'static str,
    /// What to do.
    pub action: &'static str,
}

impl Reason {
    /// Every code, in order of precedence from mildest to strongest.
    pub const ALL: [Self; 7] = [
        Self::Stable,
        Self::CannotTell,
        Self::InputDrift,
        Self::OutputDrift,
        Self::InputAndOutputDrift,
        Self::DataQuality,
        Self::CheckFailed,
    ];

    /// The code as printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stable => "STABLE",
            Self::DataQuality => "DATA_QUALITY",
            Self::InputDrift => "INPUT_DRIFT",
            Self::OutputDrift => "OUTPUT_DRIFT",
            Self::InputAndOutputDrift => "INPUT_AND_OUTPUT_DRIFT",
            Self::CannotTell => "CANNOT_TELL",
            Self::CheckFailed => "CHECK_FAILED",
        }
    }

    /// The code with this name, in any case and with `-` for `_`.
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = text.replace('-', "_").to_ascii_uppercase();
        Self::ALL.into_iter().find(|reason| reason.name() == wanted)
    }

    /// Words for `driftguard explain`.
    pub fn explanation(self) -> Explanation {
        let (title, meaning, action) = match self {
            Self::Stable => (
                "nothing material changed",
                "No check found a change of a size that the policy cares about, and there was enough data to have seen one.",
                "Nothing to do.",
            ),
            Self::DataQuality => (
                "the data itself is broken",
                "A column is gone, came in another type or unit, went constant, or its share of nulls, \
                 unreadable or never-seen values jumped. Such faults come from the feed, not from the world, \
                 and the model's answers on these rows are not to be trusted.",
                "Look at the first suspect and at what delivers it; hold the promotion until the feed is repaired.",
            ),
            Self::InputDrift => (
                "the inputs moved",
                "The distribution of one or more inputs moved by more than the policy allows. The model's outputs \
                 did not move with them, or the data holds no outputs to look at.",
                "Ask whether the suspects moved for a known reason (season, new customers). If so, renew the reference.",
            ),
            Self::OutputDrift => (
                "the outputs moved, the inputs did not",
                "Predictions or scores are distributed differently although no input that was looked at moved. \
                 Either something that is not in this data changed, or the model, its code or its environment did.",
                "Compare model, code and environment with the last good run; then check inputs that are not logged.",
            ),
            Self::InputAndOutputDrift => (
                "the inputs moved and the outputs with them",
                "Unchanged code, changed data, changed behaviour: inputs moved, and the model's answers moved too.",
                "Look at the first suspects, which are ranked with inputs before outputs; check the model on labelled rows before going on.",
            ),
            Self::CannotTell => (
                "too little data to tell",
                "No material change was found, but with so few rows even a large change could have been missed. \
                 That is not a pass.",
                "Collect more rows, or lower what you ask for with `must-see` in the policy.",
            ),
            Self::CheckFailed => (
                "a check could not do its work",
                "A plugin trapped, ran out of its budget, or could not read what it needs. The question it asks \
                 has no answer, so the verdict is an error and counts as a block.",
                "Read the failure's message; it names the limit and the setting to change.",
            ),
        };
        Explanation {
            title,
            meaning,
            action,
        }
    }
}
