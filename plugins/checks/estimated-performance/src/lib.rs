//! How good are the answers, as far as it shows without labels?
//!
//! # Layout
//!
//! - this file: the check itself.
//! - `frame`: what is estimated, and the codings of the inputs; `profile`: a
//!   sample of rows; `read`: rows out of a batch.
//! - `compare`: what is common to all estimates, and how they become findings.
//! - `classes`: answers with scores (CBPE, PAPE). `losses`: all others (DLE).
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! Labels are known in the reference. *fit* sees what kind of answers there
//! are. *profile* keeps `sample-rows` rows of each side, those with the
//! smallest hashes of position. *compare*:
//!
//! - Two labels and a score: scores are calibrated on the reference, by rising
//!   steps over 20 bins (pool adjacent violators); without weights only if that
//!   lowers the Brier score on rows held out, else they are taken as they are. A current row with the
//!   calibrated chance `g` is expected to be positive with `g`: accuracy
//!   `mean(answer ? g : 1 - g)`, AUC by fractional sorting, F1. That is CBPE.
//!   PAPE calibrates on the reference weighted by the density ratio of current
//!   to reference rows, out of fold from boosted trees on inputs and score.
//! - Otherwise: a tree foretells the loss from inputs and answer (DLE); of
//!   classes the loss is 0 or 1, of numbers the absolute error.
//!
//! | metric | nature | statistic |
//! |---|---|---|
//! | `accuracy/pape/v1`, `auc/pape/v1` | measurement | `0.10 (reference - current) / material-drop` |
//! | `accuracy/cbpe/v1`, `auc/cbpe/v1` | supporting beside PAPE, a measurement where weights were not learnt | the same |
//! | `f1/pape/v1`, `f1/cbpe/v1` | supporting | the same |
//! | `accuracy/dle/v1` | measurement | the same |
//! | `mae/dle/v1` | measurement | `0.10 (current / reference - 1) / material-growth` |
//!
//! The effect is the statistic where it is positive: a fall of accuracy or AUC
//! by 0.03 is 0.10. The fall is that of two estimates made in the same way, the
//! reference's and the current one's, so what calibration leaves over cancels;
//! the message counts it from what was measured in the reference. Noise, p-value and interval come from 100 replicates of
//! the rows of both sides (Poisson bootstrap); the weights and the tree stay as
//! they are in them. Weights follow the rows that chance put into both samples,
//! which such replicates do not show: the variance that both would have if they
//! were measured by labels is added for PAPE.
//!
//! # Assumptions
//!
//! **Valid under covariate shift only; blind to concept drift**: rows with equal
//! inputs have labels by the law that they had. Every message says so. CBPE
//! needs more: rows with equal *score* do. No estimate proves that answers are
//! good, and the host takes none for a proof.
//!
//! # Minimum n
//!
//! `min-rows` (300) rows with a label in the reference and as many answers now;
//! 1,000 of either for weights. If the weights are worth fewer than 100
//! effective rows, or 1 % of them, or the density ratio says that the reference
//! has rows for less than half of the current ones, the weighted estimate is
//! refused ("insufficient data").
//!
//! # Failure modes
//!
//! - Concept drift is not seen, by construction (a test holds it to that).
//! - An input that is not among the columns and moved is concept drift here.
//! - Where half of the current rows have labels nothing is estimated:
//!   `performance` measures. `when-labelled` estimates anyhow, reported only.
//! - More than two labels with scores: only the loss of the class is foretold.
//!
//! # Measured
//!
//! Tests in `tests/oracle.rs`, 100,000 rows a side with a score that knows of
//! one input of two: after a shift of both inputs the truth is .7825, CBPE says
//! .741, PAPE .7835 within .006, with a third of the rows effective; without
//! a shift all say .70; after a change of concept (truth .682) both still say
//! .7005, as they must. 60 pairs of equal law: p below 0.05 in at most 8.
//!
//! Car loans, second half of the later period, the label taken out: accuracy by
//! the labels .9158 (reference .9436), PAPE .9202, CBPE .9068; AUC .9597, .9662,
//! .9608. It alerts; no other check says that answers got worse. It stays quiet
//! on the first half (accuracy .9438, PAPE .9472) and the controls
//! (`tests/scenarios/unlabelled.py`).
//!
//! What it sees in part or not at all, on real data: flights of April (AUC .740
//! to .631; PAPE .661, within its noise, so a pass), attacks of new kinds
//! (accuracy .997 to .780, PAPE .931), flipped labels (nothing, by nature).
//!
//! *Cost*: 0.4 s of processor time at 50,000 + 25,000 rows of 11 columns with
//! all other checks.
//!
//! # References
//!
//! Bialek, Kivimaki, Kuberski, Perrakis, "Estimating Model Performance Under
//! Covariate Shift Without Labels", 2024; NannyML 0.13 (CBPE, DLE); Ayer et al.
//! 1955; Bickel, Brückner, Scheffer 2009; Kong 1992.
//!
//! # Example
//!
//! ```
//! use driftguard_check_estimated_performance::{Asked, Frame, Profile, Row, Task, compare};
//! use driftguard_sdk::prelude::*;
//!
//! // Scores that are chances: those near 0 and 1 are right more often.
//! let frame = Frame {
//!     task: Task::Scored { positive: "1".into() },
//!     score: "chance".into(),
//!     ..Frame::default()
//! };
//! let side = |sharp: f64, labels: bool| {
//!     let mut profile = Profile::new(5000);
//!     for position in 0..2000_u64 {
//!         let place = (position % 100) as f64 / 99.0 - 0.5;
//!         let score = 0.5 + place * sharp;
//!         let label = f64::from(u8::from((position * 37 % 101) as f64 / 101.0 < score));
//!         profile.add(Row {
//!             position,
//!             codes: vec![],
//!             score,
//!             positive: score >= 0.5,
//!             outcome: labels.then_some(label),
//!         });
//!     }
//!     profile
//! };
//! let context = Context::new(vec![], &driftguard_check_estimated_performance::describe().settings, vec![]);
//! let asked = Asked::of(&context)?;
//! let findings = compare(&frame, &side(0.9, true), &side(0.3, false), asked)?;
//! assert!(findings[0].message.contains("blind to concept drift"));
//! assert!(findings[0].effect > 0.3);
//! # Ok::<(), Error>(())
//! ```

pub mod classes;
pub mod compare;
mod description;
pub mod frame;
mod losses;
pub mod profile;
pub mod read;

pub use compare::{Asked, compare};
pub use frame::{Frame, Task};
pub use profile::{Profile, Row};

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// What the check says about itself.
pub fn describe() -> Descriptor {
    description::descriptor()
}

/// The check `estimated-performance`.
#[derive(Debug)]
pub struct EstimatedPerformance;

impl Check for EstimatedPerformance {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        describe()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        read::fit(context, sample)
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(context.count("sample-rows")?))
    }

    fn update(
        profile: &mut Profile,
        context: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        read::update(profile, context, frame, batch)
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
        compare(frame, reference, current, Asked::of(context)?)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::EstimatedPerformance);
