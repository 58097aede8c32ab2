//! Outcomes given the answer and one input: what goes up for some rows of a
//! score and down for others.

use driftguard_answers::finding::{About, LEVEL};
use driftguard_answers::outcomes::{NO_OUTCOME, group};
use driftguard_answers::{OutcomeFrame, Task};
use driftguard_distribution::coding::{Cells, Coding, MAX_CELLS, Part, Values};
use driftguard_distribution::refused;
use driftguard_distribution::rows::{Rows, row_bytes};
use driftguard_distribution::words::{column, number, pair, percent, percent_pair, short};
use driftguard_sdk::prelude::{
    Batch, Column, Error, Evidence, Finding, Kind, Role, Status, Subject,
};
use driftguard_statistics::conditional::{Conditional, Group, Outcome, beyond};
use driftguard_statistics::kitagawa::{Cell, merge};
use serde::{Deserialize, Serialize};

use crate::compare::measured;

/// Bands of answers that cells of an input are told apart in.
const BANDS: usize = 4;
/// Rows of the sample that cells are laid out over.
const SAMPLE_ROWS: u32 = 16_384;
/// Most inputs, whatever the setting says.
pub(crate) const MOST_INPUTS: usize = 64;
/// Fewest rows with outcome and inputs on either side.
const LEAST_ROWS: u64 = 500;
const METRIC: &str = "outcome-given-answer-and-input/v1";

/// Cells of the inputs, and which rows are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Of each input.
    pub codings: Vec<Coding>,
    rows: Rows,
}

impl Inputs {
    /// Of a sample of the reference, at most `most` columns.
    pub(crate) fn fit(sample: &Batch, most: usize) -> Result<Self, Error> {
        let here = sample.columns();
        let is_input = |column: &&Column| {
            matches!(column.role, Role::Feature | Role::Segment)
                && matches!(column.kind, Kind::Numeric | Kind::Categorical)
        };
        let wanted: Vec<&Column> = here.iter().filter(is_input).take(most).collect();
        let mut read = vec![];
        for column in &wanted {
            let values = Values::sampled(sample, &here, &column.name, SAMPLE_ROWS)?;
            read.push(((*column).clone(), values));
        }
        Ok(Self::of(&read))
    }

    /// The same of columns at hand.
    pub fn of(sample: &[(Column, Values)]) -> Self {
        let codings = sample.iter();
        let codings = codings.flat_map(|(column, values)| Coding::of(column, values, MAX_CELLS));
        Self {
            codings: codings.take(MOST_INPUTS).collect(),
            rows: Rows::sparse(row_bytes(sample.iter().map(|(column, _)| column))),
        }
    }

    /// Checks cells that came from outside.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let sound = |coding: &Coding| (1..=MAX_CELLS).contains(&coding.size());
        match self.codings.len() <= MOST_INPUTS && self.codings.iter().all(sound) {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's inputs hold cells beyond the limits; rebuild the baseline".into(),
            )),
        }
    }

    /// A cell and a band in words.
    fn condition(&self, outcomes: &OutcomeFrame, input: usize, place: usize) -> String {
        let Some(coding) = self.codings.get(input) else {
            return String::new();
        };
        let (cell, band) = (place / BANDS, place % BANDS);
        let name = column(&coding.name);
        let edge = |edges: &[f64], at: usize| edges.get(at).map(|edge| number(*edge));
        let of_input = match &coding.cells {
            _ if cell == coding.size() => format!("{name} is missing"),
            Cells::Words(words) => match words.get(cell) {
                Some(word) => format!("{name} is {}", short(word)),
                None => format!("{name} is any other"),
            },
            Cells::Edges(edges) => {
                let low = cell.checked_sub(1).and_then(|at| edge(edges, at));
                let part = match coding.part {
                    Part::Value => name,
                    part => format!("the {} of {name}", part.word()),
                };
                match (low, edge(edges, cell)) {
                    (Some(low), Some(high)) => format!("{part} is {low} to {high}"),
                    (None, Some(high)) => format!("{part} is below {high}"),
                    (Some(low), None) => format!("{part} is {low} or more"),
                    (None, None) => format!("{part} is anything"),
                }
            }
        };
        let bins: Vec<usize> = (0..outcomes.bins())
            .filter(|bin| band_of(outcomes, *bin) == band)
            .collect();
        let answer = column(outcomes.question.answer());
        let bounds = (bins.first(), bins.last());
        let of_answer = match bounds {
            _ if outcomes.by_class() => bins
                .first()
                .filter(|_| bins.len() == 1)
                .map(|bin| outcomes.condition(*bin)),
            (Some(first), Some(last)) => {
                let low = first
                    .checked_sub(1)
                    .and_then(|at| edge(&outcomes.edges, at));
                match (low, edge(&outcomes.edges, *last)) {
                    (Some(low), Some(high)) => Some(format!("{answer} is {low} to {high}")),
                    (None, Some(high)) => Some(format!("{answer} is below {high}")),
                    (Some(low), None) => Some(format!("{answer} is {low} or more")),
                    (None, None) => None,
                }
            }
            _ => None,
        };
        match of_answer {
            Some(of_answer) => format!("{of_input} and {of_answer}"),
            None => of_input,
        }
    }
}

/// The band of a bin of answers.
fn band_of(outcomes: &OutcomeFrame, bin: usize) -> usize {
    (bin * BANDS / outcomes.bins().max(1)).min(BANDS - 1)
}

/// Outcomes by input, cell and band.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByInput(Vec<Vec<Cell>>);

impl ByInput {
    /// No rows.
    pub(crate) fn new(inputs: &Inputs) -> Self {
        let cells = |coding: &Coding| vec![Cell::default(); (coding.size() + 1) * BANDS];
        Self(inputs.codings.iter().map(cells).collect())
    }

    /// Adds the rows of a batch that are read; `placed` has bin and outcome of
    /// every row.
    pub(crate) fn update(
        &mut self,
        (inputs, outcomes): (&Inputs, &OutcomeFrame),
        batch: &Batch,
        placed: &[(u16, i64)],
    ) -> Result<(), Error> {
        let columns = batch.columns();
        for window in inputs.rows.windows(batch.first_row(), batch.rows()) {
            let (start, count) = (window.0 as usize, window.1 as usize);
            let placed = placed.get(start..start + count).unwrap_or_default();
            if placed.iter().all(|row| row.1 == NO_OUTCOME) {
                continue;
            }
            for (coding, cells) in inputs.codings.iter().zip(&mut self.0) {
                if let Some(values) = Values::read(batch, &columns, &coding.name, window)? {
                    add(cells, outcomes, &coding.codes(&values), placed);
                }
            }
        }
        Ok(())
    }

    /// Adds rows at hand: values by input, bin and outcome of each row.
    pub fn add(
        &mut self,
        frames: (&Inputs, &OutcomeFrame),
        values: &[Values],
        placed: &[(u16, i64)],
    ) {
        for ((coding, cells), values) in frames.0.codings.iter().zip(&mut self.0).zip(values) {
            add(cells, frames.1, &coding.codes(values), placed);
        }
    }

    /// Adds other rows. On an error nothing changes.
    pub(crate) fn merge(&mut self, other: &Self, inputs: &Inputs) -> Result<(), Error> {
        other.validate(inputs)?;
        let mut sums = self.0.clone();
        for (mine, theirs) in sums.iter_mut().zip(&other.0) {
            merge(mine, theirs).map_err(refused)?;
        }
        self.0 = sums;
        Ok(())
    }

    /// Checks counts that came from outside.
    pub(crate) fn validate(&self, inputs: &Inputs) -> Result<(), Error> {
        let sizes = |all: &[Vec<Cell>]| all.iter().map(Vec::len).collect::<Vec<_>>();
        match sizes(&self.0) == sizes(&Self::new(inputs).0) {
            true => Ok(()),
            false => Err(Error::State(
                "outcomes by input do not fit their frame; rebuild them from the data".into(),
            )),
        }
    }

    fn rows(&self) -> u64 {
        let rows = |cells: &Vec<Cell>| {
            cells
                .iter()
                .fold(0, |sum: u64, cell| sum.saturating_add(cell.n))
        };
        self.0.iter().map(rows).max().unwrap_or(0)
    }
}

fn add(cells: &mut [Cell], outcomes: &OutcomeFrame, codes: &[u8], placed: &[(u16, i64)]) {
    let bands: Vec<usize> = (0..=outcomes.bins())
        .map(|bin| band_of(outcomes, bin))
        .collect();
    for (code, (bin, outcome)) in codes.iter().zip(placed) {
        let band = bands.get(usize::from(*bin)).copied().unwrap_or(0);
        if let Some(cell) = cells.get_mut(usize::from(*code) * BANDS + band)
            && *outcome != NO_OUTCOME
        {
            cell.push(*outcome);
        }
    }
}

/// The input whose cells moved apart the most, and what of it.
pub(crate) fn compare(
    (inputs, outcomes): (&Inputs, &OutcomeFrame),
    about: &About<'_>,
    reference: &ByInput,
    current: &ByInput,
) -> Vec<Finding> {
    if inputs.codings.is_empty() {
        return vec![];
    }
    let rows = (reference.rows(), current.rows());
    if rows.0.min(rows.1) < LEAST_ROWS {
        let words = format!(
            "{} rows of the reference and {} of now have inputs and both, at least {LEAST_ROWS} are needed on each side \
             to look at inputs",
            rows.0, rows.1
        );
        let finding = about.measurement(METRIC, &words).rows(rows.0, rows.1);
        return vec![finding.status(Status::InsufficientData)];
    }
    let outcome = outcomes.outcome();
    let groups = |side: &ByInput, input: usize| -> Vec<Group> {
        let cells = side.0.get(input).map(Vec::as_slice).unwrap_or_default();
        cells
            .iter()
            .map(|cell| group(cell, outcomes.units, outcome))
            .collect()
    };
    let (mut looked_at, mut most): (f64, Option<(usize, Conditional)>) = (0.0, None);
    for input in 0..inputs.codings.len() {
        let (before, now) = (groups(reference, input), groups(current, input));
        let bands: Vec<usize> = (0..now.len()).map(|place| place % BANDS).collect();
        let Some(found) = beyond(&before, &now, &bands, outcome) else {
            continue;
        };
        looked_at += 1.0;
        if most
            .as_ref()
            .is_none_or(|(_, most)| found.effect() > most.effect())
        {
            most = Some((input, found));
        }
    }
    let Some((input, found)) = most else {
        return vec![];
    };
    let found = Conditional {
        p_value: (found.p_value * looked_at).min(1.0),
        ..found
    };
    let sides = [groups(reference, input), groups(current, input)];
    let told = Told {
        frames: (inputs, outcomes),
        input,
        found: &found,
        sides: &sides,
    };
    told.findings(about, rows)
}

/// What moved, to be told.
struct Told<'a> {
    frames: (&'a Inputs, &'a OutcomeFrame),
    input: usize,
    found: &'a Conditional,
    sides: &'a [Vec<Group>; 2],
}

impl Told<'_> {
    fn findings(&self, about: &About<'_>, rows: (u64, u64)) -> Vec<Finding> {
        let (inputs, outcomes) = self.frames;
        let name = inputs
            .codings
            .get(self.input)
            .map_or("", |coding| &coding.name);
        let (found, effect) = (self.found, self.found.effect());
        let place = found
            .largest
            .filter(|_| effect > 0.01)
            .map(|(place, _)| place);
        let words = format!(
            "given the answer and {}, the outcome moved apart for {} of the rows{}",
            column(name),
            percent(effect),
            place.map_or(String::new(), |place| format!(
                "; most {}",
                self.moved(place)
            ))
        );
        let finding = measured(about, METRIC, &words, found)
            .rows(rows.0, rows.1)
            .evidence(self.evidence());
        let clear = place.filter(|_| found.p_value < 1.0 - LEVEL);
        let segment = clear.map(|place| {
            let condition = inputs.condition(outcomes, self.input, place);
            Finding::supporting("outcome-given-segment/v1", Subject::Segment(condition))
                .rows(rows.0, rows.1)
                .statistic(effect)
                .message(self.moved(place))
        });
        std::iter::once(finding).chain(segment).collect()
    }

    fn means(&self, place: usize) -> (f64, f64) {
        let mean = |side: usize| self.sides[side].get(place).map_or(0.0, |group| group.mean);
        (mean(0), mean(1))
    }

    /// "where `dest` is BOS: the share of 1 20 % -> 40 %".
    fn moved(&self, place: usize) -> String {
        let (inputs, outcomes) = self.frames;
        let (before, now) = self.means(place);
        let (what, (left, right)) = match outcomes.outcome() {
            Outcome::Number => ("the truth less the answer".to_owned(), pair(before, now)),
            Outcome::Event if outcomes.question.task == Task::Binary => (
                format!("the share of {}", outcomes.question.positive_key()),
                percent_pair(before, now),
            ),
            Outcome::Event => (
                "the share of right answers".to_owned(),
                percent_pair(before, now),
            ),
        };
        format!(
            "where {}: {what} {left} -> {right}",
            inputs.condition(outcomes, self.input, place)
        )
    }

    fn evidence(&self) -> Evidence {
        let (inputs, outcomes) = self.frames;
        let known = |place: &usize| {
            let rows = |side: usize| self.sides[side].get(*place).map_or(0, |group| group.n);
            rows(0).min(rows(1)) > 1
        };
        let places: Vec<usize> = (0..self.sides[0].len()).filter(known).collect();
        let label = |place: &usize| inputs.condition(outcomes, self.input, *place);
        Evidence {
            title: "outcome by input and answer".into(),
            labels: places.iter().map(label).collect(),
            reference: places.iter().map(|place| self.means(*place).0).collect(),
            current: places.iter().map(|place| self.means(*place).1).collect(),
        }
    }
}
