//! What may not block although each measurement by itself would: too few rows,
//! inputs that moved under still outputs, rows that repeat and move nothing,
//! moves under which the answers stayed right.

use super::answers::ANSWER_CHECKS;
use super::{Case, Judged, QUALITY_CHECKS, Weighed};
use crate::column::Role;
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rules::Rules;
use crate::verdict::Level;

/// Where even an effect that the policy must see could have been missed, every
/// effect that passes for significant is large, and one false alarm in twenty
/// is a block. To block, chance must therefore be this much rarer than the
/// policy's `alpha`.
const SCANT_RARER: f64 = 50.0;

/// Metric of rows that are copies of others in the same batch.
const REPEATED_ROWS: &str = "repeated-rows";

/// Measurements on too few rows block only where they are far beyond chance.
pub(super) fn scant(rules: &Rules, case: &Case, weighed: &Weighed<'_>, judged: &mut [Judged]) {
    for (finding, judged) in case.findings.iter().zip(judged) {
        if finding.nature != Nature::Measurement || judged.level != Level::Block {
            continue;
        }
        let corrected = weighed.corrected(finding);
        let beyond = corrected.is_some_and(|p| p * SCANT_RARER <= rules.alpha);
        if !beyond {
            lower(judged, "too few rows to block on this");
        }
    }
}

/// Whether outputs were measured and none of them moved. What sets an output
/// beside a label speaks of the answers: they may get worse while the outputs
/// are distributed as before.
pub(super) fn outputs_held_still(case: &Case, judged: &[Judged]) -> bool {
    let outputs = case.findings.iter().zip(judged).filter(|(finding, _)| {
        let has = |wanted: fn(Role) -> bool| {
            let columns = finding.subject.columns();
            let roles = columns.iter().filter_map(|name| case.roles.get(*name));
            roles.copied().any(wanted)
        };
        has(Role::is_output) && !has(|role| role == Role::Label)
    });
    let mut measured = false;
    for (finding, judged) in outputs {
        if judged.level > Level::Pass {
            return false;
        }
        measured |= finding.nature == Nature::Measurement && finding.status == Status::Ok;
    }
    measured
}

/// Inputs that moved while the outputs held still are worth an alert and no
/// block. Faults and checks of quality are not touched.
pub(super) fn inputs(case: &Case, judged: &mut [Judged]) {
    for (finding, judged) in case.findings.iter().zip(judged) {
        let drift = finding.nature == Nature::Measurement
            && !QUALITY_CHECKS.contains(&finding.check.as_str());
        let label = finding
            .subject
            .columns()
            .iter()
            .any(|name| case.roles.get(*name) == Some(&Role::Label));
        if drift && !label {
            lower(judged, "the outputs did not move with it");
        }
    }
}

/// Rows that repeat while no column moved and the outputs held still change
/// what each row weighs and nothing else: an alert.
pub(super) fn rows(case: &Case, judged: &mut [Judged]) {
    let named = |finding: &Finding| finding.subject != Subject::Dataset;
    let moved = case
        .findings
        .iter()
        .zip(judged.iter())
        .any(|(finding, judged)| named(finding) && judged.level > Level::Pass);
    if moved {
        return;
    }
    for (finding, judged) in case.findings.iter().zip(judged) {
        if finding.metric_name() == REPEATED_ROWS && !named(finding) {
            lower(judged, "no column moved with it");
        }
    }
}

/// What moved while the answers stayed right is worth an alert and no block:
/// the harm that it could do has been measured. Faults, checks of quality and
/// those of the answers themselves are not touched.
pub(super) fn moves(case: &Case, judged: &mut [Judged]) {
    for (finding, judged) in case.findings.iter().zip(judged) {
        let check = finding.check.as_str();
        let drift = finding.nature == Nature::Measurement
            && !QUALITY_CHECKS.contains(&check)
            && !ANSWER_CHECKS.contains(&check);
        if drift {
            lower(
                judged,
                "labels show that the answers are about as right as before",
            );
        }
    }
}

fn lower(judged: &mut Judged, why: &str) {
    if judged.level == Level::Block {
        judged.level = Level::Alert;
        judged.why.push_str("; ");
        judged.why.push_str(why);
    }
}
