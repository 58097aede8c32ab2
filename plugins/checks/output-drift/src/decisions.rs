//! What follows from an output: positive decisions, and scores that nearly
//! were.

use driftguard_distribution::Subjected;
use driftguard_distribution::categorical::{Cell, Cells};
use driftguard_distribution::numeric::compare::Sides;
use driftguard_distribution::shift::LEVEL;
use driftguard_distribution::words::{number, pair, percent_pair, short};
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::moments::{mean_shift, mean_shift_noise};
use driftguard_statistics::{Interval, rates};

/// Values that mean yes, in lower case.
const POSITIVE: [&str; 2] = ["1", "true"];

/// Rows at or above the threshold, reference and current.
pub(crate) fn threshold_rate(
    about: &Subjected<'_>,
    rows: (u64, u64),
    threshold: f64,
) -> Option<Finding> {
    let what = format!("rows at or above {}", number(threshold));
    positive_rate(about, rows, &what)
}

/// Rows of the positive class; None unless it is named or there are two.
pub(crate) fn class_rate(about: &Subjected<'_>, cells: &Cells<'_>, named: &str) -> Option<Finding> {
    let positive = if named.is_empty() {
        positive_of_two(cells)?
    } else {
        named
    };
    let is_positive = |cell: &&Cell<'_>| cell.value == Some(positive);
    let cell = cells.all().iter().find(is_positive);
    let rows = cell.map_or((0, 0), |cell| (cell.reference, cell.current));
    positive_rate(about, rows, &format!("rows that are {}", short(positive)))
}

/// The positive one of the reference's two classes.
fn positive_of_two<'a>(cells: &Cells<'a>) -> Option<&'a str> {
    let occupied = cells.all().iter().filter(|cell| cell.reference > 0);
    let values: Option<Vec<&str>> = occupied.map(|cell| cell.value).collect();
    let [left, right] = values?[..] else {
        return None;
    };
    let says_yes = |value: &&str| POSITIVE.contains(&value.to_lowercase().as_str());
    let clear = [left, right].into_iter().find(says_yes);
    Some(clear.unwrap_or(left.max(right)))
}

fn positive_rate(about: &Subjected<'_>, rows: (u64, u64), what: &str) -> Option<Finding> {
    let (n, m) = (about.reference, about.current);
    let rates = rates::compare(rows.0, n, rows.1, m)?;
    let noise = rates::noise(rows.0, n, rows.1, m)?;
    let interval = rates::difference_interval(rows.0, n, rows.1, m, LEVEL)?;
    let interval = size_of(interval);
    let moved = rates.difference.abs();
    let (left, right) = percent_pair(rates.reference, rates.current);
    let message = format!("{}: {what} went {left} -> {right}", about.name());
    Some(
        about
            .measurement("positive-rate/v1", message)
            .statistic(moved)
            .effect(noise.corrected(moved))
            .noise(noise.mean, noise.sd)
            .interval(interval.low, interval.high, interval.level)
            .p_value(rates.p_value),
    )
}

/// The interval of a difference as one of its size.
fn size_of(interval: Interval) -> Interval {
    let (low, high) = (interval.low.abs(), interval.high.abs());
    let crosses = interval.low <= 0.0 && interval.high >= 0.0;
    Interval {
        low: if crosses { 0.0 } else { low.min(high) },
        high: low.max(high).min(1.0),
        level: interval.level,
    }
}

/// Rows nearer to the threshold than `near`; None where there are none.
pub(crate) fn near_threshold(
    about: &Subjected<'_>,
    rows: (u64, u64),
    threshold: f64,
    near: f64,
) -> Option<Finding> {
    if rows == (0, 0) {
        return None;
    }
    let rates = rates::compare(rows.0, about.reference, rows.1, about.current)?;
    let noise = rates::noise(rows.0, about.reference, rows.1, about.current)?;
    let moved = rates.difference.abs();
    let (left, right) = percent_pair(rates.reference, rates.current);
    let message = format!(
        "{}: rows nearer than {} to the threshold {} went {left} -> {right}",
        about.name(),
        number(near),
        number(threshold)
    );
    Some(
        about
            .supporting("near-threshold/v1", message)
            .statistic(moved)
            .effect(noise.corrected(moved))
            .noise(noise.mean, noise.sd)
            .p_value(rates.p_value),
    )
}

/// The mean output; its effect is in standard deviations of the reference.
pub(crate) fn mean_output(about: &Subjected<'_>, sides: &Sides<'_>) -> Option<Finding> {
    let (p, q) = (
        sides.reference.profile().moments(),
        sides.current.profile().moments(),
    );
    let moved = q.mean()? - p.mean()?;
    if !moved.is_finite() {
        return None;
    }
    let noise = mean_shift_noise(p.n(), q.n())?;
    let effect = mean_shift(p, q).map_or(0.0, |shift| noise.corrected(shift.abs()));
    let (left, right) = pair(p.mean()?, q.mean()?);
    let message = format!("{}: mean output {left} -> {right}", about.name());
    Some(
        about
            .supporting("mean-output/v1", message)
            .statistic(moved)
            .effect(effect)
            .unit_effect(moved, about.column),
    )
}
