//! Settings of a check: what was typed against what the plugin says it takes.

use driftguard_verdict::{Misfit, SettingSpec, SettingValue};
use serde_json::{Map, Value, json};

use super::error::{Names, PolicyError};
use super::place::{Place, Placed, Source};
use super::raw::{RawValues, in_order};
use super::text::shown;

/// Settings as they were typed, in that order. Only the plugin knows what is
/// allowed: see [`resolve_settings`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TypedSettings(pub Vec<(String, Placed<toml::Value>)>);

impl TypedSettings {
    pub(super) fn new(source: Source, raw: RawValues) -> Self {
        let entry =
            |(name, value): (toml::Spanned<String>, _)| (name.into_inner(), source.placed(value));
        Self(in_order(raw).into_iter().map(entry).collect())
    }

    /// Settings that were typed elsewhere than in a policy.
    pub fn from_table(table: toml::Table, place: &Place) -> Self {
        let entry = |(name, value)| {
            (
                name,
                Placed {
                    value,
                    place: place.clone(),
                },
            )
        };
        Self(table.into_iter().map(entry).collect())
    }
}

/// The settings a plugin is given: one for each of `specs` and in their order,
/// the default where nothing was typed.
///
/// # Errors
/// A name the check does not have, a value of the wrong type, outside the
/// bounds (both included) or not among the choices; and
/// [`PolicyError::BadSpec`] where the plugin's own default is.
pub fn resolve_settings(
    check: &str,
    specs: &[SettingSpec],
    typed: &TypedSettings,
) -> Result<Vec<(String, SettingValue)>, PolicyError> {
    for spec in specs {
        sound(check, specs, spec)?;
    }
    let names = || specs.iter().map(|spec| spec.name.as_str());
    for (name, value) in &typed.0 {
        if !names().any(|known| known == name) {
            return Err(PolicyError::UnknownSetting {
                place: value.place.clone(),
                check: check.to_owned(),
                name: name.clone(),
                names: Names::new(name, names()),
            });
        }
    }
    let resolved = |spec: &SettingSpec| {
        let value = match typed.0.iter().find(|(name, _)| *name == spec.name) {
            Some((_, typed)) => value(check, spec, typed)?,
            None => spec.default.clone(),
        };
        Ok((spec.name.clone(), value))
    };
    specs.iter().map(resolved).collect()
}

/// Whether the plugin describes a setting so that it can be set.
fn sound(check: &str, specs: &[SettingSpec], spec: &SettingSpec) -> Result<(), PolicyError> {
    let message = if spec.name.is_empty() {
        "it has no name"
    } else if specs.iter().filter(|other| other.name == spec.name).count() > 1 {
        "there are two of that name"
    } else if spec.accepts(&spec.default).is_err() {
        "its default is outside its own bounds or choices"
    } else {
        return Ok(());
    };
    Err(PolicyError::BadSpec {
        check: check.to_owned(),
        name: spec.name.clone(),
        message: message.into(),
    })
}

fn value(
    check: &str,
    spec: &SettingSpec,
    typed: &Placed<toml::Value>,
) -> Result<SettingValue, PolicyError> {
    let place = typed.place.clone();
    let key = format!("checks.{check}.settings.{}", shown(&spec.name));
    let misfit = match converted(&typed.value, &spec.default) {
        None => Misfit::Type,
        Some(value) => match spec.accepts(&value) {
            Ok(()) => return Ok(value),
            Err(misfit) => misfit,
        },
    };
    let expected = spec.expected();
    Err(match misfit {
        Misfit::Type => PolicyError::WrongType {
            place,
            key,
            expected,
            found: found(&typed.value, spec),
        },
        Misfit::Bounds(number) => PolicyError::OutOfRange {
            place,
            key,
            expected,
            found: number.to_string(),
        },
        Misfit::Choice(word) => PolicyError::NotAChoice {
            place,
            key,
            names: Names::new(&word, spec.choices.iter().map(String::as_str)),
            found: word,
        },
    })
}

/// What was found in place of a value of the right type.
fn found(typed: &toml::Value, spec: &SettingSpec) -> String {
    match (typed, &spec.default) {
        (toml::Value::Array(_), SettingValue::Texts(_) | SettingValue::Numbers(_)) => {
            "a list with something else in it".into()
        }
        _ => described(typed),
    }
}

/// A TOML value as the type that `like` has, if it can be that. A whole
/// number passes for a number, never the other way round.
fn converted(value: &toml::Value, like: &SettingValue) -> Option<SettingValue> {
    let number = |value: &toml::Value| match value {
        toml::Value::Integer(whole) => Some(*whole as f64),
        toml::Value::Float(number) => Some(*number),
        _ => None,
    };
    match like {
        SettingValue::Flag(_) => value.as_bool().map(SettingValue::Flag),
        SettingValue::Integer(_) => value.as_integer().map(SettingValue::Integer),
        SettingValue::Number(_) => number(value).map(SettingValue::Number),
        SettingValue::Text(_) => value
            .as_str()
            .map(|text| SettingValue::Text(text.to_owned())),
        SettingValue::Texts(_) => {
            let texts = value
                .as_array()?
                .iter()
                .map(|item| item.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map(SettingValue::Texts)
        }
        SettingValue::Numbers(_) => value
            .as_array()?
            .iter()
            .map(number)
            .collect::<Option<_>>()
            .map(SettingValue::Numbers),
    }
}

/// A value in words, for "found ...".
pub(super) fn described(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => super::shape::described_text(text),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Float(number) => format!("{number:?}"),
        toml::Value::Boolean(flag) => flag.to_string(),
        toml::Value::Datetime(_) => "a date or time".into(),
        toml::Value::Array(_) => "a list".into(),
        toml::Value::Table(_) => "a table".into(),
    }
}

/// JSON Schema of a check's settings, for editors.
pub fn setting_schema(specs: &[SettingSpec]) -> Value {
    let properties: Map<String, Value> = specs
        .iter()
        .map(|spec| (spec.name.clone(), one(spec)))
        .collect();
    json!({
        "type": "object",
        "description": "Settings of the check.",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn one(spec: &SettingSpec) -> Value {
    let mut item = Map::new();
    let kind = match &spec.default {
        SettingValue::Flag(_) => "boolean",
        SettingValue::Integer(_) => "integer",
        SettingValue::Number(_) | SettingValue::Numbers(_) => "number",
        SettingValue::Text(_) | SettingValue::Texts(_) => "string",
    };
    item.insert("type".into(), kind.into());
    let mut bound = |name: &str, bound: Option<f64>| {
        if let Some(bound) = bound.filter(|bound| bound.is_finite()) {
            item.insert(name.into(), plain_number(bound));
        }
    };
    bound("minimum", spec.minimum);
    bound("maximum", spec.maximum);
    if !spec.choices.is_empty() {
        item.insert("enum".into(), json!(spec.choices));
    }
    let mut whole = match &spec.default {
        SettingValue::Texts(_) | SettingValue::Numbers(_) => Map::from_iter([
            ("type".into(), "array".into()),
            ("items".into(), item.into()),
        ]),
        _ => item,
    };
    whole.insert("description".into(), spec.help.clone().into());
    whole.insert(
        "default".into(),
        serde_json::to_value(&spec.default).unwrap_or_default(),
    );
    whole.into()
}

/// 4096 rather than 4096.0 where that is the same number.
pub(super) fn plain_number(number: f64) -> Value {
    match number.fract() == 0.0 && number.abs() < 1e15 {
        true => Value::from(number as i64),
        false => Value::from(number),
    }
}
