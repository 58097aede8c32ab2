//! An output as whole units, so that sums merge exactly.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::Error;
use driftguard_statistics::kitagawa::Units;
use serde::{Deserialize, Serialize};

/// A row without an output.
pub(crate) const NO_OUTPUT: i64 = i64::MIN;

/// One output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// How large one unit is.
    pub units: Units,
    /// The class whose share is looked at; none for numbers.
    pub class: Option<String>,
}

impl OutputColumn {
    /// A numeric output.
    pub fn of_numbers(name: &str, sample: &[f64]) -> Self {
        Self {
            name: name.to_owned(),
            units: Units::for_sample(sample),
            class: None,
        }
    }

    /// A categorical output: the share of the second of two classes, else of
    /// the most frequent one.
    pub fn of_values(name: &str, counts: &BTreeMap<String, u64>) -> Self {
        let frequent = counts
            .iter()
            .max_by(|left, right| left.1.cmp(right.1).then(right.0.cmp(left.0)));
        let class = match counts.len() {
            2 => counts.last_key_value().map(|(class, _)| class),
            _ => frequent.map(|(class, _)| class),
        };
        Self {
            name: name.to_owned(),
            units: Units::ONE,
            class: Some(class.cloned().unwrap_or_default()),
        }
    }

    /// Each row's output in units.
    pub fn units_of_numbers(&self, values: &[f64]) -> Vec<i64> {
        let units = |value: &f64| self.units.of(*value).unwrap_or(NO_OUTPUT);
        values.iter().map(units).collect()
    }

    /// The same for classes.
    pub fn units_of_codes(&self, codes: &[u32], values: &[&str]) -> Vec<i64> {
        let class = self.class.as_deref();
        let is_class = |code: &u32| {
            let value = values.get(*code as usize);
            value.map_or(NO_OUTPUT, |value| i64::from(Some(*value) == class))
        };
        codes.iter().map(is_class).collect()
    }

    /// What moved, in words.
    pub(crate) fn what(&self) -> String {
        match &self.class {
            None => format!("`{}`", self.name),
            Some(class) => format!("`{}` = {class}", self.name),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.units
            .validate()
            .map_err(|error| Error::State(error.to_string()))
    }
}
