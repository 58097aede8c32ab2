//! Outputs that are always the same, or are so from some row on.

use driftguard_distribution::Subjected;
use driftguard_distribution::runs::improbable;
use driftguard_distribution::words::{number, percent};
use driftguard_sdk::prelude::Finding;

use crate::compare::Both;

/// What a distribution knows of its values.
pub(crate) trait Outputs {
    /// The only value of the current side and its share in the reference, or
    /// more; None where there are several now, or was only one before.
    fn only_value(&self) -> Option<(String, f64)>;
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
    constant(about, outputs).or_else(|| stuck(about, both, outputs))
}

fn constant(about: &Subjected<'_>, outputs: &impl Outputs) -> Option<Finding> {
    let (value, share) = outputs.only_value()?;
    if !improbable(share, about.current, 1) {
        return None;
    }
    let message = format!(
        "{}: all {} rows are {value}; the reference has several values",
        about.name(),
        about.current
    );
    Some(
        about
            .fault("constant-output/v1", message)
            .statistic(1.0)
            .effect(1.0 - share.clamp(0.0, 1.0)),
    )
}

fn stuck(about: &Subjected<'_>, both: &Both<'_>, outputs: &impl Outputs) -> Option<Finding> {
    let (reference, current) = (&both.reference.runs, &both.current.runs);
    let run = current.stuck_against(reference, |value| outputs.share_of(value))?;
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
