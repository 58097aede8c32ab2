//! Why a check could not do its work.

use crate::bindings::driftguard::check::data::DataError;
use crate::bindings::driftguard::check::types::PluginError;

/// Why a check could not do its work. The host reports the text and treats
/// the run as failed: a check that cannot answer never passes.
#[derive(Debug, Clone, PartialEq)]
pub enum Error {
    /// A setting is wrong, or settings do not fit together.
    Setting(String),
    /// The data cannot be read as this check needs it.
    Data(String),
    /// A frame or profile that this check did not write.
    State(String),
    /// A fault of the check itself.
    Internal(String),
}

impl From<DataError> for Error {
    fn from(error: DataError) -> Self {
        Self::Data(match error {
            DataError::NoSuchColumn(index) => {
                format!("column {index} is not granted to this check")
            }
            DataError::WrongKind(text)
            | DataError::OutOfRange(text)
            | DataError::BadArgument(text) => text,
            DataError::TooLarge(bytes) => {
                format!("the answer takes {bytes} bytes, more than one call may carry")
            }
        })
    }
}

impl From<Error> for PluginError {
    fn from(error: Error) -> Self {
        match error {
            Error::Setting(text) => Self::BadSetting(text),
            Error::Data(text) => Self::BadData(text),
            Error::State(text) => Self::BadState(text),
            Error::Internal(text) => Self::Internal(text),
        }
    }
}
