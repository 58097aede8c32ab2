//! What a replay of the model found: the document, the arithmetic of its
//! parts, and the judgement. Pure; the model is run elsewhere.
//!
//! # Layout
//!
//! - [`document`]: `driftguard/replay/v1`, what `replay --json` prints.
//! - [`canary`]: stored answers against new ones.
//! - [`split`]: one metric in four cells, split with intervals.
//! - [`judge`](mod@judge): reason and level.

pub mod canary;
pub mod document;
pub mod judge;
pub mod split;

pub use canary::{CanaryReport, StoredColumn, Tolerance};
pub use document::{
    ColumnsReport, GroupReport, MetricReport, ModelReport, ReplayDocument, ReplayedSide,
};
pub use judge::{Judgement, Replayed, judge};
pub use split::{Arms, MetricSplit, Part};
