//! Did the clock move? A changed time zone shifts the hour-of-day profile.

use driftguard_sdk::prelude::{Evidence, Finding, Subject};
use driftguard_statistics::divergence::total_variation;

use crate::periods::{covered_hours, hours_of_day};
use crate::profile::Profile;
use crate::words::percent;

/// Rows on either side to know the hours of a day.
const MIN_ROWS: u64 = 500;
/// Hours that either side has to cover.
const MIN_HOURS: i64 = 48;
/// Total variation from which profiles differ at all.
const DIFFERENT: f64 = 0.15;
/// A shift explains the difference if it leaves less than this part of it.
const EXPLAINED: f64 = 0.5;

/// The fault of a clock that moved, if it did.
pub(crate) fn moved(column: &str, reference: &Profile, current: &Profile) -> Option<Finding> {
    let known = |side: &Profile| side.values() >= MIN_ROWS && covered_hours(side) >= MIN_HOURS;
    if !known(reference) || !known(current) {
        return None;
    }
    let (before, now) = (hours_of_day(reference), hours_of_day(current));
    let unmoved = total_variation(&before, &now)?;
    let shifts = (1..24_usize).filter_map(|hours| {
        let mut shifted = before;
        shifted.rotate_right(hours);
        Some((hours, total_variation(&shifted, &now)?))
    });
    let (hours, left) = shifts.min_by(|a, b| a.1.total_cmp(&b.1))?;
    if unmoved <= DIFFERENT || left >= EXPLAINED * unmoved {
        return None;
    }
    let signed = if hours <= 12 {
        hours as i64
    } else {
        hours as i64 - 24
    };
    let message = format!(
        "`{column}`: the clock moved by {signed:+} h; hours of the day differ in {} of the rows, in {} after shifting them",
        percent(unmoved),
        percent(left)
    );
    Some(
        Finding::fault("clock-moved/v1", Subject::Column(column.to_owned()))
            .statistic(unmoved)
            .effect(unmoved - left)
            .unit_effect(signed as f64, "h")
            .rows(reference.values(), current.values())
            .evidence(evidence(&before, &now))
            .message(message),
    )
}

fn evidence(before: &[u64; 24], now: &[u64; 24]) -> Evidence {
    let shares = |counts: &[u64; 24]| {
        let all: f64 = counts.iter().map(|count| *count as f64).sum();
        counts
            .iter()
            .map(|count| *count as f64 / all.max(1.0))
            .collect()
    };
    Evidence {
        title: "share of rows by hour of the day".into(),
        labels: (0..24).map(|hour| format!("{hour:02}")).collect(),
        reference: shares(before),
        current: shares(now),
    }
}
