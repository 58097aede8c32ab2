//! The policy from outside: what is said, what is meant, what is written.

mod editor;
mod messages;
mod overrides;
mod resolved;
mod settings;

use std::path::Path;

use super::{Policy, PolicyError};

/// Checks that come with driftguard, as far as these tests are concerned.
const BUILT_IN: &[&str] = &["schema", "completeness", "numeric-drift"];

fn parse(text: &str) -> Result<Policy, PolicyError> {
    Policy::parse(text, Path::new("driftguard.toml"), BUILT_IN)
}

fn refused(text: &str) -> String {
    match parse(text) {
        Ok(policy) => panic!("accepted: {policy:?}"),
        Err(error) => error.to_string(),
    }
}

/// One message a line.
fn all_refused(texts: &[&str]) -> String {
    texts
        .iter()
        .map(|text| refused(text))
        .collect::<Vec<_>>()
        .join("\n")
}
