//! `[data]`: what is compared, where the command line does not say.

use std::path::Path;

use driftguard_data::instant;

use super::error::PolicyError;
use super::place::{Place, Placed, Source};
use super::raw::{OneOrMore, RawData};
use super::shape::described_text;

/// How one table becomes two sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// Rows from this date or time on are the current side (ISO 8601).
    Time(String),
    /// Rows with this value in this column are the current side.
    Value {
        /// The column.
        column: String,
        /// Its value on the current side.
        value: String,
    },
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Data {
    /// Files, globs or folders; empty: not said. Paths of a policy are already
    /// joined to its folder; `-` stays standard input.
    pub reference: Vec<String>,
    /// The same for the current side; empty with a split.
    pub current: Vec<String>,
    /// How the reference is cut in two.
    pub split: Option<Placed<Split>>,
    /// What separates the fields of CSV files, an ASCII character.
    pub delimiter: Option<u8>,
}

impl Data {
    pub(super) fn new(source: Source, raw: RawData) -> Result<Self, PolicyError> {
        let folder = source.file.parent().unwrap_or(Path::new(""));
        let paths = |typed: Option<toml::Spanned<OneOrMore>>| -> Vec<String> {
            let typed = typed
                .map(|typed| typed.into_inner().into_vec())
                .unwrap_or_default();
            typed.into_iter().map(|path| joined(folder, path)).collect()
        };
        let current = raw
            .current
            .as_ref()
            .map(|current| source.place(current.span()));
        let by_time = raw
            .split
            .map(|typed| split_time(source.placed(typed)))
            .transpose()?;
        let by_value = raw
            .split_by
            .map(|typed| split_value("data.split-by", source.placed(typed)))
            .transpose()?;
        if let (Some(_), Some(second)) = (&by_time, &by_value) {
            return Err(exclude(&second.place, "`data.split` and `data.split-by`"));
        }
        let split = by_time.or(by_value);
        if let (Some(split), Some(_)) = (&split, current) {
            return Err(exclude(
                &split.place,
                "a split, which makes the current side, and `data.current`",
            ));
        }
        let delimiter = raw
            .delimiter
            .map(|typed| delimiter("data.delimiter", &source.placed(typed)))
            .transpose()?;
        Ok(Self {
            reference: paths(raw.reference),
            current: paths(raw.current),
            split,
            delimiter,
        })
    }
}

pub(super) fn exclude(place: &Place, both: &str) -> PolicyError {
    PolicyError::Conflict {
        place: place.clone(),
        what: format!("{both} exclude each other: remove one"),
    }
}

/// A path of the policy, seen from where driftguard runs.
fn joined(folder: &Path, path: String) -> String {
    match path.as_str() {
        "-" => path,
        _ => folder
            .join(&path)
            .into_os_string()
            .into_string()
            .unwrap_or(path),
    }
}

fn split_time(typed: Placed<toml::Value>) -> Result<Placed<Split>, PolicyError> {
    let text = match typed.value {
        toml::Value::String(text) => text,
        other => other.to_string(),
    };
    split_text(
        "data.split",
        Placed {
            value: text,
            place: typed.place,
        },
    )
}

/// A date with or without a time, in the forms the data is read in.
pub(super) fn split_text(key: &str, typed: Placed<String>) -> Result<Placed<Split>, PolicyError> {
    let text = typed.value.trim();
    match instant::parse(text) {
        Some(_) => Ok(Placed {
            value: Split::Time(text.to_owned()),
            place: typed.place,
        }),
        None => Err(PolicyError::OutOfRange {
            place: typed.place,
            key: key.to_owned(),
            expected: "a date or time, as \"2013-04-01\" or \"2013-04-01T06:00:00Z\"".into(),
            found: described_text(&typed.value),
        }),
    }
}

pub(super) fn split_value(key: &str, typed: Placed<String>) -> Result<Placed<Split>, PolicyError> {
    match typed.value.split_once('=') {
        Some((column, value)) if !column.is_empty() && !value.is_empty() => {
            let value = Split::Value {
                column: column.to_owned(),
                value: value.to_owned(),
            };
            Ok(Placed {
                value,
                place: typed.place,
            })
        }
        _ => Err(PolicyError::OutOfRange {
            found: described_text(&typed.value),
            place: typed.place,
            key: key.to_owned(),
            expected: "a column and its value on the current side, as \"side=new\"".into(),
        }),
    }
}

pub(super) fn delimiter(key: &str, typed: &Placed<String>) -> Result<u8, PolicyError> {
    match typed.value.as_bytes() {
        _ if matches!(typed.value.as_str(), "tab" | "\\t") => Ok(b'\t'),
        [byte] if byte.is_ascii() && !matches!(byte, b'\n' | b'\r' | b'"' | 0) => Ok(*byte),
        _ => Err(PolicyError::OutOfRange {
            place: typed.place.clone(),
            key: key.to_owned(),
            expected: "one ASCII character, as \",\" or \";\", or \"tab\"".into(),
            found: described_text(&typed.value),
        }),
    }
}
