//! Two profiles into findings.

use driftguard_distribution::refused;
use driftguard_distribution::shift::{LEVEL, shift};
use driftguard_distribution::words::{column, number, percent};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status, Subject};
use driftguard_statistics::noise::sampling_scale;

use crate::frame::{FEWEST_COLUMNS, Frame};
use crate::profile::{ONE, Profile, Tallies};

/// Columns that are named.
const NAMED: usize = 3;
/// The metric.
const METRIC: &str = "reconstruction-error/tv/q10ref/v1";

/// Whether rows are as far from the reference's components as before.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let (n, before) = reference.rows.total().map_err(refused)?;
    let (m, now) = current.rows.total().map_err(refused)?;
    let finding = Finding::measurement(METRIC, Subject::Dataset).rows(n, m);
    let stop =
        |status: Status, message: String| Ok(vec![finding.clone().status(status).message(message)]);
    if reference.lacking || current.lacking {
        let words = "a column of the reference is gone or cannot be read as numbers; see `schema`";
        return stop(Status::NotApplicable, words.into());
    }
    if !frame.usable() {
        let words = format!(
            "{} numeric columns vary in the reference, at least {FEWEST_COLUMNS}, and more rows than columns, are needed",
            frame.columns.len()
        );
        return stop(Status::NotApplicable, words);
    }
    if n == 0 && m == 0 {
        return stop(
            Status::NotApplicable,
            "there are no rows on either side".into(),
        );
    }
    if n.min(m) < min_rows {
        let words = format!(
            "{n} reference and {m} current rows, at least {min_rows} are needed on either side"
        );
        return stop(Status::InsufficientData, words);
    }
    Ok(vec![measured(finding, frame, (n, &before), (m, &now))])
}

fn measured(
    finding: Finding,
    frame: &Frame,
    (n, before): (u64, &Tallies),
    (m, now): (u64, &Tallies),
) -> Finding {
    let mean = |tallies: &Tallies, rows: u64| tallies.errors as f64 / ONE / rows as f64;
    let grown = grown(frame, (n, before), (m, now));
    let names: Vec<String> = grown
        .iter()
        .filter(|(_, growth)| *growth > 0.0)
        .take(NAMED)
        .map(|(name, _)| column(name))
        .collect();
    let by = if names.is_empty() {
        String::new()
    } else {
        format!(", most in {}", names.join(", "))
    };
    let Some(shift) = shift(&before.bins, &now.bins) else {
        // All errors are alike: one row out of place would be noise.
        let one = 1.0 / (n as f64 + m as f64 + 2.0);
        let sd = sampling_scale(n, m).unwrap_or(1.0) * (one * (1.0 - one)).sqrt();
        return finding
            .statistic(0.0)
            .noise(0.0, sd)
            .p_value(1.0)
            .message("all rows are equally far from the reference's components");
    };
    let message = format!(
        "mean distance of rows from the reference's {} components {} -> {}; {} of the rows moved{by}",
        frame
            .halves
            .iter()
            .flatten()
            .map(|half| half.count())
            .max()
            .unwrap_or(0),
        number(mean(before, n)),
        number(mean(now, m)),
        percent(shift.effect),
    );
    let labels = frame.columns.iter().map(|column| column.name.clone());
    let roots = |tallies: &Tallies, rows: u64| -> Vec<f64> {
        let root = |sum: &u64| (*sum as f64 / ONE / rows as f64).sqrt();
        tallies.squares.iter().map(root).collect()
    };
    finding
        .statistic(shift.statistic)
        .effect(shift.effect)
        .noise(shift.noise.mean, shift.noise.sd)
        .interval(shift.interval.low, shift.interval.high, LEVEL)
        .p_value(shift.p_value)
        .evidence(Evidence {
            title: "distance by column, in its standard deviations".into(),
            labels: labels.collect(),
            reference: roots(before, n),
            current: roots(now, m),
        })
        .message(message)
}

/// Columns by how much more of them is left over, most first.
fn grown<'f>(
    frame: &'f Frame,
    (n, before): (u64, &Tallies),
    (m, now): (u64, &Tallies),
) -> Vec<(&'f str, f64)> {
    let mut grown: Vec<(&str, f64)> = frame
        .columns
        .iter()
        .zip(before.squares.iter().zip(&now.squares))
        .map(|(column, (a, b))| {
            let growth = *b as f64 / m as f64 - *a as f64 / n as f64;
            (column.name.as_str(), growth)
        })
        .collect();
    grown.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    grown
}
