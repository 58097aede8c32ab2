//! The calibrated decision: what is measured on the current data is ranked
//! among what the same plugins measure on the reference's own periods.

mod scores;

pub use scores::{Score, UnitScores};
