//! Two histograms above each other, on the same bins and the same scale.

use driftguard_verdict::Evidence;

use super::bars;
use crate::page::{Ink, Line, Page};
use crate::{number, text};

/// Columns left of the bars: indent and the name of the side.
const LEFT: usize = 4 + 11;
/// Bins wider than this say nothing more.
const WIDEST_BIN: usize = 3;
/// Columns that a chart takes at most.
const WIDEST_CHART: usize = 60;
/// Fewest bins that make a shape; fewer are better read as a table.
const FEWEST_BINS: usize = 5;

/// Both sides of an evidence, as long as its shortest list: plugins may send
/// lists of different lengths.
#[derive(Debug, Clone)]
pub(super) struct Sides<'a> {
    pub labels: &'a [String],
    pub reference: &'a [f64],
    pub current: &'a [f64],
}

impl<'a> Sides<'a> {
    /// The part of `evidence` for which all three lists have something.
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let length = evidence
            .labels
            .len()
            .min(evidence.reference.len())
            .min(evidence.current.len());
        Self {
            labels: evidence.labels.get(..length).unwrap_or_default(),
            reference: evidence.reference.get(..length).unwrap_or_default(),
            current: evidence.current.get(..length).unwrap_or_default(),
        }
    }

    /// Whether both sides are distributions: counts, or shares of a whole.
    pub(super) fn is_distribution(&self) -> bool {
        [self.reference, self.current].into_iter().all(|side| {
            let sum: f64 = side.iter().sum();
            let whole = side.iter().all(|value| value.fract() == 0.0);
            side.iter().all(|value| value.is_finite() && *value >= 0.0)
                && (whole || (sum - 1.0).abs() < 0.02)
        }) && (self.reference.iter().sum::<f64>() > 0.0 || self.current.iter().sum::<f64>() > 0.0)
    }

    /// Whether this is a histogram over ordered bins rather than a list of values.
    pub(super) fn is_histogram(&self) -> bool {
        let bins = self.labels.iter().filter(|label| is_bin(label)).count();
        self.labels.len() >= FEWEST_BINS
            && self.is_distribution()
            && bins * 5 >= self.labels.len() * 4
    }
}

/// Whether a label reads like a bin: `[1, 2)`, `<= 5`, `1.5`, `2013-01`, `08:00`.
fn is_bin(label: &str) -> bool {
    label
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || "([<>=-+≤≥−".contains(c))
}

/// The shares of one side; counts become shares, since the sides differ in rows.
pub(super) fn shares(values: &[f64]) -> Vec<f64> {
    let sum: f64 = values.iter().sum();
    let divisor = if sum > 0.0 { sum } else { 1.0 };
    values.iter().map(|value| value / divisor).collect()
}

/// Draws the histograms.
pub(super) fn render(page: &mut Page<'_>, evidence: &Evidence, sides: &Sides<'_>) {
    let room = page
        .style()
        .columns()
        .saturating_sub(LEFT + 1)
        .min(WIDEST_CHART);
    let together = sides.labels.len().div_ceil(room.max(1)).max(1);
    let merge = |values: &[f64]| -> Vec<f64> {
        shares(values)
            .chunks(together)
            .map(|bins| bins.iter().sum())
            .collect()
    };
    let (reference, current) = (merge(sides.reference), merge(sides.current));
    let highest = reference
        .iter()
        .chain(&current)
        .copied()
        .fold(0.0, f64::max);
    let bin = (room / reference.len().max(1)).clamp(1, WIDEST_BIN);

    let title = format!(
        "{} (highest bar {})",
        evidence.title.trim(),
        number::percent(highest)
    );
    page.line(
        Line::new()
            .then(Ink::Plain, "    ")
            .then(Ink::Dim, title.trim_start()),
    );
    for (name, ink, values) in [
        ("reference", Ink::Reference, &reference),
        ("current", Ink::Current, &current),
    ] {
        let mut bars = String::new();
        for value in values {
            let sign = bars::rising(value / highest, page.style().unicode);
            bars.extend(std::iter::repeat_n(sign, bin));
        }
        page.line(
            Line::new()
                .then(Ink::Plain, "    ")
                .cell(Ink::Plain, name, 11)
                .then(ink, bars),
        );
    }
    axis(page, sides.labels, bin * reference.len());
}

/// The first and the last bin under the ends of the bars, or, where they do
/// not fit, one after the other.
fn axis(page: &mut Page<'_>, labels: &[String], columns: usize) {
    let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
        return;
    };
    let (first, last) = (page.cut(first, 24), page.cut(last, 24));
    let used = text::width(&first) + text::width(&last);
    let line = Line::new()
        .then(Ink::Plain, " ".repeat(LEFT))
        .then(Ink::Dim, &first);
    page.line(if used < columns {
        line.right(Ink::Dim, &last, columns - text::width(&first))
    } else {
        line.then(Ink::Dim, page.sign(" … ", " ... "))
            .then(Ink::Dim, &last)
    });
}
