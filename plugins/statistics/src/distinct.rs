//! Distinct rows by smallest hash: exact while they fit, and a
//! fair sample of the distinct ones beyond.
//!
//! Bar-Yossef et al., "Counting Distinct Elements in a Data Stream", 2002;
//! Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset
//! Operations", 2007.

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::join::joined;
use crate::special::ln_gamma;

/// Below this many rows of one value its probability is a plain product.
const SHORT_PRODUCT: u64 = 64;

/// Standard errors between two estimates that are not put down to chance.
const FAR_APART: f64 = 4.0;

/// Sums over the kept hashes are good to about this much.
const ROUNDING: f64 = 1e-12;

/// The `k` smallest distinct hashes of rows, each with the exact number of
/// rows that have it. Merging is exact, associative and commutative.
///
/// ```
/// use driftguard_statistics::DistinctSample;
/// let mut rows = DistinctSample::new(100);
/// rows.insert_all(&[5, 9, 5, 5]);
/// assert_eq!(rows.distinct(), 2.0);
/// assert_eq!(rows.repeated_share(4), Some(0.5));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DistinctSample {
    k: usize,
    rows: u64,
    /// In rising order.
    #[serde(with = "crate::key_bytes")]
    hashes: Vec<u64>,
    /// Rows of each hash.
    counts: Vec<u64>,
}

impl DistinctSample {
    /// An empty sample of at most `k` distinct hashes.
    pub fn new(k: usize) -> Self {
        Self {
            k,
            rows: 0,
            hashes: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Adds rows. A hash above the largest kept one of a full sample can never
    /// come back, so the counts of those that stay are complete.
    pub fn insert_all(&mut self, hashes: &[u64]) {
        let limit = self.limit();
        let mut few: Vec<u64> = vec![];
        let most = self.k.saturating_mul(2);
        if limit == u64::MAX && hashes.len() > 2 * most {
            // Hashes are even: those below this are nearly always enough.
            let below = (2_f64.powi(64) * most as f64 / hashes.len() as f64) as u64;
            few.extend(hashes.iter().filter(|hash| **hash < below));
            few.sort_unstable();
            let distinct = few.chunk_by(|left, right| left == right).count();
            if distinct < self.k {
                few.clear();
            }
        }
        if few.is_empty() {
            few.extend(hashes.iter().filter(|hash| **hash <= limit));
            few.sort_unstable();
        }
        let runs = few.chunk_by(|left, right| left == right);
        self.join(runs.filter_map(|run| Some((*run.first()?, run.len() as u64))));
        self.rows = self.rows.saturating_add(hashes.len() as u64);
    }

    /// Adds the rows of another sample of the same size.
    ///
    /// # Errors
    ///
    /// Another `k`.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        same_size(self.k, other.k)?;
        self.join(other.entries());
        self.rows = self.rows.saturating_add(other.rows);
        Ok(())
    }

    /// Hashes above it are not kept.
    fn limit(&self) -> u64 {
        let full = self.hashes.len() >= self.k;
        let largest = self.hashes.last().filter(|_| full);
        largest.copied().unwrap_or(u64::MAX)
    }

    fn entries(&self) -> impl Iterator<Item = (u64, u64)> {
        self.hashes.iter().copied().zip(self.counts.iter().copied())
    }

    /// The smallest of what is here and of others, both in rising order.
    fn join(&mut self, others: impl Iterator<Item = (u64, u64)>) {
        let rows = |entry: Option<(u64, u64)>| entry.map_or(0, |(_, rows)| rows);
        let both = joined(self.entries(), others, |mine, other| mine.0.cmp(&other.0));
        let both = both.filter_map(|(mine, other)| {
            let (hash, _) = mine.or(other)?;
            Some((hash, rows(mine).saturating_add(rows(other))))
        });
        (self.hashes, self.counts) = both.take(self.k).unzip();
    }

    /// Rows seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Largest number of hashes kept.
    pub fn k(&self) -> usize {
        self.k
    }

    /// Rows whose hash is kept.
    fn kept_rows(&self) -> u64 {
        let sum = |sum: u64, rows: &u64| sum.saturating_add(*rows);
        self.counts.iter().fold(0, sum)
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
            self.hashes.len() as u64
        }
    }

    /// Number of distinct rows: exact while complete, otherwise estimated
    /// from the largest kept hash with a relative error of about
    /// `1 / sqrt(k - 2)`.
    pub fn distinct(&self) -> f64 {
        let kept = self.hashes.len() as f64;
        match self.hashes.last() {
            Some(largest) if !self.complete() => {
                let covered = (*largest as f64 + 1.0) / 2f64.powi(64);
                (kept - 1.0) / covered
            }
            _ => kept,
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
            .iter()
            .map(|rows| 1.0 - absent(self.rows, *rows, n))
            .sum();
        let rows = self.kept_rows() as f64 * (n as f64 / self.rows as f64);
        let of_kept = without_rounding(1.0 - present / rows);
        if self.complete() {
            return Some(of_kept);
        }
        let kept = self.hashes.len() as f64;
        let all = self.distinct() * (present / kept) / n as f64;
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
    ///
    /// More hashes than `k`, hashes out of order, a hash without rows, or
    /// counts that do not fit the rows.
    pub fn validate(&self) -> Result<(), StateError> {
        let what = "distinct rows";
        let invalid = |problem| Err(StateError::Invalid { what, problem });
        validate(what, self.k, &self.counts, self.rows)?;
        let rising = self.hashes.iter().zip(self.hashes.iter().skip(1));
        if rising.into_iter().any(|(left, right)| left >= right) {
            return invalid("its hashes are out of order");
        }
        if self.hashes.len() != self.counts.len() {
            return invalid("it does not count every hash");
        }
        // While there is room nothing is dropped.
        if self.hashes.len() < self.k && !self.complete() {
            return invalid("it counts fewer rows than were seen");
        }
        Ok(())
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
mod tests;
