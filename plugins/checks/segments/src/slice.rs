//! Slices of sampled rows.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::bridge::inflation;
use driftguard_statistics::special::normal_sf;

use crate::frame::{Frame, UNKNOWN, WRONG};
use crate::profile::Profile;

/// Blocks of consecutive rows that tell how far rows follow each other.
const BLOCKS: usize = 64;
/// Windows of these hold at most this part of the rows.
const LONGEST: f64 = 0.125;

/// The sample of one side, column by column, in the order of the stream.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sampled {
    pub(crate) rows: usize,
    /// Rows of the side, sampled or not.
    pub(crate) seen: u64,
    pub(crate) columns: Vec<Vec<u8>>,
    pub(crate) outcome: Vec<u8>,
}

impl Sampled {
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub(crate) fn of(profile: &Profile, frame: &Frame) -> Result<Self, Error> {
        profile.validate(frame)?;
        let (_, held) = profile
            .rows
            .total()
            .map_err(driftguard_distribution::refused)?;
        let column = |at: usize| -> Vec<u8> {
            held.0
                .values()
                .map(|codes| codes.get(at).copied().unwrap_or(UNKNOWN))
                .collect()
        };
        Ok(Self {
            rows: held.0.len(),
            seen: profile.rows.seen(),
            columns: (0..frame.conditions.len()).map(column).collect(),
            outcome: column(frame.conditions.len()),
        })
    }

    pub(crate) fn codes(&self, column: usize) -> &[u8] {
        self.columns.get(column).map_or(&[], Vec::as_slice)
    }

    /// Rows with a known outcome, and those of them that are wrong.
    pub(crate) fn judged(&self) -> (u64, u64) {
        let known = self.outcome.iter().filter(|code| **code != UNKNOWN).count();
        let wrong = self.outcome.iter().filter(|code| **code == WRONG).count();
        (wrong as u64, known as u64)
    }
}

/// Rows that meet all of some conditions: a column of the frame and a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice(pub(crate) Vec<(usize, u8)>);

impl Slice {
    /// Whether each row is in it.
    pub(crate) fn mask(&self, side: &Sampled) -> Vec<bool> {
        let mut mask = vec![true; side.rows];
        for (column, cell) in &self.0 {
            for (inside, code) in mask.iter_mut().zip(side.codes(*column)) {
                *inside &= code == cell;
            }
        }
        mask
    }

    pub(crate) fn words(&self, frame: &Frame) -> String {
        let conditions: Vec<String> = self
            .0
            .iter()
            .map(|(column, cell)| frame.words(*column, *cell))
            .collect();
        conditions.join(" and ")
    }

    pub(crate) fn has(&self, column: usize) -> bool {
        self.0.iter().any(|(other, _)| *other == column)
    }
}

/// How much more the rate of hits differs between stretches of these rows than
/// it does by chance, at least 1: rows that follow each other are no
/// independent evidence.
pub(crate) fn follow_each_other(hits: &[bool], of: &[bool]) -> f64 {
    let size = hits.len().div_ceil(BLOCKS).max(1);
    let count = |mask: &[bool]| -> Vec<u64> {
        mask.chunks(size)
            .map(|block| block.iter().filter(|inside| **inside).count() as u64)
            .collect()
    };
    let rows = count(of);
    let longest = LONGEST * rows.iter().sum::<u64>() as f64;
    let found = inflation(&count(hits), &rows, longest);
    // The largest of several estimates from few windows: half of what they
    // differ by is chance.
    let chance = (2.0 / found.dof.max(1.0)).sqrt();
    (found.factor / (1.0 + chance)).max(1.0)
}

/// Two-sided, corrected for the number of slices that were looked at.
pub(crate) fn corrected(z: f64, tests: usize) -> f64 {
    (2.0 * normal_sf(z.abs()) * tests.max(1) as f64).min(1.0)
}

/// Rows in both over rows in either.
pub(crate) fn overlap(left: &[bool], right: &[bool]) -> f64 {
    let pairs = || left.iter().zip(right);
    let both = pairs().filter(|(a, b)| **a && **b).count();
    let either = pairs().filter(|(a, b)| **a || **b).count();
    both as f64 / either.max(1) as f64
}
