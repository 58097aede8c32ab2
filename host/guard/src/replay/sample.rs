//! Rows of a side for a replay: one drawn from each of as many equal stretches
//! of the stream, by a fixed hash. The same on every run, spread over the whole
//! side, and of bounded size.

use arrow_array::{RecordBatch, UInt32Array};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use driftguard_data::{ReadRequest, Source};

use super::error::ReplayError;
use crate::error::GuardError;

/// The finaliser of SplitMix64 (Steele, Lea, Flood, 2014).
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Rows drawn, and how many there are.
pub(super) struct Drawn {
    pub(super) rows: RecordBatch,
    pub(super) total: u64,
}

/// Positions drawn of `total`: all, or `limit` in order.
pub(super) fn positions(total: u64, limit: u64, seed: u64) -> Vec<u64> {
    if total <= limit {
        return (0..total).collect();
    }
    let bound = |k: u64| {
        // In 128 bits, because the product may not fit 64.
        (u128::from(total) * u128::from(k) / u128::from(limit)) as u64
    };
    let draw = |k| {
        let (start, end) = (bound(k), bound(k + 1));
        start + mix(seed ^ mix(k)) % (end - start).max(1)
    };
    (0..limit).map(draw).collect()
}

/// At most `limit` rows of these columns.
pub(super) fn draw(
    source: &Source,
    columns: &[String],
    limit: u64,
    seed: u64,
) -> Result<Drawn, GuardError> {
    let total = match source.rows() {
        Some(rows) => rows,
        None => count(source)?,
    };
    let wanted = positions(total, limit, seed);
    let request = ReadRequest {
        columns: columns.to_vec(),
        ..ReadRequest::default()
    };
    let (mut passed, mut at, mut parts) = (0_u64, 0_usize, Vec::new());
    for task in source.tasks() {
        for rows in source.read(&task, &request)? {
            let batch = rows?.batch;
            let end = passed + batch.num_rows() as u64;
            let mut picks = Vec::new();
            while let Some(position) = wanted.get(at).filter(|position| **position < end) {
                picks.push((position - passed) as u32);
                at += 1;
            }
            if !picks.is_empty() {
                let picked = take_record_batch(&batch, &UInt32Array::from(picks));
                parts.push(picked.map_err(ReplayError::from)?);
            }
            passed = end;
        }
    }
    let schema = match parts.first() {
        Some(first) => first.schema(),
        None => source.schema().clone(),
    };
    let rows = concat_batches(&schema, &parts).map_err(ReplayError::from)?;
    Ok(Drawn { rows, total })
}

/// Rows on one side of a split, which only reading can tell.
fn count(source: &Source) -> Result<u64, GuardError> {
    let first = source
        .schema()
        .fields()
        .first()
        .map(|field| field.name().clone());
    let request = ReadRequest {
        columns: first.into_iter().collect(),
        ..ReadRequest::default()
    };
    let mut rows = 0;
    for task in source.tasks() {
        for batch in source.read(&task, &request)? {
            rows += batch?.batch.num_rows() as u64;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_of_each_stretch(total in 0_u64..1 << 40, limit in 1_u64..500, seed: u64) {
            let drawn = positions(total.min(10_000), limit, seed);
            let total_small = total.min(10_000);
            prop_assert_eq!(drawn.len() as u64, total_small.min(limit));
            prop_assert!(drawn.windows(2).all(|pair| pair[0] < pair[1]));
            let far = positions(total.max(1000), limit, seed);
            prop_assert!(far.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(far.last().is_none_or(|last| *last < total.max(1000)));
        }
    }
}
