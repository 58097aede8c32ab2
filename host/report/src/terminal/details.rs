//! What only `--verbose` shows: every role with its reason, every plugin with
//! its digest, where the time went.

use driftguard_verdict::document::{ColumnReport, Document, PluginReport};

use super::footer::label;
use crate::page::{Ink, Line, Page};
use crate::{number, text};

/// From this width on, a column and its reason share a line.
const ONE_LINE: usize = 76;

/// Writes roles, plugins, thresholds and timings.
pub(super) fn render(page: &mut Page<'_>, document: &Document) {
    roles(page, &document.roles);
    plugins(page, &document.plugins);
    thresholds(page, document);
}

/// Each column: what it is taken for, and why.
fn roles(page: &mut Page<'_>, columns: &[ColumnReport]) {
    page.blank();
    page.line(Line::new().then(Ink::Strong, "Columns"));
    let name = columns
        .iter()
        .map(|column| text::width(&page.cut(&column.name, 24)))
        .max()
        .unwrap_or(0);
    for column in columns {
        let line = Line::new()
            .then(Ink::Plain, "  ")
            .cell(Ink::Plain, page.cut(&column.name, 24), name + 2)
            .cell(Ink::Plain, column.role.name(), 12)
            .cell(Ink::Plain, column.kind.name(), 13);
        let words = format!("{}; {}", storage(column), column.why);
        if page.style().columns() >= ONE_LINE {
            page.line(line.then(Ink::Dim, words));
        } else {
            page.line(line);
            page.wrapped(Line::new().then(Ink::Plain, "    "), Ink::Dim, &words, 2);
        }
    }
}

/// The types on both sides, once if they are the same.
fn storage(column: &ColumnReport) -> String {
    match (&column.storage_reference, &column.storage_current) {
        (Some(reference), Some(current)) if reference == current => reference.clone(),
        (Some(reference), Some(current)) => format!("{reference} -> {current}"),
        (Some(reference), None) => format!("{reference} -> gone"),
        (None, Some(current)) => format!("new, {current}"),
        (None, None) => "on neither side".to_owned(),
    }
}

/// Two lines for each plugin: what it cost, and which bytes it was.
fn plugins(page: &mut Page<'_>, plugins: &[PluginReport]) {
    page.blank();
    page.line(Line::new().then(Ink::Strong, "Plugins"));
    let name = plugins
        .iter()
        .map(|plugin| text::width(&page.cut(&plugin.check, 28)))
        .max()
        .unwrap_or(0);
    for plugin in plugins {
        let mut facts = vec![number::counted(plugin.columns.len() as u64, "column")];
        facts.extend(plugin.seconds.map(number::seconds));
        facts.extend(
            plugin
                .fuel
                .map(|fuel| format!("{} fuel", number::count(fuel))),
        );
        facts.push(plugin.origin.clone());
        facts.push(format!("{} risk", plugin.risk.name()));
        let line = Line::new()
            .then(Ink::Plain, "  ")
            .cell(Ink::Plain, page.cut(&plugin.check, 28), name + 2)
            .cell(Ink::Plain, page.cut(&plugin.version, 12), 8)
            .then(Ink::Plain, facts.join(", "));
        page.line(line);
        page.wrapped(
            Line::new().then(Ink::Dim, "    sha256 "),
            Ink::Dim,
            &plugin.sha256,
            3,
        );
    }
}

/// The thresholds applied, and the seconds spent.
fn thresholds(page: &mut Page<'_>, document: &Document) {
    let rules = &document.rules;
    page.blank();
    let words = format!(
        "alert from {}, block from {} of rows moved; alpha {}; at least {} on each side; cannot tell = {}",
        number::percent(rules.alert_at),
        number::percent(rules.block_at),
        number::plain(rules.alpha),
        number::counted(rules.min_rows, "row"),
        rules.on_cannot_tell.name(),
    );
    page.wrapped(label("rules"), Ink::Plain, &words, 3);
    if let Some(timings) = &document.timings {
        let words = format!(
            "{} in all; over all workers: load {}, decode {}, kernels {}, plugins {}",
            number::seconds(timings.wall),
            number::seconds(timings.load),
            number::seconds(timings.decode),
            number::seconds(timings.kernels),
            number::seconds(timings.plugins),
        );
        page.wrapped(label("time"), Ink::Plain, &words, 3);
    }
    page.line(label("driftguard").then(Ink::Plain, &document.driftguard));
}
