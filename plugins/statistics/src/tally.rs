//! All values of a column with their counts, as long as they are few: exact
//! however many rows there are, and nothing beyond.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::StateError;

/// One distinct value and its rows.
pub type Weighted = (f64, u64);

/// Distinct finite values with their rows, or, beyond `limit` of them, only
/// how many rows there were. All or nothing, so that it merges exactly in any
/// order: whether more than `limit` distinct values came does not depend on
/// how rows were cut.
///
/// ```
/// use driftguard_statistics::Tally;
/// let mut tally = Tally::new(3);
/// tally.add(&[2.0, 1.0, 2.0, f64::NAN]);
/// assert_eq!(tally.values(), Some(vec![(1.0, 1), (2.0, 2)]));
/// tally.add(&[3.0, 4.0]);
/// assert_eq!((tally.values(), tally.rows()), (None, 5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    limit: u64,
    rows: u64,
    nans: u64,
    infinite: u64,
    /// By bits that rise with the value; None once there were too many.
    values: Option<BTreeMap<u64, u64>>,
}

impl Tally {
    /// No rows; at most `limit` distinct values will be held.
    pub fn new(limit: u64) -> Self {
        Self {
            limit,
            rows: 0,
            nans: 0,
            infinite: 0,
            values: Some(BTreeMap::new()),
        }
    }

    /// Adds rows; what is not finite is left out. Zeros of either sign are one
    /// value.
    pub fn add(&mut self, values: &[f64]) {
        let finite = values.iter().filter(|value| value.is_finite());
        let mut bits: Vec<u64> = finite.map(|value| rising(*value)).collect();
        self.rows = self.rows.saturating_add(bits.len() as u64);
        let Some(held) = &mut self.values else {
            return;
        };
        bits.sort_unstable();
        for run in bits.chunk_by(|a, b| a == b) {
            if let Some(value) = run.first() {
                let rows = held.entry(*value).or_default();
                *rows = rows.saturating_add(run.len() as u64);
            }
        }
        self.drop_if_many();
    }

    /// Counts rows that hold NaN or an infinity.
    pub fn note_not_finite(&mut self, nans: u64, infinite: u64) {
        self.nans = self.nans.saturating_add(nans);
        self.infinite = self.infinite.saturating_add(infinite);
    }

    fn drop_if_many(&mut self) {
        let many = |held: &BTreeMap<u64, u64>| held.len() as u64 > self.limit;
        if self.values.as_ref().is_some_and(many) {
            self.values = None;
        }
    }

    /// Adds the rows of another tally with the same limit.
    ///
    /// # Errors
    ///
    /// Another limit.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        if self.limit != other.limit {
            return Err(StateError::Mismatch {
                what: "most values held",
                left: self.limit,
                right: other.limit,
            });
        }
        self.rows = self.rows.saturating_add(other.rows);
        self.note_not_finite(other.nans, other.infinite);
        match (&mut self.values, &other.values) {
            (Some(mine), Some(theirs)) => {
                for (value, rows) in theirs {
                    let sum = mine.entry(*value).or_default();
                    *sum = sum.saturating_add(*rows);
                }
                self.drop_if_many();
            }
            _ => self.values = None,
        }
        Ok(())
    }

    /// Every value with its rows, in rising order; None if they were too many.
    pub fn values(&self) -> Option<Vec<Weighted>> {
        let held = self.values.as_ref()?.iter();
        Some(held.map(|(bits, rows)| (value(*bits), *rows)).collect())
    }

    /// Rows with a finite value, held or not.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows that hold NaN.
    pub fn nans(&self) -> u64 {
        self.nans
    }

    /// Rows that hold an infinity of either sign.
    pub fn infinite(&self) -> u64 {
        self.infinite
    }

    /// Most distinct values that are held.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// Too many values, a value that is not finite or has no rows, counts that
    /// do not add up.
    pub fn validate(&self) -> Result<(), StateError> {
        let invalid = |problem| {
            Err(StateError::Invalid {
                what: "tally",
                problem,
            })
        };
        let Some(held) = &self.values else {
            return Ok(());
        };
        if held.len() as u64 > self.limit {
            return invalid("it holds more values than its limit");
        }
        if held.keys().any(|bits| !value(*bits).is_finite()) {
            return invalid("it holds a value that is not finite");
        }
        let mut rows = held.values();
        let sum = rows.try_fold(0u64, |sum, rows| sum.checked_add(*rows));
        if sum != Some(self.rows) || held.values().any(|rows| *rows == 0) {
            return invalid("its counts do not add up");
        }
        Ok(())
    }
}

/// Bits in the order of the values; -0 is 0.
fn rising(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    }
}

fn value(rising: u64) -> f64 {
    f64::from_bits(match rising >> 63 {
        1 => rising & !(1 << 63),
        _ => !rising,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(limit: u64, values: &[f64]) -> Tally {
        let mut tally = Tally::new(limit);
        tally.add(values);
        tally.validate().unwrap();
        tally
    }

    #[test]
    fn values_are_in_order_and_zero_is_one() {
        let tally = of(9, &[0.0, -1.5, -0.0, f64::INFINITY, 1e-300, -1e300]);
        let expected = vec![(-1e300, 1), (-1.5, 1), (0.0, 2), (1e-300, 1)];
        assert_eq!(tally.values(), Some(expected));
    }

    #[test]
    fn forged_states_are_found() {
        let mut forged = of(9, &[1.0, 2.0]);
        forged.rows = 3;
        assert!(forged.validate().is_err());
        let mut many = of(9, &[1.0, 2.0]);
        many.limit = 1;
        assert!(many.validate().is_err());
        let mut infinite = of(9, &[1.0]);
        infinite.values = Some(BTreeMap::from([(rising(f64::INFINITY), 1)]));
        assert!(infinite.validate().is_err());
        assert!(of(9, &[]).merge(&of(8, &[])).is_err());
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_in_any_order(values in prop::collection::vec((-6i8..6).prop_map(f64::from), 0..30), cuts in [0usize..30, 0usize..30], limit in 0u64..12) {
            let (low, high) = (cuts[0].min(cuts[1]).min(values.len()), cuts[0].max(cuts[1]).min(values.len()));
            let parts = [&values[..low], &values[low..high], &values[high..]].map(|part| of(limit, part));
            let whole = of(limit, &values);
            for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                let mut merged = Tally::new(limit);
                order.iter().for_each(|part| merged.merge(&parts[*part]).unwrap());
                prop_assert_eq!(&merged, &whole);
            }
        }
    }
}
