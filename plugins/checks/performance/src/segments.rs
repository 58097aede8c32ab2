//! Which segment got worse by itself: its answers, and the ranking of its
//! scores. An area is no sum over segments (the whole also ranks rows of one
//! segment among those of another), so each segment has its own.

use driftguard_answers::Task;
use driftguard_answers::finding::{About, LEVEL, Style};
use driftguard_distribution::words::short;
use driftguard_sdk::prelude::{Finding, Subject};
use driftguard_statistics::Counts;
use driftguard_statistics::confusion::Estimate;
use driftguard_statistics::kitagawa::Cell;
use driftguard_statistics::quality::{Change, change};
use driftguard_statistics::score_table::{RankedScores, area};

use crate::classes::{CLASS_ROWS, areas, ranking_well, share_of_hits};
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
    let mut findings = vec![];
    for (place, (name, levels)) in frame.segments.iter().enumerate() {
        let segment = |level: usize| {
            let value = levels.keys().get(level).map_or("(other)", String::as_str);
            format!("{} = {}", short(name), short(value))
        };
        if let Some((before, now)) = reference
            .segments
            .get(place)
            .zip(current.segments.get(place))
        {
            let pairs = before.iter().zip(now).enumerate();
            let found = pairs
                .filter(|(_, (before, now))| before.n.min(now.n) >= LEVEL_ROWS)
                .filter_map(|(level, (before, now))| {
                    let rows = (before.n, now.n);
                    Some((level, rows, worse(frame, before, now)?))
                });
            if let Some((level, rows, change)) = worst(found.collect()) {
                let segment = segment(level);
                findings.push(finding(about, frame, segment, rows, &change, limits));
            }
        }
        if let Some((before, now)) = reference.ranked.get(place).zip(current.ranked.get(place)) {
            let pairs = before.chunks(2).zip(now.chunks(2)).enumerate();
            let found = pairs.filter_map(|(level, (before, now))| {
                let (rows, change) = ranks_worse(before, now)?;
                Some((level, rows, change))
            });
            if let Some((level, rows, change)) = worst(found.collect()) {
                findings.push(ranked(about, segment(level), rows, &change, limits));
            }
        }
    }
    findings
}

/// A level, its rows on both sides, and how its quality changed.
type Level = (usize, (u64, u64), Change);

/// The level that got worse beyond chance the most, its p-value corrected over
/// all that were looked at.
fn worst(found: Vec<Level>) -> Option<Level> {
    let looked_at = found.len() as f64;
    let (level, rows, change) = found.into_iter().reduce(|worst, next| {
        let further = |one: &Change| one.difference / one.deviation.max(1e-300);
        match further(&next.2) < further(&worst.2) {
            true => next,
            false => worst,
        }
    })?;
    let p_value = (change.p_value * looked_at).min(1.0);
    Some((level, rows, Change { p_value, ..change }))
}

/// How well a level's scores rank, negatives first on each side.
fn ranks_worse(before: &[Counts], now: &[Counts]) -> Option<((u64, u64), Change)> {
    let ranked = |side: &[Counts]| {
        let ranked = area(side.get(1)?.as_slice(), side.first()?.as_slice())?;
        let enough = ranked.positives + ranked.negatives >= LEVEL_ROWS
            && ranked.positives.min(ranked.negatives) >= CLASS_ROWS;
        enough.then_some(ranked)
    };
    let (before, now) = ranking_well(ranked(before)?, ranked(now)?);
    let rows = |ranked: &RankedScores| ranked.positives + ranked.negatives;
    let change = areas(&before, &now)?;
    Some(((rows(&before), rows(&now)), change))
}

fn ranked(
    about: &About<'_>,
    segment: String,
    rows: (u64, u64),
    change: &Change,
    limits: &Limits,
) -> Finding {
    let finding = about.fall(
        "segment-auc/bins32/delong/v1",
        "AUC",
        Style::Number,
        change,
        limits.drop,
    );
    let message = format!("where {segment}: {}", finding.message);
    Finding {
        subject: Subject::Segment(segment),
        ..finding.rows(rows.0, rows.1).message(message)
    }
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
