//! The committed JSON Schema is the generated one, and documents keep to it.

mod sample;

use std::path::PathBuf;

use driftguard_report::{
    fingerprints_schema_text, replay_schema_text, schema, schema_text, to_json,
};
use driftguard_verdict::document::Document;
use serde_json::Value;

/// Set to write the schema instead of comparing it.
const BLESS: &str = "DRIFTGUARD_BLESS";

fn committed() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/verdict.v1.json")
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    is_committed("verdict.v1.json", schema_text());
    is_committed("fingerprints.v1.json", fingerprints_schema_text());
    is_committed("replay.v1.json", replay_schema_text());
}

fn is_committed(name: &str, generated: String) {
    let path = committed().with_file_name(name);
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == generated,
        "docs/schema/{name} is not what the types say. If the change of the format is meant (keys may be \
         added, never renamed or removed within v1), run `{BLESS}=1 cargo test --release -p driftguard-report` and \
         commit the file."
    );
}

#[test]
fn documents_keep_to_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, document) in sample::all() {
        if name == "hostile" {
            continue; // holds numbers that JSON has no words for; the host never lets them in
        }
        let value: Value = serde_json::from_str(&to_json(&document, false)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&value)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn the_schema_refuses_what_is_no_document() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let good: Value = serde_json::from_str(&to_json(&sample::block(), false)).unwrap();
    let spoil = |pointer: &str, wrong: Value| {
        let mut value = good.clone();
        *value.pointer_mut(pointer).unwrap() = wrong;
        value
    };
    assert!(validator.is_valid(&good));
    assert!(!validator.is_valid(&spoil("/verdict", "fine".into())));
    assert!(!validator.is_valid(&spoil("/reason", "NO_SUCH_CODE".into())));
    assert!(!validator.is_valid(&spoil("/format", "driftguard/verdict/v2".into())));
    assert!(!validator.is_valid(&spoil("/findings/0/effect", "much".into())));
    assert!(!validator.is_valid(&spoil("/reference/rows", (-1).into())));
}

#[test]
fn documents_come_back_as_they_were() {
    for (name, document) in sample::all() {
        if name == "hostile" {
            continue;
        }
        for pretty in [false, true] {
            let read: Document = serde_json::from_str(&to_json(&document, pretty)).unwrap();
            assert_eq!(read, document, "{name}");
        }
    }
}

/// The order of keys is part of the format: people read it from the top.
#[test]
fn keys_keep_their_order() {
    let value: Value = serde_json::from_str(&to_json(&sample::block(), false)).unwrap();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(
        keys[..6],
        [
            "format", "verdict", "reason", "suspects", "risks", "summary"
        ]
    );
    let finding: Vec<&String> = value["findings"][0].as_object().unwrap().keys().collect();
    assert_eq!(finding[..4], ["level", "judgement", "check", "metric"]);
    insta::assert_snapshot!("error_json", to_json(&sample::error(), true));
}
