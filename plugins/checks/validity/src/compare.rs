//! Two profiles of a column into findings.

use driftguard_distribution::runs::improbable;
use driftguard_distribution::words::percent;
use driftguard_distribution::{Rate, Subjected};
use driftguard_sdk::prelude::{Column, Context, Error, Finding, Nature, Role};

use crate::frame::Frame;
use crate::profile::{Body, Profile};
use crate::stuck::Stillness;
use crate::{numbers, values};

/// Metric of what cannot be compared.
const METRIC: &str = "valid/v1";

pub(crate) fn compare(
    context: &Context,
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
) -> Result<Vec<Finding>, Error> {
    reference.validate(frame)?;
    current.validate(frame)?;
    let column = context.column()?;
    let about = Subjected {
        column: &column.name,
        reference: reference.usable,
        current: current.usable,
    };
    let min_rows = context.count("min-rows")? as u64;
    let stillness = Stillness::new(frame.rows_as_one(), &reference.runs, &current.runs);
    let mut findings = unreadable(&about, reference, current);
    if context.ranks_only() {
        findings.retain(|finding| finding.nature == Nature::Measurement);
    }
    if let Some(finding) = about.not_enough(METRIC, "values", min_rows) {
        findings.extend((!context.ranks_only()).then_some(finding));
        return Ok(findings);
    }
    match (frame, &reference.body, &current.body) {
        (Frame::Numbers(frame), Body::Numbers(before), Body::Numbers(now)) => {
            let both = numbers::Both { frame, before, now };
            let far = context.number("far")?;
            if context.ranks_only() {
                findings.extend(numbers::ranked(&about, &both, far));
                return Ok(findings);
            }
            findings.extend(numbers::outside(&about, &both, far));
            if may_stand_still(column) {
                findings.extend(numbers::still(&about, &both, &stillness));
            }
        }
        (Frame::Values(frame), Body::Values(before), Body::Values(now)) => {
            let table = values::Table::new(frame, before, now);
            let turnover = &frame.turnover;
            if context.ranks_only() {
                findings.extend(values::ranked(&about, &table, turnover, &stillness));
                return Ok(findings);
            }
            let table = table.in_order();
            findings.extend(values::findings(&about, &table, turnover, &stillness));
            if may_stand_still(column) {
                findings.extend(values::still(&about, &table, &stillness));
            }
        }
        // `validate` has refused it.
        _ => return Err(Error::Internal("a column of two kinds was compared".into())),
    }
    Ok(findings)
}

/// `output-drift` asks this of outputs; labels come late, the common ones
/// first.
fn may_stand_still(column: &Column) -> bool {
    matches!(column.role, Role::Feature | Role::Segment | Role::Weight)
}

/// Texts that are no numbers: their rate, and whether nothing else is left.
fn unreadable(about: &Subjected<'_>, reference: &Profile, current: &Profile) -> Vec<Finding> {
    if reference.unparsed == 0 && current.unparsed == 0 {
        return vec![];
    }
    let rate = Rate {
        column: about.column,
        metric: "unparsed-rate/v1",
        property: "not readable as numbers",
        reference: (reference.unparsed, reference.rows),
        current: (current.unparsed, current.rows),
    };
    let mut findings: Vec<Finding> = rate.finding(Nature::Measurement).into_iter().collect();
    let filled = current.rows.saturating_sub(current.nulls);
    let share = (reference.unparsed as f64 + 1.0) / (reference.rows as f64 + 2.0);
    if current.unparsed == filled && reference.usable > 0 && improbable(share, filled, 1) {
        let readable = reference.usable as f64 / reference.rows.max(1) as f64;
        let message = format!(
            "{}: no value can be read as a number, {} of the reference's rows can",
            about.name(),
            percent(readable)
        );
        findings.push(
            about
                .fault("all-unparsed/v1", message)
                .statistic(1.0)
                .effect(readable),
        );
    }
    findings
}
