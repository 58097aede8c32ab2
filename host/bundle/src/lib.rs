//! The built-in checks as bytes. They are plugins like all others: this crate
//! depends on none of them, its build script compiles them from source and
//! embeds the result, so that no binary lies in the repository.
//!
//! # Layout
//!
//! - `build.rs`: from `plugins/checks` to components.
//! - [`CHECKS`] and [`OPT_IN`]: the tables it writes.

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));
include!(concat!(env!("OUT_DIR"), "/opt_in.rs"));
