//! A uniform sample of rows that does not depend on how rows were cut: the
//! rows with the smallest hashes of their position ("bottom-k"; Cohen and
//! Kaplan, "Summarizing data using bottom-k sketches", 2007).

use super::mix;
use crate::view::Floats;

/// The largest sample one call may ask for.
pub(crate) const MAX_SAMPLE: usize = 8192;

/// Separates sampling from every other use of `mix`.
const SEED: u64 = 0x6472_6966_7467_7564;

fn key(row: u64) -> u64 {
    mix(row ^ SEED)
}

/// Keys and positions of the rows with the smallest keys, in order of key.
pub(crate) fn row_keys(first_row: u64, rows: usize) -> Vec<(u64, u32)> {
    let keys = (0..rows as u32).map(|row| (key(first_row.wrapping_add(u64::from(row))), row));
    if rows > 2 * MAX_SAMPLE {
        // Keys are even: those below this are nearly always enough, and all
        // others need not be held.
        let share = 1.1 * MAX_SAMPLE as f64 / rows as f64;
        let below = (share * 2_f64.powi(64)) as u64;
        let mut few = Vec::with_capacity(MAX_SAMPLE * 5 / 4);
        few.extend(keys.clone().filter(|&(key, _)| key < below));
        if few.len() >= MAX_SAMPLE {
            return smallest(few, MAX_SAMPLE);
        }
    }
    smallest(keys.collect(), MAX_SAMPLE)
}

fn smallest(mut keys: Vec<(u64, u32)>, limit: usize) -> Vec<(u64, u32)> {
    if keys.len() > limit {
        keys.select_nth_unstable(limit);
        keys.truncate(limit);
    }
    keys.sort_unstable();
    keys
}

/// The `limit` smallest keys under `below` among rows with a finite value.
/// `keys` is the answer of [`row_keys`] for this batch.
pub(crate) fn sample(
    column: &Floats,
    keys: &[(u64, u32)],
    first_row: u64,
    limit: usize,
    below: u64,
) -> Vec<(u64, f64)> {
    let usable = |&(key, row): &(u64, u32)| {
        let value = column.finite(row as usize);
        value.map(|value| (key, value))
    };
    // They are in order: a sampler that is full wants few of them.
    let wanted = keys.partition_point(|&(key, _)| key < below);
    let taken: Vec<(u64, f64)> = keys
        .iter()
        .take(wanted)
        .filter_map(usable)
        .take(limit)
        .collect();
    let exhausted = wanted < keys.len() || keys.len() >= column.values.len();
    if taken.len() >= limit || exhausted {
        return taken;
    }
    // So many nulls that the shared list ran out: look at every row.
    let rows = (0..column.values.len() as u32)
        .filter(|&row| column.finite(row as usize).is_some())
        .map(|row| (key(first_row.wrapping_add(u64::from(row))), row))
        .filter(|&(key, _)| key < below);
    smallest(rows.collect(), limit)
        .iter()
        .filter_map(usable)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn floats(values: Vec<Option<f64>>) -> Floats {
        let array: ArrayRef = Arc::new(Float64Array::from(values));
        Floats::of(&array).unwrap()
    }

    fn whole(values: &[Option<f64>], first: u64, limit: usize) -> Vec<(u64, f64)> {
        sample(
            &floats(values.to_vec()),
            &row_keys(first, values.len()),
            first,
            limit,
            u64::MAX,
        )
    }

    #[test]
    fn mostly_null_columns_still_fill_the_sample() {
        let values: Vec<Option<f64>> = (0..40_000)
            .map(|i| (i % 10 == 0).then_some(f64::from(i)))
            .collect();
        assert_eq!(whole(&values, 7, 3000).len(), 3000);
    }

    /// The short way, and a batch that is too small for it.
    #[test]
    fn the_smallest_keys_of_many_rows() {
        for rows in [1, 8192, 2 * MAX_SAMPLE, 2 * MAX_SAMPLE + 1, 65_536] {
            let keys = row_keys(77, rows);
            let mut all: Vec<(u64, u32)> = (0..rows as u32)
                .map(|row| (key(77 + u64::from(row)), row))
                .collect();
            all.sort_unstable();
            all.truncate(MAX_SAMPLE);
            assert_eq!(keys, all);
        }
    }

    proptest! {
        #[test]
        fn does_not_depend_on_the_cut(
            values in prop::collection::vec(prop::option::of(-10.0..10.0_f64), 1..400),
            cut in 0_usize..400, limit in 1_usize..60,
        ) {
            let cut = cut.min(values.len());
            let mut parts = whole(&values[..cut], 0, limit);
            let below = if parts.len() == limit { parts.last().unwrap().0 } else { u64::MAX };
            let rest = floats(values[cut..].to_vec());
            parts.extend(sample(&rest, &row_keys(cut as u64, values.len() - cut), cut as u64, limit, below));
            parts.sort_by_key(|item| item.0);
            parts.truncate(limit);
            prop_assert_eq!(parts, whole(&values, 0, limit));
        }
    }
}
