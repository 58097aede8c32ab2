//! Counts and moments of a numeric column.

use super::finite::Finite;

/// Counts and moments of the finite values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Moments {
    pub nans: u64,
    pub positive_infinities: u64,
    pub negative_infinities: u64,
    pub zeros: u64,
    pub finite: u64,
    pub min: f64,
    pub max: f64,
    pub mean: f64,
    pub m2: f64,
}

/// Counts and moments of one column of one batch: those of its chunks put
/// together (Chan, Golub and LeVeque, "Updating Formulae and a Pairwise
/// Algorithm for Computing Sample Variances", 1979).
pub(crate) fn summarise_floats(column: &Finite) -> Moments {
    let finite = column.values.len();
    let mut out = Moments {
        nans: column.nans,
        positive_infinities: column.positive_infinities,
        negative_infinities: column.negative_infinities,
        zeros: column.chunks.iter().map(|chunk| chunk.zeros).sum(),
        finite: finite as u64,
        min: f64::NAN,
        max: f64::NAN,
        mean: f64::NAN,
        m2: f64::NAN,
    };
    let least = column.chunks.iter().map(|chunk| chunk.min);
    let most = column.chunks.iter().map(|chunk| chunk.max);
    out.min = least.fold(f64::NAN, f64::min);
    out.max = most.fold(f64::NAN, f64::max);
    // What overflows is left undefined, not infinite. A mean may be known
    // where the squares are not.
    let sum: f64 = column.chunks.iter().map(|chunk| chunk.sum).sum();
    let mean = sum / finite as f64;
    if finite > 0 && mean.is_finite() {
        out.mean = mean;
        let m2: f64 = column
            .by_chunk()
            .map(|(values, chunk)| {
                let rows = values.len() as f64;
                let apart = chunk.sum / rows - mean;
                chunk.squares + rows * apart * apart
            })
            .sum();
        if m2.is_finite() {
            out.m2 = m2;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Floats;
    use arrow_array::{ArrayRef, Float64Array};
    use std::sync::Arc;

    fn summary(values: Vec<Option<f64>>) -> Moments {
        let array: ArrayRef = Arc::new(Float64Array::from(values));
        summarise_floats(&Finite::of(&Floats::of(&array).unwrap()))
    }

    #[test]
    fn counts_add_up() {
        let got = summary(vec![
            Some(0.0),
            Some(-0.0),
            None,
            Some(f64::NAN),
            Some(f64::INFINITY),
            Some(3.0),
        ]);
        assert_eq!(
            (got.nans, got.positive_infinities, got.zeros, got.finite),
            (1, 1, 2, 3)
        );
        assert_eq!((got.min, got.max, got.mean, got.m2), (0.0, 3.0, 1.0, 6.0));
    }

    #[test]
    fn nothing_finite_has_no_moments() {
        let got = summary(vec![None, Some(f64::NAN)]);
        assert!(got.mean.is_nan() && got.min.is_nan() && got.finite == 0);
    }

    #[test]
    fn an_overflowing_sum_is_not_infinite() {
        let got = summary(vec![Some(f64::MAX), Some(f64::MAX)]);
        assert!(got.mean.is_nan() && got.m2.is_nan() && got.max == f64::MAX);
        let squares = summary(vec![Some(1e200), Some(3e200)]);
        assert!(squares.mean == 2e200 && squares.m2.is_nan());
    }

    #[test]
    fn dense_and_sparse_paths_agree() {
        let dense: Vec<Option<f64>> = (0..5000).map(|i| Some(f64::from(i % 31))).collect();
        let mut sparse = dense.clone();
        for position in (0..=sparse.len()).rev().step_by(100) {
            sparse.insert(position, None);
        }
        let (a, b) = (summary(dense), summary(sparse));
        assert_eq!(
            (a.finite, a.zeros, a.min, a.max),
            (b.finite, b.zeros, b.min, b.max)
        );
        assert!((a.mean - b.mean).abs() < 1e-12 && (a.m2 - b.m2).abs() < 1e-6);
    }
}
