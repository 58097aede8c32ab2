//! The history of verdicts: one SQLite file that `driftguard check --history`
//! appends to. The only crate that names `rusqlite`.
//!
//! # Layout
//!
//! - `file`: opening, creating, versions, what is none of ours.
//! - `schema`: the tables. `record`: a verdict as it is kept, with its seal.
//! - `writer`: one run's append, as one transaction.
//! - `incidents`: what is open, and since when.
//! - `error`: what can be wrong.
//!
//! # Safety
//!
//! - Rollback journal and `synchronous = EXTRA`: a process that is killed, or a
//!   machine that stops, at any moment leaves the old state or the new one;
//!   what `commit` acknowledged is there. A journal file beside the history
//!   belongs to it: copy both.
//! - Records are final: triggers refuse to change or delete them. Each holds
//!   the SHA-256 of itself and the record before it, so that what was altered
//!   from outside is noticed on reading.
//! - A writer takes the file's lock before it reads what its verdict depends
//!   on, and waits for others that hold it.
//! - Nothing is a running sum: the detector's state and the state of incidents
//!   are worked out from the records.

mod error;
mod file;
mod incidents;
mod record;
mod schema;
mod writer;

pub use error::HistoryError;
pub use file::{History, View};
pub use incidents::Incident;
pub use record::Record;
pub use writer::Writer;
