//! What can be wrong with a history.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// What can be wrong with a history.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HistoryError {
    /// No such file.
    #[error("there is no history {path}: `driftguard check --history {path}` begins one")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Some other file.
    #[error("{path} is not a history of driftguard ({what}): name another file with --history")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is, or lacks.
        what: &'static str,
    },
    /// A format of the future.
    #[error(
        "history {path} has format version {found}, this driftguard reads up to {known}: use a newer driftguard"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest known one.
        known: i64,
    },
    /// Cut short or altered.
    #[error(
        "history {path} is damaged: {what}; put it aside and take it from a backup, or begin a new one"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not agree.
        what: String,
    },
    /// Somebody else writes.
    #[error(
        "history {path} is locked by another process for more than {seconds} s: try again when that one has ended"
    )]
    Busy {
        /// The file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// Anything else that SQLite says: no space, no permission.
    #[error("history {path}: cannot {action}: {source}")]
    Database {
        /// The file.
        path: PathBuf,
        /// `open`, `append` ...
        action: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Seconds that a writer waits for another.
pub(crate) const PATIENCE: u64 = 20;

/// What SQLite says, in the words of a history.
pub(crate) fn said(path: &Path, action: &'static str) -> impl Fn(rusqlite::Error) -> HistoryError {
    move |source| {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => HistoryError::Foreign {
                path,
                what: "it is no SQLite file",
            },
            Some(ErrorCode::DatabaseCorrupt) => HistoryError::Damaged {
                path,
                what: source.to_string(),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => HistoryError::Busy {
                path,
                seconds: PATIENCE,
            },
            _ => HistoryError::Database {
                path,
                action,
                source,
            },
        }
    }
}
