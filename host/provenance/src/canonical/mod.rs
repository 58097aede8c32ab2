//! Configurations that mean the same have one digest: JSON by RFC 8785 (JSON
//! Canonicalization Scheme, 2020), TOML through the same form.
//!
//! Order of keys, white space, comments and the way a number is written do not
//! count. Dates of TOML become `{"$date": "..."}` and its `inf` and `nan`
//! `{"$float": "..."}`, so that they differ from equal texts.
//!
//! A file that has no canonical form is taken by its bytes, with the reason in
//! the document: what is not valid, repeats a key, or holds a whole number
//! that a 64-bit float cannot hold (two of those would look the same).

mod json;
mod value;

use std::path::Path;

use crate::ProvenanceError;
use crate::digest::{self, Digested, hex_of, name_of};

pub use value::Value;

/// Bytes of a configuration that is put in canonical form.
pub const LARGEST: u64 = 64 << 20;

type Parse = fn(&str) -> Result<Value, String>;

/// The digest of a configuration file.
///
/// # Errors
/// A file that cannot be read.
pub fn digest(path: &Path) -> Result<Digested, ProvenanceError> {
    let failed = |source| ProvenanceError::Unreadable {
        part: "config",
        path: path.to_owned(),
        source,
    };
    let suffix = path.extension().and_then(|suffix| suffix.to_str());
    let (method, parse): (_, Parse) = match suffix {
        Some("json") => ("json/rfc8785/v1", json),
        Some("toml") => ("toml/rfc8785/v1", toml),
        _ => return digest::file("config", path),
    };
    let by_bytes = |reason: &str| {
        let mut digested = digest::file("config", path)?;
        digested.of = format!("{} (by its bytes: {reason})", digested.of);
        Ok(digested)
    };
    if std::fs::metadata(path).map_err(failed)?.len() > LARGEST {
        return by_bytes("it is too large for a canonical form");
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let parsed = std::str::from_utf8(&bytes)
        .map_err(|_| "not UTF-8".to_owned())
        .and_then(parse);
    match parsed {
        Ok(value) => Ok(Digested {
            sha256: hex_of(value.to_text().as_bytes()),
            method: method.into(),
            of: name_of(path),
        }),
        Err(reason) => by_bytes(&reason),
    }
}

/// JSON as a value.
///
/// # Errors
/// What has no canonical form, in words.
pub fn json(text: &str) -> Result<Value, String> {
    json::parse(text.trim_start_matches('\u{feff}'))
}

/// TOML as a value.
///
/// # Errors
/// What has no canonical form, in words.
pub fn toml(text: &str) -> Result<Value, String> {
    let table: ::toml::Table =
        ::toml::from_str(text).map_err(|error| format!("not valid TOML: {}", error.message()))?;
    value::of_toml(::toml::Value::Table(table))
}
