//! Caps on what a file may ask of us, each checked before memory is taken.
//!
//! A data file is input from outside: a few forged bytes must not be able to
//! ask for gigabytes. Every cap is far above honest data.

/// Columns of one table. Wide feature tables have a few thousand.
pub const MAX_COLUMNS: usize = 10_000;

/// Files on one side. Metadata of each stays in memory.
pub const MAX_FILES: usize = 100_000;

/// Depth of folders that are searched; ends a cycle of links.
pub const MAX_FOLDER_DEPTH: usize = 32;

/// Bytes of one cell of a CSV or JSON lines file. More is an unclosed quote
/// or a document, and neither can be compared as a column.
pub const MAX_CELL_BYTES: usize = 16 << 20;

/// Bytes of one row of a CSV or JSON lines file.
pub const MAX_ROW_BYTES: usize = 64 << 20;

/// Bytes of a Parquet footer or of one Arrow IPC message header. The footer of
/// 10,000 columns in 1,000 row groups is about 1 GB and not sensible; 30
/// columns in 10,000 row groups is about 30 MB.
pub const MAX_METADATA_BYTES: u64 = 256 << 20;

/// Uncompressed bytes that one compressed buffer of an Arrow IPC file may
/// claim: offsets of strings end there.
pub const MAX_BUFFER_BYTES: u64 = 2 << 30;

/// Rows of a batch handed on: the contract with plugins allows no more.
pub const MAX_BATCH_ROWS: usize = 65_536;

/// Rows of a unit of parallel work: large enough that its start costs nothing,
/// small enough that two threads stay busy on a million rows.
pub const TASK_ROWS: u64 = 262_144;

/// Rows between two remembered positions of a text file (24 bytes each).
pub const CHECKPOINT_ROWS: u64 = 4_096;

/// Row groups below this many rows are read several at a time, without
/// dictionaries: a dictionary for so few rows saves nothing.
pub const SMALL_ROW_GROUP: u64 = 16_384;
