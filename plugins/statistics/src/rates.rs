//! Two rates: did the share of nulls, zeros or unseen values change?

use crate::Interval;
use crate::hypergeometric::fisher_exact;
use crate::noise::{Noise, sampling_scale};
use crate::special::{normal_quantile, normal_sf};

/// A cell of the table with fewer rows than this makes the test exact.
pub const SMALL_CELL: u64 = 10;

/// How a p-value was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Fisher's exact test.
    Exact,
    /// Score test with pooled rate.
    Score,
}

/// Two rates compared, reference first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Rate of the reference, 0 to 1.
    pub reference: f64,
    /// Rate of the current data, 0 to 1.
    pub current: f64,
    /// Current less reference: share of rows that became hits.
    pub difference: f64,
    /// Cohen's h, `2 asin sqrt(q) - 2 asin sqrt(p)`, -pi to pi: the same
    /// difference counts for more near 0 and 1.
    pub cohens_h: f64,
    /// Two-sided probability if nothing changed.
    pub p_value: f64,
    /// Which test gave it.
    pub method: Method,
}

/// Compares `a` hits in `n` reference rows with `b` in `m` current rows.
/// None when a side is empty or has more hits than rows.
///
/// Exact (Fisher) when any of the four cells has fewer than [`SMALL_CELL`]
/// rows, otherwise the score test. Cohen, "Statistical Power Analysis for the
/// Behavioral Sciences", 1988, for h.
///
/// ```
/// use driftguard_statistics::rates;
/// let nulls = rates::compare(20, 1000, 100, 1000).unwrap();
/// assert!((nulls.difference - 0.08).abs() < 1e-15);
/// assert!(nulls.p_value < 1e-10);
/// ```
pub fn compare(a: u64, n: u64, b: u64, m: u64) -> Option<Comparison> {
    let (misses_a, misses_b) = (n.checked_sub(a)?, m.checked_sub(b)?);
    let small = [a, b, misses_a, misses_b]
        .into_iter()
        .any(|cell| cell < SMALL_CELL);
    let (method, p_value) = if small {
        (Method::Exact, fisher_exact(a, n, b, m)?)
    } else {
        (Method::Score, score_test(a, n, b, m)?)
    };
    let (reference, current) = (a as f64 / n as f64, b as f64 / m as f64);
    Some(Comparison {
        reference,
        current,
        difference: current - reference,
        cohens_h: 2.0 * (current.sqrt().asin() - reference.sqrt().asin()),
        p_value,
        method,
    })
}

/// Two-sided score test: the difference over its deviation under the pooled
/// rate, against the normal law. 1 when all or none of the rows are hits.
/// None when a side is empty or has more hits than rows.
pub fn score_test(a: u64, n: u64, b: u64, m: u64) -> Option<f64> {
    if a > n || b > m {
        return None;
    }
    let c = sampling_scale(n, m)?;
    let pooled = (a as f64 + b as f64) / (n as f64 + m as f64);
    let deviation = (pooled * (1.0 - pooled)).max(0.0).sqrt() * c;
    if deviation == 0.0 {
        return Some(1.0);
    }
    let z = (b as f64 / m as f64 - a as f64 / n as f64) / deviation;
    Some((2.0 * normal_sf(z.abs())).min(1.0))
}

/// Noise of the absolute difference of two rates when nothing changed: a
/// folded normal with the pooled rate.
pub fn noise(a: u64, n: u64, b: u64, m: u64) -> Option<Noise> {
    if a > n || b > m {
        return None;
    }
    let c = sampling_scale(n, m)?;
    let pooled = (a as f64 + b as f64) / (n as f64 + m as f64);
    let deviation = (pooled * (1.0 - pooled)).max(0.0).sqrt() * c;
    let half_normal = (2.0 / std::f64::consts::PI).sqrt();
    Some(Noise {
        mean: deviation * half_normal,
        sd: deviation * (1.0 - half_normal * half_normal).sqrt(),
    })
}

/// Interval for a single rate, `hits` in `n` rows. None when `n` is 0, there
/// are more hits than rows, or the level is outside (0, 1).
///
/// Wilson, "Probable Inference, the Law of Succession, and Statistical
/// Inference", 1927.
pub fn wilson(hits: u64, n: u64, level: f64) -> Option<Interval> {
    if n == 0 || hits > n || !(level > 0.0 && level < 1.0) {
        return None;
    }
    wilson_share(hits as f64 / n as f64, n as f64, level)
}

/// The same for a share of as many independent rows as its variance is worth,
/// which need not be whole. None when `share` is not in 0 to 1, `rows` not
/// above 0, or the level outside (0, 1).
pub fn wilson_share(share: f64, rows: f64, level: f64) -> Option<Interval> {
    let sound = (0.0..=1.0).contains(&share) && rows > 0.0 && level > 0.0 && level < 1.0;
    if !sound {
        return None;
    }
    let z = -normal_quantile((1.0 - level) / 2.0)?;
    let shrink = 1.0 + z * z / rows;
    let centre = (share + z * z / (2.0 * rows)) / shrink;
    let half = z * (share * (1.0 - share) / rows + z * z / (4.0 * rows * rows)).sqrt() / shrink;
    // At 0 and 1 the end is exact; rounding must not leave it beside.
    let low = if share == 0.0 {
        0.0
    } else {
        (centre - half).max(0.0)
    };
    let high = if share == 1.0 {
        1.0
    } else {
        (centre + half).min(1.0)
    };
    Some(Interval { low, high, level })
}

/// Interval for the difference of two rates, current less reference, made of
/// the Wilson interval of each.
///
/// Newcombe, "Interval Estimation for the Difference between Independent
/// Proportions: Comparison of Eleven Methods", 1998, method 10.
pub fn difference_interval(a: u64, n: u64, b: u64, m: u64, level: f64) -> Option<Interval> {
    let (reference, current) = (wilson(a, n, level)?, wilson(b, m, level)?);
    let (p, q) = (a as f64 / n as f64, b as f64 / m as f64);
    Some(Interval {
        low: q - p - (q - current.low).hypot(reference.high - p),
        high: q - p + (current.high - q).hypot(p - reference.low),
        level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn newcombes_own_example() {
        // 56/70 against 48/80: his table II (a), method 10.
        let interval = difference_interval(48, 80, 56, 70, 0.95).unwrap();
        assert!((interval.low - 0.0524).abs() < 5e-5 && (interval.high - 0.3339).abs() < 5e-5);
    }

    #[test]
    fn degenerate_rates() {
        assert_eq!(compare(0, 0, 0, 5), None);
        assert_eq!(compare(6, 5, 0, 5), None);
        assert_eq!(wilson(0, 0, 0.95), None);
        assert_eq!(wilson(0, 9, 1.5), None);
        assert_eq!(score_test(50, 50, 70, 70), Some(1.0));
        let none = compare(0, 1000, 0, 500).unwrap();
        assert_eq!((none.difference, none.p_value), (0.0, 1.0));
        assert_eq!(noise(0, 10, 0, 10), Some(Noise { mean: 0.0, sd: 0.0 }));
    }

    #[test]
    fn few_rows_are_exact() {
        assert_eq!(compare(9, 1000, 30, 1000).unwrap().method, Method::Exact);
        assert_eq!(compare(10, 1000, 30, 1000).unwrap().method, Method::Score);
    }

    proptest! {
        #[test]
        fn laws(n in 1u64..500, m in 1u64..500, a in 0u64..500, b in 0u64..500) {
            let (a, b) = (a.min(n), b.min(m));
            let (there, back) = (compare(a, n, b, m).unwrap(), compare(b, m, a, n).unwrap());
            prop_assert!((there.difference + back.difference).abs() < 1e-12);
            prop_assert!((there.cohens_h + back.cohens_h).abs() < 1e-12);
            prop_assert!((there.p_value - back.p_value).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&there.p_value));
            let interval = difference_interval(a, n, b, m, 0.95).unwrap();
            prop_assert!(interval.low <= there.difference + 1e-12 && there.difference <= interval.high + 1e-12);
            prop_assert!(interval.low >= -1.0 - 1e-9 && interval.high <= 1.0 + 1e-9);
            let same = compare(a, n, a, n).unwrap();
            prop_assert!(same.difference == 0.0 && same.p_value > 0.999);
        }
    }
}
