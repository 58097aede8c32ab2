//! Two profiles into findings.

use driftguard_answers::Task;
use driftguard_answers::finding::{About, LEVEL, effect};
use driftguard_distribution::words::{number, pair};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::conditional::{Group, Outcome, compare as within};
use driftguard_statistics::quality::change;
use driftguard_statistics::reliability::{Calibrated, Reliability};
use driftguard_statistics::special::normal_sf;

use crate::profile::{Frame, Profile};

const METRIC: &str = "calibration-error/equal-mass15/debiased/v1";

/// Everything that is measured of the scores; nothing where there are not two
/// classes and a score within 0 and 1.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_labels: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    if frame.question.task == Task::None {
        return Ok(vec![]);
    }
    let (before, now) = (&reference.table, &current.table);
    let about = About::new(&frame.question, before.rows(), now.rows());
    let rows = (reference.rows, current.rows);
    if let Some(finding) = about.not_enough(METRIC, min_labels, rows) {
        return Ok(vec![finding]);
    }
    let errors = before.calibration_error().zip(now.calibration_error());
    let Some(change) = errors.and_then(|(before, now)| change(before, now, LEVEL)) else {
        let finding = about.measurement(METRIC, "the calibration error cannot be computed");
        return Ok(vec![finding.status(Status::Degenerate)]);
    };
    let (left, right) = pair(change.reference, change.current);
    let words = format!(
        "scores are off by {right} of the rows on average, {left} in the reference{}",
        direction(before, now)
    );
    let main = about
        .measurement(METRIC, &words)
        .statistic(change.difference)
        .effect(effect(change.difference, change.deviation, 1.0))
        .interval(
            change.interval.low.max(0.0),
            change.interval.high.clamp(0.0, 1.0),
            LEVEL,
        )
        .noise(0.0, change.deviation)
        .p_value(moved(before, now))
        .evidence(evidence(before, now));
    let mut findings = vec![main];
    findings.extend(beside(&about, before, now));
    Ok(findings)
}

/// Probability of gaps between rate and score that differ so much from the
/// reference's if nothing changed, over the bins.
fn moved(before: &Reliability, now: &Reliability) -> f64 {
    let groups = |table: &Reliability| -> Vec<Group> {
        let group = |bin: Calibrated| Group {
            n: bin.n,
            mean: bin.rate - bin.score,
            variance: bin.variance * bin.n as f64,
        };
        table.bins().into_iter().map(group).collect()
    };
    within(&groups(before), &groups(now), Outcome::Number).map_or(1.0, |found| found.p_value)
}

/// On which side of the truth scores are now.
fn direction(before: &Reliability, now: &Reliability) -> String {
    let large = before.in_the_large().zip(now.in_the_large());
    let Some((before, now)) = large else {
        return String::new();
    };
    let moved = now.value - before.value;
    let deviation = (before.variance + now.variance).sqrt();
    match moved.abs() > 2.0 * deviation && moved.abs() > 0.01 {
        false => String::new(),
        true if moved > 0.0 => "; they say too little".into(),
        true => "; they say too much".into(),
    }
}

fn evidence(before: &Reliability, now: &Reliability) -> Evidence {
    let both: Vec<(Calibrated, Calibrated)> = before
        .bins()
        .into_iter()
        .zip(now.bins())
        .filter(|(before, now)| before.n > 0 && now.n > 0)
        .collect();
    Evidence {
        title: "share of positives, by mean score of the current rows".into(),
        labels: both.iter().map(|(_, now)| number(now.score)).collect(),
        reference: both.iter().map(|(before, _)| before.rate).collect(),
        current: both.iter().map(|(_, now)| now.rate).collect(),
    }
}

/// Calibration in the large, slope, parts of the Brier score, and z.
fn beside(about: &About<'_>, before: &Reliability, now: &Reliability) -> Vec<Finding> {
    let large = || {
        let change = change(before.in_the_large()?, now.in_the_large()?, LEVEL)?;
        let (left, right) = pair(change.reference, change.current);
        let words = format!("share of positives less mean score: {left} -> {right}");
        let finding = about
            .supporting("calibration-in-the-large/v1", &words)
            .statistic(change.current)
            .effect(effect(change.difference.abs(), change.deviation, 1.0))
            .unit_effect(change.difference, about.label)
            .interval(change.interval.low, change.interval.high, LEVEL)
            .p_value(change.p_value);
        Some(finding)
    };
    let slope = || {
        let (before, now) = (before.logistic()?, now.logistic()?);
        let words = format!(
            "logit of the outcome over logit of the score: slope {} -> {}, intercept {} -> {}",
            number(before.1),
            number(now.1),
            number(before.0),
            number(now.0)
        );
        Some(
            about
                .supporting("calibration-slope/v1", &words)
                .statistic(now.1),
        )
    };
    let parts = || {
        let (before, now) = (before.brier_parts()?, now.brier_parts()?);
        let words = format!(
            "parts of the Brier score: reliability {} -> {}, resolution {} -> {}, uncertainty {} -> {}",
            number(before.reliability),
            number(now.reliability),
            number(before.resolution),
            number(now.resolution),
            number(before.uncertainty),
            number(now.uncertainty)
        );
        let finding = about.supporting("brier-parts/equal-mass15/v1", &words);
        Some(finding.statistic(now.reliability))
    };
    let z = || {
        let (before, now) = (before.spiegelhalter()?, now.spiegelhalter()?);
        let words = format!(
            "Spiegelhalter's z, beyond 2 where scores are not what comes true: {} -> {}",
            number(before),
            number(now)
        );
        let finding = about
            .supporting("spiegelhalter-z/v1", &words)
            .statistic(now);
        Some(finding.p_value((2.0 * normal_sf(now.abs())).min(1.0)))
    };
    [large(), slope(), parts(), z()]
        .into_iter()
        .flatten()
        .collect()
}
