//! Write a driftguard check in Rust: implement [`Check`], call
//! [`export_check!`], build for `wasm32-unknown-unknown`.
//!
//! ```no_run
//! use driftguard_sdk::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! /// Share of zeros, on each side.
//! struct Zeros;
//!
//! #[derive(Default, Serialize, Deserialize)]
//! struct Counts { rows: u64, zeros: u64 }
//!
//! impl Check for Zeros {
//!     type Frame = ();
//!     type Profile = Counts;
//!
//!     fn describe() -> Descriptor {
//!         DescriptorBuilder::new("zeros", "Share of zeros").kinds(&[Kind::Numeric]).build()
//!     }
//!
//!     fn update(counts: &mut Counts, _: &Context, _: &(), batch: &Batch) -> Result<(), Error> {
//!         let summary = batch.summary(0)?;
//!         counts.rows += summary.finite;
//!         counts.zeros += summary.zeros;
//!         Ok(())
//!     }
//!
//!     fn merge(counts: &mut Counts, other: Counts, _: &Context, _: &()) -> Result<(), Error> {
//!         counts.rows += other.rows;
//!         counts.zeros += other.zeros;
//!         Ok(())
//!     }
//!
//!     fn compare(context: &Context, _: &(), reference: &Counts, current: &Counts) -> Result<Vec<Finding>, Error> {
//!         let share = |c: &Counts| c.zeros as f64 / c.rows.max(1) as f64;
//!         let moved = (share(current) - share(reference)).abs();
//!         Ok(vec![Finding::measurement("zero-share/v1", context.column_subject())
//!             .statistic(moved)
//!             .effect(moved)
//!             .rows(reference.rows, current.rows)
//!             .message("the share of zeros moved")])
//!     }
//! }
//! ```
//!
//! # Layout
//!
//! - [`check`]: the trait.
//! - [`context`]: settings and columns of the call.
//! - [`describe`]: builders of what a check says about itself.
//! - [`finding`]: builder of findings.
//! - [`memory`]: what an instance remembers, so that nothing is read twice.
//! - [`state`]: how frames and profiles become bytes, and are read back safely.
//! - [`adapter`]: from the trait to the exported functions.
//! - [`bindings`]: generated from `wit/`.

pub mod adapter;
pub mod check;
pub mod context;
pub mod describe;
pub mod error;
pub mod finding;
pub mod memory;
pub mod state;
pub mod values;

/// Generated from `wit/`; use the re-exports of [`prelude`] instead.
#[allow(missing_docs, unsafe_code, clippy::all, unused_qualifications)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "plugin",
        pub_export_macro: true,
        export_macro_name: "export_plugin",
        default_bindings_module: "driftguard_sdk::bindings",
        additional_derives: [PartialEq],
    });
}

/// Everything a check needs.
pub mod prelude {
    pub use crate::bindings::driftguard::check::data::{
        Batch, CategoryCounts, Column, Kind, Role, Runs, Sampled, Summary, ValueCount,
    };
    pub use crate::bindings::driftguard::check::types::{
        Evidence, Finding, Interval, Nature, Noise, SettingSpec, Status, Subject, UnitEffect, Value,
    };
    pub use crate::bindings::exports::driftguard::check::check::{
        Descriptor, Order, Purpose, Risk, Scope,
    };
    pub use crate::check::Check;
    pub use crate::context::Context;
    pub use crate::describe::{DescriptorBuilder, Setting};
    pub use crate::error::Error;
}

/// Exports a type that implements [`check::Check`] as this plugin's check.
#[macro_export]
macro_rules! export_check {
    ($check:ty) => {
        // Names of exports hold characters that native linkers refuse.
        #[cfg(target_family = "wasm")]
        #[allow(missing_docs, unsafe_code)]
        mod driftguard_exports {
            type Exported = $crate::adapter::Adapter<$check>;
            $crate::bindings::export_plugin!(Exported with_types_in $crate::bindings);
        }
    };
}
