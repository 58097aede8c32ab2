//! The same values in another place.

use super::{Build, Run, around, axis, input, optional};
use crate::meter::{Fault, Meter};
use crate::proto::{Attribute, Node};
use crate::tensor::{Data, Kind, Tensor, size};

pub(super) fn find(operator: &str) -> Option<Build> {
    Some(match operator {
        "Identity" => identity,
        "Constant" => constant,
        "ConstantOfShape" => constant_of_shape,
        "Shape" => shape_of,
        "Reshape" => reshape,
        "Flatten" => flatten,
        "Squeeze" => squeeze,
        "Unsqueeze" => unsqueeze,
        "Transpose" => transpose,
        "Concat" => concat,
        "Gather" => gather,
        _ => return None,
    })
}

pub(super) fn identity(_: &Node, _: i64) -> Result<Run, Fault> {
    Ok(Box::new(|inputs, meter| {
        let given = input(inputs, 0)?;
        meter.room_for(given.data.len())?;
        Ok(vec![given.clone()])
    }))
}

fn constant(node: &Node, _: i64) -> Result<Run, Fault> {
    let mut said = node.attributes.iter();
    let list = |data: Data| (vec![data.len()], data);
    let one = |data: Data| (vec![], data);
    let (shape, data) = match said.next() {
        Some((_, Attribute::Tensor(tensor))) => (tensor.shape.clone(), tensor.data.clone()),
        Some((_, Attribute::Float(value))) => one(Data::Single(vec![f64::from(*value)])),
        Some((_, Attribute::Int(value))) => one(Data::Int(vec![*value])),
        Some((_, Attribute::Text(value))) => one(Data::Text(vec![value.clone()])),
        Some((_, Attribute::Floats(values))) => list(Data::Single(values.clone())),
        Some((_, Attribute::Ints(values))) => list(Data::Int(values.clone())),
        Some((_, Attribute::Texts(values))) => list(Data::Text(values.clone())),
        None => return Err(Fault::wrong("it has no value")),
    };
    if said.next().is_some() {
        return Err(Fault::wrong("it has more than one value"));
    }
    let tensor = Tensor::new(shape, data)?;
    Ok(Box::new(move |_, meter| {
        meter.room_for(tensor.data.len())?;
        Ok(vec![tensor.clone()])
    }))
}

/// Lengths of axes, as a tensor holds them.
fn lengths(tensor: &Tensor) -> Result<Vec<usize>, Fault> {
    let side = |side: &i64| usize::try_from(*side);
    let sides: Result<Vec<usize>, _> = tensor.whole()?.iter().map(side).collect();
    sides.map_err(|_| Fault::wrong("a length below 0"))
}

fn constant_of_shape(node: &Node, _: i64) -> Result<Run, Fault> {
    let value = match node.tensor("value")? {
        Some(tensor) => tensor.clone(),
        None => Tensor::new(vec![1], Data::Single(vec![0.0]))?,
    };
    Ok(Box::new(move |inputs, meter| {
        let shape = lengths(input(inputs, 0)?)?;
        let count = size(&shape).ok_or(Fault::Memory)?;
        meter.room_for(count)?;
        let picked = picked(&value.data, &vec![0; count])?;
        Ok(vec![Tensor::new(shape, picked)?])
    }))
}

fn shape_of(node: &Node, _: i64) -> Result<Run, Fault> {
    if node.int("start")?.unwrap_or(0) != 0 || node.int("end")?.is_some() {
        return Err(Fault::wrong("`start` and `end` are not supported"));
    }
    Ok(Box::new(|inputs, _| {
        let shape: Vec<i64> = input(inputs, 0)?
            .shape
            .iter()
            .map(|side| *side as i64)
            .collect();
        Ok(vec![Tensor::new(vec![shape.len()], Data::Int(shape))?])
    }))
}

/// The same values in another shape.
fn again(given: &Tensor, shape: Vec<usize>, meter: &Meter) -> Result<Vec<Tensor>, Fault> {
    meter.room_for(given.data.len())?;
    Ok(vec![Tensor::new(shape, given.data.clone())?])
}

fn reshape(node: &Node, _: i64) -> Result<Run, Fault> {
    let zeros = node.flag("allowzero", false)?;
    Ok(Box::new(move |inputs, meter| {
        let (given, wanted) = (input(inputs, 0)?, input(inputs, 1)?.whole()?);
        let mut shape = vec![];
        let mut open = None;
        for (at, side) in wanted.iter().enumerate() {
            shape.push(match *side {
                -1 if open.is_none() => {
                    open = Some(at);
                    1
                }
                0 if !zeros => given.shape.get(at).copied().unwrap_or(0),
                side => usize::try_from(side)
                    .map_err(|_| Fault::Wrong(format!("no shape is {wanted:?}")))?,
            });
        }
        if let Some(side) = open.and_then(|at| shape.get_mut(at)) {
            *side = 0;
        }
        if let Some(at) = open {
            let rest: Vec<usize> = shape
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, side)| *side)
                .collect();
            let rest = size(&rest).ok_or(Fault::Memory)?;
            if let (Some(side), Some(length)) =
                (shape.get_mut(at), given.data.len().checked_div(rest))
            {
                *side = length;
            }
        }
        again(given, shape, meter)
    }))
}

fn flatten(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node.int("axis")?.unwrap_or(1);
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let rank = given.shape.len();
        // An axis behind the last is allowed here.
        let at = if usize::try_from(said) == Ok(rank) {
            rank
        } else {
            axis(said, rank)?
        };
        let (rows, columns) = given.shape.split_at_checked(at).unwrap_or((&[], &[]));
        let shape = vec![rows.iter().product(), columns.iter().product()];
        again(given, shape, meter)
    }))
}

/// Axes are an attribute up to version 12, an input since.
fn axes_of(said: &[i64], inputs: &[Option<&Tensor>], rank: usize) -> Result<Vec<usize>, Fault> {
    let axes = match optional(inputs, 1) {
        Some(axes) => axes.whole()?,
        None => said,
    };
    let mut all = vec![];
    for at in axes {
        let at = axis(*at, rank)?;
        if all.contains(&at) {
            return Err(Fault::wrong("an axis is named twice"));
        }
        all.push(at);
    }
    all.sort_unstable();
    Ok(all)
}

fn squeeze(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node.ints("axes")?.to_vec();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let axes = axes_of(&said, inputs, given.shape.len())?;
        let sides = given.shape.iter().enumerate();
        let gone = |at: usize, side: usize| axes.contains(&at) || (axes.is_empty() && side == 1);
        let shape = sides
            .filter(|(at, side)| !gone(*at, **side))
            .map(|(_, side)| *side)
            .collect();
        again(given, shape, meter)
    }))
}

fn unsqueeze(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node.ints("axes")?.to_vec();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let count = match optional(inputs, 1) {
            Some(axes) => axes.data.len(),
            None => said.len(),
        };
        let axes = axes_of(&said, inputs, given.shape.len().saturating_add(count))?;
        let mut shape = given.shape.clone();
        for at in axes {
            shape.insert(at.min(shape.len()), 1);
        }
        again(given, shape, meter)
    }))
}

fn transpose(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node.ints("perm")?.to_vec();
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        match (given.shape.as_slice(), said.as_slice()) {
            ([rows, columns], [] | [1, 0]) => {
                meter.room_for(given.data.len())?;
                let from: Vec<usize> = (0..*columns)
                    .flat_map(|column| (0..*rows).map(move |row| row * columns + column))
                    .collect();
                let data = picked(&given.data, &from)?;
                Ok(vec![Tensor::new(vec![*columns, *rows], data)?])
            }
            ([_], _) | (_, [0, 1]) => again(given, given.shape.clone(), meter),
            _ => Err(Fault::wrong("more than two axes are not supported")),
        }
    }))
}

/// Values at these places.
fn picked(data: &Data, from: &[usize]) -> Result<Data, Fault> {
    fn pick<T: Clone>(values: &[T], from: &[usize]) -> Option<Vec<T>> {
        from.iter().map(|at| values.get(*at).cloned()).collect()
    }
    let picked = match data {
        Data::Single(values) => pick(values, from).map(Data::Single),
        Data::Double(values) => pick(values, from).map(Data::Double),
        Data::Int(values) => pick(values, from).map(Data::Int),
        Data::Bool(values) => pick(values, from).map(Data::Bool),
        Data::Text(values) => pick(values, from).map(Data::Text),
    };
    picked.ok_or_else(|| Fault::wrong("a place behind the end"))
}

fn concat(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node
        .int("axis")?
        .ok_or_else(|| Fault::wrong("it has no `axis`"))?;
    Ok(Box::new(move |inputs, meter| {
        let first = input(inputs, 0)?;
        let at = axis(said, first.shape.len())?;
        let (mut length, mut values) = (0_usize, 0_usize);
        for k in 0..inputs.len() {
            let given = input(inputs, k)?;
            let same = given.shape.len() == first.shape.len()
                && given
                    .shape
                    .iter()
                    .zip(&first.shape)
                    .enumerate()
                    .all(|(axis, (a, b))| axis == at || a == b);
            if !same || given.kind() != first.kind() {
                return Err(Fault::Wrong(format!(
                    "{} {:?} and {} {:?} do not go together",
                    first.kind().words(),
                    first.shape,
                    given.kind().words(),
                    given.shape
                )));
            }
            length += given.shape.get(at).copied().unwrap_or(0);
            values += given.data.len();
        }
        meter.room_for(values)?;
        meter.work(values)?;
        let mut shape = first.shape.clone();
        shape
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|side| *side = length);
        Ok(vec![Tensor::new(shape, joined(inputs, at, first.kind()))?])
    }))
}

/// Tensors of one kind, one behind the other along an axis.
fn joined(inputs: &[Option<&Tensor>], at: usize, kind: Kind) -> Data {
    fn rows<'a, T: Clone + 'a>(
        inputs: &[Option<&'a Tensor>],
        at: usize,
        values: impl Fn(&'a Data) -> Option<&'a [T]>,
    ) -> Vec<T> {
        let given: Vec<(&Tensor, &[T])> = inputs
            .iter()
            .flatten()
            .filter_map(|tensor| Some((*tensor, values(&tensor.data)?)))
            .collect();
        let before = given
            .first()
            .map_or(0, |(first, _)| around(&first.shape, at).0);
        let mut all = Vec::with_capacity(given.iter().map(|(_, values)| values.len()).sum());
        for row in 0..before {
            for (tensor, values) in &given {
                let (_, length, after) = around(&tensor.shape, at);
                let width = length * after;
                all.extend_from_slice(values.get(row * width..(row + 1) * width).unwrap_or(&[]));
            }
        }
        all
    }
    match kind {
        Kind::Single => Data::Single(rows(inputs, at, |data| match data {
            Data::Single(values) => Some(values),
            _ => None,
        })),
        Kind::Double => Data::Double(rows(inputs, at, |data| match data {
            Data::Double(values) => Some(values),
            _ => None,
        })),
        Kind::Int => Data::Int(rows(inputs, at, |data| match data {
            Data::Int(values) => Some(values),
            _ => None,
        })),
        Kind::Bool => Data::Bool(rows(inputs, at, |data| match data {
            Data::Bool(values) => Some(values),
            _ => None,
        })),
        Kind::Text => Data::Text(rows(inputs, at, |data| match data {
            Data::Text(values) => Some(values),
            _ => None,
        })),
    }
}

/// Slices of `given` at `indices` along an axis, in a shape to be told.
fn slices(given: &Tensor, indices: &[i64], at: usize, meter: &Meter) -> Result<Data, Fault> {
    let (before, length, after) = around(&given.shape, at);
    let wanted: Vec<usize> = indices
        .iter()
        .map(|index| axis(*index, length))
        .collect::<Result<_, _>>()
        .map_err(|_| Fault::Wrong(format!("an index is not among {length}")))?;
    let count = size(&[before, wanted.len(), after]).ok_or(Fault::Memory)?;
    meter.room_for(count)?;
    meter.work(count)?;
    let mut from = Vec::with_capacity(count);
    for row in 0..before {
        for index in &wanted {
            let start = (row * length + index) * after;
            from.extend(start..start + after);
        }
    }
    picked(&given.data, &from)
}

fn gather(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = node.int("axis")?.unwrap_or(0);
    Ok(Box::new(move |inputs, meter| {
        let (given, indices) = (input(inputs, 0)?, input(inputs, 1)?);
        let at = axis(said, given.shape.len())?;
        let data = slices(given, indices.whole()?, at, meter)?;
        let mut shape = given.shape.clone();
        shape.splice(at..=at, indices.shape.iter().copied());
        Ok(vec![Tensor::new(shape, data)?])
    }))
}

/// `ArrayFeatureExtractor`: columns of the last axis.
pub(super) fn extract(_: &Node, _: i64) -> Result<Run, Fault> {
    Ok(Box::new(|inputs, meter| {
        let (given, indices) = (input(inputs, 0)?, input(inputs, 1)?.whole()?);
        let last = axis(-1, given.shape.len())?;
        let data = slices(given, indices, last, meter)?;
        let mut shape = given.shape.clone();
        // Of one axis it makes two, with one row.
        if shape.len() == 1 {
            shape.insert(0, 1);
        }
        if let Some(side) = shape.last_mut() {
            *side = indices.len();
        }
        Ok(vec![Tensor::new(shape, data)?])
    }))
}
