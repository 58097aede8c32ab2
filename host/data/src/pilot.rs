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
            found = self.pick(&spread(self.total(), limit as u64))?;
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

    /// The stream in chunks that hold rows of this side, with their number.
    /// Rows of the other side only, before or between chunks, belong to none.
    fn chunks(&self) -> Result<Vec<(Task, u64)>, DataError> {
        let column = self.filter().map(|(split, _)| split.column().to_owned());
        let request = ReadRequest {
            columns: column.into_iter().collect(),
            batch_rows: CHUNK_ROWS,
            ..ReadRequest::default()
        };
        let mut chunks = Vec::new();
        for task in self.tasks() {
            let mut found: Vec<(u64, u64)> = Vec::new();
            for rows in self.read(&task, &request)? {
                let rows = rows?;
                found.push((
                    rows.first_row - task.first_row(),
                    rows.batch.num_rows() as u64,
                ));
            }
            // A batch ends at the latest where the next one begins.
            let ends = found
                .iter()
                .skip(1)
                .map(|(start, _)| *start)
                .chain([task.rows()]);
            for ((start, rows), end) in found.iter().zip(ends) {
                chunks.push((task.part(*start..end), *rows));
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
