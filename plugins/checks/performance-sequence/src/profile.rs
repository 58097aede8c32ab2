//! Losses in the order in which rows come.

use driftguard_answers::{NONE, Question, Rows, Sample, Task};
use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::confidence_sequence::ConfidenceSequence;
use driftguard_statistics::losses::brier;
use driftguard_statistics::quantile::quantile_sorted;
use serde::{Deserialize, Serialize};

/// Labelled rows that are kept.
pub const MOST_ROWS: usize = 32_768;
/// A loss of one.
const ONE: f64 = 255.0;

/// The question, and what counts as a whole loss.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Which columns, which classes.
    pub question: Question,
    /// For numbers: the error that counts as 1, as do larger ones.
    pub whole: f64,
}

impl Frame {
    /// The frame of columns at hand. Of numbers, 99 of 100 errors of the sample
    /// count as less than 1.
    pub fn of(sample: &Sample, threshold: f64, positive: &str) -> Self {
        let question = Question::of(sample, threshold, positive);
        let rows = question.rows(sample);
        let pairs = rows.value.iter().zip(&rows.answer);
        let errors = pairs.map(|(value, answer)| (value - answer).abs());
        let mut errors: Vec<f64> = errors.filter(|error| error.is_finite()).collect();
        errors.sort_by(f64::total_cmp);
        let whole = quantile_sorted(&errors, 0.99).unwrap_or(0.0);
        Self { question, whole }
    }

    /// The loss of each row that has one: wrong or right for classes (the Brier
    /// score where there is a score and no prediction), the error over the whole
    /// one for numbers.
    fn losses(&self, rows: &Rows) -> Vec<u8> {
        let small = |loss: f64| (loss.clamp(0.0, 1.0) * ONE).round() as u8;
        if self.question.task == Task::Numbers {
            let pairs = rows.value.iter().zip(&rows.answer);
            let errors = pairs.map(|(value, answer)| (value - answer).abs());
            let whole = self.whole.max(f64::MIN_POSITIVE);
            return errors
                .filter(|error| error.is_finite())
                .map(|error| small(error / whole))
                .collect();
        }
        let other = self.question.classes.other();
        let by_score = self.question.prediction.is_none() && self.question.shares;
        let loss = |(row, truth): (usize, &u16)| {
            let predicted = rows.predicted.get(row).copied().unwrap_or(NONE);
            let score = rows.score.get(row).copied().unwrap_or(f64::NAN);
            if *truth == NONE {
                return None;
            }
            if by_score {
                let loss = brier(score.clamp(0.0, 1.0), *truth == self.question.positive);
                return score.is_finite().then(|| small(loss));
            }
            let missed = predicted != *truth || *truth >= other;
            (predicted != NONE).then(|| small(f64::from(u8::from(missed))))
        };
        rows.truth.iter().enumerate().filter_map(loss).collect()
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for what a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        self.question.validate()?;
        match self.whole.is_finite() && self.whole >= 0.0 {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's error is no number; rebuild the baseline".into(),
            )),
        }
    }
}

/// The first losses of a side, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Rows with a loss, kept or not.
    pub labelled: u64,
    /// Each in 255 parts.
    losses: Vec<u8>,
}

impl Profile {
    /// Adds a batch that comes after what is here.
    pub(crate) fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        if frame.question.task != Task::None {
            let sample = frame.question.read(batch)?;
            self.add(frame, u64::from(batch.rows()), &sample);
        }
        Ok(())
    }

    /// Adds columns at hand that come after what is here.
    pub fn add(&mut self, frame: &Frame, count: u64, sample: &Sample) {
        self.rows = self.rows.saturating_add(count);
        let losses = frame.losses(&frame.question.rows(sample));
        self.labelled = self.labelled.saturating_add(losses.len() as u64);
        self.keep(&losses);
    }

    fn keep(&mut self, losses: &[u8]) {
        let room = MOST_ROWS.saturating_sub(self.losses.len());
        self.losses.extend(losses.iter().take(room));
    }

    /// Adds rows that come after those that are here.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<(), Error> {
        other.validate()?;
        let overflow = || refused(driftguard_statistics::StateError::Overflow { what: "rows" });
        let rows = self.rows.checked_add(other.rows).ok_or_else(overflow)?;
        self.labelled = self
            .labelled
            .checked_add(other.labelled)
            .ok_or_else(overflow)?;
        self.rows = rows;
        self.keep(&other.losses);
        Ok(())
    }

    /// Checks a profile that came from outside.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        let kept = (self.labelled).min(MOST_ROWS as u64);
        match self.losses.len() as u64 == kept && self.labelled <= self.rows {
            true => Ok(()),
            false => Err(Error::State(
                "a profile of losses does not hold as many as it says; rebuild it from the data"
                    .into(),
            )),
        }
    }

    /// Losses that are kept.
    pub fn kept(&self) -> u64 {
        self.losses.len() as u64
    }

    /// The confidence sequence of the losses.
    pub(crate) fn sequence(&self, alpha: f64) -> Option<ConfidenceSequence> {
        let mut sequence = ConfidenceSequence::new(alpha)?;
        self.losses
            .iter()
            .for_each(|loss| sequence.push(f64::from(*loss) / ONE));
        Some(sequence)
    }
}
