//! Mean and spread of statistics when nothing changed.
//!
//! Both sides are samples of one law, n and m rows, so a share differs by
//! about `c = sqrt(1/n + 1/m)` times a Brownian bridge. Distances take
//! absolute values or squares of that, and are therefore above 0 on average:
//! the noise mean is what to subtract before judging an effect.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// Mean and standard deviation of a statistic under "nothing changed".
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Noise {
    /// Mean, in the unit of the statistic.
    pub mean: f64,
    /// Standard deviation, in the unit of the statistic.
    pub sd: f64,
}

impl Noise {
    /// The statistic without the part that is there when nothing changed;
    /// not below 0.
    pub fn corrected(&self, statistic: f64) -> f64 {
        (statistic - self.mean).max(0.0)
    }
}

/// `c = sqrt(1/n + 1/m)`; None when a side has no rows.
pub fn sampling_scale(n: u64, m: u64) -> Option<f64> {
    (n > 0 && m > 0).then(|| (1.0 / n as f64 + 1.0 / m as f64).sqrt())
}

/// Noise of a statistic that is `scale` times a chi-square with `bins - 1`
/// degrees of freedom; 0 with one bin.
pub(crate) fn chi_square_noise(scale: f64, bins: usize) -> Noise {
    let dof = bins.saturating_sub(1) as f64;
    Noise {
        mean: scale * dof,
        sd: scale * (2.0 * dof).sqrt(),
    }
}

/// Noise of the square root of such a statistic.
pub(crate) fn chi_noise(scale: f64, bins: usize) -> Noise {
    let (mean, sd) = crate::special::chi_moments(bins.saturating_sub(1) as f64);
    Noise {
        mean: scale.sqrt() * mean,
        sd: scale.sqrt() * sd,
    }
}

/// Covariance of `|X|` and `|Y|` for a centred normal pair.
///
/// Nabeya, "Absolute Moments in 2-Dimensional Normal Distribution", 1951.
pub(crate) fn folded_covariance(sd_x: f64, sd_y: f64, covariance: f64) -> f64 {
    if sd_x <= 0.0 || sd_y <= 0.0 {
        return 0.0;
    }
    let r = (covariance / (sd_x * sd_y)).clamp(-1.0, 1.0);
    sd_x * sd_y * (2.0 / PI) * ((1.0 - r * r).max(0.0).sqrt() + r * r.asin() - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfectly_correlated_pairs_have_the_variance_of_one() {
        let variance = 4.0 * (1.0 - 2.0 / PI);
        assert!((folded_covariance(2.0, 2.0, 4.0) - variance).abs() < 1e-12);
        assert!((folded_covariance(2.0, 2.0, -4.0) - variance).abs() < 1e-12);
        assert_eq!(folded_covariance(2.0, 2.0, 0.0), 0.0);
    }

    #[test]
    fn no_rows_no_noise() {
        assert_eq!(sampling_scale(0, 5), None);
        assert_eq!(chi_noise(1.0, 1), Noise { mean: 0.0, sd: 0.0 });
    }

    #[test]
    fn correction_stops_at_zero() {
        let noise = Noise {
            mean: 0.1,
            sd: 0.02,
        };
        assert_eq!(noise.corrected(0.05), 0.0);
        assert!((noise.corrected(0.3) - 0.2).abs() < 1e-12);
    }
}
