//! What the drift checks share: profiles of one column, and their comparison
//! into findings. A check is a thin plugin over this crate.
//!
//! # Layout
//!
//! - [`runs`]: runs of equal consecutive values, joined across batches.

pub mod runs;

pub use runs::{Run, RunState};
