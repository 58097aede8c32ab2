//! Files to Arrow batches with roles: everything between what the user named
//! and what a check reads.
//!
//! # Layout
//!
//! - [`source`]: the files of one side as one stream; tasks, reading, batches.
//! - [`pilot`]: a bounded sample, the same on every run.
//! - [`split`]: one table as two sides. [`hidden`]: values replaced by hashes.
//! - [`periods`]: a stream cut by time or into blocks.
//! - [`roles`]: what each column is for, by names and values.
//! - [`error`], [`limits`]: everything that can be wrong, every cap.
//! - [`instant`], [`schema`]: dates as text, types in words, nearest names.
//! - `inputs`, `sniff`, `bytes`, `file`, `guarded`: which files, which format,
//!   positioned reads, one face for all formats, decoders that panic.
//! - `formats`: Parquet, CSV, JSON lines, Arrow IPC.

pub(crate) mod bytes;
pub mod error;
pub(crate) mod file;
pub(crate) mod formats;
pub(crate) mod guarded;
pub mod hidden;
pub(crate) mod inputs;
pub mod instant;
pub mod limits;
pub mod periods;
pub mod pilot;
pub mod roles;
pub mod schema;
pub(crate) mod sniff;
pub mod source;
pub mod split;

pub use error::DataError;
pub use guarded::{guarded, is_guarded};
pub use hidden::Hidden;
pub use periods::{Cutter, NO_PERIOD, PeriodKey, PeriodUnit};
pub use roles::{ColumnRole, RoleOverrides, resolve};
pub use schema::schema_words;
pub use source::{OpenOptions, ReadRequest, RowBatch, Source, Task, TaskReader};
pub use split::{Side, Split};
