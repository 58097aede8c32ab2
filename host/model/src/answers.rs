//! What a model answers: columns of numbers or classes, one value a row.

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;

use crate::error::ModelError;

/// Values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Finite numbers; `true` is 1.
    Numbers(Vec<f64>),
    /// Names of classes.
    Classes(Vec<String>),
}

impl Values {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Classes(values) => values.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A column of answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its name.
    pub name: String,
    /// One a row.
    pub values: Values,
}

/// All that a model answered, in the order of the rows it was given.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// Who answered.
    pub model: String,
    /// Columns of equal length, at least one.
    pub columns: Vec<Answer>,
    /// The column that counts where nobody says which. None: the only one.
    pub usual: Option<String>,
}

impl Answers {
    /// Reads batches of equal schema, and checks that each of `rows` rows has
    /// its answer. Columns that are neither numbers nor text are left out.
    ///
    /// # Errors
    /// Another number of rows; a null or a value that is not finite.
    pub fn read(model: &str, rows: u64, batches: &[RecordBatch]) -> Result<Self, ModelError> {
        let actual = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        if actual != rows {
            return Err(ModelError::Rows {
                model: model.to_owned(),
                expected: rows,
                actual,
            });
        }
        let mut columns = Vec::new();
        if let Some(first) = batches.first() {
            for (at, field) in first.schema().fields().iter().enumerate() {
                let parts: Vec<&dyn Array> = batches
                    .iter()
                    .map(|batch| batch.column(at).as_ref())
                    .collect();
                let values = match field.data_type() {
                    kind if kind.is_numeric() || *kind == DataType::Boolean => {
                        numbers(model, field.name(), &parts)?
                    }
                    DataType::Utf8 => classes(model, field.name(), &parts)?,
                    _ => continue,
                };
                columns.push(Answer {
                    name: field.name().clone(),
                    values,
                });
            }
        }
        Ok(Self {
            model: model.to_owned(),
            columns,
            usual: None,
        })
    }

    /// The column `wanted`; without a name the only one, or the first of
    /// `usual` that is there, or the model's own.
    ///
    /// # Errors
    /// No such column, or more than one where none is named.
    pub fn column(&self, wanted: Option<&str>, usual: &[String]) -> Result<&Answer, ModelError> {
        let named = |name: &str| self.columns.iter().find(|column| column.name == name);
        let found = || {
            self.columns
                .iter()
                .map(|column| column.name.clone())
                .collect()
        };
        if let Some(wanted) = wanted {
            return named(wanted).ok_or_else(|| ModelError::NoColumn {
                model: self.model.clone(),
                wanted: wanted.to_owned(),
                found: found(),
            });
        }
        if let [only] = self.columns.as_slice() {
            return Ok(only);
        }
        let known = usual.iter().chain(&self.usual).find_map(|name| named(name));
        known.ok_or_else(|| ModelError::WhichColumn {
            model: self.model.clone(),
            found: found(),
        })
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }
}

fn numbers(model: &str, column: &str, parts: &[&dyn Array]) -> Result<Values, ModelError> {
    let mut all = Vec::new();
    for part in parts {
        let cast = cast(*part, &DataType::Float64).map_err(|error| ModelError::NoAnswer {
            model: model.to_owned(),
            column: column.to_owned(),
            row: all.len() as u64,
            found: error.to_string(),
        })?;
        for value in cast.as_primitive::<Float64Type>() {
            let finite = value.filter(|value| value.is_finite());
            all.push(finite.ok_or_else(|| ModelError::NoAnswer {
                model: model.to_owned(),
                column: column.to_owned(),
                row: all.len() as u64,
                found: value.map_or("missing".to_owned(), |value| value.to_string()),
            })?);
        }
    }
    Ok(Values::Numbers(all))
}

fn classes(model: &str, column: &str, parts: &[&dyn Array]) -> Result<Values, ModelError> {
    let mut all: Vec<String> = Vec::new();
    for value in parts.iter().flat_map(|part| part.as_string::<i32>()) {
        let value = value.ok_or_else(|| ModelError::NoAnswer {
            model: model.to_owned(),
            column: column.to_owned(),
            row: all.len() as u64,
            found: "missing".to_owned(),
        })?;
        all.push(value.to_owned());
    }
    Ok(Values::Classes(all))
}
