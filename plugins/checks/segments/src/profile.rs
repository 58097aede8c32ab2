//! A sample of coded rows.

use std::collections::BTreeMap;

use driftguard_distribution::coding::{MAX_CELLS, Values};
use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Column, Error};
use driftguard_statistics::thinned::{Additive, row_level};
use driftguard_statistics::{StateError, Thinned};
use serde::{Deserialize, Serialize};

use crate::frame::{Frame, UNKNOWN};

/// Rows read at once.
const WINDOW: u32 = 16_384;

/// Codes of rows by their position.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodedRows(pub BTreeMap<u64, Vec<u8>>);

impl Additive for CodedRows {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        self.0.extend(
            other
                .0
                .iter()
                .map(|(position, codes)| (*position, codes.clone())),
        );
        Ok(())
    }
}

/// State over some rows: the rows of the highest levels, the same whatever
/// order they came in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// At most the cap of them.
    pub rows: Thinned<CodedRows>,
}

impl Profile {
    /// No rows; at most `cap` are kept.
    pub fn new(cap: u64) -> Self {
        Self {
            rows: Thinned::new(cap),
        }
    }

    /// Adds the rows of a batch.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        let columns = batch.columns();
        for (start, count) in frame.rows.windows(batch.first_row(), batch.rows()) {
            let mut from = 0;
            while from < count {
                let rows = WINDOW.min(count - from);
                self.window(frame, batch, &columns, (start + from, rows))?;
                from += rows;
            }
        }
        Ok(())
    }

    fn window(
        &mut self,
        frame: &Frame,
        batch: &Batch,
        columns: &[Column],
        window: (u32, u32),
    ) -> Result<(), Error> {
        let first = batch.first_row().saturating_add(u64::from(window.0));
        let wanted: Vec<usize> = (0..window.1 as usize)
            .filter(|row| self.rows.takes(row_level(first + *row as u64)))
            .collect();
        self.rows
            .note_dropped(u64::from(window.1) - wanted.len() as u64);
        if wanted.is_empty() {
            return Ok(());
        }
        let read = |name: &str| {
            let values = Values::read(batch, columns, name, window)?;
            Ok::<_, Error>(values.map(|values| values.picked(&wanted)))
        };
        let mut codes = vec![];
        for coding in &frame.conditions {
            let values = read(&coding.name)?;
            let missing = || vec![coding.size() as u8; wanted.len()];
            codes.push(values.map_or_else(missing, |values| coding.codes(&values)));
        }
        let outcome = match &frame.outcome {
            Some(outcome) => read(&outcome.decision)?
                .zip(read(&outcome.label)?)
                .map(|(x, y)| outcome.codes(&x, &y)),
            None => None,
        };
        codes.push(outcome.unwrap_or_else(|| vec![UNKNOWN; wanted.len()]));
        for (at, row) in wanted.iter().enumerate() {
            let of_row = codes
                .iter()
                .map(|column| column.get(at).copied().unwrap_or(UNKNOWN));
            self.add(first + *row as u64, of_row.collect());
        }
        Ok(())
    }

    /// Adds the codes of the row at a position.
    pub fn add(&mut self, position: u64, codes: Vec<u8>) {
        self.rows.add(row_level(position), |rows| {
            rows.0.insert(position, codes);
        });
    }

    /// Adds rows at hand: values by condition of the frame, decisions, labels.
    pub fn add_values(
        &mut self,
        frame: &Frame,
        first: u64,
        values: &[Values],
        outcome: Option<(&Values, &Values)>,
    ) {
        let mut codes: Vec<Vec<u8>> = frame
            .conditions
            .iter()
            .zip(values)
            .map(|(coding, values)| coding.codes(values))
            .collect();
        let rows = values.first().map_or(0, Values::len);
        let known = frame
            .outcome
            .as_ref()
            .zip(outcome)
            .map(|(outcome, (x, y))| outcome.codes(x, y));
        codes.push(known.unwrap_or_else(|| vec![UNKNOWN; rows]));
        for row in 0..rows {
            let of_row = codes
                .iter()
                .map(|column| column.get(row).copied().unwrap_or(UNKNOWN));
            self.add(first + row as u64, of_row.collect());
        }
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a profile that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        self.rows.merge(&other.rows).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// See [`Self::merge`].
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let (rows, held) = self.rows.total().map_err(refused)?;
        let fits = |codes: &Vec<u8>| {
            codes.len() == frame.width() && codes.iter().all(|code| usize::from(*code) <= MAX_CELLS)
        };
        match held.0.len() as u64 == rows && held.0.values().all(fits) {
            true => Ok(()),
            false => Err(Error::State(
                "the rows of a segments profile do not fit its frame; rebuild it from the data"
                    .into(),
            )),
        }
    }
}
