//! What came true, counted by what was answered: bins of the score, of the
//! answered number, or predicted classes.

use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::conditional::{Group, Outcome};
use driftguard_statistics::edges::quantile_edges;
use driftguard_statistics::kitagawa::{Cell, Units, merge};
use driftguard_statistics::score_table::ScoreBins;
use serde::{Deserialize, Serialize};

use crate::question::{Question, Sample, Task};
use crate::rows::{NONE, Rows};

/// Bins at most, and labelled rows of the sample for each.
const MOST_BINS: usize = 24;
const ROWS_A_BIN: usize = 100;
/// A row that is in no bin, or whose outcome is not known.
pub const NO_OUTCOME: i64 = i64::MIN;

/// The question with bins of its answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeFrame {
    /// Which columns, which classes.
    pub question: Question,
    /// Edges of scores or of answered numbers; empty for predicted classes.
    pub edges: Vec<f64>,
    /// Units of outcomes: residuals of numbers, else of ones.
    pub units: Units,
}

impl Default for OutcomeFrame {
    fn default() -> Self {
        Self {
            question: Question::default(),
            edges: vec![],
            units: Units::ONE,
        }
    }
}

impl OutcomeFrame {
    /// The frame of columns at hand.
    pub fn of(sample: &Sample, positive: &str) -> Self {
        let question = Question::of(sample, 0.5, positive).by_score();
        let rows = question.rows(sample);
        let by = match question.task {
            Task::Numbers => &rows.answer,
            _ => &rows.score,
        };
        let known = |row: &usize| match question.task {
            Task::Numbers => rows.value.get(*row).is_some_and(|x| x.is_finite()),
            _ => rows.truth.get(*row).is_some_and(|class| *class != NONE),
        };
        let mut values: Vec<f64> = (0..by.len())
            .filter(known)
            .filter_map(|row| by.get(row).copied())
            .filter(|x| x.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        let bins = (values.len() / ROWS_A_BIN).clamp(1, MOST_BINS);
        let pairs = rows.value.iter().zip(&rows.answer);
        let residuals: Vec<f64> = pairs.map(|(value, answer)| value - answer).collect();
        let units = match question.task {
            Task::Numbers => Units::for_sample(&residuals),
            _ => Units::ONE,
        };
        Self {
            edges: quantile_edges(&values, bins),
            question,
            units,
        }
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        match self.by_class() {
            true => usize::from(self.question.classes.other()) + 1,
            false => self.edges.len() + 1,
        }
    }

    /// What an outcome is.
    pub fn outcome(&self) -> Outcome {
        match self.question.task {
            Task::Numbers => Outcome::Number,
            _ => Outcome::Event,
        }
    }

    /// Whether bins are predicted classes.
    pub fn by_class(&self) -> bool {
        self.question.task != Task::Numbers && self.question.score.is_none()
    }

    /// Bin and outcome of each row, [`NO_OUTCOME`] where one is not known:
    /// whether it is positive for two classes, whether the answer was right for
    /// several, truth less answer in units for numbers.
    pub fn place(&self, rows: &Rows) -> Vec<(u16, i64)> {
        let search = ScoreBins::new(&self.edges);
        let bin = |x: f64| search.bin(x) as u16;
        if self.question.task == Task::Numbers {
            let pairs = rows.value.iter().zip(&rows.answer);
            let place = |(value, answer): (&f64, &f64)| {
                let residual = self.units.of(value - answer).unwrap_or(NO_OUTCOME);
                (bin(*answer), residual)
            };
            return pairs.map(place).collect();
        }
        let other = self.question.classes.other();
        let outcome = |truth: u16, predicted: u16| match self.question.task {
            _ if truth == NONE => NO_OUTCOME,
            Task::Binary if truth == other => NO_OUTCOME,
            Task::Binary => i64::from(truth == self.question.positive),
            _ => i64::from(truth == predicted && truth != other),
        };
        let place = |(row, truth): (usize, &u16)| {
            let predicted = rows.predicted.get(row).copied().unwrap_or(NONE);
            if self.by_class() {
                let known = predicted <= other;
                let outcome = if known {
                    outcome(*truth, predicted)
                } else {
                    NO_OUTCOME
                };
                return (predicted.min(other), outcome);
            }
            let score = rows.score.get(row).copied().unwrap_or(f64::NAN);
            let outcome = if score.is_finite() {
                outcome(*truth, predicted)
            } else {
                NO_OUTCOME
            };
            (bin(score), outcome)
        };
        rows.truth.iter().enumerate().map(place).collect()
    }

    /// Bin and outcome of each row of a batch.
    ///
    /// # Errors
    /// What the host says of its columns.
    pub fn read(&self, batch: &Batch) -> Result<Vec<(u16, i64)>, Error> {
        let sample = self.question.read(batch)?;
        Ok(self.place(&self.question.rows(&sample)))
    }

    /// A bin in words, as a condition on the answer.
    pub fn condition(&self, bin: usize) -> String {
        use driftguard_distribution::words::{column, number, short};
        let name = column(self.question.answer());
        if self.by_class() {
            let key = self.question.classes.keys().get(bin);
            return format!(
                "{name} is {}",
                key.map_or("another class".into(), |key| short(key))
            );
        }
        let low = bin.checked_sub(1).and_then(|at| self.edges.get(at));
        match (low, self.edges.get(bin)) {
            (None, None) => format!("{name} is anything"),
            (None, Some(high)) => format!("{name} is below {}", number(*high)),
            (Some(low), None) => format!("{name} is {} or more", number(*low)),
            (Some(low), Some(high)) => format!("{name} is {} to {}", number(*low), number(*high)),
        }
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for edges that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        self.question.validate()?;
        self.units.validate().map_err(refused)?;
        let fits = self.edges.len() < MOST_BINS
            && self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.is_sorted_by(|a, b| a < b);
        match fits {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's edges are not those of a sample; rebuild the baseline".into(),
            )),
        }
    }
}

/// Outcomes by bin over some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    /// All rows.
    pub rows: u64,
    /// One for each bin.
    pub cells: Vec<Cell>,
}

impl Outcomes {
    /// No rows.
    pub fn new(frame: &OutcomeFrame) -> Self {
        let bins = match frame.question.task {
            Task::None => 0,
            _ => frame.bins(),
        };
        Self {
            rows: 0,
            cells: vec![Cell::default(); bins],
        }
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// What the host says of its columns.
    pub fn update(&mut self, frame: &OutcomeFrame, batch: &Batch) -> Result<(), Error> {
        if frame.question.task == Task::None {
            return Ok(());
        }
        let placed = frame.read(batch)?;
        self.add_placed(u64::from(batch.rows()), &placed);
        Ok(())
    }

    /// Adds rows at hand.
    pub fn add(&mut self, frame: &OutcomeFrame, count: u64, rows: &Rows) {
        self.add_placed(count, &frame.place(rows));
    }

    /// Adds rows whose bin and outcome are known.
    pub fn add_placed(&mut self, count: u64, placed: &[(u16, i64)]) {
        self.rows = self.rows.saturating_add(count);
        for (bin, outcome) in placed.iter().filter(|row| row.1 != NO_OUTCOME) {
            if let Some(cell) = self.cells.get_mut(usize::from(*bin)) {
                cell.push(*outcome);
            }
        }
    }

    /// Rows with an outcome.
    pub fn known(&self) -> u64 {
        self.cells
            .iter()
            .fold(0, |sum, cell| sum.saturating_add(cell.n))
    }

    /// Adds other rows. On an error nothing changes.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub fn merge(&mut self, other: &Self, frame: &OutcomeFrame) -> Result<(), Error> {
        other.validate(frame)?;
        let mut cells = self.cells.clone();
        merge(&mut cells, &other.cells).map_err(refused)?;
        self.rows = self.rows.checked_add(other.rows).ok_or_else(other_frame)?;
        self.cells = cells;
        Ok(())
    }

    /// The groups of the bins, in the outcome's own unit.
    pub fn groups(&self, units: Units, outcome: Outcome) -> Vec<Group> {
        self.cells
            .iter()
            .map(|cell| group(cell, units, outcome))
            .collect()
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if it does not fit the frame.
    pub fn validate(&self, frame: &OutcomeFrame) -> Result<(), Error> {
        let known = self
            .cells
            .iter()
            .try_fold(0_u64, |sum, cell| sum.checked_add(cell.n));
        let fits = self.cells.len() == Self::new(frame).cells.len()
            && known.is_some_and(|known| known <= self.rows)
            && self.cells.iter().all(|cell| fits(cell, frame.outcome()));
        match fits {
            true => Ok(()),
            false => Err(other_frame()),
        }
    }
}

/// The group of a cell.
pub fn group(cell: &Cell, units: Units, outcome: Outcome) -> Group {
    match outcome {
        Outcome::Event => Group::of_rate(u64::try_from(cell.sum).unwrap_or(0).min(cell.n), cell.n),
        Outcome::Number => Group {
            n: cell.n,
            mean: cell.mean().unwrap_or(0.0) * units.size(),
            variance: cell.variance().unwrap_or(0.0) * units.size() * units.size(),
        },
    }
}

/// Whether a cell can come from rows.
fn fits(cell: &Cell, outcome: Outcome) -> bool {
    outcome == Outcome::Number || (0..=i128::from(cell.n)).contains(&cell.sum)
}

fn other_frame() -> Error {
    Error::State("a profile of outcomes does not fit its frame; rebuild it from the data".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Values;
    use proptest::prelude::*;

    fn binary(scores: Vec<f64>, truth: Vec<f64>) -> Sample {
        Sample {
            label: Some(("y".into(), Values::Numbers(truth))),
            prediction: None,
            score: Some(("s".into(), Values::Numbers(scores))),
            ..Sample::default()
        }
    }

    #[test]
    fn rows_fall_into_bins_of_their_score() {
        let scores: Vec<f64> = (0..400).map(|i| f64::from(i) / 400.0).collect();
        let truth: Vec<f64> = (0..400).map(|i| f64::from(u8::from(i >= 200))).collect();
        let sample = binary(scores, truth);
        let frame = OutcomeFrame::of(&sample, "");
        assert_eq!((frame.bins(), frame.outcome()), (4, Outcome::Event));
        let mut outcomes = Outcomes::new(&frame);
        outcomes.add(&frame, 400, &frame.question.rows(&sample));
        let cells: Vec<(u64, i128)> = outcomes
            .cells
            .iter()
            .map(|cell| (cell.n, cell.sum))
            .collect();
        assert_eq!(cells, [(100, 0), (100, 0), (100, 100), (100, 100)]);
        assert_eq!(frame.condition(0), "`s` is below 0.249");
        assert!(outcomes.validate(&frame).is_ok());
        assert!(outcomes.validate(&OutcomeFrame::default()).is_err());
    }

    #[test]
    fn classes_and_numbers() {
        let texts = Values::of_texts(&[Some("a"), Some("b"), Some("c"), None]);
        let said = Values::of_texts(&[Some("a"), Some("a"), Some("c"), Some("b")]);
        let sample = Sample {
            label: Some(("y".into(), texts)),
            prediction: Some(("p".into(), said)),
            score: None,
            ..Sample::default()
        };
        let frame = OutcomeFrame::of(&sample, "");
        let placed = frame.place(&frame.question.rows(&sample));
        assert_eq!(placed, [(0, 1), (0, 0), (2, 1), (1, NO_OUTCOME)]);
        assert_eq!(frame.condition(2), "`p` is c");
        let sample = Sample {
            label: Some(("y".into(), Values::Numbers(vec![1.5, 2.0, 4.0]))),
            prediction: Some(("p".into(), Values::Numbers(vec![1.0, 2.5, f64::NAN]))),
            score: None,
            ..Sample::default()
        };
        let frame = OutcomeFrame::of(&sample, "");
        assert_eq!(frame.outcome(), Outcome::Number);
        let placed = frame.place(&frame.question.rows(&sample));
        assert_eq!(placed[0].1, -placed[1].1);
        assert_eq!(placed[2].1, NO_OUTCOME);
    }

    proptest! {
        #[test]
        fn merge_is_one_pass(rows in prop::collection::vec((0.0f64..1.0, 0u8..3), 1..120), cut in 0usize..120) {
            let of = |rows: &[(f64, u8)]| {
                let truth = rows.iter().map(|row| if row.1 == 2 { f64::NAN } else { f64::from(row.1) });
                binary(rows.iter().map(|row| row.0).collect(), truth.collect())
            };
            let frame = OutcomeFrame::of(&of(&rows), "");
            let outcomes = |rows: &[(f64, u8)]| {
                let mut outcomes = Outcomes::new(&frame);
                outcomes.add(&frame, rows.len() as u64, &frame.question.rows(&of(rows)));
                outcomes
            };
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let mut merged = outcomes(left);
            merged.merge(&outcomes(right), &frame).unwrap();
            prop_assert_eq!(merged, outcomes(&rows));
        }
    }
}
