//! `validity`: does a column hold values that the reference never had?
//!
//! # Layout
//!
//! - [`frame`]: what is frozen from a sample: rungs around its range, listed
//!   values, how much rows follow each other.
//! - `ladder`: counts of how far rows lie outside of a range.
//! - [`profile`]: counts, exact extremes, runs.
//! - `compare`: what is asked of which column; texts that are no numbers.
//! - `numbers`: values outside of the range. `values`: new and vanished ones;
//!   `alone`: what is told of them.
//! - `renames`: one name for another. `stuck`: columns that stand still.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! When nothing changed, any of the `n + m` rows could as well have been on
//! either side. So `c` given rows are all among the `m` current ones with
//! probability `P(c) = prod (m - i) / (n + m - i)`, however rare their value
//! was expected to be; no rate of 0 is ever tested against.
//!
//! | metric | nature | effect |
//! |---|---|---|
//! | `unparsed-rate/v1` | measurement | move of the share of rows that are no numbers, less noise |
//! | `all-unparsed/v1` | fault | share of the reference that was readable |
//! | `out-of-range/v1` | supporting | share of values outside of the reference's range, less `2 / (n + 1)` |
//! | `far-out/v1` | measurement | the same, `far` (2) widths of the range and more outside |
//! | `new-values/v1` | measurement | share of rows of values that the reference has not, less `sum c P(c) / m` and turnover |
//! | `vanished-values/v1` | measurement | share of the reference's rows of values that are gone, less the same |
//! | `renamed-values/v1` | fault from 2 % of the rows on | share of the rows that have the new name |
//! | `constant/v1` | fault | share of the reference that had another value |
//! | `frozen/v1` | fault | longest run less the share the value had, as shares of rows |
//!
//! *Range.* Its ends are the extremes of the whole reference. Rows are counted
//! on rungs that lie ever further outside of the range of a sample, so that
//! the count is a lower bound: within a factor of `sqrt 2` in distance, and
//! exact at the ends while the reference has fewer than 65,536 rows; beyond,
//! counting begins a quarter of the width outside. The p-value is that of the exceedances of one
//! end, twice. Values a little outside are ordinary where seasons turn or a
//! column grows; they never decide. A column whose later half left the range
//! of the earlier one, in the reference itself, has no range that binds: there
//! `far-out` only supports.
//!
//! *New and vanished values.* With single rows, `sum c P(c) / m` is Good and
//! Turing's `f1 / n`. The p-value is twice the smaller of two bounds: Chernoff's
//! for the rows of all such values together, valid because rows are dealt
//! without replacement (negative association), and the number of values that
//! would be dealt to one side with as many rows as the largest of them.
//!
//! *Columns of many values.* Of more than 512 values that are not listed those
//! with the smallest hashes are kept, with all their rows. Below the smaller of
//! both sides' largest kept hashes all values of both sides are known, and they
//! are a fair sample of all unlisted ones, `f` of them. With `x` the rows of a
//! value on this side and `d` those here alone less `c P(c)`, the excess is
//! `sum d / sum x` of the unlisted rows plus that of the listed values, which
//! is counted; its variance `(1 - f) k / (k - 1) sum (d - r x)^2 / (sum x)^2`.
//! The effect is the lower end of the 95 % interval, and no less than what was
//! counted; the p-value is that of the sampled values.
//!
//! *Turnover.* Names arrive and leave: the later half of the reference's
//! sample has new values against the earlier one, `t` of its rows beyond
//! chance (its mean and two deviations, or `2 n / m` of them where the current
//! side is longer). `t max(1, 2 m / n)` is taken off the effect of new values,
//! and twice the same of the earlier half off that of vanished ones: what comes
//! and goes grows at most in proportion to the rows between. For vanished
//! values a current side that is longer counts as long as the reference.
//!
//! *Renames.* Among values that are gone and values that are new, each by
//! less than 1e-6: the same name but for case, blanks, punctuation or how a
//! number is written; or the same share (within 10 %, or 1 % significance).
//! Values whose shares are within 25 % could be taken for each other: of these
//! as many must be new as are gone, one for one, and other values must have
//! stayed.
//!
//! *Standing still.* `k` rows count as one: `2 s - 1` with `s` the mean length
//! of a stretch of the sample over that in random order, or the longest run
//! over the one expected, whichever is larger. A side of one value is a fault
//! if `share^(m / k) < 1e-6`, with an upper bound of the share, and if it has
//! more than four times the rows of the reference's longest run. A run within
//! the current side is a fault under the conditions of
//! `driftguard_distribution::runs`, and if it has more rows than the value
//! should have altogether: a table that was only sorted has long runs, too.
//!
//! # Assumptions
//!
//! Rows are exchangeable. Where `k` is above 4 they are not, and new, vanished
//! and equally frequent values only support; nor do they where the reference
//! has one value and the current side another one.
//!
//! # Minimum n
//!
//! `min-rows` (50) values on either side, else "insufficient data". All values
//! unreadable is a fault as soon as chance would do it less than once in a
//! million times.
//!
//! # Failure modes
//!
//! - A reference sorted by the column looks like one that changes rarely: new
//!   and vanished values do not decide then, `categorical-drift` does.
//! - A reference in random order does not show how long a column stands still:
//!   a month's number in a shuffled file, constant in the next month, is a
//!   fault. Name such columns in `ignore`. So it is where the reference holds
//!   a small part of the rows of each stretch and the current side all.
//! - One outlier in the reference widens the range by as much.
//! - A few rows of a sentinel (-999) are reported and decide nothing: effects
//!   are shares of rows.
//! - Texts that parse as numbers are numbers; that the column is stored as
//!   text is what `schema` says.
//! - A reference in random order shows no turnover, and one much shorter than
//!   the current side allows for much.
//! - One frequent new value among more than 512 new ones may not be in the
//!   sample: its rows are unlisted ones, and `categorical-drift` sees these.
//! - Outputs that stand still are the business of `output-drift`.
//!
//! # Measured
//!
//! *False alarms.* 300 pairs of sides of names with frequencies like one over
//! rank, 30 to 5,000 names, 100 to 3,000 rows: no alarm at p < 0.001. 200
//! pairs with tails as open as Cauchy's, 60 against 600 rows: no alarm,
//! `2 / (n + 1)` of the values outside (both in `tests/chance`). Random halves
//! of real data, 500 to 20,000 rows a side: 4 of 1,100 runs of all checks did
//! not pass, the same four without this check. Of 68 days of `flights` against
//! a daily baseline of January to March, and 38 days and weeks against these
//! months as one file with roles inferred (`month`, `day`, `tailnum` as
//! features), none had a finding of this check above pass.
//!
//! *Power.* A new name with a tenth of 500 rows, among 300 others, is found in
//! at least 38 of 40 draws (`tests/chance`).
//!
//! *How far is far.* Windows of one, two, three and six months of `flights`
//! against every later month, and `elec2`: the 5 % of the values that lie
//! farthest out lie at most 1.10 widths of the range out (`temp`, August
//! against December; only the number of the month itself does more). The next
//! power of two, 2, was taken. On data not looked at for that: at most 0.31 in
//! `bike_quickstart`, 0.27 in `reviews_text`, none in `nsl_kdd` and `car_loan`
//! (but for an id).
//!
//! *Found by it alone.* `flights`, visibility stuck at its most usual value:
//! 80 % of the rows have it anyway and no output moves, so drift alerts; here
//! it is a fault and blocks. *Quiet.* The number of the month, constant in the
//! next month's data.
//!
//! *Columns of many values.* 20,000 rows a side of 800 to 4,000 names, 15 % or
//! 30 % of them new (`tests/many`): the effect is at most 0.08 below what a
//! count of all values says, and above it in at most 4 of 45 draws; where the
//! truth is above 0.12 it alarms. Ids, and customers of whom each stays for
//! some time, 4,000 to 20,000 rows against 3,000 to 30,000: no alarm in 72
//! pairs.
//!
//! # References
//!
//! - Gumbel and von Schelling, "The Distribution of the Number of
//!   Exceedances", 1950.
//! - Good, "The Population Frequencies of Species and the Estimation of
//!   Population Parameters", 1953.
//! - Cochran, "Sampling Techniques", 3rd edition, 1977.
//! - Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset
//!   Operations", 2007.
//! - Joag-Dev and Proschan, "Negative Association of Random Variables with
//!   Applications", 1983.
//! - Schilling, "The Longest Run of Heads", 1990.
//!
//! # Example
//!
//! ```
//! use driftguard_check_validity::{Frame, Profile, Validity, Values};
//! use driftguard_sdk::prelude::*;
//!
//! let rows = |values: [&'static str; 4]| -> Vec<Option<&str>> {
//!     (0..400).map(|row| Some(values[row % 7 % 4])).collect()
//! };
//! let (before, now) = (rows(["AA", "UA", "B6", "DL"]), rows(["AA", "United", "B6", "DL"]));
//! let frame = Frame::Values(Values::of_sample(&before));
//! let column = Column {
//!     name: "carrier".into(), role: Role::Feature, kind: Kind::Categorical,
//!     storage: "Utf8".into(), nullable: false, dimension: 0,
//! };
//! let context = Context::new(vec![], &Validity::describe().settings, vec![column]);
//! let profile = |rows: &[Option<&str>]| Profile::of_values(&frame, rows);
//! let findings = Validity::compare(&context, &frame, &profile(&before)?, &profile(&now)?)?;
//! assert_eq!(findings[2].nature, Nature::Fault);
//! assert_eq!(
//!     findings[2].message,
//!     "`carrier`: 1 value looks renamed, 28 % of the rows: UA -> United (28 % -> 28 %)"
//! );
//! # Ok::<(), Error>(())
//! ```

mod alone;
mod compare;
mod description;
pub mod frame;
mod ladder;
mod numbers;
pub mod profile;
mod renames;
mod stuck;
mod values;

#[cfg(test)]
mod tests;

pub use frame::{Frame, Numbers, Values};
pub use profile::Profile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding, Kind};

/// The check; see the crate.
#[derive(Debug)]
pub struct Validity;

impl Check for Validity {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        Ok(match context.column()?.kind {
            Kind::Numeric => Frame::Numbers(Numbers::fit(sample)?),
            _ => Frame::Values(Values::fit(sample)?),
        })
    }

    fn admit(frame: &Frame) -> Result<(), Error> {
        frame.validate()
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        Ok(Profile::begin(frame))
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
        compare::compare(context, frame, reference, current)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Validity);
