//! Errors of states that come from outside.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::StateError;

/// A state that does not fit, in the words of the plugin interface.
pub fn refused(error: StateError) -> Error {
    Error::State(error.to_string())
}

/// A state of the wrong shape: what, its size and the size wanted.
pub(crate) fn wrong_length(what: &str, actual: usize, expected: usize) -> Error {
    Error::State(format!(
        "{what} has {actual} entries, the frame has {expected}; it was made on another frame: rebuild the baseline"
    ))
}

/// A state that contradicts itself.
pub(crate) fn invalid(what: &str, problem: &str) -> Error {
    Error::State(format!(
        "{what} is invalid: {problem}; rebuild it from the data"
    ))
}
