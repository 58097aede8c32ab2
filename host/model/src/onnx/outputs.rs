//! What a file answers, as columns: an output of one value a row under its own
//! name, one of several as `NAME[0]`, `NAME[1]`, ...

use driftguard_onnx::{Data, Port, Tensor};

use crate::answers::{Answer, Answers, Values};
use crate::error::ModelError;

/// Most values of a row of one output.
const WIDEST: usize = 1024;

/// Columns that grow by a run's rows.
pub(super) struct Outputs<'a> {
    model: &'a str,
    ports: &'a [Port],
    rows: u64,
    /// Of each output its columns.
    columns: Vec<Vec<Values>>,
}

impl<'a> Outputs<'a> {
    pub(super) fn new(model: &'a str, ports: &'a [Port]) -> Self {
        Self {
            model,
            ports,
            rows: 0,
            columns: vec![vec![]; ports.len()],
        }
    }

    fn wrong(&self, output: &str, reason: String) -> ModelError {
        ModelError::OnnxOutput {
            model: self.model.to_owned(),
            output: output.to_owned(),
            reason,
        }
    }

    /// Takes the answers of one run.
    pub(super) fn add(&mut self, rows: usize, answers: &[Tensor]) -> Result<(), ModelError> {
        for (at, (tensor, port)) in answers.iter().zip(self.ports).enumerate() {
            let wide = match tensor.shape() {
                [found] if *found == rows => 1,
                [found, wide] if *found == rows && (1..=WIDEST).contains(wide) => *wide,
                shape => {
                    let reason = format!(
                        "the shape {shape:?} came back for {rows} rows; a row is answered with one value, or with a list of up to {WIDEST}"
                    );
                    return Err(self.wrong(&port.name, reason));
                }
            };
            let new = (0..wide).map(|column| values(tensor.data(), column, wide));
            let new: Vec<Values> = new.collect();
            let Some(old) = self.columns.get_mut(at) else {
                continue;
            };
            if self.rows == 0 {
                *old = new;
            } else if !joined(old, new) {
                let reason = "it is of another kind or width than for the rows before".to_owned();
                return Err(self.wrong(&port.name, reason));
            }
        }
        self.rows += rows as u64;
        Ok(())
    }

    /// All columns. Without a name that of the second class counts where a row
    /// is answered with two probabilities, and a single value otherwise.
    pub(super) fn answers(self) -> Result<Answers, ModelError> {
        let mut columns = vec![];
        let (mut second, mut alone) = (None, None);
        for (port, list) in self.ports.iter().zip(self.columns) {
            let wide = list.len();
            for (at, values) in list.into_iter().enumerate() {
                let name = match wide {
                    1 => port.name.clone(),
                    _ => format!("{}[{at}]", port.name),
                };
                if wide == 2 && at == 1 {
                    second.get_or_insert_with(|| name.clone());
                } else if wide == 1 {
                    alone.get_or_insert_with(|| name.clone());
                }
                finite(self.model, &name, &values)?;
                columns.push(Answer { name, values });
            }
        }
        Ok(Answers {
            model: self.model.to_owned(),
            columns,
            usual: second.or(alone),
        })
    }
}

fn values(data: &Data, column: usize, wide: usize) -> Values {
    fn every<T: Clone, U>(all: &[T], column: usize, wide: usize, one: fn(T) -> U) -> Vec<U> {
        all.iter()
            .skip(column)
            .step_by(wide)
            .cloned()
            .map(one)
            .collect()
    }
    match data {
        Data::Single(all) | Data::Double(all) => {
            Values::Numbers(every(all, column, wide, |value| value))
        }
        Data::Int(all) => Values::Numbers(every(all, column, wide, |value| value as f64)),
        Data::Bool(all) => {
            Values::Numbers(every(all, column, wide, |value| f64::from(u8::from(value))))
        }
        Data::Text(all) => Values::Classes(every(all, column, wide, |text| text.to_string())),
    }
}

/// Whether all lists were of one kind and could be joined.
fn joined(old: &mut [Values], new: Vec<Values>) -> bool {
    old.len() == new.len()
        && old.iter_mut().zip(new).all(|(old, new)| match (old, new) {
            (Values::Numbers(old), Values::Numbers(new)) => {
                old.extend(new);
                true
            }
            (Values::Classes(old), Values::Classes(new)) => {
                old.extend(new);
                true
            }
            _ => false,
        })
}

/// A missing or infinite answer is none.
fn finite(model: &str, column: &str, values: &Values) -> Result<(), ModelError> {
    let Values::Numbers(values) = values else {
        return Ok(());
    };
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(ModelError::NoAnswer {
            model: model.to_owned(),
            column: column.to_owned(),
            row: row as u64,
            found: match values.get(row) {
                Some(value) if !value.is_nan() => value.to_string(),
                _ => "missing".to_owned(),
            },
        }),
    }
}
