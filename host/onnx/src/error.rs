//! Everything that can be wrong with an ONNX file or with what it is given.

use thiserror::Error;

/// Why a file cannot be run, or gave no answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum OnnxError {
    /// Not an ONNX file, or one that is cut off or damaged.
    #[error("it is no ONNX file, or a damaged one: {reason}; export the model again")]
    Damaged {
        /// What was met.
        reason: String,
    },
    /// A part of the format that is not read.
    #[error("{what} is not supported; {instead}")]
    Unsupported {
        /// The part.
        what: String,
        /// What to do.
        instead: &'static str,
    },
    /// Operators that are not known here.
    #[error(
        "it needs operators that are not run in the process: {}; score it with a command around its own runtime (`command`)", .names.join(", ")
    )]
    Operators {
        /// `domain.Operator`, each once, in order of appearance.
        names: Vec<String>,
    },
    /// A node whose attributes or place make no sense.
    #[error("its node {node} is wrong: {reason}; export the model again")]
    Node {
        /// Name and operator.
        node: String,
        /// What is wrong.
        reason: String,
    },
    /// Inputs or values that a node cannot take.
    #[error("its node {node} failed: {reason}")]
    Failed {
        /// Name and operator.
        node: String,
        /// What was met.
        reason: String,
    },
    /// A missing value where the model has no answer to one.
    #[error(
        "its node {node} met a missing value in row {row}{place}, and the model does not say what to do with it; fill it before the model, fit the model with an imputer, or repair the feed"
    )]
    Missing {
        /// Name and operator.
        node: String,
        /// From 0, within the rows given.
        row: usize,
        /// Where, in words; may be empty.
        place: String,
    },
    /// More memory than allowed.
    #[error("it needs more than {limit_mib} MiB{place}; raise `memory-mib`")]
    Memory {
        /// The limit.
        limit_mib: u64,
        /// Where, in words; may be empty.
        place: String,
    },
    /// More time than allowed.
    #[error("it did not end within {seconds} s; raise `timeout-seconds`, or replay fewer rows")]
    Time {
        /// The limit.
        seconds: f64,
    },
}
