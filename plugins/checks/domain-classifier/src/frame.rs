//! The columns that are coded, and how.

pub use driftguard_distribution::coded::{Coding, ColumnFrame, MISSING};
use driftguard_sdk::prelude::Error;
use serde::{Deserialize, Serialize};

/// Most columns that are looked at, the first in the reference's order.
pub const MOST_COLUMNS: usize = 128;

/// The columns of the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// In the reference's order, at most [`MOST_COLUMNS`].
    pub columns: Vec<ColumnFrame>,
    /// Columns that were left out because there are too many.
    pub left_out: u64,
}

impl Frame {
    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for codings that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let fits = self.columns.iter().all(|column| column.coding.fits());
        if self.columns.len() > MOST_COLUMNS || !fits {
            return Err(Error::State(
                "the frame of the domain classifier is invalid: its codings do not fit; rebuild the baseline".into(),
            ));
        }
        Ok(())
    }
}
