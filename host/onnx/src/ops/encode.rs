//! Classes to numbers: `OneHotEncoder` and `LabelEncoder`.

use std::collections::HashMap;
use std::sync::Arc;

use super::cast::whole;
use super::{Run, input};
use crate::meter::Fault;
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor, size};

/// A value to look up: floats by their bits, with one zero and one NaN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Bits(u64),
    Int(i64),
    Text(Arc<str>),
}

fn bits(value: f64) -> Key {
    Key::Bits(match value {
        value if value.is_nan() => f64::NAN.to_bits(),
        value => (value + 0.0).to_bits(),
    })
}

fn keys(data: &Data) -> Vec<Key> {
    match data {
        Data::Single(values) | Data::Double(values) => {
            values.iter().map(|value| bits(*value)).collect()
        }
        Data::Int(values) => values.iter().map(|value| Key::Int(*value)).collect(),
        Data::Bool(values) => values
            .iter()
            .map(|value| Key::Int(i64::from(*value)))
            .collect(),
        Data::Text(values) => values
            .iter()
            .map(|value| Key::Text(value.clone()))
            .collect(),
    }
}

/// A column for each class; the new axis is the last.
pub(super) fn one_hot(node: &Node, _: i64) -> Result<Run, Fault> {
    let (ints, texts) = (node.ints("cats_int64s")?, node.texts("cats_strings")?);
    let by_text = ints.is_empty();
    let classes = match by_text {
        true => keys(&Data::Text(texts.to_vec())),
        false => keys(&Data::Int(ints.to_vec())),
    };
    if classes.is_empty() || (!ints.is_empty() && !texts.is_empty()) {
        return Err(Fault::wrong("it has no classes, or two lists of them"));
    }
    let zeros = node.flag("zeros", true)?;
    let count = classes.len();
    let places: HashMap<Key, usize> = classes.into_iter().zip(0..).collect();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let found = match (&given.data, by_text) {
            (Data::Text(_), true) | (Data::Int(_), false) => keys(&given.data),
            (Data::Single(values) | Data::Double(values), false) => {
                keys(&Data::Int(whole(values, &given.shape)?))
            }
            _ => {
                let what = given.kind().words();
                return Err(Fault::Wrong(format!(
                    "it was given {what}, and knows other classes"
                )));
            }
        };
        let mut shape = given.shape.clone();
        shape.push(count);
        let all = size(&shape).ok_or(Fault::Memory)?;
        meter.room_for(all)?;
        meter.work(all)?;
        let mut out = vec![0.0; all];
        for (row, (key, slots)) in found.iter().zip(out.chunks_exact_mut(count)).enumerate() {
            match places.get(key).and_then(|at| slots.get_mut(*at)) {
                Some(slot) => *slot = 1.0,
                None if zeros => {}
                None => {
                    return Err(Fault::Wrong(format!(
                        "row {row} holds a class that it was not fitted with"
                    )));
                }
            }
        }
        Ok(vec![Tensor::new(shape, Data::floats(Kind::Single, out))?])
    }))
}

/// One of the lists `NAME_floats`, `NAME_int64s`, `NAME_strings`, `NAME_tensor`.
fn list(node: &Node, name: &str) -> Result<Option<Data>, Fault> {
    let floats = node.floats(&format!("{name}_floats"))?;
    let ints = node.ints(&format!("{name}_int64s"))?;
    let texts = node.texts(&format!("{name}_strings"))?;
    if !floats.is_empty() {
        return Ok(Some(Data::Single(floats.to_vec())));
    }
    if !ints.is_empty() {
        return Ok(Some(Data::Int(ints.to_vec())));
    }
    if !texts.is_empty() {
        return Ok(Some(Data::Text(texts.to_vec())));
    }
    Ok(node
        .tensor(&format!("{name}_tensor"))?
        .map(|tensor| tensor.data.clone()))
}

/// Each value in another list's place of the same number.
pub(super) fn label(node: &Node, _: i64) -> Result<Run, Fault> {
    let needed =
        |name| list(node, name)?.ok_or_else(|| Fault::Wrong(format!("it has no `{name}`")));
    let (from, to) = (needed("keys")?, needed("values")?);
    if from.len() != to.len() {
        return Err(Fault::wrong("`keys` and `values` are not of one length"));
    }
    let kind = Tensor::new(vec![from.len()], from.clone())?.kind();
    let usual = match &to {
        Data::Single(_) | Data::Double(_) => {
            Data::Single(vec![node.float("default_float")?.unwrap_or(-0.0)])
        }
        Data::Int(_) => Data::Int(vec![node.int("default_int64")?.unwrap_or(-1)]),
        Data::Text(_) => Data::Text(vec![
            node.text("default_string")?.unwrap_or("_Unused").into(),
        ]),
        Data::Bool(_) => return Err(Fault::wrong("truth values are not supported")),
    };
    let usual = node
        .tensor("default_tensor")?
        .map_or(usual, |tensor| tensor.data.clone());
    let places: HashMap<Key, usize> = keys(&from).into_iter().zip(0..).collect();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        if given.kind() != kind {
            let (given, kind) = (given.kind().words(), kind.words());
            return Err(Fault::Wrong(format!(
                "it was given {given}, and knows {kind}"
            )));
        }
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        let found: Vec<Option<usize>> = keys(&given.data)
            .iter()
            .map(|key| places.get(key).copied())
            .collect();
        fn looked<T: Clone>(found: &[Option<usize>], values: &[T], usual: &[T]) -> Vec<T> {
            let one = |at: &Option<usize>| match at {
                Some(at) => values.get(*at).cloned(),
                None => usual.first().cloned(),
            };
            found.iter().filter_map(one).collect()
        }
        let data = match (&to, &usual) {
            (Data::Single(values), Data::Single(usual) | Data::Double(usual)) => {
                Data::Single(looked(&found, values, usual))
            }
            (Data::Double(values), Data::Single(usual) | Data::Double(usual)) => {
                Data::Double(looked(&found, values, usual))
            }
            (Data::Int(values), Data::Int(usual)) => Data::Int(looked(&found, values, usual)),
            (Data::Text(values), Data::Text(usual)) => Data::Text(looked(&found, values, usual)),
            _ => {
                return Err(Fault::wrong(
                    "its default is of another kind than its values",
                ));
            }
        };
        Ok(vec![Tensor::new(given.shape.clone(), data)?])
    }))
}
