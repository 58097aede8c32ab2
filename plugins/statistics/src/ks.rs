//! The Kolmogorov-Smirnov distance: the largest gap between two cumulative
//! distributions, which is the share of rows that crossed some value.
//!
//! Kolmogorov, "Sulla determinazione empirica di una legge di distribuzione",
//! 1933; Smirnov, "Table for Estimating the Goodness of Fit of Empirical
//! Distributions", 1948.

use crate::Interval;
use crate::counts::total;
use crate::ks_law::kolmogorov_sf_at;
use crate::noise::{Noise, sampling_scale};

/// Mean of Kolmogorov's limit law, `sqrt(pi / 2) ln 2`.
pub const LIMIT_MEAN: f64 = 0.868_731_160_636_159_5;
/// Its standard deviation, `sqrt(pi^2 / 12 - mean^2)`.
pub const LIMIT_SD: f64 = 0.260_332_870_147_919_8;

/// Largest product of row numbers for which [`p_value`] is exact.
pub const EXACT_LIMIT: u64 = 10_000;
/// Largest product of row numbers that [`p_value_exact`] accepts.
pub const EXACT_CEILING: u64 = 10_000_000;

/// A distance and where it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// The largest gap, 0 to 1.
    pub statistic: f64,
    /// Position of the edge (binned), or the value (sorted samples), at which
    /// it occurs.
    pub at: f64,
    /// Whether more of current than of reference lies below that point.
    pub current_lower: bool,
}

/// Distance between two sides counted over the same bins: the largest gap at
/// any edge. It is at most the exact distance, and less by at most the
/// largest share of a bin. None when a side has no rows or bins differ.
pub fn from_counts(reference: &[u64], current: &[u64]) -> Option<Gap> {
    let (n, m) = (total(reference), total(current));
    if n == 0 || m == 0 || reference.len() != current.len() {
        return None;
    }
    let (mut below_reference, mut below_current) = (0u64, 0u64);
    let mut best = (0i128, 0usize);
    for (edge, (a, b)) in reference.iter().zip(current).enumerate() {
        below_reference = below_reference.saturating_add(*a);
        below_current = below_current.saturating_add(*b);
        best = larger(best, gap(below_reference, m, below_current, n), edge);
    }
    Some(Gap {
        statistic: ratio(best.0, n, m),
        at: best.1 as f64,
        current_lower: best.0 > 0,
    })
}

/// Exact distance between two samples sorted in rising order, ties and all.
/// None when a side is empty or holds a NaN.
///
/// ```
/// use driftguard_statistics::ks;
/// let gap = ks::from_sorted(&[1., 2., 2., 3., 5.], &[2., 3., 4., 4., 6., 7.]).unwrap();
/// assert!((gap.statistic - 0.4666666666666667).abs() < 1e-15);
/// assert_eq!(gap.at, 3.0);
/// ```
pub fn from_sorted(reference: &[f64], current: &[f64]) -> Option<Gap> {
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let (mut i, mut j) = (0usize, 0usize);
    let mut best = (0i128, *reference.first()?);
    current.first()?;
    if reference.iter().chain(current).any(|value| value.is_nan()) {
        return None;
    }
    while let (Some(a), Some(b)) = (reference.get(i), current.get(j)) {
        let here = a.min(*b);
        i += reference.iter().skip(i).take_while(|x| **x <= here).count();
        j += current.iter().skip(j).take_while(|x| **x <= here).count();
        best = larger(best, gap(i as u64, m, j as u64, n), here);
    }
    Some(Gap {
        statistic: ratio(best.0, n, m),
        at: best.1,
        current_lower: best.0 > 0,
    })
}

/// `j/m - i/n` times `n m`: an integer, so equal gaps compare equal.
fn gap(i: u64, m: u64, j: u64, n: u64) -> i128 {
    i128::from(j) * i128::from(n) - i128::from(i) * i128::from(m)
}

fn larger<T>(best: (i128, T), gap: i128, at: T) -> (i128, T) {
    if gap.abs() > best.0.abs() {
        (gap, at)
    } else {
        best
    }
}

fn ratio(gap: i128, n: u64, m: u64) -> f64 {
    (gap.unsigned_abs() as f64 / (n as f64 * m as f64)).min(1.0)
}

/// Probability of a distance of at least `d` when nothing changed: exact
/// while `n m <= 10^4`, otherwise asymptotic. With ties it is too large
/// rather than too small. None when a side is empty or `d` is not in 0 to 1.
pub fn p_value(d: f64, n: u64, m: u64) -> Option<f64> {
    if n.saturating_mul(m) <= EXACT_LIMIT {
        p_value_exact(d, n, m)
    } else {
        p_value_asymptotic(d, n, m)
    }
}

/// As SciPy's `ks_2samp(method='asymp')`: the exact one-sample law at
/// `round(n m / (n + m))` rows (half to even).
///
/// ```
/// let p = driftguard_statistics::ks::p_value_asymptotic(0.06074, 1000, 1000).unwrap();
/// assert!((p - 0.0479243530).abs() < 1e-9);
/// ```
pub fn p_value_asymptotic(d: f64, n: u64, m: u64) -> Option<f64> {
    if n == 0 || m == 0 || !(0.0..=1.0).contains(&d) {
        return None;
    }
    let (n, m) = (n as f64, m as f64);
    let rows = (n * m / (n + m)).round_ties_even();
    // SciPy's law at 0 rows is not a number; one row is the nearest there is.
    Some(kolmogorov_sf_at(rows.max(1.0), d))
}

/// Exact two-sided probability under continuous distributions. None when a
/// side is empty, `d` is not in 0 to 1, or `n m` is above [`EXACT_CEILING`].
///
/// A path through the grid of merged ranks is random; the recursion carries
/// the chance that it has left the band by each node, so small probabilities
/// are sums of positive terms (Viehmann, "Numerically more stable computation
/// of the p-values for the two-sample Kolmogorov-Smirnov test", 2021).
///
/// ```
/// let p = driftguard_statistics::ks::p_value_exact(7.0 / 15.0, 5, 6).unwrap();
/// assert!((p - 0.474025974025974).abs() < 1e-12);
/// ```
pub fn p_value_exact(d: f64, n: u64, m: u64) -> Option<f64> {
    if n == 0 || m == 0 || !(0.0..=1.0).contains(&d) || n.saturating_mul(m) > EXACT_CEILING {
        return None;
    }
    // Distances are multiples of 1/(n m): compare integers, not rounded shares.
    let limit = (d * (n * m) as f64).round() as u64;
    if limit == 0 {
        return Some(1.0);
    }
    let outside = |i: u64, j: u64| (i * m).abs_diff(j * n) >= limit;
    let mut row: Vec<f64> = (0..=m)
        .map(|j| {
            if (0..=j).any(|k| outside(0, k)) {
                1.0
            } else {
                0.0
            }
        })
        .collect();
    for i in 1..=n {
        let mut left = 0.0;
        for (j, cell) in (0..=m).zip(row.iter_mut()) {
            let all = (i + j) as f64;
            let inside = (i as f64 * *cell + j as f64 * left) / all;
            *cell = if outside(i, j) { 1.0 } else { inside };
            left = *cell;
        }
    }
    row.last().copied()
}

/// Noise of the distance when nothing changed: `0.86873 c`, sd `0.26033 c`.
pub fn noise(n: u64, m: u64) -> Option<Noise> {
    let c = sampling_scale(n, m)?;
    Some(Noise {
        mean: LIMIT_MEAN * c,
        sd: LIMIT_SD * c,
    })
}

/// Confidence interval for the true distance, from the
/// Dvoretzky-Kiefer-Wolfowitz inequality, cut to 0..1.
///
/// With at least 458 rows on each side the two-sample form
/// `c sqrt(ln(2/a) / 2)` (Wei and Dudley, "Two-sample
/// Dvoretzky-Kiefer-Wolfowitz inequalities", 2012, proven for equal sizes and
/// exact in the limit for others); below, Massart's constant for each side at
/// half the error ("The tight constant in the Dvoretzky-Kiefer-Wolfowitz
/// inequality", 1990), which is wider. None for a level outside (0, 1).
pub fn interval(d: f64, n: u64, m: u64, level: f64) -> Option<Interval> {
    let c = sampling_scale(n, m)?;
    let sound = level > 0.0 && level < 1.0 && (0.0..=1.0).contains(&d);
    if !sound {
        return None;
    }
    let error = 1.0 - level;
    let half = if n.min(m) >= 458 {
        c * ((2.0 / error).ln() / 2.0).sqrt()
    } else {
        let one_side = |rows: u64| ((4.0 / error).ln() / (2.0 * rows as f64)).sqrt();
        one_side(n) + one_side(m)
    };
    Some(Interval {
        low: (d - half).max(0.0),
        high: (d + half).min(1.0),
        level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counts;
    use proptest::prelude::*;

    #[test]
    fn degenerate_inputs_are_none() {
        assert_eq!(from_counts(&[0, 0], &[1, 0]), None);
        assert_eq!(from_counts(&[1], &[1, 0]), None);
        assert_eq!(from_sorted(&[], &[1.0]), None);
        assert_eq!(from_sorted(&[1.0], &[]), None);
        assert_eq!(p_value(f64::NAN, 5, 5), None);
        assert_eq!(p_value(0.5, 0, 5), None);
        assert_eq!(interval(0.5, 5, 5, 1.0), None);
        assert_eq!(p_value_exact(0.5, 1 << 40, 1 << 40), None);
    }

    #[test]
    fn certain_and_impossible() {
        assert_eq!(p_value(0.0, 10, 10), Some(1.0));
        assert!((p_value_exact(1.0, 3, 3).unwrap() - 0.1).abs() < 1e-15);
    }

    #[test]
    fn intervals_narrow_with_rows() {
        let wide = interval(0.3, 100, 100, 0.95).unwrap();
        let narrow = interval(0.3, 10_000, 10_000, 0.95).unwrap();
        assert!(wide.low < narrow.low && narrow.high < wide.high);
        assert!((narrow.high - 0.3 - 0.019_206).abs() < 1e-5);
    }

    fn sorted(mut values: Vec<f64>) -> Vec<f64> {
        values.sort_by(f64::total_cmp);
        values
    }

    proptest! {
        #[test]
        fn laws(a in prop::collection::vec(-5i8..5, 1..40), b in prop::collection::vec(-5i8..5, 1..40)) {
            let a = sorted(a.into_iter().map(f64::from).collect());
            let b = sorted(b.into_iter().map(f64::from).collect());
            let there = from_sorted(&a, &b).unwrap();
            let back = from_sorted(&b, &a).unwrap();
            prop_assert_eq!(there.statistic, back.statistic);
            prop_assert_eq!(from_sorted(&a, &a).unwrap().statistic, 0.0);
            // Every value has an edge just above it, so binning loses nothing.
            let edges: Vec<f64> = (-5..5).map(|v| f64::from(v) + 0.5).collect();
            let (p, q) = (Counts::of_values(&edges, &a), Counts::of_values(&edges, &b));
            let binned = from_counts(p.as_slice(), q.as_slice()).unwrap();
            prop_assert_eq!(binned.statistic, there.statistic);
            prop_assert_eq!(binned.current_lower, there.current_lower);
            // A rising map of both sides changes nothing.
            let map = |side: &[f64]| side.iter().map(|v| v.exp()).collect::<Vec<_>>();
            prop_assert_eq!(from_sorted(&map(&a), &map(&b)).unwrap().statistic, there.statistic);
        }

        #[test]
        fn probabilities_fall_as_the_distance_grows(n in 1u64..60, m in 1u64..60, d in 0.0f64..1.0, e in 0.0f64..1.0) {
            for law in [p_value_exact, p_value_asymptotic] {
                let (small, large) = (law(d.min(e), n, m).unwrap(), law(d.max(e), n, m).unwrap());
                prop_assert!((0.0..=1.0).contains(&small) && (0.0..=1.0).contains(&large));
                prop_assert!(large <= small + 1e-9, "{} then {}", small, large);
            }
            let (there, back) = (p_value_exact(d, n, m).unwrap(), p_value_exact(d, m, n).unwrap());
            prop_assert!((there - back).abs() < 1e-12);
        }
    }
}
