//! Do columns still hang together as they did?
//!
//! # Layout
//!
//! - this file: the check itself.
//! - [`frame`]: which pairs are watched.
//! - [`profile`]: counts over the cells of each pair.
//! - [`compare`]: two profiles into findings.
//! - [`blame`]: from broken pairs to the columns that left.
//! - `words`, `description`: messages, and what the check says about itself.
//!
//! # Method
//!
//! *fit* puts every column into at most `cells` (6) cells: numbers into even
//! ones, the most frequent categories and all others, hour of the day and
//! weekday of timestamps. Of all pairs it watches the `pairs` (64) strongest,
//! by total variation between the joint table and the product of its margins,
//! and the `partners` (2) strongest of each column. *profile* counts each
//! pair. *compare* carries the reference's table over to the current margins
//! (iterative proportional fitting keeps all odds ratios) and measures
//!
//! | metric | subject | statistic | effect |
//! |---|---|---|---|
//! | `relation/tv-cells6/v1` | pair | `sum abs(q - p') / 2`, p' the fitted reference | less its mean under "nothing changed" |
//! | `relations-of-column/tv-cells6/v1` | column | mean of the above over its pairs, weighed by strength | the same |
//!
//! so an effect is the share of rows that are out of step beyond what either
//! column does by itself. A column most of whose relations broke is named as
//! the one that left; its pairs then only support that. Pairs with a part of a
//! timestamp carry it in the metric (`.../hour-value/v1`). Messages tell the
//! rank correlation, or Cramér's V, of both sides.
//!
//! # Assumptions
//!
//! Noise and p-values take rows as independent. The noise of a column is an
//! upper bound: its relations are taken as moving together.
//!
//! # Minimum n
//!
//! `min-rows` (200) rows with both values on each side.
//!
//! # Measured
//!
//! Seeded tests: at 5 % the pair test fires in 4 to 7 % of 400 unchanged tables
//! (2 to 8 cells, 300 to 6000 rows, correlation 0 to 0.95); all findings of
//! unchanged tables of six columns together, corrected for their number, in 7
//! of 150. A correlation of 0.5 that became 0.3 is found at 1 % in 60 of 100
//! tables of 1000 rows a side.
//!
//! Real data: no alarm on 200 pairs of random halves (flights, loans, network
//! records, electricity; 750 to 4000 rows a side). One column shuffled over its
//! rows, labels one row off, five weather columns in other rows and hours taken
//! from UTC are found for the column or group that did it; a quiet case is any
//! control. Two weakly related columns exchanged are found for one of the two.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): temperatures of other rows. Every column is as it was, and
//! all other checks pass: "`temp` left its partners: 7 of 7 relations broke"
//! (effect 0.096). Hours taken from UTC: 11 of 11 relations of `sched_dep_hour`
//! broke (0.354). Timestamps five hours behind: all 7 of the hour of
//! `time_hour` (0.448).
//!
//! *Quiet.* Flights of which most of one airport's are missing: 2.7 % of the
//! rows at most are out of step.
//!
//! # Failure modes
//!
//! - A relation that was too weak to be watched may change unseen; the finding
//!   `relations-watched` lists what is watched.
//! - A category with no frequent values (an id) has no cells.
//! - Relations among three columns that no two of them show are not seen.
//! - A strong move of a margin puts most rows into few cells, where little is
//!   left of a relation to be compared: effects get smaller, noise larger.
//! - Beyond `values-per-row` (6) watched columns rows are sampled in blocks; only
//!   the start of the stream (6 MiB of values) is read in full.
//! - Single days differ in their relations more than chance (weather): only
//!   the host's calibration over periods knows by how much.
//!
//! # References
//!
//! Deming and Stephan 1940; Haberman 1973; Bergsma 2013; Spearman 1904: see
//! `driftguard_statistics::relation`.
//!
//! # Example
//!
//! ```
//! use driftguard_check_joint_drift::{JointDrift, coding::Values, frame::{Choice, Frame}, profile::Profile};
//! use driftguard_sdk::prelude::*;
//!
//! let column = |name: &str| Column {
//!     name: name.into(), role: Role::Feature, kind: Kind::Numeric,
//!     storage: "Float64".into(), nullable: false, dimension: 0,
//! };
//! let hours: Vec<f64> = (0..2400).map(|i| f64::from(i * 7 % 24)).collect();
//! let light: Vec<f64> = hours.iter().map(|hour| 12.0 - (hour - 12.0).abs()).collect();
//! // A join that went wrong: the same values, in other rows.
//! let moved: Vec<f64> = (0..2400).map(|i| light[(i + 5) % 2400]).collect();
//! let before = [Values::Numbers(hours.clone()), Values::Numbers(light)];
//! let now = [Values::Numbers(hours), Values::Numbers(moved)];
//! let choice = Choice { pairs: 64, partners: 2, cells: 6, values: 6 };
//! let frame = Frame::of_sample(&[column("hour"), column("light")], &before, choice);
//! let profile = |values: &[Values]| {
//!     let codes: Vec<_> = frame.codings.iter().zip(values).map(|(coding, values)| coding.codes(values)).collect();
//!     let mut profile = Profile::new(&frame);
//!     profile.add(&frame, &codes, 2400).map(|()| profile)
//! };
//! let context = Context::new(vec![], &JointDrift::describe().settings, vec![]);
//! let findings = JointDrift::compare(&context, &frame, &profile(&before)?, &profile(&now)?)?;
//! assert!(findings[1].effect > 0.3);
//! assert!(findings[1].message.starts_with("`hour` and `light` are out of step"));
//! # Ok::<(), Error>(())
//! ```

pub mod blame;
pub mod compare;
mod description;
pub mod frame;
pub mod profile;
mod words;

pub use driftguard_distribution::{coding, rows};

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

use crate::coding::Values;
use crate::frame::{Choice, Frame};
use crate::profile::Profile;

/// Bytes of the sample that are read to choose pairs.
const SAMPLE_BYTES: usize = 8 << 20;
/// Most rows of it: more do not tell strong pairs from weak ones any better.
const SAMPLE_ROWS: usize = 16_384;

/// The check `joint-drift`.
#[derive(Debug)]
pub struct JointDrift;

impl Check for JointDrift {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        let choice = Choice {
            pairs: context.count("pairs")?,
            partners: context.count("partners")?,
            cells: context.count("cells")?,
            values: context.count("values-per-row")? as u64,
        };
        let mut columns = sample.columns();
        let all = columns.len();
        columns.truncate(context.count("columns")?);
        let rows = (SAMPLE_BYTES / 8 / columns.len().max(1)).min(SAMPLE_ROWS);
        let mut values = vec![];
        for column in &columns {
            let read = Values::sampled(sample, &columns, &column.name, rows as u32)?;
            values.push(read);
        }
        let mut frame = Frame::of_sample(&columns, &values, choice);
        frame.left_out = (all - columns.len()) as u32;
        Ok(frame)
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
        let min_rows = context.count("min-rows")? as u64;
        compare::compare(frame, reference, current, min_rows, context.count("cells")?)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::JointDrift);

#[cfg(test)]
mod tests;
