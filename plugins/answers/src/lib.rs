//! What the checks of answers share: which column is the truth, which one the
//! answer, and how both are read. A check of performance, calibration or
//! labels is a thin plugin over this crate.
//!
//! # Layout
//!
//! - [`values`]: one column of a batch, as numbers or as codes; classes by key.
//! - [`class_scores`]: which column holds the scores of which class.
//! - [`question`]: the columns and the classes, frozen from the reference.
//! - [`rows`]: truth, prediction and score of each row of a batch.
//! - [`outcomes`]: what came true, by bins of what was answered.
//! - [`finding`]: findings about a truth and its answer.
//!
//! ```
//! use driftguard_answers::{Question, Sample, Task, Values};
//!
//! let sample = Sample {
//!     label: Some(("late".into(), Values::Numbers(vec![0.0, 1.0, f64::NAN]))),
//!     prediction: None,
//!     score: Some(("proba".into(), Values::Numbers(vec![0.2, 0.7, 0.9]))),
//!     ..Sample::default()
//! };
//! let question = Question::of(&sample, 0.5, "");
//! assert_eq!(question.task, Task::Binary);
//! let rows = question.rows(&sample);
//! assert_eq!((rows.truth[1], rows.predicted[1]), (1, 1));
//! ```

pub mod class_scores;
pub mod finding;
pub mod outcomes;
pub mod question;
pub mod rows;
pub mod values;

pub use finding::About;
pub use outcomes::{OutcomeFrame, Outcomes};
pub use question::{Question, Sample, Task};
pub use rows::{NONE, Rows};
pub use values::{ClassList, Values};
