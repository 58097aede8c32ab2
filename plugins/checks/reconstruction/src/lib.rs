//! `reconstruction`: do the numeric columns still fit together?
//!
//! # Layout
//!
//! - [`frame`]: standardisation and components of the reference.
//! - [`profile`]: errors over a thinned sample.
//! - [`read`]: rows out of a batch.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! *fit* standardises the numeric columns (cut at 6 deviations, what is missing
//! is the mean) and takes the fewest principal components that hold `variance`
//! (65 %) of the second moment. The error of a row is the root of the mean
//! square of what the components leave over. *profile* counts the errors of a
//! uniform sample of rows over the deciles of the reference's errors.
//!
//! | metric | nature | statistic | effect |
//! |---|---|---|---|
//! | `reconstruction-error/tv/q10ref/v1` | measurement, dataset | total variation over the deciles | the same, less its mean by chance |
//!
//! Components fit the rows that they were made of better than new ones. The
//! sample is therefore cut in two halves by a hash of each row's own values,
//! with components of each, and every row, of either side, is measured by
//! those of the half that it would not be in.
//!
//! # Assumptions
//!
//! Rows are independent. Relations are linear.
//!
//! # Minimum n
//!
//! `min-rows` (200) rows on either side; three numeric columns that vary.
//!
//! # Failure modes
//!
//! - A relation inside what the components hold may change without any error
//!   (a correlation that becomes stronger makes errors smaller and is seen; one
//!   that turns within the plane of the components is not).
//! - Many missing values are set to the mean and make errors smaller:
//!   `completeness` names them.
//! - Without relations (independent columns) it sees changes of spread only.
//! - A side that lacks a column is not measured; at most 64 columns.
//!
//! # Measured
//!
//! Tests in `tests/`: on 300 pairs of equal law (12 columns, 3 factors, 300
//! rows a side, frame of the first) p < 0.05 in at most 8 %, noise within 10 %;
//! a column shuffled against its rows, and an exchanged pair of columns, are
//! found in all of 20 runs with every marginal as it was, and the shuffled
//! column is named.
//!
//! Real tables: 90 random halves of 4,000 + 4,000 rows, p < 0.05 in 3, none
//! alerts. An hour that no longer fits its flights (UTC for local time) moves
//! 13 % of the rows.
//!
//! *Cost*: 0.15 s of processor time for 1M + 1M rows of 20 numeric columns; a
//! comparison takes less than 1 ms.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`): hours taken from UTC, of 13
//! % of the rows that no longer fit, most in `sched_dep_hour` (effect 0.126);
//! distances in kilometres, most in `air_time` and `distance` (0.113). No pair
//! of the collection is found by this check alone.
//!
//! *Quiet.* Loans of the second half: car values doubled, and the columns fit
//! each other as before (0.009).
//!
//! # References
//!
//! Pearson 1901; Jackson and Mudholkar, "Control Procedures for Residuals
//! Associated With Principal Component Analysis", 1979; Rabanser, Guennemann
//! and Lipton, "Failing Loudly", 2019.
//!
//! # Example
//!
//! ```
//! use driftguard_check_reconstruction::{compare, Frame, Profile};
//!
//! let number = |i: u32, k: f64| (f64::from(i) * k).sin();
//! let row = |i: u32| [number(i, 1.0), number(i, 1.0) + 0.1 * number(i, 0.7), number(i, 1.0) + 0.1 * number(i, 0.3)];
//! let columns: Vec<(String, Vec<f64>)> =
//!     (0..3).map(|c| (format!("x{c}"), (0..500).map(|i| row(i)[c]).collect())).collect();
//! let frame = Frame::of_columns(&columns, 0.65);
//! // The last column comes from another row.
//! let side = |lag: u32| {
//!     let mut profile = Profile::new(4096);
//!     for i in 0..500 {
//!         let values = [row(i)[0], row(i)[1], row(i + lag)[2]];
//!         profile.add(&frame, i.into(), values.into_iter());
//!     }
//!     profile
//! };
//! let findings = compare(&frame, &side(0), &side(3), 200)?;
//! assert!(findings[0].effect > 0.7);
//! assert!(findings[0].message.contains("most in `x2`"));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;
pub mod frame;
pub mod profile;
pub mod read;

pub use compare::compare;
pub use frame::Frame;
pub use profile::Profile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `reconstruction`.
#[derive(Debug)]
pub struct Reconstruction;

impl Check for Reconstruction {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        read::fit(&context.columns, sample, context.number("variance")?)
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(context.count("sample-rows")? as u64))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        read::update(profile, frame, batch)
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
        compare(frame, reference, current, context.count("min-rows")? as u64)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Reconstruction);
