//! The report of a run for a person at a terminal: what to do, why, who is
//! suspected and what it looks like, and what was and was not looked at.
//! The order is that of reading; nothing is said by colour alone.

pub(crate) mod bars;
mod chart;
mod details;
mod footer;
mod next;
mod suspects;
mod table;

use driftguard_verdict::document::Document;
use driftguard_verdict::rank::ROWS;
use driftguard_verdict::{Level, Reason};

use crate::page::{Ink, Line, Page};
use crate::style::Style;
use crate::{cause, number};

/// Columns of the labels on the left of the closing lines.
const GUTTER: usize = 11;

/// The report of `document` as `style` wants it. Every line ends in a line
/// feed and fits the width; all text that comes from data or plugins is
/// cleaned (see the crate's page on hostile text).
pub fn render(document: &Document, style: &Style) -> String {
    let mut page = Page::new(style);
    headline(&mut page, document);
    suspects::render(&mut page, document);
    failures(&mut page, document);
    if let Some(replay) = &document.replay {
        let words = crate::replay::paragraph(replay);
        page.wrapped(footer::label("replay"), Ink::Plain, &words, 8);
        page.blank();
    }
    if let Some(cause) = cause::sentences(document) {
        page.wrapped(footer::label("cause"), Ink::Plain, &cause.join(" "), 8);
        page.blank();
    }
    footer::render(&mut page, document);
    next::render(&mut page, document);
    if style.verbose {
        details::render(&mut page, document);
    }
    page.finish()
}

/// The verdict, its code in words, and the one sentence.
fn headline(page: &mut Page<'_>, document: &Document) {
    let word = document.verdict.name().to_ascii_uppercase();
    let reason = document.reason;
    let line = Line::new()
        .then(ink(document.verdict), word)
        .then(Ink::Plain, "  ")
        .then(Ink::Strong, reason.name())
        .then(Ink::Plain, ": ")
        .then(Ink::Plain, reason.explanation().title);
    page.line(line);
    page.wrapped(Line::new(), Ink::Plain, &document.summary, 4);
    page.blank();
}

/// Checks that have no answer, in full: here the message is all there is.
fn failures(page: &mut Page<'_>, document: &Document) {
    let shown = if page.style().verbose { usize::MAX } else { 5 };
    for failure in document.failures.iter().take(shown) {
        let mark = page.sign("✗ ", "x ");
        let mut lead = Line::new()
            .then(Ink::Bad, mark)
            .then(Ink::Strong, page.cut(&failure.check, 24));
        if let Some(column) = &failure.column {
            lead = lead.then(
                Ink::Plain,
                format!(" on {}", page.cut(display_name(column), 32)),
            );
        }
        page.line(lead);
        page.wrapped(
            Line::new().then(Ink::Plain, "  "),
            Ink::Plain,
            &failure.message,
            6,
        );
    }
    let hidden = document.failures.len().saturating_sub(shown) as u64;
    if hidden > 0 {
        let more = format!(
            "  and {} (--verbose shows all)",
            number::counted(hidden, "more failure")
        );
        page.line(Line::new().then(Ink::Dim, more));
    }
    page.blank();
}

/// The colour of a level.
fn ink(level: Level) -> Ink {
    match level {
        Level::Pass => Ink::Good,
        Level::Alert => Ink::Warn,
        Level::Block | Level::Error => Ink::Bad,
    }
}

/// A suspect's name as a person would say it.
fn display_name(name: &str) -> &str {
    if name == ROWS {
        "the rows themselves"
    } else {
        name
    }
}

/// Whether the reason asks for anything to be done.
fn is_quiet(document: &Document) -> bool {
    document.verdict == Level::Pass && document.reason == Reason::Stable
}
