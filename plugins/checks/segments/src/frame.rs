//! Conditions that slices are made of, and how to tell a wrong decision.

use driftguard_distribution::coding::{Cells, Coding, MAX_CELLS, Values};
use driftguard_distribution::rows::{Rows, row_bytes};
use driftguard_distribution::words::{column, number, short};
use driftguard_sdk::prelude::{Batch, Column, Error, Kind, Role};
use serde::{Deserialize, Serialize};

/// Rows of the sample that cells are laid out over.
const SAMPLE_ROWS: u32 = 16_384;
/// Columns that conditions are about, at most.
pub const MOST_COLUMNS: usize = 64;
/// Labels of more values than this are numbers to come close to.
const MOST_CLASSES: usize = 20;
/// Errors beyond this quantile of the reference's are large.
const LARGE: f64 = 0.8;
/// As in `joint-drift`.
const VALUES: u64 = 6;

/// When a decision is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Wrong {
    /// Where it is not the label.
    Other,
    /// Where it is further from the label than this.
    Beyond(f64),
    /// Where a score is on the other side of 0.5 than the label.
    OtherSide,
}

/// Decisions and labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Column of decisions.
    pub decision: String,
    /// Column of labels.
    pub label: String,
    /// When they disagree.
    pub wrong: Wrong,
}

/// Code of a decision that is right, wrong, or without a label.
pub const RIGHT: u8 = 0;
/// See [`RIGHT`].
pub const WRONG: u8 = 1;
/// See [`RIGHT`].
pub const UNKNOWN: u8 = 2;

impl Outcome {
    fn of(sample: &[(Column, Values)]) -> Option<Self> {
        let of_role = |role: Role| sample.iter().find(move |(column, _)| column.role == role);
        let (label, labels) = of_role(Role::Label)?;
        let (decision, decisions, is_score) =
            match (of_role(Role::Prediction), of_role(Role::Score)) {
                (Some((column, values)), _) => (column, values, false),
                (None, Some((column, values))) => (column, values, true),
                (None, None) => return None,
            };
        let wrong = match (decisions, labels) {
            (Values::Numbers(_), Values::Numbers(_)) if is_score => Wrong::OtherSide,
            (Values::Numbers(decisions), Values::Numbers(labels)) => {
                let mut classes: Vec<f64> =
                    labels.iter().copied().filter(|x| x.is_finite()).collect();
                classes.sort_by(f64::total_cmp);
                classes.dedup();
                match classes.len() <= MOST_CLASSES {
                    true => Wrong::Other,
                    false => Wrong::Beyond(large(decisions, labels)?),
                }
            }
            (Values::Words(..), Values::Words(..)) => Wrong::Other,
            _ => return None,
        };
        Some(Self {
            decision: decision.name.clone(),
            label: label.name.clone(),
            wrong,
        })
    }

    /// A code for each row.
    pub fn codes(&self, decisions: &Values, labels: &Values) -> Vec<u8> {
        let code =
            |wrong: Option<bool>| wrong.map_or(UNKNOWN, |wrong| if wrong { WRONG } else { RIGHT });
        match (decisions, labels) {
            (Values::Numbers(decisions), Values::Numbers(labels)) => {
                let wrong = |(x, y): (&f64, &f64)| {
                    let known = x.is_finite() && y.is_finite();
                    let differ = match self.wrong {
                        Wrong::Other => x != y,
                        Wrong::Beyond(limit) => (x - y).abs() > limit,
                        Wrong::OtherSide => (*x >= 0.5) != (*y >= 0.5),
                    };
                    code(known.then_some(differ))
                };
                decisions.iter().zip(labels).map(wrong).collect()
            }
            (Values::Words(decisions, words), Values::Words(labels, label_words)) => {
                let wrong = |(x, y): (&u32, &u32)| {
                    let pair = words.get(*x as usize).zip(label_words.get(*y as usize));
                    code(pair.map(|(x, y)| x != y))
                };
                decisions.iter().zip(labels).map(wrong).collect()
            }
            // Another type than in the reference: the schema's to report.
            _ => vec![UNKNOWN; decisions.len()],
        }
    }
}

fn large(decisions: &[f64], labels: &[f64]) -> Option<f64> {
    let errors = decisions.iter().zip(labels).map(|(x, y)| (x - y).abs());
    let mut errors: Vec<f64> = errors.filter(|error| error.is_finite()).collect();
    errors.sort_by(f64::total_cmp);
    errors.get((errors.len() as f64 * LARGE) as usize).copied()
}

/// What the check froze.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Cells of the columns that conditions are about.
    pub conditions: Vec<Coding>,
    /// Decisions and labels, if both are there.
    pub outcome: Option<Outcome>,
    /// Which rows are looked at; a sample of them is kept.
    pub rows: Rows,
    /// Columns beyond the limit.
    pub left_out: u32,
}

impl Frame {
    /// Lays out cells over a sample.
    ///
    /// # Errors
    /// A sample that cannot be read.
    pub fn fit(sample: &Batch, columns: usize) -> Result<Self, Error> {
        let here = sample.columns();
        let mut read = vec![];
        for column in &here {
            let values = Values::sampled(sample, &here, &column.name, SAMPLE_ROWS)?;
            read.push((column.clone(), values));
        }
        Ok(Self::of_sample(&read, columns))
    }

    /// The same of columns at hand.
    pub fn of_sample(sample: &[(Column, Values)], columns: usize) -> Self {
        let input = |column: &Column| {
            matches!(column.role, Role::Feature | Role::Segment) && column.kind != Kind::Timestamp
        };
        let codings = sample.iter().filter(|(column, _)| input(column));
        let mut conditions: Vec<Coding> = codings
            .flat_map(|(column, values)| Coding::of(column, values, MAX_CELLS))
            .collect();
        let all = conditions.len();
        // Categories name slices that people know; numbers follow.
        conditions.sort_by_key(Coding::ordered);
        conditions.truncate(columns.min(MOST_COLUMNS));
        Self {
            left_out: (all - conditions.len()) as u32,
            conditions,
            outcome: Outcome::of(sample),
            rows: Rows::of(row_bytes(sample.iter().map(|(column, _)| column)), VALUES),
        }
    }

    /// Codes that a row has: one for each condition, and the outcome.
    pub fn width(&self) -> usize {
        self.conditions.len() + 1
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for cells or columns beyond the limits.
    pub fn validate(&self) -> Result<(), Error> {
        let sound = |coding: &Coding| (1..=MAX_CELLS).contains(&coding.size());
        match self.conditions.len() <= MOST_COLUMNS && self.conditions.iter().all(sound) {
            true => Ok(()),
            false => Err(Error::State(
                "the frame of segments holds columns or cells beyond its limits; rebuild the baseline".into(),
            )),
        }
    }

    /// A condition in words: "origin = LGA", "temp below 28.9".
    pub fn words(&self, condition: usize, cell: u8) -> String {
        let Some(coding) = self.conditions.get(condition) else {
            return String::new();
        };
        let (name, cell) = (column(&coding.name), usize::from(cell));
        match &coding.cells {
            Cells::Words(words) => match words.get(cell) {
                Some(word) => format!("{name} = {}", short(word)),
                None if cell == words.len() => format!("{name} = any other"),
                None => format!("{name} missing"),
            },
            Cells::Edges(edges) if cell > edges.len() => format!("{name} missing"),
            Cells::Edges(edges) => {
                let edge = |at: usize| edges.get(at).map(|edge| number(*edge));
                match (cell.checked_sub(1).and_then(edge), edge(cell)) {
                    (Some(low), Some(high)) => format!("{name} from {low} to below {high}"),
                    (None, Some(high)) => format!("{name} below {high}"),
                    (Some(low), None) => format!("{name} at least {low}"),
                    (None, None) => format!("{name} there"),
                }
            }
        }
    }
}
