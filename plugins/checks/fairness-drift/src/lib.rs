//! Are groups still decided alike, compared with how they were?
//!
//! # Layout
//!
//! - this file: the check itself.
//! - [`frame`]: groups, and what counts as yes. [`profile`]: counts by group.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! The values of a column with the role `segment` (`segment = ["region"]` under
//! `[roles]` of the policy, or `--segment region`), or named in the setting
//! `groups`, are its groups (numbers: even ranges of the reference; rare values
//! share one group).
//! A row is decided yes if its prediction, or else its score, is at least
//! `threshold` or the positive class. For each group against all others:
//!
//! | metric | rate |
//! |---|---|
//! | `selection-rate-gap/log-odds/v1` | decided yes, of all rows |
//! | `true-positive-rate-gap/log-odds/v1` | decided yes, of rows labelled yes |
//! | `false-positive-rate-gap/log-odds/v1` | decided yes, of rows labelled no |
//!
//! "Moved alike" means that the odds ratio to the others stayed. With L the log
//! odds of a rate, the group is expected at `L_others' + L_group - L_others`; the
//! statistic is the distance of its rate from that, the p-value that of
//! `z = (L_group' - expected) / sqrt(sum 1 / (count + 1/2))` over all eight counts.
//! Messages tell rates, ratios (and whether they fell below four fifths) and
//! differences as well.
//!
//! The effect is the statistic less its mean under "moved alike": the share of
//! *the group's* rows that are decided otherwise for being of the group, so that
//! a small group counts like a large one. Subject is the segment.
//!
//! # Assumptions
//!
//! Rows are independent; decisions are made row by row.
//!
//! # Minimum n
//!
//! `min-group` (100) rows that a rate is of, in the group and in all others, on
//! each side. A column without two such groups is insufficient data.
//!
//! # Failure modes
//!
//! - It measures change: a gap that the reference has already is no finding.
//! - A gap may change because the inputs of a group moved (its rate follows its
//!   merits) and not because it is treated otherwise: the error rates tell more,
//!   and need labels.
//! - Groups that are combinations of columns are not looked at: see `segments`.
//! - Labels that arrive for some groups earlier bias their error rates.
//!
//! # Measured
//!
//! Bounds on false alarms and power are in `tests/groups.rs` and in
//! `driftguard_statistics::disparity`; end to end in `tests/scenarios/order.rs`.
//!
//! *What it adds* (`tests/scenarios/catalogue.py`, injected by `injected.py`):
//! more flights of LaGuardia are called late and fewer of Newark, as many in
//! all: of Newark's late flights 14 % are called late, 28 % before (effect
//! 0.152, block). Other checks say that accuracy fell by two points, and in
//! slices of LaGuardia's flights.
//!
//! *Quiet.* A threshold lowered from 0.5 to 0.4 calls nearly twice as many
//! flights late, at all three airports alike (0.039).
//!
//! # References
//!
//! Hardt, Price and Srebro 2016 (equal opportunity, equalised odds); Uniform
//! Guidelines 1978 (four fifths); Woolf 1955, Haldane 1956 (log odds ratios).
//!
//! # Example
//!
//! ```
//! use driftguard_check_fairness_drift::{FairnessDrift, compare, frame::Frame, profile::Profile};
//! use driftguard_distribution::coding::Values;
//! use driftguard_sdk::prelude::*;
//!
//! let column = |name: &str, role, kind| Column {
//!     name: name.into(), role, kind, storage: String::new(), nullable: true, dimension: 0,
//! };
//! let words = || vec!["north".to_owned(), "south".to_owned()];
//! let region = Values::Words((0..2000).map(|row| row % 2).collect(), words());
//! // Four of ten are chosen; later two of ten in the south.
//! let before: Vec<f64> = (0..2000).map(|row| f64::from(u8::from(row / 2 % 10 < 4))).collect();
//! let mut now = before.clone();
//! now.iter_mut().enumerate().for_each(|(row, x)| if row % 2 == 1 && row / 2 % 10 < 2 { *x = 0.0 });
//! let context = Context::new(vec![], &FairnessDrift::describe().settings, vec![]);
//! let frame = Frame::of_sample(&context, &[
//!     (column("region", Role::Segment, Kind::Categorical), region.clone()),
//!     (column("approved", Role::Prediction, Kind::Numeric), Values::Numbers(before.clone())),
//! ])?;
//! let profile = |decisions: Vec<f64>| {
//!     let mut profile = Profile::new(&frame);
//!     profile.add(&frame, &[region.clone()], &Values::Numbers(decisions), None);
//!     profile
//! };
//! let findings = compare(&frame, &profile(before), &profile(now), 100)?;
//! assert_eq!(
//!     findings[0].message,
//!     "`region` = south: of all rows 20 % are decided yes, 40 % of the others' (0.5 times, now below four fifths); \
//!      it was 40 % and 40 % (1 times), so 40 % if all had moved alike"
//! );
//! # Ok::<(), Error>(())
//! ```

pub mod compare;
mod description;
pub mod frame;
pub mod profile;

pub use compare::compare;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

use crate::frame::Frame;
use crate::profile::Profile;

/// The check `fairness-drift`.
#[derive(Debug)]
pub struct FairnessDrift;

impl Check for FairnessDrift {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Frame::fit(context, sample)
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
            context.count("min-group")? as u64,
        )
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::FairnessDrift);
