//! Rows that repeat: exact while the distinct ones fit, and a fair sample of
//! them beyond.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::Error;
use driftguard_statistics::special::ln_gamma;
use serde::{Deserialize, Serialize};

/// Distinct hashes kept.
pub const KEPT: usize = 4096;

/// Below this many rows of one value its probability is a plain product.
const SHORT_PRODUCT: u64 = 64;

/// Standard errors between two estimates that are not put down to chance.
const FAR_APART: f64 = 4.0;

/// Sums over the kept hashes are good to about this much.
const ROUNDING: f64 = 1e-12;

/// The [`KEPT`] smallest distinct hashes, each with the exact number of rows
/// that have it. Merging is exact, associative and commutative.
///
/// `driftguard_statistics::DistinctSample` is the same state, but does not
/// show its counts, which rarefaction needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatSample {
    rows: u64,
    counts: BTreeMap<u64, u64>,
}

impl RepeatSample {
    /// Adds one row.
    pub fn insert(&mut self, hash: u64) {
        self.add(hash, 1);
        self.rows = self.rows.saturating_add(1);
    }

    /// Adds many rows.
    pub fn insert_all(&mut self, hashes: &[u64]) {
        let mut limit = self.limit();
        for hash in hashes {
            // Once the sample is full, few get past.
            if *hash <= limit {
                self.add(*hash, 1);
                limit = self.limit();
            }
        }
        self.rows = self.rows.saturating_add(hashes.len() as u64);
    }

    /// Hashes above it are not kept.
    fn limit(&self) -> u64 {
        let full = self.counts.len() >= KEPT;
        let largest = self.counts.last_key_value().filter(|_| full);
        largest.map_or(u64::MAX, |(hash, _)| *hash)
    }

    /// A hash above the largest kept one can never come back, so the counts
    /// of those that stay are complete.
    fn add(&mut self, hash: u64, rows: u64) {
        if hash > self.limit() {
            return;
        }
        let count = self.counts.entry(hash).or_insert(0);
        *count = count.saturating_add(rows);
        if self.counts.len() > KEPT {
            self.counts.pop_last();
        }
    }

    /// Adds the rows of another sample.
    pub fn merge(&mut self, other: &Self) {
        for (hash, rows) in &other.counts {
            self.add(*hash, *rows);
        }
        self.rows = self.rows.saturating_add(other.rows);
    }

    /// Rows seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn kept_rows(&self) -> u64 {
        self.counts
            .values()
            .fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Whether every distinct hash is kept, so that answers are exact.
    pub fn complete(&self) -> bool {
        self.kept_rows() == self.rows
    }

    /// How many independent observations a share taken from this sample is
    /// worth: rows while complete, kept hashes beyond.
    pub fn effective_rows(&self) -> u64 {
        if self.complete() {
            self.rows
        } else {
            self.counts.len() as u64
        }
    }

    /// Share of rows that repeat an earlier one, expected in a uniform
    /// subsample of `n` of the `N` rows without replacement. None without
    /// rows, or with `n` 0 or above `N`.
    ///
    /// A value of `c` rows is absent from the subsample with probability
    /// `q = C(N - c, n) / C(N, n)`, so that the share is
    /// `1 - sum (1 - q) / sum (c n / N)` over the values. Beyond what is kept,
    /// both sums run over the kept values, a fair sample of all; if that is
    /// four standard errors from what the estimated number of distinct values
    /// implies, a few values repeat so often that the sample missed them, and
    /// the latter is used.
    ///
    /// Hurlbert, "The Nonconcept of Species Diversity: A Critique and
    /// Alternative Parameters", 1971.
    pub fn repeated_share(&self, n: u64) -> Option<f64> {
        if n == 0 || n > self.rows || self.counts.is_empty() {
            return None;
        }
        let present: f64 = self
            .counts
            .values()
            .map(|rows| 1.0 - absent(self.rows, *rows, n))
            .sum();
        let rows = self.kept_rows() as f64 * (n as f64 / self.rows as f64);
        let of_kept = without_rounding(1.0 - present / rows);
        if self.complete() {
            return Some(of_kept);
        }
        let kept = self.counts.len() as f64;
        let largest = self.counts.last_key_value().map_or(0, |(hash, _)| *hash);
        let covered = (largest as f64 + 1.0) / 2_f64.powi(64);
        let all = (kept - 1.0) / covered * (present / kept) / n as f64;
        let of_all = without_rounding(1.0 - all);
        let error = (1.0 - of_all) / (kept - 2.0).max(1.0).sqrt();
        Some(if (of_kept - of_all).abs() <= FAR_APART * error {
            of_kept
        } else {
            of_all
        })
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for more hashes than are kept, a hash without rows, or
    /// counts that do not fit the rows.
    pub fn validate(&self, what: &str) -> Result<(), Error> {
        let sum = self
            .counts
            .values()
            .try_fold(0_u64, |sum, rows| sum.checked_add(*rows));
        // While there is room nothing is dropped.
        let fits = match sum {
            Some(sum) if self.counts.len() < KEPT => sum == self.rows,
            Some(sum) => sum <= self.rows,
            None => false,
        };
        if self.counts.len() <= KEPT && fits && !self.counts.values().any(|rows| *rows == 0) {
            return Ok(());
        }
        Err(Error::State(format!(
            "the sample of {what} has {} hashes (limit {KEPT}) that do not fit its {} rows; rebuild it from the data",
            self.counts.len(),
            self.rows
        )))
    }
}

/// A share, 0 where only rounding keeps it from being so: rows that are all
/// different must say exactly that.
fn without_rounding(share: f64) -> f64 {
    if share < ROUNDING {
        0.0
    } else {
        share.min(1.0)
    }
}

/// Probability that none of `rows` rows is among `n` drawn from `all`.
fn absent(all: u64, rows: u64, n: u64) -> f64 {
    let rest = all.saturating_sub(rows);
    if rest < n {
        return 0.0;
    }
    let (all, n, rest) = (all as f64, n as f64, rest as f64);
    if rows <= SHORT_PRODUCT {
        return (0..rows)
            .map(|j| (all - n - j as f64) / (all - j as f64))
            .product();
    }
    let ln = ln_gamma(rest + 1.0) - ln_gamma(rest - n + 1.0) - ln_gamma(all + 1.0)
        + ln_gamma(all - n + 1.0);
    ln.exp().min(1.0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Spreads small numbers over all hashes.
    pub(crate) fn hash(i: u64) -> u64 {
        let z = i.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn of(values: impl IntoIterator<Item = u64>) -> RepeatSample {
        let mut sample = RepeatSample::default();
        values
            .into_iter()
            .for_each(|value| sample.insert(hash(value)));
        sample
    }

    #[test]
    fn exact_while_complete() {
        let sample = of([1, 1, 1, 2, 3]);
        assert_eq!(sample.repeated_share(5), Some(0.4));
        // Of two out of five, 3 pairs in 10 are equal: half a row each.
        assert!((sample.repeated_share(2).unwrap() - 0.15).abs() < 1e-12);
        assert_eq!(sample.repeated_share(1), Some(0.0));
        assert_eq!(sample.repeated_share(6), None);
        assert_eq!(of([]).repeated_share(0), None);
    }

    #[test]
    fn both_ways_to_the_probability_agree() {
        for (all, rows, n) in [(1_000, 64, 30), (100_000, 64, 5_000), (200, 64, 100)] {
            let product = absent(all, rows, n);
            let (a, r, k) = (all as f64, (all - rows) as f64, n as f64);
            let ln = ln_gamma(r + 1.0) - ln_gamma(r - k + 1.0) - ln_gamma(a + 1.0)
                + ln_gamma(a - k + 1.0);
            assert!((product / ln.exp() - 1.0).abs() < 1e-6);
        }
        assert_eq!(absent(100, 90, 11), 0.0);
    }

    #[test]
    fn estimates_beyond_what_is_kept() {
        let unique = of(0..20_000);
        assert!(!unique.complete());
        assert_eq!(unique.repeated_share(20_000), Some(0.0));
        assert_eq!(unique.repeated_share(700), Some(0.0));
        let twice = of((0..20_000).map(|i| i / 2));
        assert!((twice.repeated_share(20_000).unwrap() - 0.5).abs() < 1e-9);
        // At half of the rows, a quarter of them has its twin before it.
        assert!((twice.repeated_share(10_000).unwrap() - 0.25).abs() < 0.001);
        let replayed = of((0..20_000).chain(std::iter::repeat_n(77, 20_000)));
        assert!((replayed.repeated_share(40_000).unwrap() - 0.5).abs() < 0.05);
    }

    #[test]
    fn forged_states_are_refused() {
        let mut forged = of([1, 2, 3]);
        forged.rows = 2;
        assert!(matches!(forged.validate("rows"), Err(Error::State(_))));
        forged.rows = 4;
        assert!(forged.validate("rows").is_err());
        let mut zero = of([1]);
        zero.counts.insert(9, 0);
        assert!(zero.validate("rows").is_err());
        let mut long = RepeatSample::default();
        (0..=KEPT as u64).for_each(|i| {
            long.counts.insert(i, 1);
        });
        long.rows = long.kept_rows();
        assert!(long.validate("rows").is_err());
    }

    proptest! {
        #[test]
        fn merging_is_one_pass(values in prop::collection::vec(0_u64..30, 0..60), cut in 0_usize..60, far in 0_u64..9_000) {
            // Some runs overflow what is kept.
            let all: Vec<u64> = values.iter().copied().chain(100..100 + far).collect();
            let (left, right) = all.split_at(cut.min(all.len()));
            let (mut merged, mut other_way) = (of(left.to_vec()), of(right.to_vec()));
            merged.merge(&of(right.to_vec()));
            other_way.merge(&of(left.to_vec()));
            merged.validate("rows").unwrap();
            let mut at_once = of(left.to_vec());
            let hashes: Vec<u64> = right.iter().map(|value| hash(*value)).collect();
            at_once.insert_all(&hashes);
            prop_assert_eq!(&at_once, &merged);
            prop_assert_eq!(&merged, &of(all));
            prop_assert_eq!(other_way, merged);
        }

        #[test]
        fn fewer_rows_repeat_less(values in prop::collection::vec(0_u64..20, 2..80), n in 1_u64..80) {
            let sample = of(values);
            let n = n.min(sample.rows() - 1);
            let (few, more) = (sample.repeated_share(n).unwrap(), sample.repeated_share(n + 1).unwrap());
            prop_assert!((0.0..=1.0).contains(&few) && few <= more + 1e-12);
        }
    }
}
