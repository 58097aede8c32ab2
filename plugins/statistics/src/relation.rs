//! How two columns hang together, and whether that changed beyond what each
//! of them explains by itself.
//!
//! A [`Table`] holds the rows of every pair of cells. The relation of the
//! reference is carried over to the current margins by iterative proportional
//! fitting, which keeps all odds ratios (Deming and Stephan, "On a Least
//! Squares Adjustment of a Sampled Frequency Table When the Expected Marginal
//! Totals are Known", 1940). What the current table differs by from that is a
//! change of the relation, whatever the margins did.

mod fit;
mod noise;
#[cfg(test)]
mod tests;

use std::f64::consts::PI;

use crate::noise::Noise;

/// Counts over the cells of two columns, row by row.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    counts: &'a [u64],
    rows: usize,
    columns: usize,
}

/// A relation compared between two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelationShift {
    /// Total variation between the current table and the reference's relation
    /// at the current margins: the share of rows out of step, 0 to 1.
    pub statistic: f64,
    /// The statistic less its mean under "nothing changed", 0 to 1.
    pub effect: f64,
    /// The statistic when the relation did not change.
    pub noise: Noise,
    /// Probability of at least this statistic then, for independent rows.
    pub p_value: f64,
    /// Reference rows in cells that both sides know.
    pub n_reference: u64,
    /// Current rows in cells that both sides know.
    pub n_current: u64,
}

impl<'a> Table<'a> {
    /// Counts of `rows * columns` cells; None for any other number of them.
    pub fn new(counts: &'a [u64], rows: usize, columns: usize) -> Option<Self> {
        let cells = rows.checked_mul(columns)?;
        (cells > 0 && counts.len() == cells).then_some(Self {
            counts,
            rows,
            columns,
        })
    }

    /// All rows counted.
    pub fn total(&self) -> u64 {
        crate::counts::total(self.counts)
    }

    fn at(&self, row: usize, column: usize) -> f64 {
        let count = self.counts.get(row * self.columns + column);
        count.copied().unwrap_or(0) as f64
    }

    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let row = |i| (0..self.columns).map(|j| self.at(i, j)).sum();
        let column = |j| (0..self.rows).map(|i| self.at(i, j)).sum();
        (
            (0..self.rows).map(row).collect(),
            (0..self.columns).map(column).collect(),
        )
    }
}

/// Shares of rows that would have to move for the two columns to be
/// independent: total variation against the product of the margins, less its
/// mean when they are. 0 to 1; None without rows.
pub fn strength(table: Table<'_>) -> Option<f64> {
    let n = table.total() as f64;
    if n == 0.0 {
        return None;
    }
    let (rows, columns) = table.margins();
    let (mut distance, mut noise) = (0.0, 0.0);
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let (p, q) = (row / n, column / n);
            distance += (table.at(i, j) / n - p * q).abs() / 2.0;
            let variance = p * q * (1.0 - p) * (1.0 - q) / n;
            noise += (2.0 * variance / PI).sqrt() / 2.0;
        }
    }
    Some((distance - noise).max(0.0))
}

/// Spearman's rank correlation of the cells (in their order, ties at their
/// middle rank), -1 to 1. None without rows or with one occupied cell.
///
/// Spearman, "The Proof and Measurement of Association between Two Things",
/// 1904.
///
/// ```
/// use driftguard_statistics::relation::{Table, rank_correlation};
/// let table = Table::new(&[5, 0, 0, 5], 2, 2).unwrap();
/// assert!((rank_correlation(table).unwrap() - 1.0).abs() < 1e-12);
/// ```
pub fn rank_correlation(table: Table<'_>) -> Option<f64> {
    let n = table.total() as f64;
    let (rows, columns) = table.margins();
    let (u, v) = (middle_ranks(&rows, n), middle_ranks(&columns, n));
    let spread = |margin: &[f64], ranks: &[f64]| -> f64 {
        margin.iter().zip(ranks).map(|(n, r)| n * r * r).sum()
    };
    let scale = (spread(&rows, &u) * spread(&columns, &v)).sqrt();
    if scale <= 0.0 || !scale.is_finite() {
        return None;
    }
    let mut sum = 0.0;
    for (i, u) in u.iter().enumerate() {
        for (j, v) in v.iter().enumerate() {
            sum += table.at(i, j) * u * v;
        }
    }
    Some((sum / scale).clamp(-1.0, 1.0))
}

/// Middle ranks of the cells as shares of all rows, centred.
fn middle_ranks(margin: &[f64], n: f64) -> Vec<f64> {
    let mut below = 0.0;
    let rank = |count: &f64| {
        let middle = (below + count / 2.0) / n.max(1.0) - 0.5;
        below += count;
        middle
    };
    margin.iter().map(rank).collect()
}

/// Cramér's V without the bias that it has for independent columns, 0 to 1.
/// None without rows or with fewer than two occupied cells on a side.
///
/// Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", 2013.
pub fn cramers_v(table: Table<'_>) -> Option<f64> {
    let n = table.total() as f64;
    let (rows, columns) = table.margins();
    let mut phi = 0.0;
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let expected = row * column / n.max(1.0);
            if expected > 0.0 {
                phi += (table.at(i, j) - expected).powi(2) / expected / n;
            }
        }
    }
    let occupied = |margin: &[f64]| margin.iter().filter(|count| **count > 0.0).count() as f64;
    let (r, c) = (occupied(&rows), occupied(&columns));
    if r < 2.0 || c < 2.0 || n < 2.0 {
        return None;
    }
    let surplus = (phi - (r - 1.0) * (c - 1.0) / (n - 1.0)).max(0.0);
    let shrunk = |k: f64| k - (k - 1.0).powi(2) / (n - 1.0);
    let smaller = shrunk(r).min(shrunk(c)) - 1.0;
    Some(if smaller > 0.0 {
        (surplus / smaller).sqrt().min(1.0)
    } else {
        0.0
    })
}

/// Compares two tables over the same cells. Cells of a row or column that one
/// side never saw are left out: that is a matter of the margin. None for
/// tables of different shape, or if fewer than two rows or columns are left.
///
/// The noise is that of two multinomial samples, projected onto what fitting
/// the margins leaves (Haberman, "The Analysis of Residuals in Cross-Classified
/// Tables", 1973): folded normals, with the Poisson correction for cells of few
/// rows. The p-value is that of a chi law with the same mean and spread.
pub fn shift(reference: Table<'_>, current: Table<'_>) -> Option<RelationShift> {
    if (reference.rows, reference.columns) != (current.rows, current.columns) {
        return None;
    }
    let both = fit::Both::new(reference, current)?;
    let fitted = both.fitted();
    let distance = |(fitted, current): (&f64, &f64)| (fitted - current).abs();
    let shares = fitted.iter().zip(&both.current);
    let statistic = (shares.map(distance).sum::<f64>() / 2.0).min(1.0);
    let law = noise::law(&both, &fitted);
    Some(RelationShift {
        statistic,
        effect: law.noise.corrected(statistic),
        noise: law.noise,
        p_value: law.p_value(statistic),
        n_reference: both.n as u64,
        n_current: both.m as u64,
    })
}
