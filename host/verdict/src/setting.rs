//! Settings of a check: what a plugin says it takes, and a value for it. Both
//! mirror `wit/types.wit` (`setting-spec`, `value`).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum SettingValue {
    /// `true` or `false`.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of finite numbers.
    Numbers(Vec<f64>),
}

impl SettingValue {
    /// What a value of this type is called in messages, with its article.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Flag(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::Texts(_) => "a list of texts",
            Self::Numbers(_) => "a list of numbers",
        }
    }

    /// The numbers in it, in order; none in flags and texts.
    fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Integer(whole) => vec![*whole as f64],
            Self::Number(number) => vec![*number],
            Self::Numbers(numbers) => numbers.clone(),
            Self::Flag(_) | Self::Text(_) | Self::Texts(_) => Vec::new(),
        }
    }

    /// The texts in it, in order; none in flags and numbers.
    fn texts(&self) -> &[String] {
        match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::Texts(texts) => texts,
            _ => &[],
        }
    }
}

/// From here on an end of a range stands for none.
const NO_END: f64 = 1e300;

/// What a plugin says about one of its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct SettingSpec {
    /// Kebab case, unique within the plugin.
    pub name: String,
    /// One or two sentences for the user.
    pub help: String,
    /// Used when the user says nothing; it also fixes the type.
    pub default: SettingValue,
    /// Least value, included, of integers and numbers, also of those in lists.
    pub minimum: Option<f64>,
    /// Greatest value, included, of integers and numbers, also of those in lists.
    pub maximum: Option<f64>,
    /// The only texts allowed, also in lists; empty: any.
    pub choices: Vec<String>,
}

/// Why a value does not fit a [`SettingSpec`].
#[derive(Debug, Clone, PartialEq)]
pub enum Misfit {
    /// It has another type than the default.
    Type,
    /// This number is outside the bounds, or not finite.
    Bounds(f64),
    /// This text is not among the choices.
    Choice(String),
}

impl SettingSpec {
    /// Whether `value` has the type of the default, lies within the bounds
    /// (both included) and is one of the choices.
    ///
    /// # Errors
    /// The first thing that does not fit. A specification whose own default
    /// does not fit is the plugin's fault.
    pub fn accepts(&self, value: &SettingValue) -> Result<(), Misfit> {
        if std::mem::discriminant(value) != std::mem::discriminant(&self.default) {
            return Err(Misfit::Type);
        }
        let low = self.minimum.unwrap_or(f64::NEG_INFINITY);
        let high = self.maximum.unwrap_or(f64::INFINITY);
        for number in value.numbers() {
            if !(number.is_finite() && low <= number && number <= high) {
                return Err(Misfit::Bounds(number));
            }
        }
        if self.choices.is_empty() {
            return Ok(());
        }
        match value
            .texts()
            .iter()
            .find(|text| !self.choices.contains(text))
        {
            Some(text) => Err(Misfit::Choice(text.clone())),
            None => Ok(()),
        }
    }

    /// What may be given, in words: "a whole number between 1 and 4096".
    pub fn expected(&self) -> String {
        let end = |end: Option<f64>| end.filter(|end| end.abs() < NO_END);
        let bounds = Bounds(end(self.minimum), end(self.maximum));
        let choices = match self.choices.is_empty() {
            true => String::new(),
            false => format!(" among {}", self.choices.join(", ")),
        };
        format!("{}{bounds}{choices}", self.default.type_name())
    }
}

/// " between 1 and 4096", " of at least 1", " of at most 4096", or nothing.
struct Bounds(Option<f64>, Option<f64>);

impl fmt::Display for Bounds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, self.1) {
            (Some(low), Some(high)) => write!(out, " between {low} and {high}"),
            (Some(low), None) => write!(out, " of at least {low}"),
            (None, Some(high)) => write!(out, " of at most {high}"),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(default: SettingValue) -> SettingSpec {
        let (name, help) = ("edges".to_owned(), String::new());
        SettingSpec {
            name,
            help,
            default,
            minimum: None,
            maximum: None,
            choices: vec![],
        }
    }

    #[test]
    fn bounds_are_included_and_hold_in_lists() {
        let whole = SettingSpec {
            minimum: Some(1.0),
            maximum: Some(3.0),
            ..spec(SettingValue::Integer(2))
        };
        assert_eq!(whole.accepts(&SettingValue::Integer(1)), Ok(()));
        assert_eq!(whole.accepts(&SettingValue::Integer(3)), Ok(()));
        assert_eq!(
            whole.accepts(&SettingValue::Integer(4)),
            Err(Misfit::Bounds(4.0))
        );
        assert_eq!(whole.accepts(&SettingValue::Number(2.0)), Err(Misfit::Type));
        assert_eq!(whole.expected(), "a whole number between 1 and 3");

        let list = SettingSpec {
            maximum: Some(1.0),
            ..spec(SettingValue::Numbers(vec![]))
        };
        assert_eq!(
            list.accepts(&SettingValue::Numbers(vec![0.5, 1.5])),
            Err(Misfit::Bounds(1.5))
        );
        assert_eq!(list.expected(), "a list of numbers of at most 1");
        let any = SettingSpec {
            minimum: Some(-1e300),
            maximum: Some(1e300),
            ..spec(SettingValue::Number(0.5))
        };
        assert_eq!(any.expected(), "a number");
    }

    #[test]
    fn numbers_are_finite() {
        let number = spec(SettingValue::Number(0.0));
        assert_eq!(
            number.accepts(&SettingValue::Number(f64::INFINITY)),
            Err(Misfit::Bounds(f64::INFINITY))
        );
        assert!(matches!(
            number.accepts(&SettingValue::Number(f64::NAN)),
            Err(Misfit::Bounds(_))
        ));
    }

    #[test]
    fn choices_hold_for_every_text() {
        let text = SettingSpec {
            choices: vec!["a".into(), "b".into()],
            ..spec(SettingValue::Texts(vec![]))
        };
        assert_eq!(
            text.accepts(&SettingValue::Texts(vec!["b".into(), "a".into()])),
            Ok(())
        );
        assert_eq!(
            text.accepts(&SettingValue::Texts(vec!["a".into(), "c".into()])),
            Err(Misfit::Choice("c".into()))
        );
        assert_eq!(text.expected(), "a list of texts among a, b");
    }
}
