//! Periods of the reference: how it is cut, and how each of them scores
//! against the others. What a plugin measures becomes a calibrated test by
//! this, whatever it measures.
//!
//! - `choose`: which cutting suits. `units`: what is scored as one. `score`:
//!   each against the others.

mod choose;
pub(crate) mod score;
pub(crate) mod units;

use driftguard_data::{Cutter, PeriodKey, PeriodUnit};
use serde::{Deserialize, Serialize};

pub use choose::{By, NoCut};
pub(crate) use choose::{for_baseline, for_two_sides};
pub use driftguard_verdict::calibration::MIN_PERIODS;

use crate::plan::SideColumns;

/// How a reference is cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", deny_unknown_fields)]
pub enum Cutting {
    /// Not at all.
    Whole,
    /// By time.
    Time {
        /// The column that says when.
        column: String,
        /// `hour`, `day`, `week` or `month`.
        unit: String,
    },
    /// Into blocks of rows in the order of the files.
    Blocks {
        /// Rows of a block.
        rows: u64,
        /// Rows from the start of one block to that of the next.
        stride: u64,
        /// Number of blocks.
        count: u64,
    },
}

impl Cutting {
    pub(crate) fn unit(&self) -> Option<PeriodUnit> {
        match self {
            Self::Time { unit, .. } => unit.parse().ok(),
            Self::Whole | Self::Blocks { .. } => None,
        }
    }

    /// What a period is called.
    pub fn name(&self, key: PeriodKey) -> String {
        match self.unit() {
            Some(unit) => unit.name(key),
            None => format!("block {}", key.saturating_add(1)),
        }
    }

    /// One period, in words ("day", "block of 2000 rows").
    pub fn words(&self) -> String {
        match self {
            Self::Whole => "whole table".into(),
            Self::Time { unit, .. } => unit.clone(),
            Self::Blocks { rows, .. } => format!("block of {rows} rows"),
        }
    }

    /// A unit of so many periods, in words ("run of 3 days").
    pub fn unit_words(&self, length: usize) -> String {
        match (length, self) {
            (0 | 1, _) => self.words(),
            (7, Self::Time { unit, .. }) if unit == "day" => "run of 7 days (a week)".into(),
            (length, Self::Time { unit, .. }) => format!("run of {length} {unit}s"),
            (length, Self::Blocks { rows, .. }) => format!("run of {length} blocks of {rows} rows"),
            (length, Self::Whole) => format!("run of {length} tables"),
        }
    }

    /// Cuts a side whose batches are as described. The column of a cut by
    /// time is read with the others if no check asks for it.
    pub(crate) fn cutter(&self, side: &mut SideColumns) -> Cutter {
        match self {
            Self::Whole => Cutter::Whole,
            Self::Blocks {
                rows,
                stride,
                count,
            } => Cutter::Blocks {
                rows: *rows,
                stride: *stride,
                count: *count,
            },
            Self::Time { column, .. } => {
                let here = side.infos.iter().any(|info| info.name == *column);
                let (Some(unit), true) = (self.unit(), here) else {
                    return Cutter::Whole;
                };
                let keep = side.request.columns.len();
                let read = side.request.columns.iter().position(|name| name == column);
                let position = read.unwrap_or_else(|| {
                    side.request.columns.push(column.clone());
                    keep
                });
                Cutter::Time {
                    column: position,
                    unit,
                    keep,
                }
            }
        }
    }
}

/// A cutting and why it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chosen {
    pub(crate) cutting: Cutting,
    pub(crate) why: String,
}

impl Chosen {
    pub(crate) fn whole(why: impl Into<String>) -> Self {
        Self {
            cutting: Cutting::Whole,
            why: why.into(),
        }
    }
}
