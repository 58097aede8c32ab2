//! The calibrated decision: what is measured on the current data is ranked
//! among what the same plugins measure on the reference's own periods.
//!
//! Every unit (K periods and the current data) is measured against the others.
//! Measurements are put on one scale, joined over columns in a sparse and a
//! dense way, and ranked. If the K + 1 units are exchangeable (nothing
//! changed), the rank is uniform whatever the checks measure, however many
//! they are and however they depend on each other: the chance of a false
//! alarm is at most alpha. The point of attack is exchangeability, so it is
//! checked and reported ([`Health`]).
//!
//! Sources: Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World",
//! 2005 (ranks); Westfall, Young, "Resampling-Based Multiple Testing", 1993
//! (one maximum over dependent columns, calibrated jointly).
//!
//! - `scores`: the input. `standard`: measurements on one scale, by their
//!   `spread`. `ranks`: over columns, and the rank. `health`: whether periods
//!   look exchangeable.
//! - `unit`: longer units where they do not. `sight`: what they let be seen.
//! - `decide`: from this to a verdict. `beta`: a function of ranks.

mod beta;
mod decide;
mod health;
mod ranks;
mod scores;
mod sight;
mod spread;
mod standard;
mod unit;

pub use beta::{beta_cdf, beta_inverse};
pub use decide::{Calibrated, CalibrationInput, CalibrationReport, CalibrationState};
pub use health::Health;
pub(crate) use ranks::joint_ranks;
pub use ranks::{Calibration, SubjectScore, calibrate, conditional_upper, neighbours};
pub use scores::{Score, UnitScores};
pub use sight::{Sight, sight};
pub use unit::{Chosen as ChosenUnit, choose as choose_unit};

/// Fewest periods whose ranks can decide at alpha = 0.05: the smallest rank
/// p-value is 1 / (K + 1).
pub const MIN_PERIODS: usize = 19;
