//! The bin of each row over frozen edges, and counts of finite values by bin.

use super::finite::{Chunk, Finite};
use super::{BinIndex, CHUNK};
use crate::view::Floats;

/// Tables that take turns, so that a run of equal values does not wait for its
/// own store.
const TABLES: usize = 4;

/// One count for each bin of the index.
pub(crate) fn histogram(column: &Finite, index: &BinIndex) -> Vec<u64> {
    let bins = index.bins();
    let mut tables = vec![0_u32; bins * TABLES];
    for (values, chunk) in column.by_chunk() {
        // Edges that mark tails have nearly all values between two of them.
        if let Some(bin) = common_bin(index, chunk) {
            tables[bin] += values.len() as u32;
            continue;
        }
        index.for_each_bin::<CHUNK>(values, |row, bin| {
            tables[row % TABLES * bins + bin] += 1;
        });
    }
    (0..bins)
        .map(|bin| {
            (0..TABLES)
                .map(|table| u64::from(tables[table * bins + bin]))
                .sum()
        })
        .collect()
}

/// The bin that holds all values of a chunk.
fn common_bin(index: &BinIndex, chunk: &Chunk) -> Option<usize> {
    let bin = index.bin(chunk.min);
    (bin == index.bin(chunk.max)).then_some(bin)
}

/// The code of a row that has no bin.
pub(crate) const NO_BIN: u8 = u8::MAX;
/// Most edges of [`bins`]: bins and [`NO_BIN`] fit into a byte.
pub(crate) const MAX_BIN_EDGES: usize = 254;

/// The bin of each row, [`NO_BIN`] where there is no finite value. The index
/// has at most [`MAX_BIN_EDGES`] edges. `finite` are the column's own.
pub(crate) fn bins(column: &Floats, finite: &Finite, index: &BinIndex) -> Vec<u8> {
    let mut codes = vec![NO_BIN; column.values.len()];
    if finite.values.len() == codes.len() {
        for (codes, (values, _)) in codes.chunks_mut(CHUNK).zip(finite.by_chunk()) {
            index.for_each_bin::<CHUNK>(values, |row, bin| {
                if let Some(code) = codes.get_mut(row) {
                    *code = bin as u8;
                }
            });
        }
        return codes;
    }
    for (row, code) in codes.iter_mut().enumerate() {
        if let Some(value) = column.finite(row) {
            *code = index.bin(value) as u8;
        }
    }
    codes
}

/// [`histogram`] from the bins of rows that are known.
pub(crate) fn count_bins(codes: &[u8], bins: usize) -> Vec<u64> {
    let mut tables = [[0_u64; 256]; TABLES];
    for codes in codes.chunks(TABLES) {
        for (table, code) in tables.iter_mut().zip(codes) {
            table[usize::from(*code)] += 1;
        }
    }
    (0..bins)
        .map(|bin| tables.iter().filter_map(|table| table.get(bin)).sum())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array};
    use std::sync::Arc;

    #[test]
    fn nulls_and_oddities_are_left_out() {
        let array: ArrayRef = Arc::new(Float64Array::from(vec![
            Some(0.0),
            Some(1.0),
            None,
            Some(f64::NAN),
            Some(f64::INFINITY),
            Some(5.0),
        ]));
        let floats = Floats::of(&array).unwrap();
        let index = BinIndex::new(vec![1.0, 2.0]).unwrap();
        assert_eq!(histogram(&Finite::of(&floats), &index), [1, 1, 1]);
    }

    #[test]
    fn bins_of_rows_are_those_that_are_counted() {
        let mut values: Vec<Option<f64>> = (0..5_000).map(|i| Some(f64::from(i % 97))).collect();
        (values[1_500], values[1_501], values[1_502]) = (None, Some(f64::NAN), Some(f64::INFINITY));
        let array: ArrayRef = Arc::new(Float64Array::from(values));
        let floats = Floats::of(&array).unwrap();
        let index = BinIndex::new(vec![3.0, 50.0, 96.0]).unwrap();
        let finite = Finite::of(&floats);
        let codes = bins(&floats, &finite, &index);
        assert_eq!(codes[1_500..1_503], [NO_BIN; 3]);
        assert_eq!(codes[..4], [0, 0, 0, 1]);
        assert_eq!(count_bins(&codes, index.bins()), histogram(&finite, &index));
    }

    /// Most chunks lie between two edges, and some do not.
    #[test]
    fn tails_equal_the_plain_count() {
        let rare = |i: i32| match i {
            5_000 | 20_000 => -7.0,
            40_000.. => f64::from(i % 3) * 50.0,
            _ => f64::from(i % 10),
        };
        let values: Vec<f64> = (0..60_001).map(rare).collect();
        let edges = vec![-5.0, 0.0, 9.5, 40.0, 120.0];
        let array: ArrayRef = Arc::new(Float64Array::from(values.clone()));
        let index = BinIndex::new(edges.clone()).unwrap();
        let mut plain = vec![0; edges.len() + 1];
        for value in values {
            plain[edges.iter().filter(|edge| **edge <= value).count()] += 1;
        }
        let finite = Finite::of(&Floats::of(&array).unwrap());
        assert_eq!(histogram(&finite, &index), plain);
    }

    #[test]
    fn long_columns_equal_the_plain_count() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i % 97)).collect();
        let array: ArrayRef = Arc::new(Float64Array::from(values.clone()));
        let index = BinIndex::new(vec![3.0, 50.0, 96.0]).unwrap();
        let finite = Finite::of(&Floats::of(&array).unwrap());
        let counts = histogram(&finite, &index);
        let plain =
            |low: f64, high: f64| values.iter().filter(|v| **v >= low && **v < high).count() as u64;
        assert_eq!(
            counts,
            [
                plain(0.0, 3.0),
                plain(3.0, 50.0),
                plain(50.0, 96.0),
                plain(96.0, 1e9)
            ]
        );
    }
}
