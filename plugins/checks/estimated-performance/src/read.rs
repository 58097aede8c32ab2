//! Rows out of a batch.

use std::collections::BTreeMap;

use driftguard_distribution::coded::read::{codes, coding};
use driftguard_distribution::coded::{ColumnFrame, MISSING};
use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{Batch, Column, Context, Error, Kind, Role};

use crate::frame::{Frame, MOST_COLUMNS, Task};
use crate::profile::{Profile, Row};

/// Rows asked for at once.
const WINDOW: u32 = 16_384;
/// Most rows of a sample that codings are made of.
const FIT_ROWS: u32 = 16_384;

/// The frame of a sample of the reference.
///
/// # Errors
/// What the host says of its columns.
pub fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
    let here = sample.columns();
    let of_role = |role: Role| {
        let columns = context.columns.iter();
        let mut there = columns.filter(|one| here.iter().any(|other| other.name == one.name));
        there.find(|column| column.role == role)
    };
    let Some(label) = of_role(Role::Label) else {
        return Ok(Frame::nothing("the reference has no label"));
    };
    let (prediction, score) = (of_role(Role::Prediction), of_role(Role::Score));
    let score = score.filter(|column| column.kind == Kind::Numeric);
    let labels = distinct(label, &here, sample)?;
    let task = task(context, &labels, label, prediction, score)?;
    let mut frame = Frame {
        task,
        label: label.name.clone(),
        prediction: prediction.map_or(String::new(), |column| column.name.clone()),
        score: score.map_or(String::new(), |column| column.name.clone()),
        ..Frame::nothing("")
    };
    match frame.task {
        Task::Nothing(_) => return Ok(frame),
        Task::Numbers if frame.prediction.is_empty() => frame.prediction = frame.score.clone(),
        _ => {}
    }
    if !matches!(frame.task, Task::Scored { .. }) {
        frame.score = String::new();
    }
    let inputs = |column: &&Column| matches!(column.role, Role::Feature | Role::Segment);
    let subject = frame.subject().to_owned();
    let answer = context.columns.iter();
    let answer = answer.filter(|column| column.name == subject);
    let wanted: Vec<&Column> = context.columns.iter().filter(inputs).collect();
    frame.left_out = wanted.len().saturating_sub(MOST_COLUMNS) as u64;
    for column in wanted.into_iter().take(MOST_COLUMNS).chain(answer) {
        let Some(place) = here.iter().position(|other| other.name == column.name) else {
            continue;
        };
        let rows = sample.rows().min(FIT_ROWS);
        frame.columns.push(ColumnFrame {
            name: column.name.clone(),
            coding: coding(column.kind, sample, place as u32, rows)?,
        });
    }
    Ok(frame)
}

/// The first labels in order of text, at most three.
fn distinct(label: &Column, here: &[Column], sample: &Batch) -> Result<Vec<String>, Error> {
    let place = here.iter().position(|other| other.name == label.name);
    let place = place.and_then(|place| u32::try_from(place).ok());
    let Some(place) = place else {
        return Ok(vec![]);
    };
    let mut found: Vec<String> = match label.kind {
        Kind::Numeric => {
            let mut values = sample.floats(place, 0, sample.rows())?;
            values.retain(|value| value.is_finite());
            values.sort_by(f64::total_cmp);
            values.dedup();
            values.iter().take(3).map(f64::to_string).collect()
        }
        _ => {
            let counts = sample.categories(place, &[], 65_536)?;
            counts.others.into_iter().map(|one| one.value).collect()
        }
    };
    found.sort();
    found.truncate(3);
    Ok(found)
}

fn task(
    context: &Context,
    labels: &[String],
    label: &Column,
    prediction: Option<&Column>,
    score: Option<&Column>,
) -> Result<Task, Error> {
    let wanted = context.text("positive")?;
    if labels.len() < 2 {
        return Ok(Task::Nothing(
            "the labels of the reference are all the same or missing".into(),
        ));
    }
    let numeric =
        |column: Option<&Column>| column.is_some_and(|column| column.kind == Kind::Numeric);
    Ok(match labels {
        [first, second] if score.is_some() => {
            let usual = [first, second]
                .into_iter()
                .find(|one| matches!(one.as_str(), "1" | "true"));
            let positive = match wanted {
                "" => usual.unwrap_or(second).clone(),
                wanted if labels.iter().any(|one| one == wanted) => wanted.to_owned(),
                wanted => {
                    return Ok(Task::Nothing(format!(
                        "the setting `positive` is {wanted}, the labels are {first} and {second}"
                    )));
                }
            };
            Task::Scored { positive }
        }
        // Of two numbers right or wrong says more than how far off.
        [_, _] if prediction.is_some() => Task::Classes,
        _ if label.kind == Kind::Numeric && (numeric(prediction) || numeric(score)) => {
            Task::Numbers
        }
        _ if label.kind != Kind::Numeric && prediction.is_some() => Task::Classes,
        _ => Task::Nothing(
            "there is no answer to hold against the labels: name a prediction or a score".into(),
        ),
    })
}

/// Adds the rows of a batch.
///
/// # Errors
/// What the host says of its columns.
pub fn update(
    profile: &mut Profile,
    context: &Context,
    frame: &Frame,
    batch: &Batch,
) -> Result<(), Error> {
    if matches!(frame.task, Task::Nothing(_)) {
        return Ok(());
    }
    let reader = Reader {
        frame,
        batch,
        here: batch.columns(),
        threshold: context.number("threshold")?,
    };
    let mut present = vec![true; frame.columns.len()];
    let mut start = 0;
    while start < batch.rows() {
        let count = WINDOW.min(batch.rows() - start);
        reader.window(profile, (start, count), &mut present)?;
        start += count;
    }
    profile.note_columns(&present);
    Ok(())
}

struct Reader<'a> {
    frame: &'a Frame,
    batch: &'a Batch,
    here: Vec<Column>,
    threshold: f64,
}

/// A window and the rows of it that are wanted.
#[derive(Clone, Copy)]
struct Window<'w> {
    start: u32,
    count: u32,
    wanted: &'w [u32],
}

/// Score, answer and, where it is known, outcome of a row.
type Answer = (f64, bool, Option<f64>);

impl Reader<'_> {
    fn window(
        &self,
        profile: &mut Profile,
        (start, count): (u32, u32),
        present: &mut [bool],
    ) -> Result<(), Error> {
        let first = self.batch.first_row() + u64::from(start);
        let takes = |row: &u32| profile.takes(first + u64::from(*row));
        let wanted: Vec<u32> = (0..count).filter(takes).collect();
        // Even where no row is wanted: whether columns can be read must not
        // depend on how rows were cut.
        let window = Window {
            start,
            count: if wanted.is_empty() {
                count.min(1)
            } else {
                count
            },
            wanted: &wanted,
        };
        let mut rows: Vec<Vec<u8>> = vec![Vec::with_capacity(present.len()); wanted.len()];
        for (column, present) in self.frame.columns.iter().zip(present) {
            let place = self.place(&column.name);
            let found = match place {
                Some((place, _)) => {
                    let range = (window.start, window.count);
                    codes(&column.coding, self.batch, place, range, window.wanted)?
                }
                None => None,
            };
            *present &= found.is_some();
            let found = found.unwrap_or_else(|| vec![MISSING; wanted.len()]);
            rows.iter_mut()
                .zip(found)
                .for_each(|(row, code)| row.push(code));
        }
        let answers = self.answers(window)?;
        for ((row, codes), answer) in wanted.iter().zip(rows).zip(answers) {
            let position = first + u64::from(*row);
            if let Some((score, positive, outcome)) = answer {
                profile.add(Row {
                    position,
                    codes,
                    score,
                    positive,
                    outcome,
                });
            } else {
                profile.rows.note_dropped(1);
            }
        }
        let left = u64::from(count) - wanted.len() as u64;
        profile.rows.note_dropped(left);
        Ok(())
    }

    fn place(&self, name: &str) -> Option<(u32, Kind)> {
        let place = self.here.iter().position(|other| other.name == name)?;
        Some((u32::try_from(place).ok()?, self.here.get(place)?.kind))
    }

    /// Score, answer and outcome of each wanted row; None for a row without an
    /// answer.
    fn answers(&self, window: Window<'_>) -> Result<Vec<Option<Answer>>, Error> {
        let frame = self.frame;
        match &frame.task {
            Task::Scored { positive } => {
                let scores = self.numbers(&frame.score, window)?;
                let labels = self.words(&frame.label, window)?;
                let said = match frame.prediction.as_str() {
                    "" => None,
                    name => Some(self.words(name, window)?),
                };
                let row = |(at, score): (usize, &f64)| {
                    let of = |words: &[Option<String>]| words.get(at).cloned().flatten();
                    let is_positive = |word: String| word == *positive;
                    let answer = said.as_deref().map(of);
                    let answer = match answer {
                        Some(word) => is_positive(word?),
                        None => *score >= self.threshold,
                    };
                    let label = of(&labels).map(|word| f64::from(u8::from(is_positive(word))));
                    score.is_finite().then_some((*score, answer, label))
                };
                Ok(scores.iter().enumerate().map(row).collect())
            }
            Task::Classes => {
                let said = self.words(&frame.prediction, window)?;
                let labels = self.words(&frame.label, window)?;
                let row = |(said, label): (Option<String>, Option<String>)| {
                    let said = said?;
                    let loss = label.map(|label| f64::from(u8::from(label != said)));
                    Some((0.0, false, loss))
                };
                Ok(said.into_iter().zip(labels).map(row).collect())
            }
            Task::Numbers => {
                let said = self.numbers(&frame.prediction, window)?;
                let labels = self.numbers(&frame.label, window)?;
                let row = |(said, label): (&f64, &f64)| {
                    let loss = (label - said).abs();
                    let loss = loss.is_finite().then_some(loss);
                    said.is_finite().then_some((0.0, false, loss))
                };
                Ok(said.iter().zip(&labels).map(row).collect())
            }
            Task::Nothing(_) => Ok(vec![None; window.wanted.len()]),
        }
    }

    /// Numbers of the wanted rows; NaN where there is none.
    fn numbers(&self, name: &str, window: Window<'_>) -> Result<Vec<f64>, Error> {
        let missing = || vec![f64::NAN; window.wanted.len()];
        let Some((place, _)) = self.place(name) else {
            return Ok(missing());
        };
        let all = match self.batch.floats(place, window.start, window.count) {
            Ok(all) => all,
            Err(DataError::WrongKind(_)) => return Ok(missing()),
            Err(error) => return Err(error.into()),
        };
        let value = |row: &u32| all.get(*row as usize).copied().unwrap_or(f64::NAN);
        Ok(window.wanted.iter().map(value).collect())
    }

    /// Values of the wanted rows as text; None where there is none.
    fn words(&self, name: &str, window: Window<'_>) -> Result<Vec<Option<String>>, Error> {
        let missing = || vec![None; window.wanted.len()];
        let Some((place, kind)) = self.place(name) else {
            return Ok(missing());
        };
        if kind == Kind::Numeric {
            let numbers = self.numbers(name, window)?;
            let word = |value: &f64| value.is_finite().then(|| value.to_string());
            return Ok(numbers.iter().map(word).collect());
        }
        let dictionary = match self.batch.dictionary(place, window.start, window.count) {
            Ok(dictionary) => dictionary,
            Err(DataError::WrongKind(_)) => return Ok(missing()),
            Err(error) => return Err(error.into()),
        };
        let mut known: BTreeMap<u32, Option<String>> = BTreeMap::new();
        let mut word = |row: &u32| {
            let code = *dictionary.codes.get(*row as usize)?;
            let text = || dictionary.values.text(code as usize).map(str::to_owned);
            known.entry(code).or_insert_with(text).clone()
        };
        Ok(window.wanted.iter().map(&mut word).collect())
    }
}
