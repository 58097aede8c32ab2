//! Arrow columns to tensors. A missing number is given as NaN, which models
//! that were fitted for missing values take; for whole numbers, truth values
//! and texts there is none.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_cast::{CastOptions, cast_with_options};
use arrow_schema::DataType;
use driftguard_data::schema_words;
use driftguard_onnx::{Kind, Tensor};

/// The row, if it is one's fault, and what is wrong.
pub(super) type Why = (Option<usize>, String);

/// One column as an input of a kind.
pub(super) fn column(values: &ArrayRef, kind: Option<Kind>) -> Result<Tensor, Why> {
    let rows = values.len();
    match kind {
        Some(kind @ (Kind::Single | Kind::Double)) => {
            let single = kind == Kind::Single;
            let floats = floats(values, single)?;
            Tensor::floats(rows, 1, single, floats).ok_or_else(|| (None, "no column".into()))
        }
        Some(Kind::Int) => Ok(Tensor::ints(ints(values)?)),
        Some(Kind::Bool) => Ok(Tensor::bools(bools(values)?)),
        Some(Kind::Text) => Ok(Tensor::texts(texts(values)?)),
        None => Err((None, "the model's input is no tensor".into())),
    }
}

/// All columns as one input, row by row.
pub(super) fn matrix<'a>(
    columns: &[(&'a str, &ArrayRef)],
    kind: Option<Kind>,
    rows: usize,
) -> Result<Tensor, (&'a str, Why)> {
    let first = columns.first().map_or("", |(name, _)| *name);
    let single = match kind {
        Some(Kind::Single) => true,
        Some(Kind::Double) => false,
        other => {
            let kind = other.map_or("no tensor", Kind::words);
            let words = format!("the model takes one matrix of {kind}, only floats are supported");
            return Err((first, (None, words)));
        }
    };
    let mut all = vec![0.0; rows * columns.len()];
    for (at, (name, values)) in columns.iter().enumerate() {
        let values = floats(values, single).map_err(|why| (*name, why))?;
        for (slot, value) in all.iter_mut().skip(at).step_by(columns.len()).zip(values) {
            *slot = value;
        }
    }
    Tensor::floats(rows, columns.len(), single, all).ok_or((first, (None, "no rows".into())))
}

fn takes(values: &ArrayRef, what: &str) -> Why {
    let words = schema_words(values.data_type());
    (
        None,
        format!("the model takes {what}, the column is {words}"),
    )
}

/// What a dictionary holds, or the type itself.
fn inner(kind: &DataType) -> &DataType {
    match kind {
        DataType::Dictionary(_, values) => values,
        other => other,
    }
}

fn strictly(values: &ArrayRef, to: &DataType) -> Result<ArrayRef, Why> {
    let options = CastOptions {
        safe: false,
        ..CastOptions::default()
    };
    cast_with_options(values, to, &options).map_err(|error| (None, error.to_string()))
}

fn floats(values: &ArrayRef, single: bool) -> Result<Vec<f64>, Why> {
    let kind = inner(values.data_type());
    if !(kind.is_numeric() || matches!(kind, DataType::Boolean | DataType::Null)) {
        return Err(takes(values, "numbers"));
    }
    let cast = strictly(values, &DataType::Float64)?;
    let mut all = Vec::with_capacity(values.len());
    for (row, value) in cast.as_primitive::<Float64Type>().iter().enumerate() {
        let value = value.unwrap_or(f64::NAN);
        if single && value.is_finite() && !(value as f32).is_finite() {
            return Err((
                Some(row),
                format!("{value:e} is beyond the model's float (32 bits)"),
            ));
        }
        all.push(value);
    }
    Ok(all)
}

fn missing(row: usize, what: &str) -> Why {
    let words = format!(
        "the value is missing, and the model takes {what}, which have no missing values; fill it before the model, or repair the feed"
    );
    (Some(row), words)
}

fn ints(values: &ArrayRef) -> Result<Vec<i64>, Why> {
    const WHAT: &str = "whole numbers";
    let kind = inner(values.data_type());
    if kind.is_floating() {
        let whole = |(row, value): (usize, f64)| match value {
            value if value.is_nan() => Err(missing(row, WHAT)),
            value if value.fract() == 0.0 && value.abs() < 9e15 => Ok(value as i64),
            value => Err((
                Some(row),
                format!("{value} is no whole number, which the model takes"),
            )),
        };
        return floats(values, false)?
            .into_iter()
            .enumerate()
            .map(whole)
            .collect();
    }
    if !(kind.is_integer() || *kind == DataType::Boolean) {
        return Err(takes(values, WHAT));
    }
    let cast = strictly(values, &DataType::Int64)?;
    let cast = cast.as_primitive::<Int64Type>().iter().enumerate();
    cast.map(|(row, value)| value.ok_or_else(|| missing(row, WHAT)))
        .collect()
}

fn bools(values: &ArrayRef) -> Result<Vec<bool>, Why> {
    if *inner(values.data_type()) != DataType::Boolean {
        return Err(takes(values, "truth values"));
    }
    let cast = strictly(values, &DataType::Boolean)?;
    let cast = cast.as_boolean().iter().enumerate();
    cast.map(|(row, value)| value.ok_or_else(|| missing(row, "truth values")))
        .collect()
}

fn texts(values: &ArrayRef) -> Result<Vec<Arc<str>>, Why> {
    use DataType::{LargeUtf8, Utf8, Utf8View};
    if !matches!(inner(values.data_type()), Utf8 | LargeUtf8 | Utf8View) {
        return Err(takes(values, "texts"));
    }
    let cast = strictly(values, &Utf8)?;
    let cast = cast.as_string::<i32>().iter().enumerate();
    cast.map(|(row, value)| value.map(Arc::from).ok_or_else(|| missing(row, "texts")))
        .collect()
}
