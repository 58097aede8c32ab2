//! Where a period stands beside others: all columns together, and each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Scores of columns are kept as whole numbers of this part, so that records
/// hold them exactly.
const PART: f64 = 1e-6;

/// A period beside a pool of others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// Its largest score over columns, and that over all columns together.
    pub own: (f64, f64),
    /// The same of the others.
    pub pool: Vec<(f64, f64)>,
    /// By column, or by whatever else was measured on.
    pub columns: BTreeMap<String, ColumnStanding>,
}

/// A period beside a pool of others in one column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnStanding {
    /// Its score in millionths; see [`millionths`].
    pub own: i64,
    /// Those of the others.
    pub pool: Vec<i64>,
    /// Whether it moved by as much as matters: else its own sum does not count
    /// today, however odd its ranks are.
    pub moved: bool,
}

impl ColumnStanding {
    /// From scores, of a column that moved.
    pub fn new(own: f64, pool: &[f64]) -> Self {
        Self {
            own: millionths(own),
            pool: pool.iter().copied().map(millionths).collect(),
            moved: true,
        }
    }
}

/// A score in millionths; one that is no number is the lowest of all.
pub fn millionths(score: f64) -> i64 {
    match score.is_nan() {
        true => i64::MIN,
        // The conversion saturates.
        false => (score / PART).round() as i64,
    }
}

/// The place of a period in both pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Rank among all periods so far, 1 the farthest out.
    pub rank: u64,
    /// How many those are, itself included.
    pub among: u64,
    /// Rank among the periods of the anchor and itself.
    pub anchor_rank: u64,
    /// Periods of the anchor, itself not included.
    pub anchor_periods: u64,
}

/// The score of a period in one column and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnPlace {
    /// In millionths.
    pub score: i64,
    /// Its place.
    pub place: Place,
    /// See [`ColumnStanding::moved`].
    pub moved: bool,
}

/// The place of `own` among `others` and itself, 1 the farthest out. Ties
/// count against an alarm.
pub(super) fn rank(others: impl IntoIterator<Item = i64>, own: i64) -> u64 {
    others.into_iter().filter(|other| *other >= own).count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_no_news_and_what_is_no_number_is_last() {
        assert_eq!(rank([3, 2, 2, 1], 2), 4);
        assert_eq!(rank([], 2), 1);
        let scores = [1.5, f64::NAN, f64::INFINITY, -0.0000004].map(millionths);
        assert_eq!(scores, [1_500_000, i64::MIN, i64::MAX, 0]);
    }
}
