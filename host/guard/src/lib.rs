//! A run of driftguard: what the binary calls, and what other fronts (a
//! service, a Python package) will call.
//!
//! # Layout
//!
//! - [`policy`]: `driftguard.toml`, from what was typed to what is meant.
//! - [`open`]: the two sides, from paths and splits.
//! - [`prepare`]: plugins loaded, granted, with their settings.
//! - [`run`]: from sides and checks to the document.
//! - [`periods`]: how a reference is cut, and each period scored.
//! - [`baseline`]: a reference kept as profiles of its periods.
//! - [`history`]: verdicts recorded, slow drift, incidents.
//! - [`track`]: what a history needs to know of a run.
//! - [`provenance`]: fingerprints of both sides, compared.
//! - [`replay`]: the model run again: canary, old and new on old and new data.
//! - `conclude`: from profiles to the document.
//! - `personal`: columns whose values are hashed as they are read.
//! - `plan`: which check looks at which columns. `fold`: the parallel pass.
//! - [`progress`]: how far it is. [`error`]: why there is no verdict.

pub mod baseline;
mod conclude;
pub mod error;
mod fold;
pub mod history;
pub mod open;
pub mod periods;
mod personal;
mod plan;
pub mod policy;
pub mod prepare;
pub mod progress;
pub mod provenance;
pub mod replay;
pub mod run;
pub mod track;

pub use baseline::{Baseline, BaselineError, evaluate_against};
pub use error::GuardError;
pub use history::record;
pub use open::{Sides, open, open_current, open_reference};
pub use periods::By;
pub use plan::PlannedCheck;
pub use prepare::{BuiltIn, Select, default_budget, load_checks, needs_metering};
pub use progress::{Progress, Silent};
pub use replay::{ReplayError, ReplayRequest, make_canary, replay, replay_models};
pub use run::{RunOptions, check, evaluate, pilot_roles};
pub use track::Outcome;
