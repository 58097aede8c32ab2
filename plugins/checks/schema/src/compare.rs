//! Two profiles into faults of structure.

use driftguard_sdk::prelude::{Finding, Status, Subject};

use crate::names::{Family, family, same_family};
use crate::profile::{Profile, Seen};
use crate::units;
use crate::words::percent;

/// What an added column weighs: worth an alert, as nothing reads it yet.
const ADDED: f64 = 0.05;

/// Names in one message.
const MAX_NAMES: usize = 5;

/// Faults of structure, reference against current. `min_values` is the fewest
/// sampled values on either side to suspect a unit.
pub fn compare(reference: &Profile, current: &Profile, min_values: usize) -> Vec<Finding> {
    if reference.rows == 0 || current.rows == 0 {
        return vec![no_rows(reference, current)];
    }
    let mut findings = vec![];
    let rows = (reference.rows, current.rows);
    for column in &reference.columns {
        match current.column(&column.name) {
            None => findings.push(gone(column, rows)),
            Some(now) => {
                findings.extend(retyped(column, now, rows));
                findings.extend(units::suspect(column, now, min_values));
            }
        }
    }
    let new = |column: &&Seen| reference.column(&column.name).is_none();
    findings.extend(
        current
            .columns
            .iter()
            .filter(new)
            .map(|column| added(column, rows)),
    );
    findings.extend(reordered(reference, current, rows));
    findings
}

fn no_rows(reference: &Profile, current: &Profile) -> Finding {
    let side = if reference.rows == 0 {
        "reference"
    } else {
        "current"
    };
    Finding::supporting("columns/v1", Subject::Dataset)
        .status(Status::InsufficientData)
        .rows(reference.rows, current.rows)
        .message(format!(
            "the {side} side has no rows, so its columns are not known"
        ))
}

fn fault(metric: &str, column: &Seen, (n, m): (u64, u64), effect: f64) -> Finding {
    // What the policy ignores may change as it likes.
    let effect = if column.is_ignored() { 0.0 } else { effect };
    Finding::fault(metric, Subject::Column(column.name.clone()))
        .statistic(1.0)
        .effect(effect)
        .rows(n, m)
}

fn gone(column: &Seen, rows: (u64, u64)) -> Finding {
    fault("column-gone/v1", column, rows, 1.0).message(format!(
        "`{}` ({}, {}) is not in the current data",
        column.name, column.role, column.storage
    ))
}

fn added(column: &Seen, rows: (u64, u64)) -> Finding {
    fault("column-added/v1", column, rows, ADDED).message(format!(
        "`{}` ({}) is new: the reference does not have it",
        column.name, column.storage
    ))
}

fn retyped(before: &Seen, now: &Seen, rows: (u64, u64)) -> Option<Finding> {
    if before.storage == now.storage {
        return None;
    }
    let same = same_family(&before.storage, &now.storage);
    let change = format!("`{}`: {} -> {}", before.name, before.storage, now.storage);
    let message = match (same, readable(now)) {
        (true, _) => format!("{change}, values of which mean the same"),
        (false, None) => change,
        (false, Some(share)) => {
            format!(
                "{change}; {} of the values still read as numbers",
                percent(share)
            )
        }
    };
    let effect = if same { 0.0 } else { 1.0 };
    Some(fault("column-retyped/v1", before, rows, effect).message(message))
}

/// Share of values of a text column that read as numbers.
fn readable(column: &Seen) -> Option<f64> {
    let all = column.read.saturating_add(column.unread);
    (all > 0 && family(&column.storage) == Family::Text).then(|| column.read as f64 / all as f64)
}

/// Columns of both sides that stand in another order. Columns are read by
/// name, so nothing moved for a reader that does the same.
fn reordered(reference: &Profile, current: &Profile, (n, m): (u64, u64)) -> Option<Finding> {
    let common = |side: &'_ Profile, other: &Profile| -> Vec<String> {
        let shared = side
            .columns
            .iter()
            .filter(|column| other.column(&column.name).is_some());
        shared.map(|column| column.name.clone()).collect()
    };
    let (before, now) = (common(reference, current), common(current, reference));
    let moved: Vec<String> = before
        .iter()
        .zip(&now)
        .filter(|(before, now)| before != now)
        .map(|(_, now)| format!("`{now}`"))
        .collect();
    if moved.is_empty() {
        return None;
    }
    let mut names: Vec<String> = moved.iter().take(MAX_NAMES).cloned().collect();
    if moved.len() > MAX_NAMES {
        names.push(format!("{} more", moved.len() - MAX_NAMES));
    }
    let message = format!(
        "{} of {} columns stand in another order ({}); columns are read by name",
        moved.len(),
        now.len(),
        names.join(", ")
    );
    Some(
        Finding::fault("columns-reordered/v1", Subject::Dataset)
            .statistic(moved.len() as f64)
            .rows(n, m)
            .message(message),
    )
}
