//! The suspects, the likeliest culprit first: what speaks against each, how
//! much moved, and what it looks like.

use driftguard_verdict::decision::ANSWER_CHECKS;
use driftguard_verdict::document::{ColumnReport, Document, JudgedFinding};
use driftguard_verdict::{Evidence, Finding, Nature, Status, Suspect};

use super::chart::Sides;
use super::{bars, chart, display_name, ink, table};
use crate::page::{Ink, Line, Page};
use crate::{number, text};

/// Suspects shown in full, and those of the rest that get one line.
const IN_FULL: usize = 3;
const IN_SHORT: usize = 10;
/// Further findings on one column.
const FURTHER: usize = 3;
/// Columns of the bar of an effect.
const BAR: usize = 20;

/// Writes all suspects; those beyond the first few in one line each.
pub(super) fn render(page: &mut Page<'_>, document: &Document) {
    let (full, short) = if page.style().verbose {
        (usize::MAX, 0)
    } else {
        (IN_FULL, IN_SHORT)
    };
    for (rank, suspect) in document.suspect_details.iter().take(full).enumerate() {
        in_full(page, document, rank + 1, suspect);
        page.blank();
    }
    for (rank, suspect) in document
        .suspect_details
        .iter()
        .enumerate()
        .skip(full)
        .take(short)
    {
        in_short(page, rank + 1, suspect);
    }
    let hidden = document
        .suspect_details
        .len()
        .saturating_sub(full.saturating_add(short)) as u64;
    if hidden > 0 {
        let more = format!(
            "    and {} (--verbose shows all)",
            number::counted(hidden, "more suspect")
        );
        page.line(Line::new().then(Ink::Dim, more));
    }
    page.blank();
}

/// One suspect with charts and further findings.
fn in_full(page: &mut Page<'_>, document: &Document, rank: usize, suspect: &Suspect) {
    let findings = findings_on(document, suspect);
    title(page, document, rank, suspect);
    page.wrapped(
        Line::new().then(Ink::Plain, "    "),
        Ink::Plain,
        &suspect.because,
        4,
    );
    if let Some(measured) = findings
        .iter()
        .find(|judged| judged.finding.nature == Nature::Measurement)
    {
        moved(page, measured);
    }
    if let Some(strongest) = findings.first() {
        found(page, strongest);
    }
    evidence(page, &findings);
    further(page, suspect, findings.get(1..).unwrap_or_default());
}

/// What speaks against the suspect, strongest first, then what was reported
/// beside it on the same column.
fn findings_on<'a>(document: &'a Document, suspect: &Suspect) -> Vec<&'a JudgedFinding> {
    let against = suspect
        .findings
        .iter()
        .filter_map(|position| document.findings.get(*position));
    let beside = document
        .findings
        .iter()
        .enumerate()
        .filter(|(position, judged)| {
            let finding = &judged.finding;
            finding.nature == Nature::Supporting
                && finding.status == Status::Ok
                && finding.effect > 0.0
                && finding.subject.columns() == [suspect.name.as_str()]
                && !suspect.findings.contains(position)
        });
    against.chain(beside.map(|(_, judged)| judged)).collect()
}

/// Rank, name, role and level.
fn title(page: &mut Page<'_>, document: &Document, rank: usize, suspect: &Suspect) {
    let level = suspect.level.name();
    let role = document
        .roles
        .iter()
        .find(|column| column.name == suspect.name)
        .map(role)
        .unwrap_or_default();
    let role = page.cut(&role, page.style().columns() / 2);
    let room = page
        .style()
        .columns()
        .saturating_sub(4 + 2 + text::width(&role) + 2 + level.len());
    let line = Line::new()
        .then(Ink::Strong, format!("{rank:>2}  "))
        .then(Ink::Strong, page.cut(display_name(&suspect.name), room))
        .then(Ink::Plain, "  ")
        .then(ink(suspect.level), level);
    page.line(if role.is_empty() {
        line
    } else {
        line.then(Ink::Dim, format!("  {role}"))
    });
}

/// Role and kind of a column, and its type where that changed.
fn role(column: &ColumnReport) -> String {
    let mut words = match column.role.name() == column.kind.name() {
        true => column.role.name().to_owned(),
        false => format!("{} {}", column.kind.name(), column.role.name()),
    };
    match (&column.storage_reference, &column.storage_current) {
        (Some(reference), Some(current)) if reference != current => {
            words.push_str(&format!(", {reference} -> {current}"));
        }
        (Some(_), None) => words.push_str(", gone"),
        (None, Some(_)) => words.push_str(", new"),
        _ => {}
    }
    words
}

/// The size of the effect as a bar and in words.
fn moved(page: &mut Page<'_>, measured: &JudgedFinding) {
    let finding = &measured.finding;
    if !finding.effect.is_finite() {
        return;
    }
    let effect = finding.effect.clamp(0.0, 1.0);
    let bar = bars::lying(effect, BAR, page.style().unicode);
    let empty = page
        .sign("░", ".")
        .repeat(BAR.saturating_sub(text::width(&bar)));
    // How much worse answers are is put on the scale of rows that moved.
    let harm = ANSWER_CHECKS.contains(&finding.check.as_str());
    let (label, like) = if harm {
        ("worse", "as much as ")
    } else {
        ("moved", "")
    };
    let mut words = format!("{like}{} of rows", number::percent(effect));
    if let Some(interval) = finding
        .interval
        .filter(|interval| interval.low.is_finite() && interval.high.is_finite())
    {
        let (low, high) = (
            number::percent(interval.low),
            number::percent(interval.high),
        );
        words.push_str(&format!(" ({low} to {high})"));
    }
    if let Some(unit) = finding
        .unit_effect
        .as_ref()
        .filter(|unit| unit.value.is_finite())
    {
        let sign = if unit.value > 0.0 { "+" } else { "" };
        words.push_str(&format!(
            ", {sign}{} {}",
            number::plain(unit.value),
            unit.unit
        ));
    }
    let lead = Line::new()
        .then(Ink::Plain, "    ")
        .cell(Ink::Dim, label, 7);
    let lead = lead
        .then(ink(measured.level), bar)
        .then(Ink::Dim, empty)
        .then(Ink::Plain, " ");
    page.wrapped(lead, Ink::Plain, &words, 2);
}

/// Who found it, and why the host gave it its level.
fn found(page: &mut Page<'_>, strongest: &JudgedFinding) {
    let mut words = source(&strongest.finding);
    if !strongest.judgement.is_empty() {
        words.push_str(": ");
        words.push_str(&strongest.judgement);
    }
    page.wrapped(
        Line::new()
            .then(Ink::Plain, "    ")
            .cell(Ink::Dim, "found", 7),
        Ink::Dim,
        &words,
        2,
    );
}

/// `numeric-drift (ks)`, or the check alone where the metric says the same.
fn source(finding: &Finding) -> String {
    match finding.metric_name() {
        metric if metric.is_empty() || metric == finding.check => finding.check.clone(),
        metric => format!("{} ({metric})", finding.check),
    }
}

/// The first evidence that can be drawn, the strongest finding's before others.
fn evidence(page: &mut Page<'_>, findings: &[&JudgedFinding]) {
    let mut all = findings.iter().flat_map(|judged| &judged.finding.evidence);
    let Some(evidence) = all.find(|evidence| is_drawable(evidence)) else {
        return;
    };
    let sides = Sides::of(evidence);
    page.blank();
    if sides.is_histogram() {
        chart::render(page, evidence, &sides);
    } else {
        table::render(page, evidence, &sides);
    }
}

fn is_drawable(evidence: &Evidence) -> bool {
    let sides = Sides::of(evidence);
    !sides.labels.is_empty()
        && sides
            .reference
            .iter()
            .chain(sides.current)
            .any(|value| value.is_finite() && *value != 0.0)
}

/// What else was found on the same column, one line each.
fn further(page: &mut Page<'_>, suspect: &Suspect, findings: &[&JudgedFinding]) {
    let shown = if page.style().verbose {
        usize::MAX
    } else {
        FURTHER
    };
    // Two checks may use the same words; they are said once.
    let mut said: Vec<&str> = vec![&suspect.because];
    let mut lines: Vec<(String, &str)> = Vec::new();
    for judged in findings {
        let message = judged.finding.message.as_str();
        if !said.contains(&message) {
            said.push(message);
            lines.push((source(&judged.finding), message));
        }
    }
    if lines.is_empty() {
        return;
    }
    page.blank();
    for (position, (source, message)) in lines.iter().take(shown).enumerate() {
        let label = if position == 0 { "also" } else { "" };
        let line = Line::new()
            .then(Ink::Plain, "    ")
            .cell(Ink::Dim, label, 7);
        page.line(
            line.then(Ink::Plain, *message)
                .then(Ink::Dim, format!("  {source}")),
        );
    }
    let hidden = lines.len().saturating_sub(shown) as u64;
    if hidden > 0 {
        page.line(Line::new().then(
            Ink::Dim,
            format!("           and {}", number::counted(hidden, "more finding")),
        ));
    }
}

/// A suspect in one line.
fn in_short(page: &mut Page<'_>, rank: usize, suspect: &Suspect) {
    let line = Line::new()
        .then(Ink::Strong, format!("{rank:>2}  "))
        .cell(Ink::Strong, page.cut(display_name(&suspect.name), 20), 20)
        .then(Ink::Plain, "  ")
        .cell(ink(suspect.level), suspect.level.name(), 5)
        .then(Ink::Plain, "  ")
        .then(Ink::Plain, &suspect.because);
    page.line(line);
}
