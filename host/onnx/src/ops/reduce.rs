//! Over axes: sums, means, extremes, the place of the largest, softmax.

use super::{Build, Run, around, axis, input, largest, optional};
use crate::meter::{Fault, Meter};
use crate::proto::Node;
use crate::tensor::{Data, Kind, Tensor, size};

pub(super) fn find(operator: &str) -> Option<Build> {
    Some(match operator {
        "ReduceSum" => |node, _| over(node, |values| values.iter().sum()),
        "ReduceMean" => |node, _| {
            over(node, |values| {
                values.iter().sum::<f64>() / values.len() as f64
            })
        },
        "ReduceProd" => |node, _| over(node, |values| values.iter().product()),
        "ReduceMax" => |node, _| {
            over(node, |values| {
                largest(values).map_or(f64::NAN, |at| at_of(values, at))
            })
        },
        "ReduceMin" => |node, _| {
            over(node, |values| {
                let turned: Vec<f64> = values.iter().map(|value| -value).collect();
                largest(&turned).map_or(f64::NAN, |at| at_of(values, at))
            })
        },
        "ReduceL1" => |node, _| over(node, |values| values.iter().map(|value| value.abs()).sum()),
        "ReduceL2" => |node, _| over(node, |values| square(values).sqrt()),
        "ReduceSumSquare" => |node, _| over(node, square),
        "ReduceLogSumExp" => |node, _| over(node, log_sum_exp),
        "ArgMax" => |node, _| place(node, false),
        "ArgMin" => |node, _| place(node, true),
        "Softmax" => |node, version| softmax(node, version, false),
        "LogSoftmax" => |node, version| softmax(node, version, true),
        _ => return None,
    })
}

fn at_of(values: &[f64], at: usize) -> f64 {
    values.get(at).copied().unwrap_or(f64::NAN)
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

fn log_sum_exp(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return values.iter().map(|value| value.exp()).sum::<f64>().ln();
    }
    most + values
        .iter()
        .map(|value| (value - most).exp())
        .sum::<f64>()
        .ln()
}

/// Axes are an attribute or, since version 13 or 18, an input.
fn over(node: &Node, one: fn(&[f64]) -> f64) -> Result<Run, Fault> {
    let said = node.ints("axes")?.to_vec();
    let keep = node.flag("keepdims", true)?;
    let idle = node.flag("noop_with_empty_axes", false)?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let axes = match optional(inputs, 1) {
            Some(axes) => axes.whole()?,
            None => &said,
        };
        if axes.is_empty() && idle {
            return Ok(vec![given.clone()]);
        }
        Ok(vec![reduced(given, axes, keep, one, meter)?])
    }))
}

fn reduced(
    given: &Tensor,
    axes: &[i64],
    keep: bool,
    one: fn(&[f64]) -> f64,
    meter: &Meter,
) -> Result<Tensor, Fault> {
    let rank = given.shape.len();
    let mut gone = vec![axes.is_empty(); rank];
    for at in axes {
        if let Some(flag) = gone.get_mut(axis(*at, rank)?) {
            *flag = true;
        }
    }
    let sides = || given.shape.iter().zip(&gone);
    let wide: Vec<usize> = sides()
        .map(|(side, gone)| if *gone { 1 } else { *side })
        .collect();
    let narrow = sides()
        .filter(|(_, gone)| !**gone)
        .map(|(side, _)| *side)
        .collect();
    let count = size(&wide).ok_or(Fault::Memory)?;
    meter.room_for(count.saturating_add(given.data.len()))?;
    meter.work(given.data.len())?;
    let mut steps = vec![0; rank];
    let mut step = 1;
    for ((slot, side), gone) in steps.iter_mut().zip(&wide).zip(&gone).rev() {
        *slot = if *gone { 0 } else { step };
        step *= side;
    }
    let mut groups: Vec<Vec<f64>> = vec![vec![]; count];
    let mut index = vec![0_usize; rank];
    for value in given.numbers()?.iter() {
        let at: usize = index.iter().zip(&steps).map(|(at, step)| at * step).sum();
        if let Some(group) = groups.get_mut(at) {
            group.push(*value);
        }
        for (at, side) in index.iter_mut().zip(&given.shape).rev() {
            *at += 1;
            if *at < *side {
                break;
            }
            *at = 0;
        }
    }
    let values: Vec<f64> = groups.iter().map(|group| one(group)).collect();
    let data = match given.kind() {
        Kind::Int
            if values
                .iter()
                .all(|value| value.fract() == 0.0 && value.abs() < 9e15) =>
        {
            Data::Int(values.iter().map(|value| *value as i64).collect())
        }
        kind @ (Kind::Single | Kind::Double) => Data::floats(kind, values),
        kind => {
            return Err(Fault::Wrong(format!(
                "it has no value for these of {}",
                kind.words()
            )));
        }
    };
    Tensor::new(if keep { wide } else { narrow }, data)
}

/// Lists along an axis, with the place of each.
fn lists<'a>(
    values: &'a [f64],
    shape: &[usize],
    at: usize,
) -> impl Iterator<Item = (usize, usize, Vec<f64>)> + 'a {
    let (before, length, after) = around(shape, at);
    (0..before).flat_map(move |row| {
        (0..after).map(move |column| {
            let list = (0..length)
                .filter_map(|k| values.get((row * length + k) * after + column))
                .copied()
                .collect();
            (row, column, list)
        })
    })
}

fn place(node: &Node, smallest: bool) -> Result<Run, Fault> {
    let said = node.int("axis")?.unwrap_or(0);
    let keep = node.flag("keepdims", true)?;
    if node.flag("select_last_index", false)? {
        return Err(Fault::wrong("`select_last_index` is not supported"));
    }
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let at = axis(said, given.shape.len())?;
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        let numbers = given.numbers()?;
        let mut found = vec![];
        for (row, _, mut list) in lists(&numbers, &given.shape, at) {
            if smallest {
                list.iter_mut().for_each(|value| *value = -*value);
            }
            let best = largest(&list).ok_or_else(|| Fault::Missing(row, String::new()))?;
            found.push(best as i64);
        }
        let mut shape = given.shape.clone();
        if keep {
            shape.iter_mut().skip(at).take(1).for_each(|side| *side = 1);
        } else {
            shape.remove(at);
        }
        Ok(vec![Tensor::new(shape, Data::Int(found))?])
    }))
}

fn softmax(node: &Node, version: i64, log: bool) -> Result<Run, Fault> {
    let old = version < 13;
    let said = node.int("axis")?.unwrap_or(if old { 1 } else { -1 });
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let at = axis(said, given.shape.len())?;
        if old && at + 1 != given.shape.len() {
            return Err(Fault::wrong("an axis other than the last is not supported"));
        }
        meter.room_for(given.data.len())?;
        meter.work(given.data.len())?;
        let (_, length, after) = around(&given.shape, at);
        let mut out = vec![0.0; given.data.len()];
        let numbers = given.numbers()?;
        for (row, column, list) in lists(&numbers, &given.shape, at) {
            let total = log_sum_exp(&list);
            for (k, value) in list.iter().enumerate() {
                let share = value - total;
                if let Some(slot) = out.get_mut((row * length + k) * after + column) {
                    *slot = if log { share } else { share.exp() };
                }
            }
        }
        let data = Data::floats(given.float_kind(), out);
        Ok(vec![Tensor::new(given.shape.clone(), data)?])
    }))
}
