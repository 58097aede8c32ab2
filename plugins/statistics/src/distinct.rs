//! Distinct rows by smallest hash: exact while they fit, and a
//! fair sample of the distinct ones beyond.
//!
//! Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", 2002;
//! Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset
//! Operations", 2007.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::StateError;

/// The `k` smallest distinct hashes of rows, each with the exact number of
/// rows that have it. Merging is exact, associative and commutative.
///
/// ```
/// use driftguard_statistics::DistinctSample;
/// let mut rows = DistinctSample::new(100);
/// for hash in [5, 9, 5, 5] {
///     rows.insert(hash);
/// }
/// assert_eq!(rows.distinct(), 2.0);
/// assert_eq!(rows.repeated_share(), Some(0.5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistinctSample {
    k: usize,
    rows: u64,
    counts: BTreeMap<u64, u64>,
}

impl DistinctSample {
    /// An empty sample of at most `k` distinct hashes.
    pub fn new(k: usize) -> Self {
        Self {
            k,
            rows: 0,
            counts: BTreeMap::new(),
        }
    }

    /// Adds one row.
    pub fn insert(&mut self, hash: u64) {
        self.add(hash, 1);
        self.rows = self.rows.saturating_add(1);
    }

    /// A hash above the largest kept one can never come back, so the counts
    /// of those that stay are complete.
    fn add(&mut self, hash: u64, rows: u64) {
        let full = self.counts.len() >= self.k;
        if full
            && self
                .counts
                .last_key_value()
                .is_none_or(|(largest, _)| hash > *largest)
        {
            return;
        }
        let count = self.counts.entry(hash).or_insert(0);
        *count = count.saturating_add(rows);
        if self.counts.len() > self.k {
            self.counts.pop_last();
        }
    }

    /// Adds the rows of another sample of the same size.
    ///
    /// # Errors
    ///
    /// Another `k`.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        same_size(self.k, other.k)?;
        other
            .counts
            .iter()
            .for_each(|(hash, rows)| self.add(*hash, *rows));
        self.rows = self.rows.saturating_add(other.rows);
        Ok(())
    }

    /// Rows seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows whose hash is kept.
    fn kept_rows(&self) -> u64 {
        self.counts
            .values()
            .fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Whether every distinct hash is kept, so that answers are exact.
    pub fn complete(&self) -> bool {
        self.kept_rows() == self.rows
    }

    /// Number of distinct rows: exact while complete, otherwise estimated
    /// from the largest kept hash with a relative error of about
    /// `1 / sqrt(k - 2)`.
    pub fn distinct(&self) -> f64 {
        let kept = self.counts.len() as f64;
        match self.counts.last_key_value() {
            Some((largest, _)) if !self.complete() && kept > 1.0 => {
                let covered = (*largest as f64 + 1.0) / 2f64.powi(64);
                ((kept - 1.0) / covered).clamp(kept, self.rows as f64)
            }
            _ => kept,
        }
    }

    /// Share of rows that are not the first of their kind, 0 to 1: exact
    /// while complete. None without rows.
    ///
    /// Beyond, it is taken from the kept hashes, which are a fair sample of
    /// the distinct ones, and so is exactly 0 without repeats. When that is
    /// far (four standard errors) from what [`Self::distinct`] implies, a few
    /// values repeat so often that they were missed, and the latter is used.
    pub fn repeated_share(&self) -> Option<f64> {
        if self.rows == 0 || self.counts.is_empty() {
            return None;
        }
        let of_kept = 1.0 - self.counts.len() as f64 / self.kept_rows() as f64;
        if self.complete() {
            return Some(of_kept);
        }
        let distinct_share = (self.distinct() / self.rows as f64).min(1.0);
        let error = distinct_share / (self.counts.len() as f64 - 2.0).max(1.0).sqrt();
        let of_all = 1.0 - distinct_share;
        Some(if (of_kept - of_all).abs() <= 4.0 * error {
            of_kept
        } else {
            of_all
        })
    }

    /// The hash with most rows among the kept ones, and its rows.
    pub fn most_repeated(&self) -> Option<(u64, u64)> {
        self.counts
            .iter()
            .max_by_key(|(hash, rows)| (**rows, std::cmp::Reverse(**hash)))
            .map(|(hash, rows)| (*hash, *rows))
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// More hashes than `k`, a hash without rows, or more rows than were seen.
    pub fn validate(&self) -> Result<(), StateError> {
        let counts: Vec<u64> = self.counts.values().copied().collect();
        validate("distinct rows", self.k, &counts, self.rows)
    }
}

pub(crate) fn same_size(left: usize, right: usize) -> Result<(), StateError> {
    let (left, right) = (left as u64, right as u64);
    if left == right {
        Ok(())
    } else {
        Err(StateError::Mismatch {
            what: "sample size",
            left,
            right,
        })
    }
}

pub(crate) fn validate(
    what: &'static str,
    k: usize,
    counts: &[u64],
    rows: u64,
) -> Result<(), StateError> {
    let invalid = |problem| Err(StateError::Invalid { what, problem });
    if counts.len() > k {
        return invalid("it holds more entries than its size");
    }
    if counts.contains(&0) {
        return invalid("an entry has no rows");
    }
    let sum = counts
        .iter()
        .try_fold(0u64, |sum, count| sum.checked_add(*count));
    if sum.is_none_or(|sum| sum > rows) {
        return invalid("it counts more rows than were seen");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::value_hash;
    use proptest::prelude::*;

    fn rows(hashes: &[u64]) -> DistinctSample {
        let mut sample = DistinctSample::new(6);
        hashes.iter().for_each(|hash| sample.insert(*hash));
        sample
    }

    /// Hashes of 0..n, as even as a real hash.
    fn hash_of(i: u64) -> u64 {
        value_hash(&i.to_string())
    }

    #[test]
    fn estimates_without_repeats() {
        let mut sample = DistinctSample::new(1000);
        (0..50_000).for_each(|i| sample.insert(hash_of(i)));
        assert!(!sample.complete());
        assert!(
            (sample.distinct() / 50_000.0 - 1.0).abs() < 0.15,
            "{}",
            sample.distinct()
        );
        assert_eq!(sample.repeated_share(), Some(0.0));
    }

    #[test]
    fn estimates_with_one_row_repeated_very_often() {
        let mut sample = DistinctSample::new(1000);
        (0..20_000).for_each(|i| sample.insert(hash_of(i)));
        // The largest hash of all is not among the kept ones.
        (0..80_000).for_each(|_| sample.insert(u64::MAX));
        let share = sample.repeated_share().unwrap();
        assert!((share - 0.8).abs() < 0.05, "{share}");
    }

    #[test]
    fn empty_samples() {
        assert_eq!(rows(&[]).repeated_share(), None);
        assert_eq!(rows(&[]).distinct(), 0.0);
        assert!(rows(&[]).complete());
        let mut none = DistinctSample::new(0);
        none.insert(3);
        assert_eq!(none.repeated_share(), None);
    }

    #[test]
    fn forged_states_are_found() {
        let mut forged = rows(&[1, 2, 3]);
        forged.rows = 2;
        assert!(forged.validate().is_err());
        assert!(rows(&[1]).merge(&DistinctSample::new(9)).is_err());
    }

    proptest! {
        #[test]
        fn merging_rows_is_one_pass(hashes in prop::collection::vec(0u64..20, 0..40), cut in 0usize..40) {
            let (left, right) = hashes.split_at(cut.min(hashes.len()));
            let (whole, mut merged, mut other_way) = (rows(&hashes), rows(left), rows(right));
            merged.merge(&rows(right)).unwrap();
            other_way.merge(&rows(left)).unwrap();
            whole.validate().unwrap();
            let distinct = hashes.iter().collect::<std::collections::BTreeSet<_>>().len();
            prop_assert_eq!(whole.complete(), distinct <= 6);
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(other_way, whole);
        }

        #[test]
        fn merging_is_associative(a in prop::collection::vec(0u64..20, 0..20), b in prop::collection::vec(0u64..20, 0..20), c in prop::collection::vec(0u64..20, 0..20)) {
            let (a, b, c) = (rows(&a), rows(&b), rows(&c));
            let (mut left, mut tail, mut right) = (a.clone(), b.clone(), a);
            left.merge(&b).unwrap();
            left.merge(&c).unwrap();
            tail.merge(&c).unwrap();
            right.merge(&tail).unwrap();
            prop_assert_eq!(left, right);
        }
    }
}
