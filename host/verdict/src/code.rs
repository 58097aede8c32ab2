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
    /// Labels say that the answers got worse, and outputs did not move.
    AnswersWorse,
    /// Too little data to rule a material change out.
    CannotTell,
    /// Same code, inputs and outputs moved together.
    DataChangedBehaviour,
    /// Same code, still inputs, and yet the outputs moved.
    UnexplainedOutputChange,
    /// The code changed, the outputs moved, the inputs did not.
    CodeChangedBehaviour,
    /// Code and data changed, and so did what comes out.
    Confounded,
    /// A replay told the part of the code from the part of the data, and both
    /// moved what comes out.
    CodeAndDataChangedBehaviour,
    /// Same code, nothing moved, and yet the answers got worse.
    ConceptDrift,
    /// Inputs moved, outputs did not, and the fingerprints are known.
    DataDriftBenign,
    /// Same code, inputs moved, and the answers got worse.
    DataDriftHarmful,
    /// Same code, inputs and outputs moved, and the answers are as good.
    DataDriftAdapted,
    /// The labels are distributed differently.
    LabelShift,
    /// The code changed, and nothing else did.
    ReleaseNeutral,
    /// What comes out changed, and a fingerprint is missing.
    ProvenanceMissing,
    /// No single period is odd enough, many together are.
    SlowDrift,
    /// Ordinary among the periods accepted later, and far from those that the
    /// baseline was created with.
    FarFromAnchor,
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
    pub const ALL: [Self; 22] = [
        Self::Stable,
        Self::ReleaseNeutral,
        Self::CannotTell,
        Self::SlowDrift,
        Self::FarFromAnchor,
        Self::InputDrift,
        Self::OutputDrift,
        Self::InputAndOutputDrift,
        Self::AnswersWorse,
        Self::LabelShift,
        Self::DataDriftBenign,
        Self::DataDriftAdapted,
        Self::DataChangedBehaviour,
        Self::CodeChangedBehaviour,
        Self::CodeAndDataChangedBehaviour,
        Self::DataDriftHarmful,
        Self::ConceptDrift,
        Self::Confounded,
        Self::UnexplainedOutputChange,
        Self::ProvenanceMissing,
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
            Self::AnswersWorse => "ANSWERS_WORSE",
            Self::CannotTell => "CANNOT_TELL",
            Self::DataChangedBehaviour => "DATA_CHANGED_BEHAVIOUR",
            Self::UnexplainedOutputChange => "UNEXPLAINED_OUTPUT_CHANGE",
            Self::CodeChangedBehaviour => "CODE_CHANGED_BEHAVIOUR",
            Self::Confounded => "CONFOUNDED",
            Self::CodeAndDataChangedBehaviour => "CODE_AND_DATA_CHANGED_BEHAVIOUR",
            Self::ConceptDrift => "CONCEPT_DRIFT",
            Self::DataDriftBenign => "DATA_DRIFT_BENIGN",
            Self::DataDriftHarmful => "DATA_DRIFT_HARMFUL",
            Self::DataDriftAdapted => "DATA_DRIFT_ADAPTED",
            Self::LabelShift => "LABEL_SHIFT",
            Self::ReleaseNeutral => "RELEASE_NEUTRAL",
            Self::ProvenanceMissing => "PROVENANCE_MISSING",
            Self::SlowDrift => "SLOW_DRIFT",
            Self::FarFromAnchor => "FAR_FROM_ANCHOR",
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
            Self::AnswersWorse => (
                "the answers got worse",
                "Labels agree with the answers less often than in the reference, though the outputs are distributed as \
                 before: the model is right less often, or the labels are wrong. Nothing is known of the code.",
                "Check delay, coverage and source of the labels first; if they are sound, look at inputs that moved and \
                 train again on recent rows.",
            ),
            Self::CannotTell => (
                "too little data to tell",
                "No material change was found, but with so few rows even a large change could have been missed. \
                 That is not a pass.",
                "Collect more rows, or lower what you ask for with `must-see` in the policy.",
            ),
            Self::DataChangedBehaviour => (
                "the code did not change, the data did, and with it what the model does",
                "Code, model, configuration, dependencies and features are the same, by digest. The inputs moved and \
                 the model's answers moved with them: it does what it always did, on data that is not what it was.",
                "Look at the first suspects, inputs before outputs; check the model on labelled rows before going on.",
            ),
            Self::UnexplainedOutputChange => (
                "the outputs moved, and nothing that we can see explains it",
                "Code, model, configuration, dependencies and features are the same, by digest, and no single input \
                 moved; yet the answers are others. Possible: an input that is not logged, a stale feature store, \
                 inputs that moved only together, another runtime, chance inside the model, or tampering. \
                 This does not accuse the code: only a replay could.",
                "Score stored inputs again (`driftguard replay --canary FILE`); then look for inputs that are not logged.",
            ),
            Self::CodeChangedBehaviour => (
                "the code changed, and with it what the model does",
                "A digest of code, model, configuration, dependencies or features differs from the reference. No input \
                 moved, and the answers did: the release is the likely cause.",
                "Have somebody approve that the release was meant to do this; if it was, renew the reference, else roll it back.",
            ),
            Self::Confounded => (
                "code and data both changed",
                "A digest differs and the data moved, so either may have changed what comes out. Logs cannot tell the \
                 two apart.",
                "Score old and new data with old and new code: `driftguard replay` splits the change exactly. Until then, hold.",
            ),
            Self::CodeAndDataChangedBehaviour => (
                "code and data both changed what the model does, each by a known part",
                "Old and new model were run on old and new data. Both the change of the model and the change of the data \
                 moved what comes out; the two parts add up to the whole move.",
                "Have somebody approve the part of the release; look for the cause of the data's part among its columns.",
            ),
            Self::ConceptDrift => (
                "the answers got worse, though nothing else moved",
                "Code is the same by digest, inputs and outputs are distributed as before, and the labels agree with the \
                 answers less often: what the inputs mean for the outcome has changed, or the labels are wrong or late.",
                "Check delay and coverage of the labels first; if they are sound, train again on recent rows.",
            ),
            Self::DataDriftBenign => (
                "the inputs moved, and the outputs did not follow",
                "Inputs are distributed differently by more than the policy allows. What comes out of the model is \
                 distributed as before: the columns that moved do not move its answers.",
                "Ask whether the suspects moved for a known reason. If so, renew the reference.",
            ),
            Self::DataDriftHarmful => (
                "the inputs moved, and the answers got worse",
                "Code, model, configuration, dependencies and features are the same, by digest. The inputs moved to \
                 where the model is worse, as labels or their estimate say.",
                "Hold the promotion. Repair the first suspect's feed if it is a fault; else train again with rows like these.",
            ),
            Self::DataDriftAdapted => (
                "inputs and outputs moved, and the answers are as good as before",
                "Code is the same by digest. Inputs moved and the answers with them, and labels confirm that they are \
                 right as often as before: the world moved and the model followed.",
                "Renew the reference if this is the new normal.",
            ),
            Self::LabelShift => (
                "the labels are distributed differently",
                "The share of each outcome changed, and the answers are not known to have got worse. Scores and \
                 thresholds that were tuned to the old shares may be off.",
                "Check how labels are collected; then adjust thresholds or priors to the new shares.",
            ),
            Self::ReleaseNeutral => (
                "the code changed, and what it does did not",
                "A digest differs from the reference. Neither inputs nor outputs moved by an amount that the policy \
                 cares about.",
                "Nothing to do; renew the fingerprints with the release.",
            ),
            Self::ProvenanceMissing => (
                "what comes out changed, and nobody can say whether the code did",
                "The answers changed, and a fingerprint of code, model, configuration, dependencies or features is \
                 missing on one side or cannot be compared. Unknown is not the same as unchanged. It blocks in \
                 production and alerts elsewhere.",
                "Make the missing fingerprints with `driftguard fingerprint` at every release, and say `none` of a part that does not exist.",
            ),
            Self::SlowDrift => (
                "period after period lies a little to the outside",
                "No single period was odd enough to alert, but the history shows that too many of them lie far out \
                 among those before them, or among those that the baseline was created with. If nothing changed, that \
                 happens about once in as many periods as the policy's `alarm-after`, a year of days by default.",
                "Look at the first suspects in `driftguard history`: since when do they move? If the move is meant, \
                 create a new baseline; if not, repair it before it grows.",
            ),
            Self::FarFromAnchor => (
                "ordinary among the periods accepted later, far from those at the beginning",
                "The data looks like periods that were added to the baseline later, so its rank is no news. Compared \
                 with the periods that the baseline was created with, it moved by more than may go unseen. Either the \
                 world moved step by step and every step was accepted, or periods that should not be there were.",
                "Look at the accepted periods with `driftguard baseline show`. If they are right, create a new baseline \
                 from good data; if not, take the baseline from before them.",
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
