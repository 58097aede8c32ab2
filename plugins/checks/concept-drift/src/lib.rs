//! `concept-drift`: does an answer still mean the same outcome?
//!
//! # Layout
//!
//! - [`compare`](mod@compare): two profiles into findings, by answer;
//!   [`inputs`]: by answer and input.
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
//! | `outcome-given-answer-and-input/v1` | cells of the input that moved most, within four bands of the answer |
//! | `outcome-given-segment/v1` | supporting: the cell and band that moved most |
//!
//! *Inputs.* Among rows of one score the outcome may go up for some and down for
//! others: bins of the score do not show that. Up to `inputs` columns are put into
//! at most 8 cells (even ranges, frequent values, missing). For each, cells within
//! each of four bands of the answer are compared, less what all cells of the band
//! moved by alike: with `c` that common move (weighted by precision) the statistic
//! is `sum q |m' - m - c|`, the p-value that of Cochran's Q. The input with the
//! largest effect is told, its p-value times the number of inputs. What all inputs
//! share (every row moved alike) is left to the bins of the answer. Read are the
//! first 16,384 rows, and of those beyond as many blocks as make half a value a row
//! on average.
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
//! current rows in bins that the reference has rows in; for inputs 500 rows that
//! were read on either side.
//!
//! # Failure modes
//!
//! - Where the outcome moved up for some rows of equal score and down for others,
//!   and no single input tells them apart (two must be known), they cancel.
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
//! `tests/inputs.rs`, four inputs: where the logit of the outcome moved by 0.8, up
//! in two regions and down in two (4,000 rows a side), bins of the score stay
//! quiet in at least 45 of 50 and the region is named in at least 48; of 100 pairs
//! of equal law (700 or 4,000 rows, also with an input that moved) p < 0.05 in at
//! most 11 and an effect that alerts in at most 3, as where all outcomes moved
//! alike.
//!
//! Real data: rides of 2012 given the answer of a model of 2011 (effect 0.72,
//! 2,700 rides more where it said 4,140 to 4,610); the electricity market after
//! the reform (0.096; where it says 0.82 or more, prices rose in 87 % of the half
//! hours and do in 62 %). By inputs, where the answers alone say little: before the
//! reform (0.094 by `nswprice`, 0.045 by answer) and long after it (0.074 by time of
//! day, 0.020); flights of June by hour of departure (0.065). Quiet on all random
//! halves (at most 0.002). (Figures by inputs are of a build that read more rows.) Quiet on the loans' second half, where inputs and
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
pub mod inputs;

pub use compare::compare;
pub use inputs::{ByInput, Inputs};

use driftguard_answers::finding::About;
use driftguard_answers::{OutcomeFrame, Outcomes, Sample, Task};
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding, Status};
use serde::{Deserialize, Serialize};

/// The check `concept-drift`.
#[derive(Debug)]
pub struct ConceptDrift;

/// Bins of answers, cells of inputs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The question and its bins.
    pub outcomes: OutcomeFrame,
    /// Cells of the inputs; none where there is no question.
    pub inputs: Inputs,
}

/// Outcomes by answer, and by answer and input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// By answer.
    pub outcomes: Outcomes,
    /// By answer and input, of the rows whose inputs are read.
    pub inputs: ByInput,
}

impl Frame {
    fn validate(&self) -> Result<(), Error> {
        self.outcomes.validate()?;
        self.inputs.validate()
    }
}

impl Profile {
    /// No rows.
    pub fn new(frame: &Frame) -> Self {
        Self {
            outcomes: Outcomes::new(&frame.outcomes),
            inputs: ByInput::new(&frame.inputs),
        }
    }
}

impl Check for ConceptDrift {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, batch: &Batch) -> Result<Frame, Error> {
        let outcomes = OutcomeFrame::of(&Sample::read(batch)?, context.text("positive")?);
        let inputs = match outcomes.question.task {
            Task::None => Inputs::default(),
            _ => Inputs::fit(batch, context.count("inputs")?)?,
        };
        Ok(Frame { outcomes, inputs })
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(frame))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        if frame.outcomes.question.task == Task::None {
            return Ok(());
        }
        let placed = frame.outcomes.read(batch)?;
        let rows = u64::from(batch.rows());
        profile.outcomes.add_placed(rows, &placed);
        let frames = (&frame.inputs, &frame.outcomes);
        profile.inputs.update(frames, batch, &placed)
    }

    fn merge(
        profile: &mut Profile,
        other: Profile,
        _: &Context,
        frame: &Frame,
    ) -> Result<(), Error> {
        other.inputs.validate(&frame.inputs)?;
        profile.outcomes.merge(&other.outcomes, &frame.outcomes)?;
        profile.inputs.merge(&other.inputs, &frame.inputs)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let min_labels = context.count("min-labels")? as u64;
        compare_all(frame, reference, current, min_labels)
    }
}

/// Outcomes given the answer, and given the answer and an input.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare_all(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_labels: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.inputs.validate(&frame.inputs)?;
    current.inputs.validate(&frame.inputs)?;
    let sides = (&reference.outcomes, &current.outcomes);
    let mut findings = compare(&frame.outcomes, sides.0, sides.1, min_labels)?;
    let told = |finding: &Finding| finding.status == Status::Ok;
    if findings.first().is_some_and(told) {
        let question = &frame.outcomes.question;
        let about = About::new(question, sides.0.known(), sides.1.known());
        let frames = (&frame.inputs, &frame.outcomes);
        let inputs = (&reference.inputs, &current.inputs);
        findings.extend(inputs::compare(frames, &about, inputs.0, inputs.1));
    }
    Ok(findings)
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::ConceptDrift);
