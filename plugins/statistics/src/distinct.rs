//! Distinct rows and values by smallest hash: exact while they fit, and a
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

/// One value and its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// The value.
    pub value: String,
    /// Rows that have it.
    pub rows: u64,
}

/// The `k` distinct values with the smallest hashes ([`value_hash`]), each
/// with its exact number of rows, in order of hash. Merging is exact,
/// associative and commutative.
///
/// ```
/// use driftguard_statistics::ValueSample;
/// let mut unseen = ValueSample::new(10);
/// unseen.insert("BTC", 3);
/// unseen.insert("BTC", 1);
/// assert_eq!(unseen.by_rows()[0].rows, 4);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueSample {
    k: usize,
    rows: u64,
    values: Vec<ValueCount>,
}

impl ValueSample {
    /// An empty sample of at most `k` distinct values.
    pub fn new(k: usize) -> Self {
        Self {
            k,
            rows: 0,
            values: Vec::new(),
        }
    }

    /// Adds `rows` rows of one value.
    pub fn insert(&mut self, value: &str, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
        if rows == 0 {
            return;
        }
        let key = (value_hash(value), value);
        match self
            .values
            .binary_search_by(|kept| (value_hash(&kept.value), kept.value.as_str()).cmp(&key))
        {
            Ok(place) => {
                if let Some(kept) = self.values.get_mut(place) {
                    kept.rows = kept.rows.saturating_add(rows);
                }
            }
            Err(place) if place < self.k => {
                self.values.insert(
                    place,
                    ValueCount {
                        value: value.to_owned(),
                        rows,
                    },
                );
                self.values.truncate(self.k);
            }
            Err(_) => {}
        }
    }

    /// Counts rows of values that were seen elsewhere and not offered.
    pub fn note_dropped(&mut self, rows: u64) {
        self.rows = self.rows.saturating_add(rows);
    }

    /// Adds the rows of another sample of the same size.
    ///
    /// # Errors
    ///
    /// Another `k`.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        same_size(self.k, other.k)?;
        let rows = self.rows.saturating_add(other.rows);
        other
            .values
            .iter()
            .for_each(|kept| self.insert(&kept.value, kept.rows));
        self.rows = rows;
        Ok(())
    }

    /// Rows seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether every value is kept.
    pub fn complete(&self) -> bool {
        self.values
            .iter()
            .fold(0, |sum: u64, kept| sum.saturating_add(kept.rows))
            == self.rows
    }

    /// Number of distinct values: exact while complete, otherwise estimated.
    pub fn distinct(&self) -> f64 {
        let kept = self.values.len() as f64;
        match self.values.last() {
            Some(last) if !self.complete() && kept > 1.0 => {
                let covered = (value_hash(&last.value) as f64 + 1.0) / 2f64.powi(64);
                ((kept - 1.0) / covered).clamp(kept, self.rows as f64)
            }
            _ => kept,
        }
    }

    /// The kept values in order of hash.
    pub fn values(&self) -> &[ValueCount] {
        &self.values
    }

    /// The kept values, most rows first; equal rows in order of value.
    pub fn by_rows(&self) -> Vec<ValueCount> {
        let mut values = self.values.clone();
        values.sort_by(|a, b| b.rows.cmp(&a.rows).then_with(|| a.value.cmp(&b.value)));
        values
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// More values than `k`, values out of order, a value without rows, or
    /// more rows than were seen.
    pub fn validate(&self) -> Result<(), StateError> {
        let counts: Vec<u64> = self.values.iter().map(|kept| kept.rows).collect();
        validate("distinct values", self.k, &counts, self.rows)?;
        let keys: Vec<_> = self
            .values
            .iter()
            .map(|kept| (value_hash(&kept.value), &kept.value))
            .collect();
        if keys.iter().zip(keys.iter().skip(1)).any(|(a, b)| a >= b) {
            return Err(StateError::Invalid {
                what: "distinct values",
                problem: "its values are out of order",
            });
        }
        Ok(())
    }
}

fn same_size(left: usize, right: usize) -> Result<(), StateError> {
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

fn validate(what: &'static str, k: usize, counts: &[u64], rows: u64) -> Result<(), StateError> {
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

/// A fixed 64-bit hash of text: FNV-1a over the UTF-8 bytes, then the
/// finaliser of MurmurHash3, so that all bits are even. Written down in saved
/// states: it may never change. Not for keeping adversaries out.
///
/// Fowler, Noll and Vo, "The FNV Non-Cryptographic Hash Algorithm", 2011.
pub fn value_hash(text: &str) -> u64 {
    let fnv = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mixed = (fnv ^ (fnv >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(hashes: &[u64]) -> DistinctSample {
        let mut sample = DistinctSample::new(6);
        hashes.iter().for_each(|hash| sample.insert(*hash));
        sample
    }

    fn values(rows: &[(u8, u64)]) -> ValueSample {
        let mut sample = ValueSample::new(6);
        rows.iter()
            .for_each(|(value, rows)| sample.insert(&value.to_string(), *rows));
        sample
    }

    /// Hashes of 0..n, as even as a real hash.
    fn hash_of(i: u64) -> u64 {
        value_hash(&i.to_string())
    }

    #[test]
    fn the_hash_of_text_never_changes() {
        assert_eq!(value_hash(""), 0xefd0_1f60_ba99_2926);
        assert_ne!(value_hash("a"), value_hash("b"));
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
        assert!(rows(&[]).complete() && values(&[]).complete());
        let mut none = DistinctSample::new(0);
        none.insert(3);
        assert_eq!(none.repeated_share(), None);
    }

    #[test]
    fn forged_states_are_found() {
        let mut forged = rows(&[1, 2, 3]);
        forged.rows = 2;
        assert!(forged.validate().is_err());
        let mut unordered = values(&[(1, 1), (2, 1)]);
        unordered.values.reverse();
        assert!(unordered.validate().is_err());
        assert!(rows(&[1]).merge(&DistinctSample::new(9)).is_err());
        assert!(values(&[]).merge(&ValueSample::new(9)).is_err());
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
        fn merging_values_is_one_pass(list in prop::collection::vec((0u8..20, 1u64..5), 0..40), cut in 0usize..40) {
            let (left, right) = list.split_at(cut.min(list.len()));
            let (whole, mut merged, mut other_way) = (values(&list), values(left), values(right));
            merged.merge(&values(right)).unwrap();
            other_way.merge(&values(left)).unwrap();
            whole.validate().unwrap();
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
