//! Two profiles into findings.

use driftguard_answers::finding::{About, LEVEL};
use driftguard_answers::{OutcomeFrame, Outcomes, Task};
use driftguard_distribution::words::{pair, percent, percent_pair};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::conditional::{Conditional, Group, Outcome, compare as within};
use driftguard_statistics::special::normal_quantile;

/// Where less than this share of the current rows can be compared, nothing can
/// be said.
const LEAST_COMPARED: f64 = 0.5;

/// Everything that is measured of outcomes given answers; nothing where no
/// column says what is true, or none what was answered.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &OutcomeFrame,
    reference: &Outcomes,
    current: &Outcomes,
    min_labels: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    if frame.question.task == Task::None {
        return Ok(vec![]);
    }
    let metric = metric(frame);
    let about = About::new(&frame.question, reference.known(), current.known());
    let rows = (reference.rows, current.rows);
    if let Some(finding) = about.not_enough(metric, min_labels, rows) {
        return Ok(vec![finding]);
    }
    let outcome = frame.outcome();
    let sides = [reference, current].map(|side| side.groups(frame.units, outcome));
    let found = within(&sides[0], &sides[1], outcome);
    let Some(found) = found.filter(|found| found.compared >= LEAST_COMPARED) else {
        let words = "most answers of now are such as the reference never gave, so that outcomes cannot be compared";
        let finding = about.measurement(metric, words);
        return Ok(vec![finding.status(Status::InsufficientData)]);
    };
    Ok(vec![finding(frame, &about, &found, &sides, metric)])
}

fn metric(frame: &OutcomeFrame) -> &'static str {
    match (frame.question.task, frame.by_class()) {
        (Task::Numbers, _) => "outcome-given-answer/residual/v1",
        (_, false) => "outcome-given-answer/score-bins/v1",
        (_, true) => "outcome-given-answer/predicted-class/v1",
    }
}

fn finding(
    frame: &OutcomeFrame,
    about: &About<'_>,
    found: &Conditional,
    sides: &[Vec<Group>; 2],
    metric: &str,
) -> Finding {
    let effect = found.effect();
    let words = format!(
        "given the answer, the outcome moved for {} of the rows{}",
        percent(effect),
        most(frame, found, sides, effect)
    );
    let known: Vec<usize> = (0..sides[0].len())
        .filter(|bin| {
            let rows = |side: &Vec<Group>| side.get(*bin).map_or(0, |group| group.n);
            rows(&sides[0]) > 0 && rows(&sides[1]) > 0
        })
        .collect();
    let means = |side: &Vec<Group>| -> Vec<f64> {
        let mean = |bin: &usize| side.get(*bin).map_or(0.0, |group| group.mean);
        known.iter().map(mean).collect()
    };
    measured(about, metric, &words, found)
        .unit_effect(found.mean_move.0, about.label)
        .evidence(Evidence {
            title: title(frame),
            labels: known.iter().map(|bin| frame.condition(*bin)).collect(),
            reference: means(&sides[0]),
            current: means(&sides[1]),
        })
}

/// The measurement that a conditional move of outcomes is.
pub(crate) fn measured(
    about: &About<'_>,
    metric: &str,
    words: &str,
    found: &Conditional,
) -> Finding {
    let effect = found.effect();
    let half = normal_quantile((1.0 + LEVEL) / 2.0).unwrap_or(2.0) * found.noise.sd;
    about
        .measurement(metric, words)
        .statistic(found.statistic)
        .effect(effect)
        .interval(
            (effect - half).max(0.0),
            (found.statistic + half).min(1.0),
            LEVEL,
        )
        .noise(found.noise.mean, found.noise.sd)
        .p_value(found.p_value)
}

fn title(frame: &OutcomeFrame) -> String {
    match (frame.question.task, frame.outcome()) {
        (_, Outcome::Number) => "truth less answer, by answer".into(),
        (Task::Binary, _) => format!("share of {}, by answer", frame.question.positive_key()),
        _ => "share of right answers, by answer".into(),
    }
}

/// Where it moved most, in words; nothing where hardly anything did.
fn most(frame: &OutcomeFrame, found: &Conditional, sides: &[Vec<Group>; 2], effect: f64) -> String {
    let Some((bin, _)) = found.largest.filter(|_| effect > 0.01) else {
        return String::new();
    };
    let mean = |side: &Vec<Group>| side.get(bin).map_or(0.0, |group| group.mean);
    let (before, now) = (mean(&sides[0]), mean(&sides[1]));
    let (left, right) = match frame.outcome() {
        Outcome::Number => pair(before, now),
        Outcome::Event => percent_pair(before, now),
    };
    let what = match (frame.outcome(), frame.question.task) {
        (Outcome::Number, _) => "the truth less the answer".to_owned(),
        (_, Task::Binary) => format!("the share of {}", frame.question.positive_key()),
        _ => "the share of right answers".to_owned(),
    };
    format!(
        "; most where {}: {what} {left} -> {right}",
        frame.condition(bin)
    )
}
