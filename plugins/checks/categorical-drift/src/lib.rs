//! Did the shares of a categorical column's values change?
//!
//! # Layout
//!
//! - this file: the check itself, thin over `driftguard-distribution`, where
//!   frame, profile and comparison are (`driftguard_distribution::categorical`).
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! *fit* lists the `categories` most frequent values of a sample of the
//! reference. *profile* counts all rows over them, and the others one by one
//! while there are at most 256 of them. *compare* measures `tv/values/v1`,
//! the share of rows that changed their value: `sum abs(q - p) / 2`, less its
//! mean under "nothing changed" (exact for rare values). Its p-value is that
//! of the chi-square test of homogeneity, values that expect fewer than 5 rows
//! on a side put together. Beside it, never deciding: chi-square, Cramér's V
//! (bias-corrected), PSI, Jensen-Shannon, Hellinger, largest change. With the
//! setting `convention` the numbers of Evidently, NannyML or TFDV stand beside
//! ours (`driftguard_distribution::convention`, `docs/conventions.md`).
//!
//! Where both sides are known value by value, each value is a cell of its own.
//! Otherwise only values that chance could not have kept off the list are; the
//! rest is one cell. Which is which depends on both sides together, so that a
//! column of thousands of rare values does not alarm because the list was made
//! from one side (see `categorical::cells` there).
//!
//! # Assumptions
//!
//! P-value and noise take rows as independent.
//!
//! # Minimum n
//!
//! `min-rows` (50) values on each side, else "insufficient data".
//!
//! # Failure modes
//!
//! - Nulls are no category: `completeness` speaks of them. An empty text is one.
//! - A column with one value on both sides is degenerate.
//! - Changes among values that are all rarer than some 10 rows in 65,536 of
//!   the reference are not seen; that new values came is.
//! - With very many values and few rows the corrected effect is too small
//!   rather than too large.
//!
//! # Measured
//!
//! *False alarms and power.* `tests/scenarios/quality.rs`: of ten pairs of
//! 1,000 rows of 50 categories, and nine of up to 20,000 rows of 1,000
//! categories, none alarms; a third of the rows in one category blocks.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`): flights of which only 30 %
//! of LaGuardia's rows arrived: `origin` went from 30 % to 12 % (effect 0.173).
//! Without it the distances and times of flight are suspected, which only
//! follow (0.064).
//!
//! *Quiet.* Two years of bicycle rides: rides grew by two thirds, seasons and
//! weekdays have the shares they had (0.000).
//!
//! # References
//!
//! Pearson 1900; Bergsma 2013; Yurdakul and Naranjo 2020; Lin 1991: see the
//! functions of `driftguard-statistics`.
//!
//! # Example
//!
//! ```
//! use driftguard_check_categorical_drift::CategoricalDrift;
//! use driftguard_distribution::{CategoricalFrame, CategoricalProfile};
//! use driftguard_sdk::prelude::*;
//!
//! let frame = CategoricalFrame::of_values(vec![("JFK".into(), 60), ("LGA".into(), 40)], 100, 1000);
//! let profile = |jfk: usize, lga: usize| {
//!     let values = std::iter::repeat_n(Some("JFK"), jfk).chain(std::iter::repeat_n(Some("LGA"), lga));
//!     let mut profile = CategoricalProfile::new(&frame);
//!     profile.add_values(&frame, values).map(|()| profile)
//! };
//! let context = Context::new(vec![], &CategoricalDrift::describe().settings, vec![]);
//! let findings = CategoricalDrift::compare(&context, &frame, &profile(60, 40)?, &profile(90, 10)?)?;
//! assert!(findings[0].message.ends_with("JFK 60 % -> 90 %, LGA 40 % -> 10 %"));
//! # Ok::<(), Error>(())
//! ```

mod description;

use driftguard_distribution::categorical::{self, frame::SAMPLE_VALUES, unlisted::MOST_UNLISTED};
use driftguard_distribution::{CategoricalFrame, CategoricalProfile, convention};
use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `categorical-drift`.
#[derive(Debug)]
pub struct CategoricalDrift;

impl Check for CategoricalDrift {
    type Frame = CategoricalFrame;
    type Profile = CategoricalProfile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn validate(context: &Context) -> Result<(), Error> {
        convention::wanted(context).map(|_| ())
    }

    fn fit(context: &Context, sample: &Batch) -> Result<CategoricalFrame, Error> {
        let counts = sample.categories(0, &[], SAMPLE_VALUES)?;
        let limit = context.count("categories")?;
        Ok(CategoricalFrame::of_counts(&counts, limit))
    }

    fn admit(frame: &CategoricalFrame) -> Result<(), Error> {
        frame.validate()
    }

    fn begin(_: &Context, frame: &CategoricalFrame) -> Result<CategoricalProfile, Error> {
        Ok(CategoricalProfile::new(frame))
    }

    fn update(
        profile: &mut CategoricalProfile,
        _: &Context,
        frame: &CategoricalFrame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.add(&batch.categories(0, frame.known(), MOST_UNLISTED as u32)?)
    }

    fn merge(
        profile: &mut CategoricalProfile,
        other: CategoricalProfile,
        _: &Context,
        frame: &CategoricalFrame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &CategoricalFrame,
        reference: &CategoricalProfile,
        current: &CategoricalProfile,
    ) -> Result<Vec<Finding>, Error> {
        let column = context.columns.first().map_or("", |column| &column.name);
        let min_rows = context.count("min-rows")? as u64;
        let sides = categorical::Sides::new(column, frame, reference, current)?;
        if context.ranks_only() {
            return Ok(sides.ranked(min_rows));
        }
        let mut findings = sides.findings(min_rows);
        findings.extend(convention::categorical::findings(
            &sides,
            convention::wanted(context)?,
        ));
        Ok(findings)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::CategoricalDrift);

#[cfg(test)]
mod tests;
