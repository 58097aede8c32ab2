//! `LinearClassifier` and `LinearRegressor`, and what turns scores into
//! probabilities.

use std::sync::Arc;

use super::elementwise::sigmoid;
use super::matrix::multiply;
use super::{Run, chosen, input};
use crate::meter::Fault;
use crate::proto::Node;
use crate::tensor::{Data, Tensor};

/// What is done to the scores of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Post {
    None,
    Logistic,
    Softmax,
    /// A softmax in which a score of 0 stays 0.
    SoftmaxZero,
}

impl Post {
    pub(super) fn of(node: &Node) -> Result<Self, Fault> {
        Ok(match node.text("post_transform")?.unwrap_or("NONE") {
            "NONE" => Self::None,
            "LOGISTIC" => Self::Logistic,
            "SOFTMAX" => Self::Softmax,
            "SOFTMAX_ZERO" => Self::SoftmaxZero,
            other => {
                return Err(Fault::Wrong(format!(
                    "`post_transform` {other} is not supported"
                )));
            }
        })
    }

    pub(super) fn apply(self, scores: &mut [f64]) {
        let zero = self == Self::SoftmaxZero;
        match self {
            Self::None => {}
            Self::Logistic => scores.iter_mut().for_each(|score| *score = sigmoid(*score)),
            Self::Softmax | Self::SoftmaxZero => {
                let taken = |score: f64| !(zero && score.abs() < 1e-7);
                let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let total: f64 = scores
                    .iter()
                    .filter(|score| taken(**score))
                    .map(|score| (score - most).exp())
                    .sum();
                for score in scores {
                    if taken(*score) {
                        *score = (*score - most).exp() / total;
                    }
                }
            }
        }
    }
}

/// Names of classes.
pub(super) enum Labels {
    Ints(Vec<i64>),
    Texts(Vec<Arc<str>>),
}

impl Labels {
    pub(super) fn of(node: &Node, ints: &str) -> Result<Self, Fault> {
        let (ints, texts) = (node.ints(ints)?, node.texts("classlabels_strings")?);
        let labels = match texts.is_empty() {
            true => Self::Ints(ints.to_vec()),
            false => Self::Texts(texts.to_vec()),
        };
        match labels.len() {
            0 | 1 => Err(Fault::wrong("it knows fewer than two classes")),
            _ => Ok(labels),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Ints(labels) => labels.len(),
            Self::Texts(labels) => labels.len(),
        }
    }

    /// Names of the classes at these places.
    pub(super) fn named(&self, places: &[usize]) -> Result<Tensor, Fault> {
        let data = match self {
            Self::Ints(labels) => Data::Int(
                places
                    .iter()
                    .filter_map(|at| labels.get(*at))
                    .copied()
                    .collect(),
            ),
            Self::Texts(labels) => Data::Text(
                places
                    .iter()
                    .filter_map(|at| labels.get(*at))
                    .cloned()
                    .collect(),
            ),
        };
        Tensor::new(vec![places.len()], data)
    }
}

/// Weights of outputs, an input after the other, with what is added to each.
struct Weights {
    /// `[inputs, outputs]`.
    by_input: Vec<f64>,
    inputs: usize,
    outputs: usize,
    added: Vec<f64>,
}

impl Weights {
    /// From coefficients `[outputs, inputs]`.
    fn of(node: &Node, outputs: usize) -> Result<Self, Fault> {
        let coefficients = node.floats("coefficients")?;
        let count = coefficients.len();
        if outputs == 0 || count == 0 || count % outputs != 0 {
            let reason = format!("{count} coefficients for {outputs} outputs");
            return Err(Fault::Wrong(reason));
        }
        let inputs = count / outputs;
        let by_input = (0..inputs)
            .flat_map(|input| coefficients.iter().skip(input).step_by(inputs))
            .copied()
            .collect();
        let added = match node.floats("intercepts")? {
            [] => vec![0.0; outputs],
            some => Node::as_long("intercepts", some, outputs)?.to_vec(),
        };
        Ok(Self {
            by_input,
            inputs,
            outputs,
            added,
        })
    }

    fn scores(
        &self,
        given: &Tensor,
        meter: &crate::meter::Meter,
    ) -> Result<(usize, Vec<f64>), Fault> {
        let (rows, columns) = given.matrix()?;
        if columns != self.inputs {
            let reason = format!("{columns} columns given, {} belong there", self.inputs);
            return Err(Fault::Wrong(reason));
        }
        let numbers = given.numbers()?;
        let weights = (self.by_input.as_slice(), self.outputs);
        let mut scores = multiply((&numbers, rows, columns), weights, meter)?;
        for row in scores.chunks_exact_mut(self.outputs) {
            for (score, added) in row.iter_mut().zip(&self.added) {
                *score += added;
            }
        }
        Ok((rows, scores))
    }
}

pub(super) fn classifier(node: &Node, _: i64) -> Result<Run, Fault> {
    let labels = Labels::of(node, "classlabels_ints")?;
    let post = Post::of(node)?;
    let classes = labels.len();
    // Of two classes the weights of the second are enough.
    let intercepts = node.floats("intercepts")?.len();
    let outputs = if classes == 2 && intercepts == 1 {
        1
    } else {
        classes
    };
    let weights = Weights::of(node, outputs)?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let (rows, mut scores) = weights.scores(given, meter)?;
        if outputs == 1 {
            scores = scores.iter().flat_map(|score| [-score, *score]).collect();
        }
        let mut places = Vec::with_capacity(rows);
        for (row, scores) in scores.chunks_exact_mut(classes).enumerate() {
            places.push(chosen(scores).ok_or_else(|| Fault::Missing(row, String::new()))?);
            post.apply(scores);
        }
        let scores = Data::floats(crate::tensor::Kind::Single, scores);
        Ok(vec![
            labels.named(&places)?,
            Tensor::new(vec![rows, classes], scores)?,
        ])
    }))
}

pub(super) fn regressor(node: &Node, _: i64) -> Result<Run, Fault> {
    let outputs = node.int("targets")?.unwrap_or(1);
    let outputs = usize::try_from(outputs).map_err(|_| Fault::wrong("`targets` below 0"))?;
    let post = Post::of(node)?;
    let weights = Weights::of(node, outputs)?;
    Ok(Box::new(move |inputs, meter| {
        let given = input(inputs, 0)?;
        let (rows, mut scores) = weights.scores(given, meter)?;
        scores
            .chunks_exact_mut(outputs)
            .for_each(|row| post.apply(row));
        let data = Data::floats(crate::tensor::Kind::Single, scores);
        Ok(vec![Tensor::new(vec![rows, outputs], data)?])
    }))
}
