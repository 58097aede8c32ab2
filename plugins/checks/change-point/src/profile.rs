//! Counts of a side in a bounded number of blocks of consecutive rows.

use driftguard_distribution::coding::Values;
use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::block_series::BlockSeries;
use driftguard_statistics::thinned::{Additive, add_sums};
use driftguard_statistics::{StateError, value_hash};
use serde::{Deserialize, Serialize};

use crate::frame::Frame;

/// Most blocks of one side.
pub const BLOCKS: u32 = 256;
/// Blocks have 16 rows at first,
const ROW_BITS: u32 = 4;
/// and those of time about a second.
const TIME_BITS: u32 = 20;
/// Far below overflow, so that sums of profiles stay exact.
const MOST_ROWS: u64 = u64::MAX >> 20;

/// Whether the values of some rows are all the same; missing ones do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Only {
    /// There are none.
    #[default]
    Nothing,
    /// Bits of a number, or hash of a text.
    One(u64),
    /// They are not.
    Several,
}

impl Only {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, one) | (one, Self::Nothing) => one,
            (Self::One(one), Self::One(other)) if one == other => self,
            _ => Self::Several,
        }
    }

    /// Of some rows of a column.
    fn of(values: &Values, rows: std::ops::Range<usize>) -> Self {
        match values {
            Values::Numbers(numbers) => {
                let mut finite = numbers
                    .get(rows)
                    .unwrap_or_default()
                    .iter()
                    .filter(|x| x.is_finite());
                let Some(first) = finite.next() else {
                    return Self::Nothing;
                };
                match finite.all(|value| value == first) {
                    // Zeros of both signs are one value.
                    true => Self::One((first + 0.0).to_bits()),
                    false => Self::Several,
                }
            }
            Values::Words(codes, words) => {
                let codes = codes.get(rows).unwrap_or_default();
                let mut there = codes.iter().filter(|code| (**code as usize) < words.len());
                let Some(first) = there.next() else {
                    return Self::Nothing;
                };
                match (there.all(|code| code == first), words.get(*first as usize)) {
                    (true, Some(word)) => Self::One(value_hash(word)),
                    _ => Self::Several,
                }
            }
            Values::Instants(_) => Self::Nothing,
        }
    }
}

/// Counts of some neighbouring rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Rows that were read.
    pub rows: u64,
    /// Earliest and latest instant.
    pub time: Option<(i64, i64)>,
    /// As laid out by [`Frame::size`]; none before the first rows. A column
    /// that this side has not counts no rows.
    pub counts: Vec<u64>,
    /// By column.
    pub only: Vec<Only>,
}

impl Block {
    fn widen(&mut self, time: Option<(i64, i64)>) {
        self.time = match (self.time, time) {
            (Some(mine), Some(theirs)) => Some((mine.0.min(theirs.0), mine.1.max(theirs.1))),
            (one, other) => one.or(other),
        };
    }
}

impl Additive for Block {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        self.rows = self.rows.saturating_add(other.rows);
        self.widen(other.time);
        add_sums(
            "cells",
            &mut self.counts,
            &other.counts,
            u64::saturating_add,
        )?;
        add_sums("columns", &mut self.only, &other.only, Only::and)
    }
}

/// Rows of some span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load(pub u64);

impl Additive for Load {
    fn add(&mut self, other: &Self) -> Result<(), StateError> {
        self.0 = self.0.saturating_add(other.0);
        Ok(())
    }
}

/// The check's state over some rows: integers at places in the stream, so that
/// merging is exact in any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// By position in the stream.
    pub stream: BlockSeries<Block>,
    /// By time, in microseconds.
    pub load: BlockSeries<Load>,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            stream: BlockSeries::new(BLOCKS, ROW_BITS),
            load: BlockSeries::new(BLOCKS, TIME_BITS),
        }
    }
}

impl Profile {
    /// Adds the rows of a batch that the frame wants.
    ///
    /// # Errors
    /// A batch that cannot be read.
    pub fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        let columns = batch.columns();
        for window in frame.rows.windows(batch.first_row(), batch.rows()) {
            let read = |name: &str| Values::read(batch, &columns, name, window);
            let times = frame.time.as_deref().map(read).transpose()?.flatten();
            let first = batch.first_row().saturating_add(u64::from(window.0));
            let rows = Window {
                first: i64::try_from(first).unwrap_or(i64::MAX),
                rows: window.1 as usize,
            };
            self.note_rows(frame, rows, times.as_ref())?;
            let mut place = 0;
            for (at, column) in frame.columns.iter().enumerate() {
                if let Some(values) = read(&column.coding.name)? {
                    self.note_column(frame, (at, place), rows, &values)?;
                }
                place += column.coding.size() + 1;
            }
        }
        Ok(())
    }

    /// Adds rows at hand: values by column of the frame, None where this side
    /// has no such column, and instants.
    ///
    /// # Errors
    /// [`Error::State`] for blocks of another frame.
    pub fn add(
        &mut self,
        frame: &Frame,
        first: u64,
        values: &[Option<Values>],
        times: Option<&Values>,
    ) -> Result<(), Error> {
        let rows = Window {
            first: i64::try_from(first).unwrap_or(i64::MAX),
            rows: values.iter().flatten().map(Values::len).max().unwrap_or(0),
        };
        self.note_rows(frame, rows, times)?;
        let mut place = 0;
        for (at, (column, values)) in frame.columns.iter().zip(values).enumerate() {
            if let Some(values) = values {
                self.note_column(frame, (at, place), rows, values)?;
            }
            place += column.coding.size() + 1;
        }
        Ok(())
    }

    fn note_rows(
        &mut self,
        frame: &Frame,
        window: Window,
        times: Option<&Values>,
    ) -> Result<(), Error> {
        let instants: &[Option<i64>] = match times {
            Some(Values::Instants(instants)) => instants,
            _ => &[],
        };
        for (position, rows) in window.pieces(&self.stream) {
            let held = instants
                .get(rows.clone())
                .unwrap_or_default()
                .iter()
                .flatten();
            let time = held.clone().min().copied().zip(held.max().copied());
            let change = |block: &mut Block| {
                block.rows += rows.len() as u64;
                block.widen(time);
                block.counts.resize(frame.size(), 0);
                block.only.resize(frame.columns.len(), Only::Nothing);
            };
            self.stream.at(position, change).map_err(refused)?;
        }
        let width = self.load.width();
        // Rows mostly come in order: look a block up once for its run.
        let same = |one: &Option<i64>, other: &Option<i64>| match (one, other) {
            (Some(one), Some(other)) => one.div_euclid(width) == other.div_euclid(width),
            (one, other) => one == other,
        };
        for run in instants.chunk_by(same) {
            if let Some(Some(instant)) = run.first() {
                let add = |load: &mut Load| load.0 += run.len() as u64;
                self.load.at(*instant, add).map_err(refused)?;
            }
        }
        Ok(())
    }

    fn note_column(
        &mut self,
        frame: &Frame,
        (column, place): (usize, usize),
        window: Window,
        values: &Values,
    ) -> Result<(), Error> {
        let Some(watched) = frame.columns.get(column) else {
            return Ok(());
        };
        let codes = watched.coding.codes(values);
        let size = watched.coding.size() + 1;
        for (position, rows) in window.pieces(&self.stream) {
            let change = |block: &mut Block| {
                let cells = block
                    .counts
                    .get_mut(place..place + size)
                    .unwrap_or_default();
                for code in codes.get(rows.clone()).unwrap_or_default() {
                    if let Some(count) = cells.get_mut(usize::from(*code)) {
                        *count += 1;
                    }
                }
                if let Some(only) = block.only.get_mut(column)
                    && *only != Only::Several
                {
                    *only = only.and(Only::of(values, rows));
                }
            };
            self.stream.at(position, change).map_err(refused)?;
        }
        Ok(())
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    /// [`Error::State`] for a profile that rows cannot produce.
    pub fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        self.stream.merge(&other.stream).map_err(refused)?;
        self.load.merge(&other.load).map_err(refused)
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// See [`Self::merge`].
    pub fn validate(&self, frame: &Frame) -> Result<(), Error> {
        self.stream.validate(BLOCKS, ROW_BITS).map_err(refused)?;
        self.load.validate(BLOCKS, TIME_BITS).map_err(refused)?;
        let mut all = 0_u64;
        for (_, block) in self.stream.iter() {
            all = all.saturating_add(block.rows);
            let mut rest = block.counts.as_slice();
            let within = frame.columns.iter().all(|column| {
                let (cells, tail) = rest
                    .split_at_checked(column.coding.size() + 1)
                    .unwrap_or_default();
                rest = tail;
                let sum = cells
                    .iter()
                    .try_fold(0_u64, |sum, count| sum.checked_add(*count));
                sum.is_some_and(|sum| sum <= block.rows)
            });
            let fits =
                block.counts.len() == frame.size() && block.only.len() == frame.columns.len();
            if !within
                || !fits
                || block.rows == 0
                || block.time.is_some_and(|(low, high)| low > high)
            {
                return Err(torn());
            }
        }
        let loads = self
            .load
            .iter()
            .try_fold(0_u64, |sum, (_, load)| sum.checked_add(load.0));
        match all <= MOST_ROWS && loads.is_some_and(|loads| loads <= all) {
            true => Ok(()),
            false => Err(torn()),
        }
    }
}

fn torn() -> Error {
    Error::State(
        "the blocks of a change-point profile do not fit its frame or their rows; rebuild it from the data"
            .into(),
    )
}

/// Rows that are read together.
#[derive(Debug, Clone, Copy)]
struct Window {
    /// Position of the first.
    first: i64,
    rows: usize,
}

impl Window {
    /// Position and rows of the pieces that lie in one block each.
    fn pieces<T: Additive>(self, series: &BlockSeries<T>) -> Vec<(i64, std::ops::Range<usize>)> {
        let (mut pieces, mut at) = (vec![], 0);
        while at < self.rows {
            let position = self.first.saturating_add(at as i64);
            let left = usize::try_from(series.left(position)).unwrap_or(usize::MAX);
            let end = self.rows.min(at.saturating_add(left.max(1)));
            pieces.push((position, at..end));
            at = end;
        }
        pieces
    }
}
