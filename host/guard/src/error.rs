//! Why a run could not reach a verdict.

use thiserror::Error;

use driftguard_data::DataError;
use driftguard_sandbox::SandboxError;

/// Why a run could not reach a verdict. All of these end a run of the binary
/// with exit code 3.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GuardError {
    /// A file, or a column that was named.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A plugin that cannot be loaded.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] crate::policy::PolicyError),
    /// A fingerprint.
    #[error(transparent)]
    Provenance(#[from] driftguard_provenance::ProvenanceError),
    /// A replay of the model.
    #[error(transparent)]
    Replay(Box<crate::replay::ReplayError>),
    /// The model.
    #[error(transparent)]
    Model(#[from] driftguard_model::ModelError),
    /// A side without rows.
    #[error("the {side} side ({source_name}) has no rows: there is nothing to compare; {hint}")]
    NoRows {
        /// Which side.
        side: &'static str,
        /// What was asked for.
        source_name: String,
        /// What to do.
        hint: &'static str,
    },
    /// No check applies to any column.
    #[error(
        "no check applies: {columns} columns, {checks} checks enabled; enable checks in the policy, or set roles with --numeric and --categorical"
    )]
    NothingToCheck {
        /// Columns on both sides.
        columns: usize,
        /// Checks enabled.
        checks: usize,
    },
    /// Two plugins with one name.
    #[error(
        "two plugins call themselves `{id}`: {first} and {second}; rename one or disable it in the policy"
    )]
    DuplicateCheck {
        /// The id.
        id: String,
        /// Where the first came from.
        first: String,
        /// Where the second came from.
        second: String,
    },
    /// A split time that is none.
    #[error("the split `{text}` is no instant: write it as 2013-04-01 or 2013-04-01T06:00:00Z")]
    BadSplit {
        /// As typed.
        text: String,
    },
    /// A split by time, and no column that says when.
    #[error(
        "{source_name} cannot be split by time: no column was recognised as its timestamp; name it with --timestamp, or split by a value with --split-by COLUMN=VALUE"
    )]
    NoTimestamp {
        /// What was asked for.
        source_name: String,
    },
    /// A plugin under another name than the policy gives it.
    #[error(
        "{place}: plugin {origin} calls itself `{found}`, the policy `{expected}`: write [checks.{found}]"
    )]
    OtherName {
        /// Where in the policy.
        place: String,
        /// The file.
        origin: String,
        /// What the plugin says.
        found: String,
        /// What the policy says.
        expected: String,
    },
    /// A baseline.
    #[error(transparent)]
    Baseline(#[from] crate::baseline::BaselineError),
    /// More periods than can be told apart.
    #[error(
        "{source_name} falls into more than {limit} periods: cut it into longer ones (`--by week`), or look for stray times in its timestamp column"
    )]
    TooManyPeriods {
        /// What was asked for.
        source_name: String,
        /// The most there may be.
        limit: usize,
    },
    /// A reference that cannot be cut as asked.
    #[error(transparent)]
    NoCut(#[from] crate::periods::NoCut),
    /// A worker thread ended without an answer.
    #[error(
        "a worker thread ended without an answer; this is a fault of driftguard: please report it"
    )]
    WorkerLost,
}

// Boxed: it is larger than all others.
impl From<crate::replay::ReplayError> for GuardError {
    fn from(error: crate::replay::ReplayError) -> Self {
        Self::Replay(Box::new(error))
    }
}
