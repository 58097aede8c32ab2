//! Plugins that only tests load, as bytes: a hostile one, and the tutorial's.
//!
//! # Layout
//!
//! - `hostile/`: the plugin that attacks the host.
//! - [`PLUGINS`]: the table its build script writes.

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

/// Bytes of the plugin of this name; empty if there is none.
pub fn plugin(name: &str) -> &'static [u8] {
    PLUGINS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(&[], |(_, bytes)| bytes)
}
