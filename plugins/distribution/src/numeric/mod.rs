//! One numeric column: frozen bins, counts on them, and what moved.
//!
//! - [`frame`]: edges and quantiles frozen from a sample of the reference.
//! - [`profile`]: counts, moments and a sample of values; mergeable.
//! - [`side`]: questions to one side: quantiles, shares.
//! - [`compare`]: both sides into findings.
//! - `supporting`: the findings that never decide.
//! - `evidence`: the histogram in the report.

pub mod compare;
mod evidence;
pub mod frame;
pub mod profile;
pub mod side;
mod supporting;

pub use compare::{Sides, compare};
pub use frame::NumericFrame;
pub use profile::NumericProfile;
pub use side::Side;
