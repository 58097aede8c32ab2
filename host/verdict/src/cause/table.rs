//! The table: what changed, and what that means together. Methods: the verdict
//! taxonomy of the design, one row a reason code.
//!
//! | code | inputs | outputs | answers | reason |
//! |---|---|---|---|---|
//! | same | still | still | ok, unknown | `STABLE` |
//! | same | moved | still | ok, unknown | `DATA_DRIFT_BENIGN` |
//! | same | moved | moved | unknown | `DATA_CHANGED_BEHAVIOUR` |
//! | same | moved | any | worse | `DATA_DRIFT_HARMFUL` |
//! | same | moved | moved | ok | `DATA_DRIFT_ADAPTED` |
//! | same | still | still | worse | `CONCEPT_DRIFT` |
//! | same | still | moved | any | `UNEXPLAINED_OUTPUT_CHANGE` |
//! | different | still | still | ok, unknown | `RELEASE_NEUTRAL` |
//! | different | still | moved | any | `CODE_CHANGED_BEHAVIOUR` |
//! | different | moved | moved | any | `CONFOUNDED` |
//! | different | moved | still | ok, unknown | `DATA_DRIFT_BENIGN` |
//! | different | any | still | worse | `CONFOUNDED` |
//! | unknown | any | moved | any | `PROVENANCE_MISSING` |
//! | unknown | any | still | worse | `PROVENANCE_MISSING` |
//! | unknown | moved | still | ok, unknown | `INPUT_DRIFT` |
//! | unknown | still | still | ok, unknown | `STABLE` |
//! | same | moved | moved | labels shifted | `DATA_CHANGED_BEHAVIOUR` |
//! | any | any | still | labels shifted | `LABEL_SHIFT` |
//!
//! Precedence: a check that failed, then `DATA_QUALITY`, `PROVENANCE_MISSING`,
//! `UNEXPLAINED_OUTPUT_CHANGE`, `CONFOUNDED`, then the rest.

use super::comparison::Sameness;
use crate::code::Reason;
use crate::verdict::Level;

/// How good the model's answers are, where labels say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answers {
    /// No labels, or nothing that looks at them.
    Unknown,
    /// As good as before.
    Good,
    /// Worse than before.
    Worse,
    /// Not known to be worse, and the labels themselves are distributed
    /// differently.
    LabelsShifted,
}

/// One case of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// Code, model, configuration, dependencies and features.
    pub code: Sameness,
    /// The data is broken.
    pub quality_broken: bool,
    /// Inputs moved materially.
    pub inputs_moved: bool,
    /// Outputs moved materially.
    pub outputs_moved: bool,
    /// Quality of the answers.
    pub answers: Answers,
}

/// What a reason amounts to unless the policy says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultLevel {
    /// Go on.
    Pass,
    /// A person should look at it, however large the effects are.
    Alert,
    /// Alert, or block where the effects are large enough for it.
    ByEffect,
    /// Stop.
    Block,
}

impl Situation {
    /// The reason of this case. Total: every case has one.
    pub fn reason(self) -> Reason {
        let worse = self.answers == Answers::Worse;
        let behaves_otherwise = self.outputs_moved || worse;
        if self.quality_broken {
            return Reason::DataQuality;
        }
        let first = match self.code {
            Sameness::Unknown if behaves_otherwise => Some(Reason::ProvenanceMissing),
            Sameness::Same if self.outputs_moved && !self.inputs_moved => {
                Some(Reason::UnexplainedOutputChange)
            }
            Sameness::Different if self.outputs_moved && self.inputs_moved => {
                Some(Reason::Confounded)
            }
            Sameness::Different if self.outputs_moved => Some(Reason::CodeChangedBehaviour),
            Sameness::Different if worse => Some(Reason::Confounded),
            _ => None,
        };
        first.unwrap_or_else(|| self.rest())
    }

    /// The rows without precedence: the code is the same, or nothing came out
    /// differently.
    fn rest(self) -> Reason {
        let moved = (self.inputs_moved, self.outputs_moved);
        match (moved, self.answers) {
            // Where inputs and outputs moved, labels move with them; a label
            // shift is that of the labels alone.
            ((_, false), Answers::LabelsShifted) => Reason::LabelShift,
            ((true, _), Answers::Worse) => Reason::DataDriftHarmful,
            ((false, _), Answers::Worse) => Reason::ConceptDrift,
            ((true, true), Answers::Good) => Reason::DataDriftAdapted,
            ((true, true), Answers::Unknown | Answers::LabelsShifted) => {
                Reason::DataChangedBehaviour
            }
            ((true, false), _) if self.code == Sameness::Unknown => Reason::InputDrift,
            ((true, false), _) => Reason::DataDriftBenign,
            ((false, _), _) if self.code == Sameness::Different => Reason::ReleaseNeutral,
            ((false, _), _) => Reason::Stable,
        }
    }
}

/// What a reason amounts to. `production`: the policy says that this is where
/// answers count, so missing fingerprints stop it.
pub fn default_level(reason: Reason, production: bool) -> DefaultLevel {
    match reason {
        Reason::Stable | Reason::ReleaseNeutral => DefaultLevel::Pass,
        Reason::DataDriftAdapted => DefaultLevel::Alert,
        Reason::UnexplainedOutputChange
        | Reason::Confounded
        | Reason::ConceptDrift
        | Reason::DataDriftHarmful => DefaultLevel::Block,
        Reason::ProvenanceMissing if production => DefaultLevel::Block,
        Reason::ProvenanceMissing
        | Reason::DataChangedBehaviour
        | Reason::CodeChangedBehaviour
        | Reason::CodeAndDataChangedBehaviour
        | Reason::DataDriftBenign
        | Reason::LabelShift
        | Reason::InputDrift
        | Reason::OutputDrift
        | Reason::InputAndOutputDrift
        | Reason::AnswersWorse
        | Reason::DataQuality
        | Reason::CannotTell
        | Reason::SlowDrift
        | Reason::FarFromAnchor
        | Reason::CheckFailed => DefaultLevel::ByEffect,
    }
}

impl DefaultLevel {
    /// The level for a decision that effects alone took to `decided`, where
    /// chance and policy allow `ceiling` at most.
    pub fn apply(self, decided: Level, ceiling: Level) -> Level {
        let wanted = match self {
            Self::Pass => return decided,
            Self::Alert => return decided.min(Level::Alert).max(Level::Alert.min(ceiling)),
            Self::ByEffect => Level::Alert,
            Self::Block => Level::Block,
        };
        decided.max(wanted.min(ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Answers::{Good, LabelsShifted, Unknown as Unseen, Worse};
    use Sameness::{Different, Same, Unknown};

    fn reason(code: Sameness, inputs: bool, outputs: bool, answers: Answers) -> Reason {
        Situation {
            code,
            quality_broken: false,
            inputs_moved: inputs,
            outputs_moved: outputs,
            answers,
        }
        .reason()
    }

    /// One test a row of the table above, in its order.
    #[test]
    fn every_row() {
        const STILL: bool = false;
        const MOVED: bool = true;
        let rows: &[(Sameness, bool, bool, &[Answers], Reason)] = &[
            (Same, STILL, STILL, &[Good, Unseen], Reason::Stable),
            (Same, MOVED, STILL, &[Good, Unseen], Reason::DataDriftBenign),
            (
                Same,
                MOVED,
                MOVED,
                &[Unseen, LabelsShifted],
                Reason::DataChangedBehaviour,
            ),
            (Same, MOVED, MOVED, &[Worse], Reason::DataDriftHarmful),
            (Same, MOVED, STILL, &[Worse], Reason::DataDriftHarmful),
            (Same, MOVED, MOVED, &[Good], Reason::DataDriftAdapted),
            (Same, STILL, STILL, &[Worse], Reason::ConceptDrift),
            (
                Same,
                STILL,
                MOVED,
                &[Good, Unseen, Worse, LabelsShifted],
                Reason::UnexplainedOutputChange,
            ),
            (
                Different,
                STILL,
                STILL,
                &[Good, Unseen],
                Reason::ReleaseNeutral,
            ),
            (
                Different,
                STILL,
                MOVED,
                &[Good, Unseen, Worse, LabelsShifted],
                Reason::CodeChangedBehaviour,
            ),
            (
                Different,
                MOVED,
                MOVED,
                &[Good, Unseen, Worse, LabelsShifted],
                Reason::Confounded,
            ),
            (
                Different,
                MOVED,
                STILL,
                &[Good, Unseen],
                Reason::DataDriftBenign,
            ),
            (Different, MOVED, STILL, &[Worse], Reason::Confounded),
            (Different, STILL, STILL, &[Worse], Reason::Confounded),
            (
                Unknown,
                STILL,
                MOVED,
                &[Good, Unseen, Worse, LabelsShifted],
                Reason::ProvenanceMissing,
            ),
            (
                Unknown,
                MOVED,
                MOVED,
                &[Good, Unseen, Worse, LabelsShifted],
                Reason::ProvenanceMissing,
            ),
            (Unknown, MOVED, STILL, &[Worse], Reason::ProvenanceMissing),
            (Unknown, STILL, STILL, &[Worse], Reason::ProvenanceMissing),
            (Unknown, MOVED, STILL, &[Good, Unseen], Reason::InputDrift),
            (Unknown, STILL, STILL, &[Good, Unseen], Reason::Stable),
            (Same, STILL, STILL, &[LabelsShifted], Reason::LabelShift),
            (Same, MOVED, STILL, &[LabelsShifted], Reason::LabelShift),
            (
                Different,
                STILL,
                STILL,
                &[LabelsShifted],
                Reason::LabelShift,
            ),
            (
                Different,
                MOVED,
                STILL,
                &[LabelsShifted],
                Reason::LabelShift,
            ),
            (Unknown, MOVED, STILL, &[LabelsShifted], Reason::LabelShift),
            (Unknown, STILL, STILL, &[LabelsShifted], Reason::LabelShift),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for (code, inputs, outputs, answers, expected) in rows {
            for answers in *answers {
                let row = (*code, *inputs, *outputs, *answers);
                assert_eq!(
                    reason(*code, *inputs, *outputs, *answers),
                    *expected,
                    "{row:?}"
                );
                assert!(seen.insert(row), "{row:?} stands twice");
            }
        }
        // 3 states of the code, 2 x 2 of the data, 4 of the answers.
        assert_eq!(seen.len(), 48, "a case is missing");
    }

    #[test]
    fn broken_data_precedes_everything() {
        for code in [Same, Different, Unknown] {
            for (inputs, outputs) in [(false, false), (false, true), (true, false), (true, true)] {
                for answers in [Unseen, Good, Worse, LabelsShifted] {
                    let broken = Situation {
                        code,
                        quality_broken: true,
                        inputs_moved: inputs,
                        outputs_moved: outputs,
                        answers,
                    };
                    assert_eq!(broken.reason(), Reason::DataQuality);
                }
            }
        }
    }

    #[test]
    fn what_is_unknown_is_never_taken_for_the_same() {
        let claims = [
            Reason::DataChangedBehaviour,
            Reason::DataDriftBenign,
            Reason::DataDriftAdapted,
            Reason::DataDriftHarmful,
            Reason::UnexplainedOutputChange,
            Reason::ConceptDrift,
        ];
        for (inputs, outputs) in [(false, false), (false, true), (true, false), (true, true)] {
            for answers in [Unseen, Good, Worse, LabelsShifted] {
                assert!(!claims.contains(&reason(Unknown, inputs, outputs, answers)));
            }
        }
    }

    #[test]
    fn default_levels() {
        use Level::{Alert, Block, Pass};
        let level =
            |reason, production, decided| default_level(reason, production).apply(decided, Block);
        assert_eq!(level(Reason::Stable, true, Pass), Pass);
        assert_eq!(level(Reason::ReleaseNeutral, true, Pass), Pass);
        assert_eq!(level(Reason::DataDriftBenign, true, Alert), Alert);
        assert_eq!(level(Reason::DataChangedBehaviour, true, Alert), Alert);
        assert_eq!(level(Reason::DataChangedBehaviour, true, Block), Block);
        assert_eq!(level(Reason::DataDriftHarmful, false, Alert), Block);
        assert_eq!(level(Reason::DataDriftAdapted, false, Block), Alert);
        assert_eq!(level(Reason::ConceptDrift, false, Alert), Block);
        assert_eq!(level(Reason::UnexplainedOutputChange, false, Alert), Block);
        assert_eq!(level(Reason::CodeChangedBehaviour, false, Alert), Alert);
        assert_eq!(level(Reason::CodeChangedBehaviour, false, Block), Block);
        assert_eq!(level(Reason::Confounded, false, Alert), Block);
        assert_eq!(level(Reason::LabelShift, false, Alert), Alert);
        // Outside production what is missing is only told, and never hides a
        // block that effects alone have reached.
        assert_eq!(level(Reason::ProvenanceMissing, true, Alert), Block);
        assert_eq!(level(Reason::ProvenanceMissing, false, Alert), Alert);
        assert_eq!(level(Reason::ProvenanceMissing, false, Block), Block);
    }

    #[test]
    fn a_ceiling_holds_the_table_back_and_not_the_decision() {
        use Level::{Alert, Block, Error};
        let block = DefaultLevel::Block;
        assert_eq!(block.apply(Alert, Alert), Alert);
        assert_eq!(block.apply(Block, Alert), Block);
        assert_eq!(block.apply(Error, Block), Error);
    }
}
