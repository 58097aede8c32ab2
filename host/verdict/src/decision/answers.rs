//! What labels show of the answers: good, or how much harm was done.

use super::{Case, Judged};
use crate::finding::{Finding, Nature, Status, Subject};
use crate::rules::Rules;
use crate::verdict::Level;

/// Checks that look at how good the answers are, by their labels.
pub const ANSWER_CHECKS: [&str; 3] = ["performance", "calibration", "concept-drift"];

/// The one among them that holds answers against labels.
const MEASURED: &str = "performance";

/// Share of the current rows that must have a label for these to speak for all
/// of them: labels that come early are often of one kind.
const LABELLED: f64 = 0.8;

/// Measurements of how right the answers of all rows are.
/// An estimate without labels is none, nor is a look at a
/// part of the rows.
pub(crate) fn measured(case: &Case) -> impl Iterator<Item = &Finding> {
    let labelled = LABELLED * case.rows_current as f64;
    case.findings.iter().filter(move |finding| {
        finding.check == MEASURED
            && finding.nature == Nature::Measurement
            && finding.status == Status::Ok
            && !matches!(finding.subject, Subject::Segment(_))
            && finding.n_current as f64 >= labelled
    })
}

/// Whether labels show that the answers are as good as before: a fall that
/// would block is outside of the interval of everything that was measured.
pub(crate) fn shown_good(case: &Case, block_at: f64) -> bool {
    let excluded = |finding: &Finding| {
        finding
            .interval
            .is_some_and(|interval| interval.high < block_at)
    };
    measured(case).next().is_some() && measured(case).all(excluded)
}

/// Whether labels show how much harm was done, and that it is not as much as
/// blocks: nothing that they say blocks, and no interval reaches further than
/// half of what blocks beyond its effect.
pub(super) fn harm_is_small(rules: &Rules, case: &Case, judged: &[Judged]) -> bool {
    let blocks = case
        .findings
        .iter()
        .zip(judged)
        .any(|(finding, judged)| finding.check == MEASURED && judged.level >= Level::Block);
    let precise = |finding: &Finding| {
        finding
            .interval
            .is_some_and(|interval| interval.high - finding.effect <= rules.block_at / 2.0)
    };
    !blocks && measured(case).next().is_some() && measured(case).all(precise)
}
