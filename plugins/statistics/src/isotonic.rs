//! Rising step functions by least squares: pool adjacent violators.
//!
//! Ayer, Brunk, Ewing, Reid, Silverman, "An Empirical Distribution Function for
//! Sampling with Incomplete Information", 1955.

/// The rising sequence that is nearest to these values in weighted squares.
/// Entries without weight follow the entry before them. None for a value or a
/// weight that is not finite, for a negative weight and for lists of two
/// lengths.
///
/// ```
/// use driftguard_statistics::isotonic::rising;
/// let fitted = rising(&[1.0, 3.0, 2.0, 4.0], &[1.0, 1.0, 3.0, 1.0]).unwrap();
/// assert_eq!(fitted, [1.0, 2.25, 2.25, 4.0]);
/// ```
pub fn rising(values: &[f64], weights: &[f64]) -> Option<Vec<f64>> {
    let finite = values.iter().chain(weights).all(|x| x.is_finite());
    if values.len() != weights.len() || !finite || weights.iter().any(|w| *w < 0.0) {
        return None;
    }
    // Blocks of equal fitted value: its weight, weighted sum and length.
    let mut blocks: Vec<(f64, f64, usize)> = vec![];
    for (value, weight) in values.iter().zip(weights) {
        blocks.push((*weight, weight * value, 1));
        while let [.., before, last] = blocks.as_slice() {
            let (left, right) = (before.1 / before.0, last.1 / last.0);
            // Of a block without weight the mean is not a number.
            if left < right || (left.is_nan() && !right.is_nan()) {
                break;
            }
            let joined = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let mut means = blocks.iter().map(|block| block.1 / block.0);
    let mut level = means.find(|mean| mean.is_finite()).unwrap_or(0.0);
    let mut fitted = Vec::with_capacity(values.len());
    for (weight, sum, length) in blocks {
        if weight > 0.0 {
            level = sum / weight;
        }
        fitted.extend(std::iter::repeat_n(level, length));
    }
    Some(fitted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn degenerate() {
        assert_eq!(rising(&[], &[]), Some(vec![]));
        assert_eq!(rising(&[1.0], &[]), None);
        assert_eq!(rising(&[f64::NAN], &[1.0]), None);
        assert_eq!(rising(&[2.0, 1.0], &[0.0, 0.0]), Some(vec![0.0, 0.0]));
        assert_eq!(
            rising(&[9.0, 1.0, 7.0, 2.0], &[0.0, 1.0, 0.0, 1.0]),
            Some(vec![1.0, 1.0, 1.0, 2.0])
        );
    }

    proptest! {
        #[test]
        fn laws(pairs in prop::collection::vec((-5i8..5, 0u8..4), 1..30)) {
            let values: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.0)).collect();
            let weights: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
            let fitted = rising(&values, &weights).unwrap();
            prop_assert_eq!(fitted.len(), values.len());
            prop_assert!(fitted.is_sorted());
            // The weighted mean stays.
            let total = |list: &[f64]| list.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>();
            prop_assert!((total(&fitted) - total(&values)).abs() < 1e-9);
            // What rises already stays as it is.
            let again = rising(&fitted, &weights).unwrap();
            prop_assert!(again.iter().zip(&fitted).all(|(a, b)| (a - b).abs() < 1e-9));
        }
    }
}
