//! How far two sides counted over the same bins are apart, and whether that
//! could be chance.

use driftguard_statistics::chi_square::{SMALL_EXPECTED, homogeneity, pool_small};
use driftguard_statistics::counts::total;
use driftguard_statistics::divergence::{total_variation, total_variation_noise};
use driftguard_statistics::noise::sampling_scale;
use driftguard_statistics::{Interval, Noise, rates};

/// Level of the intervals in findings.
pub const LEVEL: f64 = 0.95;
/// Up to this many rows in a bin, on both sides together, its noise is exact.
const EXACT_ROWS: u64 = 30;
/// Up to this share of all rows, too: drawing rows uses them up.
const EXACT_SHARE: f64 = 0.05;

/// Total variation between two sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Total variation distance, 0 to 1.
    pub statistic: f64,
    /// The statistic without the part that is there when nothing changed.
    pub effect: f64,
    /// Mean and spread of the statistic when nothing changed.
    pub noise: Noise,
    /// Interval for the true distance, see [`shift`].
    pub interval: Interval,
    /// Probability of such different counts if nothing changed.
    pub p_value: f64,
}

/// Compares counts over the same bins. None when a side has no rows, bins
/// differ in number, or fewer than two bins are occupied.
///
/// The p-value is that of the chi-square test of homogeneity after bins that
/// expect fewer than 5 rows on a side were put together; with two occupied
/// bins it is that of two rates, exact where rows are few. 1 where pooling
/// leaves one bin.
///
/// The interval is free of assumptions on shares: one row moves the statistic
/// by at most 1/n, so it is within `c sqrt(ln(2/a) / 2)` of its mean
/// (McDiarmid, "On the method of bounded differences", 1989), and the mean is
/// above the true distance by at most the noise.
pub fn shift(reference: &[u64], current: &[u64]) -> Option<Shift> {
    let Distance {
        statistic,
        effect,
        noise,
    } = distance(reference, current)?;
    let (n, m) = (total(reference), total(current));
    let half = sampling_scale(n, m)? * ((2.0 / (1.0 - LEVEL)).ln() / 2.0).sqrt();
    Some(Shift {
        statistic,
        effect,
        noise,
        interval: Interval {
            low: (effect - half).max(0.0),
            high: (statistic + half).min(1.0),
            level: LEVEL,
        },
        p_value: p_value(reference, current, occupied(reference, current))?,
    })
}

/// The numbers of a [`Shift`] by which periods are ranked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Distance {
    /// As [`Shift::statistic`].
    pub statistic: f64,
    /// As [`Shift::effect`].
    pub effect: f64,
    /// As [`Shift::noise`].
    pub noise: Noise,
}

/// The distance of [`shift`] without its interval and p-value, which cost
/// more than it. None as there.
pub fn distance(reference: &[u64], current: &[u64]) -> Option<Distance> {
    let statistic = total_variation(reference, current)?;
    if occupied(reference, current) < 2 {
        return None;
    }
    let noise = Noise {
        mean: noise_mean(reference, current)?,
        sd: total_variation_noise(reference, current)?.sd,
    };
    Some(Distance {
        statistic,
        effect: noise.corrected(statistic),
        noise,
    })
}

impl Shift {
    /// Where no two values differ: nothing moved, and a move of one value in
    /// all of both sides would be noise.
    pub fn still(n: u64, m: u64) -> Self {
        let one = 1.0 / (n as f64 + m as f64 + 2.0);
        let c = sampling_scale(n, m).unwrap_or(1.0);
        Self {
            statistic: 0.0,
            effect: 0.0,
            noise: Noise {
                mean: 0.0,
                sd: c * (one * (1.0 - one)).sqrt(),
            },
            interval: Interval {
                low: 0.0,
                high: (3.0 / n.min(m).max(1) as f64).min(1.0),
                level: LEVEL,
            },
            p_value: 1.0,
        }
    }

    /// Of counts over the same bins; [`Self::still`] where they do not differ.
    pub fn of_counts(reference: &[u64], current: &[u64]) -> Self {
        let still = || Self::still(total(reference), total(current));
        shift(reference, current).unwrap_or_else(still)
    }

    /// Of two rates, `hits` of `rows` on each side, the reference first.
    pub fn of_rates((a, n): (u64, u64), (b, m): (u64, u64)) -> Self {
        Self::of_counts(&[n.saturating_sub(a), a], &[m.saturating_sub(b), b])
    }
}

/// Bins with rows on either side.
fn occupied(reference: &[u64], current: &[u64]) -> usize {
    let pairs = reference.iter().zip(current);
    pairs.filter(|(a, b)| **a > 0 || **b > 0).count()
}

fn p_value(reference: &[u64], current: &[u64], occupied: usize) -> Option<f64> {
    let (n, m) = (total(reference), total(current));
    if occupied == 2 {
        let mut pairs = reference.iter().zip(current);
        let (a, b) = pairs.rfind(|(a, b)| **a > 0 || **b > 0)?;
        return rates::compare(*a, n, *b, m).map(|rates| rates.p_value);
    }
    let (pooled_reference, pooled_current) = pool_small(reference, current, SMALL_EXPECTED)?;
    let test = homogeneity(&pooled_reference, &pooled_current);
    Some(test.map_or(1.0, |test| test.p_value.clamp(0.0, 1.0)))
}

/// Mean of the total variation when nothing changed, given how many rows each
/// bin has on both sides together: half the sum over the bins of the mean of
/// `|a/n - (t-a)/m|`, where `a` of the `t` rows fell on the reference's side.
/// Exact (binomial) for few rows, a folded normal above.
fn noise_mean(reference: &[u64], current: &[u64]) -> Option<f64> {
    let rows = (total(reference), total(current));
    let c = sampling_scale(rows.0, rows.1)?;
    let (n, m) = (rows.0 as f64, rows.1 as f64);
    let all = n + m;
    let mut of_rows = [None; EXACT_ROWS as usize + 1];
    let mut sum = 0.0;
    for (a, b) in reference.iter().zip(current) {
        let rows = a.saturating_add(*b);
        let known = usize::try_from(rows)
            .ok()
            .and_then(|rows| of_rows.get_mut(rows))
            .filter(|_| rows as f64 <= EXACT_SHARE * all);
        sum += match known {
            Some(known) => *known.get_or_insert_with(|| exact_mean(rows, n, m)),
            None => {
                let share = rows as f64 / all;
                c * (share * (1.0 - share)).max(0.0).sqrt() * (2.0 / std::f64::consts::PI).sqrt()
            }
        };
    }
    Some(sum / 2.0)
}

fn exact_mean(rows: u64, n: f64, m: f64) -> f64 {
    let odds = n / m;
    let mut probability = (m / (n + m)).powi(rows as i32);
    let mut sum = 0.0;
    for a in 0..=rows {
        let (here, there) = (a as f64, (rows - a) as f64);
        sum += probability * (here / n - there / m).abs();
        probability *= there / (here + 1.0) * odds;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;
    use proptest::prelude::*;

    #[test]
    fn golden() {
        let shift = shift(&[30, 20, 50], &[45, 15, 40]).unwrap();
        assert!((shift.statistic - 0.15).abs() < 1e-12);
        // Two degrees of freedom: an exponential law.
        assert!((shift.p_value - (-4.825_396_825_396_825f64 / 2.0).exp()).abs() < 1e-12);
        assert!(shift.interval.low <= shift.effect && shift.statistic <= shift.interval.high);
    }

    #[test]
    fn nothing_to_compare() {
        assert_eq!(shift(&[], &[]), None);
        assert_eq!(shift(&[5, 0], &[0, 0]), None);
        assert_eq!(shift(&[5, 0], &[7, 0]), None);
        assert_eq!(shift(&[5, 0], &[7]), None);
    }

    #[test]
    fn what_does_not_differ_is_still() {
        let still = Shift::of_counts(&[5, 0], &[7, 0]);
        assert_eq!(still, Shift::still(5, 7));
        assert_eq!((still.effect, still.p_value), (0.0, 1.0));
        assert!(still.noise.sd > 0.0 && still.interval.high < 1.0);
        assert_eq!(Shift::of_rates((0, 9), (0, 4)), Shift::still(9, 4));
        assert_eq!(
            Shift::of_rates((3, 50), (20, 47)),
            shift(&[47, 3], &[27, 20]).unwrap()
        );
    }

    #[test]
    fn two_bins_with_few_rows_are_exact() {
        let shift = shift(&[50, 0], &[47, 3]).unwrap();
        assert!(shift.p_value > 0.2 && shift.p_value < 0.3, "{shift:?}");
    }

    /// The mean under "nothing changed" is right for dense and sparse bins.
    #[test]
    fn noise_agrees_with_simulation() {
        for (bins, n, m) in [(3, 60, 90), (50, 1000, 1000), (400, 500, 300)] {
            let mut rng = Rng::new(bins);
            let (mut seen, mut expected) = (0.0, 0.0);
            for _ in 0..200 {
                let mut side = |rows: u64| {
                    let mut counts = vec![0; bins as usize];
                    (0..rows).for_each(|_| counts[rng.below(bins) as usize] += 1);
                    counts
                };
                let (p, q) = (side(n), side(m));
                let shift = shift(&p, &q).unwrap();
                seen += shift.statistic / 200.0;
                expected += shift.noise.mean / 200.0;
            }
            assert!(
                (seen / expected - 1.0).abs() < 0.04,
                "{bins} bins: {seen} {expected}"
            );
        }
    }

    proptest! {
        #[test]
        fn laws(p in prop::collection::vec(0u64..300, 2..12), seed in prop::collection::vec(0u64..300, 12)) {
            let q = &seed[..p.len()];
            if let (Some(there), Some(back)) = (shift(&p, q), shift(q, &p)) {
                prop_assert!((there.statistic - back.statistic).abs() < 1e-12);
                prop_assert!((there.p_value - back.p_value).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&there.effect) && (0.0..=1.0).contains(&there.p_value));
                prop_assert!(there.noise.mean.is_finite() && there.noise.sd.is_finite());
            }
            let numbers = shift(&p, q).map(|all| (all.statistic, all.effect, all.noise));
            prop_assert_eq!(distance(&p, q).map(|all| (all.statistic, all.effect, all.noise)), numbers);
            if let Some(same) = shift(&p, &p) {
                prop_assert!(same.effect == 0.0 && same.p_value > 0.99);
            }
        }
    }
}
