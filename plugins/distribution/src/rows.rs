//! Which rows are read, told by their position in the stream alone: the same
//! rows however they were cut into batches.

use driftguard_sdk::prelude::{Column, Kind};
use serde::{Deserialize, Serialize};

/// Rows that are taken or left together.
const BLOCK: u64 = 1024;
/// Bytes at the start of the stream that are read in full: with the 128 of each
/// row beyond, a batch of 65,536 rows stays below what a call may carry (16 MiB).
const START_BYTES: u64 = 6 << 20;

/// All rows at the start of the stream, and one block in `every` beyond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// One block in so many; 0 and 1: all.
    pub every: u64,
    /// Rows at the start that are all taken.
    pub start: u64,
}

/// Rows at the start that are all read where few are.
const SPARSE_START: u64 = 16 * BLOCK;

/// Bytes that a row of these columns takes when it is read.
pub fn row_bytes<'a>(columns: impl Iterator<Item = &'a Column>) -> u64 {
    let width = |column: &Column| match column.kind {
        Kind::Categorical => 4,
        _ => 8,
    };
    columns.map(width).sum()
}

impl Rows {
    /// For rows of so many bytes ([`row_bytes`]); `values` of 8 bytes of each row
    /// are read on average, at most 16.
    pub fn of(bytes: u64, values: u64) -> Self {
        Self {
            every: bytes.div_ceil(8 * values.clamp(1, 16)).max(1),
            start: START_BYTES / bytes.max(1) / BLOCK * BLOCK,
        }
    }

    /// For a check that has to look at inputs beside its question: the first
    /// 16,384 rows, and beyond as many blocks as make half a value of 8 bytes a
    /// row on average.
    pub fn sparse(bytes: u64) -> Self {
        let all = Self::of(bytes, 1);
        Self {
            every: 2 * all.every,
            start: all.start.min(SPARSE_START),
        }
    }

    /// Windows (start, count) of a batch that are read.
    pub fn windows(&self, first_row: u64, rows: u32) -> Vec<(u32, u32)> {
        let end = first_row.saturating_add(u64::from(rows));
        let mut windows: Vec<(u32, u32)> = vec![];
        let mut from = first_row;
        while from < end {
            let until = (from - from % BLOCK).saturating_add(BLOCK).min(end);
            if self.takes(from / BLOCK) {
                let (start, count) = ((from - first_row) as u32, (until - from) as u32);
                match windows.last_mut() {
                    Some((last, length)) if *last + *length == start => *length += count,
                    _ => windows.push((start, count)),
                }
            }
            from = until;
        }
        windows
    }

    /// One block of each group, at a place that differs from group to group:
    /// a stride would fall in step with data that repeats.
    fn takes(&self, block: u64) -> bool {
        if self.every <= 1 || block < self.start / BLOCK {
            return true;
        }
        let group = block / self.every;
        let mixed = (group ^ 0x6a6f_696e_7400).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        block % self.every == (mixed >> 32) % self.every
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows_of(rows: Rows, first: u64, count: u32) -> Vec<u64> {
        let windows = rows.windows(first, count).into_iter();
        windows
            .flat_map(|(start, count)| {
                (first + u64::from(start))..(first + u64::from(start + count))
            })
            .collect()
    }

    #[test]
    fn all_rows_are_one_window() {
        assert_eq!(
            Rows { every: 1, start: 0 }.windows(500, 65_000),
            [(0, 65_000)]
        );
        assert_eq!(Rows::default().windows(7, 0), []);
        let taken = rows_of(
            Rows {
                every: 4,
                start: 2048,
            },
            0,
            65_536,
        )
        .len();
        assert!((16_384..=18_432).contains(&taken), "{taken}");
    }

    proptest! {
        #[test]
        fn cuts_leave_no_trace(every in 1u64..7, start in 0u64..5, cuts in prop::collection::vec(1u32..3000, 1..12)) {
            let rows = Rows { every, start: start * BLOCK };
            let mut first = 0;
            let mut parts = vec![];
            for cut in &cuts {
                parts.extend(rows_of(rows, first, *cut));
                first += u64::from(*cut);
            }
            prop_assert_eq!(parts, rows_of(rows, 0, first as u32));
        }
    }
}
