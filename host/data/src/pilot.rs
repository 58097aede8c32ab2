//! A bounded sample of a source, the same on every run.
//!
//! Few ranges of consecutive rows, spread evenly from the first row to the
//! last: whole pages are decoded and the rest is passed over, so a pilot of
//! 10 million rows costs as much as one of 100,000.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;

use crate::error::DataError;
use crate::source::{ReadRequest, Source, Task};

/// Ranges of a pilot. More spread better and cost more pages.
const PIECES: u64 = 8;

/// Rows of which the number on one side of a split is counted together.
const CHUNK_ROWS: usize = 8_192;

impl Source {
    /// At most `limit` rows spread over the whole stream, all columns, strings
    /// plain. All rows if there are no more than `limit`.
    ///
    /// Behind a split the ranges are spread over the rows of its side, for
    /// which the split's column is read through once.
    ///
    /// # Errors
    /// As reading. No rows on the side of a split is no error: the batch is
    /// empty.
    pub fn pilot(&self, limit: usize) -> Result<RecordBatch, DataError> {
        let mut found = Vec::new();
        if self.filter().is_some() {
            self.filtered_pilot(limit as u64, &mut found)?;
        } else {
            let ranges = spread(self.total(), limit as u64);
            for task in self.passes(&ranges) {
                self.add(&task, &ranges, &mut found)?;
            }
        }
        // Text sources type their batches by the side's schema, so all agree.
        concat_batches(self.schema(), &found).map_err(|error| DataError::Damaged {
            path: self.describe(),
            format: "table",
            place: "the sample".to_owned(),
            reason: error.to_string(),
        })
    }

    fn everything(&self) -> ReadRequest {
        let columns = self
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().clone())
            .collect();
        ReadRequest {
            columns,
            ..ReadRequest::default()
        }
    }

    /// What to read for the ranges: each by itself, or one pass over a file
    /// that can only be read from its start (packed text, an IPC stream).
    fn passes(&self, ranges: &[Range<u64>]) -> Vec<Task> {
        let mut passes: Vec<Task> = Vec::new();
        for range in ranges {
            for (task, seeks) in self.slices(range.clone()) {
                match passes.last_mut() {
                    Some(last) if !seeks && last.same_file(&task) => last.extend_to(&task),
                    _ => passes.push(task),
                }
            }
        }
        passes
    }

    fn add(
        &self,
        task: &Task,
        ranges: &[Range<u64>],
        found: &mut Vec<RecordBatch>,
    ) -> Result<(), DataError> {
        for rows in self.read(task, &self.everything())? {
            let rows = rows?;
            let (start, end) = (
                rows.first_row,
                rows.first_row + rows.batch.num_rows() as u64,
            );
            for range in ranges {
                let (from, to) = (range.start.max(start), range.end.min(end));
                if from < to {
                    found.push(rows.batch.slice(index(from - start), index(to - from)));
                }
            }
        }
        Ok(())
    }

    fn filtered_pilot(&self, limit: u64, found: &mut Vec<RecordBatch>) -> Result<(), DataError> {
        let chunks = self.chunks()?;
        let total = chunks.iter().map(|(_, rows)| rows).sum();
        let wanted = spread(total, limit);
        let mut first = 0;
        for (task, rows) in &chunks {
            let ranks = first..first + rows;
            first = ranks.end;
            let overlap =
                |range: &Range<u64>| ranks.start.max(range.start)..ranks.end.min(range.end);
            let parts: Vec<_> = wanted
                .iter()
                .map(overlap)
                .filter(|part| part.start < part.end)
                .collect();
            if parts.is_empty() {
                continue;
            }
            let mut rank = ranks.start;
            for rows in self.read(task, &self.everything())? {
                let batch = rows?.batch;
                let end = rank + batch.num_rows() as u64;
                for part in &parts {
                    let (from, to) = (part.start.max(rank), part.end.min(end));
                    if from < to {
                        found.push(batch.slice(index(from - rank), index(to - from)));
                    }
                }
                rank = end;
            }
        }
        Ok(())
    }

    /// The stream in chunks, with the number of rows on this side in each.
    fn chunks(&self) -> Result<Vec<(Task, u64)>, DataError> {
        let column = self.filter().map(|(split, _)| split.column().to_owned());
        let request = ReadRequest {
            columns: column.into_iter().collect(),
            batch_rows: CHUNK_ROWS,
            ..ReadRequest::default()
        };
        let mut chunks = Vec::new();
        for task in self.tasks() {
            let mut counts = vec![0_u64; index(task.rows().div_ceil(CHUNK_ROWS as u64))];
            for rows in self.read(&task, &request)? {
                let rows = rows?;
                let at = index((rows.first_row - task.first_row()) / CHUNK_ROWS as u64);
                if let Some(count) = counts.get_mut(at) {
                    *count += rows.batch.num_rows() as u64;
                }
            }
            for (at, count) in counts.into_iter().enumerate() {
                let start = (at * CHUNK_ROWS) as u64;
                chunks.push((task.part(start..start + CHUNK_ROWS as u64), count));
            }
        }
        Ok(chunks)
    }
}

fn index(value: u64) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// Ranges of together at most `limit` of `total` rows: all of them, or
/// [`PIECES`] of equal length from the first row to the last.
fn spread(total: u64, limit: u64) -> Vec<Range<u64>> {
    if total <= limit {
        return Some(0..total)
            .filter(|all| !all.is_empty())
            .into_iter()
            .collect();
    }
    let pieces = PIECES.min(limit);
    let Some(length) = limit.checked_div(pieces) else {
        return Vec::new();
    };
    let gap = total - length * pieces;
    (0..pieces)
        .map(|piece| {
            // In 128 bits, because the product may not fit 64.
            let before = u128::from(gap) * u128::from(piece) / u128::from((pieces - 1).max(1));
            let start = u64::try_from(before).unwrap_or(u64::MAX) + piece * length;
            start..start + length
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranges_are_apart_in_order_and_reach_both_ends(total in 0_u64..1 << 50, limit in 0_u64..100_000) {
            let ranges = spread(total, limit);
            let rows: u64 = ranges.iter().map(|range| range.end - range.start).sum();
            prop_assert!(rows <= limit);
            prop_assert!(rows == total || rows + PIECES > limit);
            for pair in ranges.windows(2) {
                prop_assert!(pair[0].end <= pair[1].start);
            }
            if limit > 1 && total > 0 {
                prop_assert_eq!(ranges[0].start, 0);
                prop_assert_eq!(ranges[ranges.len() - 1].end, total);
            }
        }
    }
}
