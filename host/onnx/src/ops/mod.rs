//! The operators.
//!
//! - `elementwise`: value by value, with broadcasting. `reduce`: over axes.
//! - `shape`: the same values in another place. `cast`: in another kind.
//! - `matrix`: products. `linear`, `tree`: models. `scale`: numbers before a
//!   model. `encode`: classes to numbers.
//! - `attributes`: what a node says of itself.

mod attributes;
mod cast;
mod elementwise;
mod encode;
mod linear;
mod matrix;
mod reduce;
mod scale;
mod shape;
mod tree;

use crate::meter::{Fault, Meter};
use crate::proto::Node;
use crate::tensor::Tensor;

/// A node's function: inputs (None: left out) to outputs.
pub(crate) type Run =
    Box<dyn Fn(&[Option<&Tensor>], &Meter) -> Result<Vec<Tensor>, Fault> + Send + Sync>;

/// Makes a node's function, for a version of its operators.
type Build = fn(&Node, i64) -> Result<Run, Fault>;

fn find(node: &Node) -> Option<Build> {
    match node.domain.as_str() {
        "" => elementwise::find(&node.operator)
            .or_else(|| reduce::find(&node.operator))
            .or_else(|| shape::find(&node.operator))
            .or_else(|| matrix::find(&node.operator))
            .or_else(|| (node.operator == "Cast").then_some(cast::cast as Build)),
        "ai.onnx.ml" => Some(match node.operator.as_str() {
            "TreeEnsembleClassifier" => tree::classifier,
            "TreeEnsembleRegressor" => tree::regressor,
            "LinearClassifier" => linear::classifier,
            "LinearRegressor" => linear::regressor,
            "Scaler" => scale::scaler,
            "Imputer" => scale::imputer,
            "Normalizer" => scale::normalizer,
            "Binarizer" => scale::binarizer,
            "ArrayFeatureExtractor" => shape::extract,
            "OneHotEncoder" => encode::one_hot,
            "LabelEncoder" => encode::label,
            // Its maps are left as the rows and columns that they are made of.
            "ZipMap" => shape::identity,
            _ => return None,
        }),
        _ => None,
    }
}

/// Operators of these nodes that are not known, each once.
pub(crate) fn unknown(nodes: &[Node]) -> Vec<String> {
    let mut names: Vec<String> = vec![];
    for node in nodes {
        if find(node).is_none() {
            let domain = match node.domain.as_str() {
                "" => "ai.onnx",
                domain => domain,
            };
            let name = format!("{domain}.{}", node.operator);
            // A hostile file may name many.
            if !names.contains(&name) && names.len() < 20 {
                names.push(name);
            }
        }
    }
    names
}

/// A node's function.
pub(crate) fn build(node: &Node, version: i64) -> Result<Run, Fault> {
    match find(node) {
        Some(build) => build(node, version),
        None => Err(Fault::wrong("its operator is not known")),
    }
}

/// The input at this place.
fn input<'a>(inputs: &[Option<&'a Tensor>], at: usize) -> Result<&'a Tensor, Fault> {
    let found = inputs.get(at).copied().flatten();
    found.ok_or_else(|| Fault::Wrong(format!("its input {at} is not given")))
}

fn optional<'a>(inputs: &[Option<&'a Tensor>], at: usize) -> Option<&'a Tensor> {
    inputs.get(at).copied().flatten()
}

/// An axis counted from the front; from the back where it is negative.
fn axis(axis: i64, rank: usize) -> Result<usize, Fault> {
    let shifted = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(shifted)
        .ok()
        .filter(|axis| *axis < rank)
        .ok_or_else(|| Fault::Wrong(format!("there is no axis {axis} of {rank}")))
}

/// Sizes before, at and after an axis.
fn around(shape: &[usize], axis: usize) -> (usize, usize, usize) {
    let before = shape.iter().take(axis).product();
    let after = shape.iter().skip(axis + 1).product();
    (before, shape.get(axis).copied().unwrap_or(1), after)
}

/// The class that a row's scores choose: the first of the largest, as rounded
/// to `f32`. Half of the votes is half, however the last bits of a sum fell.
fn chosen(scores: &[f64]) -> Option<usize> {
    let rounded: Vec<f64> = scores
        .iter()
        .map(|score| f64::from(*score as f32))
        .collect();
    largest(&rounded)
}

/// The place of the largest; the first of equals. None: one is not a number.
fn largest(values: &[f64]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (at, value) in values.iter().enumerate() {
        if value.is_nan() {
            return None;
        }
        if best.is_none_or(|(_, most)| *value > most) {
            best = Some((at, *value));
        }
    }
    best.map(|(at, _)| at)
}
