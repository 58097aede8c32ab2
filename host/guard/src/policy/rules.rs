//! `[rules]`: the fields of [`Rules`] in kebab case. Keys, types, words and
//! help come from that type itself, so a new field is known here at once; only
//! ranges are written here.

use driftguard_verdict::Rules;
use serde_json::{Map, Value};

use super::error::{Names, PolicyError};
use super::place::{Place, Source};
use super::raw::RawValues;
use super::text::shown;

/// Ranges: name, lower end, whether the lower end itself is allowed, upper
/// end (allowed). A rule without a range here may be any finite number of at
/// least 0.
const RANGES: &[(&str, f64, bool, f64)] = &[
    ("alpha", 0.0, false, 0.5),
    ("alert-at", 0.0, false, 1.0),
    ("block-at", 0.0, false, 1.0),
    ("must-see", 0.0, false, 1.0),
    ("min-rows", 2.0, true, 1e9),
];

/// A rule as editors and the template show it.
pub(super) struct Rule {
    pub name: String,
    pub help: String,
    pub default: Value,
    pub words: Vec<String>,
    /// Lower end, whether it is allowed, upper end.
    pub range: (f64, bool, f64),
}

/// All rules, in the order of the type.
pub(super) fn rules() -> Vec<Rule> {
    let schema = schemars::schema_for!(Rules).to_value();
    let defaults = serde_json::to_value(Rules::default()).unwrap_or_default();
    let Value::Object(defaults) = defaults else {
        return Vec::new();
    };
    defaults
        .into_iter()
        .map(|(name, default)| {
            let property = &schema["properties"][&name];
            let help = property["description"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            Rule {
                help,
                default,
                words: words(&schema, property),
                range: range(&name),
                name,
            }
        })
        .collect()
}

/// Resolves `[rules]` over the defaults.
pub(super) fn resolve(source: Source, typed: RawValues) -> Result<Rules, PolicyError> {
    let known = rules();
    let mut values: Map<String, Value> = known
        .iter()
        .map(|rule| (rule.name.clone(), rule.default.clone()))
        .collect();
    let mut places = Vec::new();
    for (name, value) in super::raw::in_order(typed) {
        let rule = known.iter().find(|rule| rule.name == *name.get_ref());
        let rule =
            rule.ok_or_else(|| unknown(source.place(name.span()), name.get_ref(), &known))?;
        let place = source.place(value.span());
        values.insert(rule.name.clone(), rule.value(&place, value.get_ref())?);
        places.push((rule.name.clone(), place));
    }
    let rules =
        serde_json::from_value(Value::Object(values)).map_err(|error| PolicyError::WrongType {
            place: Place::File(source.file.to_owned()),
            key: "rules".into(),
            expected: "a table of rules".into(),
            found: shown(&error.to_string()),
        })?;
    together(&rules, &places).map(|()| rules)
}

/// What holds between rules.
fn together(rules: &Rules, places: &[(String, Place)]) -> Result<(), PolicyError> {
    if rules.alert_at < rules.block_at {
        return Ok(());
    }
    let place_of = |wanted: &str| {
        places
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, place)| place)
    };
    // With neither typed the defaults would be at fault; they are tested.
    let Some(place) = place_of("alert-at").or(place_of("block-at")) else {
        return Ok(());
    };
    let written = |name| {
        if place_of(name).is_some() {
            ""
        } else {
            ", the default"
        }
    };
    Err(PolicyError::Conflict {
        place: place.clone(),
        what: format!(
            "`rules.alert-at` ({}{}) must be below `rules.block-at` ({}{})",
            rules.alert_at,
            written("alert-at"),
            rules.block_at,
            written("block-at"),
        ),
    })
}

impl Rule {
    fn value(&self, place: &Place, typed: &toml::Value) -> Result<Value, PolicyError> {
        let key = format!("rules.{}", self.name);
        let found = super::settings::described(typed);
        let fits = |number: f64| {
            let (low, included, high) = self.range;
            number.is_finite() && number <= high && (number > low || included && number == low)
        };
        let value = match (&self.default, typed) {
            (Value::Number(default), toml::Value::Integer(whole)) => match fits(*whole as f64) {
                true if default.is_f64() => Some(Value::from(*whole as f64)),
                true => Some(Value::from(*whole)),
                false => None,
            },
            (Value::Number(default), toml::Value::Float(number)) if default.is_f64() => {
                fits(*number).then(|| Value::from(*number))
            }
            (Value::String(_), toml::Value::String(word)) => return self.word(place, key, word),
            (Value::Bool(_), toml::Value::Boolean(flag)) => Some(Value::from(*flag)),
            _ => {
                let expected = self.expected();
                return Err(PolicyError::WrongType {
                    place: place.clone(),
                    key,
                    expected,
                    found,
                });
            }
        };
        value.ok_or_else(|| PolicyError::OutOfRange {
            place: place.clone(),
            key,
            expected: self.expected(),
            found,
        })
    }

    fn word(&self, place: &Place, key: String, word: &str) -> Result<Value, PolicyError> {
        match self.words.iter().any(|known| known == word) {
            true => Ok(Value::from(word)),
            false => Err(PolicyError::NotAChoice {
                place: place.clone(),
                key,
                found: word.to_owned(),
                names: Names::new(word, self.words.iter().map(String::as_str)),
            }),
        }
    }

    /// What may be given, in words.
    pub fn expected(&self) -> String {
        let (low, included, high) = self.range;
        let from = if included { "of at least" } else { "above" };
        let to = if high.is_finite() {
            format!(" and at most {high}")
        } else {
            String::new()
        };
        match &self.default {
            Value::Number(default) if default.is_f64() => format!("a number {from} {low}{to}"),
            Value::Number(_) => format!("a whole number {from} {low}{to}"),
            Value::Bool(_) => "true or false".into(),
            _ => format!("one of \"{}\"", self.words.join("\", \"")),
        }
    }
}

fn range(name: &str) -> (f64, bool, f64) {
    let found = RANGES.iter().find(|(known, ..)| *known == name);
    found.map_or((0.0, true, f64::INFINITY), |(_, low, included, high)| {
        (*low, *included, *high)
    })
}

/// The words an enumeration allows: schemars writes them behind a reference,
/// as a list or, with help for each, one by one.
fn words(schema: &Value, property: &Value) -> Vec<String> {
    let target = property["$ref"]
        .as_str()
        .and_then(|path| schema.pointer(path.trim_start_matches('#')));
    let target = target.unwrap_or(property);
    let list = target["enum"].as_array().into_iter().flatten();
    let single = target["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| {
            let several = one["enum"].as_array().into_iter().flatten();
            several.chain(one.get("const"))
        });
    list.chain(single)
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect()
}

fn unknown(place: Place, key: &str, known: &[Rule]) -> PolicyError {
    PolicyError::UnknownKey {
        place,
        table: "rules".into(),
        key: key.to_owned(),
        names: Names::new(key, known.iter().map(|rule| rule.name.as_str())),
    }
}
