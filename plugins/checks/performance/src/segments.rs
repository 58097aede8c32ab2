//! Which segment got worse by itself.

use driftguard_answers::Task;
use driftguard_answers::finding::{About, LEVEL, Style};
use driftguard_distribution::words::short;
use driftguard_sdk::prelude::{Finding, Subject};
use driftguard_statistics::confusion::Estimate;
use driftguard_statistics::kitagawa::Cell;
use driftguard_statistics::quality::{Change, change};

use crate::classes::share_of_hits;
use crate::compare::Limits;
use crate::frame::Frame;
use crate::numbers::rise;
use crate::profile::Profile;

/// Fewest labelled rows of a level on either side.
const LEVEL_ROWS: u64 = 50;

/// For each segment column the level that got worse beyond chance the most,
/// its p-value corrected over the levels that were looked at.
pub(crate) fn compare(
    about: &About<'_>,
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    limits: &Limits,
) -> Vec<Finding> {
    let columns = frame.segments.iter();
    let sides = reference.segments.iter().zip(&current.segments);
    columns
        .zip(sides)
        .filter_map(|((name, levels), (before, now))| {
            let pairs = before.iter().zip(now).enumerate();
            let found: Vec<(usize, Change)> = pairs
                .filter(|(_, (before, now))| before.n.min(now.n) >= LEVEL_ROWS)
                .filter_map(|(level, (before, now))| Some((level, worse(frame, before, now)?)))
                .collect();
            let looked_at = found.len() as f64;
            let (level, change) = found.into_iter().reduce(|worst, next| {
                let further = |one: &Change| one.difference / one.deviation.max(1e-300);
                match further(&next.1) < further(&worst.1) {
                    true => next,
                    false => worst,
                }
            })?;
            let value = levels.keys().get(level).map_or("(other)", String::as_str);
            let segment = format!("{} = {}", short(name), short(value));
            let rows = (before.get(level)?.n, now.get(level)?.n);
            let p_value = (change.p_value * looked_at).min(1.0);
            let change = Change { p_value, ..change };
            Some(finding(about, frame, segment, rows, &change, limits))
        })
        .collect()
}

/// How a level's quality changed: below 0 where it got worse.
fn worse(frame: &Frame, before: &Cell, now: &Cell) -> Option<Change> {
    if frame.question.task != Task::Numbers {
        let hits = |cell: &Cell| {
            let misses = u64::try_from(cell.sum).unwrap_or(cell.n).min(cell.n);
            (cell.n - misses, cell.n)
        };
        return share_of_hits(hits(before), hits(now));
    }
    let unit = frame.units.size();
    let mean = |cell: &Cell| {
        Some(Estimate {
            value: -cell.mean()? * unit,
            variance: cell.variance()? * unit * unit / cell.n as f64,
        })
    };
    change(mean(before)?, mean(now)?, LEVEL)
}

fn finding(
    about: &About<'_>,
    frame: &Frame,
    segment: String,
    rows: (u64, u64),
    change: &Change,
    limits: &Limits,
) -> Finding {
    let of_numbers = frame.question.task == Task::Numbers;
    let finding = if of_numbers {
        let turned = Change {
            reference: -change.reference,
            current: -change.current,
            difference: -change.difference,
            interval: driftguard_statistics::Interval {
                low: -change.interval.high,
                high: -change.interval.low,
                ..change.interval
            },
            ..*change
        };
        rise(about, &turned, limits.error)
    } else {
        about.fall("", "accuracy", Style::Percent, change, limits.drop)
    };
    let message = format!("where {segment}: {}", finding.message);
    let metric = if of_numbers {
        "segment-mean-absolute-error/v1"
    } else {
        "segment-accuracy/v1"
    };
    Finding {
        metric: metric.into(),
        subject: Subject::Segment(segment),
        ..finding.rows(rows.0, rows.1).message(message)
    }
}
