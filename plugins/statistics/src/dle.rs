//! What errors are to be expected where labels have not come yet: the loss that
//! was observed, foretold from inputs and answer by a tree, and averaged over
//! current rows ("direct loss estimation" in NannyML 0.13).
//!
//! Valid while rows with equal inputs and answer err as they did; blind to a
//! change of that.

use crate::boosted::BINS;
use crate::tree::{BinnedColumn, Growth, Tree};

/// Weighted losses of the leaves of a tree.
#[derive(Debug, Clone)]
pub struct LossModel {
    tree: Tree,
}

/// Where a code stands among the tree's bins: its last bin is that of missing
/// values, which have code 0.
fn bin(code: u8) -> u8 {
    let bins = BINS as u8;
    (code.min(bins - 1) + bins - 1) % bins
}

impl LossModel {
    /// Grows the tree on coded rows and their losses; columns are `ordered` or
    /// categories.
    pub fn fit(rows: &[&[u8]], losses: &[f64], ordered: &[bool]) -> Self {
        let bins: Vec<Vec<u8>> = (0..ordered.len())
            .map(|column| {
                let code = |row: &&[u8]| bin(row.get(column).copied().unwrap_or(0));
                rows.iter().map(code).collect()
            })
            .collect();
        let columns: Vec<BinnedColumn<'_>> = bins
            .iter()
            .zip(ordered)
            .map(|(bins, ordered)| BinnedColumn {
                bins,
                count: BINS,
                ordered: *ordered,
            })
            .collect();
        Self {
            tree: Tree::fit(&columns, losses, &Growth::default()),
        }
    }

    /// The leaf of a row.
    pub fn leaf(&self, codes: &[u8]) -> usize {
        self.tree
            .leaf(|column| bin(codes.get(column).copied().unwrap_or(0)))
    }

    /// Number of leaves.
    pub fn leaves(&self) -> usize {
        self.tree.leaves()
    }
}

/// Mean loss of each leaf, then over rows in these leaves; `None` without
/// weight. Rows are (leaf, loss, weight) of the reference and (leaf, weight) of
/// the rows to tell of. A leaf without weight has the mean of all.
pub fn expected_loss(
    leaves: usize,
    observed: impl Iterator<Item = (usize, f64, f64)>,
    rows: impl Iterator<Item = (usize, f64)>,
) -> Option<f64> {
    let mut sums = vec![(0.0_f64, 0.0_f64); leaves];
    let mut all = (0.0, 0.0);
    for (leaf, loss, weight) in observed {
        if let Some(sum) = sums.get_mut(leaf) {
            *sum = (sum.0 + weight, sum.1 + weight * loss);
            all = (all.0 + weight, all.1 + weight * loss);
        }
    }
    let overall = (all.0 > 0.0).then(|| all.1 / all.0)?;
    let (mut n, mut total) = (0.0, 0.0);
    for (leaf, weight) in rows {
        let of_leaf = sums.get(leaf).filter(|sum| sum.0 > 0.0);
        total += weight * of_leaf.map_or(overall, |sum| sum.1 / sum.0);
        n += weight;
    }
    (n > 0.0).then(|| total / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;

    /// Losses of 1 where the first code is high, else 3; codes get lower.
    #[test]
    fn a_shift_towards_worse_rows_is_foretold() {
        let mut rng = Rng(5);
        let mut rows = |low: f64| -> Vec<Vec<u8>> {
            let row = |_| {
                let code = if rng.uniform() < low { 2 } else { 9 };
                vec![code, (rng.uniform() * 12.0) as u8]
            };
            (0..2000).map(row).collect()
        };
        let (reference, current) = (rows(0.3), rows(0.8));
        let losses: Vec<f64> = reference
            .iter()
            .map(|row| if row[0] > 5 { 1.0 } else { 3.0 })
            .collect();
        let views: Vec<&[u8]> = reference.iter().map(Vec::as_slice).collect();
        let model = LossModel::fit(&views, &losses, &[true, false]);
        let observed = views
            .iter()
            .zip(&losses)
            .map(|(row, loss)| (model.leaf(row), *loss, 1.0));
        let asked = current.iter().map(|row| (model.leaf(row), 1.0));
        let found = expected_loss(model.leaves(), observed, asked).unwrap();
        assert!((found - 2.6).abs() < 0.05, "{found}");
    }

    #[test]
    fn degenerate() {
        let model = LossModel::fit(&[], &[], &[true]);
        assert_eq!((model.leaves(), model.leaf(&[3])), (1, 0));
        let nothing = || std::iter::empty();
        assert_eq!(expected_loss(1, std::iter::empty(), nothing()), None);
        let observed = || [(0, 2.0, 1.0)].into_iter();
        assert_eq!(expected_loss(1, observed(), nothing()), None);
        assert_eq!(
            expected_loss(2, observed(), [(1, 1.0)].into_iter()),
            Some(2.0)
        );
        assert_eq!([0, 1, 15, 200].map(bin), [15, 0, 14, 14]);
    }
}
