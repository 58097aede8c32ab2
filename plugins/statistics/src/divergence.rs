//! Distances between two sides counted over the same bins or categories.
//!
//! All take raw counts, reference first, and give None when a side has no
//! rows or the numbers of bins differ. The noise functions take the same
//! counts and say what the distance would be on average if nothing had
//! changed. Conventions carry an id that belongs in the name of the metric.

use std::f64::consts::{LN_2, PI};

use crate::counts::{share_pairs, total};
use crate::noise::{Noise, chi_noise, chi_square_noise, folded_covariance, sampling_scale};
use crate::special::erfc;

/// The floor of [`psi`]: convention `eps1e-4`.
pub const PSI_FLOOR: f64 = 1e-4;

/// Pairs among so many of the largest bins have the exact covariance in the
/// noise of [`total_variation`]; all other pairs its leading term.
const EXACT_BINS: usize = 32;

/// Population stability index `sum (q - p) ln(q / p)`, natural logarithm,
/// every share floored at 1e-4 and not renormalised (`eps1e-4`).
///
/// Siddiqi, "Credit Risk Scorecards", 2006; Yurdakul and Naranjo,
/// "Statistical properties of the population stability index", 2020.
///
/// ```
/// use driftguard_statistics::divergence::psi;
/// let value = psi(&[5, 3, 2], &[4, 4, 2]).unwrap();
/// assert!((value - 0.0510825623765991).abs() < 1e-14);
/// ```
pub fn psi(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    Some(
        pairs
            .iter()
            .map(|(p, q)| psi_term(p.max(PSI_FLOOR), q.max(PSI_FLOOR)))
            .sum(),
    )
}

/// Population stability index on shares smoothed to
/// `(k + 1/2) / (n + bins / 2)` (convention `laplace`, Krichevsky and
/// Trofimov, "The performance of universal encoding", 1981).
pub fn psi_laplace(reference: &[u64], current: &[u64]) -> Option<f64> {
    share_pairs(reference, current)?;
    let smooth = |counts: &[u64]| {
        let n = total(counts) as f64 + counts.len() as f64 / 2.0;
        counts
            .iter()
            .map(|count| (*count as f64 + 0.5) / n)
            .collect::<Vec<_>>()
    };
    let (p, q) = (smooth(reference), smooth(current));
    Some(p.iter().zip(&q).map(|(p, q)| psi_term(*p, *q)).sum())
}

fn psi_term(p: f64, q: f64) -> f64 {
    (q - p) * (q / p).ln()
}

/// Noise of [`psi`]: `PSI / c^2` is a chi-square with one degree of freedom
/// less than there are occupied bins.
pub fn psi_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    quadratic_noise(reference, current, 1.0)
}

/// Kullback-Leibler divergence of current from reference,
/// `sum q ln(q / p)`, in nats. None also when current has rows where the
/// reference has none, where it is infinite.
///
/// Kullback and Leibler, "On Information and Sufficiency", 1951.
pub fn kullback_leibler(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    let sum: f64 = pairs
        .iter()
        .map(|(p, q)| if *q > 0.0 { q * (q / p).ln() } else { 0.0 })
        .sum();
    sum.is_finite().then_some(sum.max(0.0))
}

/// Noise of [`kullback_leibler`]: `2 KL / c^2` is a chi-square.
pub fn kullback_leibler_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    quadratic_noise(reference, current, 0.5)
}

/// Jensen-Shannon divergence in nats, 0 to ln 2.
///
/// Lin, "Divergence measures based on the Shannon entropy", 1991.
pub fn jensen_shannon(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    let half = |x: f64, mean: f64| if x > 0.0 { x * (x / mean).ln() } else { 0.0 };
    let sum: f64 = pairs
        .iter()
        .map(|(p, q)| {
            let mean = (p + q) / 2.0;
            half(*p, mean) + half(*q, mean)
        })
        .sum();
    Some((sum / 2.0).clamp(0.0, LN_2))
}

/// Jensen-Shannon divergence in bits, 0 to 1.
pub fn jensen_shannon_bits(reference: &[u64], current: &[u64]) -> Option<f64> {
    jensen_shannon(reference, current).map(|nats| nats / LN_2)
}

/// Jensen-Shannon distance, the square root of the divergence in bits, 0 to 1
/// (SciPy's `jensenshannon(base=2)`).
pub fn jensen_shannon_distance(reference: &[u64], current: &[u64]) -> Option<f64> {
    jensen_shannon_bits(reference, current).map(f64::sqrt)
}

/// Jensen-Shannon distance with natural logarithm, 0 to 0.8326 (SciPy's
/// default).
pub fn jensen_shannon_distance_nats(reference: &[u64], current: &[u64]) -> Option<f64> {
    jensen_shannon(reference, current).map(f64::sqrt)
}

/// Noise of [`jensen_shannon_bits`]: `8 ln 2 JSD / c^2` is a chi-square.
pub fn jensen_shannon_bits_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    quadratic_noise(reference, current, 1.0 / (8.0 * LN_2))
}

/// Noise of [`jensen_shannon_distance`].
pub fn jensen_shannon_distance_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    root_noise(reference, current, 1.0 / (8.0 * LN_2))
}

/// Hellinger distance `sqrt(1 - sum sqrt(p q))`, 0 to 1.
///
/// Hellinger, "Neue Begründung der Theorie quadratischer Formen von
/// unendlichvielen Veränderlichen", 1909.
pub fn hellinger(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    // The sum of squares does not cancel for near-equal sides.
    let sum: f64 = pairs
        .iter()
        .map(|(p, q)| (p.sqrt() - q.sqrt()).powi(2))
        .sum();
    Some((sum / 2.0).sqrt().min(1.0))
}

/// Noise of [`hellinger`]: `8 H^2 / c^2` is a chi-square.
pub fn hellinger_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    root_noise(reference, current, 1.0 / 8.0)
}

/// Total variation distance `sum |q - p| / 2`: the share of rows that moved.
///
/// ```
/// use driftguard_statistics::divergence::total_variation;
/// assert!((total_variation(&[5, 3, 2], &[4, 4, 2]).unwrap() - 0.1).abs() < 1e-15);
/// ```
pub fn total_variation(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    Some((pairs.iter().map(|(p, q)| (q - p).abs()).sum::<f64>() / 2.0).min(1.0))
}

/// Noise of [`total_variation`]: half a sum of folded normals, whose standard
/// deviations are `c sqrt(p (1 - p))` and covariances `-c^2 p_i p_j`.
pub fn total_variation_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    let (mut shares, c) = pooled(reference, current)?;
    shares.sort_by(|a, b| b.total_cmp(a));
    let sd = |p: f64| (p * (1.0 - p)).max(0.0).sqrt();
    let mean: f64 = shares.iter().map(|p| sd(*p)).sum::<f64>() * c / (2.0 * PI).sqrt();
    let mut variance: f64 = shares.iter().map(|p| p * (1.0 - p)).sum::<f64>() * (1.0 - 2.0 / PI);
    for (i, p) in shares.iter().take(EXACT_BINS).enumerate() {
        for q in shares.iter().take(i) {
            variance += 2.0 * folded_covariance(sd(*p), sd(*q), -p * q);
        }
    }
    // cov = sd_i sd_j r^2 / pi (1 + r^2 / 12 + ...) with r^2 the product of
    // both odds: the leading term is a product, and sums over pairs are squares
    // of sums. The next one is below 0.3 % of it where one share is under 1/32
    // and the other under 1/2.
    let leading = |shares: &[f64]| {
        let (sum, squares) = shares
            .iter()
            .filter(|p| **p < 1.0)
            .map(|p| sd(*p) * p / (1.0 - p))
            .fold((0.0, 0.0), |(sum, squares), g| (sum + g, squares + g * g));
        (sum * sum - squares) / PI
    };
    let exact = shares.len().min(EXACT_BINS);
    variance += leading(&shares) - leading(shares.get(..exact).unwrap_or(&[]));
    Some(Noise {
        mean,
        sd: c * variance.max(0.0).sqrt() / 2.0,
    })
}

/// Largest change of any one share, `max |q - p|`.
pub fn largest_change(reference: &[u64], current: &[u64]) -> Option<f64> {
    let pairs = share_pairs(reference, current)?;
    Some(pairs.iter().map(|(p, q)| (q - p).abs()).fold(0.0, f64::max))
}

/// Noise of [`largest_change`]: the maximum of folded normals taken as
/// independent, whose distribution is integrated numerically. Good to some
/// per cent; a little high for few bins, whose changes are correlated.
pub fn largest_change_noise(reference: &[u64], current: &[u64]) -> Option<Noise> {
    const STEPS: u32 = 256;
    let (shares, c) = pooled(reference, current)?;
    let mut sds: Vec<f64> = shares
        .iter()
        .map(|p| c * (p * (1.0 - p)).max(0.0).sqrt())
        .collect();
    sds.retain(|sd| *sd > 0.0);
    if sds.len() == 2 {
        // The two shares of two bins change by the same amount.
        sds.pop();
    }
    // Many small bins have equal counts: each is integrated once.
    sds.sort_by(f64::total_cmp);
    let groups: Vec<(f64, i32)> = sds
        .chunk_by(|a, b| a == b)
        .filter_map(|group| Some((*group.first()?, i32::try_from(group.len()).ok()?)))
        .collect();
    let top = 8.0 * sds.last().copied().unwrap_or(0.0);
    let width = top / f64::from(STEPS);
    let (mut mean, mut square) = (0.0, 0.0);
    for step in 0..STEPS {
        let t = (f64::from(step) + 0.5) * width;
        // Where t is this far out, a bin is below it but for 1e-16.
        let near = groups.iter().rev().take_while(|(sd, _)| t < 8.3 * sd);
        let below: f64 = near
            .map(|(sd, bins)| (1.0 - erfc(t / (sd * std::f64::consts::SQRT_2))).powi(*bins))
            .product();
        mean += (1.0 - below) * width;
        square += 2.0 * t * (1.0 - below) * width;
    }
    Some(Noise {
        mean,
        sd: (square - mean * mean).max(0.0).sqrt(),
    })
}

/// Shares of both sides together, occupied bins only, and `c`.
fn pooled(reference: &[u64], current: &[u64]) -> Option<(Vec<f64>, f64)> {
    share_pairs(reference, current)?;
    let (n, m) = (total(reference), total(current));
    let all = n as f64 + m as f64;
    let sums = reference
        .iter()
        .zip(current)
        .map(|(a, b)| *a as f64 + *b as f64);
    Some((
        sums.filter(|sum| *sum > 0.0).map(|sum| sum / all).collect(),
        sampling_scale(n, m)?,
    ))
}

fn quadratic_noise(reference: &[u64], current: &[u64], factor: f64) -> Option<Noise> {
    let (shares, c) = pooled(reference, current)?;
    Some(chi_square_noise(factor * c * c, shares.len()))
}

fn root_noise(reference: &[u64], current: &[u64], factor: f64) -> Option<Noise> {
    let (shares, c) = pooled(reference, current)?;
    Some(chi_noise(factor * c * c, shares.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const P: [u64; 3] = [5, 3, 2];
    const Q: [u64; 3] = [4, 4, 2];

    fn close(left: Option<f64>, right: f64) {
        let left = left.unwrap();
        assert!((left - right).abs() < 1e-13, "{left} is not {right}");
    }

    #[test]
    fn golden_vectors() {
        close(psi(&P, &Q), 0.051_082_562_376_599_1);
        close(kullback_leibler(&P, &Q), 0.025_815_408_455_028_5);
        close(jensen_shannon_bits(&P, &Q), 0.009_185_925_460_812_11);
        close(jensen_shannon_distance(&P, &Q), 0.095_843_233_776_892_7);
        close(hellinger(&P, &Q).map(|h| h * h), 0.006_376_242_986_266_6);
        close(total_variation(&P, &Q), 0.1);
        close(largest_change(&P, &Q), 0.1);
    }

    #[test]
    fn degenerate_sides_are_none() {
        assert_eq!(psi(&[0, 0], &[1, 2]), None);
        assert_eq!(hellinger(&[1, 1], &[1]), None);
        assert_eq!(total_variation_noise(&[], &[]), None);
        assert_eq!(kullback_leibler(&[1, 0], &[1, 1]), None);
        assert_eq!(psi(&[7], &[9]), Some(0.0));
        assert_eq!(
            largest_change_noise(&[7], &[9]),
            Some(Noise { mean: 0.0, sd: 0.0 })
        );
    }

    #[test]
    fn disjoint_sides_are_as_far_as_can_be() {
        let (a, b) = ([3, 0], [0, 8]);
        close(jensen_shannon_bits(&a, &b), 1.0);
        close(hellinger(&a, &b), 1.0);
        close(total_variation(&a, &b), 1.0);
    }

    #[test]
    fn noise_of_two_bins_is_that_of_one_folded_normal() {
        let (n, share) = ([500, 500], 0.5);
        let c = (2.0f64 / 1000.0).sqrt() * share;
        let noise = total_variation_noise(&n, &n).unwrap();
        let largest = largest_change_noise(&n, &n).unwrap();
        let half_normal = (2.0 / PI).sqrt();
        assert!((noise.mean - c * half_normal).abs() < 1e-12);
        assert!((noise.sd - c * (1.0 - half_normal * half_normal).sqrt()).abs() < 1e-12);
        assert!((largest.mean - noise.mean).abs() < 1e-3 * noise.mean);
    }

    /// Against all pairs exactly, whatever the number of bins.
    #[test]
    fn noise_of_many_bins_has_all_their_covariances() {
        for bins in [20_u64, 60, 300] {
            let counts: Vec<u64> = (0..bins).map(|bin| 1 + 9_000 / (1 + bin)).collect();
            let (shares, c) = pooled(&counts, &counts).unwrap();
            let sd = |p: f64| (p * (1.0 - p)).sqrt();
            let mut variance: f64 =
                shares.iter().map(|p| p * (1.0 - p)).sum::<f64>() * (1.0 - 2.0 / PI);
            for (i, p) in shares.iter().enumerate() {
                for q in shares.iter().take(i) {
                    variance += 2.0 * folded_covariance(sd(*p), sd(*q), -p * q);
                }
            }
            let exact = c * variance.sqrt() / 2.0;
            let noise = total_variation_noise(&counts, &counts).unwrap();
            assert!(
                (noise.sd / exact - 1.0).abs() < 1e-5,
                "{bins}: {} {exact}",
                noise.sd
            );
        }
    }

    proptest! {
        #[test]
        fn laws(p in prop::collection::vec(0u64..1000, 2..12), seed in prop::collection::vec(0u64..1000, 12)) {
            let q = &seed[..p.len()];
            prop_assume!(total(&p) > 0 && total(q) > 0);
            for statistic in [psi, psi_laplace, jensen_shannon, jensen_shannon_distance, hellinger, total_variation, largest_change] {
                let (there, back) = (statistic(&p, q).unwrap(), statistic(q, &p).unwrap());
                prop_assert!((there - back).abs() < 1e-12, "not symmetric: {} and {}", there, back);
                prop_assert!(there.is_finite() && there >= 0.0);
                prop_assert!(statistic(&p, &p).unwrap().abs() < 1e-15);
            }
            for noise in [psi_noise, jensen_shannon_distance_noise, hellinger_noise, total_variation_noise, largest_change_noise] {
                let noise = noise(&p, q).unwrap();
                prop_assert!(noise.mean >= 0.0 && noise.sd >= 0.0 && noise.mean.is_finite() && noise.sd.is_finite());
            }
            prop_assert!(largest_change(&p, q).unwrap() <= total_variation(&p, q).unwrap() + 1e-12);
        }
    }
}
