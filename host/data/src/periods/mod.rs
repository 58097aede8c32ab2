//! Periods: the units of a reference that are exchangeable when nothing
//! changed. A stream is cut by time, or by position into blocks of rows.

mod unit;

pub use unit::PeriodUnit;

use arrow_array::{ArrayRef, RecordBatch, UInt32Array};
use arrow_select::take::take_record_batch;

use crate::error::DataError;
use crate::instant::column_micros;
use crate::source::RowBatch;

/// Which period a row belongs to; periods order like their keys.
pub type PeriodKey = i64;

/// Rows that belong to no period: without a time, or beside the blocks.
pub const NO_PERIOD: PeriodKey = i64::MIN;

/// Rows that a run must have for a part of its own: handing one to all checks
/// costs as much as gathering some thousand rows.
const SLICED_ROWS: usize = 4096;

/// How a stream is cut into periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cutter {
    /// Not at all: everything is one period with key 0.
    Whole,
    /// By the instants of a column.
    Time {
        /// Position of the column in the batches.
        column: usize,
        /// How long a period is.
        unit: PeriodUnit,
        /// Columns of a batch to keep: the first so many.
        keep: usize,
    },
    /// By position: block i holds `rows` rows from `i * stride` on.
    Blocks {
        /// Rows of a block, at least 1.
        rows: u64,
        /// Rows from the start of one block to that of the next, at least `rows`.
        stride: u64,
        /// Number of blocks; rows behind the last belong to no period.
        count: u64,
    },
}

impl Cutter {
    /// The parts of a batch by period, in order of their keys; a period may have
    /// several. Rows keep their order. Parts are numbered one after another from
    /// the batch's first row, so that row positions stay distinct.
    ///
    /// # Errors
    /// A batch that cannot be cut, as a damaged table.
    pub fn cut(&self, batch: RowBatch) -> Result<Vec<(PeriodKey, RowBatch)>, DataError> {
        match self {
            Self::Whole => Ok(vec![(0, batch)]),
            Self::Time { column, unit, keep } => {
                let keys = keys_of(batch.batch.columns().get(*column), *unit, &batch);
                let columns: Vec<usize> = (0..*keep).collect();
                let kept = batch.batch.project(&columns).map_err(damaged)?;
                by_keys(&keys, batch.first_row, &kept)
            }
            Self::Blocks {
                rows,
                stride,
                count,
            } => {
                let key = |offset: usize| {
                    let row = batch.first_row + offset as u64;
                    let block = row / (*stride).max(1);
                    let inside = row % (*stride).max(1) < *rows && block < *count;
                    if inside { block as i64 } else { NO_PERIOD }
                };
                let keys: Vec<PeriodKey> = (0..batch.batch.num_rows()).map(key).collect();
                by_keys(&keys, batch.first_row, &batch.batch)
            }
        }
    }
}

fn damaged(error: arrow_schema::ArrowError) -> DataError {
    DataError::Damaged {
        path: "a table in memory".to_owned(),
        format: "table",
        place: "cutting into periods".to_owned(),
        reason: error.to_string(),
    }
}

fn keys_of(column: Option<&ArrayRef>, unit: PeriodUnit, batch: &RowBatch) -> Vec<PeriodKey> {
    let key = |micros: Option<i64>| micros.map_or(NO_PERIOD, |micros| unit.key(micros));
    match column {
        Some(column) => column_micros(column).into_iter().map(key).collect(),
        None => vec![NO_PERIOD; batch.batch.num_rows()],
    }
}

/// Long runs of one key are sliced without a copy; only where keys are mixed
/// rows are gathered.
fn by_keys(
    keys: &[PeriodKey],
    first_row: u64,
    batch: &RecordBatch,
) -> Result<Vec<(PeriodKey, RowBatch)>, DataError> {
    let mut runs: Vec<(PeriodKey, usize, usize)> = vec![];
    for (row, &key) in keys.iter().enumerate() {
        match runs.last_mut() {
            Some((last, _, end)) if *last == key => *end = row + 1,
            _ => runs.push((key, row, row + 1)),
        }
    }
    runs.sort_by_key(|&(key, start, _)| (key, start));
    let mut parts = vec![];
    let mut next = first_row;
    let mut part = |key: PeriodKey, batch: RecordBatch| {
        let first_row = next;
        next += batch.num_rows() as u64;
        parts.push((key, RowBatch { first_row, batch }));
    };
    for group in runs.chunk_by(|left, right| left.0 == right.0) {
        let rows: usize = group.iter().map(|(_, start, end)| end - start).sum();
        if group.len() == 1 || rows >= group.len() * SLICED_ROWS {
            for &(key, start, end) in group {
                part(key, batch.slice(start, end - start));
            }
            continue;
        }
        let rows = group.iter().flat_map(|&(_, start, end)| start..end);
        let rows: UInt32Array = rows.map(|row| row as u32).collect();
        if let Some((key, _, _)) = group.first() {
            part(*key, take_record_batch(batch, &rows).map_err(damaged)?);
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
