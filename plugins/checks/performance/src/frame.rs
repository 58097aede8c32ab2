//! What is frozen from the reference: the question, edges of scores, units of
//! errors, levels of segments.

use driftguard_answers::{ClassList, Question, Sample, Task, Values};
use driftguard_sdk::prelude::{Batch, Context, Error, Role};
use driftguard_statistics::edges::quantile_edges;
use driftguard_statistics::kitagawa::Units;
use driftguard_statistics::score_table::score_edges;
use serde::{Deserialize, Serialize};

use crate::ranking::ClassScores;

/// Segment columns that are looked at, and levels of each.
pub(crate) const MOST_SEGMENTS: usize = 8;
const MOST_LEVELS: usize = 32;
/// Bins of the scores of a segment: rows that share one count as tied, on both
/// sides alike.
const SEGMENT_BINS: usize = 32;
/// More edges than any sample of scores leads to.
const MOST_EDGES: usize = 4096;

/// The question, and what its answers are counted over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Which columns, which classes.
    pub question: Question,
    /// Edges of scores; empty where none are looked at.
    pub edges: Vec<f64>,
    /// Scores of several classes.
    pub class_scores: ClassScores,
    /// Units of errors.
    pub units: Units,
    /// Fewer edges of scores, for what is ranked by segment.
    pub segment_edges: Vec<f64>,
    /// Columns of role `segment` with their most frequent levels.
    pub segments: Vec<(String, ClassList)>,
    /// The settings `threshold` and `positive` that the question was asked
    /// with.
    pub asked: (f64, String),
}

impl Default for Frame {
    fn default() -> Self {
        Self {
            question: Question::default(),
            edges: vec![],
            class_scores: ClassScores::default(),
            units: Units::ONE,
            segment_edges: vec![],
            segments: vec![],
            asked: (0.0, String::new()),
        }
    }
}

impl Frame {
    /// Freezes a sample of the reference.
    ///
    /// # Errors
    /// What the host says of its columns.
    pub(crate) fn fit(context: &Context, batch: &Batch) -> Result<Self, Error> {
        let sample = Sample::read(batch)?;
        let mut frame = Self::of(
            &sample,
            context.number("threshold")?,
            context.text("positive")?,
        );
        if frame.question.task == Task::None {
            return Ok(frame);
        }
        for (place, column) in (0..).zip(batch.columns()) {
            if column.role == Role::Segment && frame.segments.len() < MOST_SEGMENTS {
                let values = Values::read(batch, place, column.kind)?;
                frame.add_segment(&column.name, &values);
            }
        }
        Ok(frame)
    }

    /// The frame of columns at hand, without segments.
    pub fn of(sample: &Sample, threshold: f64, positive: &str) -> Self {
        let question = Question::of(sample, threshold, positive);
        let rows = question.rows(sample);
        let mut scores: Vec<f64> = rows.score.into_iter().filter(|x| x.is_finite()).collect();
        scores.sort_by(f64::total_cmp);
        let pairs = rows.answer.iter().zip(&rows.value);
        let errors: Vec<f64> = pairs.map(|(answer, value)| answer - value).collect();
        let labels = sample.label.as_ref().map_or(0, |(_, values)| values.len());
        Self {
            class_scores: ClassScores::of(&question, sample, labels),
            question,
            edges: score_edges(&scores),
            segment_edges: quantile_edges(&scores, SEGMENT_BINS),
            units: Units::for_sample(&errors),
            segments: vec![],
            asked: (threshold, positive.to_owned()),
        }
    }

    /// Adds a segment column with the levels that it has in a sample.
    pub fn add_segment(&mut self, name: &str, values: &Values) {
        let levels = ClassList::of(
            values.keys(driftguard_answers::values::MOST_CLASSES),
            MOST_LEVELS,
        );
        self.segments.push((name.to_owned(), levels));
    }

    /// Refuses settings that are not those of the baseline: rows were counted
    /// by them.
    pub(crate) fn agrees_with(&self, context: &Context) -> Result<(), Error> {
        let wanted = (context.number("threshold")?, context.text("positive")?);
        if self.question.task == Task::None || wanted == (self.asked.0, self.asked.1.as_str()) {
            return Ok(());
        }
        Err(Error::Setting(format!(
            "settings `threshold` and `positive` are {} and \"{}\", the baseline was built with {} and \"{}\"; rebuild \
             the baseline or take the settings back",
            wanted.0, wanted.1, self.asked.0, self.asked.1
        )))
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for what a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        self.question.validate()?;
        self.units
            .validate()
            .map_err(|error| Error::State(error.to_string()))?;
        let rising = self.edges.iter().all(|edge| edge.is_finite())
            && self.edges.is_sorted_by(|a, b| a < b)
            && self.edges.len() <= MOST_EDGES
            && self.segment_edges.iter().all(|edge| edge.is_finite())
            && self.segment_edges.is_sorted_by(|a, b| a < b)
            && self.segment_edges.len() < SEGMENT_BINS;
        let levels = self.segments.len() <= MOST_SEGMENTS
            && self.segments.iter().all(|(_, levels)| levels.fits());
        let ranked = self.class_scores.fits(MOST_EDGES)
            && (self.class_scores.edges.is_empty()
                || self.class_scores.edges.len() == self.question.class_scores.len());
        match rising && levels && ranked {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's edges or levels are not those of a sample; rebuild the baseline"
                    .into(),
            )),
        }
    }
}
