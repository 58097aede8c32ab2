//! Whether periods look exchangeable.

use serde::{Deserialize, Serialize};

/// Whether neighbouring periods look alike, which breaks the guarantee.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Health {
    /// Lag-1 autocorrelation of the periods' scores, -1 to 1: the larger of
    /// that of their largest scores and that of all scores together.
    pub autocorrelation: f64,
    /// Above this, 2 / sqrt(K), neighbours are alike.
    pub limit: f64,
    /// Whether it is at most the limit.
    pub ok: bool,
}

/// Lag-1 autocorrelation of values in order of time, against twice its
/// standard error under independence (Bartlett, "On the theoretical
/// specification of sampling properties of autocorrelated time series", 1946).
/// Ranks stand for values, so that one bad day does not hide a slow drift.
pub(super) fn health(values: &[f64]) -> Health {
    let ranks: Vec<f64> = values
        .iter()
        .map(|value| {
            let below = values.iter().filter(|other| *other < value).count() as f64;
            let equal = values.iter().filter(|other| *other == value).count() as f64;
            below + (equal + 1.0) / 2.0
        })
        .collect();
    let n = ranks.len() as f64;
    let mean = ranks.iter().sum::<f64>() / n.max(1.0);
    let spread: f64 = ranks.iter().map(|rank| (rank - mean).powi(2)).sum();
    let along: f64 = ranks
        .windows(2)
        .map(|pair| match pair {
            [left, right] => (left - mean) * (right - mean),
            _ => 0.0,
        })
        .sum();
    let autocorrelation = if spread > 0.0 { along / spread } else { 0.0 };
    let limit = 2.0 / n.max(1.0).sqrt();
    Health {
        autocorrelation,
        limit,
        ok: autocorrelation <= limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_seen_and_an_alternation_is_not_alike() {
        let rising: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(!health(&rising).ok);
        let alternating: Vec<f64> = (0..40).map(|at| f64::from(at % 2)).collect();
        assert!(health(&alternating).ok);
        assert!(health(&[]).ok && health(&[1.0; 30]).ok);
    }
}
