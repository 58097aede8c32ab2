//! Bins of the score, and which of them are sure.

use driftguard_answers::{OutcomeFrame, Outcomes, Sample, Task};
use driftguard_sdk::prelude::{Batch, Context, Error};
use serde::{Deserialize, Serialize};

/// Settings of the check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Most labels of a sure bin that contradict the answer, as a share.
    pub sure: f64,
    /// Fewest rows in sure bins, as a share.
    pub sure_rows: f64,
    /// Fewest rows with label and score on either side.
    pub min_labels: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sure: 0.05,
            sure_rows: 0.2,
            min_labels: 100,
        }
    }
}

impl Limits {
    /// As the settings say.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings of another type.
    pub fn of(context: &Context) -> Result<Self, Error> {
        Ok(Self {
            sure: context.number("sure")?,
            sure_rows: context.number("sure-rows")?,
            min_labels: context.count("min-labels")? as u64,
        })
    }
}

/// What the answer of a bin says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Says {
    /// Surely the negative class.
    No,
    /// Surely the positive class.
    Yes,
    /// Neither.
    Unsure,
}

/// The question, bins of its scores, and what each bin says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The question and its bins.
    pub outcomes: OutcomeFrame,
    /// One for each bin.
    pub says: Vec<Says>,
    /// The settings `sure` and `positive` that it was made with.
    pub asked: (f64, String),
}

impl Frame {
    /// Freezes a sample of the reference.
    pub(crate) fn fit(context: &Context, batch: &Batch) -> Result<Self, Error> {
        let sample = Sample::read(batch)?;
        Ok(Self::of(
            &sample,
            context.text("positive")?,
            &Limits::of(context)?,
        ))
    }

    /// The frame of columns at hand; without any bin where there are not two
    /// classes and a score.
    pub fn of(sample: &Sample, positive: &str, limits: &Limits) -> Self {
        let outcomes = OutcomeFrame::of(sample, positive);
        if outcomes.question.task != Task::Binary || outcomes.by_class() {
            return Self::default();
        }
        let mut counted = Outcomes::new(&outcomes);
        counted.add(&outcomes, 0, &outcomes.question.rows(sample));
        let says = |n: u64, hits: f64| {
            // A row more of each kind: a bin without any row is not sure.
            let share = (hits + 1.0) / (n as f64 + 2.0);
            let slack = 2.0 / (n as f64 + 2.0);
            match (
                share <= limits.sure + slack,
                share >= 1.0 - limits.sure - slack,
            ) {
                (true, false) => Says::No,
                (false, true) => Says::Yes,
                _ => Says::Unsure,
            }
        };
        let cells = counted.cells.iter();
        Self {
            says: cells.map(|cell| says(cell.n, cell.sum as f64)).collect(),
            outcomes,
            asked: (limits.sure, positive.to_owned()),
        }
    }

    /// Refuses settings that are not those of the baseline.
    pub(crate) fn agrees_with(&self, context: &Context) -> Result<(), Error> {
        let wanted = (context.number("sure")?, context.text("positive")?);
        if self.says.is_empty() || wanted == (self.asked.0, self.asked.1.as_str()) {
            return Ok(());
        }
        Err(Error::Setting(format!(
            "settings `sure` and `positive` are {} and \"{}\", the baseline was built with {} and \"{}\"; rebuild the \
             baseline or take the settings back",
            wanted.0, wanted.1, self.asked.0, self.asked.1
        )))
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for bins that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        self.outcomes.validate()?;
        let bins = match self.outcomes.question.task {
            Task::None => 0,
            _ => self.outcomes.bins(),
        };
        match self.says.len() == bins {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's bins do not fit together; rebuild the baseline".into(),
            )),
        }
    }
}
