//! The error of states that do not fit together.

use thiserror::Error;

/// Why two states cannot be merged, or a state cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Two states were made on different frames.
    #[error(
        "cannot merge {what}: one side has {left}, the other {right}; both must come from the same frame"
    )]
    Mismatch {
        /// What differs ("bins", "sample size").
        what: &'static str,
        /// Here.
        left: u64,
        /// There.
        right: u64,
    },
    /// An integer count left the range of 64 bits.
    #[error("count of {what} overflows 64 bits; the state is not one that rows can produce")]
    Overflow {
        /// What was counted.
        what: &'static str,
    },
    /// An edge of the coarse bins is not an edge of the fine ones.
    #[error(
        "coarse edge {position} is not among the fine edges; coarsen only onto a subset of them"
    )]
    EdgeNotFound {
        /// Which of the coarse edges.
        position: usize,
    },
    /// A state read from outside breaks its own rules.
    #[error("{what} state is invalid: {problem}; rebuild it from the data")]
    Invalid {
        /// Which state.
        what: &'static str,
        /// Which rule.
        problem: &'static str,
    },
}
