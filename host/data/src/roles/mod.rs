//! What each column is for and how it is treated, by its name and values.

use arrow_array::RecordBatch;
use driftguard_verdict::{Kind, Role};

use crate::error::DataError;

/// What the user says about columns; it goes before everything inferred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleOverrides {
    /// When rows happened.
    pub timestamp: Option<String>,
    /// The truth.
    pub label: Option<String>,
    /// The model's decision.
    pub prediction: Option<String>,
    /// The model's score.
    pub score: Option<String>,
    /// Identifiers.
    pub ids: Vec<String>,
    /// Numbers.
    pub numeric: Vec<String>,
    /// Categories.
    pub categorical: Vec<String>,
    /// Free text.
    pub text: Vec<String>,
    /// Vectors.
    pub embedding: Vec<String>,
    /// Columns that no check but the schema looks at.
    pub ignore: Vec<String>,
}

/// A column with its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnRole {
    /// As in the data.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// Why, in plain words with numbers.
    pub why: String,
    /// Length of one embedding; 0 for every other kind.
    pub dimension: u32,
}

/// Roles of all columns of a pilot of the reference, in its order.
///
/// # Errors
/// An override that names no column, or one column twice, or a column of a
/// type that cannot have the role.
pub fn resolve(
    pilot: &RecordBatch,
    total_rows: Option<u64>,
    overrides: &RoleOverrides,
) -> Result<Vec<ColumnRole>, DataError> {
    let _ = (pilot, total_rows, overrides);
    Ok(Vec::new())
}
