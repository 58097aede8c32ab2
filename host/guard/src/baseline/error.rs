//! What can be wrong with a baseline.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// What can be wrong with a baseline.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// Reading or writing failed.
    #[error("baseline {path}: cannot {action}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// `read`, `write` ...
        action: &'static str,
        /// Why.
        source: io::Error,
    },
    /// Some other file.
    #[error(
        "{path} is not a baseline: it does not begin with the mark of one; make one with `driftguard baseline create`"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A format of the future, or of the past.
    #[error(
        "baseline {path} has format version {found}, this driftguard reads version 3: use the driftguard that wrote it, or create the baseline again"
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// Cut short or altered.
    #[error("baseline {path} is damaged: {what}; take it from a backup, or create it again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not agree.
        what: String,
    },
    /// Profiles that do not fit into a file.
    #[error(
        "the periods cannot be packed into a baseline: {source}; use fewer columns or longer periods"
    )]
    Packed {
        /// Why.
        source: io::Error,
    },
    /// Profiles that do not come out of it.
    #[error(
        "the baseline's profiles of period {period} cannot be unpacked: {source}; create it again"
    )]
    Unpacked {
        /// The period.
        period: String,
        /// Why.
        source: io::Error,
    },
    /// The file can no longer be read.
    #[error("the baseline's profiles of periods cannot be read: {source}; run it again")]
    Unread {
        /// Why.
        source: io::Error,
    },
    /// Would overwrite.
    #[error("{path} exists already: choose another name, or use --force to replace it")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A type this build does not know.
    #[error(
        "column `{column}` of the baseline has the type `{storage}`, which this driftguard does not know: create the baseline again"
    )]
    UnknownType {
        /// The column.
        column: String,
        /// Its type.
        storage: String,
    },
    /// A check that is not the one that made the baseline.
    #[error(
        "check `{check}` is not what the baseline was made with ({what}): create the baseline again, or disable the check in the policy"
    )]
    OtherCheck {
        /// The check.
        check: String,
        /// What differs.
        what: String,
    },
    /// A check that the baseline holds and the run does not.
    #[error(
        "the baseline was made with check `{check}`, which is not enabled now: enable it, or create the baseline again without it"
    )]
    MissingCheck {
        /// The check.
        check: String,
    },
    /// A period that is there already.
    #[error(
        "period {name} is in the baseline already: give data of later periods only, or create the baseline again"
    )]
    KnownPeriod {
        /// The period.
        name: String,
    },
    /// A check failed while the baseline was made.
    #[error("check `{check}` failed{at}: {message}")]
    CheckFailed {
        /// The check.
        check: String,
        /// Where, in words, or nothing.
        at: String,
        /// Why.
        message: String,
    },
    /// Marked personal after the fact.
    #[error(
        "the policy marks column `{column}` as personal, but the baseline was made without that and holds its values: create the baseline again, and delete this one"
    )]
    NotPersonal {
        /// The column.
        column: String,
    },
    /// A key that is none.
    #[error(
        "the baseline's key of personal columns is not 64 hexadecimal digits: create the baseline again"
    )]
    PersonalKey,
    /// Roles are fixed in a baseline.
    #[error(
        "roles are fixed in the baseline: {what} cannot be changed here; create the baseline again with it"
    )]
    FixedRoles {
        /// What was asked for.
        what: String,
    },
}
