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
    /// The parts of a batch by period, in order of their keys. Rows keep their
    /// order. Parts are numbered one after another from the batch's first row,
    /// so that row positions stay distinct.
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

/// Runs of one key are sliced without a copy; only mixed batches are gathered.
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
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|&at| (runs[at].0, runs[at].1));
    let mut parts = vec![];
    let mut next = first_row;
    for group in order.chunk_by(|&left, &right| runs[left].0 == runs[right].0) {
        let Some(&first) = group.first() else {
            continue;
        };
        let (key, start, end) = runs[first];
        let part = if group.len() == 1 {
            batch.slice(start, end - start)
        } else {
            let rows = group.iter().flat_map(|&at| runs[at].1..runs[at].2);
            let rows: UInt32Array = rows.map(|row| row as u32).collect();
            take_record_batch(batch, &rows).map_err(damaged)?
        };
        let rows = part.num_rows() as u64;
        parts.push((
            key,
            RowBatch {
                first_row: next,
                batch: part,
            },
        ));
        next += rows;
    }
    Ok(parts)
}

#[cfg(test)]
mod tests;
