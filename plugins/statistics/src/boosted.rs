//! A small classifier on binned columns: boosted trees of two levels.
//!
//! Logistic loss, Newton steps in the leaves, histograms of gradients instead
//! of sorted values. Two levels see what pairs of columns do together as far
//! as one of them alone does something, too.
//!
//! Friedman, "Greedy Function Approximation: A Gradient Boosting Machine",
//! 2001; Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision
//! Tree", 2017 (histograms; categories ordered by their gradient).

use serde::{Deserialize, Serialize};

/// Bins of one column: codes are below this.
pub const BINS: usize = 16;

/// How much the trees may learn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Number of trees.
    pub trees: usize,
    /// Share of each tree that is added.
    pub rate: f64,
    /// Fewest rows in a leaf.
    pub leaf: u32,
    /// Added to the second derivative of a leaf: pulls it to 0.
    pub ridge: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            trees: 24,
            rate: 0.1,
            leaf: 30,
            ridge: 20.0,
        }
    }
}

/// Rows of codes, one for each column.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// For each row its codes and whether it is of the current side.
    pub rows: &'a [(&'a [u8], bool)],
    /// For each column whether the order of its codes means something.
    pub ordered: &'a [bool],
}

/// Bins of one column that go to the left.
type Left = [bool; BINS];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Split {
    column: usize,
    left: Left,
    gain: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Tree {
    root: Split,
    /// By side, left first; None: the side is a leaf.
    below: [Option<Split>; 2],
    leaves: [[f64; 2]; 2],
}

/// Boosted trees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosted {
    trees: Vec<Tree>,
    /// Gain of each column.
    gains: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    gradient: f64,
    curvature: f64,
    rows: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
        self.rows += other.rows;
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            rows: self.rows - other.rows.min(self.rows),
        }
    }

    fn score(&self, ridge: f64) -> f64 {
        self.gradient * self.gradient / (self.curvature + ridge)
    }
}

type Histogram = [Sums; BINS];

fn goes_right(codes: &[u8], split: &Split) -> usize {
    let code = codes.get(split.column).copied().unwrap_or(0);
    usize::from(!split.left.get(usize::from(code)).copied().unwrap_or(false))
}

impl Tree {
    fn value(&self, codes: &[u8]) -> f64 {
        let side = goes_right(codes, &self.root);
        let below = self.below.get(side).and_then(Option::as_ref);
        let leaf = below.map_or(0, |split| goes_right(codes, split));
        self.leaves
            .get(side)
            .and_then(|leaves| leaves.get(leaf))
            .copied()
            .unwrap_or(0.0)
    }
}

impl Boosted {
    /// Trains on these rows. Without a split that gains anything it has fewer
    /// trees, or none, and scores all rows alike.
    pub fn train(data: &Rows<'_>, limits: &Limits) -> Self {
        let columns = data.ordered.len();
        let current = data.rows.iter().filter(|(_, current)| *current).count() as f64;
        let reference = data.rows.len() as f64 - current;
        let mut model = Self {
            trees: vec![],
            gains: vec![0.0; columns],
        };
        if current == 0.0 || reference == 0.0 {
            return model;
        }
        // Both sides weigh the same, whatever their numbers of rows.
        let weights = [
            data.rows.len() as f64 / (2.0 * reference),
            data.rows.len() as f64 / (2.0 * current),
        ];
        let mut scores = vec![0.0_f64; data.rows.len()];
        for _ in 0..limits.trees {
            let derivatives: Vec<Sums> = data
                .rows
                .iter()
                .zip(&scores)
                .map(|((_, current), score)| {
                    let chance = 1.0 / (1.0 + (-score).exp());
                    let weight = weights[usize::from(*current)];
                    Sums {
                        gradient: weight * (f64::from(u8::from(*current)) - chance),
                        curvature: weight * chance * (1.0 - chance),
                        rows: 1,
                    }
                })
                .collect();
            let Some(tree) = grow(data, &derivatives, limits) else {
                break;
            };
            for split in std::iter::once(&tree.root).chain(tree.below.iter().flatten()) {
                if let Some(gain) = model.gains.get_mut(split.column) {
                    *gain += split.gain;
                }
            }
            for (score, (codes, _)) in scores.iter_mut().zip(data.rows) {
                *score += tree.value(codes);
            }
            model.trees.push(tree);
        }
        model
    }

    /// Log-odds that a row is of the current side.
    pub fn score(&self, codes: &[u8]) -> f64 {
        self.trees.iter().map(|tree| tree.value(codes)).sum()
    }

    /// Gain of each column over all trees.
    pub fn gains(&self) -> &[f64] {
        &self.gains
    }
}

fn grow(data: &Rows<'_>, derivatives: &[Sums], limits: &Limits) -> Option<Tree> {
    let columns = data.ordered.len();
    let mut whole = vec![[Sums::default(); BINS]; columns];
    fill(&mut whole, data, derivatives, |_| true);
    let root = best(&whole, data.ordered, limits)?;
    // One side is counted, the other is what is left.
    let mut left = vec![[Sums::default(); BINS]; columns];
    fill(&mut left, data, derivatives, |codes| {
        goes_right(codes, &root) == 0
    });
    let right: Vec<Histogram> = whole
        .iter()
        .zip(&left)
        .map(|(whole, left)| {
            let mut rest = *whole;
            rest.iter_mut()
                .zip(left)
                .for_each(|(all, part)| *all = all.without(part));
            rest
        })
        .collect();
    let sides = [left, right];
    let below = sides
        .each_ref()
        .map(|histograms| best(histograms, data.ordered, limits));
    let mut leaves = [[0.0; 2]; 2];
    for ((histograms, split), leaves) in sides.iter().zip(&below).zip(&mut leaves) {
        let column = split.as_ref().map_or(0, |split| split.column);
        let mut parts = [Sums::default(); 2];
        for (bin, sums) in histograms.get(column)?.iter().enumerate() {
            let right = split
                .as_ref()
                .is_some_and(|split| !split.left.get(bin).copied().unwrap_or(false));
            parts[usize::from(right)].add(sums);
        }
        *leaves = parts.map(|part| limits.rate * part.gradient / (part.curvature + limits.ridge));
    }
    Some(Tree {
        root,
        below,
        leaves,
    })
}

fn fill(
    histograms: &mut [Histogram],
    data: &Rows<'_>,
    derivatives: &[Sums],
    takes: impl Fn(&[u8]) -> bool,
) {
    for ((codes, _), sums) in data.rows.iter().zip(derivatives) {
        if !takes(codes) {
            continue;
        }
        for (histogram, code) in histograms.iter_mut().zip(*codes) {
            if let Some(bin) = histogram.get_mut(usize::from(*code)) {
                bin.add(sums);
            }
        }
    }
}

/// The split that gains most; None if none gains.
fn best(histograms: &[Histogram], ordered: &[bool], limits: &Limits) -> Option<Split> {
    let mut found: Option<Split> = None;
    for (column, (histogram, ordered)) in histograms.iter().zip(ordered).enumerate() {
        let mut all = Sums::default();
        histogram.iter().for_each(|bin| all.add(bin));
        let mut order: Vec<usize> = (0..BINS).filter(|bin| histogram[*bin].rows > 0).collect();
        if !ordered {
            let slope =
                |bin: &usize| histogram[*bin].gradient / (histogram[*bin].curvature + limits.ridge);
            order.sort_by(|a, b| slope(a).total_cmp(&slope(b)));
        }
        let (mut below, mut left) = (Sums::default(), [false; BINS]);
        for bin in order {
            below.add(&histogram[bin]);
            left[bin] = true;
            let above = all.without(&below);
            if below.rows < limits.leaf || above.rows < limits.leaf {
                continue;
            }
            let gain =
                below.score(limits.ridge) + above.score(limits.ridge) - all.score(limits.ridge);
            if gain > found.as_ref().map_or(1e-9, |split| split.gain) {
                found = Some(Split { column, left, gain });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auc::area;
    use crate::thinned::row_hash;

    /// Three columns; the second tells the sides apart, the more the larger
    /// `shift` is, only where the third is even if `gated`.
    fn rows(seed: u64, n: u64, shift: u64, gated: bool) -> Vec<(Vec<u8>, bool)> {
        let row = |i: u64| {
            let bits = row_hash(seed * 1_000_003 + i);
            let current = bits & 1 == 1;
            let gate = (bits >> 20) % 10;
            let moved = current && (!gated || gate.is_multiple_of(2));
            let second = (bits >> 8) % 10 + if moved { shift } else { 0 };
            (
                vec![((bits >> 32) % 8) as u8, second.min(12) as u8, gate as u8],
                current,
            )
        };
        (0..n).map(row).collect()
    }

    fn held_out(
        train: &[(Vec<u8>, bool)],
        test: &[(Vec<u8>, bool)],
        ordered: bool,
    ) -> (f64, Vec<f64>) {
        let borrowed: Vec<(&[u8], bool)> = train
            .iter()
            .map(|(codes, side)| (codes.as_slice(), *side))
            .collect();
        let data = Rows {
            rows: &borrowed,
            ordered: &[ordered; 3],
        };
        let model = Boosted::train(&data, &Limits::default());
        let scores = |side: bool| -> Vec<f64> {
            test.iter()
                .filter(|row| row.1 == side)
                .map(|row| model.score(&row.0))
                .collect()
        };
        (
            area(&scores(true), &scores(false)).unwrap().auc,
            model.gains().to_vec(),
        )
    }

    #[test]
    fn it_learns_what_is_there_and_names_the_column() {
        for ordered in [true, false] {
            let (auc, gains) = held_out(
                &rows(1, 2_000, 2, false),
                &rows(2, 2_000, 2, false),
                ordered,
            );
            // Uniform on 10 values against the same plus 2: at best 0.68.
            assert!(auc > 0.62, "{auc}");
            assert!(gains[1] > 10.0 * gains[0].max(gains[2]), "{gains:?}");
        }
    }

    #[test]
    fn two_levels_see_what_a_second_column_gates() {
        let (auc, gains) = held_out(&rows(1, 4_000, 3, true), &rows(2, 4_000, 3, true), false);
        assert!(auc > 0.6 && gains[2] > gains[0], "{auc} {gains:?}");
    }

    #[test]
    fn nothing_there_nothing_found() {
        let aucs: Vec<f64> = (0..30)
            .map(|run| {
                held_out(
                    &rows(run, 800, 0, false),
                    &rows(run + 500, 800, 0, false),
                    true,
                )
                .0
            })
            .collect();
        let mean = aucs.iter().sum::<f64>() / 30.0;
        // Standard error of the mean of 30 areas of 400 + 400 rows: 0.0037.
        assert!((mean - 0.5).abs() < 0.011, "{mean}");
    }

    #[test]
    fn degenerate() {
        let none = Rows {
            rows: &[],
            ordered: &[],
        };
        assert_eq!(Boosted::train(&none, &Limits::default()).score(&[1]), 0.0);
        let one_side: Vec<(&[u8], bool)> = vec![(&[1, 2], true); 50];
        let data = Rows {
            rows: &one_side,
            ordered: &[true, true],
        };
        assert_eq!(
            Boosted::train(&data, &Limits::default()).gains(),
            [0.0, 0.0]
        );
        // Codes beyond the bins, and rows that are too short, are no panic.
        let odd: Vec<(&[u8], bool)> = (0..60)
            .map(|i| (if i % 2 == 0 { &[255_u8][..] } else { &[][..] }, i % 3 == 0))
            .collect();
        let data = Rows {
            rows: &odd,
            ordered: &[true, false],
        };
        assert!(
            Boosted::train(&data, &Limits::default())
                .score(&[9])
                .is_finite()
        );
    }
}
