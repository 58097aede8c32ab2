//! What is watched, frozen from a sample of the reference.

use driftguard_distribution::coding::{Coding, MAX_CELLS, Values};
use driftguard_distribution::rows::{Rows, row_bytes};
use driftguard_sdk::prelude::{Batch, Column, Error, Kind, Role};
use serde::{Deserialize, Serialize};

/// Bytes of the sample that are read to lay out cells.
const SAMPLE_BYTES: usize = 8 << 20;
/// Most rows of it.
const SAMPLE_ROWS: usize = 16_384;
/// Values of 8 bytes that are read of each row on average, at most: with more,
/// the check costs more than `numeric-drift`.
const VALUES: u64 = 6;
/// Most columns; more are left out, and a finding says so.
pub const MOST_COLUMNS: usize = 256;

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    /// Its cells.
    pub coding: Coding,
    /// Whether the model made it: what it does is judged elsewhere.
    pub output: bool,
}

/// Cells of the columns, and which rows are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The columns.
    pub columns: Vec<Watched>,
    /// The column that says when.
    pub time: Option<String>,
    /// Which rows are read.
    pub rows: Rows,
    /// Columns beyond [`MOST_COLUMNS`].
    pub left_out: u32,
}

impl Frame {
    /// Lays out cells over a sample.
    ///
    /// # Errors
    /// A sample that cannot be read.
    pub fn fit(sample: &Batch, cells: usize) -> Result<Self, Error> {
        let columns = sample.columns();
        let rows = SAMPLE_BYTES / 8 / columns.len().clamp(1, MOST_COLUMNS);
        let rows = rows.min(SAMPLE_ROWS) as u32;
        let mut values = vec![];
        for column in columns.iter().take(MOST_COLUMNS + 1) {
            values.push(Values::sampled(sample, &columns, &column.name, rows)?);
        }
        Ok(Self::of_sample(&columns, &values, cells))
    }

    /// The same of values at hand; `columns` and `values` go together.
    pub fn of_sample(columns: &[Column], values: &[Values], cells: usize) -> Self {
        let is_time = |column: &&Column| column.kind == Kind::Timestamp;
        let watched: Vec<Watched> = columns
            .iter()
            .zip(values)
            .filter(|(column, _)| !is_time(column))
            .take(MOST_COLUMNS)
            .map(|(column, values)| {
                let mut codings = Coding::of(column, values, cells.min(MAX_CELLS));
                Watched {
                    // Nearly constant, or an id: only missing values are told.
                    coding: codings
                        .pop()
                        .unwrap_or_else(|| Coding::presence(&column.name)),
                    output: matches!(column.role, Role::Prediction | Role::Score),
                }
            })
            .collect();
        let times = columns.iter().filter(is_time).count();
        Self {
            left_out: columns.len().saturating_sub(times + watched.len()) as u32,
            time: columns
                .iter()
                .find(is_time)
                .map(|column| column.name.clone()),
            rows: Rows::of(row_bytes(columns.iter()), VALUES),
            columns: watched,
        }
    }

    /// Counts that a block holds of all columns: those of each cell and of
    /// missing values, column by column.
    pub fn size(&self) -> usize {
        self.columns
            .iter()
            .map(|column| column.coding.size() + 1)
            .sum()
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for columns or cells beyond the limits.
    pub fn validate(&self) -> Result<(), Error> {
        let sound = |column: &Watched| (1..=MAX_CELLS).contains(&column.coding.size());
        match self.columns.len() <= MOST_COLUMNS && self.columns.iter().all(sound) {
            true => Ok(()),
            false => Err(Error::State(
                "the frame of change-point holds columns or cells beyond its limits; rebuild the baseline"
                    .into(),
            )),
        }
    }
}
