//! A decision, seen in the light of the fingerprints. Without fingerprints it
//! stays as it is: the user claims nothing about the code.

use super::comparison::{Comparison, Sameness};
use super::fingerprint::PartName;
use super::table::{Answers, Situation, default_level};
use crate::code::Reason;
use crate::column::Role;
use crate::decision::answers::{self, ANSWER_CHECKS};
use crate::decision::{Case, Judged, is_quality};
use crate::finding::Finding;
use crate::rank::first_names;
use crate::rules::Severity;
use crate::verdict::{Level, Verdict};

/// The check that estimates the quality of answers without labels. It sees what
/// the inputs do and no more: it proves neither that answers are good nor that
/// the concept drifted.
pub const ESTIMATE: &str = "estimated-performance";

/// The metric of the part of an output's move that inputs do not explain.
pub const UNEXPLAINED: &str = "unexplained-output";

/// What is known beside the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The fingerprints of both sides.
    pub comparison: Comparison,
    /// Whether stored inputs get the answers that were stored, where they were
    /// scored again.
    pub canary: Option<bool>,
    /// The reason of a replay of old and new model on old and new data, where
    /// there was one: it tells apart what digests cannot.
    pub replayed: Option<Reason>,
    /// The policy says that this is production.
    pub production: bool,
    /// The most that the table may raise a verdict to: an alert where chance
    /// is not under control yet.
    pub ceiling: Level,
    /// Effects from here on block: answers are as good as before only where
    /// one of this size is ruled out.
    pub block_at: f64,
}

impl Provenance {
    /// Whether the code changed, by fingerprints and canary together. Digests
    /// may differ and the model be the same function: a canary that is the same
    /// clears code, model, configuration and dependencies. It begins behind the
    /// features, so it says nothing of them.
    pub fn code(&self) -> Sameness {
        match self.canary {
            None => self.comparison.code,
            Some(false) => Sameness::Different,
            Some(true) => {
                let mut features = self.comparison.parts.iter();
                let features = features.find(|part| part.part == PartName::Features);
                features.map_or(Sameness::Same, |part| part.state)
            }
        }
    }

    /// What a replay makes of code and data that both changed. One that saw
    /// neither move anything does not explain that the logged outputs moved.
    fn told_apart(&self) -> Option<Reason> {
        self.replayed.filter(|reason| {
            matches!(
                reason,
                Reason::DataChangedBehaviour
                    | Reason::CodeChangedBehaviour
                    | Reason::CodeAndDataChangedBehaviour
            )
        })
    }

    /// Whether the model answers otherwise though no digest says so.
    pub fn is_hidden(&self) -> bool {
        self.canary == Some(false) && self.comparison.code == Sameness::Same
    }
}

/// What a finding speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Quality,
    Inputs,
    Outputs,
    Labels,
    Answers,
    Estimate,
}

fn about(finding: &Finding, case: &Case) -> About {
    let columns = finding.subject.columns();
    let has = |wanted: fn(Role) -> bool| {
        let role = |name: &&str| case.roles.get(*name).copied();
        columns.iter().filter_map(role).any(wanted)
    };
    if is_quality(finding) {
        About::Quality
    } else if ANSWER_CHECKS.contains(&finding.check.as_str()) {
        About::Answers
    } else if finding.check == ESTIMATE {
        About::Estimate
    } else if has(|role| role == Role::Label) || finding.check == "label-drift" {
        About::Labels
    } else if finding.metric_name() == UNEXPLAINED || has(Role::is_output) {
        About::Outputs
    } else {
        About::Inputs
    }
}

/// The case of the table that findings, their levels and fingerprints make.
pub fn situation(
    case: &Case,
    judged: &[Judged],
    verdict: &Verdict,
    provenance: &Provenance,
) -> Situation {
    let pairs = || case.findings.iter().zip(judged);
    let moved = |wanted: About| {
        pairs()
            .any(|(finding, judged)| judged.level > Level::Pass && about(finding, case) == wanted)
    };
    let inputs_moved = moved(About::Inputs);
    // Estimated worse: harmful where inputs moved and nothing measured says
    // otherwise, else an output that moved.
    let estimated_worse = moved(About::Estimate);
    let outputs_moved = moved(About::Outputs) || estimated_worse;
    let harmful = estimated_worse && inputs_moved && answers::measured(case).next().is_none();
    let good = answers::shown_good(case, provenance.block_at);
    let answers = if moved(About::Answers) || harmful {
        Answers::Worse
    } else if good && inputs_moved && outputs_moved {
        // Labels move with inputs and outputs; what counts is that the answers
        // are right.
        Answers::Good
    } else if moved(About::Labels) {
        Answers::LabelsShifted
    } else if good {
        Answers::Good
    } else {
        Answers::Unknown
    };
    Situation {
        code: provenance.code(),
        quality_broken: verdict.reason == Reason::DataQuality,
        inputs_moved,
        outputs_moved,
        answers,
    }
}

/// The verdict with the reason of the table and its level. A verdict that
/// could not be reached stays as it is, and so does one for which there was
/// too little data.
pub fn refine(
    case: &Case,
    judged: &[Judged],
    verdict: Verdict,
    provenance: &Provenance,
) -> Verdict {
    if verdict.reason == Reason::CheckFailed {
        return verdict;
    }
    // No chance is involved, and nothing that follows could explain it.
    if provenance.is_hidden() {
        return Verdict {
            level: Level::Block,
            reason: Reason::UnexplainedOutputChange,
            summary: HIDDEN.into(),
            ..verdict
        };
    }
    if verdict.reason == Reason::CannotTell {
        return verdict;
    }
    let reason = match situation(case, judged, &verdict, provenance).reason() {
        Reason::Confounded => provenance.told_apart().unwrap_or(Reason::Confounded),
        reason => reason,
    };
    // The model answers otherwise, and no release was announced.
    let neutral = matches!(
        reason,
        Reason::Stable | Reason::ReleaseNeutral | Reason::DataDriftBenign
    );
    if neutral
        && provenance.canary == Some(false)
        && provenance.comparison.code == Sameness::Unknown
    {
        return Verdict {
            level: Level::Block,
            reason: Reason::CodeChangedBehaviour,
            summary: SILENT.into(),
            ..verdict
        };
    }
    let ceiling = provenance.ceiling.min(allowed(case, judged));
    let level = default_level(reason, provenance.production).apply(verdict.level, ceiling);
    let summary = match reason {
        // The decision's own words say as much as can be said.
        Reason::Stable | Reason::DataQuality | Reason::InputDrift => verdict.summary,
        _ => summary(reason, &verdict, provenance),
    };
    Verdict {
        level,
        reason,
        summary,
        ..verdict
    }
}

const HIDDEN: &str = "Stored inputs get other answers than those stored, while code, model, configuration, dependencies \
    and features are the same: the model depends on something that no fingerprint covers (another file, a service, a \
    library, the time, chance).";

const SILENT: &str = "Stored inputs get other answers than those stored: the model changed, or something it depends on, and \
    no fingerprint announces it. What comes out of the current data did not move by what matters.";

/// The most that the checks which saw a move may do: the table does not raise
/// what the policy holds down.
fn allowed(case: &Case, judged: &[Judged]) -> Level {
    let moved = case
        .findings
        .iter()
        .zip(judged)
        .filter(|(_, judged)| judged.level > Level::Pass);
    let most = moved.map(|(finding, _)| match case.severity.get(&finding.check) {
        Some(Severity::Ignore) => Level::Pass,
        Some(Severity::Alert) => Level::Alert,
        Some(Severity::Block) | None => Level::Block,
    });
    most.max().unwrap_or(Level::Pass)
}

fn summary(reason: Reason, verdict: &Verdict, provenance: &Provenance) -> String {
    let comparison = &provenance.comparison;
    let names = first_names(&verdict.suspects);
    let first = match names.is_empty() {
        true => String::new(),
        false => format!("; look first at {names}"),
    };
    let same = match (provenance.canary, comparison.code) {
        (Some(true), Sameness::Same) => {
            "code, model, configuration, dependencies and features are the same, and stored inputs get the answers that were stored"
        }
        (Some(true), _) => "stored inputs get the answers that were stored",
        _ => "code, model, configuration, dependencies and features are the same",
    };
    let different = comparison.named(Sameness::Different, true).join(", ");
    let different = match (provenance.canary, different.is_empty()) {
        (Some(false), true) => "the answers to stored inputs".to_owned(),
        _ => different,
    };
    let unknown = comparison.named(Sameness::Unknown, true).join(", ");
    let runtime = comparison.named(Sameness::Different, false);
    let runtime = match runtime.contains(&"runtime") {
        true => " (the runtime is another one)",
        false => "",
    };
    let words = match reason {
        Reason::DataChangedBehaviour if provenance.replayed.is_some() => format!(
            "inputs moved and the outputs with them; {different} changed, too, and by replay moved nothing that matters{first}"
        ),
        Reason::CodeChangedBehaviour if provenance.replayed.is_some() => format!(
            "{different} changed and moved the outputs; the data moved, too, and by replay moved nothing in them that matters{first}"
        ),
        Reason::CodeAndDataChangedBehaviour => format!(
            "{different} changed and the data moved, and by replay both moved the outputs{first}"
        ),
        Reason::DataChangedBehaviour => {
            format!("inputs moved and the outputs with them, while {same}{first}")
        }
        Reason::DataDriftHarmful => {
            format!("inputs moved and the answers got worse, while {same}{first}")
        }
        Reason::DataDriftAdapted => format!(
            "inputs moved and the outputs with them, and the answers are as good as before; {same}{first}"
        ),
        Reason::DataDriftBenign if different.is_empty() => {
            format!("inputs moved, the outputs did not; {same}{first}")
        }
        Reason::DataDriftBenign => {
            format!("inputs moved, the outputs did not, though {different} changed{first}")
        }
        Reason::ConceptDrift => {
            format!(
                "the answers got worse, though neither inputs nor outputs moved and {same}{first}"
            )
        }
        Reason::UnexplainedOutputChange => {
            format!("the outputs moved, though no input did and {same}{runtime}{first}")
        }
        Reason::ReleaseNeutral => {
            format!("{different} changed, and neither inputs nor outputs moved")
        }
        Reason::CodeChangedBehaviour => {
            format!("the outputs moved and no input did; {different} changed{first}")
        }
        Reason::Confounded => format!(
            "{different} changed and the data moved, so either may have changed what comes out{first}"
        ),
        Reason::LabelShift => format!("the labels are distributed differently{first}"),
        Reason::ProvenanceMissing => format!(
            "what comes out changed, and nobody can say whether the code did: no fingerprint to compare of {unknown}{first}"
        ),
        other => format!("{}{first}", other.explanation().title),
    };
    let mut letters = words.chars();
    let capital: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{capital}{}.", letters.as_str())
}

#[cfg(test)]
mod tests;
