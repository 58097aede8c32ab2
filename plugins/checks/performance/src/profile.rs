//! Answers counted against what came true, in integers.

use driftguard_answers::{NONE, Rows, Sample, Task, Values};
use driftguard_distribution::refused;
use driftguard_sdk::prelude::{Batch, Error};
use driftguard_statistics::Counts;
use driftguard_statistics::confusion::Confusion;
use driftguard_statistics::kitagawa::{Cell, merge};
use driftguard_statistics::losses::{ErrorSums, LossSum, brier, log_loss_for_sum};
use driftguard_statistics::score_table::ScoreBins;
use serde::{Deserialize, Serialize};

use crate::frame::Frame;
use crate::ranking::Ranks;

/// Sums over some rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Rows with an answer.
    pub answered: u64,
    /// Rows with an answer and a label.
    pub labelled: u64,
    pub(crate) sums: Sums,
    /// By segment column and level, one more for all other levels: misses, or
    /// absolute errors in units.
    pub(crate) segments: Vec<Vec<Cell>>,
    /// The same for scores of two classes, over the frame's edges for segments:
    /// a level's negatives, then its positives. None where nothing has a score.
    pub(crate) ranked: Vec<Vec<Counts>>,
}

/// By the kind of question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Sums {
    #[default]
    None,
    Classes(Box<ClassSums>),
    Numbers(Box<ErrorSums>),
}

/// Answers that are classes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClassSums {
    /// One class more than the frame has: all others.
    pub(crate) confusion: Confusion,
    /// Scores of the positive class, over the frame's edges.
    pub(crate) positives: Counts,
    /// Scores of the negative class.
    pub(crate) negatives: Counts,
    /// Scores of several classes.
    pub(crate) ranks: Ranks,
    pub(crate) log_loss: LossSum,
    pub(crate) brier: LossSum,
}

impl Profile {
    /// The profile of no rows.
    pub fn new(frame: &Frame) -> Self {
        let bins = frame.edges.len() + 1;
        let sums = match frame.question.task {
            Task::None => Sums::None,
            Task::Numbers => Sums::Numbers(Box::default()),
            Task::Binary | Task::Classes => Sums::Classes(Box::new(ClassSums {
                confusion: Confusion::new(frame.question.classes.other() + 1),
                positives: Counts::new(bins),
                negatives: Counts::new(bins),
                ranks: Ranks::new(&frame.class_scores),
                log_loss: LossSum::default(),
                brier: LossSum::default(),
            })),
        };
        let levels = frame.segments.iter();
        let ranked = frame.segments.iter().map(|(_, levels)| {
            let counts = Counts::new(frame.segment_edges.len() + 1);
            vec![counts; 2 * (levels.len() + 1)]
        });
        Self {
            sums,
            segments: levels
                .map(|(_, levels)| vec![Cell::default(); levels.len() + 1])
                .collect(),
            ranked: match frame.question.score {
                Some(_) => ranked.collect(),
                None => vec![],
            },
            ..Self::default()
        }
    }

    /// Adds a batch.
    pub(crate) fn update(&mut self, frame: &Frame, batch: &Batch) -> Result<(), Error> {
        if frame.question.task == Task::None {
            return Ok(());
        }
        let mut sample = frame.question.read(batch)?;
        if sample.more.is_empty() {
            sample.more = frame.question.read_class_scores(batch)?;
        }
        let columns = batch.columns();
        let mut segments = vec![];
        for (name, _) in &frame.segments {
            let place = columns.iter().position(|column| column.name == *name);
            let column = place.and_then(|place| Some((place, columns.get(place)?)));
            segments.push(match column {
                Some((place, column)) => Some(Values::read(batch, place as u32, column.kind)?),
                None => None,
            });
        }
        self.add(frame, u64::from(batch.rows()), &sample, &segments)
    }

    /// Adds columns at hand, `rows` rows of each; one entry for each of the
    /// frame's segment columns, none where it is not there.
    ///
    /// # Errors
    /// [`Error::State`] for a profile of another frame.
    pub fn add(
        &mut self,
        frame: &Frame,
        rows: u64,
        sample: &Sample,
        segments: &[Option<Values>],
    ) -> Result<(), Error> {
        self.rows = self.rows.saturating_add(rows);
        let read = frame.question.rows(sample);
        let losses = match &mut self.sums {
            Sums::None => return Ok(()),
            Sums::Classes(sums) => {
                let scores = frame.question.class_numbers(sample, read.truth.len());
                sums.add_class_scores(frame, &read.truth, &scores)?;
                sums.add(frame, &read)?
            }
            Sums::Numbers(sums) => {
                let pairs = read.answer.iter().zip(&read.value);
                let error = |(answer, value): (&f64, &f64)| frame.units.of(answer - value);
                read.answer
                    .iter()
                    .zip(&read.value)
                    .for_each(|(answer, value)| sums.push(frame.units, answer - value));
                pairs
                    .map(error)
                    .map(|error| error.map(|units| units.abs()))
                    .collect()
            }
        };
        self.cover(sample, &read, rows);
        for ((levels, values), cells) in frame.segments.iter().zip(segments).zip(&mut self.segments)
        {
            let Some(values) = values else { continue };
            for (level, loss) in levels.1.codes(values).into_iter().zip(&losses) {
                if let (Some(cell), Some(loss)) = (cells.get_mut(usize::from(level)), loss) {
                    cell.push(*loss);
                }
            }
        }
        self.rank(frame, &read, segments)
    }

    /// Adds scores of two classes by segment.
    fn rank(
        &mut self,
        frame: &Frame,
        rows: &Rows,
        segments: &[Option<Values>],
    ) -> Result<(), Error> {
        let columns = frame.segments.iter().zip(segments);
        for (((_, levels), values), counts) in columns.zip(&mut self.ranked) {
            let Some(values) = values else { continue };
            let bins = frame.segment_edges.len() + 1;
            let mut added = vec![0_u64; bins * counts.len()];
            let pairs = rows.truth.iter().zip(&rows.score);
            for (level, (truth, score)) in levels.codes(values).into_iter().zip(pairs) {
                if !score.is_finite() || *truth >= frame.question.classes.other() {
                    continue;
                }
                let side = usize::from(*truth == frame.question.positive);
                let bin = frame.segment_edges.partition_point(|edge| edge <= score);
                let place = (2 * usize::from(level) + side) * bins + bin;
                if let Some(count) = added.get_mut(place) {
                    *count += 1;
                }
            }
            for (counts, added) in counts.iter_mut().zip(added.chunks(bins)) {
                counts.add(added).map_err(refused)?;
            }
        }
        Ok(())
    }

    /// Counts rows with an answer, and those of them with a label.
    fn cover(&mut self, sample: &Sample, read: &Rows, rows: u64) {
        let answered = |row: usize| {
            let class = read.predicted.get(row).is_some_and(|class| *class != NONE);
            let finite = |list: &[f64]| list.get(row).is_some_and(|x| x.is_finite());
            class || finite(&read.score) || finite(&read.answer)
        };
        let labelled = |row: usize| {
            let class = read.truth.get(row).is_some_and(|class| *class != NONE);
            class || read.value.get(row).is_some_and(|x| x.is_finite())
        };
        if sample.label.is_none() {
            // Labels are not there at all: how many rows have an answer is not
            // known, and does not matter.
            self.answered = self.answered.saturating_add(rows);
            return;
        }
        for row in (0..rows as usize).filter(|row| answered(*row)) {
            self.answered += 1;
            self.labelled += u64::from(labelled(row));
        }
    }

    /// Adds other rows. On an error nothing changes.
    pub(crate) fn merge(&mut self, other: &Self, frame: &Frame) -> Result<(), Error> {
        other.validate(frame)?;
        let mut sums = self.sums.clone();
        match (&mut sums, &other.sums) {
            (Sums::None, Sums::None) => {}
            (Sums::Classes(mine), Sums::Classes(theirs)) => mine.merge(theirs)?,
            (Sums::Numbers(mine), Sums::Numbers(theirs)) => mine.merge(theirs).map_err(refused)?,
            _ => return Err(other_frame()),
        }
        let mut segments = self.segments.clone();
        for (mine, theirs) in segments.iter_mut().zip(&other.segments) {
            merge(mine, theirs).map_err(refused)?;
        }
        let mut ranked = self.ranked.clone();
        let pairs = ranked.iter_mut().zip(&other.ranked);
        for (mine, theirs) in pairs.flat_map(|(mine, theirs)| mine.iter_mut().zip(theirs)) {
            mine.merge(theirs).map_err(refused)?;
        }
        let sum = |a: u64, b: u64| a.checked_add(b).ok_or_else(other_frame);
        let (rows, answered) = (
            sum(self.rows, other.rows)?,
            sum(self.answered, other.answered)?,
        );
        self.labelled = sum(self.labelled, other.labelled)?;
        (self.rows, self.answered) = (rows, answered);
        (self.sums, self.segments, self.ranked) = (sums, segments, ranked);
        Ok(())
    }

    /// Checks a profile that came from outside.
    pub(crate) fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let bins = frame.edges.len() + 1;
        let fits = match (&self.sums, frame.question.task) {
            (Sums::None, Task::None) | (Sums::Numbers(_), Task::Numbers) => true,
            (Sums::Classes(sums), Task::Binary | Task::Classes) => {
                sums.confusion.validate().map_err(refused)?;
                sums.confusion.classes() == frame.question.classes.other() + 1
                    && sums.positives.bins() == bins
                    && sums.negatives.bins() == bins
                    && sums.ranks.fits(&frame.class_scores)
            }
            _ => false,
        };
        let levels = self.segments.len() == frame.segments.len()
            && self
                .segments
                .iter()
                .zip(&frame.segments)
                .all(|(cells, (_, levels))| cells.len() == levels.len() + 1);
        let rows = self.labelled <= self.answered && self.answered <= self.rows;
        let bins = |ranked: &[Vec<Counts>]| -> Vec<Vec<usize>> {
            let column = |counts: &Vec<Counts>| counts.iter().map(Counts::bins).collect();
            ranked.iter().map(column).collect()
        };
        let ranked = bins(&self.ranked) == bins(&Self::new(frame).ranked);
        match fits && levels && rows && ranked {
            true => Ok(()),
            false => Err(other_frame()),
        }
    }
}

impl ClassSums {
    /// Adds rows; for each row with truth and prediction whether it missed.
    fn add(&mut self, frame: &Frame, rows: &Rows) -> Result<Vec<Option<i64>>, Error> {
        let question = &frame.question;
        let bins = frame.edges.len() + 1;
        let search = ScoreBins::new(&frame.edges);
        let (mut positives, mut negatives) = (vec![0_u64; bins], vec![0_u64; bins]);
        // Asked for by segments alone.
        let wanted = !frame.segments.is_empty();
        let mut missed = Vec::with_capacity(if wanted { rows.truth.len() } else { 0 });
        for (row, truth) in rows.truth.iter().enumerate() {
            let predicted = rows.predicted.get(row).copied().unwrap_or(NONE);
            if *truth == NONE {
                if wanted {
                    missed.push(None);
                }
                continue;
            }
            self.confusion.push(*truth, predicted);
            if wanted {
                let miss = i64::from(missed_it(*truth, predicted, question.classes.other()));
                missed.push((predicted != NONE).then_some(miss));
            }
            let score = rows.score.get(row).copied().unwrap_or(f64::NAN);
            if !score.is_finite() || *truth >= question.classes.other() {
                continue;
            }
            let positive = *truth == question.positive;
            let counts = if positive {
                &mut positives
            } else {
                &mut negatives
            };
            if let Some(count) = counts.get_mut(search.bin(score)) {
                *count += 1;
            }
            if (0.0..=1.0).contains(&score) && question.shares {
                self.log_loss.push(log_loss_for_sum(score, positive));
                self.brier.push(brier(score, positive));
            }
        }
        self.positives.add(&positives).map_err(refused)?;
        self.negatives.add(&negatives).map_err(refused)?;
        Ok(missed)
    }

    /// Adds the scores of several classes.
    fn add_class_scores(
        &mut self,
        frame: &Frame,
        truth: &[u16],
        scores: &[Vec<f64>],
    ) -> Result<(), Error> {
        if scores.is_empty() {
            return Ok(());
        }
        self.ranks.add(&frame.class_scores, truth, scores)?;
        if !frame.class_scores.shares {
            return Ok(());
        }
        for (row, truth) in truth.iter().enumerate() {
            let score = |scores: &Vec<f64>| scores.get(row).copied();
            let share = |score: Option<f64>| score.is_some_and(|x| (0.0..=1.0).contains(&x));
            let own = scores.get(usize::from(*truth)).and_then(score);
            if let Some(own) = own.filter(|_| scores.iter().map(score).all(share)) {
                self.log_loss.push(log_loss_for_sum(own, true));
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.ranks.merge(&other.ranks)?;
        self.confusion.merge(&other.confusion).map_err(refused)?;
        self.positives.merge(&other.positives).map_err(refused)?;
        self.negatives.merge(&other.negatives).map_err(refused)?;
        self.log_loss.merge(&other.log_loss).map_err(refused)?;
        self.brier.merge(&other.brier).map_err(refused)
    }

    /// Rows with truth and prediction, and those that were right. A class that
    /// the reference does not know is never right: nothing says that both mean
    /// the same one.
    pub(crate) fn hits(&self) -> (u64, u64) {
        let other = self.confusion.classes().saturating_sub(1);
        let hits = self.confusion.hits() - self.confusion.cell(other, other);
        (hits, self.confusion.rows())
    }
}

/// Whether a prediction missed.
fn missed_it(truth: u16, predicted: u16, other: u16) -> bool {
    truth != predicted || truth >= other
}

fn other_frame() -> Error {
    Error::State("a profile of answers does not fit its frame; rebuild it from the data".into())
}
