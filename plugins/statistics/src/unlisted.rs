//! Values that one side has alone, where only a sample of the values is
//! known: those with the smallest hashes.
//!
//! A hash does not know which side a value is on, nor how many rows it has:
//! the values below the hash that both sides kept whole are a uniform sample
//! of the distinct values of both (bottom-k, "KMV"). A sum over their rows
//! over all rows of the sample is a ratio of two sums over clusters, and its
//! deviation that of the residuals of the clusters.
//!
//! - Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset
//!   Operations", 2007: the sample.
//! - Cochran, "Sampling Techniques", 3rd edition, 1977, section 9A.1 and 6.4:
//!   a ratio over clusters and its variance.
//! - Kish, "Survey Sampling", 1965, section 11.7: rows that count as one.

use crate::exchangeable::AllHere;
use crate::rates::wilson_share;
use crate::special::normal_quantile;

/// A number with the ends of its interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Lower end, at most `value`.
    pub low: f64,
    /// Upper end, at least `value`.
    pub high: f64,
}

/// What the sampled values say of all values, in shares of this side's rows
/// of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unlisted {
    /// Rows of values that the other side has not, 0 to 1.
    pub alone: Estimate,
    /// The same less what dealing rows out by chance leaves on one side alone;
    /// below 0 where it is less than chance.
    pub excess: Estimate,
}

/// Estimates over all values from a sample of them. `sampled` holds for each
/// value its rows here and there; `fraction` is the part of all values that
/// is in the sample, 0 to 1 (the common hash over the largest); `here` and
/// `there` are all rows of the sides, for the expectation of
/// [`crate::exchangeable::one_sided`]. None where the sample has no rows here,
/// a side has none, or `level` or `fraction` is outside (0, 1).
///
/// With `x` a value's rows here and `d` those of it that are here alone (less
/// `c P(c)` for the excess), the estimate is `r = sum d / sum x`, its variance
/// `(1 - fraction) k / (k - 1) sum (d - r x)^2 / (sum x)^2`. The interval of
/// the share is Wilson's for as many rows as have this variance, or for
/// `(sum x)^2 / sum x^2` if that is fewer: so a share of 0 or 1 has an
/// interval too, and a few frequent values have a wide one.
///
/// ```
/// use driftguard_statistics::exchangeable::AllHere;
/// use driftguard_statistics::unlisted::estimate;
/// // 300 of 1,000 values of three rows each are here alone.
/// let sampled: Vec<_> = (0..1000).map(|i| (3, if i < 300 { 0 } else { 3 })).collect();
/// let found = estimate(&sampled, 0.1, &AllHere::new(30_000, 30_000), 0.95).unwrap();
/// assert!((found.alone.value - 0.3).abs() < 1e-12);
/// assert!(found.alone.low > 0.27 && found.alone.high < 0.33);
/// ```
pub fn estimate(
    sampled: &[(u64, u64)],
    fraction: f64,
    sides: &AllHere,
    level: f64,
) -> Option<Unlisted> {
    if sides.is_empty() || !(fraction > 0.0 && fraction < 1.0) || sampled.len() < 2 {
        return None;
    }
    let rows: f64 = sampled.iter().map(|(mine, _)| *mine as f64).sum();
    if rows == 0.0 {
        return None;
    }
    let z = -normal_quantile((1.0 - level) / 2.0)?;
    let alone: Vec<f64> = sampled
        .iter()
        .map(|(mine, theirs)| if *theirs == 0 { *mine as f64 } else { 0.0 })
        .collect();
    let excess: Vec<f64> = sampled
        .iter()
        .zip(&alone)
        .map(|((mine, theirs), alone)| {
            let both = mine.saturating_add(*theirs);
            alone - both as f64 * sides.chance(both)
        })
        .collect();
    let values = sampled.len() as f64;
    let kept = (1.0 - fraction) * values / (values - 1.0);
    let ratio = |of: &[f64]| {
        let share = of.iter().sum::<f64>() / rows;
        let residuals = of
            .iter()
            .zip(sampled)
            .map(|(of, (mine, _))| of - share * *mine as f64);
        let squares: f64 = residuals.map(|residual| residual.powi(2)).sum();
        (share, kept * squares / (rows * rows))
    };
    let (share, variance) = ratio(&alone);
    let squares: f64 = sampled.iter().map(|one| (one.0 as f64).powi(2)).sum();
    let clusters = rows * rows / squares / kept;
    let as_many = match variance > 0.0 {
        true => (share * (1.0 - share) / variance).min(clusters),
        false => clusters,
    };
    let range = wilson_share(share, as_many, level)?;
    let (more, spread) = ratio(&excess);
    let spread = z * spread.sqrt();
    Some(Unlisted {
        alone: Estimate {
            value: share,
            low: range.low.min(share),
            high: range.high.max(share),
        },
        excess: Estimate {
            value: more,
            low: more - spread.max(share - range.low),
            high: more + spread.max(range.high - share),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchangeable::one_sided;
    use crate::testing::Rng;
    use crate::values::{ValueSample, paired};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Rows of values drawn from parts of `(first value, values, share)`.
    fn side(rng: &mut Rng, rows: usize, parts: &[(usize, usize, f64)]) -> BTreeMap<usize, u64> {
        let mut counts = BTreeMap::new();
        for _ in 0..rows {
            let mut place = rng.uniform();
            let part = parts.iter().find(|part| {
                place -= part.2;
                place < 0.0
            });
            let (first, values, _) = part.copied().unwrap_or(parts[0]);
            let value = first + (rng.uniform() * values as f64) as usize;
            *counts.entry(value).or_default() += 1;
        }
        counts
    }

    /// The values with the smallest hashes.
    fn kept(counts: &BTreeMap<usize, u64>) -> ValueSample {
        let mut sample = ValueSample::new(512);
        for (value, rows) in counts {
            sample.insert(&format!("value {value}"), *rows);
        }
        sample
    }

    /// The truth, counted over all values, is in the interval as often as it
    /// says, and the estimates scatter around it.
    #[test]
    fn the_interval_holds_the_truth_and_the_estimate_has_no_bias() {
        let mut rng = Rng(5);
        let all = 20_000;
        for (new, kinds) in [(0.3, 1500), (0.1, 4000), (0.03, 3000)] {
            let (draws, mut held, mut below, mut bias, mut width) = (200, 0, 0, 0.0, 0.0);
            for draw in 0..draws {
                let first = draw * 100_000;
                let old = (first, kinds, 1.0);
                let before = side(&mut rng, all, &[old]);
                let parts = [(old.0, old.1, 1.0 - new), (first + 50_000, kinds, new)];
                let now = side(&mut rng, all, &parts);
                let each = now
                    .keys()
                    .chain(before.keys().filter(|value| !now.contains_key(value)));
                let rows =
                    |counts: &BTreeMap<usize, u64>, value| counts.get(value).copied().unwrap_or(0);
                let counts = each.map(|value| (rows(&now, value), rows(&before, value)));
                let sided = one_sided(counts, all as u64, all as u64).unwrap();
                let truth = sided.rows as f64 / all as f64;
                let more = truth - sided.noise.mean / all as f64;
                let (left, right) = (&kept(&now), &kept(&before));
                let both = paired(left, right);
                let (sampled, fraction) = (both.rows(), both.fraction());
                let found = estimate(
                    &sampled,
                    fraction,
                    &AllHere::new(all as u64, all as u64),
                    0.95,
                )
                .unwrap();
                held += i32::from(found.alone.low <= truth && truth <= found.alone.high);
                below += i32::from(found.excess.low <= more);
                bias += (found.alone.value - truth) / draws as f64;
                width += (found.alone.high - found.alone.low) / draws as f64;
            }
            assert!(
                held >= 183 && below >= 190,
                "{new}: {held}, {below} of {draws}"
            );
            // Four errors of the mean, of a width of four deviations.
            assert!(
                bias.abs() < width / (draws as f64).sqrt(),
                "{new}: {bias} {width}"
            );
        }
    }

    /// Every value has one row, so that each row is new: chance says so, too.
    #[test]
    fn ids_are_no_excess() {
        let mut rng = Rng(6);
        let mut beyond = 0;
        for _ in 0..100 {
            let start = (rng.uniform() * 1e9) as usize;
            let ids = |first: usize| kept(&(first..first + 20_000).map(|id| (id, 1)).collect());
            let (left, right) = (&ids(start), &ids(start + 50_000));
            let both = paired(left, right);
            let (sampled, fraction) = (both.rows(), both.fraction());
            let found = estimate(&sampled, fraction, &AllHere::new(20_000, 20_000), 0.95).unwrap();
            assert_eq!(found.alone.value, 1.0);
            beyond += u32::from(found.excess.low > 0.0);
            assert!(found.excess.low < 0.05, "{found:?}");
        }
        assert!(beyond <= 6, "{beyond} of 100");
    }

    #[test]
    fn what_cannot_be_said() {
        let some = [(1, 0), (3, 2)];
        assert_eq!(estimate(&[], 0.5, &AllHere::new(9, 9), 0.95), None);
        assert_eq!(
            estimate(&[(0, 1), (0, 2)], 0.5, &AllHere::new(9, 9), 0.95),
            None
        );
        for (fraction, level) in [(0.0, 0.9), (1.0, 0.9), (f64::NAN, 0.9), (0.5, 1.0)] {
            assert_eq!(estimate(&some, fraction, &AllHere::new(9, 9), level), None);
        }
        assert_eq!(estimate(&some, 0.5, &AllHere::new(0, 9), 0.95), None);
        // One value with nearly all rows says next to nothing of the others.
        let heavy: Vec<(u64, u64)> = (0..200)
            .map(|i| if i == 0 { (9000, 0) } else { (1, 9) })
            .collect();
        let found = estimate(&heavy, 0.1, &AllHere::new(90_000, 90_000), 0.95).unwrap();
        assert!(
            found.alone.value > 0.97 && found.alone.low < 0.5,
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn ends_are_in_order(c in prop::collection::vec((0u64..30, 0u64..30), 2..60), f in 0.01f64..0.99) {
            let (here, there) = c.iter().fold((1000, 1000), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            if let Some(found) = estimate(&c, f, &AllHere::new(here, there), 0.95) {
                for one in [found.alone, found.excess] {
                    prop_assert!(one.low <= one.value && one.value <= one.high, "{:?}", one);
                }
                prop_assert!(0.0 <= found.alone.low && found.alone.high <= 1.0);
                // The same sums as of all values.
                let rows: u64 = c.iter().map(|one| one.0).sum();
                let all = one_sided(c.clone(), here, there).unwrap();
                prop_assert!((found.alone.value * rows as f64 - all.rows as f64).abs() < 1e-6);
                let excess = all.rows as f64 - all.noise.mean;
                prop_assert!((found.excess.value * rows as f64 - excess).abs() < 1e-6);
            }
        }
    }
}
