//! Baselines: what is known to be good, as frames and one profile for each of
//! its periods. No raw rows. A check against a baseline reads the current data
//! once and no reference data at all.
//!
//! - `manifest`: what is in a baseline, in JSON. `file`: the bytes, and how
//!   they are written so that a killed process leaves the old file.
//! - `create`, `add`: from data. `check`: current data against it.
//! - `anchor`: the periods that it was created with, which stay as they are.
//! - `spread`: how many periods lie away from the anchor.
//! - `describe`: what `baseline show` and `baseline diff` tell.

mod add;
mod anchor;
mod check;
mod create;
mod describe;
mod error;
mod file;
pub(crate) mod manifest;
mod spread;

use std::collections::BTreeMap;

use driftguard_data::PeriodKey;

use crate::fold::PeriodProfiles;

pub use add::{Added, Moved, add};
pub use check::{check_against, evaluate_against};
pub use create::create;
pub use describe::{Difference, Overview, PeriodLine, SubjectLine, diff, overview};
pub use error::BaselineError;
pub use manifest::{CheckEntry, ColumnEntry, FORMAT, JobEntry, Manifest, PeriodEntry};
pub use spread::{Share, Spread};

/// A baseline in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Everything but the bytes that plugins wrote.
    pub manifest: Manifest,
    /// SHA-256 of the file it was read from or written to, in hexadecimal;
    /// empty before it was written.
    pub digest: String,
    /// One frame for each job of the manifest.
    pub(crate) frames: Vec<Option<Vec<u8>>>,
    /// Profiles by period, in order of time.
    pub(crate) periods: BTreeMap<PeriodKey, PeriodProfiles>,
}

impl Baseline {
    /// Rows of all periods together.
    pub fn rows(&self) -> u64 {
        self.periods.values().map(|period| period.rows).sum()
    }
}
