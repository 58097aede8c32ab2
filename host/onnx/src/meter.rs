//! What reading and running a model may cost.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::error::OnnxError;

/// Units of work between two looks at the clock; a unit is some nanoseconds.
const LOOK: u64 = 1 << 18;

/// What one model may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// For all of a [`Meter`]'s life.
    pub time: Duration,
    /// Bytes of values that are alive at once, in MiB; None: not limited.
    pub memory_mib: Option<u64>,
}

/// Why an operator stops.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fault {
    /// Inputs that do not fit; what was met.
    Wrong(String),
    /// No value in this row, and where in words.
    Missing(usize, String),
    Memory,
    Time,
}

impl Fault {
    pub(crate) fn wrong(reason: impl Into<String>) -> Self {
        Self::Wrong(reason.into())
    }
}

/// Counts memory and looks at the clock.
#[derive(Debug)]
pub struct Meter {
    limits: Limits,
    start: Instant,
    taken: Cell<u64>,
    work: Cell<u64>,
}

impl Meter {
    /// From now on.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            start: Instant::now(),
            taken: Cell::new(0),
            work: Cell::new(0),
        }
    }

    fn most(&self) -> u64 {
        self.limits
            .memory_mib
            .map_or(u64::MAX, |mib| mib.saturating_mul(1 << 20))
    }

    /// Takes bytes that stay alive until [`Self::give`].
    pub(crate) fn take(&self, bytes: u64) -> Result<(), Fault> {
        self.room(bytes)?;
        self.taken.set(self.taken.get().saturating_add(bytes));
        Ok(())
    }

    /// Whether there is room for so many bytes.
    pub(crate) fn room(&self, bytes: u64) -> Result<(), Fault> {
        match self.taken.get().saturating_add(bytes) > self.most() {
            true => Err(Fault::Memory),
            false => Ok(()),
        }
    }

    /// Whether there is room for so many values.
    pub(crate) fn room_for(&self, values: usize) -> Result<(), Fault> {
        self.room((values as u64).saturating_mul(16))
    }

    pub(crate) fn give(&self, bytes: u64) {
        self.taken.set(self.taken.get().saturating_sub(bytes));
    }

    /// Counts work, and looks at the clock once in a while.
    pub(crate) fn work(&self, units: usize) -> Result<(), Fault> {
        let work = self.work.get().saturating_add(units as u64);
        if work < LOOK {
            self.work.set(work);
            return Ok(());
        }
        self.work.set(0);
        self.look()
    }

    /// Looks at the clock now.
    pub(crate) fn look(&self) -> Result<(), Fault> {
        match self.start.elapsed() > self.limits.time {
            true => Err(Fault::Time),
            false => Ok(()),
        }
    }

    pub(crate) fn out_of_memory(&self, place: String) -> OnnxError {
        OnnxError::Memory {
            limit_mib: self.limits.memory_mib.unwrap_or(u64::MAX >> 20),
            place,
        }
    }

    pub(crate) fn out_of_time(&self) -> OnnxError {
        OnnxError::Time {
            seconds: self.limits.time.as_secs_f64(),
        }
    }

    /// What happened at a node.
    pub(crate) fn at(&self, node: &str, fault: Fault) -> OnnxError {
        match fault {
            Fault::Wrong(reason) => OnnxError::Failed {
                node: node.to_owned(),
                reason,
            },
            Fault::Missing(row, place) => OnnxError::Missing {
                node: node.to_owned(),
                row,
                place,
            },
            Fault::Memory => self.out_of_memory(format!(" at its node {node}")),
            Fault::Time => self.out_of_time(),
        }
    }
}
