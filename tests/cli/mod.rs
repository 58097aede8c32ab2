//! The command line.
//!
//! # Layout
//!
//! - [`usage`], [`data_errors`], [`policy_errors`], [`plugin_errors`],
//!   [`delivery`]: what bad input gets, with the exact text.
//! - [`bugs`]: what a panic ends with.
//! - [`verdicts`]: exit codes and the document.
//! - [`formats`], [`sides`], [`roles`]: what is read, and as what.
//! - [`history`]: verdicts recorded, slow drift, incidents.
//! - [`budgets`], [`risks`]: what a policy says of checks, applied.
//! - [`baseline`]: references kept as profiles. [`personal`]: hashed values.
//! - [`replay`]: the model run again. [`onnx`]: from a file.
//!   [`releases`]: by a check.
//! - [`verbs`]: everything else.

mod baseline;
mod budgets;
mod bugs;
mod data_errors;
mod delivery;
mod fingerprints;
mod formats;
mod history;
mod onnx;
mod personal;
mod plugin_errors;
mod policy_errors;
mod releases;
mod replay;
mod risks;
mod roles;
mod sides;
mod usage;
mod verbs;
mod verdicts;
