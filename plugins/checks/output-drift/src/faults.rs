//! Outputs that are always the same, or are so from some row on.

use driftguard_distribution::Subjected;
use driftguard_distribution::runs::improbable;
use driftguard_distribution::words::{number, percent};
use driftguard_sdk::prelude::Finding;

use crate::compare::Both;

/// What a distribution knows of its values.
pub(crate) trait Outputs {
    /// The only value of the current side, as `share_of` takes it; None where
    /// there are several now, or was only one before.
    fn only_value(&self) -> Option<String>;
    /// The share of a value in the reference, or more.
    fn share_of(&self, value: &str) -> f64;
    /// A value as it stands in a message.
    fn show(&self, value: &str) -> String;
}

/// A constant output, or else one that got stuck.
pub(crate) fn find(
    about: &Subjected<'_>,
    both: &Both<'_>,
    outputs: &impl Outputs,
    min_rows: u64,
) -> Option<Finding> {
    if about.current < min_rows || about.reference == 0 {
        return None;
    }
    constant(about, both, outputs).or_else(|| stuck(about, both, outputs))
}

/// All rows are one value. Where the reference held that value for as long, or
/// holds values so long that this may be chance, it is said and is no fault: a
/// day without any row of a rare class is no broken model.
fn constant(about: &Subjected<'_>, both: &Both<'_>, outputs: &impl Outputs) -> Option<Finding> {
    let (value, rows) = (outputs.only_value()?, about.current);
    let reference = &both.reference.runs;
    let share = outputs.share_of(&value).clamp(0.0, 1.0);
    if !improbable(share, rows, 1) {
        return None;
    }
    let start = format!(
        "{}: all {rows} rows are {}",
        about.name(),
        outputs.show(&value)
    );
    if !reference.never_held(&value, rows, |value| outputs.share_of(value)) {
        let longest = number(reference.longest_length() as f64);
        let message = format!(
            "{start}; the reference has one value for up to {longest} rows one after the other"
        );
        let finding = about.supporting("constant-output/v1", message);
        return Some(finding.statistic(1.0));
    }
    let message = format!("{start}; the reference has several values");
    Some(
        about
            .fault("constant-output/v1", message)
            .statistic(1.0)
            .effect(1.0 - share),
    )
}

fn stuck(about: &Subjected<'_>, both: &Both<'_>, outputs: &impl Outputs) -> Option<Finding> {
    let (reference, current) = (&both.reference.runs, &both.current.runs);
    let as_one = reference.rows_as_one(|value| outputs.share_of(value));
    let share_of = |value: &str| outputs.share_of(value).clamp(0.0, 1.0).powf(1.0 / as_one);
    let run = current.stuck_against(reference, share_of)?;
    let share = current.longest_share();
    let message = format!(
        "{}: {} in {} rows one after the other ({} of all); the longest run of the reference has {}",
        about.name(),
        outputs.show(run.value.as_deref().unwrap_or("")),
        run.length,
        percent(share),
        number(reference.longest_length() as f64)
    );
    Some(
        about
            .fault("stuck-output/v1", message)
            .statistic(run.length as f64)
            .effect(share),
    )
}
