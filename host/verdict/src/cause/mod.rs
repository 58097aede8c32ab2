//! Was it the code or the data? Pure arithmetic and one table.
//!
//! # Layout
//!
//! - [`fingerprint`]: the document `driftguard fingerprint` writes, part by part.
//! - [`comparison`]: two of those documents: same, different, unknown.
//! - [`table`]: what fingerprints, inputs, outputs and quality of the answers
//!   together mean: one reason code for every case.
//! - [`refine`](mod@refine): a decision, seen in the light of the fingerprints.
//! - [`factorial`]: old and new code on old and new data, split exactly.

pub mod comparison;
pub mod factorial;
pub mod fingerprint;
pub mod refine;
pub mod table;

pub use comparison::{Comparison, PartComparison, Sameness};
pub use fingerprint::{Fingerprints, Part, PartName};
pub use refine::{Provenance, refine};
pub use table::{Answers, DefaultLevel, Situation};
