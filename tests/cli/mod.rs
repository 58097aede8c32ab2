//! The command line.
//!
//! # Layout
//!
//! - [`usage`], [`data_errors`], [`policy_errors`], [`plugin_errors`],
//!   [`delivery`]: what bad input gets, with the exact text.
//! - [`bugs`]: what a panic ends with.
//! - [`verdicts`]: exit codes and the document.
//! - [`formats`], [`sides`], [`roles`]: what is read, and as what.
//! - [`budgets`], [`risks`]: what a policy says of checks, applied.
//! - [`baseline`]: references kept as profiles.
//! - [`verbs`]: everything else.

mod baseline;
mod budgets;
mod bugs;
mod data_errors;
mod delivery;
mod fingerprints;
mod formats;
mod plugin_errors;
mod policy_errors;
mod risks;
mod roles;
mod sides;
mod usage;
mod verbs;
mod verdicts;
