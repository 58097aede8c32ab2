//! Faults that other tools were measured to have, as tests.
//!
//! # Layout
//!
//! - [`shifts`]: outliers, NaN, tiny shifts, few rows.
//! - [`order`]: where a change began, slices, groups.
//! - [`quality`]: null rates, many categories.

mod order;
mod quality;
mod shifts;

use crate::support::{Folder, Ran, Table};

/// Compares two tables where an alert fails, too.
fn compare(reference: &Table, current: &Table) -> Ran {
    let folder = Folder::new();
    folder.sides(reference, current);
    folder.check_sides(&["--fail-on", "alert"])
}
