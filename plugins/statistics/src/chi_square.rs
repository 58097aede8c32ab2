//! Do two sides have the same shares of categories? Chi-square homogeneity
//! test, and the strength of association behind it.

use crate::counts::total;
use crate::special::chi_square_sf;

/// Expected rows below which the chi-square law is a poor guide (Cochran,
/// "Some Methods for Strengthening the Common chi-square Tests", 1954).
pub const SMALL_EXPECTED: f64 = 5.0;

/// A test of homogeneity of a table of two rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homogeneity {
    /// The statistic: Pearson's chi-square, or G.
    pub statistic: f64,
    /// Degrees of freedom: occupied categories less one.
    pub dof: f64,
    /// Probability of a statistic at least this large if nothing changed.
    pub p_value: f64,
    /// Cramér's V, 0 to 1. It grows with the number of categories even when
    /// nothing changed.
    pub cramers_v: f64,
    /// V without that bias, 0 to 1 (Bergsma, "A bias-correction for Cramér's
    /// V and Tschuprow's T", 2013).
    pub cramers_v_corrected: f64,
    /// Share of cells whose expected rows are below [`SMALL_EXPECTED`].
    pub small_expected_share: f64,
}

/// Pearson's test on two lists of counts over the same categories, without
/// Yates's correction; categories without rows on either side are left out.
/// None when a side has no rows, the lists differ in length, or fewer than
/// two categories are occupied.
///
/// Pearson, "On the criterion that a given system of deviations ...", 1900.
///
/// ```
/// use driftguard_statistics::chi_square::homogeneity;
/// let test = homogeneity(&[30, 20, 50], &[45, 15, 40]).unwrap();
/// assert!((test.statistic - 4.825396825396825).abs() < 1e-12);
/// assert!((test.p_value - 0.0895732625).abs() < 1e-9);
/// ```
pub fn homogeneity(reference: &[u64], current: &[u64]) -> Option<Homogeneity> {
    test(reference, current, |observed, expected| {
        (observed - expected).powi(2) / expected
    })
}

/// The likelihood-ratio (G) test: `2 sum O ln(O / E)`. `cramers_v` is made of
/// G in the place of the chi-square.
///
/// Wilks, "The Likelihood Test of Independence in Contingency Tables", 1935.
pub fn g_test(reference: &[u64], current: &[u64]) -> Option<Homogeneity> {
    test(reference, current, |observed, expected| {
        if observed > 0.0 {
            2.0 * observed * (observed / expected).ln()
        } else {
            0.0
        }
    })
}

fn test(reference: &[u64], current: &[u64], cost: impl Fn(f64, f64) -> f64) -> Option<Homogeneity> {
    let (n, m) = (total(reference) as f64, total(current) as f64);
    if n == 0.0 || m == 0.0 || reference.len() != current.len() {
        return None;
    }
    let all = n + m;
    let (mut statistic, mut categories, mut small) = (0.0, 0.0, 0.0);
    for (a, b) in reference.iter().zip(current) {
        let (a, b) = (*a as f64, *b as f64);
        if a + b == 0.0 {
            continue;
        }
        categories += 1.0;
        for (observed, rows) in [(a, n), (b, m)] {
            let expected = (a + b) * (rows / all);
            statistic += cost(observed, expected);
            small += if expected < SMALL_EXPECTED { 1.0 } else { 0.0 };
        }
    }
    if categories < 2.0 {
        return None;
    }
    let statistic = statistic.max(0.0);
    Some(Homogeneity {
        statistic,
        dof: categories - 1.0,
        p_value: chi_square_sf(statistic, categories - 1.0),
        cramers_v: (statistic / all).sqrt().min(1.0),
        cramers_v_corrected: corrected_v(statistic / all, categories, all),
        small_expected_share: small / (2.0 * categories),
    })
}

fn corrected_v(phi_square: f64, categories: f64, all: f64) -> f64 {
    let surplus = (phi_square - (categories - 1.0) / (all - 1.0)).max(0.0);
    let columns = categories - (categories - 1.0).powi(2) / (all - 1.0);
    let rows = 2.0 - 1.0 / (all - 1.0);
    let smaller = (columns - 1.0).min(rows - 1.0);
    if smaller > 0.0 {
        (surplus / smaller).sqrt().min(1.0)
    } else {
        0.0
    }
}

/// Puts together the categories that expect fewer than `minimum` rows on
/// either side, so that the chi-square law holds: the pool comes last. If the
/// pool itself stays below the minimum, it takes in the next smallest
/// category. Which categories are pooled depends on the sums of both sides
/// only, so the test stays fair. None as for [`homogeneity`].
///
/// ```
/// use driftguard_statistics::chi_square::pool_small;
/// let (reference, current) = pool_small(&[50, 3, 2, 45], &[40, 4, 1, 55], 5.0).unwrap();
/// assert_eq!(reference, [50, 45, 5]);
/// assert_eq!(current, [40, 55, 5]);
/// ```
pub fn pool_small(
    reference: &[u64],
    current: &[u64],
    minimum: f64,
) -> Option<(Vec<u64>, Vec<u64>)> {
    let (n, m) = (total(reference) as f64, total(current) as f64);
    if n == 0.0 || m == 0.0 || reference.len() != current.len() {
        return None;
    }
    // The smaller side has the smaller expected rows.
    let smaller_share = n.min(m) / (n + m);
    let sum = |i: usize| {
        reference.get(i).copied().unwrap_or(0) as f64 + current.get(i).copied().unwrap_or(0) as f64
    };
    let mut by_size: Vec<usize> = (0..reference.len()).collect();
    by_size.sort_by(|i, j| sum(*i).total_cmp(&sum(*j)).then(i.cmp(j)));
    let mut pooled = vec![false; reference.len()];
    let mut pool = 0.0;
    for i in by_size {
        let small = sum(i) * smaller_share < minimum;
        let pool_is_small = pool > 0.0 && pool * smaller_share < minimum;
        if !small && !pool_is_small {
            break;
        }
        pool += sum(i);
        if let Some(flag) = pooled.get_mut(i) {
            *flag = true;
        }
    }
    let regroup = |counts: &[u64]| {
        let (small, mut kept) = (0u64, Vec::new());
        let small = counts
            .iter()
            .zip(&pooled)
            .fold(small, |sum, (count, pooled)| {
                if *pooled {
                    sum.saturating_add(*count)
                } else {
                    kept.push(*count);
                    sum
                }
            });
        if pool > 0.0 {
            kept.push(small);
        }
        kept
    };
    Some((regroup(reference), regroup(current)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_table() {
        let test = homogeneity(&[30, 20, 50], &[45, 15, 40]).unwrap();
        assert!((test.cramers_v - 0.155_328_632_7).abs() < 1e-9);
        assert_eq!(test.dof, 2.0);
        let g = g_test(&[30, 20, 50], &[45, 15, 40]).unwrap();
        assert!((g.statistic - 4.850_471_056).abs() < 1e-9);
        assert!((g.p_value - 0.088_457_282_4).abs() < 1e-9);
    }

    #[test]
    fn degenerate_tables_are_none() {
        assert_eq!(homogeneity(&[], &[]), None);
        assert_eq!(homogeneity(&[0, 0], &[1, 2]), None);
        assert_eq!(homogeneity(&[3, 0], &[5, 0]), None);
        assert_eq!(homogeneity(&[1, 2], &[1]), None);
        assert_eq!(pool_small(&[], &[1], 5.0), None);
    }

    #[test]
    fn one_row_a_side_is_no_trouble() {
        let test = homogeneity(&[1, 0], &[0, 1]).unwrap();
        assert!(test.cramers_v_corrected.is_finite() && test.p_value.is_finite());
    }

    #[test]
    fn a_small_pool_takes_in_the_next_category() {
        let (reference, current) = pool_small(&[500, 60, 1], &[500, 60, 0], 5.0).unwrap();
        assert_eq!((reference, current), (vec![500, 61], vec![500, 60]));
    }

    proptest! {
        #[test]
        fn laws(a in prop::collection::vec(0u64..200, 2..10), seed in prop::collection::vec(0u64..200, 10)) {
            let b = &seed[..a.len()];
            if let Some(there) = homogeneity(&a, b) {
                let back = homogeneity(b, &a).unwrap();
                prop_assert!((there.statistic - back.statistic).abs() < 1e-9);
                prop_assert!((0.0..=1.0).contains(&there.p_value));
                prop_assert!((0.0..=1.0).contains(&there.cramers_v));
                prop_assert!(there.cramers_v_corrected <= there.cramers_v * 1.5 + 1e-9);
                if let Some(same) = homogeneity(&a, &a) {
                    prop_assert!(same.statistic.abs() < 1e-9 && same.p_value > 0.999 && same.cramers_v_corrected == 0.0);
                }
            }
            if let Some((p, q)) = pool_small(&a, b, 5.0) {
                prop_assert_eq!(total(&p), total(&a));
                prop_assert_eq!(total(&q), total(b));
                prop_assert_eq!(p.len(), q.len());
            }
        }
    }
}
