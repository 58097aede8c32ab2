//! Baselines: what is known to be good, as frames and one profile for each of
//! its periods. No raw rows. A check against a baseline reads the current data
//! once and no reference data at all.
//!
//! - `manifest`: what is in a baseline, in JSON. `file`: the bytes, and how
//!   they are written so that a killed process leaves the old file.
//! - `create`, `add`: from data. `units`, `scores`: what does not depend on the
//!   current data, made then. `check`: current data against it.
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
mod scores;
mod spread;
mod units;

use driftguard_data::Source;

use crate::error::GuardError;
use crate::policy::{Policy, Slot};

pub(crate) use anchor::{Anchor, failed};
pub(crate) use units::{States, drop_unranked};

pub use add::{Added, Moved, add};
pub use check::evaluate_against;
pub use create::create;
pub use describe::{
    CalibrationLine, Difference, Overview, PeriodLine, Smallest, SubjectLine, diff, overview,
};
pub use error::BaselineError;
pub use manifest::{
    CheckEntry, ColumnEntry, FORMAT, JobEntry, Manifest, PeriodEntry, PersonalEntry,
};
pub use scores::{MeasureEntry, UnitEntry};
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
    /// For each pool of the manifest the merged profiles of its units.
    pub(crate) pools: Vec<Vec<Option<Vec<u8>>>>,
    /// For each job that measures nothing on units its profile of the periods
    /// that the baseline was created with; none for the others.
    pub(crate) anchor: Vec<Option<Vec<u8>>>,
    /// For each measurement of the manifest its value on each unit.
    pub(crate) table: scores::Table,
    /// Profiles by period, in order of time, packed: most checks never need
    /// them.
    pub(crate) packed: file::Packed,
}

impl Baseline {
    /// Rows of all periods together.
    pub fn rows(&self) -> u64 {
        self.manifest.periods.iter().map(|period| period.rows).sum()
    }

    /// Data with the values hashed that were hashed when the baseline was made.
    ///
    /// # Errors
    /// Columns that the policy marks personal and the baseline does not: it
    /// holds their values. Columns that are no text.
    pub(crate) fn hide(&self, data: &Source, policy: &Policy) -> Result<Source, GuardError> {
        let entry = self.manifest.personal.as_ref();
        let known = |name: &&str| {
            entry.is_some_and(|entry| entry.columns.iter().any(|column| column == name))
        };
        if let Some(column) = policy
            .roles
            .columns(Slot::Personal)
            .find(|name| !known(name))
        {
            return Err(BaselineError::NotPersonal {
                column: column.to_owned(),
            }
            .into());
        }
        let hidden = match entry {
            None => None,
            Some(entry) => Some(entry.hidden().ok_or(BaselineError::PersonalKey)?),
        };
        Ok(data.with_hidden(hidden)?)
    }

    /// The whole reference by job.
    pub(crate) fn whole(&self) -> Option<&Vec<Option<Vec<u8>>>> {
        let pools = self.manifest.pools.iter().zip(&self.pools);
        let mut whole = pools.filter(|(phase, _)| phase.is_none());
        whole.next().map(|(_, states)| states)
    }
}
