//! Where in the current rows did it begin: nulls, other values, a sensor that
//! froze, a load that stopped?
//!
//! # Layout
//!
//! - this file: the check itself.
//! - [`frame`]: cells of the columns. [`profile`]: counts in blocks of rows.
//! - `series`: one column, block by block. `place`: rows and times in words.
//! - [`compare`](mod@compare): all findings. `column`: the largest change of a
//!   column; `detectors`: what ADWIN, Page-Hinkley and KSWIN say of it; `frozen`;
//!   `load`.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! Rows are counted in at most 256 blocks at fixed places of the stream, cell by
//! cell (`cells`, 6; missing values have one of their own). For missing values,
//! for every cut between cells, and for every category, `S_b` is the sum up to
//! block b of hits less rows times the overall rate r. Then
//!
//! ```text
//! t = (max S - min S) / sqrt(n r (1 - r) f) / max(1, own)
//! ```
//!
//! is the range of a Brownian bridge if nothing changed. f, the variance of sums
//! of neighbouring rows over that of independent ones, is the largest over
//! windows of 1, 2, 4 ... blocks of the *reference*; p-values account for its
//! being estimated from few windows. `own` is the same statistic of the
//! reference itself, over its mean under "nothing changed". Of the signals the
//! least likely counts, corrected for their number; the ends of its spell are then
//! set where the counts of all cells inside and outside are likeliest. A spell
//! beside which a change for good is nearly as likely is told as that: a second
//! place must add `3/2 f ln(n / f)` to the log likelihood.
//!
//! | metric | nature | subject |
//! |---|---|---|
//! | `change-point/kuiper6/v1` | measurement | column |
//! | `frozen/blocks/v1` | fault; supporting for outputs, which `output-drift` judges | column |
//! | `change-detectors/adwin-page-hinkley-kswin/v1` | supporting | column |
//! | `load-change/kuiper/v1` | supporting: `timeliness` judges gaps | timestamp |
//!
//! The effect is the share of the current rows in the spell (or outside of it,
//! whichever is less like the reference) times the total variation between the
//! two, less its noise: the share of the rows that moved.
//!
//! # Assumptions
//!
//! Rows come in the order of the files, or else there is no order and nothing to
//! find. Waves that are longer than an eighth of the reference, or than a quarter
//! of the current rows, are changes.
//!
//! # Minimum n
//!
//! `min-rows` (200) rows and 8 blocks of 16 rows and more, on each side.
//!
//! # Failure modes
//!
//! - Places are known to a block: 1/256 to 1/128 of the rows.
//! - A reference that changed within itself hides changes of that size.
//! - A value that the reference always or never holds tells nothing of how long
//!   it stays: only its missing values are followed, and it may freeze unseen.
//! - A slow trend is found late or, where the reference has it too, not at all.
//! - Of several changes of a column the largest spell is told.
//! - Beyond 48 bytes a row, rows are sampled in groups of 1,024; only the start
//!   of the stream (6 MiB of values) is read in full.
//!
//! # Measured
//!
//! Seeded tests (`tests/power.rs`): at 5 % it alarms in at most 12 of 200 unchanged
//! streams of independent rows, 18 and 24 of rows of a daily cycle that follow each
//! other by 0.9 and 0.98. Nulls in a fifth of the last third, and a move by one
//! standard deviation, are found in 40 of 40 streams of 3,000 rows, and the row
//! that is named is within 64 of where they begin in at least 38 of them (40).
//!
//! Real data: loans whose score stands still from the middle on (10,000 rows):
//! "`y_pred_proba`: froze at 0.5 from row 5057 (2018-06-03T16:39Z) on, 49 % of all
//! rows". Quiet on random halves (no alarm in 220 pairs of flights, loans, network
//! records and texts of 500 rows and more) and, beside a baseline by day, on 30
//! days of other flights: as many alerts with it as without.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`; the fault was put into
//! real flights by `injected.py`): the extracts of two sources came one after
//! the other. All shares and relations are those of the reference, every other
//! check passes: "`origin`: values LGA are 14 % before row 10113, 40 % since"
//! (effect 0.235).
//!
//! *Quiet.* The same flights in their order, and September, whose temperatures
//! are others from the first row on.
//!
//! # References
//!
//! Zhang and Siegmund, "A Modified Bayes Information Criterion with Applications
//! to the Analysis of Comparative Genomic Hybridization Data", 2007: what one
//! more place must add. See `driftguard_statistics::bridge`, `kuiper`, `adwin`, `page_hinkley`, `kswin`.
//!
//! # Example
//!
//! ```
//! use driftguard_check_change_point::{compare, frame::Frame, profile::Profile};
//! use driftguard_distribution::coding::Values;
//! use driftguard_sdk::prelude::*;
//!
//! let column = Column {
//!     name: "pressure".into(), role: Role::Feature, kind: Kind::Numeric,
//!     storage: "Float64".into(), nullable: true, dimension: 0,
//! };
//! let before: Vec<f64> = (0..4000).map(|i| 1000.0 + f64::from(i * 7919 % 1000) / 50.0).collect();
//! let mut now = before.clone();
//! now[3000..].iter_mut().step_by(3).for_each(|value| *value = f64::NAN);
//! let frame = Frame::of_sample(&[column], &[Values::Numbers(before.clone())], 6);
//! let profile = |values: Vec<f64>| {
//!     let mut profile = Profile::default();
//!     profile.add(&frame, 0, &[Some(Values::Numbers(values))], None).map(|()| profile)
//! };
//! let findings = compare(&frame, &profile(before)?, &profile(now)?, 200)?;
//! assert_eq!(
//!     findings[0].message,
//!     "`pressure`: rows without a value are 33 % from row 2993 on, 0 % before (0 % in the reference)"
//! );
//! # Ok::<(), Error>(())
//! ```

mod column;
pub mod compare;
mod description;
mod detectors;
pub mod frame;
mod frozen;
mod load;
mod place;
pub mod profile;
mod series;

pub use column::METRIC;
pub use compare::compare;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

use crate::frame::Frame;
use crate::profile::Profile;

/// The check `change-point`.
#[derive(Debug)]
pub struct ChangePoint;

impl Check for ChangePoint {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Frame::fit(sample, context.count("cells")?)
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::default())
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
        compare(frame, reference, current, context.count("min-rows")? as u64)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::ChangePoint);
