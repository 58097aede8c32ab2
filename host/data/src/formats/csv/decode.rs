//! Fields of CSV rows into Arrow arrays.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow_array::{ArrayRef, NullArray};
use arrow_schema::DataType;

use super::seen::{float, integer, is_nan, is_null};
use crate::instant::{self, Instant};

/// Builds one column.
#[derive(Debug)]
pub(crate) enum Column {
    Null(usize),
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Float(Float64Builder),
    Day(Date32Builder),
    Time(TimestampMicrosecondBuilder),
    Text(StringBuilder),
}

impl Column {
    /// For a type that [`super::seen::Seen::data_type`] gives.
    pub fn new(kind: &DataType) -> Self {
        match kind {
            DataType::Null => Self::Null(0),
            DataType::Boolean => Self::Boolean(BooleanBuilder::new()),
            DataType::Int64 => Self::Integer(Int64Builder::new()),
            DataType::Float64 => Self::Float(Float64Builder::new()),
            DataType::Date32 => Self::Day(Date32Builder::new()),
            DataType::Timestamp(..) => Self::Time(TimestampMicrosecondBuilder::new()),
            _ => Self::Text(StringBuilder::new()),
        }
    }

    /// Appends a field. False: it does not fit the type, or is not UTF-8.
    pub fn push(&mut self, field: &[u8]) -> bool {
        if let Self::Text(builder) = self {
            return match std::str::from_utf8(field) {
                Ok("") => {
                    builder.append_null();
                    true
                }
                Ok(text) => {
                    builder.append_value(text);
                    true
                }
                Err(_) => false,
            };
        }
        let field = field.trim_ascii();
        let null = is_null(field) || (is_nan(field) && !matches!(self, Self::Float(_)));
        let instant = || std::str::from_utf8(field).ok().and_then(instant::parse);
        match self {
            Self::Null(rows) => {
                *rows += 1;
                null
            }
            Self::Boolean(builder) => {
                push(null, boolean(field), |value| builder.append_option(value))
            }
            Self::Integer(builder) => {
                push(null, integer(field), |value| builder.append_option(value))
            }
            Self::Float(builder) => push(null, float(field), |value| builder.append_option(value)),
            Self::Day(builder) => {
                let day = match (null, instant()) {
                    (false, Some(Instant::Day(day))) => Some(day),
                    _ => None,
                };
                push(null, day, |value| builder.append_option(value))
            }
            Self::Time(builder) => {
                let time = if null {
                    None
                } else {
                    instant().map(Instant::micros)
                };
                push(null, time, |value| builder.append_option(value))
            }
            Self::Text(_) => false,
        }
    }

    /// The array so far; the column starts again.
    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Null(rows) => Arc::new(NullArray::new(std::mem::take(rows))),
            Self::Boolean(builder) => Arc::new(builder.finish()),
            Self::Integer(builder) => Arc::new(builder.finish()),
            Self::Float(builder) => Arc::new(builder.finish()),
            Self::Day(builder) => Arc::new(builder.finish()),
            Self::Time(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
        }
    }
}

fn push<T>(null: bool, value: Option<T>, mut append: impl FnMut(Option<T>)) -> bool {
    let fits = null || value.is_some();
    append(if null { None } else { value });
    fits
}

fn boolean(field: &[u8]) -> Option<bool> {
    match field {
        b"true" | b"True" | b"TRUE" => Some(true),
        b"false" | b"False" | b"FALSE" => Some(false),
        _ => None,
    }
}
