//! Two profiles into findings.

use driftguard_sdk::prelude::{Error, Finding, Status, Subject};

use crate::column::Column;
use crate::frame::{Frame, MOST_COLUMNS};
use crate::profile::Profile;
use crate::series::Series;
use crate::{frozen, load};

/// Findings on every column, and on rows per time.
///
/// # Errors
/// [`Error::State`] for profiles that do not fit the frame.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let mut findings = vec![];
    for (at, watched) in frame.columns.iter().enumerate() {
        let before = Series::of(reference, frame, at)?;
        let now = Series::of(current, frame, at)?;
        let column = Column {
            coding: &watched.coding,
            reference: &before,
            current: &now,
        };
        let measured = column.findings(min_rows);
        let enough = measured.first().is_some_and(|first| {
            !matches!(
                first.status,
                Status::InsufficientData | Status::NotApplicable
            )
        });
        findings.extend(measured);
        if enough {
            findings.extend(frozen::finding(
                &watched.coding,
                watched.output,
                &before,
                &now,
            ));
        }
    }
    if let Some(name) = &frame.time {
        findings.push(load::finding(name, &reference.load, &current.load));
    }
    if frame.left_out > 0 {
        let message = format!(
            "{} columns beyond the first {MOST_COLUMNS} are not read in order",
            frame.left_out
        );
        findings
            .push(Finding::supporting("columns-left-out/v1", Subject::Dataset).message(message));
    }
    Ok(findings)
}
