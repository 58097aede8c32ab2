//! `performance`: are the answers still right, where labels say so?
//!
//! # Layout
//!
//! - [`frame`]: question, edges of scores, units of errors, levels of segments.
//! - [`profile`]: answers counted against what came true, in integers.
//! - [`compare`](mod@compare): two profiles into findings; `classes`,
//!   `numbers` and `segments` measure, [`ranking`] scores of several classes.
//! - `description`: what the check says about itself.
//!
//! Which column is the truth and which the answer, and whether that is a
//! question of two classes, of several or of a number, is decided by
//! `driftguard-answers` on the sample of the reference.
//!
//! # Method
//!
//! Rows with a label and an answer are counted; rows whose label has not
//! arrived, or that were not answered, are left out, and how many have a label
//! is reported. Classes are counted true against predicted, scores of both
//! classes over frozen edges, losses in fixed point: all sums are integers, so
//! profiles merge exactly.
//!
//! | metric | nature | what | variance |
//! |---|---|---|---|
//! | `auc/binned/delong/v1` | measurement | area under the ROC curve, of two classes with a score | DeLong's |
//! | `auc/pairs/hand-till/v1` | measurement | of several classes with a score each: the mean over pairs of classes of the chance that a row of one has the higher score for it (M of Hand and Till) | DeLong's of each class, as if classes moved as one |
//! | `accuracy/v1` | measurement | share of right answers | of two rates; Newcombe's interval, exact p where rows are few |
//! | `mean-absolute-error/relative/v1` | measurement | for numbers: rise of the mean absolute error over the reference's | Welch's |
//! | `segment-accuracy/v1`, `segment-mean-absolute-error/v1` | measurement | of a column of role `segment` the level that got worse beyond chance the most; p times the number of levels | as above |
//! | `auc/one-against-rest/macro/v1` | supporting | of several classes: mean area of each against the rest | as above |
//! | `segment-auc/bins32/delong/v1` | measurement | the same for the area of two classes within the segment, over 32 bins of equal mass | as above |
//! | `log-loss/clip1e-15/v1`, `brier/v1`, `f1/positive/v1`, `f1/macro/v1` | supporting | of scores within 0 and 1; of classes | of means; of a share by its slope |
//! | `root-mean-squared-error/v1`, `mean-error/v1` | supporting | for numbers; answer less truth | of means |
//! | `labelled-answers/v1` | supporting | share of the answers whose label is there | |
//! | `improved/v1` | supporting | what got better beyond chance | |
//!
//! *Effect*: what got worse, less the mean of what seems to get worse when
//! nothing changed, times `0.10 / material-drop` (0.03; for the mean error
//! `0.10 / material-error`, 0.25 of the reference's). So the effect that blocks
//! by default, 0.10, says that accuracy or area fell by 0.03, or that the mean
//! error rose by a quarter. What got better has effect 0. The interval is on
//! the same scale, and so says how bad it may be at worst.
//!
//! Findings are about the pair of the label and the answer: where answers are
//! wrong, either may be.
//!
//! Of several classes the area over pairs decides, because it does not depend on
//! how frequent classes are; one class against the rest does. Scores belong to the
//! class that their column is named after (`proba_red`), see
//! `driftguard_answers::class_scores`. Log-loss is measured where the scores of
//! each row of the sample add up to 1 (within 0.02), of the score of the true
//! class. Both areas and the loss are those of scikit-learn
//! (`roc_auc_score(multi_class="ovo" or "ovr", average="macro")`, `log_loss`) to
//! 1e-9 where no class has more than 512 scores that differ.
//!
//! Without a column of predictions, scores at or above `threshold` mean yes; of
//! several classes the one with the highest score is the answer. An
//! area below a half in the reference means that low scores say yes; both are
//! then turned.
//!
//! # Assumptions
//!
//! Rows are independent of each other, and those with labels are like those
//! without: labels that arrive early are often of one kind (fraud that was
//! noticed at once). Compare sides of the same age.
//!
//! # Minimum n
//!
//! `min-labels` (100) rows with label and answer on either side; for the area
//! 10 of each class as well; 50 for a level of a segment, and 10 of each class for
//! its area.
//!
//! # Failure modes
//!
//! - Accuracy follows the shares of the classes: where one of them becomes more
//!   frequent, it moves although every row is answered as before. The area does
//!   not.
//! - Scores that share a bin count as tied; the area is off by less than 1e-4.
//! - Of several labels or predictions the first is looked at; of several scores
//!   of two classes that of the positive one. Scores of more than 12 classes are
//!   not ranked, and none are where a class of the reference has no score.
//! - A class that the reference's sample does not hold is never right.
//! - Errors of numbers 1,024 times as large as the largest of the reference
//!   count as so large.
//!
//! # Measured
//!
//! `tests/power.rs`: on 300 pairs of equal law p < 0.05 in at most 27 for each
//! metric, and an alert by this check alone (effect 0.05 and p < 0.05, without
//! the correction over all checks) in at most 21, with 150 or 1,000 rows a side;
//! a fall of the area from 0.87 to 0.80 and of accuracy by 0.06 (3,000 rows) and
//! a mean error that grew by a half (400 rows) are found in at least 47 of 50.
//!
//! `tests/classes.rs`, three classes of unequal frequency: of 200 pairs of equal
//! law (600 rows) 1 has p < 0.05 for the area over pairs (areas of one sample are
//! taken to move as one, which is on the safe side) and at most 14 alert; a fall
//! from sharpness 1.5 to 1.1 (3,000 rows) is found in at least 47 of 50. A class
//! seven times as frequent moves the area against the rest and not the one over
//! pairs.
//!
//! Real models: all 92 numbers of accuracy, area, F1 and mean error that a
//! collection of seven data sets gives for its models are reproduced
//! (`tests/scenarios/answers.py`). June and December of the flights, whose inputs
//! and outputs by themselves only alert, block because accuracy fell by 0.07 and
//! 0.08. It must stay quiet, and does, on the loans' first half and on all
//! random halves; on their second half, where inputs and outputs block, it says
//! that accuracy fell by 0.028, less than the 0.03 that count.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`): June and December of
//! the flights, and hours taken from UTC, alert without it and block with it:
//! accuracy fell from 79 % to 73 % and 71 %, the area from 0.741 to 0.673.
//!
//! # References
//!
//! DeLong, DeLong and Clarke-Pearson 1988; Hand and Till 2001; Newcombe 1998;
//! Brier 1950; Good 1952.
//!
//! # Example
//!
//! ```
//! use driftguard_answers::{Sample, Values};
//! use driftguard_check_performance::{Frame, Limits, Profile, compare};
//!
//! let truth: Vec<f64> = (0..900).map(|i| f64::from(i % 2)).collect();
//! let said = |wrong: usize| -> Vec<f64> {
//!     let flipped = |(row, bit): (usize, &f64)| if row % wrong == 0 { 1.0 - bit } else { *bit };
//!     truth.iter().enumerate().map(flipped).collect()
//! };
//! let sample = |wrong| Sample {
//!     label: Some(("late".into(), Values::Numbers(truth.clone()))),
//!     prediction: Some(("said".into(), Values::Numbers(said(wrong)))),
//!     score: None,
//!     ..Sample::default()
//! };
//! let frame = Frame::of(&sample(10), 0.5, "");
//! let profile = |wrong| {
//!     let mut profile = Profile::new(&frame);
//!     profile.add(&frame, 900, &sample(wrong), &[]).map(|()| profile)
//! };
//! // One wrong answer in ten; then one in five.
//! let findings = compare(&frame, &profile(10)?, &profile(5)?, &Limits::default())?;
//! assert_eq!(findings[0].metric, "accuracy/v1");
//! assert!(findings[0].statistic.is_some_and(|fall| (fall - 0.1).abs() < 1e-9));
//! assert!(findings[0].effect > 0.3 && findings[0].p_value < Some(1e-6));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

mod classes;
pub mod compare;
mod description;
pub mod frame;
mod numbers;
pub mod profile;
pub mod ranking;
mod segments;

pub use compare::{Limits, compare};
pub use frame::Frame;
pub use profile::Profile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `performance`.
#[derive(Debug)]
pub struct Performance;

impl Check for Performance {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Frame::fit(context, sample)
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        frame.agrees_with(context)?;
        Ok(Profile::new(frame))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(frame, batch)
    }

    fn merge(
        profile: &mut Profile,
        other: Profile,
        _: &Context,
        frame: &Frame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let limits = Limits {
            drop: context.number("material-drop")?,
            error: context.number("material-error")?,
            min_labels: context.count("min-labels")? as u64,
        };
        compare(frame, reference, current, &limits)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Performance);
