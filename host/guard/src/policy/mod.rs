//! The policy of a run: `driftguard.toml`, the flags over it, and what editors
//! and `driftguard init` need to know about it.
//!
//! Two stages: what was typed (`raw`), then what is meant ([`Policy`]). Every
//! refusal is a [`PolicyError`] that names file, line, key, and what would be
//! right.
//!
//! # Layout
//!
//! - `keys`: every key once, with its shape and help.
//! - `shape`: a TOML tree against those keys.
//! - `raw`: the file as typed. `resolved`: as meant, [`Policy`].
//! - `data`, `roles`, `rules`, `checks`, `budget`: one table each.
//! - `fingerprint`: code, model and the rest, on both sides.
//! - `history`: where verdicts are recorded.
//! - `model`: the model as a function, for replays.
//! - `settings`: a check's settings against what its plugin says.
//! - `overrides`: flags over the policy.
//! - `schema`: JSON Schema. `template`: the commented file of `init`.
//! - `error`, `place`, `nearest`, `pattern`, `text`: messages and matching.

mod budget;
mod checks;
mod data;
mod error;
mod fingerprint;
mod history;
mod keys;
mod model;
mod nearest;
mod overrides;
mod pattern;
mod place;
mod raw;
mod resolved;
mod roles;
mod rules;
mod schema;
mod settings;
mod shape;
mod template;
#[cfg(test)]
mod tests;
mod text;

pub use budget::{Budget, Fuel};
pub use checks::{CheckPolicy, Grant, PluginFile};
pub use data::{Data, Split};
pub use driftguard_model::Stdin;
pub use error::{LARGEST_FILE, NEWEST_VERSION, Names, PolicyError};
pub use fingerprint::{Environment, FingerprintPolicy, NONE, runtime_of, several};
pub use history::{DEFAULT_MODEL, HistoryPolicy};
pub use model::{Answering, ModelPolicy, ModelSource, model_of};
pub use overrides::Overrides;
pub use place::{Place, Placed};
pub use resolved::{FailOn, Policy};
pub use roles::{Assignment, Roles, Slot};
pub use schema::policy_schema;
pub use settings::{TypedSettings, resolve_settings, setting_schema};
pub use template::{TemplateCheck, TemplateColumn, TemplateInput, template};
