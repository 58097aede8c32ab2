//! Products of matrices; sums in 64 bits, rounded at the end.

use super::{Build, Run, input, optional};
use crate::meter::{Fault, Meter};
use crate::proto::Node;
use crate::tensor::{Data, Tensor};

pub(super) fn find(operator: &str) -> Option<Build> {
    Some(match operator {
        "MatMul" => |_, _| Ok(Box::new(product)),
        "Gemm" => gemm,
        _ => return None,
    })
}

/// Rows of `a` times columns of `b`, both row by row.
pub(super) fn multiply(
    (a, rows, inner): (&[f64], usize, usize),
    (b, columns): (&[f64], usize),
    meter: &Meter,
) -> Result<Vec<f64>, Fault> {
    meter.room_for(rows.checked_mul(columns).ok_or(Fault::Memory)?)?;
    let mut out = vec![0.0; rows * columns];
    if inner == 0 || columns == 0 {
        return Ok(out);
    }
    for (row, sums) in a.chunks_exact(inner).zip(out.chunks_exact_mut(columns)) {
        meter.work(inner.saturating_mul(columns))?;
        for (value, weights) in row.iter().zip(b.chunks_exact(columns)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += value * weight;
            }
        }
    }
    Ok(out)
}

fn product(inputs: &[Option<&Tensor>], meter: &Meter) -> Result<Vec<Tensor>, Fault> {
    let (left, right) = (input(inputs, 0)?, input(inputs, 1)?);
    let ((rows, inner), (inner_right, columns)) =
        match (left.shape.as_slice(), right.shape.as_slice()) {
            ([rows, inner], [k, columns]) => ((*rows, *inner), (*k, *columns)),
            ([inner], [k, columns]) => ((1, *inner), (*k, *columns)),
            ([rows, inner], [k]) => ((*rows, *inner), (*k, 1)),
            (a, b) => {
                return Err(Fault::Wrong(format!(
                    "the shapes {a:?} and {b:?} are not supported"
                )));
            }
        };
    if inner != inner_right || left.kind() != right.kind() {
        return Err(Fault::Wrong(format!(
            "{} {:?} and {} {:?} cannot be multiplied",
            left.kind().words(),
            left.shape,
            right.kind().words(),
            right.shape
        )));
    }
    let values = multiply(
        (&left.numbers()?, rows, inner),
        (&right.numbers()?, columns),
        meter,
    )?;
    let shape = match (left.shape.len(), right.shape.len()) {
        (1, _) => vec![columns],
        (_, 1) => vec![rows],
        _ => vec![rows, columns],
    };
    Ok(vec![Tensor::new(
        shape,
        Data::floats(left.float_kind(), values),
    )?])
}

/// Rows and columns exchanged, if asked for.
fn turned(tensor: &Tensor, turn: bool, meter: &Meter) -> Result<(Vec<f64>, usize, usize), Fault> {
    let (rows, columns) = tensor.matrix()?;
    meter.room_for(tensor.data.len())?;
    let values = tensor.numbers()?;
    if !turn {
        return Ok((values.into_owned(), rows, columns));
    }
    let at = |column: usize| (0..rows).map(move |row| row * columns + column);
    let values = (0..columns)
        .flat_map(at)
        .filter_map(|at| values.get(at).copied())
        .collect();
    Ok((values, columns, rows))
}

fn gemm(node: &Node, _: i64) -> Result<Run, Fault> {
    let (alpha, beta) = (
        node.float("alpha")?.unwrap_or(1.0),
        node.float("beta")?.unwrap_or(1.0),
    );
    let turn = [node.flag("transA", false)?, node.flag("transB", false)?];
    Ok(Box::new(move |inputs, meter| {
        let (left, right) = (input(inputs, 0)?, input(inputs, 1)?);
        let (a, rows, inner) = turned(left, turn[0], meter)?;
        let (b, inner_right, columns) = turned(right, turn[1], meter)?;
        if inner != inner_right || left.kind() != right.kind() {
            return Err(Fault::Wrong(format!(
                "the shapes {:?} and {:?} cannot be multiplied",
                left.shape, right.shape
            )));
        }
        let mut values = multiply((&a, rows, inner), (&b, columns), meter)?;
        let plus = match optional(inputs, 2) {
            None => vec![0.0],
            Some(plus) => plus.numbers()?.into_owned(),
        };
        let at: fn(usize, usize, usize) -> usize =
            match optional(inputs, 2).map(|plus| plus.shape.as_slice()) {
                None | Some([] | [1] | [1, 1]) => |_, _, _| 0,
                Some([k] | [1, k]) if *k == columns => |_, column, _| column,
                Some([n, 1]) if *n == rows => |row, _, _| row,
                Some([n, k]) if *n == rows && *k == columns => {
                    |row, column, width| row * width + column
                }
                Some(other) => return Err(Fault::Wrong(format!("{other:?} cannot be added"))),
            };
        for (place, value) in values.iter_mut().enumerate() {
            let (row, column) = (place / columns, place % columns);
            let plus = plus.get(at(row, column, columns)).copied().unwrap_or(0.0);
            *value = alpha * *value + beta * plus;
        }
        let data = Data::floats(left.float_kind(), values);
        Ok(vec![Tensor::new(vec![rows, columns], data)?])
    }))
}
