//! Why a replay has no answer.

use thiserror::Error;

use driftguard_verdict::cause::factorial::FactorialError;

/// Why a replay has no answer. All of these end a run with exit code 3.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// Nobody said which model.
    #[error(
        "there is no model to replay: give --model \"python score.py\" or --onnx model.onnx, or [model] command or onnx in the policy"
    )]
    NoModel,
    /// A command that only the policy wants to be run.
    #[error(
        "the policy wants the command `{command}` to be run, with your rights and without a sandbox; allow it with --allow-commands if you trust who writes the policy, take `check-canary` and `check-replay` out of it, or name an ONNX file (`onnx`), which is run in the process"
    )]
    NotAllowed {
        /// The command.
        command: String,
    },
    /// Old rows are asked for, and there are none.
    #[error(
        "`check-replay` needs the reference's rows, because code or model changed, and a baseline holds none; check against the data it was made of (--reference), or replay against rows that were kept beside it: `driftguard replay --reference canary.arrow --current DATA`, with a file of `driftguard replay --make-canary canary.arrow --rows 20000`"
    )]
    BaselineWithoutRows,
    /// A column that the model is to be given is not there.
    #[error(
        "the model's input `{column}` is not in {place}; correct `inputs`, or bring the column back"
    )]
    MissingInput {
        /// The column.
        column: String,
        /// The side or file.
        place: String,
    },
    /// A column of two types.
    #[error(
        "the model's input `{column}` is {reference} in the reference and {current} in the current data: it cannot be given both; repair the feed first (`driftguard check` says more), or leave it out of `inputs`"
    )]
    Types {
        /// The column.
        column: String,
        /// Its type in the reference.
        reference: String,
        /// Its type in the current data.
        current: String,
    },
    /// Too few rows to split anything.
    #[error("{side} has {rows} rows, at least {needed} are needed to replay")]
    FewRows {
        /// Which side.
        side: &'static str,
        /// Its rows.
        rows: u64,
        /// The fewest.
        needed: u64,
    },
    /// Old and new model answer in different kinds.
    #[error(
        "`{old}` answers `{old_output}` with {old_kind}, `{new}` answers `{new_output}` with {new_kind}: they cannot be compared; name the outputs with `output` in [model] and [model.old]"
    )]
    Kinds {
        /// The old model.
        old: Box<str>,
        /// Its column.
        old_output: Box<str>,
        /// Numbers or classes.
        old_kind: &'static str,
        /// The new model.
        new: Box<str>,
        /// Its column.
        new_output: Box<str>,
        /// Numbers or classes.
        new_kind: &'static str,
    },
    /// A file that is no canary.
    #[error(
        "{file} is no canary: {reason}; make one with `driftguard replay --make-canary FILE --reference DATA`"
    )]
    NotACanary {
        /// The file.
        file: String,
        /// Why not.
        reason: String,
    },
    /// A model that does not repeat itself.
    #[error(
        "`{model}` answers the same rows differently when asked twice ({rows} of {of} rows, row {row}: {first}, then {second}): nothing can be replayed; fix its seed, its clock or the service it calls"
    )]
    NotRepeatable {
        /// The model.
        model: String,
        /// Rows that differ.
        rows: u64,
        /// Rows asked.
        of: u64,
        /// The worst row, from 0.
        row: u64,
        /// The first answer.
        first: String,
        /// The second.
        second: String,
    },
    /// A file that cannot be written.
    #[error("{file}: cannot be written: {reason}; check the folder, and --force to replace a file")]
    Write {
        /// The file.
        file: String,
        /// What the system said.
        reason: String,
    },
    /// Arithmetic on columns that should not fail.
    #[error("rows cannot be prepared for the model: {reason}")]
    Prepare {
        /// What the library said.
        reason: String,
    },
    /// The split of several factors.
    #[error(transparent)]
    Factorial(#[from] FactorialError),
}

impl From<arrow_schema::ArrowError> for ReplayError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        Self::Prepare {
            reason: error.to_string(),
        }
    }
}
