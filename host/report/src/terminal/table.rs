//! A short table of what changed most, for values that have no order.

use driftguard_verdict::Evidence;

use super::bars;
use super::chart::{Sides, shares};
use crate::page::{Ink, Line, Page};
use crate::{number, text};

/// Values shown; the rest is summed up in one line.
const SHOWN: usize = 5;
/// Columns of a number and of a bar.
const NUMBER: usize = 9;
const BAR: usize = 14;

/// One value on both sides.
struct Row<'a> {
    label: &'a str,
    reference: f64,
    current: f64,
}

/// How the numbers are meant.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    /// Shares that sum to one: bars make sense, and so does a rest.
    ShareOfAll,
    /// Shares each of its own whole (rates of nulls, of zeros).
    Rate,
    /// Any number.
    Number,
}

impl Unit {
    fn of(sides: &Sides<'_>) -> Self {
        let rate = |value: &f64| (0.0..=1.0).contains(value);
        match sides.is_distribution() {
            true => Self::ShareOfAll,
            false if sides.reference.iter().chain(sides.current).all(rate) => Self::Rate,
            false => Self::Number,
        }
    }

    fn write(self, value: f64) -> String {
        match self {
            Self::ShareOfAll | Self::Rate => number::percent_fine(value),
            Self::Number => number::plain(value),
        }
    }
}

/// Draws the table.
pub(super) fn render(page: &mut Page<'_>, evidence: &Evidence, sides: &Sides<'_>) {
    let unit = Unit::of(sides);
    let rows = rows(sides, unit);
    let (shown, rest) = rows.split_at(rows.len().min(SHOWN));
    let room = page.style().columns();
    let bar = if unit != Unit::Number && room >= 76 {
        BAR
    } else {
        0
    };
    let widest = room
        .saturating_sub(4 + 2 * (2 + NUMBER + bar) + 1)
        .clamp(8, 40);
    let label = shown
        .iter()
        .map(|row| text::width(&page.cut(label_of(row), widest)))
        .max()
        .unwrap_or(0);
    let label = label
        .max(text::width(&page.cut(&evidence.title, widest)))
        .max(6);

    let head = Line::new().then(Ink::Plain, "    ").cell(
        Ink::Dim,
        page.cut(&evidence.title, label),
        label,
    );
    let head = head
        .right(Ink::Dim, "reference", NUMBER + 2)
        .then(Ink::Plain, " ".repeat(bar));
    page.line(head.right(Ink::Dim, "current", NUMBER + 2));
    for row in shown {
        let name = page.cut(label_of(row), label);
        let mut line = Line::new()
            .then(Ink::Plain, "    ")
            .cell(Ink::Plain, name, label);
        for (ink, value) in [(Ink::Reference, row.reference), (Ink::Current, row.current)] {
            line = line.right(Ink::Plain, unit.write(value), NUMBER + 2);
            if bar > 0 {
                let drawn = bars::lying(value, bar - 2, page.style().unicode);
                line = line.then(Ink::Plain, " ").cell(ink, drawn, bar - 1);
            }
        }
        page.line(line);
    }
    remainder(page, rest, unit, label, bar);
}

/// What the table leaves out.
fn remainder(page: &mut Page<'_>, rest: &[Row<'_>], unit: Unit, label: usize, bar: usize) {
    if rest.is_empty() {
        return;
    }
    let name = page.cut(&format!("{} others", rest.len()), label);
    let mut line = Line::new()
        .then(Ink::Plain, "    ")
        .cell(Ink::Dim, name, label);
    if unit == Unit::ShareOfAll {
        let sums = [
            rest.iter().map(|row| row.reference).sum(),
            rest.iter().map(|row| row.current).sum(),
        ];
        for sum in sums {
            line = line
                .right(Ink::Dim, unit.write(sum), NUMBER + 2)
                .then(Ink::Plain, " ".repeat(bar));
        }
    }
    page.line(line);
}

/// The values, what changed most first; distributions as shares.
fn rows<'a>(sides: &Sides<'a>, unit: Unit) -> Vec<Row<'a>> {
    let (reference, current) = match unit {
        Unit::ShareOfAll => (shares(sides.reference), shares(sides.current)),
        Unit::Rate | Unit::Number => (sides.reference.to_vec(), sides.current.to_vec()),
    };
    let values = sides.labels.iter().zip(reference.into_iter().zip(current));
    let mut rows: Vec<Row<'_>> = values
        .map(|(label, (reference, current))| Row {
            label,
            reference,
            current,
        })
        .collect();
    // Numbers without a common scale stay in the plugin's order (quantiles do).
    if unit != Unit::Number {
        let change = |row: &Row<'_>| (row.current - row.reference).abs();
        rows.sort_by(|left, right| change(right).total_cmp(&change(left)));
    }
    rows
}

/// An empty value is a value too.
fn label_of<'a>(row: &Row<'a>) -> &'a str {
    if row.label.is_empty() {
        "(empty)"
    } else {
        row.label
    }
}
