//! Rows for each hour.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::Error;
use serde::{Deserialize, Serialize};

/// Microseconds in an hour.
pub const HOUR: i64 = 3_600_000_000;

/// Hours with rows that one side may have: 22 years of them.
pub const MAX_HOURS: usize = 200_000;

/// Counts of instants, in microseconds since 1970-01-01T00:00Z.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Rows without an instant that could be read.
    pub missing: u64,
    /// Earliest instant.
    pub min: Option<i64>,
    /// Latest instant.
    pub max: Option<i64>,
    /// Rows in each hour (number of hours since 1970) that has any.
    pub hours: BTreeMap<i64, u64>,
}

impl Profile {
    /// Adds one batch. An instant of exactly 0 is missing: the contract writes
    /// it for nulls and for text that is no instant.
    ///
    /// # Errors
    /// [`Error::Data`] for rows in more than [`MAX_HOURS`] hours.
    pub fn add(&mut self, instants: &[i64]) -> Result<(), Error> {
        self.rows = self.rows.saturating_add(instants.len() as u64);
        // Rows mostly come in order: look an hour up once for its run.
        let same_hour =
            |a: &i64, b: &i64| (*a == 0) == (*b == 0) && a.div_euclid(HOUR) == b.div_euclid(HOUR);
        for run in instants.chunk_by(same_hour) {
            let rows = run.len() as u64;
            let (Some(low), Some(high)) = (run.iter().min(), run.iter().max()) else {
                continue;
            };
            if *low == 0 && *high == 0 {
                self.missing = self.missing.saturating_add(rows);
                continue;
            }
            self.count(low.div_euclid(HOUR), rows)?;
            self.widen(*low, *high);
        }
        Ok(())
    }

    /// Adds rows of a column that the host cannot read as instants at all.
    pub fn add_unreadable(&mut self, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        self.missing = self.missing.saturating_add(rows);
    }

    fn count(&mut self, hour: i64, rows: u64) -> Result<(), Error> {
        let count = self.hours.entry(hour).or_insert(0);
        *count = count.saturating_add(rows);
        if self.hours.len() > MAX_HOURS {
            return Err(Error::Data(format!(
                "the timestamps fall into more than {MAX_HOURS} different hours, the limit of this check; \
                 compare a shorter time, or give the column another role"
            )));
        }
        Ok(())
    }

    fn widen(&mut self, low: i64, high: i64) {
        self.min = Some(self.min.map_or(low, |min| min.min(low)));
        self.max = Some(self.max.map_or(high, |max| max.max(high)));
    }

    /// Adds the rows of another profile.
    ///
    /// # Errors
    /// [`Error::State`] for a state that rows cannot produce, [`Error::Data`]
    /// for more than [`MAX_HOURS`] hours together.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        other.validate()?;
        for (hour, rows) in &other.hours {
            self.count(*hour, *rows)?;
        }
        if let (Some(low), Some(high)) = (other.min, other.max) {
            self.widen(low, high);
        }
        self.rows = self.rows.saturating_add(other.rows);
        self.missing = self.missing.saturating_add(other.missing);
        Ok(())
    }

    /// Rows that have an instant.
    pub fn values(&self) -> u64 {
        self.rows.saturating_sub(self.missing)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if counts, hours and extremes do not fit together.
    pub fn validate(&self) -> Result<(), Error> {
        let sum = self
            .hours
            .values()
            .try_fold(self.missing, |sum, rows| sum.checked_add(*rows));
        let first = self.hours.first_key_value().map(|(hour, _)| *hour);
        let last = self.hours.last_key_value().map(|(hour, _)| *hour);
        let hour = |instant: Option<i64>| instant.map(|instant| instant.div_euclid(HOUR));
        let fits = sum == Some(self.rows)
            && self.hours.len() <= MAX_HOURS
            && !self.hours.values().any(|rows| *rows == 0)
            && hour(self.min) == first
            && hour(self.max) == last
            && self.min <= self.max;
        if fits {
            return Ok(());
        }
        Err(Error::State(format!(
            "a timeliness profile of {} hours does not fit its {} rows; rebuild it from the data",
            self.hours.len(),
            self.rows
        )))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn of(instants: &[i64]) -> Profile {
        let mut profile = Profile::default();
        profile.add(instants).unwrap();
        profile
    }

    #[test]
    fn zero_is_missing_and_the_past_counts() {
        let profile = of(&[0, 1, -1, HOUR, HOUR + 5, 0]);
        assert_eq!((profile.rows, profile.missing, profile.values()), (6, 2, 4));
        assert_eq!((profile.min, profile.max), (Some(-1), Some(HOUR + 5)));
        let hours: Vec<(i64, u64)> = profile.hours.into_iter().collect();
        assert_eq!(hours, [(-1, 1), (0, 1), (1, 2)]);
    }

    #[test]
    fn too_many_hours_are_refused_with_the_limit() {
        let instants: Vec<i64> = (1..=MAX_HOURS as i64 + 1).map(|hour| hour * HOUR).collect();
        let mut profile = of(&instants[..MAX_HOURS]);
        let error = profile.clone().add(&instants[MAX_HOURS..]).unwrap_err();
        assert!(
            matches!(&error, Error::Data(text) if text.contains("200000")),
            "{error:?}"
        );
        assert!(matches!(
            profile.merge(&of(&instants[MAX_HOURS..])),
            Err(Error::Data(_))
        ));
    }

    #[test]
    fn forged_states_are_refused() {
        let good = of(&[5, 0, 3 * HOUR]);
        good.validate().unwrap();
        let forgeries: [fn(&mut Profile); 5] = [
            |p| p.rows = 9,
            |p| p.min = None,
            |p| p.max = Some(9 * HOUR),
            |p| p.missing = u64::MAX,
            |p| {
                p.hours.insert(1, 0);
            },
        ];
        for forge in forgeries {
            let mut forged = good.clone();
            forge(&mut forged);
            assert!(
                matches!(Profile::default().merge(&forged), Err(Error::State(_))),
                "{forged:?}"
            );
        }
    }

    #[test]
    fn unreadable_columns_are_counted() {
        let mut profile = Profile::default();
        profile.add_unreadable(7);
        profile.validate().unwrap();
        assert_eq!(profile.values(), 0);
    }

    proptest! {
        #[test]
        fn merging_is_one_pass(instants in prop::collection::vec(-9 * HOUR..9 * HOUR, 0..60), cut in 0_usize..60) {
            let (left, right) = instants.split_at(cut.min(instants.len()));
            let (mut merged, mut other_way, mut in_turn) = (of(left), of(right), of(left));
            merged.merge(&of(right)).unwrap();
            other_way.merge(&of(left)).unwrap();
            in_turn.add(right).unwrap();
            merged.validate().unwrap();
            prop_assert_eq!(&merged, &of(&instants));
            prop_assert_eq!(&other_way, &merged);
            prop_assert_eq!(in_turn, merged);
        }
    }
}
