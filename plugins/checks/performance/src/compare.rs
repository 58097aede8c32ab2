//! Two profiles into findings.

use driftguard_answers::finding::{About, LEVEL, Style};
use driftguard_distribution::words::percent_pair;
use driftguard_sdk::prelude::{Error, Evidence, Finding, Nature, Status};
use driftguard_statistics::quality::Change;

use crate::frame::Frame;
use crate::profile::{Profile, Sums};
use crate::{classes, numbers, segments};

/// What counts as material, and how many labels are enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Fall of accuracy or area that has effect 0.10.
    pub drop: f64,
    /// Relative rise of the mean error that has effect 0.10.
    pub error: f64,
    /// Fewest rows with label and answer on either side.
    pub min_labels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            drop: 0.03,
            error: 0.25,
            min_labels: 100,
        }
    }
}

/// One quality on both sides, for the table in the evidence.
pub(crate) struct Measured {
    pub(crate) finding: Finding,
    pub(crate) name: &'static str,
    pub(crate) sides: (f64, f64),
}

/// Everything that is measured of the answers; nothing where no column says
/// what is true, or none what was answered.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    limits: &Limits,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let about = About::new(&frame.question, reference.labelled, current.labelled);
    let metric = match &reference.sums {
        Sums::None => return Ok(vec![]),
        Sums::Classes(_) => classes::ACCURACY,
        Sums::Numbers(_) => numbers::MEAN_ERROR,
    };
    let rows = (reference.answered, current.answered);
    let coverage = covered(&about, rows);
    if let Some(finding) = about.not_enough(metric, limits.min_labels, rows) {
        return Ok([Some(finding), coverage].into_iter().flatten().collect());
    }
    let measured = match (&reference.sums, &current.sums) {
        (Sums::Classes(before), Sums::Classes(now)) => {
            classes::compare(&about, frame, before, now, limits)
        }
        (Sums::Numbers(before), Sums::Numbers(now)) => {
            numbers::compare(&about, frame.units, before, now, limits)
        }
        // `validate` has refused it.
        _ => return Err(Error::Internal("answers of two kinds were compared".into())),
    };
    let table = table(&measured);
    let mut findings: Vec<Finding> = measured.into_iter().map(|one| one.finding).collect();
    let decides = |finding: &&mut Finding| {
        finding.nature == Nature::Measurement && finding.status == Status::Ok
    };
    if let Some(first) = findings.iter_mut().find(decides) {
        first.evidence.push(table);
    }
    findings.extend(coverage);
    findings.extend(segments::compare(&about, frame, reference, current, limits));
    Ok(findings)
}

fn table(measured: &[Measured]) -> Evidence {
    let known = |one: &&Measured| one.sides.0.is_finite() && one.sides.1.is_finite();
    let known: Vec<&Measured> = measured.iter().filter(known).collect();
    Evidence {
        title: "quality of the answers".into(),
        labels: known.iter().map(|one| one.name.to_owned()).collect(),
        reference: known.iter().map(|one| one.sides.0).collect(),
        current: known.iter().map(|one| one.sides.1).collect(),
    }
}

/// For which share of the answers labels have arrived.
fn covered(about: &About<'_>, rows: (u64, u64)) -> Option<Finding> {
    if rows.0 == 0 || rows.1 == 0 {
        return None;
    }
    let (p, q) = (
        about.reference as f64 / rows.0 as f64,
        about.current as f64 / rows.1 as f64,
    );
    let (left, right) = percent_pair(p, q);
    let words = format!(
        "labels are there for {} of {} answers ({right}), for {left} in the reference",
        about.current, rows.1
    );
    let finding = about.supporting("labelled-answers/v1", &words);
    Some(finding.statistic(q).effect((q - p).abs()))
}

/// A quality beside the ones that decide.
pub(crate) fn beside(
    about: &About<'_>,
    metric: &str,
    name: &'static str,
    style: Style,
    change: &Change,
    effect: f64,
) -> Measured {
    let words = format!(
        "{name} {}",
        driftguard_answers::finding::moved(style, change.reference, change.current, change.p_value)
    );
    let finding = about
        .supporting(metric, &words)
        .statistic(change.current)
        .effect(effect)
        .unit_effect(change.difference, name)
        .interval(change.interval.low, change.interval.high, LEVEL)
        .noise(change.reference, change.deviation)
        .p_value(change.p_value);
    Measured {
        finding,
        name,
        sides: (change.reference, change.current),
    }
}

/// What got better, said beside a measurement whose effect is 0.
pub(crate) fn improved(about: &About<'_>, name: &'static str, change: &Change) -> Option<Finding> {
    if change.p_value >= 1.0 - LEVEL || change.difference <= 0.0 {
        return None;
    }
    let (low, high) = (change.interval.low, change.interval.high);
    let words = format!(
        "{name} is better by {} to {} than in the reference, with 95 % confidence",
        driftguard_distribution::words::number(low),
        driftguard_distribution::words::number(high)
    );
    Some(
        about
            .supporting("improved/v1", &words)
            .statistic(change.difference)
            .interval(low, high, LEVEL)
            .p_value(change.p_value),
    )
}
