//! Counts over bins: merging, shares, coarsening.
//!
//! With `k` edges there are `k + 1` bins: bin 0 is `x < edges[0]`, bin i is
//! `edges[i-1] <= x < edges[i]`, the last is `x >= edges[k-1]`.

use serde::{Deserialize, Serialize};

use crate::error::StateError;

/// Integer counts over the bins of one frame. Merging adds them: exact,
/// associative, commutative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(Vec<u64>);

impl Counts {
    /// No rows in `bins` bins.
    pub fn new(bins: usize) -> Self {
        Self(vec![0; bins])
    }

    /// Counts that someone else made.
    pub fn from_vec(counts: Vec<u64>) -> Self {
        Self(counts)
    }

    /// Counts of `values` over `edges` (strictly rising); NaN is left out.
    ///
    /// ```
    /// use driftguard_statistics::Counts;
    /// let counts = Counts::of_values(&[0.0, 1.0], &[-1.0, 0.0, 0.5, 7.0]);
    /// assert_eq!(counts.as_slice(), [1, 2, 1]);
    /// ```
    pub fn of_values(edges: &[f64], values: &[f64]) -> Self {
        let mut counts = vec![0u64; edges.len() + 1];
        for value in values.iter().filter(|value| !value.is_nan()) {
            let bin = edges.partition_point(|edge| edge <= value);
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        Self(counts)
    }

    /// The counts, one for each bin.
    pub fn as_slice(&self) -> &[u64] {
        &self.0
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.0.len()
    }

    /// Rows in all bins; stops at the largest 64-bit number.
    pub fn total(&self) -> u64 {
        total(&self.0)
    }

    /// Shares of the bins, adding up to 1; None without rows.
    pub fn shares(&self) -> Option<Vec<f64>> {
        shares(&self.0)
    }

    /// Adds a batch's counts over the same bins. On an error nothing changes.
    ///
    /// # Errors
    ///
    /// Another number of bins, or a count above 64 bits.
    pub fn add(&mut self, other: &[u64]) -> Result<(), StateError> {
        if self.0.len() != other.len() {
            return Err(StateError::Mismatch {
                what: "bins",
                left: self.0.len() as u64,
                right: other.len() as u64,
            });
        }
        let summed: Option<Vec<u64>> = self
            .0
            .iter()
            .zip(other)
            .map(|(a, b)| a.checked_add(*b))
            .collect();
        self.0 = summed.ok_or(StateError::Overflow {
            what: "rows in a bin",
        })?;
        Ok(())
    }

    /// Adds the rows of another state on the same frame.
    ///
    /// # Errors
    ///
    /// As [`Counts::add`].
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        self.add(&other.0)
    }

    /// The same rows over fewer bins. `coarse` must be a subset of `fine`,
    /// the edges that these counts were made on.
    ///
    /// ```
    /// use driftguard_statistics::Counts;
    /// let fine = Counts::from_vec(vec![1, 2, 3, 4]);
    /// let coarse = fine.regroup(&[0.0, 1.0, 2.0], &[1.0])?;
    /// assert_eq!(coarse.as_slice(), [3, 7]);
    /// # Ok::<(), driftguard_statistics::StateError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Counts and fine edges do not fit, a coarse edge is not a fine one, or
    /// a sum above 64 bits.
    pub fn regroup(&self, fine: &[f64], coarse: &[f64]) -> Result<Self, StateError> {
        if self.0.len() != fine.len() + 1 {
            return Err(StateError::Mismatch {
                what: "bins and edges",
                left: self.0.len() as u64,
                right: fine.len() as u64 + 1,
            });
        }
        let mut out = Vec::with_capacity(coarse.len() + 1);
        let mut start = 0;
        for (position, edge) in coarse.iter().enumerate() {
            let found = fine
                .iter()
                .skip(start)
                .position(|candidate| candidate == edge);
            let bins = found.ok_or(StateError::EdgeNotFound { position })? + 1;
            out.push(checked_total(self.0.iter().skip(start).take(bins))?);
            start += bins;
        }
        out.push(checked_total(self.0.iter().skip(start))?);
        Ok(Self(out))
    }
}

fn checked_total<'a>(mut counts: impl Iterator<Item = &'a u64>) -> Result<u64, StateError> {
    counts
        .try_fold(0u64, |sum, count| sum.checked_add(*count))
        .ok_or(StateError::Overflow {
            what: "rows in a bin",
        })
}

/// Whether counts are of at most so many rows; sums beyond 64 bits are not.
/// For states that come from outside.
pub fn at_most(counts: &[u64], rows: u64) -> bool {
    counts
        .iter()
        .try_fold(0_u64, |sum, count| sum.checked_add(*count))
        .is_some_and(|sum| sum <= rows)
}

/// Sum of counts; stops at the largest 64-bit number.
pub fn total(counts: &[u64]) -> u64 {
    counts
        .iter()
        .fold(0, |sum, count| sum.saturating_add(*count))
}

/// Shares of counts, adding up to 1; None without rows.
pub fn shares(counts: &[u64]) -> Option<Vec<f64>> {
    // A float total, so that counts beyond 64 bits together are still shares.
    let total: f64 = counts.iter().map(|count| *count as f64).sum();
    (total > 0.0).then(|| counts.iter().map(|count| *count as f64 / total).collect())
}

/// Shares of two sides over the same bins; None when either has no rows, or
/// when their bins differ in number.
pub(crate) fn share_pairs(reference: &[u64], current: &[u64]) -> Option<Vec<(f64, f64)>> {
    if reference.len() != current.len() {
        return None;
    }
    Some(
        shares(reference)?
            .into_iter()
            .zip(shares(current)?)
            .collect(),
    )
}

/// Rows spread evenly from `low` to `high`; an atom when they are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece {
    pub low: f64,
    pub high: f64,
    pub share: f64,
}

/// The distribution that counts over bins describe: occupied bins only, each
/// cut to the extremes. None without rows or when shapes do not fit.
pub(crate) fn bin_pieces(edges: &[f64], counts: &[u64], min: f64, max: f64) -> Option<Vec<Piece>> {
    let fits = counts.len() == edges.len() + 1 && min.is_finite() && max.is_finite() && min <= max;
    if !fits {
        return None;
    }
    let shares = shares(counts)?;
    let lows = std::iter::once(&min).chain(edges);
    let highs = edges.iter().chain(std::iter::once(&max));
    let pieces = lows
        .zip(highs)
        .zip(shares)
        .filter(|(_, share)| *share > 0.0);
    Some(
        pieces
            .map(|((low, high), share)| {
                let (low, high) = (low.clamp(min, max), high.clamp(min, max));
                Piece {
                    low,
                    high: atom_or(low, high),
                    share,
                }
            })
            .collect(),
    )
}

/// A bin as wide as one step of the float is an atom at its lower edge.
fn atom_or(low: f64, high: f64) -> f64 {
    if high <= low.next_up() { low } else { high }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_overflow_is_an_error_and_changes_nothing() {
        let mut counts = Counts::from_vec(vec![1, u64::MAX]);
        let before = counts.clone();
        assert_eq!(
            counts.add(&[1, 1]),
            Err(StateError::Overflow {
                what: "rows in a bin"
            })
        );
        assert_eq!(counts, before);
        assert_eq!(counts.total(), u64::MAX);
    }

    #[test]
    fn other_frames_are_refused() {
        assert!(Counts::new(2).add(&[1]).is_err());
        assert_eq!(
            Counts::new(3).regroup(&[0.0, 1.0], &[0.5]),
            Err(StateError::EdgeNotFound { position: 0 })
        );
    }

    #[test]
    fn empty_counts_have_no_shares() {
        assert_eq!(Counts::new(3).shares(), None);
        assert_eq!(share_pairs(&[1], &[1, 2]), None);
    }

    proptest! {
        #[test]
        fn merge_is_one_pass(values in prop::collection::vec(-5.0f64..5.0, 0..80), cut in 0usize..80) {
            let edges = [-2.0, 0.0, 0.5];
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut merged = Counts::of_values(&edges, left);
            merged.merge(&Counts::of_values(&edges, right)).unwrap();
            let mut other_way = Counts::of_values(&edges, right);
            other_way.merge(&Counts::of_values(&edges, left)).unwrap();
            prop_assert_eq!(&merged, &Counts::of_values(&edges, &values));
            prop_assert_eq!(merged, other_way);
        }

        #[test]
        fn coarse_counts_are_counts_over_coarse_edges(values in prop::collection::vec(-5.0f64..5.0, 0..80), keep in prop::collection::vec(any::<bool>(), 5)) {
            let fine = [-2.0, -1.0, 0.0, 0.5, 3.0];
            let coarse: Vec<f64> = fine.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(edge, _)| *edge).collect();
            let regrouped = Counts::of_values(&fine, &values).regroup(&fine, &coarse).unwrap();
            prop_assert_eq!(regrouped, Counts::of_values(&coarse, &values));
        }
    }
}
