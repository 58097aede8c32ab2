//! Columns that stand still: constant now, or from some row on.

use driftguard_distribution::Subjected;
use driftguard_distribution::runs::{RunState, STUCK_TIMES, improbable};
use driftguard_distribution::words::{number, percent};
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::persistence::longest_by_chance;

/// From this many rows as one on, rows follow each other so much that no
/// value is dealt to a side by itself: new ones come in stretches.
const FOLLOWING: f64 = 4.0;
/// A reference that holds one value for this share of its rows shows how long
/// it does only once or twice: such a column (a month, a version) changes now
/// and then, and how often cannot be known.
const SLOW_SHARE: f64 = 0.2;

/// How long the reference stands still, which is what the current side may
/// do, too.
#[derive(Debug)]
pub(crate) struct Stillness<'a> {
    /// Rows that count as one, by how often consecutive rows differ.
    pub(crate) rows_as_one: f64,
    reference: &'a RunState,
    current: &'a RunState,
}

/// A value and how frequent it was: rows of the reference's (or of its
/// sample's) that have it, and all of these.
pub(crate) struct Shared {
    pub(crate) rows: u64,
    pub(crate) of: u64,
}

impl Shared {
    pub(crate) fn share(&self) -> f64 {
        self.rows as f64 / self.of.max(1) as f64
    }

    /// Upper bound of the share where `as_one` rows count as one: Poisson's
    /// rule of three for a value that was never seen, two deviations above.
    fn bound(&self, as_one: f64) -> f64 {
        let (rows, of) = (self.rows as f64 / as_one, self.of.max(1) as f64 / as_one);
        ((rows + 2.0 * rows.sqrt() + 3.0) / of).min(1.0)
    }
}

impl<'a> Stillness<'a> {
    pub(crate) fn new(rows_as_one: f64, reference: &'a RunState, current: &'a RunState) -> Self {
        Self {
            rows_as_one,
            reference,
            current,
        }
    }

    /// Whether rows of the reference follow each other so much that they are
    /// not exchangeable.
    pub(crate) fn follows(&self) -> bool {
        self.rows_as_one > FOLLOWING
    }

    /// Rows that count as one, by the longest run too.
    fn as_one(&self, share: f64) -> f64 {
        let expected = longest_by_chance(share, self.reference.rows());
        let longest = self.reference.longest_length() as f64 / expected;
        self.rows_as_one.max(longest).max(1.0)
    }

    fn slow(&self, as_one: f64) -> bool {
        self.reference.longest_share() >= SLOW_SHARE && as_one > FOLLOWING
    }

    /// A side whose only value is `value`, while the reference has several.
    pub(crate) fn constant(&self, about: &Subjected<'_>, value: &str, shared: &Shared) -> Finding {
        let rows = about.current;
        let as_one = self.as_one(shared.share());
        let longest = self.reference.longest_length();
        let stretch = self.slow(as_one) || rows as f64 <= STUCK_TIMES * longest as f64;
        let counted = (rows as f64 / as_one) as u64;
        let chance = !improbable(shared.bound(as_one), counted, 1);
        let start = format!("{}: all {rows} values are {value}", about.name());
        if stretch || chance {
            let message = format!(
                "{start}, as the reference's are for up to {} rows one after the other",
                number(longest as f64)
            );
            return about.supporting("constant/v1", message).statistic(1.0);
        }
        let before = match shared.rows {
            0 => "it was never seen in the reference".to_owned(),
            _ => format!("it was {} of the reference", percent(shared.share())),
        };
        let message = format!(
            "{start}; {before}, where the longest run has {} rows",
            number(longest as f64)
        );
        about
            .fault("constant/v1", message)
            .statistic(1.0)
            .effect(1.0 - shared.share())
    }

    /// A run of the current side that is far longer than any of the
    /// reference, of more rows than the value has to begin with: a table that
    /// was only put in order has such runs, but no more rows of the value.
    pub(crate) fn frozen(
        &self,
        about: &Subjected<'_>,
        shared_of: impl Fn(&str) -> Shared,
    ) -> Option<Finding> {
        let run = self.current.stuck_against(self.reference, |value| {
            let shared = shared_of(value);
            let as_one = self.as_one(shared.share());
            match self.slow(as_one) {
                true => 1.0,
                // share^(length / as_one)
                false => shared.bound(as_one).powf(1.0 / as_one),
            }
        })?;
        let value = run.value.as_deref()?;
        let share = self.current.longest_share();
        let excess = share - shared_of(value).share();
        if excess <= 0.0 {
            return None;
        }
        let shown = match value.parse() {
            Ok(parsed) => number(parsed),
            Err(_) => driftguard_distribution::words::short(value),
        };
        let message = format!(
            "{}: {shown} in {} rows one after the other ({} of all); the longest run of the reference has {}",
            about.name(),
            run.length,
            percent(share),
            number(self.reference.longest_length() as f64)
        );
        Some(
            about
                .fault("frozen/v1", message)
                .statistic(run.length as f64)
                .effect(excess),
        )
    }
}
