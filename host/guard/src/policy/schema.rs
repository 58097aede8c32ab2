//! JSON Schema of `driftguard.toml`, for editors. Draft 7: the newest that
//! editors of TOML check against.

use driftguard_verdict::SettingSpec;
use serde_json::{Map, Value, json};

use super::keys::{CHECK, Key, Shape, TOP};
use super::rules::{Rule, rules};
use super::settings::{plain_number, setting_schema};

/// The schema of a policy. `checks`: the known checks by id with what their
/// plugins say about settings; with none at all any check id passes, as in the
/// committed `docs/schema/policy.v1.json`.
pub fn policy_schema(checks: &[(&str, &[SettingSpec])]) -> Value {
    let mut schema = Map::from_iter([
        (
            "$schema".to_owned(),
            "http://json-schema.org/draft-07/schema#".into(),
        ),
        ("title".to_owned(), "driftguard policy, version 1".into()),
        (
            "description".to_owned(),
            "What `driftguard.toml` may hold.".into(),
        ),
    ]);
    schema.extend(table(TOP, checks));
    Value::Object(schema)
}

/// `{"type": "object", ...}` of a table with these keys and no others.
fn table(keys: &[Key], checks: &[(&str, &[SettingSpec])]) -> Map<String, Value> {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| {
            let mut property = shape(&key.shape, key.name, checks);
            property.insert("description".into(), key.help.into());
            (key.name.to_owned(), Value::Object(property))
        })
        .collect();
    object(json!({ "type": "object", "properties": properties, "additionalProperties": false }))
}

fn shape(shape: &Shape, name: &str, checks: &[(&str, &[SettingSpec])]) -> Map<String, Value> {
    let text = || json!({ "type": "string", "minLength": 1 });
    let texts = || json!({ "type": "array", "items": text() });
    object(match shape {
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Whole(1, i64::MAX) if name == "version" => json!({ "const": super::NEWEST_VERSION }),
        Shape::Whole(low, i64::MAX) => json!({ "type": "integer", "minimum": low }),
        Shape::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::Positive(high) => {
            json!({ "type": "number", "exclusiveMinimum": 0, "maximum": plain_number(*high) })
        }
        Shape::Text => text(),
        Shape::Choice(choices) => json!({ "enum": choices }),
        Shape::Texts => texts(),
        Shape::OneOrMore => json!({ "anyOf": [text(), texts()] }),
        // TOML's own dates reach a schema as text.
        Shape::Instant => json!({ "type": "string" }),
        Shape::WholeOrNone => {
            json!({ "anyOf": [{ "type": "integer", "minimum": 1 }, { "const": "none" }] })
        }
        Shape::Values if name == "rules" => all_rules(),
        Shape::Values => any_settings(),
        Shape::Table(keys) => return table(keys, checks),
        Shape::Checks(_) => all_checks(checks),
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn all_rules() -> Value {
    let properties: Map<String, Value> = rules()
        .into_iter()
        .map(|rule| (rule.name.clone(), one_rule(rule)))
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

fn one_rule(rule: Rule) -> Value {
    let mut property = Map::new();
    let (low, included, high) = rule.range;
    match &rule.default {
        Value::Number(default) => {
            let kind = if default.is_f64() {
                "number"
            } else {
                "integer"
            };
            property.insert("type".into(), kind.into());
            let from = if included {
                "minimum"
            } else {
                "exclusiveMinimum"
            };
            property.insert(from.into(), plain_number(low));
            if high.is_finite() {
                property.insert("maximum".into(), plain_number(high));
            }
        }
        Value::Bool(_) => _ = property.insert("type".into(), "boolean".into()),
        _ => _ = property.insert("enum".into(), json!(rule.words)),
    }
    property.insert("description".into(), rule.help.into());
    property.insert("default".into(), rule.default);
    Value::Object(property)
}

/// Settings of a check that is not known.
fn any_settings() -> Value {
    json!({
        "type": "object",
        "additionalProperties": {
            "anyOf": [
                { "type": ["boolean", "number", "string"] },
                { "type": "array", "items": { "type": "string" } },
                { "type": "array", "items": { "type": "number" } },
            ],
        },
    })
}

/// Known checks with their settings and without `plugin`; any other must name
/// its plugin.
fn all_checks(checks: &[(&str, &[SettingSpec])]) -> Value {
    let mut own = table(CHECK, &[]);
    if !checks.is_empty() {
        own.insert("required".into(), json!(["plugin"]));
    }
    let known: Map<String, Value> = checks
        .iter()
        .map(|(id, specs)| {
            let mut check = table(CHECK, &[]);
            if let Some(Value::Object(properties)) = check.get_mut("properties") {
                properties.shift_remove("plugin");
                properties.shift_remove("sha256");
                properties.insert("settings".into(), setting_schema(specs));
            }
            ((*id).to_owned(), Value::Object(check))
        })
        .collect();
    json!({ "type": "object", "properties": known, "additionalProperties": own })
}
