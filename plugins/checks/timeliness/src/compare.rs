//! Two profiles into findings.

use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::rates;

use crate::clock;
use crate::instant::{iso, length};
use crate::periods::{Periods, Unit, longest_gap, unit_of};
use crate::profile::{HOUR, Profile};
use crate::volume;
use crate::words::percent;

/// Coverage of the intervals.
const LEVEL: f64 = 0.95;

/// More periods than this say no more, and cost more.
const MAX_PERIODS: u64 = 1_000_000;

/// What is compared and how.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Fewest instants on either side.
    pub min_rows: u64,
    /// Whether rows per period are a measurement.
    pub measure_volume: bool,
}

/// Range, volume, gaps and clock of one column, reference against current.
pub fn compare(
    column: &str,
    options: Options,
    reference: &Profile,
    current: &Profile,
) -> Vec<Finding> {
    let Some(range) = range(column, reference, current) else {
        let finding = Finding::supporting("time-range/v1", Subject::Column(column.to_owned()))
            .status(Status::NotApplicable)
            .rows(reference.values(), current.values())
            .message(format!("`{column}`: one side has no instant"));
        return vec![finding];
    };
    let (n, m) = (reference.values(), current.values());
    if n.min(m) < options.min_rows {
        let message = format!(
            "`{column}`: {n} reference and {m} current instants, at least {} are needed on either side",
            options.min_rows
        );
        let gaps = gaps_finding(column, reference, current);
        return vec![
            range,
            gaps.status(Status::InsufficientData).message(message),
        ];
    }
    let mut findings = vec![
        range,
        volume::finding(column, options.measure_volume, reference, current),
    ];
    findings.push(gaps(column, reference, current));
    findings.extend(clock::moved(column, reference, current));
    findings
}

fn range(column: &str, reference: &Profile, current: &Profile) -> Option<Finding> {
    let (a, b) = (reference.min?, reference.max?);
    let (c, d) = (current.min?, current.max?);
    let overlap = c <= b && a <= d;
    let message = format!(
        "`{column}`: {} to {} in the reference, {} to {} now; they {}",
        iso(a),
        iso(b),
        iso(c),
        iso(d),
        if overlap { "overlap" } else { "do not overlap" }
    );
    Some(
        Finding::supporting("time-range/v1", Subject::Column(column.to_owned()))
            .statistic(if overlap { 1.0 } else { 0.0 })
            .rows(reference.values(), current.values())
            .message(message),
    )
}

fn gaps_finding(column: &str, reference: &Profile, current: &Profile) -> Finding {
    Finding::measurement("gaps/v1", Subject::Column(column.to_owned()))
        .rows(reference.values(), current.values())
}

/// Share of empty periods inside each side's own range.
fn gaps(column: &str, reference: &Profile, current: &Profile) -> Finding {
    let finding = gaps_finding(column, reference, current);
    // Days only where both sides have some of them.
    let unit = if unit_of(reference) == Unit::Day {
        unit_of(current)
    } else {
        Unit::Hour
    };
    let counted = |side: &Profile| Periods::new(side, unit).map(|p| capped(p.empty(), p.inside()));
    let (Some((a, n)), Some((b, m))) = (counted(reference), counted(current)) else {
        return finding.status(Status::NotApplicable);
    };
    let word = unit.word();
    if n == 0 || m == 0 {
        let message =
            format!("`{column}`: one side has no whole {word} between its first and last row");
        return finding.status(Status::NotApplicable).message(message);
    }
    if a == 0 && b == 0 {
        return Finding::supporting("gaps/v1", Subject::Column(column.to_owned()))
            .statistic(0.0)
            .rows(reference.values(), current.values())
            .message(format!("`{column}`: no {word} without rows on either side"));
    }
    let (p, q) = (a as f64 / n as f64, b as f64 / m as f64);
    let increase = (q - p).max(0.0);
    let longest = match longest_gap(current) {
        Some((start, hours)) => {
            format!(
                "; the longest gap is {} from {}",
                length(hours),
                iso(start.saturating_mul(HOUR))
            )
        }
        None => String::new(),
    };
    let message = format!(
        "`{column}`: {} -> {} of the {word}s have no rows{longest}",
        percent(p),
        percent(q)
    );
    let mut finding = finding.statistic(increase).message(message);
    if let (Some(noise), Some(test)) = (rates::noise(a, n, b, m), rates::compare(a, n, b, m)) {
        finding = finding
            .effect(noise.corrected(increase))
            .noise(noise.mean, noise.sd)
            .p_value(test.p_value);
    }
    if let Some(interval) = rates::difference_interval(a, n, b, m, LEVEL) {
        let effect = finding.effect;
        finding = finding.interval(
            interval.low.clamp(0.0, effect),
            interval.high.max(effect).min(1.0),
            LEVEL,
        );
    }
    finding
}

/// The same share of at most [`MAX_PERIODS`].
fn capped(hits: u64, all: u64) -> (u64, u64) {
    if all <= MAX_PERIODS {
        return (hits, all);
    }
    let scaled = (hits as f64 / all as f64 * MAX_PERIODS as f64).round() as u64;
    (scaled.min(MAX_PERIODS), MAX_PERIODS)
}
