//! Do two sides have the same mean vector?
//!
//! The distance `|x - y|` of two mean vectors of `d` coordinates. If nothing
//! changed, `|x - y|^2 / c^2` is a sum of chi-squares weighted by the
//! eigenvalues of the covariance of a row, so that its mean is `tr S` and its
//! variance `2 tr S^2`; this holds for more coordinates than rows, too. The
//! covariance is that of the reference, frozen.
//!
//! Bai and Saranadasa, "Effect of high dimension: by an example of a two
//! sample problem", 1996. With rows that are random Fourier features, the
//! squared distance is the kernel's maximum mean discrepancy: Gretton et al.,
//! "A Kernel Two-Sample Test", 2012.

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::noise::{Noise, sampling_scale};
use crate::special::{chi_moments, chi_square_sf, normal_sf};

/// How rows of the reference spread around their mean.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    dimension: usize,
    /// Lower triangle of the covariance, row by row.
    covariance: Vec<f32>,
    trace: f64,
    /// `tr S^2`, corrected for the number of rows it was estimated from.
    trace_of_square: f64,
}

impl Spread {
    /// The spread of rows of `dimension` coordinates each, laid out flat. None
    /// with fewer than 3 rows, with a length that does not fit, or where rows
    /// do not differ or are not finite.
    ///
    /// `tr S^2` is estimated as `n^2 / ((n + 2)(n - 1)) (tr S^2 - (tr S)^2 / n)`:
    /// Bai and Saranadasa 1996, equation 3.8 with `n` the degrees of freedom.
    pub fn of_rows(rows: &[f32], dimension: usize) -> Option<Self> {
        if dimension == 0 || !rows.len().is_multiple_of(dimension) {
            return None;
        }
        let count = rows.len() / dimension;
        if count < 3 {
            return None;
        }
        let mut mean = vec![0.0_f64; dimension];
        for row in rows.chunks_exact(dimension) {
            mean.iter_mut()
                .zip(row)
                .for_each(|(sum, x)| *sum += f64::from(*x));
        }
        mean.iter_mut().for_each(|sum| *sum /= count as f64);
        let covariance = covariance(rows, &mean);
        let trace: f64 = (0..dimension).map(|i| at(&covariance, i, i)).sum();
        let mut square = 0.0;
        for i in 0..dimension {
            square += at(&covariance, i, i).powi(2);
            square += 2.0 * (0..i).map(|j| at(&covariance, i, j).powi(2)).sum::<f64>();
        }
        let dof = count as f64 - 1.0;
        let factor = dof * dof / ((dof + 2.0) * (dof - 1.0));
        // Cauchy-Schwarz: never below the square of the trace over d.
        let least = trace * trace / dimension as f64;
        let trace_of_square = (factor * (square - trace * trace / dof)).max(least);
        let usable = trace > 0.0 && trace.is_finite() && trace_of_square.is_finite();
        usable.then_some(Self {
            dimension,
            covariance,
            trace,
            trace_of_square,
        })
    }

    /// Number of coordinates.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// Total variance: the sum over coordinates.
    pub fn trace(&self) -> f64 {
        self.trace
    }

    /// Variance of rows along a direction of any length; None for no
    /// direction, or another number of coordinates.
    pub fn along(&self, direction: &[f64]) -> Option<f64> {
        let length: f64 = direction.iter().map(|x| x * x).sum();
        if direction.len() != self.dimension || length <= 0.0 {
            return None;
        }
        let mut sum = 0.0;
        for (i, x) in direction.iter().enumerate() {
            let below: f64 = direction
                .iter()
                .take(i)
                .enumerate()
                .map(|(j, y)| y * at(&self.covariance, i, j))
                .sum();
            sum += x * (x * at(&self.covariance, i, i) + 2.0 * below);
        }
        Some((sum / length).max(0.0))
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// Lengths or moments that rows cannot have.
    pub fn validate(&self) -> Result<(), StateError> {
        let invalid = |problem| {
            Err(StateError::Invalid {
                what: "spread",
                problem,
            })
        };
        let expected = self
            .dimension
            .checked_add(1)
            .and_then(|next| next.checked_mul(self.dimension));
        if expected.map(|twice| twice / 2) != Some(self.covariance.len()) {
            return invalid("its covariance does not fit its dimension");
        }
        let fits = self.trace > 0.0 && self.trace_of_square > 0.0;
        if !fits || !self.trace.is_finite() || !self.trace_of_square.is_finite() {
            return invalid("its moments are not positive numbers");
        }
        Ok(())
    }
}

fn covariance(rows: &[f32], mean: &[f64]) -> Vec<f32> {
    let dimension = mean.len();
    let mut sums = vec![0.0_f64; dimension * (dimension + 1) / 2];
    let mut centred = vec![0.0_f64; dimension];
    for row in rows.chunks_exact(dimension) {
        for ((x, value), mean) in centred.iter_mut().zip(row).zip(mean) {
            *x = f64::from(*value) - mean;
        }
        let mut rest = sums.as_mut_slice();
        for (i, x) in centred.iter().enumerate() {
            let (line, tail) = rest.split_at_mut(i + 1);
            line.iter_mut()
                .zip(&centred)
                .for_each(|(sum, y)| *sum += x * y);
            rest = tail;
        }
    }
    let dof = (rows.len() / dimension - 1) as f64;
    sums.iter().map(|sum| (sum / dof) as f32).collect()
}

/// An entry of the lower triangle, `j <= i`.
fn at(covariance: &[f32], i: usize, j: usize) -> f64 {
    covariance
        .get(i * (i + 1) / 2 + j)
        .map_or(0.0, |value| f64::from(*value))
}

/// Two mean vectors compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Euclidean distance of the means.
    pub distance: f64,
    /// Mean and spread of the distance when nothing changed.
    pub noise: Noise,
    /// Probability of at least this distance if nothing changed: the law of
    /// the squared distance is matched by a scaled chi-square in mean and
    /// variance (Satterthwaite, "An approximate distribution of estimates of
    /// variance components", 1946).
    pub p_value: f64,
    /// The distance without its noise, in standard deviations of rows along
    /// the direction in which the mean moved.
    pub separation: f64,
    /// Share of rows that moved, 0 to 1: total variation between two normal
    /// laws that far apart, `2 F(separation / 2) - 1`.
    pub effect: f64,
}

/// Compares the mean vectors of `n` reference and `m` current rows. None when
/// a side has no rows or a vector does not fit the spread.
pub fn compare(
    spread: &Spread,
    (n, reference): (u64, &[f64]),
    (m, current): (u64, &[f64]),
) -> Option<Difference> {
    let fits = |mean: &[f64]| mean.len() == spread.dimension;
    if !fits(reference) || !fits(current) || spread.trace_of_square <= 0.0 {
        return None;
    }
    let c = sampling_scale(n, m)?;
    let moved: Vec<f64> = reference.iter().zip(current).map(|(x, y)| y - x).collect();
    let square: f64 = moved.iter().map(|x| x * x).sum();
    let distance = square.sqrt();
    let scale = c * c * spread.trace_of_square / spread.trace;
    let freedom = spread.trace * spread.trace / spread.trace_of_square;
    let (mean, sd) = chi_moments(freedom);
    let noise = Noise {
        mean: scale.sqrt() * mean,
        sd: scale.sqrt() * sd,
    };
    // A direction in which rows of the reference do not vary at all counts as
    // one in which they vary little.
    let least = spread.trace / spread.dimension as f64 * 1e-3;
    let along = spread.along(&moved).unwrap_or(0.0).max(least);
    let separation = noise.corrected(distance) / along.sqrt();
    Some(Difference {
        distance,
        noise,
        p_value: chi_square_sf(square / scale, freedom).clamp(0.0, 1.0),
        separation,
        effect: 1.0 - 2.0 * normal_sf(separation / 2.0),
    })
}

#[cfg(test)]
mod tests;
