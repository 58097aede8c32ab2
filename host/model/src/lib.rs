//! The model as a function of rows: a command that scores, an ONNX file, or
//! whatever else answers a batch with one value a row.
//!
//! # Layout
//!
//! - [`Model`]: what a replay asks of a model. [`answers`]: what comes back.
//! - [`command`]: a program that reads Arrow IPC and prints Arrow IPC or CSV.
//! - `process`: its life: pipes, time, memory, size, and the end of all of it.
//! - [`onnx`]: an ONNX file, run in this process.
//! - [`words`]: a command in one text, cut into words without a shell.
//! - [`error`]: everything that can be wrong with a model.
//!
//! A model that fails is an error, never an answer: too few rows, another
//! column, a value that is no number, a hang and a crash all say what, where,
//! how much and what to do.

pub mod answers;
pub mod command;
pub mod error;
pub mod onnx;
mod process;
pub mod words;

use arrow_array::RecordBatch;

pub use answers::{Answer, Answers, Values};
pub use command::{Limits, ScoringCommand, Stdin};
pub use error::ModelError;
pub use onnx::OnnxModel;
pub use words::split;

/// A function of rows.
pub trait Model {
    /// How it is named in reports.
    fn name(&self) -> String;

    /// The columns that it is to be given, in its order. None: whatever it is
    /// given.
    fn inputs(&self) -> Option<&[String]> {
        None
    }

    /// One answer for each row of `batches`, which share a schema, in their
    /// order.
    ///
    /// # Errors
    /// The model does not answer, or not every row, or with what cannot be
    /// read.
    fn answer(&self, batches: &[RecordBatch]) -> Result<Answers, ModelError>;
}
