//! Errors over a thinned sample of rows.

use driftguard_distribution::refused;
use driftguard_sdk::prelude::Error;
use driftguard_statistics::counts::at_most;
use driftguard_statistics::thinned::{Additive, add_sums, row_level};
use driftguard_statistics::{StateError, Thinned};
use serde::{Deserialize, Serialize};

use crate::frame::{Frame, MOST_BINS, error};

/// One in fixed point: sums are integers, so that they do not depend on order.
pub const ONE: f64 = 1_048_576.0;

/// Sums over rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tallies {
    /// Rows by error.
    pub bins: Vec<u64>,
    /// Sum of the errors, in fixed point.
    pub errors: u64,
    /// Sum of the squares of what is left over of each column.
    pub squares: Vec<u64>,
}

fn add_all(mine: &mut Vec<u64>, theirs: &[u64]) -> Result<(), StateError> {
    add_sums("sums of errors", mine, theirs, u64::saturating_add)
}

impl Additive for Tallies {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        self.errors = self.errors.saturating_add(other.errors);
        add_all(&mut self.bins, &other.bins)?;
        add_all(&mut self.squares, &other.squares)
    }
}

impl Tallies {
    fn add_row(&mut self, frame: &Frame, row: &[f32]) {
        let Some(rest) = frame.residual(row) else {
            return;
        };
        self.bins.resize(MOST_BINS, 0);
        self.squares.resize(frame.columns.len(), 0);
        let error = error(&rest);
        let bin = frame.edges.partition_point(|edge| *edge <= error);
        if let Some(count) = self.bins.get_mut(bin) {
            *count = count.saturating_add(1);
        }
        self.errors = self.errors.saturating_add((error * ONE) as u64);
        for (sum, x) in self.squares.iter_mut().zip(rest) {
            *sum = sum.saturating_add((f64::from(x).powi(2) * ONE) as u64);
        }
    }
}

/// The check's state over some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows.
    pub rows: Thinned<Tallies>,
    /// Whether some batch lacked a column of the frame.
    pub lacking: bool,
}

impl Profile {
    /// No rows; at most `cap` are looked at.
    pub fn new(cap: u64) -> Self {
        Self {
            rows: Thinned::new(cap),
            lacking: false,
        }
    }

    /// Adds the row at a position in the stream of its side, with a value for
    /// each column of the frame.
    pub fn add(&mut self, frame: &Frame, position: u64, values: impl Iterator<Item = f64>) {
        self.rows.add(row_level(position), |tallies| {
            tallies.add_row(frame, &frame.standard(values));
        });
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a state that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        self.lacking |= other.lacking;
        self.rows.merge(&other.rows).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for shapes or counts that rows cannot produce.
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        self.rows.validate().map_err(refused)?;
        let fits = |rows: u64, tallies: &Tallies| {
            let empty = tallies.bins.is_empty() && tallies.squares.is_empty();
            let shaped =
                tallies.bins.len() == MOST_BINS && tallies.squares.len() == frame.columns.len();
            (empty || shaped) && at_most(&tallies.bins, rows)
        };
        if self.rows.levels().all(|(rows, sums)| fits(rows, sums)) {
            return Ok(());
        }
        Err(Error::State(
            "the profile of reconstruction holds sums that rows cannot have on this frame; rebuild it from the data"
                .into(),
        ))
    }
}
