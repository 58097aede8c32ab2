//! Value by value. Shapes are broadcast as in NumPy.

use std::borrow::Cow;

use super::{Build, Run, input, optional};
use crate::meter::{Fault, Meter};
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor, size};

pub(super) fn find(operator: &str) -> Option<Build> {
    Some(match operator {
        "Add" => |_, _| fold(|a, b| a + b, |a, b| Some(a.wrapping_add(b))),
        "Sub" => |_, _| fold(|a, b| a - b, |a, b| Some(a.wrapping_sub(b))),
        "Mul" => |_, _| fold(|a, b| a * b, |a, b| Some(a.wrapping_mul(b))),
        "Div" => |_, _| fold(|a, b| a / b, i64::checked_div),
        "Sum" => |_, _| fold(|a, b| a + b, |a, b| Some(a.wrapping_add(b))),
        "Pow" => |_, _| fold(f64::powf, |a, b| a.checked_pow(u32::try_from(b).ok()?)),
        "Max" => |_, _| fold(most, |a, b| Some(a.max(b))),
        "Min" => |_, _| fold(|a, b| -most(-a, -b), |a, b| Some(a.min(b))),
        "Less" => |_, _| compare(|a, b| a < b, |a, b| a < b),
        "LessOrEqual" => |_, _| compare(|a, b| a <= b, |a, b| a <= b),
        "Greater" => |_, _| compare(|a, b| a > b, |a, b| a > b),
        "GreaterOrEqual" => |_, _| compare(|a, b| a >= b, |a, b| a >= b),
        "Equal" => |_, _| compare(|a, b| a == b, |a, b| a == b),
        "And" => |_, _| logic(|a, b| a & b),
        "Or" => |_, _| logic(|a, b| a | b),
        "Xor" => |_, _| logic(|a, b| a ^ b),
        "Where" => |_, _| Ok(Box::new(choose)),
        "Not" => |_, _| Ok(Box::new(not)),
        "IsNaN" => |_, _| Ok(Box::new(is_nan)),
        "Clip" => clip,
        "Abs" => |_, _| each(f64::abs, |a| Some(a.wrapping_abs())),
        "Neg" => |_, _| each(|a| -a, |a| Some(a.wrapping_neg())),
        "Sign" => |_, _| each(sign, |a| Some(a.signum())),
        "Relu" => |_, _| each(|a| most(a, 0.0), |a| Some(a.max(0))),
        "Exp" => |_, _| each(f64::exp, |_| None),
        "Log" => |_, _| each(f64::ln, |_| None),
        "Sqrt" => |_, _| each(f64::sqrt, |_| None),
        "Sigmoid" => |_, _| each(sigmoid, |_| None),
        "Tanh" => |_, _| each(f64::tanh, |_| None),
        "Softplus" => |_, _| each(|a| most(a, 0.0) + (-a.abs()).exp().ln_1p(), |_| None),
        "Reciprocal" => |_, _| each(|a| 1.0 / a, |_| None),
        "Floor" => |_, _| each(f64::floor, |_| None),
        "Ceil" => |_, _| each(f64::ceil, |_| None),
        _ => return None,
    })
}

/// The larger; not a number if one is not.
fn most(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

fn sign(a: f64) -> f64 {
    if a == 0.0 || a.is_nan() {
        a
    } else {
        a.signum()
    }
}

/// 1 / (1 + e^-a), without overflow.
pub(super) fn sigmoid(a: f64) -> f64 {
    1.0 / (1.0 + (-a).exp())
}

/// Where the value of an output's place is found in an input.
enum Places {
    Same,
    One,
    At(Vec<usize>),
}

impl Places {
    fn get(&self, at: usize) -> usize {
        match self {
            Self::Same => at,
            Self::One => 0,
            Self::At(places) => places.get(at).copied().unwrap_or(0),
        }
    }
}

/// The shape of all inputs together.
pub(super) fn broadcast(shapes: &[&[usize]]) -> Result<Vec<usize>, Fault> {
    let rank = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut together = vec![1; rank];
    for shape in shapes {
        for (side, whole) in shape.iter().rev().zip(together.iter_mut().rev()) {
            match (*side, *whole) {
                (side, whole) if side == whole => {}
                (1, _) => {}
                (side, 1) => *whole = side,
                _ => {
                    return Err(Fault::Wrong(format!(
                        "the shapes {shapes:?} do not go together"
                    )));
                }
            }
        }
    }
    Ok(together)
}

/// Places of `shape` in `whole`, which it was broadcast to.
fn places(shape: &[usize], whole: &[usize], meter: &Meter) -> Result<Places, Fault> {
    let count = size(whole).ok_or(Fault::Memory)?;
    meter.room_for(count)?;
    if shape == whole {
        return Ok(Places::Same);
    }
    if shape.iter().all(|side| *side == 1) {
        return Ok(Places::One);
    }
    let mut steps = vec![0; whole.len()];
    let mut step = 1;
    for (side, slot) in shape.iter().rev().zip(steps.iter_mut().rev()) {
        *slot = if *side == 1 { 0 } else { step };
        step *= side;
    }
    let mut all = Vec::with_capacity(count);
    let mut index = vec![0_usize; whole.len()];
    for _ in 0..count {
        all.push(index.iter().zip(&steps).map(|(at, step)| at * step).sum());
        for (at, side) in index.iter_mut().zip(whole).rev() {
            *at += 1;
            if *at < *side {
                break;
            }
            *at = 0;
        }
    }
    Ok(Places::At(all))
}

/// Both inputs in one shape: `one` of each pair of values.
fn pairs<T: Clone, U>(
    (left, a): (&Tensor, &[T]),
    (right, b): (&Tensor, &[T]),
    meter: &Meter,
    one: impl Fn(&T, &T) -> Option<U>,
) -> Result<(Vec<usize>, Vec<U>), Fault> {
    let shape = broadcast(&[&left.shape, &right.shape])?;
    let (at_a, at_b) = (
        places(&left.shape, &shape, meter)?,
        places(&right.shape, &shape, meter)?,
    );
    let count = size(&shape).ok_or(Fault::Memory)?;
    meter.work(count)?;
    let value = |at| one(a.get(at_a.get(at))?, b.get(at_b.get(at))?);
    let values: Option<Vec<U>> = (0..count).map(value).collect();
    let values = values.ok_or_else(|| Fault::wrong("int64 has no value for this (as 1/0)"))?;
    Ok((shape, values))
}

fn kinds(left: &Tensor, right: &Tensor) -> Fault {
    Fault::Wrong(format!(
        "it was given {} and {}",
        left.kind().words(),
        right.kind().words()
    ))
}

fn fold(float: fn(f64, f64) -> f64, int: fn(i64, i64) -> Option<i64>) -> Result<Run, Fault> {
    Ok(Box::new(move |inputs, meter| {
        let mut whole = Cow::Borrowed(input(inputs, 0)?);
        for at in 1..inputs.len() {
            let right = input(inputs, at)?;
            let (shape, data) = match (&whole.data, &right.data) {
                (Data::Single(a), Data::Single(b)) | (Data::Double(a), Data::Double(b)) => {
                    let one = |a: &f64, b: &f64| Some(float(*a, *b));
                    let (shape, values) = pairs((&whole, a), (right, b), meter, one)?;
                    (shape, Data::floats(whole.kind(), values))
                }
                (Data::Int(a), Data::Int(b)) => {
                    let one = |a: &i64, b: &i64| int(*a, *b);
                    let (shape, values) = pairs((&whole, a), (right, b), meter, one)?;
                    (shape, Data::Int(values))
                }
                _ => return Err(kinds(&whole, right)),
            };
            whole = Cow::Owned(Tensor::new(shape, data)?);
        }
        Ok(vec![whole.into_owned()])
    }))
}

fn compare(float: fn(f64, f64) -> bool, int: fn(i64, i64) -> bool) -> Result<Run, Fault> {
    Ok(Box::new(move |inputs, meter| {
        let (left, right) = (input(inputs, 0)?, input(inputs, 1)?);
        let (shape, values) = match (&left.data, &right.data) {
            (Data::Single(a), Data::Single(b)) | (Data::Double(a), Data::Double(b)) => {
                pairs((left, a), (right, b), meter, |a, b| Some(float(*a, *b)))?
            }
            (Data::Int(a), Data::Int(b)) => {
                pairs((left, a), (right, b), meter, |a, b| Some(int(*a, *b)))?
            }
            // Only `Equal` is defined for these; of equals it says true.
            (Data::Bool(a), Data::Bool(b)) => pairs((left, a), (right, b), meter, |a, b| {
                Some(int(i64::from(*a), i64::from(*b)))
            })?,
            (Data::Text(a), Data::Text(b)) if int(0, 0) && !int(0, 1) && !int(1, 0) => {
                pairs((left, a), (right, b), meter, |a, b| Some(a == b))?
            }
            _ => return Err(kinds(left, right)),
        };
        Ok(vec![Tensor::new(shape, Data::Bool(values))?])
    }))
}

fn logic(one: fn(bool, bool) -> bool) -> Result<Run, Fault> {
    Ok(Box::new(move |inputs, meter| {
        let (left, right) = (input(inputs, 0)?, input(inputs, 1)?);
        let (Data::Bool(a), Data::Bool(b)) = (&left.data, &right.data) else {
            return Err(kinds(left, right));
        };
        let (shape, values) = pairs((left, a), (right, b), meter, |a, b| Some(one(*a, *b)))?;
        Ok(vec![Tensor::new(shape, Data::Bool(values))?])
    }))
}

fn each(float: fn(f64) -> f64, int: fn(i64) -> Option<i64>) -> Result<Run, Fault> {
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        let data = match &given.data {
            Data::Single(values) | Data::Double(values) => Data::floats(
                given.kind(),
                values.iter().map(|value| float(*value)).collect(),
            ),
            Data::Int(values) => {
                let values: Option<Vec<i64>> = values.iter().map(|value| int(*value)).collect();
                Data::Int(
                    values.ok_or_else(|| Fault::wrong("it takes floats and was given int64"))?,
                )
            }
            _ => {
                return Err(Fault::Wrong(format!(
                    "it was given {}",
                    given.kind().words()
                )));
            }
        };
        Ok(vec![Tensor::new(given.shape.clone(), data)?])
    }))
}

fn choose(inputs: &[Option<&Tensor>], meter: &Meter) -> Result<Vec<Tensor>, Fault> {
    let (which, left, right) = (input(inputs, 0)?, input(inputs, 1)?, input(inputs, 2)?);
    let Data::Bool(flags) = &which.data else {
        return Err(Fault::wrong("its condition is not of truth values"));
    };
    let shape = broadcast(&[&which.shape, &left.shape, &right.shape])?;
    let count = size(&shape).ok_or(Fault::Memory)?;
    meter.work(count)?;
    let at = |tensor: &Tensor| places(&tensor.shape, &shape, meter);
    let (at_flag, at_left, at_right) = (at(which)?, at(left)?, at(right)?);
    fn chosen<T: Clone>(
        count: usize,
        flag: impl Fn(usize) -> bool,
        [a, b]: [(&[T], &Places); 2],
    ) -> Result<Vec<T>, Fault> {
        let one = |at| {
            let (values, places) = if flag(at) { a } else { b };
            values.get(places.get(at)).cloned()
        };
        let all: Option<Vec<T>> = (0..count).map(one).collect();
        all.ok_or_else(|| Fault::wrong("shapes do not go together"))
    }
    let flag = |at| flags.get(at_flag.get(at)).copied().unwrap_or(false);
    let data = match (&left.data, &right.data) {
        (Data::Single(a), Data::Single(b)) | (Data::Double(a), Data::Double(b)) => Data::floats(
            left.kind(),
            chosen(count, flag, [(a, &at_left), (b, &at_right)])?,
        ),
        (Data::Int(a), Data::Int(b)) => {
            Data::Int(chosen(count, flag, [(a, &at_left), (b, &at_right)])?)
        }
        (Data::Text(a), Data::Text(b)) => {
            Data::Text(chosen(count, flag, [(a, &at_left), (b, &at_right)])?)
        }
        (Data::Bool(a), Data::Bool(b)) => {
            Data::Bool(chosen(count, flag, [(a, &at_left), (b, &at_right)])?)
        }
        _ => return Err(kinds(left, right)),
    };
    Ok(vec![Tensor::new(shape, data)?])
}

fn not(inputs: &[Option<&Tensor>], meter: &Meter) -> Result<Vec<Tensor>, Fault> {
    let given = input(inputs, 0)?;
    meter.room_for(given.data.len())?;
    match &given.data {
        Data::Bool(values) => Ok(vec![Tensor::new(
            given.shape.clone(),
            Data::Bool(values.iter().map(|value| !value).collect()),
        )?]),
        _ => Err(Fault::Wrong(format!(
            "it was given {}",
            given.kind().words()
        ))),
    }
}

fn is_nan(inputs: &[Option<&Tensor>], meter: &Meter) -> Result<Vec<Tensor>, Fault> {
    let given = input(inputs, 0)?;
    meter.room_for(given.data.len())?;
    let values = given
        .numbers()?
        .iter()
        .map(|value| value.is_nan())
        .collect();
    Ok(vec![Tensor::new(given.shape.clone(), Data::Bool(values))?])
}

/// Bounds are attributes up to version 10, inputs since.
fn clip(node: &Node, _: i64) -> Result<Run, Fault> {
    let said = [node.float("min")?, node.float("max")?];
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        meter.room_for(given.data.len())?;
        let bound = |at: usize, said: Option<f64>| -> Result<Option<f64>, Fault> {
            match optional(inputs, at) {
                None => Ok(said),
                Some(tensor) => Ok(tensor.numbers()?.first().copied()),
            }
        };
        let (low, high) = (bound(1, said[0])?, bound(2, said[1])?);
        if !matches!(given.kind(), Kind::Single | Kind::Double) {
            return Err(Fault::wrong("it takes floats"));
        }
        let clip = |value: &f64| {
            let value = low.map_or(*value, |low| if *value < low { low } else { *value });
            high.map_or(value, |high| if value > high { high } else { value })
        };
        let values = given.numbers()?.iter().map(clip).collect();
        Ok(vec![Tensor::new(
            given.shape.clone(),
            Data::floats(given.kind(), values),
        )?])
    }))
}
