//! Which type a JSON key has: decided by all its values, like
//! [`super::csv::seen`].

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use serde_json::{Map, Value};

use crate::instant::{self, Instant};
use crate::limits::MAX_COLUMNS;

const BOOLEAN: u8 = 1;
const INTEGER: u8 = 1 << 1;
/// A whole number beyond 64 bits.
const LARGE: u8 = 1 << 2;
const FLOAT: u8 = 1 << 3;
const DAY: u8 = 1 << 4;
const TIME: u8 = 1 << 5;
const TEXT: u8 = 1 << 6;

/// What occurred at one place of the documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shape {
    scalars: u8,
    items: Option<Box<Shape>>,
    /// In order of first occurrence.
    keys: Option<Vec<(String, Shape)>>,
}

/// Two values at one place that no type holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Conflict {
    pub key: String,
    pub found: &'static str,
    pub before: &'static str,
}

impl Shape {
    /// Adds the members of one object.
    pub fn add_object(&mut self, object: &Map<String, Value>) -> Result<(), Conflict> {
        let keys = self.keys.get_or_insert_default();
        for (position, (key, value)) in object.iter().enumerate() {
            // Objects of one feed list their keys in one order mostly.
            let at = match keys.get(position) {
                Some((name, _)) if name == key => Some(position),
                _ => keys.iter().position(|(name, _)| name == key),
            };
            let at = at.unwrap_or_else(|| {
                keys.push((key.clone(), Self::default()));
                keys.len() - 1
            });
            if let Some((_, shape)) = keys.get_mut(at) {
                shape.add(value).map_err(|conflict| conflict.below(key))?;
            }
        }
        Ok(())
    }

    /// Keys at the top.
    pub fn width(&self) -> usize {
        self.keys.as_ref().map_or(0, Vec::len)
    }

    fn add(&mut self, value: &Value) -> Result<(), Conflict> {
        match value {
            Value::Null => return Ok(()),
            Value::Bool(_) => self.scalars |= BOOLEAN,
            Value::Number(number) if number.is_i64() => self.scalars |= INTEGER,
            Value::Number(number) if number.is_u64() => self.scalars |= LARGE,
            Value::Number(_) => self.scalars |= FLOAT,
            Value::String(text) => {
                self.scalars |= if self.scalars & TEXT == 0 {
                    class(text)
                } else {
                    TEXT
                }
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_default();
                for item in items {
                    shape.add(item).map_err(|conflict| conflict.below("[]"))?;
                }
            }
            Value::Object(object) => self.add_object(object)?,
        }
        self.one_sort(match value {
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            _ => "a single value",
        })
    }

    fn one_sort(&self, found: &'static str) -> Result<(), Conflict> {
        let sorts = [
            (self.scalars != 0, "a single value"),
            (self.items.is_some(), "an array"),
            (self.keys.is_some(), "an object"),
        ];
        match sorts
            .into_iter()
            .find(|(there, name)| *there && *name != found)
        {
            Some((_, before)) => Err(Conflict {
                key: String::new(),
                found,
                before,
            }),
            None => Ok(()),
        }
    }

    /// Adds what another file holds.
    pub fn merge(&mut self, other: &Self) -> Result<(), Conflict> {
        self.scalars |= other.scalars;
        if let Some(items) = &other.items {
            self.items
                .get_or_insert_default()
                .merge(items)
                .map_err(|conflict| conflict.below("[]"))?;
        }
        if let Some(keys) = &other.keys {
            let mine = self.keys.get_or_insert_default();
            for (key, shape) in keys {
                match mine.iter_mut().find(|(name, _)| name == key) {
                    Some((_, mine)) => mine.merge(shape).map_err(|conflict| conflict.below(key))?,
                    None => mine.push((key.clone(), shape.clone())),
                }
            }
        }
        let sort = if other.items.is_some() {
            "an array"
        } else if other.keys.is_some() {
            "an object"
        } else if other.scalars != 0 {
            "a single value"
        } else {
            return Ok(());
        };
        self.one_sort(sort)
    }

    /// The schema of the top object.
    pub fn schema(&self) -> Schema {
        let keys = self.keys.iter().flatten();
        let fields = keys.map(|(key, shape)| {
            // Instants are told from text at the top only.
            let kind = match shape.scalars {
                _ if shape.items.is_some() || shape.keys.is_some() => shape.data_type(),
                DAY => DataType::Date32,
                seen if seen & (DAY | TIME) != 0 && seen & !(DAY | TIME) == 0 => {
                    DataType::Timestamp(TimeUnit::Microsecond, None)
                }
                _ => shape.data_type(),
            };
            Field::new(key, kind, true)
        });
        Schema::new(fields.collect::<Vec<_>>())
    }

    fn fields(&self) -> Fields {
        let keys = self.keys.iter().flatten().take(MAX_COLUMNS);
        keys.map(|(key, shape)| Field::new(key, shape.data_type(), true))
            .collect()
    }

    fn data_type(&self) -> DataType {
        if let Some(items) = &self.items {
            return DataType::List(Field::new_list_field(items.data_type(), true).into());
        }
        if self.keys.is_some() {
            return DataType::Struct(self.fields());
        }
        match self.scalars {
            0 => DataType::Null,
            BOOLEAN => DataType::Boolean,
            INTEGER => DataType::Int64,
            seen if seen & FLOAT != 0 && seen & !(INTEGER | LARGE | FLOAT) == 0 => {
                DataType::Float64
            }
            _ => DataType::Utf8,
        }
    }
}

fn class(text: &str) -> u8 {
    match instant::parse(text) {
        Some(Instant::Day(_)) => DAY,
        Some(Instant::Time(_)) => TIME,
        None => TEXT,
    }
}

impl Conflict {
    fn below(mut self, parent: &str) -> Self {
        self.key = if self.key.is_empty() {
            parent.to_owned()
        } else {
            format!("{parent}.{}", self.key)
        };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(lines: &[&str]) -> Result<Schema, Conflict> {
        let mut shape = Shape::default();
        for line in lines {
            shape.add_object(
                serde_json::from_str::<Value>(line)
                    .unwrap()
                    .as_object()
                    .unwrap(),
            )?;
        }
        Ok(shape.schema())
    }

    #[test]
    fn all_values_decide_the_type() {
        for (lines, wanted) in [
            (&[r#"{"a":1}"#, r#"{"a":null}"#][..], "Int64"),
            (&[r#"{"a":1}"#, r#"{"a":2.5}"#], "Float64"),
            (&[r#"{"a":1}"#, r#"{"a":"n/a"}"#], "Utf8"),
            (&[r#"{"a":true}"#, r#"{}"#], "Boolean"),
            (&[r#"{"a":18446744073709551615}"#], "Utf8"),
            (&[r#"{"a":"2013-04-01T06:00:00Z"}"#], "Timestamp(µs)"),
            (
                &[r#"{"a":"2013-04-01T06:00:00Z"}"#, r#"{"a":"later"}"#],
                "Utf8",
            ),
            (&[r#"{"a":"2013-04-01"}"#], "Date32"),
            (&[r#"{"a":[1, 0.5]}"#], "List<Float64>"),
            (
                &[r#"{"a":{"b":1}}"#, r#"{"a":{"c":"x"}}"#],
                "Struct<b: Int64, c: Utf8>",
            ),
        ] {
            let schema = schema(lines).unwrap();
            assert_eq!(
                crate::schema_words(schema.field(0).data_type()),
                wanted,
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_object_and_a_number_do_not_fit() {
        let conflict = schema(&[r#"{"a":{"b":1}}"#, r#"{"a":{"b":[1]}}"#]).unwrap_err();
        assert_eq!(
            conflict,
            Conflict {
                key: "a.b".to_owned(),
                found: "an array",
                before: "a single value"
            }
        );
    }
}
