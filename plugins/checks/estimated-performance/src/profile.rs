//! A sample of rows.

use driftguard_distribution::refused;
use driftguard_sdk::prelude::Error;
use driftguard_statistics::BottomK;
use driftguard_statistics::boosted::BINS;
use driftguard_statistics::thinned::row_hash;
use serde::{Deserialize, Serialize};

use crate::frame::Frame;

/// One row with an answer.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Row {
    /// Its position in the stream of its side.
    pub position: u64,
    /// A code for each column of the frame.
    pub codes: Vec<u8>,
    /// The score, finite; 0 without scores.
    pub score: f64,
    /// Whether the answer is the positive class.
    pub positive: bool,
    /// With scores 1 for a positive label and 0 for another, else the loss of
    /// the answer; None where the label is missing.
    pub outcome: Option<f64>,
}

/// The check's state over some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// The rows with the smallest hashes of position.
    pub rows: BottomK<Row>,
    /// For each column of the frame whether this side has it; empty before
    /// the first rows.
    pub present: Vec<bool>,
}

impl Default for Profile {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Profile {
    /// No rows; at most `cap` are kept.
    pub fn new(cap: usize) -> Self {
        Self {
            rows: BottomK::new(cap),
            present: vec![],
        }
    }

    /// Whether the row at this position would be kept.
    pub fn takes(&self, position: u64) -> bool {
        self.rows.takes(row_hash(position))
    }

    /// Adds a row.
    pub fn add(&mut self, row: Row) {
        self.rows.insert(row_hash(row.position), row);
    }

    /// Notes which columns a batch has: one that is missing in any batch
    /// counts as missing.
    pub fn note_columns(&mut self, present: &[bool]) {
        if self.present.is_empty() {
            self.present = present.to_vec();
        }
        let pairs = self.present.iter_mut().zip(present);
        pairs.for_each(|(mine, theirs)| *mine &= theirs);
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a state that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        self.rows.merge(&other.rows).map_err(refused)?;
        if !other.present.is_empty() {
            self.note_columns(&other.present);
        }
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for rows that do not fit the frame.
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        self.rows.validate().map_err(refused)?;
        let columns = frame.columns.len();
        let fits = |row: &Row| {
            row.codes.len() == columns
                && row.codes.iter().all(|code| usize::from(*code) < BINS)
                && row.score.is_finite()
                && row.outcome.is_none_or(f64::is_finite)
        };
        let present = self.present.len() == columns || self.present.is_empty();
        if !present || !self.rows.values().all(fits) {
            return Err(Error::State(
                "the profile of estimated-performance holds rows that do not fit its frame; rebuild it from the data"
                    .into(),
            ));
        }
        Ok(())
    }
}
