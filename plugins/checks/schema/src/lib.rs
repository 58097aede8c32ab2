//! `schema`: are the columns the same, of the same types and units?
//!
//! # Layout
//!
//! - [`profile`]: the columns of one side, with a sample of each numeric one.
//! - [`compare`](mod@compare): gone, added, retyped and reordered columns.
//! - `units`: columns whose unit looks changed.
//! - `names`: names of roles and kinds, families of storage types.
//! - `words`: numbers in messages.
//!
//! # Method
//!
//! | metric | nature | effect |
//! |---|---|---|
//! | `column-gone/v1` | fault | 1 |
//! | `column-added/v1` | fault | 0.05 |
//! | `column-retyped/v1` | fault | 1; 0 within a family of types |
//! | `columns-reordered/v1` | fault, of the dataset | 0 |
//! | `unit-suspect/v1` | fault | 1 |
//!
//! Integers, floats and decimals of all widths are one family, so are text
//! and dictionaries of text, and instants of every resolution. A unit is
//! suspected where one of the maps that engineers make by accident
//! (`current = scale * reference + offset`) carries the 10, 25, 50, 75 and
//! 90 % quantiles of the reference onto those of current at least five times
//! better than no change does. Quantiles come from a bottom-k sample of 512
//! values a side, whose median has a standard error of 2.2 % in rank.
//!
//! # Assumptions
//!
//! Columns are told apart by name.
//!
//! # Minimum n
//!
//! `min-values` (50) sampled values on either side for units, one row for the
//! rest.
//!
//! # Failure modes
//!
//! - A renamed column is one gone and one added.
//! - A unit that changed together with the law of the values is not recognised.
//!   Columns that the policy ignores are listed with effect 0. Units of
//!   predictions, scores, labels and ids are never suspected.
//!
//! # Measured
//!
//! *Power and false alarms.* Of units of outcomes, ids and ordinary drift none
//! is suspected (unit tests). No alarm on 110 random halves of real data
//! (`tests/scenarios/halves.py`).
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): flights without `humid`. Without it the run alerts and names
//! another column; with it it blocks: "`humid` (feature, Float64) is not in the
//! current data".
//!
//! *Quiet.* April to December of the flights: the same columns and types,
//! whatever their values.
//!
//! # References
//!
//! - Cohen and Kaplan, "Summarizing Data using Bottom-k Sketches", 2007.
//! - Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996.
//!
//! # Example
//!
//! ```
//! use driftguard_check_schema::{compare, Profile};
//! use driftguard_sdk::prelude::{Column, Kind, Role};
//!
//! let column = |name: &str| Column {
//!     name: name.into(), role: Role::Feature, kind: Kind::Numeric,
//!     storage: "Int64".into(), nullable: false, dimension: 0,
//! };
//! let (mut reference, mut current) = (Profile::default(), Profile::default());
//! reference.add(&[column("age"), column("income")], 100)?;
//! current.add(&[column("age")], 100)?;
//! let findings = compare(&reference, &current, 50);
//! assert_eq!(findings[0].message, "`income` (feature, Int64) is not in the current data");
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod names;
pub mod profile;
mod units;
#[allow(dead_code)]
#[path = "../../completeness/src/words.rs"]
mod words;

#[cfg(test)]
mod tests;

pub use compare::compare;
pub use profile::{Profile, Seen};

use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role, Setting,
};

use crate::profile::SAMPLE;

/// The check; see the crate.
#[derive(Debug)]
pub struct Schema;

const SUMMARY: &str = "Columns that are gone, new, of another type or in another order, and numeric \
    columns whose values look as if their unit had changed (Fahrenheit to Celsius, dollars to cents).";

impl Check for Schema {
    type Frame = ();
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("schema", "Columns, types and units")
            .version(env!("CARGO_PKG_VERSION"))
            .state_format(3)
            .summary(SUMMARY)
            .dataset()
            .roles(&[
                Role::Feature,
                Role::Prediction,
                Role::Score,
                Role::Label,
                Role::Timestamp,
                Role::Id,
                Role::Segment,
                Role::Text,
                Role::Embedding,
                Role::Weight,
                Role::Ignore,
            ])
            .kinds(&[
                Kind::Numeric,
                Kind::Categorical,
                Kind::Text,
                Kind::Timestamp,
                Kind::Embedding,
                Kind::Other,
            ])
            .setting(Setting::integer(
                "min-values",
                50,
                (10, SAMPLE as i64),
                "Fewest sampled values of a column on either side to suspect its unit.",
            ))
            .risk(Risk::Operational)
            .reference("Cohen and Kaplan, Summarizing Data using Bottom-k Sketches, 2007")
            .reference("Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996")
            .build()
    }

    fn update(profile: &mut Profile, _: &Context, _: &(), batch: &Batch) -> Result<(), Error> {
        profile.add(&batch.columns(), u64::from(batch.rows()))?;
        for (index, column) in (0_u32..).zip(&mut profile.columns) {
            if column.is_sampled() {
                let values = batch.sample(index, SAMPLE as u32, column.below())?;
                column.add(&batch.summary(index)?, &values);
            }
        }
        Ok(())
    }

    fn merge(profile: &mut Profile, other: Profile, _: &Context, _: &()) -> Result<(), Error> {
        profile.merge(other)
    }

    fn compare(
        context: &Context,
        _: &(),
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        reference.validate()?;
        current.validate()?;
        Ok(compare(reference, current, context.count("min-values")?))
    }
}

// The names of the exports are none that a native linker takes.
#[cfg(target_arch = "wasm32")]
driftguard_sdk::export_check!(crate::Schema);
