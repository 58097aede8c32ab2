//! `label-drift`: did somebody change the labels?
//!
//! # Layout
//!
//! - [`frame`]: bins of the score, and which of them are sure.
//! - [`inputs`]: a small model of the inputs, whose answers are binned alike.
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
//! *Inputs.* The same is done without the model that is watched: three sets of
//! boosted trees (16 trees of two levels) learn the label from up to `inputs`
//! columns of 4,096 rows of the reference, each from two thirds of the rows; which
//! third a row is in is told by a hash of its inputs, so every row, of either side,
//! is foretold by trees that did not learn from it. What they foretell is binned
//! and judged like a score: the share of labels that contradict a sure answer, out
//! of fold, against the reference's own share. What inputs mean may change as well,
//! and then most labels that contradict are of one kind; noise makes both kinds do.
//! So it is the kind that moved less that counts, with the larger of both p-values
//! (an intersection of two tests: Berger 1982); where only one kind of answer is
//! ever sure, the finding is supporting. Read are the
//! first 16,384 rows, and of those beyond as many blocks as make half a value a row
//! on average.
//!
//! | metric | held against labels |
//! |---|---|
//! | `contradicted-labels/sure-bins/v1` | the score |
//! | `contradicted-labels/inputs/v1` | what the inputs foretell |
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
//! - By the inputs, labels of which one kind alone was changed are not told from a
//!   change of what inputs mean; `concept-drift` measures both.
//!
//! # Measured
//!
//! `tests/measured.rs`: 300 pairs of equal law (1,000 rows a side) give p < 0.05
//! in at most 45 (bins were called sure because few labels contradicted them, so
//! that a few more do later) and an effect that alerts in at most 3; 10 % of
//! flipped labels are found in at least 48 of 50 pairs of 2,000 rows with an
//! effect within 0.03 of 0.1; a model that is less sure is no flip.
//!
//! `tests/inputs.rs`: of 60 pairs of equal law (2,500 rows a side) at most 12 have
//! p < 0.05 by the inputs, and at most 2 of 120 (with inputs that moved) an effect
//! that alerts; 10 % of flipped labels are found in at least 58 of 60; labels that
//! are noise are not learnt by heart.
//!
//! Real loans: of labels of which 20 % were flipped, with shares as before, the
//! effect is 0.195, and the label is the first suspect. Quiet on the loans'
//! second half, where the model got worse (effect 0.003). Flights and the
//! electricity market have no sure answers: not applicable. New kinds of attack
//! (NSL-KDD) look like flips, which the message says. By the inputs the flipped
//! loans have 0.188, other loans at most 0.002 and all flights 0. Of flights nobody is
//! sure before they left, but the delay at arrival tells: of a random half with 10 %
//! of its labels flipped 10 % contradict their inputs, 0.12 % in the other half
//! (effect 0.098). Quiet on the reform of the electricity market, where labels of
//! one kind contradict (14 %): what inputs mean changed. (Figures by the inputs on
//! real data are of a build that learnt 24 trees from 6,000 rows and read more.)
//!
//! # References
//!
//! Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in
//! Dataset Labels", 2021; Berger, "Multiparameter Hypothesis Testing and Acceptance
//! Sampling", 1982; Natarajan et al., "Learning with Noisy Labels", 2013.
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
pub mod inputs;

pub use compare::{By, compare, compare_by};
pub use frame::{Frame, Limits};
pub use inputs::InputModel;

use driftguard_answers::Outcomes;
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};
use serde::{Deserialize, Serialize};

/// The check `label-drift`.
#[derive(Debug)]
pub struct LabelDrift;

/// What is held against labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Both {
    /// The score.
    pub score: Frame,
    /// A model of the inputs.
    pub inputs: InputModel,
}

/// Outcomes by what is held against labels.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// By score.
    pub score: Outcomes,
    /// By what the inputs foretell, of the rows that are read.
    pub inputs: Outcomes,
}

impl Check for LabelDrift {
    type Frame = Both;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Both, Error> {
        let (positive, limits) = (context.text("positive")?, Limits::of(context)?);
        Ok(Both {
            score: Frame::fit(context, sample)?,
            inputs: InputModel::fit(sample, positive, &limits, context.count("inputs")?)?,
        })
    }

    fn begin(context: &Context, frame: &Both) -> Result<Profile, Error> {
        frame.score.validate()?;
        frame.score.agrees_with(context)?;
        frame.inputs.validate()?;
        frame.inputs.sure.agrees_with(context)?;
        Ok(Profile {
            score: Outcomes::new(&frame.score.outcomes),
            inputs: Outcomes::new(&frame.inputs.sure.outcomes),
        })
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Both,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.score.update(&frame.score.outcomes, batch)?;
        frame.inputs.update(&mut profile.inputs, batch)
    }

    fn merge(
        profile: &mut Profile,
        other: Profile,
        _: &Context,
        frame: &Both,
    ) -> Result<(), Error> {
        other.inputs.validate(&frame.inputs.sure.outcomes)?;
        profile.score.merge(&other.score, &frame.score.outcomes)?;
        profile
            .inputs
            .merge(&other.inputs, &frame.inputs.sure.outcomes)
    }

    fn compare(
        context: &Context,
        frame: &Both,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let limits = Limits::of(context)?;
        frame.inputs.validate()?;
        let mut findings = compare(&frame.score, &reference.score, &current.score, &limits)?;
        let (before, now) = (&reference.inputs, &current.inputs);
        findings.extend(compare_by(
            By::Inputs,
            &frame.inputs.sure,
            before,
            now,
            &limits,
        )?);
        Ok(findings)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::LabelDrift);
