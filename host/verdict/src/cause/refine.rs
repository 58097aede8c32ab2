//! A decision, seen in the light of the fingerprints. Without fingerprints it
//! stays as it is: the user claims nothing about the code.

use super::comparison::{Comparison, Sameness};
use super::table::{Answers, Situation, default_level};
use crate::code::Reason;
use crate::column::Role;
use crate::decision::{ANSWER_CHECKS, Case, Judged, is_quality};
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rank::first_names;
use crate::rules::Severity;
use crate::verdict::{Level, Verdict};

/// The metric of the part of an output's move that inputs do not explain.
pub const UNEXPLAINED: &str = "unexplained-output";

/// What is known beside the data.
#[derive(Debug, Clone, PartialEq)]
pub struct Provenance {
    /// The fingerprints of both sides.
    pub comparison: Comparison,
    /// The policy says that this is production.
    pub production: bool,
    /// The most that the table may raise a verdict to: an alert where chance
    /// is not under control yet.
    pub ceiling: Level,
    /// Effects from here on block: answers are as good as before only where
    /// one of this size is ruled out.
    pub block_at: f64,
}

/// What a finding speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Quality,
    Inputs,
    Outputs,
    Labels,
    Answers,
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
    } else if has(|role| role == Role::Label) || finding.check == "label-drift" {
        About::Labels
    } else if finding.metric_name() == UNEXPLAINED || has(Role::is_output) {
        About::Outputs
    } else {
        About::Inputs
    }
}

/// Whether labels show that the answers are as good as before: a fall that
/// would block is outside of the interval of everything that was measured of
/// them as a whole. An estimate without labels cannot vouch for the answers,
/// nor can a check that looks at a part of them.
fn demonstrated(case: &Case, block_at: f64) -> bool {
    let measured = case.findings.iter().filter(|finding| {
        finding.check == "performance"
            && finding.nature == Nature::Measurement
            && finding.status == Status::Ok
            && !matches!(finding.subject, Subject::Segment(_))
    });
    let mut any = false;
    for finding in measured {
        any = true;
        if finding
            .interval
            .is_none_or(|interval| interval.high >= block_at)
        {
            return false;
        }
    }
    any
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
    let good = demonstrated(case, provenance.block_at);
    let (inputs_moved, outputs_moved) = (moved(About::Inputs), moved(About::Outputs));
    let answers = if moved(About::Answers) {
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
        code: provenance.comparison.code,
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
    if matches!(verdict.reason, Reason::CheckFailed | Reason::CannotTell) {
        return verdict;
    }
    let reason = situation(case, judged, &verdict, provenance).reason();
    let ceiling = provenance.ceiling.min(allowed(case, judged));
    let level = default_level(reason, provenance.production).apply(verdict.level, ceiling);
    let summary = match reason {
        // The decision's own words say as much as can be said.
        Reason::Stable | Reason::DataQuality | Reason::InputDrift => verdict.summary,
        _ => summary(reason, &verdict, &provenance.comparison),
    };
    Verdict {
        level,
        reason,
        summary,
        ..verdict
    }
}

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

fn summary(reason: Reason, verdict: &Verdict, comparison: &Comparison) -> String {
    let names = first_names(&verdict.suspects);
    let first = match names.is_empty() {
        true => String::new(),
        false => format!("; look first at {names}"),
    };
    let same = "code, model, configuration, dependencies and features are the same";
    let different = comparison.named(Sameness::Different, true).join(", ");
    let unknown = comparison.named(Sameness::Unknown, true).join(", ");
    let runtime = comparison.named(Sameness::Different, false);
    let runtime = match runtime.contains(&"runtime") {
        true => " (the runtime is another one)",
        false => "",
    };
    let words = match reason {
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
