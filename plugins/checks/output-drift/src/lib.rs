//! Did what the model says change: its scores, its classes, or whether it says
//! anything at all?
//!
//! # Layout
//!
//! - this file: the check itself, thin over `driftguard-distribution`.
//! - `frame`, `profile`: what is frozen and counted, for numbers or classes.
//! - `compare`: everything of the drift checks, then
//!   `decisions` (positive rate, near the threshold, mean) and `faults`
//!   (constant, stuck).
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! All of `numeric-drift` for numeric outputs, all of `categorical-drift` for
//! classes; see there for formulas. Beside them:
//!
//! | metric | nature | what |
//! |---|---|---|
//! | `positive-rate/v1` | measurement | rows at or above `threshold`, or of the positive class; two proportions |
//! | `near-threshold/v1` | supporting | rows with `abs(score - threshold) < near` |
//! | `mean-output/v1` | supporting | the mean output |
//! | `constant-output/v1` | fault | one distinct value now, several before, for longer than ever in the reference, and `share^(n / b) < 1e-6` |
//! | `stuck-output/v1` | fault | one value in a row for 5 % of the rows and 50 rows, far longer than ever in the reference, and `n share^(run / b) < 1e-6` |
//!
//! `share` is the value's share in the reference, or that of its bin, which is
//! more. `b` is how many rows count as one: the longest run of the reference over
//! the one that independent rows would hold (Schilling 1990). Periods differ: a
//! day without any row of a rare class is no fault where the reference has such
//! days, and `constant-output/v1` is supporting then. Effects: the change of the rate less its mean under "nothing
//! changed"; one less that share (constant); the share of the rows in the run
//! (stuck). Rate and threshold are measured for numbers if the reference lies
//! within 0 and 1 or the policy sets a threshold of its own, and for classes if
//! there are two or the policy names the positive one.
//!
//! # Assumptions
//!
//! P-values and noise take rows as independent, and so does the improbability of
//! a run, but for what the longest run of the reference says; rows must come in
//! the order in which the outputs were made.
//!
//! # Minimum n
//!
//! `min-rows` (50) values on each side; a fault needs as many now.
//!
//! # Failure modes
//!
//! - A longest run of nulls hides a shorter run of one value.
//! - Where the reference itself is sorted by output, its runs are long and
//!   nothing counts as stuck; a constant class may be no fault then, and shows as
//!   `tv/values/v1` and `positive-rate/v1` alone.
//! - A threshold changed after the baseline was built is refused.
//!
//! # Measured
//!
//! *False alarms.* As of `numeric-drift`: none in 110 random halves of real
//! data.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): scores of loans written with one digit. Decisions, ranks and
//! accuracy hardly move and every other check passes; half of the rows are in
//! another decile (0.515).
//!
//! *Quiet.* Bicycle rides of 2012: the outcome grew by two thirds, and what the
//! old model says did not (0.014).
//!
//! # References
//!
//! Wilson 1927; Newcombe 1998 (rates); Schilling, "The Longest Run of Heads",
//! 1990; those of the two drift checks.
//!
//! # Example
//!
//! ```
//! use driftguard_check_output_drift::{OutputDrift, OutputFrame, OutputProfile};
//! use driftguard_sdk::prelude::*;
//!
//! let context = Context::new(vec![], &OutputDrift::describe().settings, vec![]);
//! let lively: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 400) / 400.0).collect();
//! let mut stuck = lively.clone();
//! stuck[200..].fill(0.5);
//! let frame = OutputFrame::of_numbers(&context, lively.clone())?;
//! let profile = |values: &[f64]| OutputProfile::of_numbers(&context, &frame, values);
//! let findings = OutputDrift::compare(&context, &frame, &profile(&lively)?, &profile(&stuck)?)?;
//! let fault = findings.iter().find(|finding| finding.nature == Nature::Fault);
//! assert_eq!(fault.map(|fault| fault.effect), Some(0.5));
//! # Ok::<(), Error>(())
//! ```

mod compare;
mod decisions;
mod description;
mod faults;
mod frame;
mod profile;

pub use frame::{Body, OutputFrame};
pub use profile::OutputProfile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `output-drift`.
#[derive(Debug)]
pub struct OutputDrift;

impl Check for OutputDrift {
    type Frame = OutputFrame;
    type Profile = OutputProfile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn validate(context: &Context) -> Result<(), Error> {
        driftguard_distribution::convention::wanted(context).map(|_| ())
    }

    fn fit(context: &Context, sample: &Batch) -> Result<OutputFrame, Error> {
        OutputFrame::fit(context, sample)
    }

    fn begin(context: &Context, frame: &OutputFrame) -> Result<OutputProfile, Error> {
        OutputProfile::begin(context, frame)
    }

    fn update(
        profile: &mut OutputProfile,
        _: &Context,
        frame: &OutputFrame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(frame, batch)
    }

    fn merge(
        profile: &mut OutputProfile,
        other: OutputProfile,
        _: &Context,
        frame: &OutputFrame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &OutputFrame,
        reference: &OutputProfile,
        current: &OutputProfile,
    ) -> Result<Vec<Finding>, Error> {
        compare::compare(context, frame, reference, current)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::OutputDrift);

#[cfg(test)]
mod tests;
