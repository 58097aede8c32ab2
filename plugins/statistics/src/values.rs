//! Distinct values of text by smallest hash: exact while they fit, and a fair
//! sample of the distinct ones beyond. See [`crate::distinct`] for the sources.

use serde::{Deserialize, Serialize};

use crate::distinct::{same_size, validate};
use crate::error::StateError;
use crate::join::joined;

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
        self.rows = self.rows.saturating_add(other.rows);
        if other.values.is_empty() {
            return Ok(());
        }
        let mine = std::mem::take(&mut self.values).into_iter().map(Keyed::new);
        let theirs = other.values.iter().map(Keyed::new);
        let both = joined(mine, theirs, |mine, theirs| mine.key().cmp(&theirs.key()));
        let kept = both.filter_map(|(mine, theirs)| match (mine, theirs) {
            (Some(mine), theirs) => {
                let more = theirs.map_or(0, |theirs| theirs.count.rows);
                let rows = mine.count.rows.saturating_add(more);
                Some(ValueCount { rows, ..mine.count })
            }
            (None, theirs) => theirs.map(|theirs| theirs.count.clone()),
        });
        self.values = kept.take(self.k).collect();
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

/// A value with its hash.
struct Keyed<C> {
    hash: u64,
    count: C,
}

impl<C: std::borrow::Borrow<ValueCount>> Keyed<C> {
    fn new(count: C) -> Self {
        Self {
            hash: value_hash(&count.borrow().value),
            count,
        }
    }

    /// What values are in order of. Texts are compared where hashes are equal
    /// only, which is hardly ever.
    fn key(&self) -> (u64, &str) {
        (self.hash, &self.count.borrow().value)
    }
}

/// A value and its rows on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair<'a> {
    /// The value.
    pub value: &'a str,
    /// Rows on the left.
    pub left: u64,
    /// Rows on the right.
    pub right: u64,
}

/// The values of two samples side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired<'a> {
    /// In order of hash; those below [`Self::end`], of which all are known.
    pub values: Vec<Pair<'a>>,
    /// The hash below which both samples know all values; None if they know
    /// all there are.
    pub end: Option<u64>,
}

impl Paired<'_> {
    /// The part of all hashes that is below [`Self::end`], 1 without one.
    pub fn fraction(&self) -> f64 {
        self.end.map_or(1.0, |end| end as f64 / 2f64.powi(64))
    }

    /// Rows of each value, left and right.
    pub fn rows(&self) -> Vec<(u64, u64)> {
        let rows = self.values.iter().map(|pair| (pair.left, pair.right));
        rows.collect()
    }
}

/// The values of both samples, of samples that dropped values those below the
/// largest hash that both kept whole: of these all are known.
///
/// ```
/// use driftguard_statistics::ValueSample;
/// use driftguard_statistics::values::paired;
/// let (mut left, mut right) = (ValueSample::new(10), ValueSample::new(10));
/// left.insert("a", 3);
/// right.insert("a", 1);
/// let both = paired(&left, &right);
/// assert_eq!((both.rows(), both.fraction()), (vec![(3, 1)], 1.0));
/// ```
pub fn paired<'a>(left: &'a ValueSample, right: &'a ValueSample) -> Paired<'a> {
    let end = common_end(left, right);
    let known = |kept: &Keyed<&ValueCount>| end.is_none_or(|end| kept.hash < end);
    let keyed = |sample: &'a ValueSample| sample.values.iter().map(Keyed::new).take_while(known);
    let both = joined(keyed(left), keyed(right), |left, right| {
        left.key().cmp(&right.key())
    });
    let rows = |side: &Option<Keyed<&ValueCount>>| side.as_ref().map_or(0, |kept| kept.count.rows);
    let values = both.filter_map(|(left, right)| {
        let (of_left, of_right) = (rows(&left), rows(&right));
        let kept = left.or(right)?;
        Some(Pair {
            value: &kept.count.value,
            left: of_left,
            right: of_right,
        })
    });
    Paired {
        values: values.collect(),
        end,
    }
}

/// The hash below which both samples know all values; None if they know all
/// there are.
fn common_end(left: &ValueSample, right: &ValueSample) -> Option<u64> {
    [left, right]
        .into_iter()
        .filter(|sample| !sample.complete())
        .filter_map(|sample| sample.values.last())
        .map(|last| value_hash(&last.value))
        .min()
}

/// A fixed 64-bit hash of text, eight bytes at a time with the finaliser of
/// SplitMix64. The host's `categories` kernel keeps unlisted values by the
/// same hash, which is what makes samples of its answers merge exactly. Saved
/// states rest on it: it may never change. Not for keeping adversaries out.
///
/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
pub fn value_hash(text: &str) -> u64 {
    let (words, tail) = text.as_bytes().as_chunks::<8>();
    let mut state = mix(text.len() as u64);
    for word in words {
        state = (state ^ u64::from_le_bytes(*word))
            .wrapping_mul(MULTIPLIER)
            .rotate_left(29);
    }
    let last = tail
        .iter()
        .rev()
        .fold(0, |last, byte| (last << 8) | u64::from(*byte));
    mix(state ^ last)
}

/// 2 to the 64 over the golden ratio, made odd.
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(MULTIPLIER);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(rows: &[(u8, u64)]) -> ValueSample {
        let mut sample = ValueSample::new(6);
        rows.iter()
            .for_each(|(value, rows)| sample.insert(&value.to_string(), *rows));
        sample
    }

    #[test]
    fn the_hash_of_text_never_changes() {
        assert_eq!(value_hash(""), 0xa706_dd2f_4d19_7e6f);
        assert_eq!(value_hash("a"), 0x5e02_5f9a_de9e_af3e);
        assert_eq!(value_hash("abcdefgh"), 0xe5d4_92c8_ffc6_0113);
        assert_eq!(value_hash("a longer text"), 0x867d_1277_8c39_78f8);
    }

    #[test]
    fn forged_states_are_found() {
        assert!(values(&[]).complete());
        let mut unordered = values(&[(1, 1), (2, 1)]);
        unordered.values.reverse();
        assert!(unordered.validate().is_err());
        assert!(values(&[]).merge(&ValueSample::new(9)).is_err());
    }

    proptest! {
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

        /// Samples of six, so that values are dropped in most draws.
        #[test]
        fn pairs_hold_what_both_know(left in prop::collection::vec((0u8..20, 1u64..5), 0..30), right in prop::collection::vec((0u8..20, 1u64..5), 0..30)) {
            let (a, b) = (values(&left), values(&right));
            let end = common_end(&a, &b);
            let rows = |list: &[(u8, u64)], value: &str| -> u64 {
                let same = list.iter().filter(|(known, _)| known.to_string() == value);
                same.map(|(_, rows)| rows).sum()
            };
            let mut expected: Vec<(u64, String, u64, u64)> = left
                .iter()
                .chain(&right)
                .map(|(value, _)| value.to_string())
                .filter(|value| end.is_none_or(|end| value_hash(value) < end))
                .map(|value| (value_hash(&value), value.clone(), rows(&left, &value), rows(&right, &value)))
                .collect();
            expected.sort();
            expected.dedup();
            let found: Vec<_> = paired(&a, &b)
                .values
                .iter()
                .map(|pair| (value_hash(pair.value), pair.value.to_owned(), pair.left, pair.right))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
