//! Counts and moments of a numeric column, in two passes over each chunk's
//! cache lines.

use super::CHUNK;
use crate::view::Floats;

/// Lanes that the compiler turns into vector registers. Their number is part
/// of the result: it fixes the order of additions.
const LANES: usize = 8;

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

/// Counts and moments of one column of one batch.
pub(crate) fn summarise_floats(column: &Floats) -> Moments {
    let mut out = Moments {
        nans: 0,
        positive_infinities: 0,
        negative_infinities: 0,
        zeros: 0,
        finite: 0,
        min: f64::INFINITY,
        max: f64::NEG_INFINITY,
        mean: f64::NAN,
        m2: f64::NAN,
    };
    let mut sums = [0.0_f64; LANES];
    for start in (0..column.values.len()).step_by(CHUNK) {
        let chunk = column.chunk(start, CHUNK);
        if chunk.all_finite() {
            add_dense(&mut out, &mut sums, chunk.values);
        } else {
            chunk.for_each_present(|value| add_one(&mut out, &mut sums, value));
        }
    }
    if out.finite == 0 {
        (out.min, out.max) = (f64::NAN, f64::NAN);
        return out;
    }
    // What overflows is left undefined, not infinite. A mean may be known
    // where the squares are not.
    let mean = sums.iter().sum::<f64>() / out.finite as f64;
    if mean.is_finite() {
        out.mean = mean;
        let m2 = squared_deviations(column, mean);
        if m2.is_finite() {
            out.m2 = m2;
        }
    }
    out
}

fn add_dense(out: &mut Moments, sums: &mut [f64; LANES], values: &[f64]) {
    let mut low = [f64::INFINITY; LANES];
    let mut high = [f64::NEG_INFINITY; LANES];
    let mut zeros = [0_u64; LANES];
    let (blocks, tail) = values.as_chunks::<LANES>();
    for block in blocks {
        for lane in 0..LANES {
            let value = block[lane];
            sums[lane] += value;
            low[lane] = if value < low[lane] { value } else { low[lane] };
            high[lane] = if value > high[lane] {
                value
            } else {
                high[lane]
            };
            zeros[lane] += u64::from(value == 0.0);
        }
    }
    for lane in 0..LANES {
        out.min = out.min.min(low[lane]);
        out.max = out.max.max(high[lane]);
        out.zeros += zeros[lane];
    }
    out.finite += (blocks.len() * LANES) as u64;
    for &value in tail {
        add_one(out, sums, value);
    }
}

fn add_one(out: &mut Moments, sums: &mut [f64; LANES], value: f64) {
    if value.is_finite() {
        sums[0] += value;
        out.min = out.min.min(value);
        out.max = out.max.max(value);
        out.zeros += u64::from(value == 0.0);
        out.finite += 1;
    } else if value.is_nan() {
        out.nans += 1;
    } else if value > 0.0 {
        out.positive_infinities += 1;
    } else {
        out.negative_infinities += 1;
    }
}

fn squared_deviations(column: &Floats, mean: f64) -> f64 {
    let mut sums = [0.0_f64; LANES];
    for start in (0..column.values.len()).step_by(CHUNK) {
        let chunk = column.chunk(start, CHUNK);
        if chunk.all_finite() {
            let (blocks, tail) = chunk.values.as_chunks::<LANES>();
            for block in blocks {
                for lane in 0..LANES {
                    let deviation = block[lane] - mean;
                    sums[lane] += deviation * deviation;
                }
            }
            for &value in tail {
                sums[0] += (value - mean) * (value - mean);
            }
        } else {
            chunk.for_each_finite(|value| sums[0] += (value - mean) * (value - mean));
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array};
    use std::sync::Arc;

    fn summary(values: Vec<Option<f64>>) -> Moments {
        let array: ArrayRef = Arc::new(Float64Array::from(values));
        summarise_floats(&Floats::of(&array).unwrap())
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
