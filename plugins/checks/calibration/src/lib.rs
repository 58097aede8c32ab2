//! `calibration`: do scores mean what they say?
//!
//! # Layout
//!
//! - [`profile`]: bins of the score, and scores of both classes over them.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! Of two classes with a score within 0 and 1. *fit* cuts the scores of the
//! reference into 15 bins of equal mass; *profile* sums scores and their squares
//! by class and bin, in integers. With `w` a bin's share of the rows, `s` its
//! mean score and `y` its share of positives:
//!
//! | metric | nature | what |
//! |---|---|---|
//! | `calibration-error/equal-mass15/debiased/v1` | measurement | `sum w abs(y - s)`, each gap less what noise adds to its square; now less in the reference |
//! | `calibration-in-the-large/v1` | supporting | share of positives less mean score |
//! | `calibration-slope/v1` | supporting | slope and intercept of the logit of `y` over the logit of `s` |
//! | `brier-parts/equal-mass15/v1` | supporting | reliability, resolution, uncertainty |
//! | `spiegelhalter-z/v1` | supporting | `sum (y - s)(1 - 2 s)` over its deviation |
//!
//! The effect is the rise of the error, less the mean of what seems to rise when
//! nothing changed: the share of rows by which scores are further off than they
//! were. A model that never was calibrated is held against itself. The p-value
//! is that of a chi-square over the bins' gaps `y - s`, now against the
//! reference's.
//!
//! # Assumptions
//!
//! Rows are independent; those with labels are like those without.
//!
//! # Minimum n
//!
//! `min-labels` (500) rows with label and score on either side.
//!
//! # Failure modes
//!
//! - Within a bin, scores that are off up for some and down for others cancel.
//! - An error may stay as large and turn its sign: then the effect is 0; see
//!   `concept-drift`, which looks at what outcomes became.
//! - Several classes, and numbers, are not looked at.
//!
//! # Measured
//!
//! `tests/measured.rs`: 300 pairs of equal law (1,000 rows a side, right scores)
//! give p < 0.05 in at most 27 and an effect that alerts in at most 3; rates that
//! are off by 0.12 are found in at least 48 of 50 pairs of 2,000 rows.
//!
//! Real flights: scores that were off by 0.002 in the winter are off by 0.10 in
//! April, when the outputs alone say nothing of it. It stays quiet on the random
//! halves of flights and loans, on the loans' first half, and on the electricity
//! market, whose scores were off by 0.11 in the reference as well.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`): flights of April are called
//! late too rarely: scores are off by 0.102 of the rows, 0.002 in the
//! reference. That outputs moved and answers got worse others say, too; that
//! scores mean something else now only this check does.
//!
//! *Quiet.* The electricity market a year and a half later: inputs moved, and
//! scores are off by 0.102 as they were.
//!
//! # References
//!
//! Naeini, Cooper and Hauskrecht 2015; Kumar, Liang and Ma 2019; Murphy 1973;
//! Spiegelhalter 1986; Cox 1958.
//!
//! # Example
//!
//! ```
//! use driftguard_answers::{Sample, Values};
//! use driftguard_check_calibration::{Frame, Profile, compare};
//!
//! // Of 100 rows with score k / 100, k come true; then only half of them.
//! let side = |of: u32| Sample {
//!     label: Some(("paid".into(), Values::Numbers((0..10_000).map(|i| f64::from(u8::from(i / 100 * of < i % 100))).collect()))),
//!     prediction: None,
//!     score: Some(("score".into(), Values::Numbers((0..10_000).map(|i| f64::from(i % 100) / 100.0).collect()))),
//!     ..Sample::default()
//! };
//! let frame = Frame::of(&side(1), "");
//! let profile = |of| {
//!     let mut profile = Profile::new(&frame);
//!     profile.add(&frame, 10_000, &side(of));
//!     profile
//! };
//! let findings = compare(&frame, &profile(1), &profile(2), 500)?;
//! assert!((findings[0].effect - 0.25).abs() < 0.02);
//! assert!(findings[0].message.ends_with("they say too much"));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;
pub mod profile;

pub use compare::compare;
pub use profile::{Frame, Profile};

use driftguard_answers::Sample;
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `calibration`.
#[derive(Debug)]
pub struct Calibration;

impl Check for Calibration {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, batch: &Batch) -> Result<Frame, Error> {
        Ok(Frame::of(&Sample::read(batch)?, context.text("positive")?))
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
driftguard_sdk::export_check!(crate::Calibration);
