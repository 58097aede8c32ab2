//! `timeliness`: do rows come when they should?
//!
//! # Layout
//!
//! - [`profile`]: rows for each hour.
//! - [`compare`](mod@compare): time range and gaps.
//! - `volume`: rows per period. `clock`: a clock that moved.
//! - `periods`: hours and days inside a side's range.
//! - `instant`: instants and lengths of time in messages. `words`: numbers.
//!
//! # Method
//!
//! | metric | nature | what |
//! |---|---|---|
//! | `time-range/v1` | supporting | first and last instant, overlap |
//! | `rows-per-period/v1` | supporting; measurement with `volume = "measure"` | ratio of medians |
//! | `gaps/v1` | measurement; supporting if there are none | share of empty periods |
//! | `clock-moved/v1` | fault | hour-of-day profiles equal after a shift |
//!
//! A period is a day where the reference has three whole days inside (for
//! gaps: where both sides have), else an hour. The first and the last period
//! may be cut and do not count; the first and last 0.1 % of the rows may be
//! stray and do not stretch the range. *Gaps*: the effect is the increase of
//! the share of empty periods less its mean by chance, p by Fisher's exact or
//! the score test on periods. *Rows per period*: the statistic is
//! `|ln((m' + 1/2) / (m + 1/2))|` for the medians `m`, `m'`; its scale is
//! `sqrt(pi/2) s sqrt(1/k + 1/k')` with `s` from the median absolute deviation
//! of the reference's own `k` periods, at least Poisson's. *Clock*: with `TV(h)`
//! the total variation of the hour-of-day profiles after shifting the
//! reference by `h` hours, the clock moved if `TV(0) > 0.15` and
//! `min TV(h) < TV(0) / 2`; the effect is their difference.
//!
//! # Assumptions
//!
//! Periods are independent, UTC.
//!
//! # Minimum n
//!
//! `min-rows` (50) instants; for the clock 500 rows over 48 hours on either
//! side.
//!
//! # Failure modes
//!
//! - An outage is one event and not many independent periods, so the p-value of
//!   gaps is too small for hours.
//! - A weekend in a short current side looks like a gap.
//! - Daylight saving moves a sharp profile by an hour. An instant of exactly
//!   1970-01-01T00:00Z counts as missing, because the contract writes it for
//!   nulls and for text that is no instant.
//!
//! # Measured
//!
//! *False alarms.* On the five unchanged pairs of the collection and 110 random
//! halves: none.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): timestamps five hours behind: "the clock moved by -5 h;
//! hours of the day differ in 40.4 % of the rows, in 1.39 % after shifting
//! them" (effect 0.390): it blocks, without it the run alerts (`joint-drift`).
//! Ten of 88 days without rows alert (0.086), with the checks that run by
//! default and with every check switched on; without it they pass.
//!
//! *Quiet.* Later months of the flights: another range of time with the same
//! hours of the day.
//!
//! # References
//!
//! - Fisher, "On the Interpretation of chi-square from Contingency Tables, and
//!   the Calculation of P", 1922.
//! - Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", 1993.
//!
//! # Example
//!
//! ```
//! use driftguard_check_timeliness::{compare, Options, Profile, profile::HOUR};
//!
//! let side = |hours: &mut dyn Iterator<Item = i64>| {
//!     let mut profile = Profile::default();
//!     let instants: Vec<i64> = hours.map(|hour| (400_000 + hour) * HOUR).collect();
//!     profile.add(&instants).map(|()| profile)
//! };
//! let (reference, current) = (side(&mut (0..60))?, side(&mut (0..60).chain(70..100))?);
//! let options = Options { min_rows: 50, measure_volume: false };
//! let findings = compare("time", options, &reference, &current);
//! assert_eq!(
//!     findings[2].message,
//!     "`time`: 0 % -> 10.2 % of the hours have no rows; \
//!      the longest gap is 10 hours from 2015-08-22T04:00Z"
//! );
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

mod clock;
pub mod compare;
mod instant;
mod periods;
pub mod profile;
mod volume;
#[allow(dead_code)]
#[path = "../../completeness/src/words.rs"]
mod words;

#[cfg(test)]
mod tests;

pub use compare::{Options, compare};
pub use profile::Profile;

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role, Setting,
};

/// The check; see the crate.
#[derive(Debug)]
pub struct Timeliness;

const SUMMARY: &str = "Time range, rows per hour or day, periods without rows, and a clock that moved \
    (a changed time zone shows as an hour-of-day profile that fits again after a shift).";

impl Check for Timeliness {
    type Frame = ();
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("timeliness", "Time range, volume, gaps and clock")
            .version(env!("CARGO_PKG_VERSION"))
            .summary(SUMMARY)
            .roles(&[Role::Timestamp])
            .kinds(&[Kind::Timestamp])
            .setting(Setting::integer(
                "min-rows",
                50,
                (2, 1_000_000),
                "Fewest instants on either side to compare gaps and volume.",
            ))
            .setting(Setting::choice(
                "volume",
                "report",
                &["report", "measure"],
                "Whether rows per period are only reported, or may decide.",
            ))
            .risk(Risk::Operational)
            .reference("Fisher, On the Interpretation of chi-square from Contingency Tables, 1922")
            .reference("Rousseeuw and Croux, Alternatives to the Median Absolute Deviation, 1993")
            .build()
    }

    fn update(profile: &mut Profile, _: &Context, _: &(), batch: &Batch) -> Result<(), Error> {
        match batch.timestamps(0, 0, batch.rows()) {
            Ok(instants) => profile.add(&instants),
            // Stored as something else on this side: that is a finding of
            // `schema`, and no reason to fail here.
            Err(DataError::WrongKind(_)) => {
                profile.add_unreadable(u64::from(batch.rows()));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
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
        let options = Options {
            min_rows: context.count("min-rows")? as u64,
            measure_volume: context.text("volume")? == "measure",
        };
        Ok(compare(
            &context.column()?.name,
            options,
            reference,
            current,
        ))
    }
}

// The names of the exports are none that a native linker takes.
#[cfg(target_arch = "wasm32")]
driftguard_sdk::export_check!(crate::Timeliness);
