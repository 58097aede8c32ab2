//! The same values in another kind.

use super::{Run, input};
use crate::meter::Fault;
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor};

pub(super) fn cast(node: &Node, _: i64) -> Result<Run, Fault> {
    let number = node.int("to")?;
    let to = number.and_then(Kind::of).ok_or_else(|| {
        Fault::Wrong(format!(
            "values of data type {} are not read",
            number.unwrap_or(0)
        ))
    })?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        Ok(vec![Tensor::new(given.shape.clone(), turned(given, to)?)?])
    }))
}

fn turned(given: &Tensor, to: Kind) -> Result<Data, Fault> {
    Ok(match (&given.data, to) {
        (data, kind) if given.kind() == kind => data.clone(),
        (Data::Text(texts), Kind::Single | Kind::Double) => {
            let values: Result<Vec<f64>, _> =
                texts.iter().map(|text| text.trim().parse()).collect();
            let values = values.map_err(|_| Fault::wrong("a text is no number"))?;
            Data::floats(to, values)
        }
        (Data::Text(texts), Kind::Int) => {
            let values: Result<Vec<i64>, _> =
                texts.iter().map(|text| text.trim().parse()).collect();
            Data::Int(values.map_err(|_| Fault::wrong("a text is no whole number"))?)
        }
        (Data::Int(values), Kind::Text) => Data::Text(
            values
                .iter()
                .map(|value| value.to_string().into())
                .collect(),
        ),
        (_, Kind::Single | Kind::Double) => Data::floats(to, given.numbers()?.into_owned()),
        (_, Kind::Bool) => Data::Bool(given.numbers()?.iter().map(|value| *value != 0.0).collect()),
        (Data::Bool(values), Kind::Int) => {
            Data::Int(values.iter().map(|value| i64::from(*value)).collect())
        }
        (_, Kind::Int) => Data::Int(whole(&given.numbers()?, &given.shape)?),
        (_, Kind::Text) => {
            let what = given.kind().words();
            return Err(Fault::Wrong(format!("{what} as text is not supported")));
        }
    })
}

/// Truncated; a value that is missing or too large has no whole number.
pub(super) fn whole(values: &[f64], shape: &[usize]) -> Result<Vec<i64>, Fault> {
    let width = shape.iter().skip(1).product::<usize>().max(1);
    let one = |(at, value): (usize, &f64)| {
        if value.is_nan() {
            return Err(Fault::Missing(at / width, String::new()));
        }
        match value.abs() < 9.2e18 {
            true => Ok(value.trunc() as i64),
            false => Err(Fault::Wrong(format!("{value} is no int64"))),
        }
    };
    values.iter().enumerate().map(one).collect()
}
