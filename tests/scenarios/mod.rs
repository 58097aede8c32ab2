//! Faults that other tools were measured to have, as tests.
//!
//! # Layout
//!
//! - [`answers`]: labels that say how good the answers are.
//! - [`conventions`]: the numbers of other tools, through the binary.
//! - [`days`]: days of real data against days of the same months.
//! - [`estimates`]: quality without labels.
//! - [`shifts`]: outliers, NaN, tiny shifts, few rows.
//! - [`order`]: where a change began, slices, groups.
//! - [`quality`]: null rates, many categories.
//! - [`replay`]: a trained model, replayed.
//! - [`truths`]: what moved an output, where the truth is known.
//! - [`validity`]: values that the reference never had.

mod answers;
mod conventions;
mod days;
mod estimates;
mod order;
mod quality;
mod replay;
mod shifts;
mod truths;
mod validity;

use crate::support::{Folder, Ran, Table};

/// Compares two tables where an alert fails, too.
fn compare(reference: &Table, current: &Table) -> Ran {
    let folder = Folder::new();
    folder.sides(reference, current);
    folder.check_sides(&["--fail-on", "alert"])
}
