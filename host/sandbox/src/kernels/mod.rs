//! Host kernels: arithmetic on one column of one batch, at native speed. Pure
//! functions of a granted column; their work is charged to the plugin.

mod bin_index;
mod categories;
mod finite;
mod hash;
mod histogram;
mod row_hash;
mod runs;
mod sample;
mod summary;

pub(crate) use bin_index::BinIndex;
pub(crate) use categories::{CategoryCounts, count_categories, count_codes};
pub(crate) use finite::Finite;
pub(crate) use hash::{mix, text_hash};
pub(crate) use histogram::{MAX_BIN_EDGES, bins, count_bins, histogram};
pub(crate) use row_hash::{finish_row_hashes, fold_row_hashes};
pub(crate) use runs::{RunSummary, runs_of_codes, runs_of_floats};
pub(crate) use sample::{MAX_SAMPLE, row_keys, sample};
pub(crate) use summary::{Moments, summarise_floats};

/// Rows handled at a time: small enough for the first-level cache, large
/// enough that the choice of path costs nothing.
pub(crate) const CHUNK: usize = 1024;
