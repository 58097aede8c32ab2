//! Runs of equal consecutive values over a whole side, joined in the order of
//! its rows: how an output that froze shows itself.

use driftguard_sdk::prelude::{Error, Runs};
use driftguard_statistics::persistence::longest_by_chance;
use serde::{Deserialize, Serialize};

/// The least rows in a run that counts as stuck.
pub const STUCK_ROWS: u64 = 50;
/// The least share of the side's rows in such a run.
pub const STUCK_SHARE: f64 = 0.05;
/// How many times the longest run of the reference it must be.
pub const STUCK_TIMES: f64 = 4.0;
/// The same, with both runs as shares of their sides.
pub const STUCK_SHARE_TIMES: f64 = 5.0;
/// Above this probability a run or a constant side may be chance.
pub const IMPROBABLE: f64 = 1e-6;

/// Some consecutive rows of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The value as text; None for nulls.
    pub value: Option<String>,
    /// Number of rows.
    pub length: u64,
}

/// The runs at both ends of some rows, and the longest one: of several, the
/// first. Merging is associative; what is merged in comes later.
///
/// ```
/// use driftguard_distribution::RunState;
/// let mut state = RunState::of(["a", "b", "b"].map(Some));
/// state.merge(&RunState::of(["b", "c"].map(Some)));
/// assert_eq!(state.longest_length(), 3);
/// assert_eq!(state.longest().value.as_deref(), Some("b"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunState {
    rows: u64,
    first: Run,
    last: Run,
    longest: Run,
}

impl From<&Runs> for RunState {
    fn from(runs: &Runs) -> Self {
        let run = |value: &Option<String>, length| Run {
            value: value.clone(),
            length,
        };
        Self {
            rows: runs.rows,
            first: run(&runs.first, runs.first_length),
            last: run(&runs.last, runs.last_length),
            longest: run(&runs.longest, runs.longest_length),
        }
    }
}

impl RunState {
    /// The runs of values at hand; None is a null.
    pub fn of<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut state = Self::default();
        for value in values {
            let run = Run {
                value: value.map(str::to_owned),
                length: 1,
            };
            state.merge(&Self {
                rows: 1,
                first: run.clone(),
                last: run.clone(),
                longest: run,
            });
        }
        state
    }

    /// Adds the rows of the next batch (the answer of the kernel `runs`).
    pub fn add(&mut self, runs: &Runs) {
        self.merge(&Self::from(runs));
    }

    /// Adds rows that come after those that are here.
    pub fn merge(&mut self, later: &Self) {
        if later.rows == 0 {
            return;
        }
        if self.rows == 0 {
            *self = later.clone();
            return;
        }
        let joins = self.last.value == later.first.value;
        let joined = Run {
            value: later.first.value.clone(),
            length: if joins {
                self.last.length.saturating_add(later.first.length)
            } else {
                0
            },
        };
        let (whole, later_whole) = (self.is_one_run(), later.is_one_run());
        // Earlier runs win ties: grouping of merges must not show.
        for candidate in [&joined, &later.longest] {
            if candidate.length > self.longest.length {
                self.longest = candidate.clone();
            }
        }
        self.last = if joins && later_whole {
            joined.clone()
        } else {
            later.last.clone()
        };
        if joins && whole {
            self.first = joined;
        }
        self.rows = self.rows.saturating_add(later.rows);
    }

    fn is_one_run(&self) -> bool {
        self.first.length == self.rows
    }

    /// Number of rows, nulls among them.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The longest run.
    pub fn longest(&self) -> &Run {
        &self.longest
    }

    /// Rows in the longest run.
    pub fn longest_length(&self) -> u64 {
        self.longest.length
    }

    /// The longest run as a share of all rows, 0 to 1; 0 without rows.
    pub fn longest_share(&self) -> f64 {
        if self.rows == 0 {
            return 0.0;
        }
        (self.longest.length as f64 / self.rows as f64).min(1.0)
    }

    /// Rows that count as one, from 1 on: the longest run over the one that
    /// independent rows of that value would hold. Above 1 rows follow each
    /// other, or periods differ in what their values are: the longest run of a
    /// year is that of its dullest day. `share_of` gives the share of a value,
    /// or more. A longest run of nulls says nothing of values: 1.
    pub fn rows_as_one(&self, share_of: impl FnOnce(&str) -> f64) -> f64 {
        let Some(value) = self.longest.value.as_deref() else {
            return 1.0;
        };
        let expected = longest_by_chance(share_of(value), self.rows);
        (self.longest.length as f64 / expected).max(1.0)
    }

    /// Whether a side of `rows` rows that are all `value` is no chance, given
    /// this reference: it never held that value so long, and `share^(rows /
    /// as one) <` [`IMPROBABLE`] where [`rows_as_one`](Self::rows_as_one) rows
    /// count as one. `share_of` gives the share of a value, or more.
    pub fn never_held(&self, value: &str, rows: u64, share_of: impl Fn(&str) -> f64) -> bool {
        let held = self.longest.value.as_deref() == Some(value);
        let as_one = self.rows_as_one(&share_of);
        let longer = !held || rows > self.longest.length;
        longer && improbable(share_of(value).clamp(0.0, 1.0).powf(1.0 / as_one), rows, 1)
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for lengths that no rows can have.
    pub fn validate(&self) -> Result<(), Error> {
        let lengths = [self.first.length, self.last.length, self.longest.length];
        let sound = if self.rows == 0 {
            lengths == [0; 3]
        } else {
            let whole = lengths.map(|length| length == self.rows);
            let ends = self.first.length.checked_add(self.last.length);
            lengths
                .iter()
                .all(|length| (1..=self.longest.length).contains(length))
                && self.longest.length <= self.rows
                && (whole == [true; 3]
                    || (whole == [false; 3] && ends.is_some_and(|ends| ends <= self.rows)))
        };
        if sound {
            return Ok(());
        }
        Err(Error::State(format!(
            "runs of {lengths:?} rows at the ends and longest do not fit {} rows; rebuild the state from the data",
            self.rows
        )))
    }

    /// Whether the output (or the sensor) got stuck: the longest run is of a
    /// value and not of nulls, has at least [`STUCK_ROWS`] rows and
    /// [`STUCK_SHARE`] of all, is more than [`STUCK_TIMES`] the longest run of
    /// the reference and more than [`STUCK_SHARE_TIMES`] that as a share, and
    /// is improbable: `n share^length <` [`IMPROBABLE`], the union bound over
    /// the rows at which it may start. `share_of` gives the share of a value
    /// in the reference, or more than that.
    ///
    /// It sees the longest run only: a longer run of nulls hides a stuck value.
    pub fn stuck_against(
        &self,
        reference: &Self,
        share_of: impl FnOnce(&str) -> f64,
    ) -> Option<&Run> {
        let value = self.longest.value.as_deref()?;
        let length = self.longest.length;
        let long = length >= STUCK_ROWS
            && self.longest_share() >= STUCK_SHARE
            && length as f64 > STUCK_TIMES * reference.longest.length as f64
            && self.longest_share() > STUCK_SHARE_TIMES * reference.longest_share();
        (long && improbable(share_of(value), length, self.rows)).then_some(&self.longest)
    }
}

/// Whether `length` rows of a value with this share are improbable at each of
/// `starts` places together: `starts share^length <` [`IMPROBABLE`].
pub fn improbable(share: f64, length: u64, starts: u64) -> bool {
    let share = share.clamp(0.0, 1.0);
    (starts.max(1) as f64).ln() + length as f64 * share.ln() < IMPROBABLE.ln()
}

#[cfg(test)]
mod tests;
