//! The report of `driftguard replay`: what the canary says, the four cells, the
//! parts of the move, and the columns behind the data's part.

use driftguard_verdict::Level;
use driftguard_verdict::replay::{
    CanaryReport, ColumnsReport, MetricReport, Part, ReplayDocument, ReplayedSide,
};

use crate::number;
use crate::page::{Ink, Line, Page};
use crate::style::Style;

/// Columns of the labels on the left.
const GUTTER: usize = 11;
/// Columns of a number.
const NUMBER: usize = 12;
/// Metrics shown without `--verbose`.
const METRICS: usize = 3;
/// Names of a group that are shown.
const NAMES: usize = 4;

/// The report as `style` wants it, under the same promises as that of a check.
pub fn render_replay(document: &ReplayDocument, style: &Style) -> String {
    let mut page = Page::new(style);
    headline(&mut page, document);
    if let Some(canary) = &document.canary {
        of_canary(&mut page, canary);
    }
    models(&mut page, document);
    page.blank();
    let shown = if style.verbose { usize::MAX } else { METRICS };
    for metric in document.metrics.iter().take(shown) {
        of_metric(&mut page, document, metric);
        page.blank();
    }
    let hidden = document.metrics.len().saturating_sub(shown) as u64;
    if hidden > 0 {
        let more = format!(
            "and {} (--verbose shows all)",
            number::counted(hidden, "more metric")
        );
        page.line(Line::new().then(Ink::Dim, more));
        page.blank();
    }
    let next = document.reason.explanation().action;
    if document.verdict != Level::Pass {
        page.wrapped(label("next"), Ink::Plain, next, 8);
    }
    page.finish()
}

fn label(text: &str) -> Line {
    Line::new().cell(Ink::Dim, text, GUTTER)
}

fn headline(page: &mut Page<'_>, document: &ReplayDocument) {
    let ink = match document.verdict {
        Level::Pass => Ink::Good,
        Level::Alert => Ink::Warn,
        Level::Block | Level::Error => Ink::Bad,
    };
    let line = Line::new()
        .then(ink, document.verdict.name().to_ascii_uppercase())
        .then(Ink::Plain, "  ")
        .then(Ink::Strong, document.reason.name());
    page.line(line);
    page.wrapped(Line::new(), Ink::Plain, &paragraph(document), 8);
    page.blank();
}

/// What changed, what did not, and by how much, in one paragraph.
pub(crate) fn paragraph(document: &ReplayDocument) -> String {
    let mut text = document.summary.clone();
    let Some(metric) = document.metrics.first() else {
        return text;
    };
    let split = &metric.split;
    let output = document.model.output.as_deref().unwrap_or("answer");
    text += &format!(
        " The {} of `{output}` went from {} to {} ({}): {} of it is the data's part",
        words_of(&metric.metric),
        number::plain(split.old_on_old),
        number::plain(split.new_on_new),
        signed(split.total.value),
        signed(split.data.value),
    );
    text += &match &document.old_model {
        Some(_) => format!(", {} the code's.", signed(split.code.value)),
        None => "; one model was given, so there is no part of the code to see.".to_owned(),
    };
    if split.interaction_share.is_some_and(|share| share > 0.3) {
        text += " Both go together: the change in code matters otherwise on the new data than on the old.";
    }
    if let Some(columns) = &metric.columns
        && let Some(first) = columns.groups.first().filter(|group| !group.others)
        && split.data.is_clear()
    {
        text += &format!(
            " Of the columns, {} moved it most ({}).",
            names(&first.columns),
            signed(first.value)
        );
    }
    text
}

fn words_of(metric: &str) -> String {
    match metric.strip_prefix("share") {
        Some(rest) => format!("share of rows {rest}"),
        None => metric.to_owned(),
    }
}

fn names(columns: &[String]) -> String {
    let shown: Vec<String> = columns
        .iter()
        .take(NAMES)
        .map(|name| format!("`{name}`"))
        .collect();
    match columns.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn signed(value: f64) -> String {
    match value {
        value if value > 0.0 => format!("+{}", number::plain(value)),
        value => number::plain(value),
    }
}

fn of_canary(page: &mut Page<'_>, canary: &CanaryReport) {
    page.wrapped(label("canary"), Ink::Plain, &canary_words(canary), 4);
}

/// What a canary says, in a line.
pub(crate) fn canary_words(canary: &CanaryReport) -> String {
    let tolerance = canary.tolerance.relative;
    match &canary.worst {
        None => format!(
            "same: {} scored again, largest difference {:.1e} (tolerance {tolerance:.0e}, relative)",
            number::counted(canary.rows, "stored row"),
            canary.largest,
        ),
        Some(worst) => format!(
            "different: {} of {} (tolerance {tolerance:.0e}, relative); row {} of `{}` was {} and is {}",
            number::count(canary.rows_different),
            number::counted(canary.rows, "stored row"),
            worst.row,
            worst.column,
            worst.stored,
            worst.now,
        ),
    }
}

fn models(page: &mut Page<'_>, document: &ReplayDocument) {
    page.wrapped(label("model"), Ink::Plain, &document.model.name, 2);
    if let Some(old) = &document.old_model {
        page.wrapped(label("before"), Ink::Plain, &old.name, 2);
    }
    if let (Some(old), Some(new)) = (&document.reference, &document.current) {
        let side = |side: &ReplayedSide| match side.replayed == side.rows {
            true => number::count(side.rows),
            false => format!(
                "{} of {}",
                number::count(side.replayed),
                number::count(side.rows)
            ),
        };
        let text = format!("{} old, {} new", side(old), side(new));
        page.wrapped(label("rows"), Ink::Plain, &text, 1);
    }
    if let Some(fingerprints) = &document.fingerprints {
        let text = format!("code {} by fingerprint", fingerprints.code.name());
        page.wrapped(label("release"), Ink::Plain, &text, 1);
    }
}

fn of_metric(page: &mut Page<'_>, document: &ReplayDocument, metric: &MetricReport) {
    let split = &metric.split;
    let width = 20;
    let head = Line::new().cell(Ink::Strong, page.cut(&metric.metric, width), width);
    page.line(
        head.right(Ink::Dim, "old data", NUMBER)
            .right(Ink::Dim, "new data", NUMBER),
    );
    let mut row = |name: &str, old: f64, new: f64| {
        let line = Line::new().cell(Ink::Plain, name, width);
        let line = line.right(Ink::Plain, number::plain(old), NUMBER);
        page.line(line.right(Ink::Plain, number::plain(new), NUMBER));
    };
    if document.old_model.is_some() {
        row("old model", split.old_on_old, split.old_on_new);
        row("new model", split.new_on_old, split.new_on_new);
    } else {
        row("the model", split.new_on_old, split.new_on_new);
    }
    part(page, "data", &split.data);
    match document.old_model {
        Some(_) => {
            part(page, "code", &split.code);
            part(page, "together", &split.interaction);
        }
        None => {
            let line = Line::new()
                .cell(Ink::Plain, "code", 20)
                .right(Ink::Plain, "0", NUMBER);
            page.line(line.then(Ink::Dim, "  one model was given: 0 by construction"));
        }
    }
    part(page, "total", &split.total);
    if let Some(columns) = &metric.columns {
        by_columns(page, columns);
    }
}

fn part(page: &mut Page<'_>, name: &str, part: &Part) {
    let interval = format!("  {} to {}", signed(part.low), signed(part.high));
    let moved = match name {
        "together" => String::new(),
        _ => format!("moves {} of rows", number::percent(part.effect)),
    };
    let line = Line::new()
        .cell(Ink::Plain, name, 20)
        .right(Ink::Plain, signed(part.value), NUMBER)
        .cell(Ink::Dim, interval, 26);
    page.line(line.then(Ink::Dim, moved));
}

fn by_columns(page: &mut Page<'_>, columns: &ColumnsReport) {
    page.blank();
    let title = format!(
        "by columns put back to the reference (exact Shapley values, {})",
        number::counted(columns.rows, "row")
    );
    page.wrapped(Line::new(), Ink::Dim, &title, 2);
    let mut row = |name: String, value: f64| {
        let name = page.cut(&name, 44);
        let line = Line::new()
            .then(Ink::Plain, "  ")
            .cell(Ink::Plain, name, 46);
        page.line(line.right(Ink::Plain, signed(value), NUMBER));
    };
    for group in &columns.groups {
        let name = match (group.others, group.columns.as_slice()) {
            (true, columns) => number::counted(columns.len() as u64, "other column"),
            (false, [only]) => only.clone(),
            (false, several) => several.join(" + "),
        };
        row(name, group.value);
    }
    if columns.model != 0.0 {
        row("the model".to_owned(), columns.model);
    }
    row(
        "how columns go together, and chance".to_owned(),
        columns.rest,
    );
    row("total".to_owned(), columns.total);
}
