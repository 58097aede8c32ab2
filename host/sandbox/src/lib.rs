//! Runs plugins that nobody has to trust. The only crate that names wasmtime.
//!
//! # Layout
//!
//! - [`engine`]: the one engine profile, the clock that ends calls.
//! - [`budget`]: every limit, in one file.
//! - [`plugin`]: a file to a plugin that may be run: size, imports, descriptor.
//! - [`session`]: one store, the calls into it, what they cost.
//! - [`batch`]: rows as plugins see them; the choke point of the grant.
//! - `view`: a column as floats, codes or instants, whatever its storage.
//! - `kernels/`: arithmetic the host does for plugins.
//! - `host`: what the linker offers: batches and a log, and nothing else.
//! - `store`: what one store was lent and has spent; `faults`: what ended it.
//! - `convert`, `output`: values from the guest, cleaned and capped.
//! - `limiter`: memory. [`error`]: every way a plugin can fail.

pub mod batch;
pub mod budget;
mod convert;
pub mod engine;
pub mod error;
mod faults;
mod host;
mod kernels;
mod limiter;
mod output;
pub mod plugin;
pub mod session;
mod store;
mod view;

/// Generated from `wit/`.
#[allow(missing_docs, unsafe_code, clippy::all, unused_qualifications)]
mod bindings {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "plugin",
        imports: { default: trappable },
        with: { "driftguard:check/data.batch": crate::batch::BatchView },
        additional_derives: [PartialEq],
    });
}

pub use batch::{ColumnInfo, SharedBatch};
pub use budget::Budget;
pub use engine::{Engine, EngineOptions};
pub use error::SandboxError;
pub use plugin::{Descriptor, Order, Origin, Plugin, Scope, Settings, hex, sha256_hex};
pub use session::{Profile, Purpose, Session, Usage};
