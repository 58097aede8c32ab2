//! `label-drift`: did somebody change the labels?
//!
//! # Layout
//!
//! - [`frame`]: bins of the score, and which of them are sure.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! How labels are distributed is looked at by `categorical-drift` and
//! `numeric-drift`, as for any column. This check looks at labels that were
//! changed without changing their shares: flipped, shuffled, joined to the
//! wrong rows.
//!
//! # Method
//!
//! Of two classes with a score. *fit* cuts the scores of the reference into at
//! most 24 bins of equal mass, and calls a bin sure where at most `sure` (5 %)
//! of its labels contradict the answer. *profile* counts positives by bin. With
//! `d` and `d'` the shares of contradicting labels in a sure bin of the
//! reference and now, and `q` the share of the current rows of all sure bins
//! that are in it, the statistic is
//!
//! `sum q (d' - d)`.
//!
//! A share `e` of flipped labels raises it by `e (1 - 2 d)`, nearly `e`: the
//! effect, the statistic less the mean of what it seems to be when nothing
//! changed, is the share of labels that were flipped. Rows that move between
//! bins do not change it.
//!
//! Flips make labels of both kinds contradict sure answers. Where only one kind
//! does, the message says that there may be rows of a new kind that the model
//! is sure and wrong about. This is the confident part of confident learning
//! (Northcutt et al.) with the thresholds frozen.
//!
//! # Assumptions
//!
//! The score is the same model's on both sides. Rows are independent.
//!
//! # Minimum n
//!
//! `min-labels` (100) rows with label and score on either side, and on either
//! side `sure-rows` (20 %) of them in sure bins; else "not applicable".
//!
//! # Failure modes
//!
//! - A model that is never sure cannot be held against labels.
//! - A model that became sure and wrong looks like flipped labels: that is for
//!   a person to tell, and `performance` blocks in both cases.
//! - Flips among rows about which the model is not sure are not seen.
//! - Several classes, and numbers, are not looked at.
//!
//! # Measured
//!
//! `tests/measured.rs`: 300 pairs of equal law (1,000 rows a side) give p < 0.05
//! in at most 45 (bins were called sure because few labels contradicted them, so
//! that a few more do later) and an effect that alerts in at most 3; 10 % of
//! flipped labels are found in at least 48 of 50 pairs of 2,000 rows with an
//! effect within 0.03 of 0.1; a model that is less sure is no flip.
//!
//! Real loans: of labels of which 20 % were flipped, with shares as before, the
//! effect is 0.195, and the label is the first suspect. Quiet on the loans'
//! second half, where the model got worse (effect 0.003). Flights and the
//! electricity market have no sure answers: not applicable. New kinds of attack
//! (NSL-KDD) look like flips, which the message says.
//!
//! # References
//!
//! Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in
//! Dataset Labels", 2021; Natarajan et al., "Learning with Noisy Labels", 2013.
//!
//! # Example
//!
//! ```
//! use driftguard_answers::{Outcomes, Sample, Values};
//! use driftguard_check_label_drift::{Frame, Limits, compare};
//!
//! let scores: Vec<f64> = (0..2000).map(|i| f64::from(i % 100) / 99.0).collect();
//! let labels = |flips: usize| -> Vec<f64> {
//!     let label = |(row, score): (usize, &f64)| f64::from(u8::from((*score > 0.5) != (row % 10 < flips)));
//!     scores.iter().enumerate().map(label).collect()
//! };
//! let sample = |flips| Sample {
//!     label: Some(("paid".into(), Values::Numbers(labels(flips)))),
//!     prediction: None,
//!     score: Some(("score".into(), Values::Numbers(scores.clone()))),
//!     ..Sample::default()
//! };
//! let limits = Limits::default();
//! let frame = Frame::of(&sample(0), "", &limits);
//! let profile = |flips| {
//!     let mut outcomes = Outcomes::new(&frame.outcomes);
//!     outcomes.add(&frame.outcomes, 2000, &frame.outcomes.question.rows(&sample(flips)));
//!     outcomes
//! };
//! let findings = compare(&frame, &profile(0), &profile(2), &limits)?;
//! assert!((findings[0].effect - 0.2).abs() < 0.03);
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;
pub mod frame;

pub use compare::compare;
pub use frame::{Frame, Limits};

use driftguard_answers::Outcomes;
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `label-drift`.
#[derive(Debug)]
pub struct LabelDrift;

impl Check for LabelDrift {
    type Frame = Frame;
    type Profile = Outcomes;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Frame::fit(context, sample)
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Outcomes, Error> {
        frame.validate()?;
        frame.agrees_with(context)?;
        Ok(Outcomes::new(&frame.outcomes))
    }

    fn update(
        profile: &mut Outcomes,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(&frame.outcomes, batch)
    }

    fn merge(
        profile: &mut Outcomes,
        other: Outcomes,
        _: &Context,
        frame: &Frame,
    ) -> Result<(), Error> {
        profile.merge(&other, &frame.outcomes)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Outcomes,
        current: &Outcomes,
    ) -> Result<Vec<Finding>, Error> {
        compare(frame, reference, current, &Limits::of(context)?)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::LabelDrift);
