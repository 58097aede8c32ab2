//! Law of the distance when the relation did not change.

use std::f64::consts::PI;

use super::fit::{Both, sums};
use crate::noise::{Noise, folded_covariance};
use crate::special::{chi_moments, chi_square_sf, ln_gamma};

/// Above this many rows a cell is as good as normal.
const NORMAL_ROWS: f64 = 40.0;

/// Mean, spread and tail.
pub(super) struct Law {
    pub(super) noise: Noise,
    freedom: f64,
}

impl Law {
    /// P(statistic >= this), by the chi law of the same mean and spread.
    pub(super) fn p_value(&self, statistic: f64) -> f64 {
        if self.noise.mean <= 0.0 {
            return if statistic <= self.noise.sd { 1.0 } else { 0.0 };
        }
        let (mean, _) = chi_moments(self.freedom);
        let chi = statistic / self.noise.mean * mean;
        chi_square_sf(chi * chi, self.freedom).clamp(0.0, 1.0)
    }
}

/// Each residual is a sum over cells, `M (current - fitted)`, with M the
/// projection that takes out the margins; its variance is `sum M^2 W`, with W
/// the variance of a cell on both sides together.
pub(super) fn law(both: &Both, fitted: &[f64]) -> Law {
    let inverse = inverse(both, fitted);
    let width = both.columns;
    let raw: Vec<f64> = (fitted.iter().zip(&both.current).zip(&both.reference))
        .map(|((fitted, current), rows)| {
            // Both sides tell what a cell holds if nothing changed.
            let pooled = (both.m * current + both.n * fitted) / (both.m + both.n);
            pooled / both.m + fitted * fitted / rows
        })
        .collect();
    let reach = |k: usize, l: usize| {
        let (i, j) = (k / width, both.rows + k % width);
        let (p, q) = (l / width, both.rows + l % width);
        inverse.at(i, p) + inverse.at(i, q) + inverse.at(j, p) + inverse.at(j, q)
    };
    let cells = fitted.len();
    let projection: Vec<Vec<f64>> = (fitted.iter().enumerate())
        .map(|(k, share)| {
            let identity = |l| if k == l { 1.0 } else { 0.0 };
            (0..cells)
                .map(|l| identity(l) - share * reach(k, l))
                .collect()
        })
        .collect();
    let covariance = |k: &[f64], l: &[f64]| -> f64 {
        let terms = k.iter().zip(l).zip(&raw);
        terms.map(|((k, l), raw)| k * l * raw).sum()
    };
    let deviations: Vec<f64> = projection
        .iter()
        .map(|row| covariance(row, row).max(0.0).sqrt())
        .collect();
    let (mut mean, mut variance) = (0.0, 0.0);
    for (k, (row, sd)) in projection.iter().zip(&deviations).enumerate() {
        let (share, own) = (fitted.get(k).copied(), raw.get(k).copied());
        let rows = share
            .zip(own)
            .map_or(0.0, |(share, own)| share * share / own);
        mean += sd * (2.0 / PI).sqrt() * few_rows(rows) / 2.0;
        for (other, other_sd) in projection.iter().zip(&deviations).take(k) {
            variance += folded_covariance(*sd, *other_sd, covariance(row, other)) / 2.0;
        }
        variance += folded_covariance(*sd, *sd, sd * sd) / 4.0;
    }
    let spread = if mean > 0.0 {
        variance.sqrt() / mean
    } else {
        0.0
    };
    let least = 0.5 / both.m.min(both.n).max(1.0);
    Law {
        noise: Noise {
            mean,
            sd: (mean * spread).max(least),
        },
        freedom: freedom(spread.clamp(0.01, 1.0)),
    }
}

/// Mean deviation of a Poisson count over that of a normal one with the same
/// variance; small for counts far below 1.
fn few_rows(rows: f64) -> f64 {
    if rows >= NORMAL_ROWS {
        return 1.0;
    }
    if rows <= 0.0 {
        return 0.0;
    }
    let whole = rows.floor();
    let ln = (whole + 1.0) * rows.ln() - rows - ln_gamma(whole + 1.0);
    2.0 * ln.exp() / (2.0 * rows / PI).sqrt()
}

/// Degrees of freedom of the chi law with this spread over its mean.
fn freedom(spread: f64) -> f64 {
    let (mut low, mut high) = (0.5, 1e4);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        let (mean, sd) = chi_moments(middle);
        if sd / mean > spread {
            low = middle
        } else {
            high = middle
        }
    }
    f64::midpoint(low, high)
}

/// A square matrix; outside of it there are zeros.
struct Square {
    size: usize,
    cells: Vec<f64>,
}

impl Square {
    fn at(&self, i: usize, j: usize) -> f64 {
        if i >= self.size || j >= self.size {
            return 0.0;
        }
        self.cells.get(i * self.size + j).copied().unwrap_or(0.0)
    }
}

/// Inverse of the information matrix of the row and column effects; the last
/// column's effect is fixed at 0.
fn inverse(both: &Both, fitted: &[f64]) -> Square {
    let size = both.rows + both.columns - 1;
    let (rows, columns) = sums(fitted, both.columns);
    let entry = |i: usize, j: usize| -> f64 {
        let share = |row: usize, column: usize| {
            let at = row * both.columns + column - both.rows;
            fitted.get(at).copied().unwrap_or(0.0)
        };
        match (i < both.rows, j < both.rows) {
            (true, true) if i == j => rows.get(i).copied().unwrap_or(0.0),
            (false, false) if i == j => columns.get(i - both.rows).copied().unwrap_or(0.0),
            (true, false) => share(i, j),
            (false, true) => share(j, i),
            _ => 0.0,
        }
    };
    // A little on the diagonal: relations without exceptions are singular.
    let ridge = |i: usize, j: usize| if i == j { 1e-12 } else { 0.0 };
    let mut wide: Vec<Vec<f64>> = (0..size)
        .map(|i| {
            let left = (0..size).map(|j| entry(i, j) + ridge(i, j));
            let right = (0..size).map(|j| if i == j { 1.0 } else { 0.0 });
            left.chain(right).collect()
        })
        .collect();
    eliminate(&mut wide);
    Square {
        size,
        cells: wide
            .into_iter()
            .flat_map(|row| row.into_iter().skip(size))
            .collect(),
    }
}

/// Gauss-Jordan without pivoting: the matrix is positive definite.
fn eliminate(wide: &mut [Vec<f64>]) {
    for pivot in 0..wide.len() {
        let Some(mut row) = wide.get(pivot).cloned() else {
            return;
        };
        let diagonal = row.get(pivot).copied().unwrap_or(0.0).max(1e-14);
        row.iter_mut().for_each(|value| *value /= diagonal);
        for (at, other) in wide.iter_mut().enumerate() {
            if at == pivot {
                other.clone_from(&row);
                continue;
            }
            let factor = other.get(pivot).copied().unwrap_or(0.0);
            other
                .iter_mut()
                .zip(&row)
                .for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
}
