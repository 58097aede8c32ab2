//! Numbers before a model: scaled, filled in, made of one length, cut in two.

use super::{Run, input};
use crate::meter::Fault;
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor};

/// A value for each column, or one for all.
fn of_column(list: &[f64], column: usize) -> Option<f64> {
    match list {
        [one] => Some(*one),
        many => many.get(column).copied(),
    }
}

fn fits(name: &str, list: &[f64], columns: usize) -> Result<(), Fault> {
    match list.len() == 1 || list.len() == columns {
        true => Ok(()),
        false => Err(Fault::Wrong(format!(
            "{columns} columns given, `{name}` is of {}",
            list.len()
        ))),
    }
}

/// Every value with its row and column through a function.
fn by_column(
    given: &Tensor,
    kind: Kind,
    meter: &crate::meter::Meter,
    one: impl Fn(f64, usize) -> f64,
) -> Result<Vec<Tensor>, Fault> {
    let columns = given.shape.last().copied().unwrap_or(1).max(1);
    meter.room_for(given.data.len())?;
    meter.work(given.data.len())?;
    let numbers = given.numbers()?;
    let values = numbers.iter().enumerate();
    let values = values
        .map(|(at, value)| one(*value, at % columns))
        .collect();
    Ok(vec![Tensor::new(
        given.shape.clone(),
        Data::floats(kind, values),
    )?])
}

/// `(x - offset) scale`.
pub(super) fn scaler(node: &Node, _: i64) -> Result<Run, Fault> {
    let offset = node.floats("offset")?.to_vec();
    let scale = node.floats("scale")?.to_vec();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let columns = given.matrix()?.1;
        fits("offset", &offset, columns)?;
        fits("scale", &scale, columns)?;
        by_column(given, Kind::Single, meter, |value, column| {
            let offset = of_column(&offset, column).unwrap_or(0.0);
            (value - offset) * of_column(&scale, column).unwrap_or(1.0)
        })
    }))
}

pub(super) fn imputer(node: &Node, _: i64) -> Result<Run, Fault> {
    let floats = node.floats("imputed_value_floats")?.to_vec();
    let ints = node.ints("imputed_value_int64s")?.to_vec();
    let missing = node.float("replaced_value_float")?.unwrap_or(0.0);
    let missing_int = node.int("replaced_value_int64")?.unwrap_or(0);
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let columns = given.matrix()?.1;
        meter.room_for(given.data.len())?;
        if let Data::Int(values) = &given.data {
            let wanted = ints.iter().map(|value| *value as f64).collect::<Vec<_>>();
            fits("imputed_value_int64s", &wanted, columns)?;
            let fill = |(at, value): (usize, &i64)| match *value == missing_int {
                false => *value,
                true => match ints.as_slice() {
                    [one] => *one,
                    many => many.get(at % columns.max(1)).copied().unwrap_or(*value),
                },
            };
            let values = values.iter().enumerate().map(fill).collect();
            return Ok(vec![Tensor::new(given.shape.clone(), Data::Int(values))?]);
        }
        fits("imputed_value_floats", &floats, columns)?;
        let is_missing = |value: f64| match missing.is_nan() {
            true => value.is_nan(),
            false => value == missing,
        };
        by_column(
            given,
            given.float_kind(),
            meter,
            |value, column| match is_missing(value) {
                true => of_column(&floats, column).unwrap_or(value),
                false => value,
            },
        )
    }))
}

/// Rows divided by their largest, their sum or their length.
pub(super) fn normalizer(node: &Node, _: i64) -> Result<Run, Fault> {
    let norm: fn(&[f64]) -> f64 = match node.text("norm")?.unwrap_or("MAX") {
        "MAX" => |row| {
            row.iter()
                .fold(0.0, |most, value| f64::max(most, value.abs()))
        },
        "L1" => |row| row.iter().map(|value| value.abs()).sum(),
        "L2" => |row| row.iter().map(|value| value * value).sum::<f64>().sqrt(),
        other => return Err(Fault::Wrong(format!("`norm` {other} is not supported"))),
    };
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let columns = given.matrix()?.1;
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        let mut values = given.numbers()?.into_owned();
        for row in values.chunks_exact_mut(columns.max(1)) {
            let norm = norm(row);
            if norm != 0.0 {
                row.iter_mut().for_each(|value| *value /= norm);
            }
        }
        let data = Data::floats(Kind::Single, values);
        Ok(vec![Tensor::new(given.shape.clone(), data)?])
    }))
}

pub(super) fn binarizer(node: &Node, _: i64) -> Result<Run, Fault> {
    let threshold = node.float("threshold")?.unwrap_or(0.0);
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        by_column(given, given.float_kind(), meter, |value, _| {
            // A missing value is no 0.
            match value.is_nan() {
                true => value,
                false => f64::from(u8::from(value > threshold)),
            }
        })
    }))
}
