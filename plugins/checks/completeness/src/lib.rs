//! `completeness`: what is missing or odd in a column, and did its rate move?
//!
//! # Layout
//!
//! - [`profile`]: the counts, their merge, and their check when read back.
//! - [`compare`](mod@compare): which rates become findings, and as what.
//! - `words`: numbers in messages.
//! - one rate on both sides as a finding: `driftguard_distribution::rate`.
//!
//! # Method
//!
//! With `a` of `n` reference rows and `b` of `m` current rows, the statistic
//! is `|b/m - a/n|`. Its p-value is Fisher's exact one when a cell of the
//! table has fewer than 10 rows, otherwise that of the score test with pooled
//! rate `r`. The effect is the statistic less its mean when nothing changed,
//! `sqrt(2/pi) sqrt(r (1 - r) (1/n + 1/m))`; the interval is that of Newcombe
//! for the difference.
//!
//! | metric | nature | rows that are |
//! |---|---|---|
//! | `null-rate/v1` | measurement | null |
//! | `nan-rate/v1` | measurement | NaN, if any side has one |
//! | `infinity-rate/v1` | measurement | infinite, if any side has one |
//! | `empty-rate/v1` | measurement | empty or white text, if any side has one |
//! | `zero-rate/v1` | measurement if new, else supporting | zero, if any side has one |
//! | `all-null/v1` | fault | null, all of the current side |
//!
//! # Assumptions
//!
//! Rows are independent.
//!
//! # Minimum n
//!
//! `min-rows` (50) on either side; `all-null/v1` instead asks that chance would
//! do it less than once in a million times.
//!
//! # Failure modes
//!
//! - Outages come in bursts, for which the p-value is too small; the effect is
//!   not.
//! - Labels come later than the rows they belong to: their null rate is
//!   `supporting`, with NaN and empty text counted in, and one that is null
//!   throughout is no fault. Where labels must be there with their rows,
//!   `late-labels = false` treats them like any column.
//! - Values that cannot be read (`n/a`) are the business of `validity`.
//!
//! # Measured
//!
//! *Power and false alarms.* `tests/scenarios/quality.rs`: of 2 % of nulls that
//! became 10 % it alerts, that became 30 % it blocks; 10 % that stay are none
//! in five pairs.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`): `pressure` has 12 % of
//! nulls in real flights anyway; with 30 % more it has 38 % (effect 0.261,
//! block). Without it a classifier tells the rows apart and no column is named.
//! Of loans with new nulls in two columns only this check blocks.
//!
//! *Quiet.* The 12 % that are always there, in all controls.
//!
//! # References
//!
//! - Newcombe, "Interval Estimation for the Difference between Independent
//!   Proportions: Comparison of Eleven Methods", 1998.
//! - Fisher, "On the Interpretation of chi-square from Contingency Tables, and
//!   the Calculation of P", 1922.
//!
//! # Example
//!
//! ```
//! use driftguard_check_completeness::{compare, Profile};
//! use driftguard_sdk::prelude::Role;
//!
//! let reference = Profile { rows: 10_000, nulls: 200, usable: 9_800, ..Profile::default() };
//! let current = Profile { rows: 10_000, nulls: 1_000, usable: 9_000, ..Profile::default() };
//! let findings = compare("temp", Role::Feature, 50, &reference, &current);
//! assert_eq!(
//!     findings[0].message,
//!     "`temp`: 2 % -> 10 % of the rows are null, 5 times the reference's rate"
//! );
//! assert!(findings[0].effect > 0.07);
//! ```

pub mod compare;
pub mod profile;
mod words;

pub use compare::compare;
pub use profile::Profile;

use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role, Setting,
};

/// The check; see the crate.
#[derive(Debug)]
pub struct Completeness;

const SUMMARY: &str = "Shares of rows that are null, NaN, infinite, empty text or zero, on each side. \
    A share that moved by more than chance is reported with the share of rows that moved; a column \
    that is entirely null now and was not before is a fault.";

impl Check for Completeness {
    type Frame = ();
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("completeness", "Missing and odd values")
            .version(env!("CARGO_PKG_VERSION"))
            .summary(SUMMARY)
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
                "min-rows",
                50,
                (1, 1_000_000),
                "Fewest rows on either side to compare rates.",
            ))
            .setting(Setting::flag(
                "late-labels",
                true,
                "Labels may come later than their rows: how many are missing is reported and never judged.",
            ))
            .risk(Risk::Operational)
            .reference("Newcombe, Interval Estimation for the Difference between Independent Proportions, 1998")
            .reference("Fisher, On the Interpretation of chi-square from Contingency Tables, 1922")
            .build()
    }

    fn update(profile: &mut Profile, _: &Context, _: &(), batch: &Batch) -> Result<(), Error> {
        profile.add(&batch.summary(0)?);
        Ok(())
    }

    fn merge(profile: &mut Profile, other: Profile, _: &Context, _: &()) -> Result<(), Error> {
        profile.merge(&other)
    }

    fn compare(
        context: &Context,
        _: &(),
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        reference.validate()?;
        current.validate()?;
        let column = context.column()?;
        let min_rows = context.count("min-rows")? as u64;
        let role = match column.role {
            Role::Label if !context.flag("late-labels")? => Role::Feature,
            role => role,
        };
        let asked = match context.ranks_only() {
            true => compare::ranked,
            false => compare,
        };
        Ok(asked(&column.name, role, min_rows, reference, current))
    }
}

// The names of the exports are none that a native linker takes.
#[cfg(target_arch = "wasm32")]
driftguard_sdk::export_check!(crate::Completeness);
