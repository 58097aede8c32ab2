//! The command line.
//!
//! # Layout
//!
//! - [`usage`], [`data_errors`], [`policy_errors`], [`plugin_errors`],
//!   [`delivery`]: what bad input gets, with the exact text.
//! - [`verdicts`]: exit codes and the document.
//! - [`formats`], [`sides`], [`roles`]: what is read, and as what.
//! - [`history`]: verdicts recorded, slow drift, incidents.
//! - [`baseline`]: references kept as profiles.
//! - [`verbs`]: everything else.

mod baseline;
mod data_errors;
mod delivery;
mod fingerprints;
mod formats;
mod history;
mod plugin_errors;
mod policy_errors;
mod roles;
mod sides;
mod usage;
mod verbs;
mod verdicts;
