//! Counts over the cells of every watched pair.

use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::relation::Table;
use serde::{Deserialize, Serialize};

use crate::coding::{Coding, Values};
use crate::frame::{Frame, cross_counts};

/// State over some rows: integer counts, so merging is exact in any order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Rows that were read.
    pub rows: u64,
    /// One table for each tie of the frame, one after the other.
    counts: Vec<u64>,
}

impl Profile {
    /// Of no rows.
    pub fn new(frame: &Frame) -> Self {
        Self {
            rows: 0,
            counts: vec![0; frame.sizes().iter().sum()],
        }
    }

    /// Adds the rows of a batch that the frame wants.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        let columns = batch.columns();
        for window in frame.rows.windows(batch.first_row(), batch.rows()) {
            let mut read: Option<(&str, Option<Values>)> = None;
            let mut codes = vec![];
            for coding in &frame.codings {
                // The parts of a timestamp follow each other: read it once.
                let known = read.as_ref().is_some_and(|(name, _)| *name == coding.name);
                if !known {
                    let values = Values::read(batch, &columns, &coding.name, window)?;
                    read = Some((&coding.name, values));
                }
                codes.push(match &read {
                    Some((_, Some(values))) => coding.codes(values),
                    _ => absent(coding, window.1),
                });
            }
            self.add(frame, &codes, u64::from(window.1))?;
        }
        Ok(())
    }

    /// Adds rows by the codes of each coding, in the frame's order.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub fn add(&mut self, frame: &Frame, codes: &[Vec<u8>], rows: u64) -> Result<(), Error> {
        self.validate(frame)?;
        let mut rest = self.counts.as_mut_slice();
        for (tie, size) in frame.ties.iter().zip(frame.sizes()) {
            let (table, tail) = rest.split_at_mut_checked(size).unwrap_or_default();
            rest = tail;
            let (Some((left, right)), Some(x), Some(y)) = (
                frame.pair(tie),
                codes.get(tie.left as usize),
                codes.get(tie.right as usize),
            ) else {
                continue;
            };
            let counts = cross_counts(x, y, left.size(), right.size());
            table
                .iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
        }
        self.rows += rows;
        Ok(())
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame, or counts that no rows
    /// can have.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        self.validate(frame)?;
        other.validate(frame)?;
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.rows += other.rows;
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// See [`Self::merge`].
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let expected: usize = frame.sizes().iter().sum();
        if self.counts.len() != expected {
            return Err(Error::State(format!(
                "the profile of joint-drift has {} counts, its frame {expected}; rebuild the baseline",
                self.counts.len()
            )));
        }
        // Far below overflow, so that sums of profiles stay exact.
        let limit = u64::MAX >> 20;
        let tables_fit = self.tables(frame).all(|table| {
            let within = table.iter().all(|count| *count <= limit);
            within && table.iter().sum::<u64>() <= self.rows
        });
        if self.rows <= limit && tables_fit {
            return Ok(());
        }
        Err(Error::State(
            "the profile of joint-drift counts more rows than it saw; rebuild it from the data"
                .into(),
        ))
    }

    /// The counts of each tie, in the frame's order.
    pub fn tables<'a>(&'a self, frame: &Frame) -> impl Iterator<Item = &'a [u64]> {
        let mut rest = self.counts.as_slice();
        frame.sizes().into_iter().map(move |size| {
            let (table, tail) = rest.split_at_checked(size).unwrap_or_default();
            rest = tail;
            table
        })
    }

    /// The same, with their shapes.
    pub fn shaped<'a>(&'a self, frame: &'a Frame) -> impl Iterator<Item = Option<Table<'a>>> {
        frame
            .ties
            .iter()
            .zip(self.tables(frame))
            .map(|(tie, counts)| {
                let (left, right) = frame.pair(tie)?;
                Table::new(counts, left.size(), right.size())
            })
    }
}

fn absent(coding: &Coding, rows: u32) -> Vec<u8> {
    vec![coding.size() as u8; rows as usize]
}
