//! What is estimated, and how inputs are coded.

use driftguard_distribution::coded::ColumnFrame;
use driftguard_sdk::prelude::Error;
use serde::{Deserialize, Serialize};

/// Most columns that are looked at, the first in the reference's order.
pub const MOST_COLUMNS: usize = 128;

/// What kind of answers there are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Two labels, and a score for one of them.
    Scored {
        /// The label that the score is for.
        positive: String,
    },
    /// Labels without a score: an answer is right or wrong.
    Classes,
    /// Numbers: an answer is off by so much.
    Numbers,
    /// Nothing can be estimated, and why.
    Nothing(String),
}

/// Names of the columns and codings of the inputs, frozen from the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Inputs, then the answer: score or prediction.
    pub columns: Vec<ColumnFrame>,
    /// Inputs that were left out because there are too many.
    pub left_out: u64,
    /// What is estimated.
    pub task: Task,
    /// The column of labels.
    pub label: String,
    /// The column of answers; empty where the score makes them.
    pub prediction: String,
    /// The column of scores; empty without.
    pub score: String,
}

impl Default for Frame {
    fn default() -> Self {
        Self::nothing("there is no reference")
    }
}

impl Frame {
    /// A frame that says why nothing can be estimated.
    pub fn nothing(why: impl Into<String>) -> Self {
        Self {
            columns: vec![],
            left_out: 0,
            task: Task::Nothing(why.into()),
            label: String::new(),
            prediction: String::new(),
            score: String::new(),
        }
    }

    /// The column that findings are about.
    pub fn subject(&self) -> &str {
        if self.score.is_empty() {
            &self.prediction
        } else {
            &self.score
        }
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for codings that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let fits = self.columns.iter().all(|column| column.coding.fits());
        if self.columns.len() > MOST_COLUMNS + 1 || !fits {
            return Err(Error::State(
                "the frame of estimated-performance is invalid: its codings do not fit; rebuild the baseline".into(),
            ));
        }
        Ok(())
    }
}
