//! What a plugin may spend. The policy knows only what was typed; defaults
//! and enforcement are the sandbox's.

use serde::{Deserialize, Serialize};

use super::raw::RawBudget;

/// Whether and how far instructions are metered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fuel {
    /// Not metered: full speed, the deadline in seconds holds alone.
    Unmetered,
    /// At most this much for one run of the plugin.
    AtMost(u64),
}

/// Limits on one plugin; `None` = the sandbox's default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Budget {
    /// Memory over all linear memories and tables, MiB, 1 to 4096.
    pub memory_mib: Option<u64>,
    /// Wall clock of one call, seconds, above 0 and at most 86,400.
    pub call_seconds: Option<f64>,
    /// Instructions of one run of the plugin, roughly.
    pub fuel: Option<Fuel>,
    /// Data copied in one call, MiB, 1 to 1,000,000.
    pub traffic_mib: Option<u64>,
    /// Size of one frame or profile, KiB, 1 to 1,000,000.
    pub output_kib: Option<u64>,
    /// Values that the host's kernels may touch for it in one call, at least 1.
    pub kernel_values: Option<u64>,
    /// Findings that one comparison returns, 1 to 1,000,000.
    pub findings: Option<u64>,
}

impl Budget {
    /// These limits, and `general`'s where these say nothing.
    pub fn over(self, general: Self) -> Self {
        Self {
            memory_mib: self.memory_mib.or(general.memory_mib),
            call_seconds: self.call_seconds.or(general.call_seconds),
            fuel: self.fuel.or(general.fuel),
            traffic_mib: self.traffic_mib.or(general.traffic_mib),
            output_kib: self.output_kib.or(general.output_kib),
            kernel_values: self.kernel_values.or(general.kernel_values),
            findings: self.findings.or(general.findings),
        }
    }
}

impl From<RawBudget> for Budget {
    /// The shape check has seen to the ranges: fuel is a number of at least 1
    /// or the word `none`.
    fn from(raw: RawBudget) -> Self {
        let fuel = raw.fuel.map(|fuel| {
            match fuel.as_integer().and_then(|fuel| u64::try_from(fuel).ok()) {
                Some(fuel) => Fuel::AtMost(fuel),
                None => Fuel::Unmetered,
            }
        });
        let RawBudget {
            memory_mib,
            call_seconds,
            traffic_mib,
            output_kib,
            kernel_values,
            findings,
            fuel: _,
        } = raw;
        Self {
            memory_mib,
            call_seconds,
            fuel,
            traffic_mib,
            output_kib,
            kernel_values,
            findings,
        }
    }
}
