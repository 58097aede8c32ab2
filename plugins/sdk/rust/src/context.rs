//! Settings and columns of a call.

use crate::bindings::driftguard::check::types::{Setting, SettingSpec, Value};
use crate::prelude::{Column, Error, Purpose, Subject};

/// What every step of a check is given besides data. The host has checked the
/// settings against the descriptor and filled in the defaults; a setting that
/// is missing all the same takes the descriptor's default.
#[derive(Debug, Clone)]
pub struct Context {
    settings: Vec<Setting>,
    purpose: Purpose,
    /// The granted columns. A check of scope `column` has exactly one.
    pub columns: Vec<Column>,
}

impl Default for Context {
    fn default() -> Self {
        Self::new(vec![], &[], vec![])
    }
}

impl Context {
    /// Settings over the defaults of `specs`.
    pub fn new(settings: Vec<Setting>, specs: &[SettingSpec], columns: Vec<Column>) -> Self {
        let mut all = settings;
        for spec in specs {
            if !all.iter().any(|setting| setting.name == spec.name) {
                all.push(Setting {
                    name: spec.name.clone(),
                    value: spec.default.clone(),
                });
            }
        }
        Self {
            settings: all,
            purpose: Purpose::Report,
            columns,
        }
    }

    /// The same, for a comparison with this purpose; [`Self::new`] is for a
    /// report.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// Only the numbers of measurements are wanted (statistic, effect, noise,
    /// rows), the same as for a report: words, evidence, intervals, p-values
    /// and supporting findings would be made for nothing.
    pub fn ranks_only(&self) -> bool {
        self.purpose == Purpose::Rank
    }

    fn value(&self, name: &str) -> Result<&Value, Error> {
        self.settings
            .iter()
            .find(|setting| setting.name == name)
            .map(|setting| &setting.value)
            .ok_or_else(|| {
                Error::Setting(format!(
                    "setting `{name}` is not declared in the descriptor"
                ))
            })
    }

    /// A number setting; integers are taken too.
    pub fn number(&self, name: &str) -> Result<f64, Error> {
        match self.value(name)? {
            Value::Number(number) => Ok(*number),
            Value::Integer(number) => Ok(*number as f64),
            other => Err(wrong(name, "a number", other)),
        }
    }

    /// An integer setting.
    pub fn integer(&self, name: &str) -> Result<i64, Error> {
        match self.value(name)? {
            Value::Integer(number) => Ok(*number),
            other => Err(wrong(name, "an integer", other)),
        }
    }

    /// An integer setting that is a count; negative values are refused.
    pub fn count(&self, name: &str) -> Result<usize, Error> {
        usize::try_from(self.integer(name)?)
            .map_err(|_| Error::Setting(format!("setting `{name}` must not be negative")))
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.value(name)? {
            Value::Flag(flag) => Ok(*flag),
            other => Err(wrong(name, "true or false", other)),
        }
    }

    /// A text setting.
    pub fn text(&self, name: &str) -> Result<&str, Error> {
        match self.value(name)? {
            Value::Text(text) => Ok(text),
            other => Err(wrong(name, "a text", other)),
        }
    }

    /// A setting that is a list of texts.
    pub fn texts(&self, name: &str) -> Result<&[String], Error> {
        match self.value(name)? {
            Value::Texts(texts) => Ok(texts),
            other => Err(wrong(name, "a list of texts", other)),
        }
    }

    /// The column of a check of scope `column`.
    pub fn column(&self) -> Result<&Column, Error> {
        self.columns
            .first()
            .ok_or_else(|| Error::Internal("called without a column".into()))
    }

    /// The only column as the subject of a finding; the dataset if there is
    /// none.
    pub fn column_subject(&self) -> Subject {
        self.columns.first().map_or(Subject::Dataset, |column| {
            Subject::Column(column.name.clone())
        })
    }
}

fn wrong(name: &str, expected: &str, actual: &Value) -> Error {
    Error::Setting(format!(
        "setting `{name}` must be {expected}, not {actual:?}"
    ))
}
