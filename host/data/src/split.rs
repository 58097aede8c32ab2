//! One table as two sides: rows before an instant or with a value apart from
//! the rest.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow_cast::cast;
use arrow_schema::DataType;

use crate::error::DataError;
use crate::instant;
use crate::schema::{schema_words, unknown_column};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What is known to be good.
    Reference,
    /// What is to be judged.
    Current,
}

/// How one table is cut in two. Every row falls on exactly one side.
#[derive(Debug, Clone, PartialEq)]
pub enum Split {
    /// Rows before the instant are the reference, all others the current
    /// side. A row without a time (null, or text that is none) is current: it
    /// must be seen, not hidden in the reference.
    Time {
        /// A timestamp, a date, or text that holds instants.
        column: String,
        /// Microseconds since 1970-01-01T00:00Z; see [`instant::parse`].
        at: i64,
    },
    /// Rows with the value are the current side, all others (nulls too) the
    /// reference.
    Value {
        /// Text, number or boolean.
        column: String,
        /// Compared as a number with numeric columns, else as text.
        equals: String,
    },
}

impl Split {
    /// The column it looks at.
    pub fn column(&self) -> &str {
        match self {
            Self::Time { column, .. } | Self::Value { column, .. } => column,
        }
    }

    /// Checks the split against a schema.
    pub(crate) fn fits(&self, schema: &arrow_schema::Schema) -> Result<(), DataError> {
        let names = schema.fields().iter().map(|field| field.name().as_str());
        let Ok(field) = schema.field_with_name(self.column()) else {
            return Err(unknown_column("the split", self.column(), names));
        };
        let stored = field.data_type();
        let bad = |split: String, expected| {
            Err(DataError::BadSplit {
                split,
                column: field.name().clone(),
                found: schema_words(stored),
                expected,
            })
        };
        match self {
            Self::Time { at, .. } => match stored {
                DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Utf8 => {
                    Ok(())
                }
                _ => bad(
                    format!("at {at} microseconds"),
                    "a timestamp or date column, or --split-by COLUMN=VALUE",
                ),
            },
            Self::Value { equals, .. } => match stored {
                DataType::Utf8 | DataType::Null => Ok(()),
                DataType::Boolean if matches!(equals.as_str(), "true" | "false") => Ok(()),
                DataType::Boolean => bad(format!("= {equals}"), "true or false"),
                other if other.is_numeric() && equals.trim().parse::<f64>().is_ok() => Ok(()),
                other if other.is_numeric() => bad(format!("= {equals}"), "a number"),
                _ => bad(format!("= {equals}"), "a text, number or boolean column"),
            },
        }
    }

    /// The rows of `batch` that are on `side`. The split's column must be in
    /// it.
    pub(crate) fn rows(&self, side: Side, batch: &RecordBatch) -> Result<BooleanArray, DataError> {
        let Some(column) = batch.column_by_name(self.column()) else {
            let schema = batch.schema();
            let names: Vec<&str> = schema
                .fields()
                .iter()
                .map(|field| field.name().as_str())
                .collect();
            return Err(unknown_column(
                "the split",
                self.column(),
                names.into_iter(),
            ));
        };
        let (chosen, on) = match self {
            Self::Time { at, .. } => (before(column, *at), Side::Reference),
            Self::Value { equals, .. } => (equal(column, equals), Side::Current),
        };
        let keep = side == on;
        Ok(chosen
            .into_iter()
            .map(|chosen| Some(chosen == keep))
            .collect())
    }
}

/// Cast that fails only for types which [`Split::fits`] refuses; such rows
/// then count as rows without a value.
fn as_type(column: &ArrayRef, wanted: &DataType) -> Option<ArrayRef> {
    cast(column, wanted).ok()
}

fn before(column: &ArrayRef, at: i64) -> Vec<bool> {
    let micros = instant::column_micros(column).into_iter();
    micros
        .map(|found| found.is_some_and(|found| found < at))
        .collect()
}

fn equal(column: &ArrayRef, wanted: &str) -> Vec<bool> {
    let rows = column.len();
    match column.data_type() {
        DataType::Dictionary(_, values) if **values == DataType::Utf8 => {
            let Some(coded) = column.as_dictionary_opt::<Int32Type>() else {
                return vec![false; rows];
            };
            let known = equal(coded.values(), wanted);
            let one = |code: Option<i32>| {
                code.and_then(|code| usize::try_from(code).ok())
                    .and_then(|code| known.get(code))
                    .is_some_and(|k| *k)
            };
            coded.keys().iter().map(one).collect()
        }
        DataType::Utf8 => column
            .as_string::<i32>()
            .iter()
            .map(|text| text == Some(wanted))
            .collect(),
        DataType::Boolean => column
            .as_boolean()
            .iter()
            .map(|flag| flag.is_some() && flag == wanted.parse().ok())
            .collect(),
        DataType::Int64 if wanted.trim().parse::<i64>().is_ok() => {
            let number = wanted.trim().parse().ok();
            column
                .as_primitive::<Int64Type>()
                .iter()
                .map(|value| value.is_some() && value == number)
                .collect()
        }
        _ => match (
            as_type(column, &DataType::Float64),
            wanted.trim().parse::<f64>(),
        ) {
            (Some(numbers), Ok(number)) => numbers
                .as_primitive::<Float64Type>()
                .iter()
                .map(|value| value == Some(number))
                .collect(),
            _ => vec![false; rows],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Int64Array, StringArray, TimestampSecondArray};
    use std::sync::Arc;

    fn kept(split: &Split, side: Side, column: ArrayRef) -> Vec<bool> {
        let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
        split
            .rows(side, &batch)
            .unwrap()
            .iter()
            .map(Option::unwrap)
            .collect()
    }

    #[test]
    fn a_row_without_a_time_is_current() {
        let split = Split::Time {
            column: "c".to_owned(),
            at: 2_000_000,
        };
        let times: ArrayRef = Arc::new(TimestampSecondArray::from(vec![Some(1), Some(2), None]));
        assert_eq!(
            kept(&split, Side::Reference, Arc::clone(&times)),
            [true, false, false]
        );
        assert_eq!(kept(&split, Side::Current, times), [false, true, true]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![
            "1970-01-01 00:00:01",
            "1970-01-02",
            "soon",
        ]));
        assert_eq!(kept(&split, Side::Reference, texts), [true, false, false]);
    }

    #[test]
    fn a_value_is_compared_in_its_own_type() {
        let split = Split::Value {
            column: "c".to_owned(),
            equals: "3".to_owned(),
        };
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), Some(30), None]));
        assert_eq!(
            kept(&split, Side::Current, Arc::clone(&numbers)),
            [true, false, false]
        );
        assert_eq!(kept(&split, Side::Reference, numbers), [false, true, true]);
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("3"), Some("3.0"), None]));
        assert_eq!(kept(&split, Side::Current, texts), [true, false, false]);
    }

    #[test]
    fn a_split_that_does_not_fit_is_refused() {
        let schema =
            arrow_schema::Schema::new(vec![arrow_schema::Field::new("c", DataType::Int64, true)]);
        let words = |split: Split| split.fits(&schema).unwrap_err().to_string();
        insta::assert_snapshot!(words(Split::Value { column: "c".to_owned(), equals: "x".to_owned() }),
            @r#"the split "= x" does not fit column "c" (Int64); expected a number"#);
        insta::assert_snapshot!(words(Split::Value { column: "cc".to_owned(), equals: "x".to_owned() }),
            @r#"the split: there is no column "cc", did you mean "c"?; the columns are c"#);
    }
}
