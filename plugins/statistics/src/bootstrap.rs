//! Resampling of rows: how often each row is drawn.
//!
//! Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; Chamandy,
//! Muralidharan, Najmi, Naidu, "Estimating Uncertainty for Massive Data
//! Streams", 2012 (counts that are Poisson and independent by row).

use crate::thinned::row_hash;

/// How often a row is drawn in a replicate: Poisson with mean 1, the same for
/// the same three numbers.
pub fn draws(seed: u64, replicate: u64, row: u64) -> f64 {
    let stream = row_hash(seed ^ replicate.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let bits = row_hash(stream ^ row.wrapping_mul(0xd134_2543_de82_ef95));
    let uniform = (bits >> 11) as f64 / (1u64 << 53) as f64;
    let (mut count, mut chance) = (0.0, (-1.0_f64).exp());
    let mut below = chance;
    while uniform >= below && count < 20.0 {
        count += 1.0;
        chance /= count;
        below += chance;
    }
    count
}

/// Standard deviation of replicates, with the divisor n - 1; None for fewer
/// than two.
pub fn spread(replicates: &[f64]) -> Option<f64> {
    let n = replicates.len() as f64;
    let mean = replicates.iter().sum::<f64>() / n;
    let squares: f64 = replicates.iter().map(|x| (x - mean).powi(2)).sum();
    (n > 1.0).then(|| (squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_poisson() {
        let counts: Vec<f64> = (0..40_000).map(|row| draws(7, 3, row)).collect();
        let mean = counts.iter().sum::<f64>() / 4e4;
        let none = counts.iter().filter(|count| **count == 0.0).count() as f64 / 4e4;
        assert!(
            (mean - 1.0).abs() < 0.02 && (none - 0.3679).abs() < 0.01,
            "{mean} {none}"
        );
        let variance = spread(&counts).unwrap().powi(2);
        assert!((variance - 1.0).abs() < 0.04, "{variance}");
    }

    /// The standard error of a mean of 400 uniform numbers: 0.0144.
    #[test]
    fn replicates_spread_as_the_statistic_does() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i * 37 % 400) / 400.0).collect();
        let mean = |replicate: u64| {
            let weights: Vec<f64> = (0..400).map(|row| draws(1, replicate, row)).collect();
            let sum: f64 = values.iter().zip(&weights).map(|(x, w)| x * w).sum();
            sum / weights.iter().sum::<f64>()
        };
        let found = spread(&(0..300).map(mean).collect::<Vec<_>>()).unwrap();
        assert!((found / 0.0144 - 1.0).abs() < 0.15, "{found}");
        assert_eq!(spread(&[1.0]), None);
    }
}
