//! The document as JSON, and its JSON Schema.

use driftguard_verdict::cause::{Fingerprints, fingerprint};
use driftguard_verdict::document::{Document, FORMAT};
use driftguard_verdict::replay::{ReplayDocument, document as replay};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Value, json};

use crate::text::is_unsafe;

/// Name of the schema. It is a name and not an address: nothing is fetched.
pub const SCHEMA_ID: &str = "urn:driftguard:verdict:v1";

/// `document` as JSON, on one line or indented, without a line feed at the
/// end. Keys are in the order of the type, always. Characters that could act
/// on a terminal or a CI log are written as `\u` escapes, which mean the same
/// to every JSON reader.
pub fn to_json(document: &Document, pretty: bool) -> String {
    write(document, pretty)
}

/// The JSON Schema of the document (draft 2020-12), with [`SCHEMA_ID`]. Keys
/// that it does not name are allowed: later versions of the format may add
/// some, and readers ignore them.
pub fn schema() -> Value {
    schema_of::<Document>(SCHEMA_ID, "driftguard verdict, version 1", FORMAT)
}

/// The JSON Schema of the document of `driftguard fingerprint`.
pub fn fingerprints_schema() -> Value {
    schema_of::<Fingerprints>(
        "urn:driftguard:fingerprints:v1",
        "driftguard fingerprints, version 1",
        fingerprint::FORMAT,
    )
}

/// The JSON Schema of the document of `driftguard replay`.
pub fn replay_schema() -> Value {
    schema_of::<ReplayDocument>(
        "urn:driftguard:replay:v1",
        "driftguard replay, version 1",
        replay::FORMAT,
    )
}

fn schema_of<T: JsonSchema>(id: &str, title: &str, format: &str) -> Value {
    let settings = SchemaSettings::draft2020_12();
    let generated = settings.into_generator().into_root_schema_for::<T>();
    let Value::Object(body) = generated.to_value() else {
        return Value::Null;
    };
    let mut schema = serde_json::Map::new();
    schema.insert(
        "$schema".to_owned(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    schema.insert("$id".to_owned(), json!(id));
    schema.insert("title".to_owned(), json!(title));
    for (key, value) in body {
        schema.entry(key).or_insert(value);
    }
    let mut schema = Value::Object(schema);
    if let Some(property) = schema
        .pointer_mut("/properties/format")
        .and_then(Value::as_object_mut)
    {
        property.insert("const".to_owned(), json!(format));
    }
    schema
}

/// The schema as it is committed in `docs/schema/verdict.v1.json`.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// The schema as it is committed in `docs/schema/fingerprints.v1.json`.
pub fn fingerprints_schema_text() -> String {
    format!("{:#}\n", fingerprints_schema())
}

/// The schema as it is committed in `docs/schema/replay.v1.json`.
pub fn replay_schema_text() -> String {
    format!("{:#}\n", replay_schema())
}

/// The document of a replay as JSON, written as [`to_json`] does.
pub fn replay_to_json(document: &ReplayDocument) -> String {
    write(document, true)
}

/// Any serialisable value as safe JSON. What the types of this crate hold
/// (text keys, finite or absent numbers) always serialises.
pub(crate) fn write<T: Serialize>(value: &T, pretty: bool) -> String {
    let text = if pretty {
        serde_json::to_string_pretty(value)
    } else {
        serde_json::to_string(value)
    };
    // Structs of strings and numbers cannot fail; `null` is no document and is
    // refused by every reader, should that ever change.
    let text = text.unwrap_or_else(|_| "null".to_owned());
    escape(&text)
}

/// Escapes unsafe characters, and the second of two `#`. Outside of strings
/// JSON holds neither, but for the line feeds of the indented form.
fn escape(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut after_hash = false;
    for character in json.chars() {
        let second_hash = after_hash && character == '#';
        if second_hash || (is_unsafe(character) && character != '\n') {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(character);
        }
        after_hash = character == '#' && !second_hash;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_mean_the_same() {
        let text = "\u{1b}\u{9b}\u{202e}\u{e0041}##vso[a]\n";
        assert_eq!(
            write(&text, false),
            r##""\u001b\u009b\u202e\udb40\udc41#\u0023vso[a]\n""##
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let written = write(&[&text], true);
            prop_assert!(!written.chars().any(|c| is_unsafe(c) && c != '\n'));
            let read: Vec<String> = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(&read[0], &text);
        }
    }
}
