//! What people and pipelines read: pure functions of a
//! [`Document`](driftguard_verdict::document::Document) to text. Nothing here
//! reads, writes or decides.
//!
//! # Layout
//!
//! - [`terminal`]: the report of a run for a person at a terminal.
//! - [`json`]: the document itself, and its JSON Schema.
//! - [`markdown`]: a summary for pull requests and CI step summaries.
//! - [`explain`]: what a reason code means (`driftguard explain CODE`).
//! - [`catalogue`]: the checks there are (`driftguard checks`, `explain CHECK`).
//! - [`history`]: what a history adds to a verdict, and its own page.
//! - [`replay`]: what a replay of the model found.
//! - [`style`]: width, colour and character set of a terminal.
//! - `cause`: what moved an output, in a paragraph.
//! - `page`: lines of inked spans; the one way by which text gets out.
//! - `text`: cleaning, cutting and wrapping of text that others wrote.
//! - `number`: how numbers are written.
//!
//! # Hostile text
//!
//! Names, labels and messages come from data and from plugins. Whatever they
//! hold, a report has no control characters, no escape sequences and no
//! bidirectional overrides but our own colours, and no line in it is a command
//! to a CI runner (`::error::`, `##vso[`).

pub mod catalogue;
mod cause;
pub mod explain;
pub mod history;
pub mod json;
pub mod markdown;
mod number;
mod page;
pub mod replay;
pub mod style;
pub mod terminal;
mod text;

pub use catalogue::{CheckEntry, SettingEntry, catalogue_json, render_catalogue, render_check};
pub use explain::{explain_reason, explain_reasons};
pub use history::{Shown, history_json, render_history};
pub use json::{
    fingerprints_schema, fingerprints_schema_text, replay_schema, replay_schema_text,
    replay_to_json, schema, schema_text, to_json,
};
pub use markdown::to_markdown;
pub use replay::render_replay;
pub use style::Style;
pub use terminal::render;
