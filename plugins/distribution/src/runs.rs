//! Runs of equal consecutive values over a whole side, joined in the order of
//! its rows: how an output that froze shows itself.

use driftguard_sdk::prelude::{Error, Runs};
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(values: &[Option<u8>]) -> RunState {
        let texts: Vec<Option<String>> = values
            .iter()
            .map(|value| value.map(|v| v.to_string()))
            .collect();
        RunState::of(texts.iter().map(Option::as_deref))
    }

    fn repeated(value: &str, rows: usize) -> RunState {
        RunState::of(std::iter::repeat_n(Some(value), rows))
    }

    fn merged(parts: &[&RunState]) -> RunState {
        let mut all = RunState::default();
        parts.iter().for_each(|part| all.merge(part));
        all
    }

    #[test]
    fn a_run_goes_on_across_many_batches() {
        let state = merged(&[
            &RunState::of([Some("x"), Some("y")]),
            &repeated("y", 3),
            &repeated("y", 4),
            &RunState::of([Some("y"), None]),
        ]);
        assert_eq!((state.rows(), state.longest_length()), (11, 9));
        state.validate().unwrap();
    }

    #[test]
    fn no_rows_change_nothing() {
        let state = merged(&[
            &RunState::default(),
            &repeated("a", 2),
            &RunState::default(),
        ]);
        assert_eq!(state, repeated("a", 2));
        assert_eq!(RunState::default().longest_share(), 0.0);
        RunState::default().validate().unwrap();
    }

    #[test]
    fn forged_lengths_are_refused() {
        let good = RunState::of([Some("a"), Some("b"), Some("b")]);
        let mut longer = good.clone();
        longer.longest.length = 9;
        let mut ends = good.clone();
        (ends.first.length, ends.last.length) = (2, 2);
        let mut empty = good.clone();
        empty.rows = 0;
        let mut overflow = good;
        (overflow.first.length, overflow.longest.length) = (u64::MAX, u64::MAX);
        for forged in [longer, ends, empty, overflow] {
            assert!(
                matches!(forged.validate(), Err(Error::State(_))),
                "{forged:?}"
            );
        }
    }

    #[test]
    fn stuck_from_the_middle_on() {
        let lively: Vec<Option<u8>> = (0..200).map(|i| Some(i % 7)).collect();
        let (reference, half) = (letters(&lively), letters(&lively[..100]));
        let current = merged(&[&half, &repeated("0.5", 100)]);
        let run = current.stuck_against(&reference, |_| 0.01).unwrap();
        assert_eq!((run.value.as_deref(), run.length), (Some("0.5"), 100));
        // A value that fills nearly all of the reference comes in long runs.
        assert!(current.stuck_against(&reference, |_| 0.99).is_none());
        assert!(reference.stuck_against(&reference, |_| 0.01).is_none());
        assert!(
            merged(&[&half, &repeated("0.5", 49)])
                .stuck_against(&reference, |_| 0.0)
                .is_none()
        );
        let nulls = RunState::of(std::iter::repeat_n(None, 300));
        assert!(nulls.stuck_against(&reference, |_| 0.0).is_none());
    }

    #[test]
    fn sorted_references_have_long_runs_too() {
        let reference = merged(&[&repeated("a", 40), &repeated("b", 60)]);
        let current = merged(&[&repeated("a", 100), &repeated("b", 140)]);
        assert!(current.stuck_against(&reference, |_| 0.5).is_none());
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_and_associative(values in prop::collection::vec(prop::option::weighted(0.8, 0u8..3), 0..40), cuts in [0usize..40, 0usize..40]) {
            let (mut low, mut high) = (cuts[0].min(values.len()), cuts[1].min(values.len()));
            if low > high { std::mem::swap(&mut low, &mut high); }
            let parts = [&values[..low], &values[low..high], &values[high..]].map(letters);
            let whole = letters(&values);
            whole.validate().unwrap();
            let tail = merged(&[&parts[1], &parts[2]]);
            prop_assert_eq!(&merged(&[&parts[0], &parts[1], &parts[2]]), &whole);
            prop_assert_eq!(&merged(&[&parts[0], &tail]), &whole);
            let longest = values.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
            prop_assert_eq!(whole.longest_length(), longest as u64);
        }
    }
}
