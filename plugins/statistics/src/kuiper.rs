//! The range of a Brownian bridge: the law of the largest change between two
//! points of a stream in which nothing changed.
//!
//! Kuiper, "Tests concerning random points on a circle", 1960; the series of
//! Stephens, "The Goodness-of-Fit Statistic V_N", 1965.

use crate::noise::Noise;
use crate::special::ln_gamma;

/// Mean and spread of the range: `sqrt(pi / 2)`, and
/// `sqrt(pi^2 / 6 - pi / 2)` (Dudley, "Real Analysis and Probability", 12.3).
pub const RANGE_NOISE: Noise = Noise {
    mean: 1.253_314_137_315_500_1,
    sd: 0.272_282_463_727_15,
};

/// Below this, nothing is rarer than 1 in 10^7.
const SMALLEST: f64 = 0.4;

/// Probability that the range of a Brownian bridge exceeds `t`; 1 at and below
/// 0, and for NaN.
///
/// ```
/// use driftguard_statistics::kuiper::range_sf;
/// // Stephens' table: 10 %, 5 % and 1 %.
/// for (t, p) in [(1.620, 0.10), (1.747, 0.05), (2.001, 0.01)] {
///     assert!((range_sf(t) - p).abs() < 3e-4);
/// }
/// ```
pub fn range_sf(t: f64) -> f64 {
    if t.is_nan() || t < SMALLEST {
        return 1.0;
    }
    let term = |j: u32| {
        let a = 2.0 * f64::from(j * j) * t * t;
        (2.0 * a - 1.0) * (-a).exp()
    };
    (2.0 * (1..=20).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

/// The same, where the range was divided by a standard deviation that was
/// itself estimated from `dof` independent squares: the mean of [`range_sf`]
/// over the chi-square law of the estimate (as a t law follows from a normal).
/// Infinite `dof`: it was known.
///
/// ```
/// use driftguard_statistics::kuiper::{range_sf, range_sf_estimated};
/// assert_eq!(range_sf_estimated(2.0, f64::INFINITY), range_sf(2.0));
/// assert!(range_sf_estimated(2.0, 7.0) > 3.0 * range_sf(2.0));
/// ```
pub fn range_sf_estimated(t: f64, dof: f64) -> f64 {
    if !dof.is_finite() || t.is_nan() || t < SMALLEST {
        return range_sf(t);
    }
    let dof = dof.max(1.0);
    let constant = dof / 2.0 * (dof / 2.0).ln() - ln_gamma(dof / 2.0);
    // u is the logarithm of the estimate over the truth; its density is
    // smooth and falls off doubly exponentially on the right.
    let density = |u: f64| (constant + dof / 2.0 * (u - u.exp())).exp();
    let spread = 12.0 * (2.0 / dof).sqrt();
    let (low, high, steps) = (-spread - 80.0 / dof, spread.min(6.0), 600_u32);
    let width = (high - low) / f64::from(steps);
    let sum: f64 = (0..=steps)
        .map(|step| low + width * f64::from(step))
        .map(|u| range_sf(t * (u / 2.0).exp()) * density(u))
        .sum();
    (sum * width).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;

    /// A walk of many steps, tied down at its end.
    fn range(rng: &mut Rng, steps: usize) -> f64 {
        let noise: Vec<f64> = (0..steps).map(|_| rng.normal()).collect();
        let mean = noise.iter().sum::<f64>() / steps as f64;
        let (mut sum, mut low, mut high) = (0.0_f64, 0.0_f64, 0.0_f64);
        for step in noise {
            sum += step - mean;
            low = low.min(sum);
            high = high.max(sum);
        }
        (high - low) / (steps as f64).sqrt()
    }

    #[test]
    fn the_law_is_that_of_simulated_bridges() {
        let mut rng = Rng(11);
        let ranges: Vec<f64> = (0..1_000).map(|_| range(&mut rng, 500)).collect();
        let mean = ranges.iter().sum::<f64>() / 1_000.0;
        // Steps are discrete: the range falls short by about 1 / sqrt(steps).
        assert!(
            (mean + 1.17 / 500_f64.sqrt() - RANGE_NOISE.mean).abs() < 0.02,
            "{mean}"
        );
        let variance = ranges.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / 999.0;
        assert!((variance.sqrt() - RANGE_NOISE.sd).abs() < 0.02);
        let beyond = ranges.iter().filter(|one| **one > 1.62).count();
        assert!((50..=125).contains(&beyond), "{beyond}");
    }

    #[test]
    fn an_estimated_scale_makes_heavier_tails() {
        for t in [0.1, 1.0, 1.6, 2.5, 4.0] {
            let many = range_sf_estimated(t, 1e5);
            assert!(
                (many - range_sf(t)).abs() < 1e-3 * range_sf(t).max(1e-3),
                "{t}"
            );
            assert!(range_sf_estimated(t, 4.0) <= 1.0);
        }
        // Simulated: ranges over the root of a chi-square with 7 degrees.
        let mut rng = Rng(5);
        let mut beyond = 0;
        for _ in 0..2_000 {
            let square: f64 = (0..7).map(|_| rng.normal().powi(2)).sum();
            beyond += u32::from(range(&mut rng, 2_000) / (square / 7.0).sqrt() > 2.0);
        }
        let expected = 2_000.0 * range_sf_estimated(2.0, 7.0);
        assert!(
            (f64::from(beyond) - expected).abs() < 0.15 * expected + 15.0,
            "{beyond} {expected}"
        );
    }

    #[test]
    fn degenerate_inputs() {
        assert_eq!(
            (range_sf(0.0), range_sf(f64::NAN), range_sf(-3.0)),
            (1.0, 1.0, 1.0)
        );
        assert!(range_sf(60.0) == 0.0 && range_sf_estimated(60.0, 1.0) < 0.1);
    }
}
