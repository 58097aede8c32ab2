//! How long a column stays at one value: whether rows follow each other.
//!
//! A test that takes rows as independent is wrong by orders of magnitude where
//! a value holds for hours (weather) or for a whole file (a month's number).
//! How often consecutive rows of the reference differ, and how long its
//! longest run is, say how many rows count as one.

use serde::{Deserialize, Serialize};

/// Consecutive rows that both hold a value, and how many of them differ.
///
/// ```
/// use driftguard_statistics::persistence::Persistence;
/// let months = (0..900u32).map(|row| Some(row / 300));
/// let found = Persistence::of(months, 1.0 / 3.0);
/// assert!(found.rows_as_one() > 300.0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Persistence {
    pairs: u64,
    switches: u64,
    /// Probability that two rows drawn at random hold the same value.
    same: f64,
}

impl Persistence {
    /// Goes through values in the order of their rows; None is a null. `same`
    /// is the probability that two rows drawn at random are equal.
    pub fn of<T: PartialEq>(values: impl IntoIterator<Item = Option<T>>, same: f64) -> Self {
        let (mut pairs, mut switches) = (0, 0);
        let mut before: Option<T> = None;
        for value in values {
            if let (Some(left), Some(right)) = (&before, &value) {
                pairs += 1;
                switches += u64::from(left != right);
            }
            before = value;
        }
        Self {
            pairs,
            switches,
            same: if same.is_finite() {
                same.clamp(0.0, 1.0)
            } else {
                1.0
            },
        }
    }

    /// How many consecutive rows count as one, at least 1. With `s` the mean
    /// length of a stretch over that of rows in random order it is `2 s - 1`,
    /// the integrated autocorrelation time of a chain that keeps its value
    /// with some probability and else draws a new one. A column of one value
    /// shows nothing: 1.
    pub fn rows_as_one(&self) -> f64 {
        let expected = self.pairs as f64 * (1.0 - self.same);
        let stretch = (expected + 1.0) / (self.switches as f64 + 1.0);
        (2.0 * stretch - 1.0).max(1.0)
    }
}

/// Probability that two rows drawn at random without replacement are equal,
/// from the rows of each value: `sum c (c - 1) / (n (n - 1))`. 0 with fewer
/// than two rows.
pub fn same_by_chance(counts: impl IntoIterator<Item = u64>) -> f64 {
    let (mut rows, mut same) = (0.0, 0.0);
    for count in counts {
        let count = count as f64;
        rows += count;
        same += count * (count - 1.0);
    }
    if rows < 2.0 {
        return 0.0;
    }
    (same / (rows * (rows - 1.0))).clamp(0.0, 1.0)
}

/// The longest run of a value with this share that `rows` independent rows
/// are expected to hold: `ln(rows (1 - share)) / -ln share`, at least 1.
/// Infinite for a share of 1.
///
/// Schilling, "The Longest Run of Heads", 1990.
pub fn longest_by_chance(share: f64, rows: u64) -> f64 {
    if share <= 0.0 {
        return 1.0;
    }
    if share >= 1.0 {
        return f64::INFINITY;
    }
    let starts = (rows as f64 * (1.0 - share)).max(1.0);
    (starts.ln() / -share.ln()).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;

    #[test]
    fn rows_in_random_order_count_each() {
        let mut rng = Rng(3);
        let values: Vec<u64> = (0..20_000)
            .map(|_| ((rng.uniform() * 10.0) as u64).saturating_sub(6))
            .collect();
        let mut counts = [0u64; 4];
        values.iter().for_each(|value| counts[*value as usize] += 1);
        let found = Persistence::of(values.into_iter().map(Some), same_by_chance(counts));
        assert!(found.rows_as_one() < 1.1, "{found:?}");
    }

    /// A chain that keeps its value with probability r has the integrated
    /// autocorrelation time (1 + r) / (1 - r).
    #[test]
    fn a_chain_that_keeps_its_value() {
        let mut rng = Rng(4);
        let mut value = 0;
        let chain: Vec<Option<u64>> = (0..50_000)
            .map(|_| {
                if rng.uniform() >= 0.8 {
                    value = (rng.uniform() * 5.0) as u64;
                }
                Some(value)
            })
            .collect();
        let found = Persistence::of(chain, 0.2).rows_as_one();
        assert!((found - 9.0).abs() < 0.5, "{found}");
    }

    #[test]
    fn degenerate_columns() {
        assert_eq!(Persistence::default().rows_as_one(), 1.0);
        let constant = Persistence::of([Some(1); 50], 1.0);
        assert_eq!(constant.rows_as_one(), 1.0);
        let nulls = Persistence::of([None::<u8>, Some(1), None, Some(2)], f64::NAN);
        assert_eq!(nulls.rows_as_one(), 1.0);
        assert_eq!((same_by_chance([]), same_by_chance([1])), (0.0, 0.0));
        assert_eq!(same_by_chance([5]), 1.0);
        assert_eq!(longest_by_chance(0.0, 10), 1.0);
        assert!(longest_by_chance(1.0, 10).is_infinite());
        assert!((longest_by_chance(0.5, 2048) - 10.0).abs() < 1e-9);
    }
}
