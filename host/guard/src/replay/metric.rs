//! What of the answers is compared. Every metric is a mean of one number a
//! row, so that its move splits exactly.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use driftguard_model::{Answer, ModelError, Values};

/// Classes that are compared where none is named, the most frequent.
const CLASSES: usize = 12;

/// A metric as asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Metric {
    /// The mean of numbers.
    Mean,
    /// The share of rows above a threshold.
    Above(f64),
    /// The share of rows at or above a threshold.
    AtLeast(f64),
    /// The share of rows of a class.
    Class(String),
    /// The share of each class.
    Classes,
}

/// A text that is no metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no metric: write {expected}", expected = Metric::EXPECTED)]
pub struct BadMetric(pub String);

impl Metric {
    /// What may be written.
    pub const EXPECTED: &'static str =
        "`mean`, `share>0.5`, `share>=0.5`, `share=CLASS` or `classes`";
}

impl FromStr for Metric {
    type Err = BadMetric;

    fn from_str(text: &str) -> Result<Self, BadMetric> {
        let text = text.trim();
        let bad = || BadMetric(text.to_owned());
        let number = |text: &str| {
            let number: f64 = text.trim().parse().map_err(|_| bad())?;
            number.is_finite().then_some(number).ok_or_else(bad)
        };
        let rest = match text {
            "mean" => return Ok(Self::Mean),
            "classes" => return Ok(Self::Classes),
            _ => text.strip_prefix("share").ok_or_else(bad)?.trim_start(),
        };
        if let Some(at_least) = rest.strip_prefix(">=") {
            number(at_least).map(Self::AtLeast)
        } else if let Some(above) = rest.strip_prefix('>') {
            number(above).map(Self::Above)
        } else {
            match rest.strip_prefix('=').map(str::trim) {
                Some(class) if !class.is_empty() => Ok(Self::Class(class.to_owned())),
                _ => Err(bad()),
            }
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => write!(out, "mean"),
            Self::Above(threshold) => write!(out, "share>{threshold}"),
            Self::AtLeast(threshold) => write!(out, "share>={threshold}"),
            Self::Class(class) => write!(out, "share={class}"),
            Self::Classes => write!(out, "classes"),
        }
    }
}

impl Metric {
    /// Whether it is a share of rows.
    pub(super) fn is_share(&self) -> bool {
        *self != Self::Mean
    }

    /// The number of each row.
    pub(super) fn numbers(&self, model: &str, answer: &Answer) -> Result<Vec<f64>, ModelError> {
        let is = |yes: bool| f64::from(u8::from(yes));
        let needed = |values: &Values| match values {
            Values::Numbers(values) => Ok(values.clone()),
            Values::Classes(classes) => Err(ModelError::NoNumber {
                model: model.to_owned(),
                column: answer.name.clone(),
                row: 0,
                found: format!("{:?}", classes.first().map_or("", String::as_str)),
            }),
        };
        Ok(match self {
            Self::Mean => needed(&answer.values)?,
            Self::Above(threshold) => needed(&answer.values)?
                .into_iter()
                .map(|value| is(value > *threshold))
                .collect(),
            Self::AtLeast(threshold) => needed(&answer.values)?
                .into_iter()
                .map(|value| is(value >= *threshold))
                .collect(),
            Self::Class(class) => match &answer.values {
                Values::Classes(values) => values.iter().map(|value| is(value == class)).collect(),
                Values::Numbers(values) => {
                    let wanted: Option<f64> = class.parse().ok();
                    values
                        .iter()
                        .map(|value| is(Some(*value) == wanted))
                        .collect()
                }
            },
            // Spelled out before rows are counted.
            Self::Classes => vec![0.0; answer.values.len()],
        })
    }

    /// The metrics that are meant for these answers: the usual ones where none
    /// are asked for, and `classes` class by class.
    pub(super) fn spelled(asked: &[Self], answers: &[&Answer]) -> Vec<Self> {
        let classes = || -> Vec<Self> {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            for answer in answers {
                match &answer.values {
                    Values::Classes(values) => {
                        values
                            .iter()
                            .for_each(|value| *counts.entry(value.clone()).or_default() += 1);
                    }
                    Values::Numbers(values) => {
                        values
                            .iter()
                            .for_each(|value| *counts.entry(value.to_string()).or_default() += 1);
                    }
                }
            }
            let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
            counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            counts
                .into_iter()
                .take(CLASSES)
                .map(|(class, _)| Self::Class(class))
                .collect()
        };
        if asked.is_empty() {
            let texts = answers
                .iter()
                .any(|answer| matches!(answer.values, Values::Classes(_)));
            return if texts { classes() } else { vec![Self::Mean] };
        }
        let spell = |metric: &Self| match metric {
            Self::Classes => classes(),
            other => vec![other.clone()],
        };
        asked.iter().flat_map(spell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_and_written() {
        for text in [
            "mean",
            "classes",
            "share>0.5",
            "share>=0.5",
            "share=approved",
        ] {
            assert_eq!(text.parse::<Metric>().unwrap().to_string(), text);
        }
        assert_eq!(
            "share = a b".parse::<Metric>().unwrap(),
            Metric::Class("a b".into())
        );
        for text in [
            "",
            "median",
            "share",
            "share=",
            "share>x",
            "share>NaN",
            "mean ",
        ] {
            assert_eq!(text.parse::<Metric>().is_err(), text != "mean ", "{text}");
        }
    }

    #[test]
    fn numbers_of_rows() {
        let answer = |values| Answer {
            name: "y".into(),
            values,
        };
        let numbers = answer(Values::Numbers(vec![0.2, 0.5, 1.0]));
        let of = |text: &str, answer: &Answer| {
            text.parse::<Metric>()
                .unwrap()
                .numbers("m", answer)
                .unwrap()
        };
        assert_eq!(of("share>0.5", &numbers), [0.0, 0.0, 1.0]);
        assert_eq!(of("share>=0.5", &numbers), [0.0, 1.0, 1.0]);
        assert_eq!(of("share=1", &numbers), [0.0, 0.0, 1.0]);
        let classes = answer(Values::Classes(vec!["b".into(), "a".into(), "b".into()]));
        assert_eq!(of("share=b", &classes), [1.0, 0.0, 1.0]);
        assert!(Metric::Mean.numbers("m", &classes).is_err());
        let spelled = Metric::spelled(&[], &[&classes]);
        assert_eq!(
            spelled,
            [Metric::Class("b".into()), Metric::Class("a".into())]
        );
    }
}
