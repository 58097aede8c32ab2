//! How far values lie apart, whatever a few of them do.

/// Makes the estimate that of the standard deviation where values are normal.
const NORMAL: f64 = 2.2219;

/// The standard deviation of most of the values, by Qn: the quarter of all
/// distances between two of them that are smallest, and of these the largest.
/// None without values; 0 of one.
///
/// Up to half of the values may be anything, as with the median absolute
/// deviation; but where that throws away 63 % of what normal values tell, this
/// throws away 18 %. With K + 1 units in each of many columns, the largest
/// score over columns is the one whose spread was underestimated most, so a
/// surer estimate is power (docs/calibration.md).
///
/// Rousseeuw and Croux, "Alternatives to the Median Absolute Deviation", 1993;
/// the factor for few values: Croux and Rousseeuw, "Time-efficient algorithms
/// for two highly robust estimators of scale", 1992.
pub(super) fn qn(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    if values.is_empty() {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let n = values.len();
    let half = n / 2 + 1;
    let few = if n.is_multiple_of(2) { 3.8 } else { 1.4 };
    let factor = NORMAL * n as f64 / (n as f64 + few);
    Some(factor * distance(&values, half * (half - 1) / 2))
}

/// The `rank`-th smallest distance between two of the sorted values, 0 for
/// none. Halves the range between two distances until it is one: floats that
/// are not negative are in the order of their bits, and so many distances need
/// never be held.
fn distance(sorted: &[f64], rank: usize) -> f64 {
    let [first, .., last] = sorted else {
        return 0.0;
    };
    let (mut low, mut high) = (0.0_f64, (last - first).abs());
    while low < high {
        let (from, to) = (low.to_bits(), high.to_bits());
        let near = Near::of(sorted, f64::from_bits(from + (to - from) / 2));
        if near.pairs >= rank {
            high = near.within;
        } else {
            low = near.beyond;
        }
    }
    low
}

/// The distances around a limit.
struct Near {
    /// Pairs at most so far apart.
    pairs: usize,
    /// The largest distance of these.
    within: f64,
    /// The smallest of the others.
    beyond: f64,
}

impl Near {
    fn of(sorted: &[f64], limit: f64) -> Self {
        let mut near = Self {
            pairs: 0,
            within: 0.0,
            beyond: f64::INFINITY,
        };
        // Values that are too low for one are too low for those above it.
        let (mut rest, mut last_left) = (sorted, None);
        for (at, high) in sorted.iter().enumerate() {
            while let Some((low, others)) = rest.split_first()
                && high - low > limit
            {
                (rest, last_left) = (others, Some(low));
            }
            near.pairs += (at + rest.len()).saturating_sub(sorted.len());
            if let Some(low) = rest.first() {
                near.within = near.within.max(high - low);
            }
            if let Some(low) = last_left {
                near.beyond = near.beyond.min(high - low);
            }
        }
        near
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_the_standard_deviation_of_normal_values() {
        // Quantiles of a normal law with a standard deviation of 2.
        let quantile = |p: f64| {
            let mut at = (-20.0, 20.0);
            for _ in 0..60 {
                let middle = f64::midpoint(at.0, at.1);
                let below = normal_below(middle / 2.0);
                at = if below < p {
                    (middle, at.1)
                } else {
                    (at.0, middle)
                };
            }
            at.0
        };
        let values = (0..999).map(|i| quantile((f64::from(i) + 0.5) / 999.0));
        let found = qn(values).unwrap();
        assert!((found - 2.0).abs() < 0.02, "{found}");
    }

    /// The normal distribution function (Abramowitz, Stegun, 26.2.17).
    fn normal_below(x: f64) -> f64 {
        if x < 0.0 {
            return 1.0 - normal_below(-x);
        }
        let t = 1.0 / (1.0 + 0.231_641_9 * x);
        let series = [
            0.319_381_53,
            -0.356_563_782,
            1.781_477_937,
            -1.821_255_978,
            1.330_274_429,
        ];
        let sum = series
            .iter()
            .rev()
            .fold(0.0, |sum, factor| t * (factor + sum));
        1.0 - (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt() * sum
    }

    #[test]
    fn of_few_values() {
        assert_eq!(qn(std::iter::empty()), None);
        assert_eq!(qn([3.0].into_iter()), Some(0.0));
        // Of the distances 1, 3, 4 the first, by 2.2219 * 3 / 4.4.
        let found = qn([5.0, 1.0, 2.0].into_iter()).unwrap();
        assert!((found - 2.2219 * 3.0 / 4.4).abs() < 1e-12, "{found}");
        assert_eq!(qn([7.0; 9].into_iter()), Some(0.0));
    }

    proptest! {
        #[test]
        fn the_distance_is_that_of_all_pairs_sorted(
            mut values in prop::collection::vec(prop_oneof![-1e3..1e3_f64, (-3_i8..3).prop_map(f64::from), Just(1e300)], 2..40),
            at in 0_usize..800,
        ) {
            values.sort_by(f64::total_cmp);
            let mut pairs = vec![];
            for (at, high) in values.iter().enumerate() {
                pairs.extend(values[..at].iter().map(|low| high - low));
            }
            pairs.sort_by(f64::total_cmp);
            let at = at % pairs.len();
            prop_assert_eq!(distance(&values, at + 1), pairs[at]);
        }

        #[test]
        fn nearly_half_of_the_values_may_be_anything(odd in prop::collection::vec(-1e9..1e9_f64, 9)) {
            let usual = (0..11).map(f64::from);
            let found = qn(usual.chain(odd)).unwrap();
            prop_assert!(found > 0.0 && found < 50.0, "{}", found);
        }
    }
}
