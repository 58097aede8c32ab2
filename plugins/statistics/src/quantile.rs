//! Quantiles of sorted data, and of binned counts.

use crate::counts::bin_pieces;

/// Quantile at probability `p` of finite values sorted in rising order, by
/// linear interpolation at `p (n - 1)`: bit for bit `numpy.quantile` with its
/// default method (Hyndman and Fan, "Sample Quantiles in Statistical
/// Packages", 1996, type 7). None when empty or `p` is outside 0 to 1.
///
/// ```
/// use driftguard_statistics::quantile::quantile_sorted;
/// assert_eq!(quantile_sorted(&[1.0, 2.0, 4.0], 0.25), Some(1.5));
/// assert_eq!(quantile_sorted(&[], 0.5), None);
/// ```
pub fn quantile_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let last = sorted.len().checked_sub(1)?;
    let position = p * last as f64;
    let below = (position.floor() as usize).min(last);
    let above = (below + 1).min(last);
    let fraction = position - below as f64;
    let (low, high) = (*sorted.get(below)?, *sorted.get(above)?);
    Some(interpolate(low, high, fraction))
}

/// From `low` to `high`, anchored at the nearer end as numpy does.
pub(crate) fn interpolate(low: f64, high: f64, fraction: f64) -> f64 {
    let span = high - low;
    if span.is_infinite() {
        // The span of two huge values of opposite sign is not a number.
        return low * (1.0 - fraction) + high * fraction;
    }
    if fraction >= 0.5 {
        high - span * (1.0 - fraction)
    } else {
        low + span * fraction
    }
}

/// Several quantiles of sorted data, in the order asked for.
pub fn quantiles_sorted<const N: usize>(sorted: &[f64], p: [f64; N]) -> Option<[f64; N]> {
    let mut out = [0.0; N];
    for (slot, probability) in out.iter_mut().zip(p) {
        *slot = quantile_sorted(sorted, probability)?;
    }
    Some(out)
}

/// Quantile at probability `p` of values known only by their counts over bins
/// (`edges.len() + 1` of them) and their extremes; rows are spread evenly
/// inside a bin. None when there are no rows, or shapes do not fit.
///
/// ```
/// use driftguard_statistics::quantile::quantile_from_counts;
/// let median = quantile_from_counts(&[10.0], &[2, 2], 0.0, 30.0, 0.5);
/// assert_eq!(median, Some(10.0));
/// ```
pub fn quantile_from_counts(
    edges: &[f64],
    counts: &[u64],
    min: f64,
    max: f64,
    p: f64,
) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let pieces = bin_pieces(edges, counts, min, max)?;
    let mut cumulative = 0.0;
    for piece in &pieces {
        let next = cumulative + piece.share;
        if p <= next {
            let fraction = ((p - cumulative) / piece.share).clamp(0.0, 1.0);
            return Some(interpolate(piece.low, piece.high, fraction));
        }
        cumulative = next;
    }
    pieces.last().map(|piece| piece.high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_numpy() {
        let sorted = [1.0, 2.0, 2.0, 3.0, 5.0];
        assert_eq!(quantile_sorted(&sorted, 0.9), Some(4.2));
        assert_eq!(quantiles_sorted(&sorted, [0.0, 1.0]), Some([1.0, 5.0]));
        assert_eq!(quantile_sorted(&[7.0], 0.3), Some(7.0));
        assert_eq!(quantile_sorted(&sorted, f64::NAN), None);
    }

    #[test]
    fn binned_quantiles_of_degenerate_counts() {
        assert_eq!(quantile_from_counts(&[1.0], &[0, 0], 0.0, 2.0, 0.5), None);
        assert_eq!(quantile_from_counts(&[1.0], &[3], 0.0, 2.0, 0.5), None);
        assert_eq!(
            quantile_from_counts(&[1.0], &[0, 4], 5.0, 5.0, 0.5),
            Some(5.0)
        );
    }

    proptest! {
        #[test]
        fn quantiles_rise_and_stay_inside(mut values in prop::collection::vec(-1e6f64..1e6, 1..50), p in 0.0f64..1.0, q in 0.0f64..1.0) {
            values.sort_by(f64::total_cmp);
            let (low, high) = (p.min(q), p.max(q));
            let (left, right) = (quantile_sorted(&values, low).unwrap(), quantile_sorted(&values, high).unwrap());
            prop_assert!(left <= right + 1e-9);
            prop_assert!(values[0] <= left + 1e-9 && right <= values[values.len() - 1] + 1e-9);
        }

        #[test]
        fn binned_quantiles_rise(counts in prop::collection::vec(0u64..100, 4), p in 0.0f64..1.0, q in 0.0f64..1.0) {
            prop_assume!(counts.iter().sum::<u64>() > 0);
            let at = |p| quantile_from_counts(&[0.0, 1.0, 5.0], &counts, -3.0, 9.0, p).unwrap();
            prop_assert!(at(p.min(q)) <= at(p.max(q)));
        }
    }
}
