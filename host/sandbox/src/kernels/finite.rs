//! The finite values of a column in one piece, and what one pass over them
//! tells: every other kernel of numbers begins here.

use arrow_buffer::ScalarBuffer;
use multiversion::multiversion;

use super::CHUNK;
use crate::view::Floats;

/// Lanes that the compiler turns into vector registers. Their number is part
/// of the result: it fixes the order of additions, on every processor.
const LANES: usize = 8;

/// Finite values in the order of their rows, and how many others there are.
#[derive(Debug)]
pub(crate) struct Finite {
    /// Those of the column itself where all of it is finite.
    pub values: ScalarBuffer<f64>,
    /// One for each [`CHUNK`] of the values.
    pub chunks: Vec<Chunk>,
    pub nans: u64,
    pub positive_infinities: u64,
    pub negative_infinities: u64,
}

/// What is known of some values that are all finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Chunk {
    pub min: f64,
    pub max: f64,
    pub zeros: u64,
    /// Infinite or no number where it overflows.
    pub sum: f64,
    /// Squared deviations from the chunk's own mean; as `sum`.
    pub squares: f64,
}

impl Finite {
    pub(crate) fn of(column: &Floats) -> Self {
        let mut finite = Self {
            values: vec![].into(),
            chunks: vec![],
            nans: 0,
            positive_infinities: 0,
            negative_infinities: 0,
        };
        finite.values = present(column);
        finite.chunks = match measured(&finite.values) {
            Some(chunks) => chunks,
            None => {
                let mut kept = finite.values.to_vec();
                kept.retain(|value| finite.keeps(*value));
                finite.values = kept.into();
                measured(&finite.values).unwrap_or_default()
            }
        };
        finite
    }

    /// Whether a value is finite; counts it where it is not.
    fn keeps(&mut self, value: f64) -> bool {
        let count = match value {
            value if value.is_finite() => return true,
            value if value.is_nan() => &mut self.nans,
            value if value > 0.0 => &mut self.positive_infinities,
            _ => &mut self.negative_infinities,
        };
        *count += 1;
        false
    }

    /// Values by chunk, with what is known of them.
    pub(crate) fn by_chunk(&self) -> impl Iterator<Item = (&[f64], &Chunk)> {
        self.values.chunks(CHUNK).zip(&self.chunks)
    }
}

/// The values that are neither null nor unparsed; not copied if all are.
fn present(column: &Floats) -> ScalarBuffer<f64> {
    let Some(valid) = &column.valid else {
        return column.values.clone();
    };
    let mut values = Vec::with_capacity(column.values.len());
    for (from, to) in valid.valid_slices() {
        values.extend_from_slice(column.values.get(from..to).unwrap_or_default());
    }
    values.into()
}

/// All chunks of the values; None if one is not finite.
fn measured(values: &[f64]) -> Option<Vec<Chunk>> {
    values.chunks(CHUNK).map(measure).collect()
}

/// Twice over values that fit into the first-level cache.
#[multiversion(targets("x86_64+avx2", "x86_64+avx512f"))]
fn measure(values: &[f64]) -> Option<Chunk> {
    let (blocks, tail) = values.as_chunks::<LANES>();
    let mut low = [f64::INFINITY; LANES];
    let mut high = [f64::NEG_INFINITY; LANES];
    let mut zeros = [0_u64; LANES];
    let mut sums = [0.0_f64; LANES];
    // Zero as long as all are finite, whatever their signs and sums.
    let mut odd = [0.0_f64; LANES];
    for block in blocks {
        for lane in 0..LANES {
            let value = block[lane];
            odd[lane] += value * 0.0;
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
    if odd.iter().any(|odd| *odd != 0.0) || tail.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mut chunk = Chunk {
        min: low
            .iter()
            .chain(tail)
            .copied()
            .fold(f64::INFINITY, f64::min),
        max: high
            .iter()
            .chain(tail)
            .copied()
            .fold(f64::NEG_INFINITY, f64::max),
        zeros: zeros.iter().sum::<u64>()
            + tail.iter().filter(|value| **value == 0.0).count() as u64,
        sum: sums.iter().chain(tail).sum(),
        squares: 0.0,
    };
    let mean = chunk.sum / values.len() as f64;
    let mut squares = [0.0_f64; LANES];
    for block in blocks {
        for lane in 0..LANES {
            let deviation = block[lane] - mean;
            squares[lane] += deviation * deviation;
        }
    }
    let tail = tail.iter().map(|value| (value - mean) * (value - mean));
    chunk.squares = squares.iter().sum::<f64>() + tail.sum::<f64>();
    Some(chunk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn floats(values: &[Option<f64>]) -> Floats {
        let array: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        Floats::of(&array).unwrap()
    }

    #[test]
    fn a_column_that_is_finite_is_not_copied() {
        let column = floats(&vec![Some(1.5); 3000]);
        let finite = Finite::of(&column);
        assert_eq!(finite.values.as_ptr(), column.values.as_ptr());
        assert_eq!(finite.chunks.len(), 3);
    }

    #[test]
    fn one_odd_value_anywhere_is_seen() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in [0, 7, 8, 1023, 1024, 2000, 2500] {
                let mut values = vec![Some(2.0); 2501];
                values[place] = Some(odd);
                let finite = Finite::of(&floats(&values));
                assert_eq!((finite.values.len(), finite.chunks.len()), (2500, 3));
                assert_eq!(
                    finite.nans + finite.positive_infinities + finite.negative_infinities,
                    1
                );
            }
        }
    }

    proptest! {
        #[test]
        fn is_what_one_by_one_says(values in prop::collection::vec(prop_oneof![
            8 => (-50.0..50.0_f64).prop_map(Some), 1 => Just(Some(0.0)), 1 => Just(None),
            1 => Just(Some(f64::NAN)), 1 => Just(Some(f64::INFINITY)), 1 => Just(Some(f64::MAX)),
        ], 0..60), times in 1_usize..60) {
            let values: Vec<Option<f64>> = values.iter().copied().cycle().take(values.len() * times).collect();
            let finite = Finite::of(&floats(&values));
            let plain: Vec<f64> = values.iter().flatten().copied().filter(|value| value.is_finite()).collect();
            prop_assert_eq!(&finite.values[..], &plain[..]);
            prop_assert_eq!(finite.nans as usize, values.iter().flatten().filter(|value| value.is_nan()).count());
            for (values, chunk) in finite.by_chunk() {
                prop_assert_eq!(chunk.min, values.iter().copied().fold(f64::INFINITY, f64::min));
                prop_assert_eq!(chunk.max, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                prop_assert_eq!(chunk.zeros as usize, values.iter().filter(|value| **value == 0.0).count());
                let sum: f64 = values.iter().sum();
                prop_assert!(chunk.sum == sum || (chunk.sum - sum).abs() <= 1e-9 * sum.abs().max(1e3) || !sum.is_finite());
            }
        }
    }
}
