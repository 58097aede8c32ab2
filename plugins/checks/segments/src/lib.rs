//! Which slice of two or three conditions changed by itself?
//!
//! # Layout
//!
//! - this file: the check itself.
//! - [`frame`]: conditions and outcomes. [`profile`]: a sample of coded rows.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `slice`: slices of sampled rows. `shares`: slices that grew or shrank;
//!   `quality`: slices that got worse; `alone`: one column that accounts for
//!   others.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! Columns are put into at most 8 cells (frequent values, even ranges, missing),
//! and half of `sample-rows` (16,384) to all of them are kept of either side,
//! chosen by a hash of their position.
//!
//! *Shares.* The reference's rows are weighed so that every column has its
//! current shares (raking): that is what the columns predict. A column that moved
//! so far that two fifths of the reference are lost by it (a unit, a rename, many
//! new nulls), or became constant, is a matter of that column and part of no slice. For each pair of
//! cells with `support` (1 %) of the rows, with weights w and m current rows,
//!
//! ```text
//! z = (observed - sum w) / sqrt((sum w / m + sum w^2) (1 - r) (1 - c) f)
//! ```
//!
//! where r and c are the shares of the two conditions (the adjusted residual of
//! Haberman 1973) and f, at least 1, is how much more the slice's share differs
//! between stretches of the reference than by chance. A third condition is added
//! where it keeps 80 % of the move in 60 % of the rows.
//!
//! *Errors.* A decision is wrong where it is not the label (of numbers: where it
//! is further off than four of five in the reference). Slices of one and two
//! conditions are compared with all others by odds, as in `fairness-drift`.
//!
//! | metric | nature | effect |
//! |---|---|---|
//! | `slice-share/raking/v1` | measurement | `abs(observed - expected)` less its noise: the share of all rows that moved |
//! | `slice-errors/log-odds/v1` | measurement | the share of the slice's rows that are wrong for being in it; in proportion below 5 % of the rows |
//! | `one-column-accounts/raking/v1` | supporting | |
//! | `slices-looked-at/v1` | supporting | |
//!
//! P-values are corrected by the number of slices that were looked at
//! (Bonferroni). Of slices that share most rows or both columns one is named. Errors
//! of further slices are compared with the rest without the rows of those that are
//! named: beside a slice that got much worse all others look better. A
//! slice that only repeats what its columns did is none; one column whose shares
//! account for half of what all others moved (by 3 % of the rows and more) is
//! named beside the measurements, unless another one accounts for it as well.
//!
//! # Assumptions
//!
//! Rows that follow each other do so now as in the reference.
//!
//! # Minimum n
//!
//! `min-rows` (500) sampled rows, two fifths of them effective after weighing; 50
//! judged rows of a slice on either side for errors.
//!
//! # Failure modes
//!
//! - A slice of three conditions that no two of them show is not seen, nor one
//!   with less than `support`.
//! - Where the columns by themselves moved very far, little of the reference is
//!   left to tell slices from: the finding says so.
//! - Ranges are those of the reference's cells: a slice within one is diluted.
//! - A column that left all its partners shows as several slices; `joint-drift`
//!   names the column.
//!
//! # Measured
//!
//! Real data: of loans with a fifth of the labels flipped it is slices that got
//! worse. Quiet on random halves: no alarm in 220 pairs of flights, loans, network
//! records and texts of 500 rows and more. Bounds on seeded data are in
//! `tests/slices.rs`.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`, injected by `injected.py`):
//! decisions of one carrier at one airport are turned around in a third of its
//! rows: "`carrier` = MQ and `origin` = LGA: accuracy 0.803 -> 0.574, 0.793 ->
//! 0.801 in all others" (effect 0.214, block). The checks that run by default
//! pass, all others alert and name two airports.
//!
//! *Quiet.* Flights of which most of LaGuardia's are missing: every slice that
//! shrank follows its column, none of 3,234 is named.
//!
//! # References
//!
//! Chung et al. 2019 (Slice Finder), Sagadeeva and Boehm 2021 (SliceLine): here in
//! the form of a difference between two sides. Deville, Särndal and Sautory 1993.
//!
//! # Example
//!
//! ```
//! use driftguard_check_segments::{Limits, compare, frame::Frame, profile::Profile};
//! use driftguard_distribution::coding::Values;
//! use driftguard_sdk::prelude::*;
//!
//! let column = |name: &str| Column {
//!     name: name.into(), role: Role::Feature, kind: Kind::Categorical,
//!     storage: String::new(), nullable: false, dimension: 0,
//! };
//! let words = |codes: Vec<u32>| Values::Words(codes, vec!["no".into(), "yes".into()]);
//! let card: Vec<u32> = (0..4000).map(|row| row % 2).collect();
//! let before: Vec<u32> = (0..4000).map(|row| row / 2 % 2).collect();
//! // As many as before, but rather those with a card.
//! let now: Vec<u32> = (0..4000).map(|row| u32::from(row / 2 % 5 < if row % 2 == 1 { 3 } else { 2 })).collect();
//! let sample = [(column("card"), words(card.clone())), (column("abroad"), words(before.clone()))];
//! let frame = Frame::of_sample(&sample, 24);
//! let profile = |abroad: Vec<u32>| {
//!     let mut profile = Profile::new(16_384);
//!     profile.add_values(&frame, 0, &[words(card.clone()), words(abroad)], None);
//!     profile
//! };
//! let limits = Limits { min_rows: 500, support: 0.01, top: 3 };
//! let findings = compare(&frame, &profile(before), &profile(now), limits)?;
//! assert!(matches!(&findings[0].subject, Subject::Segment(_)));
//! assert!(findings[0].effect > 0.03 && findings[0].p_value < Some(1e-9));
//! # Ok::<(), Error>(())
//! ```

mod alone;
pub mod compare;
mod description;
pub mod frame;
pub mod profile;
mod quality;
mod shares;
mod slice;

pub use compare::compare;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

use crate::frame::Frame;
use crate::profile::Profile;

/// The check `segments`.
#[derive(Debug)]
pub struct Segments;

/// What the search needs of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fewest sampled rows on either side.
    pub min_rows: u64,
    /// Least share of the rows of a slice, 0 to 1.
    pub support: f64,
    /// Slices that are named of either kind.
    pub top: usize,
}

impl Check for Segments {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Frame::fit(sample, context.count("columns")?)
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
            min_rows: context.count("min-rows")? as u64,
            support: context.number("support")?,
            top: context.count("top")?,
        };
        compare(frame, reference, current, limits)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Segments);
