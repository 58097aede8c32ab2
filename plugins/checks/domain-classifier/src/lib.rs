//! `domain-classifier`: can a small model tell reference from current rows?
//!
//! # Layout
//!
//! - [`frame`]: how each column becomes a code.
//! - [`profile`]: a sample of coded rows.
//! - [`read`]: codes out of a batch.
//! - [`compare`](mod@compare): training and measuring by blocks.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! *fit* freezes the deciles of numeric columns; up to 14 categories have a
//! code each, of more only those with a tenth of the rows, and the others share
//! the codes that are left by their hash (the most frequent ones of a sample
//! would be frequent by chance in it, and tell it from any other data). *profile* keeps the codes of `sample-rows` rows
//! of each side, those with the smallest hashes of position. *compare* cuts
//! each side into five contiguous blocks, trains boosted trees of two levels
//! (`driftguard_statistics::boosted`) on the first ones, and measures the area
//! under the ROC curve on the next, for the second to the fifth:
//!
//! | metric | nature | statistic | effect |
//! |---|---|---|---|
//! | `auc/boosted-trees/blocks5/v1` | measurement, dataset | `2 AUC - 1`, mean of the four, weighted 1 to 4 | the same, not below 0 |
//! | `importance/gain/v1` | supporting, the three columns that tell most | share of the gain | its part of the effect |
//!
//! Nothing learnt by heart counts on rows that come later: if nothing changed
//! the statistic is 0 on average and needs no correction, and the variances of
//! the Mann-Whitney statistics of the four blocks add up (Dawid's prequential
//! principle; leaving out each block in turn has up to twice that variance).
//!
//! # Assumptions
//!
//! Rows are independent, or depend on neighbours within a block.
//!
//! # Minimum n
//!
//! `min-rows` (200) rows on either side.
//!
//! # Failure modes
//!
//! - A column that grows with time (an index, a counter) tells the sides apart
//!   without any harm: give it the role `id` or `ignore`.
//! - What changes only in combination, while no column does by itself, may
//!   find no first split; `joint-drift` looks at pairs.
//! - Small changes within a tenth of a column are not seen.
//! - A column that either side lacks is not used; `schema` names it.
//! - At most 128 columns, the first of the reference.
//!
//! # Measured
//!
//! Tests in `tests/`: on 300 pairs of equal law (6 columns, 400 rows a side)
//! p < 0.05 in 1 to 8 %, the mean statistic is within 0.01 of 0 and its
//! deviation within 20 % of the noise; ten columns that each move by a quarter
//! of a deviation, and a category that becomes frequent (900 rows a side), are
//! found in all of 20 runs, and that column is named.
//!
//! Real tables (flights, car loans, network connections): 90 random halves of
//! 4,000 + 4,000 rows have standardised statistics of mean 0.05 and deviation
//! 1.0, and one of them alerts. The months of a year of flights are told from
//! its first quarter with an area of 0.64 to 0.98.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`): one number for all columns
//! together: flights of LaGuardia that did not arrive move 21 % of the rows,
//! the column most moved 17 %. No pair of the collection is found by this check
//! alone: what moves several columns a little moves rows no further than one of
//! them where the columns go together.
//!
//! *Quiet.* Temperatures, or all of the weather, of other rows (0.000): no
//! column moved, and `joint-drift` finds it.
//!
//! *Cost*: 0.2 s of processor time for 1M + 1M rows of 30 columns; a comparison
//! takes 10 ms at 14 columns.
//!
//! # References
//!
//! Lopez-Paz and Oquab, "Revisiting Classifier Two-Sample Tests", 2017;
//! Dawid, "Present Position and Potential Developments: Some Personal Views:
//! Statistical Theory: The Prequential Approach", 1984; Friedman, "Greedy
//! Function Approximation: A Gradient Boosting Machine", 2001; Mann and Whitney
//! 1947.
//!
//! # Example
//!
//! ```
//! use driftguard_check_domain_classifier::frame::{Coding, ColumnFrame};
//! use driftguard_check_domain_classifier::{compare, Frame, Profile};
//!
//! let coding = Coding::of_numbers((0..100).map(f64::from).collect());
//! let frame = Frame {
//!     columns: vec![ColumnFrame { name: "age".into(), coding: coding.clone() }],
//!     left_out: 0,
//! };
//! let side = |older: u64| {
//!     let mut profile = Profile::new(1000);
//!     for row in 0..400 {
//!         profile.add(row, vec![coding.number((row * 37 % 100 + older) as f64)]);
//!     }
//!     profile.note_columns(&[true]);
//!     profile
//! };
//! let findings = compare(&frame, &side(0), &side(30), 200, 24)?;
//! assert!(findings[0].effect > 0.3 && findings[0].p_value < Some(1e-9));
//! assert!(findings[0].message.ends_with("most by `age`"));
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

/// The check `domain-classifier`.
#[derive(Debug)]
pub struct DomainClassifier;

impl Check for DomainClassifier {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        read::fit(&context.columns, sample)
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(context.count("sample-rows")?))
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
        let min_rows = context.count("min-rows")? as u64;
        compare(frame, reference, current, min_rows, context.count("trees")?)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::DomainClassifier);
