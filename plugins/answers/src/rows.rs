//! Truth, prediction and score of each row.

use crate::class_scores::highest;
use crate::question::{Question, Sample, Task};
use crate::values::Values;

/// A row without a class.
pub const NONE: u16 = u16::MAX;

/// The rows of a batch; lists that a task has no use for are empty.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// True class, or [`NONE`].
    pub truth: Vec<u16>,
    /// Predicted class, or [`NONE`]; empty where no column says it.
    pub predicted: Vec<u16>,
    /// Score, NaN for none.
    pub score: Vec<f64>,
    /// True number, NaN for none.
    pub value: Vec<f64>,
    /// Answered number, NaN for none.
    pub answer: Vec<f64>,
}

impl Question {
    /// The rows of some columns. A column that is not there has no values.
    pub fn rows(&self, sample: &Sample) -> Rows {
        let Some((_, truth)) = &sample.label else {
            return Rows::default();
        };
        let n = truth.len();
        let numbers = |column: &Option<(String, Values)>| {
            let numbers = column.as_ref().map(|(_, values)| values.numbers());
            numbers.unwrap_or_else(|| vec![f64::NAN; n])
        };
        match self.task {
            Task::None => Rows::default(),
            Task::Numbers => {
                let column = match sample.prediction {
                    Some(_) => &sample.prediction,
                    None => &sample.score,
                };
                Rows {
                    value: truth.numbers(),
                    answer: numbers(column),
                    ..Rows::default()
                }
            }
            Task::Binary | Task::Classes => {
                let score = self.score.as_ref().map(|_| {
                    let numbers = sample.score_of(self).map(|(_, values)| values.numbers());
                    numbers.unwrap_or_else(|| vec![f64::NAN; n])
                });
                let predicted = match (self.threshold, &score) {
                    (Some(threshold), Some(score)) => score
                        .iter()
                        .map(|score| self.side(*score, threshold))
                        .collect(),
                    _ => match &sample.prediction {
                        Some((_, values)) if self.prediction.is_some() => {
                            self.classes.codes(values)
                        }
                        _ if self.class_scores.is_empty() => vec![],
                        _ => highest(&self.class_numbers(sample, n), n),
                    },
                };
                Rows {
                    truth: self.classes.codes(truth),
                    predicted,
                    score: score.unwrap_or_default(),
                    ..Rows::default()
                }
            }
        }
    }

    /// The class that a score means.
    fn side(&self, score: f64, threshold: f64) -> u16 {
        match (score.is_finite(), score >= threshold) {
            (false, _) => NONE,
            (true, true) => self.positive,
            (true, false) => 1 - self.positive.min(1),
        }
    }
}

impl Sample {
    /// The column of the score: a prediction may be one.
    fn score_of(&self, question: &Question) -> Option<&(String, Values)> {
        let named = |column: &&(String, Values)| Some(&column.0) == question.score.as_ref();
        let mut columns = self.scores().chain(&self.prediction);
        columns.find(named)
    }
}
