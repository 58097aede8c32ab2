//! Faults that other tools were measured to have, as tests.
//!
//! # Layout
//!
//! - [`shifts`]: outliers, NaN, tiny shifts, few rows.
//! - [`quality`]: null rates, many categories.
//! - [`replay`]: a trained model, replayed.
//! - [`truths`]: what moved an output, where the truth is known.

mod quality;
mod replay;
mod shifts;
mod truths;

use crate::support::{Folder, Ran, Table};

/// Compares two tables where an alert fails, too.
fn compare(reference: &Table, current: &Table) -> Ran {
    let folder = Folder::new();
    folder.sides(reference, current);
    folder.check_sides(&["--fail-on", "alert"])
}
