//! Labels held against the inputs: a small model foretells the label of each
//! row, out of fold, and its sure answers are looked at as those of a score are.

use driftguard_answers::{Outcomes, Sample, Values};
use driftguard_distribution::coded::read::{codes, coding};
use driftguard_distribution::coded::{ColumnFrame, MISSING};
use driftguard_distribution::rows::{Rows, row_bytes};
use driftguard_sdk::prelude::{Batch, Column, Error, Kind, Role};
use driftguard_statistics::boosted::{self, Boosted};
use driftguard_statistics::thinned::row_hash;
use serde::{Deserialize, Serialize};

use crate::frame::{Frame, Limits};

/// Most inputs, whatever the setting says.
pub(crate) const MOST_INPUTS: usize = 64;
/// Labelled rows of the sample that the model learns from, at most and least.
const FIT_ROWS: usize = 4_096;
const LEAST_ROWS: usize = 600;
/// Parts of the rows; each is foretold by a model that did not see it.
const FOLDS: usize = 3;
/// Steps that go further than those of a classifier that must not see chance:
/// what it says is counted out of fold.
const LIMITS: boosted::Limits = boosted::Limits {
    trees: 16,
    rate: 0.3,
    leaf: 20,
    ridge: 5.0,
};
/// What stands for the model where a score has a name.
const NAME: &str = "inputs";

/// Inputs as codes, a model for each part of the rows, and what it is sure of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputModel {
    columns: Vec<ColumnFrame>,
    folds: Vec<Boosted>,
    /// Bins of what is foretold; without any where nothing is.
    pub sure: Frame,
    rows: Rows,
}

/// The part of the rows that a row belongs to, by what is in it: the same
/// rows are never learnt from and foretold by one model.
fn fold(codes: &[u8]) -> usize {
    let mix = |hash: u64, code: &u8| row_hash(hash.wrapping_mul(31).wrapping_add(u64::from(*code)));
    (codes.iter().fold(0, mix) % FOLDS as u64) as usize
}

impl InputModel {
    /// Learns from a sample of the reference, up to `most` inputs; empty where
    /// there are not two classes, or too few rows.
    pub(crate) fn fit(
        batch: &Batch,
        positive: &str,
        limits: &Limits,
        most: usize,
    ) -> Result<Self, Error> {
        let here = batch.columns();
        let is_input = |column: &Column| {
            matches!(column.role, Role::Feature | Role::Segment)
                && matches!(column.kind, Kind::Numeric | Kind::Categorical)
        };
        let label = (0..)
            .zip(&here)
            .find(|(_, column)| column.role == Role::Label);
        let Some((place, label)) = label.filter(|_| most > 0) else {
            return Ok(Self::default());
        };
        let truth = Values::read(batch, place, label.kind)?;
        let known = known(&truth);
        if known.len() < LEAST_ROWS {
            return Ok(Self::default());
        }
        // Spread evenly: the sample is in the order of time.
        let taken = known.len().min(FIT_ROWS);
        let wanted: Vec<u32> = (0..taken)
            .filter_map(|at| known.get(at * known.len() / taken).copied())
            .collect();
        let mut model = Self::default();
        let mut rows: Vec<Vec<u8>> = vec![vec![]; wanted.len()];
        let inputs = (0..).zip(&here).filter(|(_, column)| is_input(column));
        for (place, column) in inputs.take(most) {
            let frame = ColumnFrame {
                name: column.name.clone(),
                coding: coding(column.kind, batch, place, batch.rows().min(FIT_ROWS as u32))?,
            };
            let read = codes(&frame.coding, batch, place, (0, batch.rows()), &wanted)?;
            let Some(read) = read else { continue };
            rows.iter_mut()
                .zip(read)
                .for_each(|(row, code)| row.push(code));
            model.columns.push(frame);
        }
        let inputs = here.iter().filter(|column| is_input(column));
        model.rows = Rows::sparse(row_bytes(inputs));
        let truth = picked(&truth, &wanted);
        model.learn(&rows, (&label.name, truth), positive, limits);
        Ok(model)
    }

    /// The model of coded rows at hand, one label for each.
    pub fn of(
        columns: Vec<ColumnFrame>,
        rows: &[Vec<u8>],
        label: (&str, Values),
        positive: &str,
        limits: &Limits,
    ) -> Self {
        let mut model = Self {
            columns,
            ..Self::default()
        };
        model.learn(rows, label, positive, limits);
        model
    }

    fn learn(
        &mut self,
        rows: &[Vec<u8>],
        (name, truth): (&str, Values),
        positive: &str,
        limits: &Limits,
    ) {
        let sample = |score: Vec<f64>| Sample {
            label: Some((name.to_owned(), truth.clone())),
            score: Some((NAME.to_owned(), Values::Numbers(score))),
            ..Sample::default()
        };
        // Which class is positive: a question with scores that say nothing.
        let blank = sample(vec![0.5; rows.len()]);
        let question = driftguard_answers::Question::of(&blank, 0.5, positive);
        if question.classes.len() != 2 || self.columns.is_empty() {
            *self = Self::default();
            return;
        }
        let classes = question.rows(&blank).truth;
        let ordered: Vec<bool> = self
            .columns
            .iter()
            .map(|column| column.coding.ordered())
            .collect();
        self.folds = (0..FOLDS)
            .map(|part| {
                let pairs = rows.iter().zip(&classes);
                let known =
                    pairs.filter(|(row, class)| fold(row) != part && usize::from(**class) < 2);
                let learnt: Vec<(&[u8], bool)> = known
                    .map(|(row, class)| (row.as_slice(), *class == question.positive))
                    .collect();
                let rows = boosted::Rows {
                    rows: &learnt,
                    ordered: &ordered,
                };
                Boosted::train(&rows, &LIMITS)
            })
            .collect();
        let foretold = rows.iter().map(|row| self.foretold(row)).collect();
        self.sure = Frame::of(&sample(foretold), positive, limits);
    }

    /// Log-odds that the label of a row is positive, from a model that did not
    /// learn from such a row.
    fn foretold(&self, codes: &[u8]) -> f64 {
        self.folds
            .get(fold(codes))
            .map_or(f64::NAN, |model| model.score(codes))
    }

    /// Adds coded rows with a label at hand.
    pub fn add(&self, outcomes: &mut Outcomes, rows: &[Vec<u8>], truth: Values) {
        let frame = &self.sure.outcomes;
        let foretold = rows.iter().map(|row| self.foretold(row)).collect();
        let sample = Sample {
            label: Some((frame.question.label.clone(), truth)),
            score: Some((NAME.to_owned(), Values::Numbers(foretold))),
            ..Sample::default()
        };
        outcomes.add(frame, rows.len() as u64, &frame.question.rows(&sample));
    }

    /// Adds the rows of a batch that are read and have a label.
    pub(crate) fn update(&self, outcomes: &mut Outcomes, batch: &Batch) -> Result<(), Error> {
        if self.sure.says.is_empty() {
            return Ok(());
        }
        let here = batch.columns();
        let find = |name: &str| (0..).zip(&here).find(|(_, column)| column.name == name);
        let Some((place, label)) = find(&self.sure.outcomes.question.label) else {
            return Ok(());
        };
        let truth = Values::read(batch, place, label.kind)?;
        let known = known(&truth);
        for (start, count) in self.rows.windows(batch.first_row(), batch.rows()) {
            let from = known.partition_point(|row| *row < start);
            let until = known.partition_point(|row| *row < start + count);
            let wanted = known.get(from..until).unwrap_or_default();
            if wanted.is_empty() {
                continue;
            }
            let truth = picked(&truth, wanted);
            let of_window: Vec<u32> = wanted.iter().map(|row| row - start).collect();
            let mut rows: Vec<Vec<u8>> = vec![Vec::with_capacity(self.columns.len()); wanted.len()];
            for column in &self.columns {
                let read = match find(&column.name) {
                    Some((place, _)) => {
                        codes(&column.coding, batch, place, (start, count), &of_window)?
                    }
                    None => None,
                };
                let read = read.unwrap_or_else(|| vec![MISSING; wanted.len()]);
                rows.iter_mut()
                    .zip(read)
                    .for_each(|(row, code)| row.push(code));
            }
            self.add(outcomes, &rows, truth);
        }
        Ok(())
    }

    /// Checks a model that came from outside.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.sure.validate()?;
        let fits = self.columns.len() <= MOST_INPUTS
            && self.columns.iter().all(|column| column.coding.fits())
            && (self.sure.says.is_empty() || self.folds.len() == FOLDS);
        match fits {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's model of the inputs is not one of a sample; rebuild the baseline"
                    .into(),
            )),
        }
    }
}

/// Rows with a value.
fn known(values: &Values) -> Vec<u32> {
    let holds = |row: &u32| match values {
        Values::Numbers(numbers) => numbers.get(*row as usize).is_some_and(|x| x.is_finite()),
        Values::Codes(codes, words) => {
            let code = codes.get(*row as usize);
            code.is_some_and(|code| (*code as usize) < words.len())
        }
    };
    (0..values.len() as u32).filter(holds).collect()
}

fn picked(values: &Values, rows: &[u32]) -> Values {
    fn pick<T: Copy>(values: &[T], rows: &[u32]) -> Vec<T> {
        rows.iter()
            .filter_map(|row| values.get(*row as usize).copied())
            .collect()
    }
    match values {
        Values::Numbers(numbers) => Values::Numbers(pick(numbers, rows)),
        Values::Codes(codes, words) => Values::Codes(pick(codes, rows), words.clone()),
    }
}
