//! A numeric column: values outside of the range, a column that stands still.

use driftguard_distribution::Subjected;
use driftguard_distribution::words::{number, pair, percent};
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::Noise;
use driftguard_statistics::exchangeable::{exceedance_noise, ln_all_here};
use driftguard_statistics::rates::wilson;

use crate::frame::Numbers;
use crate::profile::NumberCounts;
use crate::stuck::{Shared, Stillness};

const FAR_OUT: &str = "far-out/v1";
/// Coverage of the intervals.
const LEVEL: f64 = 0.95;

/// Frame and both sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Both<'a> {
    pub(crate) frame: &'a Numbers,
    pub(crate) before: &'a NumberCounts,
    pub(crate) now: &'a NumberCounts,
}

/// Rows of the current side below and above two points.
struct Beyond {
    below: u64,
    above: u64,
}

impl Beyond {
    fn rows(&self) -> u64 {
        self.below.saturating_add(self.above)
    }

    /// Share of the current rows, and what is there by chance at both ends.
    fn share(&self, about: &Subjected<'_>) -> Option<(f64, Noise)> {
        let one_end = exceedance_noise(about.reference, about.current)?;
        let noise = Noise {
            mean: 2.0 * one_end.mean,
            sd: one_end.sd * 2f64.sqrt(),
        };
        Some((self.rows() as f64 / about.current as f64, noise))
    }

    /// That so many rows of one side exceed all of the other by chance, both
    /// ends being looked at.
    fn p_value(&self, about: &Subjected<'_>) -> f64 {
        let most = self.below.max(self.above);
        (2.0 * ln_all_here(most, about.current, about.reference).exp()).min(1.0)
    }
}

impl Both<'_> {
    fn beyond(&self, low: f64, high: f64) -> Beyond {
        let counts = self.now.tails.as_slice();
        Beyond {
            below: self.frame.ladder.below(counts, low),
            above: self.frame.ladder.from(counts, high.next_up()),
        }
    }

    /// Rows `far` widths of the range and more outside of it; None without
    /// any. A range without width is none to be far from.
    fn far_away(&self, far: f64) -> Option<Beyond> {
        let (low, high) = self.before.extremes?;
        self.now.extremes?;
        let width = high - low;
        let (lowest, highest) = (low - far * width, high + far * width);
        if !(width > 0.0 && lowest.is_finite() && highest.is_finite()) {
            return None;
        }
        let away = self.beyond(lowest, highest);
        (away.rows() > 0).then_some(away)
    }
}

/// The numbers of the measurement among the findings of [`outside`].
pub(crate) fn ranked(about: &Subjected<'_>, both: &Both<'_>, far: f64) -> Option<Finding> {
    let away = both.far_away(far).filter(|_| !both.frame.trending)?;
    let (share, noise) = away.share(about)?;
    let effect = noise.corrected(share);
    Some(about.ranked(FAR_OUT, share, effect, noise))
}

/// How many rows lie outside of the reference's range, and how many far
/// outside: `far` widths of the range and more.
pub(crate) fn outside(about: &Subjected<'_>, both: &Both<'_>, far: f64) -> Vec<Finding> {
    let (Some((low, high)), Some((least, most))) = (both.before.extremes, both.now.extremes) else {
        return vec![];
    };
    let mut findings = vec![];
    let all = both.beyond(low, high);
    let (from, to) = pair(low, high);
    let message = match all.rows() {
        0 => format!(
            "{}: no value lies outside of the reference's range {from} to {to}",
            about.name()
        ),
        rows => format!(
            "{}: {} of the values lie outside of the reference's range {from} to {to} ({} to {})",
            about.name(),
            percent(rows as f64 / about.current as f64),
            shown(least),
            shown(most)
        ),
    };
    findings.extend(share(about, "out-of-range/v1", &all, message, false));
    if let Some(away) = both.far_away(far) {
        let message = format!(
            "{}: {} of the values lie far outside of the reference's range {from} to {to} ({} to {})",
            about.name(),
            percent(away.rows() as f64 / about.current as f64),
            shown(least),
            shown(most)
        );
        let decides = !both.frame.trending;
        findings.extend(share(about, FAR_OUT, &away, message, decides));
    }
    findings
}

/// An extreme as it is where it is short: a sentinel is known by its digits.
fn shown(value: f64) -> String {
    let text = value.to_string();
    if text.len() <= 8 { text } else { number(value) }
}

/// The share of rows beyond the range as a finding, less what is there by
/// chance at both ends.
fn share(
    about: &Subjected<'_>,
    metric: &str,
    beyond: &Beyond,
    message: String,
    decides: bool,
) -> Option<Finding> {
    let (share, Noise { mean, sd }) = beyond.share(about)?;
    let effect = (share - mean).max(0.0);
    let interval = wilson(beyond.rows().min(about.current), about.current, LEVEL)?;
    let finding = match decides {
        true => about.measurement(metric, message),
        false => about.supporting(metric, message),
    };
    Some(
        finding
            .statistic(share)
            .effect(effect)
            .noise(mean, sd)
            .interval(
                (interval.low - mean).clamp(0.0, effect),
                interval.high.max(effect),
                LEVEL,
            )
            .p_value(beyond.p_value(about)),
    )
}

/// A column that became constant or froze.
pub(crate) fn still(
    about: &Subjected<'_>,
    both: &Both<'_>,
    stillness: &Stillness<'_>,
) -> Option<Finding> {
    let (before, now) = (both.before.extremes?, both.now.extremes?);
    // A reference of one value has nothing to lose.
    if before.0 == before.1 {
        return None;
    }
    let shared = |value: f64| {
        let (rows, of) = both.frame.rows_of(value);
        Shared { rows, of }
    };
    if now.0 == now.1 {
        return Some(stillness.constant(about, &number(now.0), &shared(now.0)));
    }
    stillness.frozen(about, |value| {
        // The kernel writes numbers as text; what is none was never finite.
        let value = value.parse().ok().filter(|value: &f64| value.is_finite());
        value.map_or(Shared { rows: 1, of: 1 }, shared)
    })
}
