//! Checks what was typed against the tables of [`super::keys`], so that every
//! refusal names key, line and what would be right. Serde comes after: it
//! would refuse the same files with less to say.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{Names, PolicyError};
use super::keys::{self, Key, Shape};
use super::place::{Place, Source};
use super::text::{shown, toml_key};

type Checked = Result<(), PolicyError>;

/// Checks a whole policy.
pub(super) fn check(source: Source, top: &DeTable) -> Checked {
    Shapes { source }.table("", top, keys::TOP)
}

/// Key under table, as it is written in TOML.
pub(super) fn dotted(table: &str, key: &str) -> String {
    match table {
        "" => toml_key(key),
        _ => format!("{table}.{}", toml_key(key)),
    }
}

struct Shapes<'a> {
    source: Source<'a>,
}

impl Shapes<'_> {
    fn table(&self, path: &str, table: &DeTable, keys: &'static [Key]) -> Checked {
        for (name, value) in in_order(table) {
            let key = keys.iter().find(|key| key.name == name.get_ref());
            let key = key.ok_or_else(|| self.unknown(path, name, keys))?;
            self.value(&dotted(path, key.name), value, &key.shape)?;
        }
        Ok(())
    }

    fn unknown(
        &self,
        path: &str,
        name: &Spanned<std::borrow::Cow<str>>,
        keys: &'static [Key],
    ) -> PolicyError {
        PolicyError::UnknownKey {
            place: self.source.place(name.span()),
            table: path.to_owned(),
            key: name.get_ref().to_string(),
            names: Names::new(name.get_ref(), keys::names(keys)),
        }
    }

    fn value(&self, key: &str, value: &Spanned<DeValue>, shape: &Shape) -> Checked {
        let at = At {
            key,
            place: self.source.place(value.span()),
            value: value.get_ref(),
        };
        match (shape, value.get_ref()) {
            (Shape::Flag, DeValue::Boolean(_)) => Ok(()),
            (Shape::Text | Shape::OneOrMore, DeValue::String(text)) => at.text(text),
            (Shape::Texts | Shape::OneOrMore, DeValue::Array(list)) => list
                .iter()
                .try_for_each(|item| self.value(key, item, &Shape::Text)),
            (Shape::Choice(choices), DeValue::String(word)) => at.choice(word, choices),
            (Shape::Whole(low, high), DeValue::Integer(_)) => at.whole(*low, *high),
            (Shape::WholeOrNone, DeValue::Integer(_)) => at.whole(1, i64::MAX),
            (Shape::WholeOrNone, DeValue::String(word)) => at.choice(word, &["none"]),
            (Shape::Positive(high), DeValue::Integer(_) | DeValue::Float(_)) => at.positive(*high),
            (Shape::Instant, DeValue::String(_) | DeValue::Datetime(_)) => Ok(()),
            (Shape::Values, DeValue::Table(_)) => self.whole_numbers(key, value),
            (Shape::Table(keys), DeValue::Table(table)) => self.table(key, table, keys),
            (Shape::Checks(keys), DeValue::Table(table)) => {
                in_order(table).into_iter().try_for_each(|(id, value)| {
                    let key = dotted(key, id.get_ref());
                    self.value(&key, value, &Shape::Table(keys))
                })
            }
            _ => Err(at.wrong_type(expected(shape))),
        }
    }

    /// That every whole number in a table of free values fits 64 bits; the
    /// parser's depth limit bounds the recursion.
    fn whole_numbers(&self, key: &str, value: &Spanned<DeValue>) -> Checked {
        match value.get_ref() {
            DeValue::Integer(_) => At {
                key,
                place: self.source.place(value.span()),
                value: value.get_ref(),
            }
            .whole(i64::MIN, i64::MAX),
            DeValue::Array(list) => list
                .iter()
                .try_for_each(|item| self.whole_numbers(key, item)),
            DeValue::Table(table) => in_order(table).into_iter().try_for_each(|(name, value)| {
                self.whole_numbers(&dotted(key, name.get_ref()), value)
            }),
            _ => Ok(()),
        }
    }
}

/// The entries in the order they were typed, so that the first mistake in the
/// file is the one reported.
fn in_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(
    &'t Spanned<std::borrow::Cow<'i, str>>,
    &'t Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Flag => "true or false".into(),
        Shape::Whole(i64::MIN, i64::MAX) => "a whole number of at most 64 bits".into(),
        Shape::Whole(low, i64::MAX) => format!("a whole number of at least {low}"),
        Shape::Whole(low, high) => format!("a whole number between {low} and {high}"),
        Shape::Positive(high) => format!("a number above 0 and at most {high}"),
        Shape::Text => "a text in quotes".into(),
        Shape::Choice(choices) => format!("one of \"{}\"", choices.join("\", \"")),
        Shape::Texts => "a list of texts, as [\"a\", \"b\"]".into(),
        Shape::OneOrMore => "a text in quotes, or a list of texts".into(),
        Shape::Instant => "a date or time, as \"2013-04-01\"".into(),
        Shape::WholeOrNone => "a whole number of at least 1, or \"none\"".into(),
        Shape::Values | Shape::Table(_) | Shape::Checks(_) => "a table".into(),
    }
}

/// A value at its place.
struct At<'a> {
    key: &'a str,
    place: Place,
    value: &'a DeValue<'a>,
}

impl At<'_> {
    fn text(self, text: &str) -> Checked {
        match text.is_empty() {
            true => Err(self.out_of_range("a text that is not empty".into())),
            false => Ok(()),
        }
    }

    fn choice(self, word: &str, choices: &[&str]) -> Checked {
        match choices.contains(&word) {
            true => Ok(()),
            false => Err(PolicyError::NotAChoice {
                names: Names::new(word, choices.iter().copied()),
                place: self.place,
                key: self.key.to_owned(),
                found: word.to_owned(),
            }),
        }
    }

    fn whole(self, low: i64, high: i64) -> Checked {
        match whole(self.value) {
            Some(number) if (low..=high).contains(&number) => Ok(()),
            _ => Err(self.out_of_range(expected(&Shape::Whole(low, high)))),
        }
    }

    fn positive(self, high: f64) -> Checked {
        match number(self.value) {
            Some(number) if number > 0.0 && number <= high => Ok(()),
            _ => Err(self.out_of_range(expected(&Shape::Positive(high)))),
        }
    }

    fn wrong_type(self, expected: String) -> PolicyError {
        PolicyError::WrongType {
            found: described(self.value),
            place: self.place,
            key: self.key.to_owned(),
            expected,
        }
    }

    fn out_of_range(self, expected: String) -> PolicyError {
        PolicyError::OutOfRange {
            found: described(self.value),
            place: self.place,
            key: self.key.to_owned(),
            expected,
        }
    }
}

fn whole(value: &DeValue) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn number(value: &DeValue) -> Option<f64> {
    match value {
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => whole(value).map(|whole| whole as f64),
    }
}

/// A value in words: "the text `x`", "the number 3", "a list".
fn described(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => described_text(text),
        DeValue::Integer(number) => shown(number.as_str()),
        DeValue::Float(number) => shown(number.as_str()),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(_) => "a date or time".into(),
        DeValue::Array(_) => "a list".into(),
        DeValue::Table(_) => "a table".into(),
    }
}

/// A text in words.
pub(super) fn described_text(text: &str) -> String {
    match text {
        "" => "an empty text".into(),
        _ => format!("the text `{}`", shown(text)),
    }
}
