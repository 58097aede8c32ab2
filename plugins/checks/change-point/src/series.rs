//! One column of one side, block by block.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::bridge::{self, Change};

use crate::frame::Frame;
use crate::profile::{Only, Profile};

/// The blocks of a column, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series<'a> {
    /// First row of each block.
    pub(crate) first: Vec<u64>,
    /// Rows that one block stands for.
    pub(crate) width: u64,
    /// Earliest and latest instant of each block.
    pub(crate) times: Vec<Option<(i64, i64)>>,
    /// Counts of the cells and of missing values.
    pub(crate) cells: Vec<&'a [u64]>,
    /// Whether all values of a block are the same.
    pub(crate) only: Vec<Only>,
}

impl<'a> Series<'a> {
    /// Column `at` of the frame.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub(crate) fn of(profile: &'a Profile, frame: &Frame, at: usize) -> Result<Self, Error> {
        let mut sizes = frame.columns.iter().map(|column| column.coding.size() + 1);
        let place: usize = sizes.by_ref().take(at).sum();
        let size = sizes.next().unwrap_or(0);
        let torn = || Error::State("a change-point profile does not fit its frame".into());
        let mut series = Self {
            width: profile.stream.width().unsigned_abs(),
            ..Self::default()
        };
        for (first, block) in profile.stream.iter() {
            series.first.push(u64::try_from(first).unwrap_or(0));
            series.times.push(block.time);
            series
                .cells
                .push(block.counts.get(place..place + size).ok_or_else(torn)?);
            series
                .only
                .push(block.only.get(at).copied().ok_or_else(torn)?);
        }
        Ok(series)
    }

    /// Rows of the column, missing values among them.
    pub(crate) fn rows(&self) -> u64 {
        self.cells.iter().flat_map(|cells| cells.iter()).sum()
    }

    /// Blocks in which the column has rows.
    pub(crate) fn occupied(&self) -> usize {
        self.cells
            .iter()
            .filter(|cells| cells.iter().any(|count| *count > 0))
            .count()
    }

    /// Hits and rows of each block under a signal.
    pub(crate) fn signal(&self, signal: Signal) -> (Vec<u64>, Vec<u64>) {
        self.cells.iter().map(|cells| signal.hits_of(cells)).unzip()
    }

    /// The largest change of a signal.
    pub(crate) fn change(&self, signal: Signal) -> Option<Change> {
        let (hits, rows) = self.signal(signal);
        bridge::change(&hits, &rows)
    }

    /// Sums of the cells over the blocks that are wanted.
    pub(crate) fn sums(&self, wanted: impl Fn(usize) -> bool) -> Vec<u64> {
        let mut sums = vec![0; self.cells.first().map_or(0, |cells| cells.len())];
        for (_, cells) in self
            .cells
            .iter()
            .enumerate()
            .filter(|(block, _)| wanted(*block))
        {
            sums.iter_mut()
                .zip(*cells)
                .for_each(|(sum, count)| *sum += count);
        }
        sums
    }
}

/// What is looked for in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Missing values among all rows.
    Missing,
    /// Values in the first so many cells, among those that are there.
    Below(usize),
    /// Values in one cell.
    In(usize),
}

impl Signal {
    /// All signals of a column with so many cells.
    pub(crate) fn all(cells: usize, ordered: bool) -> Vec<Self> {
        let mut all = vec![Self::Missing];
        match ordered {
            true => all.extend((1..cells).map(Self::Below)),
            // Of two cells, one says it all.
            false if cells == 2 => all.push(Self::In(0)),
            false if cells > 2 => all.extend((0..cells).map(Self::In)),
            false => {}
        }
        all
    }

    /// Hits and rows of counts over the cells and missing values.
    pub(crate) fn hits_of(self, counts: &[u64]) -> (u64, u64) {
        let (missing, cells) = counts
            .split_last()
            .map_or((0, counts), |(last, rest)| (*last, rest));
        let there: u64 = cells.iter().sum();
        match self {
            Self::Missing => (missing, missing + there),
            Self::Below(cut) => (cells.iter().take(cut).sum(), there),
            Self::In(cell) => (cells.get(cell).copied().unwrap_or(0), there),
        }
    }
}
