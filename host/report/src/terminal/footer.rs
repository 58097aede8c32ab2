//! What was compared, what could have been seen, and what that guarantees.

use driftguard_verdict::Status;
use driftguard_verdict::document::{Document, SideReport};

use super::GUTTER;
use crate::page::{Ink, Line, Page};
use crate::replay::canary_words;
use crate::{history, number, text};

/// Writes the closing facts.
pub(super) fn render(page: &mut Page<'_>, document: &Document) {
    at_risk(page, document);
    compared(page, document);
    if let Some(fingerprints) = &document.fingerprints {
        let words = text::fingerprints(fingerprints);
        page.wrapped(label("code"), Ink::Plain, &words, 4);
    }
    if let Some(canary) = &document.canary {
        page.wrapped(label("canary"), Ink::Plain, &canary_words(canary), 4);
    }
    sight(page, document);
    if let Some(words) = history::anchor_words(document) {
        page.wrapped(label("anchor"), Ink::Plain, &words, 3);
    }
    for (position, words) in history::words(document).iter().enumerate() {
        let name = if position == 0 { "history" } else { "" };
        page.wrapped(label(name), Ink::Plain, words, 3);
    }
    page.wrapped(label("guarantee"), Ink::Dim, &document.guarantee, 4);
    page.blank();
}

/// A line that begins with a dim label.
pub(super) fn label(text: &str) -> Line {
    Line::new().cell(Ink::Dim, text, GUTTER)
}

/// What is at stake, and which checks say so.
fn at_risk(page: &mut Page<'_>, document: &Document) {
    let words = text::at_stake(document);
    if !words.is_empty() {
        page.wrapped(label("at risk"), Ink::Plain, &words, 3);
    }
}

/// Both sides, then how much was looked at.
fn compared(page: &mut Page<'_>, document: &Document) {
    sides(
        page,
        [
            ("compared", "reference ", &document.reference),
            ("", "current   ", &document.current),
        ],
    );
    let mut parts = vec![
        number::counted(document.roles.len() as u64, "column"),
        number::counted(document.plugins.len() as u64, "check"),
        number::counted(document.findings.len() as u64, "finding"),
    ];
    let unmeasured = document.findings.iter().filter(|judged| {
        matches!(
            judged.finding.status,
            Status::InsufficientData | Status::Degenerate
        )
    });
    match unmeasured.count() as u64 {
        0 => {}
        count => parts.push(format!("{} not measurable", number::count(count))),
    }
    if let Some(timings) = &document.timings {
        parts.push(number::seconds(timings.wall));
    }
    page.wrapped(label(""), Ink::Plain, &parts.join(", "), 2);
}

/// What each side was, the counts below each other. Of a long name the end says
/// most.
fn sides(page: &mut Page<'_>, sides: [(&str, &str, &SideReport); 2]) {
    let rows = sides.map(|(_, name, side)| {
        let counts = format!(
            "{} in {}",
            number::counted(side.rows, "row"),
            number::counted(side.files, "file")
        );
        let room = page
            .style()
            .columns()
            .saturating_sub(GUTTER + name.len() + counts.len() + 2)
            .max(8);
        let source = if side.source == "-" {
            "standard input"
        } else {
            &side.source
        };
        (text::cut_start(source, room, page.style().unicode), counts)
    });
    let longest = |pick: fn(&(String, String)) -> &String| {
        rows.iter().map(|row| text::width(pick(row))).max()
    };
    let source = longest(|row| &row.0).unwrap_or(0);
    let counts = longest(|row| &row.1).unwrap_or(0);
    let aligned = GUTTER + 10 + source + 2 + counts <= page.style().columns();
    for ((gutter, name, _), (text, counts)) in sides.iter().zip(&rows) {
        let line = label(gutter).then(Ink::Plain, *name).cell(
            Ink::Plain,
            text,
            if aligned { source } else { 0 },
        );
        page.line(line.then(Ink::Plain, "  ").then(Ink::Dim, counts));
    }
}

/// The smallest change that would have been seen, against what the policy asks.
fn sight(page: &mut Page<'_>, document: &Document) {
    let Some(detectable) = document.detectable.filter(|effect| effect.is_finite()) else {
        return;
    };
    let wanted = document.rules.must_see;
    let seen = number::percent(detectable);
    if detectable > wanted {
        let words = format!(
            "with this few rows a change of up to {seen} of rows could have been missed; the policy wants {} seen",
            number::percent(wanted)
        );
        page.wrapped(label("cannot see"), Ink::Warn, &words, 3);
    } else {
        let words = format!("a change of {seen} of rows or more, on every column");
        page.wrapped(label("would see"), Ink::Plain, &words, 3);
    }
}
