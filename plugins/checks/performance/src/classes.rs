//! How good answers are that are classes.

use driftguard_answers::Task;
use driftguard_answers::finding::{About, LEVEL, Style, effect};
use driftguard_sdk::prelude::{Finding, Status};
use driftguard_statistics::confusion::Estimate;
use driftguard_statistics::quality::{Change, change};
use driftguard_statistics::rates;
use driftguard_statistics::score_table::{RankedScores, area};

use crate::compare::{Limits, Measured, beside, improved};
use crate::frame::Frame;
use crate::profile::ClassSums;
use crate::ranking::{self, enough};

/// Metric of the share of right answers.
pub(crate) const ACCURACY: &str = "accuracy/v1";
/// Metric of the area under the ROC curve.
const AREA: &str = "auc/binned/delong/v1";
/// Fewest rows of each class for an area.
pub(crate) const CLASS_ROWS: u64 = 10;

/// Area, accuracy, and what goes beside them.
pub(crate) fn compare(
    about: &About<'_>,
    frame: &Frame,
    before: &ClassSums,
    now: &ClassSums,
    limits: &Limits,
) -> Vec<Measured> {
    let mut measured = vec![];
    let mut better = vec![];
    if frame.question.score.is_some() {
        measured.push(of_two(about, before, now, limits, &mut better));
    }
    let ranks = (&before.ranks, &now.ranks);
    let ranked = ranking::compare(about, &frame.question, ranks.0, ranks.1, limits);
    measured.extend(ranked);
    if let Some(change) = accuracy(before, now) {
        let finding = about.fall(ACCURACY, "accuracy", Style::Percent, &change, limits.drop);
        let rows = (before.hits().1, now.hits().1);
        better.extend(improved(about, "accuracy", &change));
        measured.push(Measured {
            finding: enough(finding, rows, limits.min_labels),
            name: "accuracy",
            sides: (change.reference, change.current),
        });
    }
    measured.extend(beside_them(about, frame, before, now, limits));
    measured.extend(better.into_iter().map(|finding| Measured {
        finding,
        name: "",
        sides: (f64::NAN, f64::NAN),
    }));
    measured
}

fn of_two(
    about: &About<'_>,
    before: &ClassSums,
    now: &ClassSums,
    limits: &Limits,
    better: &mut Vec<Finding>,
) -> Measured {
    let ranked = |sums: &ClassSums| area(sums.positives.as_slice(), sums.negatives.as_slice());
    let few = |ranked: &RankedScores| ranked.positives.min(ranked.negatives) < CLASS_ROWS;
    let sides = ranked(before).zip(ranked(now));
    let Some((before, now)) = sides.filter(|(before, now)| !few(before) && !few(now)) else {
        let words = format!(
            "AUC needs at least {CLASS_ROWS} rows with a score of each class on either side"
        );
        return Measured {
            finding: about
                .measurement(AREA, &words)
                .status(Status::InsufficientData),
            name: "AUC",
            sides: (f64::NAN, f64::NAN),
        };
    };
    let (before, now) = ranking_well(before, now);
    let rows = |ranked: &RankedScores| ranked.positives + ranked.negatives;
    let Some(change) = areas(&before, &now) else {
        let words = "AUC cannot be compared";
        return Measured {
            finding: about.measurement(AREA, words).status(Status::Degenerate),
            name: "AUC",
            sides: (before.auc, now.auc),
        };
    };
    better.extend(improved(about, "AUC", &change));
    let finding = about.fall(AREA, "AUC", Style::Number, &change, limits.drop);
    Measured {
        finding: enough(finding, (rows(&before), rows(&now)), limits.min_labels),
        name: "AUC",
        sides: (before.auc, now.auc),
    }
}

/// Both sides so that ranking well is an area near 1: where low scores mean
/// yes, it is one near 0.
pub(crate) fn ranking_well(
    before: RankedScores,
    now: RankedScores,
) -> (RankedScores, RankedScores) {
    match before.auc < 0.5 {
        true => (before.turned(), now.turned()),
        false => (before, now),
    }
}

/// The change of the area; None where it cannot be told.
pub(crate) fn areas(before: &RankedScores, now: &RankedScores) -> Option<Change> {
    let side = |ranked: &RankedScores| Estimate {
        value: ranked.auc,
        variance: ranked.variance,
    };
    change(side(before), side(now), LEVEL)
}

/// Shares of right answers; the deviation is that of rates a row away from 0
/// and 1, so that it is never 0.
fn accuracy(before: &ClassSums, now: &ClassSums) -> Option<Change> {
    let ((a, n), (b, m)) = (before.hits(), now.hits());
    share_of_hits((a, n), (b, m))
}

/// The change of a share of hits.
pub(crate) fn share_of_hits((a, n): (u64, u64), (b, m): (u64, u64)) -> Option<Change> {
    let rates = rates::compare(a, n, b, m)?;
    let variance = |hits: u64, rows: u64| {
        let share = (hits as f64 + 1.0) / (rows as f64 + 2.0);
        share * (1.0 - share) / rows as f64
    };
    Some(Change {
        reference: rates.reference,
        current: rates.current,
        difference: rates.difference,
        deviation: (variance(a, n) + variance(b, m)).sqrt(),
        interval: rates::difference_interval(a, n, b, m, LEVEL)?,
        p_value: rates.p_value,
    })
}

/// F1, log-loss and Brier score.
fn beside_them(
    about: &About<'_>,
    frame: &Frame,
    before: &ClassSums,
    now: &ClassSums,
    limits: &Limits,
) -> Vec<Measured> {
    let binary = frame.question.task == Task::Binary;
    let positive = frame.question.positive;
    let f1 = |sums: &ClassSums| match binary {
        true => sums.confusion.f1(positive),
        false => sums.confusion.macro_f1(),
    };
    let metric = if binary {
        "f1/positive/v1"
    } else {
        "f1/macro/v1"
    };
    let f1 = f1(before).zip(f1(now));
    let f1 = f1.and_then(|(before, now)| change(before, now, LEVEL));
    let f1 = f1.map(|change| {
        let scale = driftguard_answers::finding::MATERIAL_EFFECT / limits.drop;
        let effect = effect(-change.difference, change.deviation, scale);
        beside(about, metric, "F1", Style::Number, &change, effect)
    });
    let loss =
        |metric: &str, name: &'static str, before: Option<Estimate>, now: Option<Estimate>| {
            let change = change(before?, now?, LEVEL)?;
            let effect = relative(&change, limits.error);
            Some(beside(about, metric, name, Style::Number, &change, effect))
        };
    let log_loss = loss(
        "log-loss/clip1e-15/v1",
        "log-loss",
        before.log_loss.mean(),
        now.log_loss.mean(),
    );
    let brier = loss(
        "brier/v1",
        "Brier score",
        before.brier.mean(),
        now.brier.mean(),
    );
    [f1, log_loss, brier].into_iter().flatten().collect()
}

/// Effect of a loss that rose by a share of what it was.
fn relative(change: &Change, material: f64) -> f64 {
    if change.reference <= 0.0 {
        return 0.0;
    }
    let scale = driftguard_answers::finding::MATERIAL_EFFECT / (material * change.reference);
    effect(change.difference, change.deviation, scale)
}
