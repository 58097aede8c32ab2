//! Bins of the score, and scores counted over them.

use driftguard_answers::{Question, Sample, Task};
use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::edges::quantile_edges;
use driftguard_statistics::reliability::Reliability;
use driftguard_statistics::score_table::ScoreBins;
use serde::{Deserialize, Serialize};

/// Bins of equal mass in the reference.
const BINS: usize = 15;

/// The question with bins of its scores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Which columns, which classes; none where scores are not shares.
    pub question: Question,
    /// Edges of scores.
    pub edges: Vec<f64>,
}

impl Frame {
    /// The frame of columns at hand.
    pub fn of(sample: &Sample, positive: &str) -> Self {
        let question = Question::of(sample, 0.5, positive).by_score();
        if question.task != Task::Binary || !question.shares {
            return Self::default();
        }
        let rows = question.rows(sample);
        let mut scores: Vec<f64> = rows.score.into_iter().filter(|x| x.is_finite()).collect();
        scores.sort_by(f64::total_cmp);
        Self {
            edges: quantile_edges(&scores, BINS),
            question,
        }
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for edges that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        self.question.validate()?;
        let fits = self.edges.len() < BINS
            && self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.is_sorted_by(|a, b| a < b)
            && matches!(self.question.task, Task::None | Task::Binary);
        match fits {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's edges are not those of a sample; rebuild the baseline".into(),
            )),
        }
    }
}

/// Scores of both classes over some rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Those with label and score.
    pub table: Reliability,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            rows: 0,
            table: Reliability::new(0),
        }
    }
}

impl Profile {
    /// No rows.
    pub fn new(frame: &Frame) -> Self {
        Self {
            rows: 0,
            table: Reliability::new(match frame.question.task {
                Task::None => 0,
                _ => frame.edges.len() + 1,
            }),
        }
    }

    /// Adds a batch.
    pub(crate) fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        if frame.question.task != Task::None {
            let sample = frame.question.read(batch)?;
            self.add(frame, u64::from(batch.rows()), &sample);
        }
        Ok(())
    }

    /// Adds columns at hand.
    pub fn add(&mut self, frame: &Frame, count: u64, sample: &Sample) {
        self.rows = self.rows.saturating_add(count);
        let rows = frame.question.rows(sample);
        let other = frame.question.classes.other();
        let search = ScoreBins::new(&frame.edges);
        for (truth, score) in rows.truth.iter().zip(&rows.score) {
            if *truth < other && score.is_finite() {
                let bin = search.bin(*score);
                self.table
                    .push(bin, *score, *truth == frame.question.positive);
            }
        }
    }

    /// Adds other rows. On an error nothing changes.
    pub(crate) fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        let rows = self.rows.checked_add(other.rows).ok_or_else(other_frame)?;
        self.table.merge(&other.table).map_err(refused)?;
        self.rows = rows;
        Ok(())
    }

    /// Checks a profile that came from outside.
    pub(crate) fn validate(&self, frame: &Frame) -> Result<(), Error> {
        self.table.validate().map_err(refused)?;
        let fits = self.table.len() == Self::new(frame).table.len();
        match fits && self.table.rows() <= self.rows {
            true => Ok(()),
            false => Err(other_frame()),
        }
    }
}

fn other_frame() -> Error {
    Error::State("a profile of scores does not fit its frame; rebuild it from the data".into())
}
