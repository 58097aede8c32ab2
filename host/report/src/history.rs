//! The history: what it adds to one verdict, and the page of
//! `driftguard history`.

use driftguard_verdict::Level;
use driftguard_verdict::document::Document;
use driftguard_verdict::history::{Alarm, DetectorReport, Entry, Overview};
use driftguard_verdict::incident::State;

use crate::page::{Ink, Line, Page};
use crate::style::Style;
use crate::terminal::bars;
use crate::{json, number, text};

/// What the anchor says of a verdict; none where nothing was accepted later.
pub(crate) fn anchor_words(document: &Document) -> Option<String> {
    let anchor = document.anchor.as_ref()?;
    let base = format!(
        "{} at the beginning, {} accepted later",
        number::counted(anchor.periods as u64, "period"),
        anchor.accepted
    );
    Some(match anchor.far.as_slice() {
        [] => format!("{base}: as near to those at the beginning as they are to each other"),
        far => {
            let mut names: Vec<&str> = vec![];
            for one in far {
                if !names.contains(&one.subject.as_str()) {
                    names.push(&one.subject);
                }
            }
            let more = names.len().saturating_sub(3);
            names.truncate(3);
            let more = if more > 0 {
                format!(" and {more} more")
            } else {
                String::new()
            };
            format!(
                "{base}: far from those at the beginning in {}{more}",
                names.join(", ")
            )
        }
    })
}

/// What the history adds, a sentence a line; nothing without one.
pub(crate) fn words(document: &Document) -> Vec<String> {
    let Some(history) = &document.history else {
        return vec![];
    };
    let mut first = format!("record {} of {}", history.record, history.file);
    if let Some(period) = &history.period {
        first.push_str(&format!(", {period}"));
    }
    if let Some(repeats) = history.repeats {
        first.push_str(&format!(
            "; the same data and policy as record {repeats}, counted once"
        ));
    }
    let mut lines = vec![first];
    lines.extend(history.detector.as_ref().map(detector_words));
    lines.extend(history.incidents.iter().map(|incident| incident.words()));
    lines
}

fn detector_words(found: &DetectorReport) -> String {
    let alarm = match (found.alarm, found.material) {
        (Alarm::None, false) if found.growing.max(found.anchored) >= found.alarm_at => {
            "; nothing that large moved, so no alarm"
        }
        (Alarm::None, _) => "",
        (Alarm::Growing, _) => "; alarm by all periods",
        (Alarm::Anchor, _) => "; alarm by the anchor",
        (Alarm::Both, _) => "; alarm by both",
    };
    format!(
        "slow drift {} (rank {} of {} periods) and {} against the anchor, alarm at {}{alarm}",
        number::plain(found.growing),
        found.rank,
        found.among,
        number::plain(found.anchored),
        number::plain(found.alarm_at)
    )
}

/// A history as JSON.
pub fn history_json(overview: &Overview) -> String {
    json::write(overview, true)
}

/// Which part of a history is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shown {
    /// Incidents, and no verdicts.
    pub incidents: bool,
    /// The last so many records; none: all.
    pub last: Option<usize>,
}

/// The page of `driftguard history`: a chart, the records, the incidents.
pub fn render_history(overview: &Overview, shown: Shown, style: &Style) -> String {
    let mut page = Page::new(style);
    let from = shown
        .last
        .map_or(0, |last| overview.records.len().saturating_sub(last));
    let records = overview.records.get(from..).unwrap_or_default();
    if !shown.incidents {
        if records.is_empty() {
            page.line(Line::new().then(Ink::Plain, "No verdicts."));
        }
        chart(&mut page, records, overview.alarm_at);
        page.blank();
        table(&mut page, records);
        page.blank();
    }
    incidents(&mut page, overview, shown.incidents);
    page.finish()
}

/// Columns left of the chart.
const LEFT: usize = 10;

/// A column for each record: the verdict, and how near the detector is to an
/// alarm (on a logarithmic scale, full height is an alarm).
fn chart(page: &mut Page<'_>, records: &[Entry], alarm_at: f64) {
    let room = page.style().columns().saturating_sub(LEFT + 1);
    let from = records.len().saturating_sub(room);
    let records = records.get(from..).unwrap_or_default();
    if records.len() < 2 {
        return;
    }
    let unicode = page.style().unicode;
    let mut line = Line::new().cell(Ink::Dim, "verdicts", LEFT);
    for record in records {
        let (ink, sign) = match record.verdict {
            Level::Pass => (Ink::Good, if unicode { "·" } else { "." }),
            Level::Alert => (Ink::Warn, "!"),
            Level::Block => (Ink::Bad, if unicode { "■" } else { "B" }),
            Level::Error => (Ink::Bad, if unicode { "✗" } else { "E" }),
        };
        line = line.then(ink, sign);
    }
    page.line(line);
    type Sum = fn(&Entry) -> Option<f64>;
    let sums: [(&str, Sum); 2] = [
        ("all", |record| record.growing),
        ("anchor", |record| record.anchored),
    ];
    for (name, sum) in sums {
        if records.iter().all(|record| sum(record).is_none()) {
            continue;
        }
        let mut line = Line::new().cell(Ink::Dim, name, LEFT);
        for record in records {
            let share = sum(record).map_or(0.0, |sum| near(sum, alarm_at));
            let ink = if share >= 1.0 { Ink::Warn } else { Ink::Plain };
            line = line.then(ink, bars::rising(share, unicode).to_string());
        }
        page.line(line);
    }
    let name = |record: &Entry| record.period.clone().unwrap_or_else(|| record.at.clone());
    if let (Some(first), Some(last)) = (records.first(), records.last()) {
        let sums = records.iter().any(|record| record.growing.is_some());
        let height = if sums { "; full height: alarm" } else { "" };
        let words = format!("{} to {}{height}", name(first), name(last));
        page.line(Line::new().cell(Ink::Dim, "", LEFT).then(Ink::Dim, words));
    }
}

/// 0 at a sum of 0, 1 from an alarm on.
fn near(sum: f64, alarm_at: f64) -> f64 {
    ((1.0 + sum.max(0.0)).ln() / (1.0 + alarm_at).ln()).min(1.0)
}

/// Widths of the table's columns but the last.
const WIDTHS: [usize; 7] = [6, 17, 9, 24, 7, 9, 11];

fn table(page: &mut Page<'_>, records: &[Entry]) {
    if records.is_empty() {
        return;
    }
    let reasons = records
        .iter()
        .map(|record| record.reason.name().len())
        .max();
    let mut widths = WIDTHS;
    widths[3] = reasons.unwrap_or(6).max(6) + 2;
    let named = |record: &Entry| text::width(record.period.as_ref().unwrap_or(&record.at));
    widths[1] = records.iter().map(named).max().unwrap_or(6).clamp(6, 17) + 2;
    let head = [
        "#", "period", "verdict", "reason", "p", "drift", "incident", "suspects",
    ];
    let head = row(page, &widths, head.map(str::to_owned), Ink::Dim, Ink::Dim);
    page.line(head);
    for record in records {
        let ink = match record.verdict {
            Level::Pass => Ink::Good,
            Level::Alert => Ink::Warn,
            Level::Block | Level::Error => Ink::Bad,
        };
        let incidents: Vec<String> = record
            .incidents
            .iter()
            .filter_map(|(id, state)| {
                let sign = match state {
                    State::Opened => "+",
                    State::Seen => "",
                    State::Closed => "-",
                    State::Quiet | State::Unsettled => return None,
                };
                Some(format!("{sign}{id}"))
            })
            .collect();
        let suspects = match record.repeats {
            Some(first) => format!("(again: {first})"),
            None => record.suspects.join(", "),
        };
        let cells = [
            record.id.to_string(),
            record.period.clone().unwrap_or_else(|| record.at.clone()),
            record.verdict.name().to_owned(),
            record.reason.name().to_owned(),
            record.p.map_or_else(String::new, |p| format!("{p:.3}")),
            record.growing.map_or_else(String::new, number::plain),
            incidents.join(" "),
            suspects,
        ];
        let line = row(page, &widths, cells, Ink::Plain, ink);
        page.line(line);
    }
}

fn row(page: &Page<'_>, widths: &[usize; 7], cells: [String; 8], plain: Ink, level: Ink) -> Line {
    let mut line = Line::new();
    for (at, cell) in cells.iter().enumerate() {
        let ink = if at == 2 { level } else { plain };
        line = match widths.get(at) {
            Some(&width) => line.cell(ink, page.cut(cell, width.saturating_sub(1)), width),
            None => line.then(ink, cell),
        };
    }
    line
}

/// Those that are open; all of them where they were asked for.
fn incidents(page: &mut Page<'_>, overview: &Overview, all: bool) {
    let shown: Vec<_> = overview
        .incidents
        .iter()
        .filter(|incident| all || incident.open)
        .collect();
    if shown.is_empty() {
        let words = if all {
            "No incidents."
        } else {
            "No open incidents."
        };
        page.line(Line::new().then(Ink::Plain, words));
        return;
    }
    for incident in shown {
        let (ink, word) = match (incident.open, incident.report.escalate) {
            (true, true) => (Ink::Bad, "open"),
            (true, false) => (Ink::Warn, "open"),
            (false, _) => (Ink::Good, "closed"),
        };
        let lead = Line::new().cell(ink, word, 8);
        page.wrapped(lead, Ink::Plain, &incident.words, 4);
    }
}

#[cfg(test)]
mod tests;
