//! `concept-drift`: does an answer still mean the same outcome?
//!
//! # Layout
//!
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! Bins and counts are those of `driftguard-answers`, the comparison is
//! `driftguard_statistics::conditional`.
//!
//! # Method
//!
//! Rows with a label and an answer are put into bins by the answer alone: at
//! most 24 bins of the score of equal mass in the reference, the predicted class
//! where there is no score, or bins of an answered number. Within a bin the
//! outcome is whether the row is positive (two classes), whether the answer was
//! right (several classes without a score), or truth less answer (numbers). With
//! `q` the share of the current rows in a bin and `m`, `m'` the mean outcome in
//! it, the statistic is `sum q |m' - m|`: the share of rows whose outcome moved,
//! given what was answered. For numbers a bin gives the total variation of two
//! normal laws as far apart as the means.
//!
//! | metric | bins |
//! |---|---|
//! | `outcome-given-answer/score-bins/v1` | of the score |
//! | `outcome-given-answer/predicted-class/v1` | predicted classes |
//! | `outcome-given-answer/residual/v1` | of an answered number |
//!
//! Bins are weighted by the current rows, so that inputs and answers which only
//! moved (covariate shift) change nothing as long as the model is as right about
//! the new rows as it was about rows with the same answer. The effect is the
//! statistic less its noise, on the scale of shares of rows: 0.05 alerts and 0.10
//! blocks by default. The p-value is that of a chi-square over the bins.
//!
//! # Assumptions
//!
//! Rows are independent; those with labels are like those without. The model is
//! the same on both sides: another one gives other answers.
//!
//! # Minimum n
//!
//! `min-labels` (200) rows with label and answer on either side; half of the
//! current rows in bins that the reference has rows in.
//!
//! # Failure modes
//!
//! - What a model never saw it cannot score: where the outcome moved among rows
//!   of equal score up for some and down for others, they cancel.
//! - Covariate shift to rows on which the model was never calibrated moves
//!   outcomes given the score as well; that is a real loss, and no change of the
//!   world. `domain-classifier` and the checks of inputs tell the two apart.
//! - Labels that were changed look the same: see `label-drift`.
//!
//! # Measured
//!
//! `tests/measured.rs`: 300 pairs of equal law give p < 0.05 in at most 27 and an
//! effect that alerts in at most 9 (400 or 2,000 rows a side); inputs that moved
//! by two thirds of a deviation leave the effect below 0.05 in all of 100 pairs;
//! outcomes whose logit moved by 0.8 are found in at least 48 of 50.
//!
//! Real data: rides of 2012 given the answer of a model of 2011 (effect 0.72,
//! 2,700 rides more where it said 4,140 to 4,610); the electricity market after
//! the reform (0.096; where it says 0.82 or more, prices rose in 87 % of the half
//! hours and do in 62 %). Quiet on the loans' second half, where inputs and
//! outputs moved and accuracy fell by 0.028 (effect 0.015).
//!
//! # References
//!
//! Gama, Zliobaite, Bifet, Pechenizkiy and Bouchachia 2014; Shimodaira 2000.
//!
//! # Example
//!
//! ```
//! use driftguard_answers::{OutcomeFrame, Outcomes, Sample, Values};
//! use driftguard_check_concept_drift::compare;
//!
//! // Half of the rows that score above a half come true; then a third.
//! let scores: Vec<f64> = (0..6000).map(|i| f64::from(i % 100) / 100.0).collect();
//! let sample = |one_in: u32| Sample {
//!     label: Some(("paid".into(), Values::Numbers((0..6000).map(|i| f64::from(u8::from(i % 100 >= 50 && i / 100 % one_in == 0))).collect()))),
//!     prediction: None,
//!     score: Some(("score".into(), Values::Numbers(scores.clone()))),
//!     ..Sample::default()
//! };
//! let frame = OutcomeFrame::of(&sample(2), "");
//! let profile = |one_in| {
//!     let mut outcomes = Outcomes::new(&frame);
//!     outcomes.add(&frame, 6000, &frame.question.rows(&sample(one_in)));
//!     outcomes
//! };
//! let findings = compare(&frame, &profile(2), &profile(3), 200)?;
//! // A sixth of half of the rows.
//! assert!((findings[0].statistic.unwrap_or(0.0) - 1.0 / 12.0).abs() < 0.01);
//! assert!(findings[0].effect > 0.05 && findings[0].p_value < Some(1e-9));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;

pub use compare::compare;

use driftguard_answers::{OutcomeFrame, Outcomes, Sample};
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `concept-drift`.
#[derive(Debug)]
pub struct ConceptDrift;

impl Check for ConceptDrift {
    type Frame = OutcomeFrame;
    type Profile = Outcomes;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, batch: &Batch) -> Result<OutcomeFrame, Error> {
        Ok(OutcomeFrame::of(
            &Sample::read(batch)?,
            context.text("positive")?,
        ))
    }

    fn begin(_: &Context, frame: &OutcomeFrame) -> Result<Outcomes, Error> {
        frame.validate()?;
        Ok(Outcomes::new(frame))
    }

    fn update(
        profile: &mut Outcomes,
        _: &Context,
        frame: &OutcomeFrame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(frame, batch)
    }

    fn merge(
        profile: &mut Outcomes,
        other: Outcomes,
        _: &Context,
        frame: &OutcomeFrame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &OutcomeFrame,
        reference: &Outcomes,
        current: &Outcomes,
    ) -> Result<Vec<Finding>, Error> {
        compare(
            frame,
            reference,
            current,
            context.count("min-labels")? as u64,
        )
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::ConceptDrift);
