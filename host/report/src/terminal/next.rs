//! What to do next: at most three lines, the last of them a command.

use driftguard_verdict::document::{ColumnReport, Document};
use driftguard_verdict::rank::ROWS;
use driftguard_verdict::{Level, Reason, Role};

use super::footer::label;
use super::is_quiet;
use crate::page::{Ink, Page};

/// Names that are rarely inputs.
const LABELS: [&str; 7] = [
    "label",
    "target",
    "y",
    "outcome",
    "truth",
    "ground_truth",
    "class",
];
const IDS: [&str; 7] = ["id", "uuid", "guid", "index", "row", "rowid", "key"];

/// Writes the advice; a plain pass needs none.
pub(super) fn render(page: &mut Page<'_>, document: &Document) {
    if is_quiet(document) {
        return;
    }
    let mut advice = vec![document.reason.explanation().action.to_owned()];
    advice.extend(role_hint(document));
    advice.push(explain_hint(document));
    for (position, line) in advice.iter().enumerate() {
        page.wrapped(
            label(if position == 0 { "next" } else { "" }),
            Ink::Plain,
            line,
            3,
        );
    }
    page.blank();
}

/// Where to read on: the code, and the check behind the first suspect.
fn explain_hint(document: &Document) -> String {
    let code = document.reason.name();
    let first = document
        .suspect_details
        .first()
        .and_then(|suspect| suspect.findings.first());
    let check = first
        .and_then(|position| document.findings.get(*position))
        .map(|judged| judged.finding.check.as_str());
    match check.filter(|check| is_bare(check)) {
        Some(check) => {
            format!("`driftguard explain {code}` or `driftguard explain {check}` says more.")
        }
        None => format!("`driftguard explain {code}` says more."),
    }
}

/// A flag that would help if the role of a suspect was guessed wrong, or if the
/// suspect may move.
fn role_hint(document: &Document) -> Option<String> {
    if document.verdict == Level::Error {
        return None;
    }
    let columns = document
        .suspects
        .iter()
        .filter(|name| *name != ROWS)
        .filter_map(|name| {
            document
                .roles
                .iter()
                .find(|column| column.name == *name && is_bare(&column.name))
        });
    let mut guessed = columns
        .clone()
        .filter(|column| !column.why.starts_with("set by"));
    if let Some(hint) = guessed.find_map(doubt) {
        return Some(hint);
    }
    let outputs = document.roles.iter().any(|column| column.role.is_output());
    match document.reason {
        Reason::InputDrift if !outputs => {
            Some("No column was taken for an output; if there is one, name it with `--prediction` or `--score`.".to_owned())
        }
        Reason::InputDrift
        | Reason::InputAndOutputDrift
        | Reason::DataChangedBehaviour
        | Reason::DataDriftBenign => {
            let mut inputs = columns.filter(|column| column.role == Role::Feature);
            inputs.next().map(|column| format!("If `{0}` may move freely, leave it out with `--ignore {0}`.", column.name))
        }
        _ => None,
    }
}

/// The flag for a column whose name says something else than its role.
fn doubt(column: &ColumnReport) -> Option<String> {
    let name = column.name.as_str();
    let lower = name.to_ascii_lowercase();
    if column.role != Role::Feature {
        return None;
    }
    if LABELS.contains(&lower.as_str()) {
        Some(format!(
            "`{name}` was taken for a feature; if it is the truth to predict, say `--label {name}`."
        ))
    } else if IDS.contains(&lower.as_str()) || lower.ends_with("_id") {
        Some(format!(
            "`{name}` was taken for a feature; if it only names rows, say `--id {name}`."
        ))
    } else {
        None
    }
}

/// Whether a name can stand in a command as it is. Names come from data: what
/// is offered for copying into a shell must not be able to do more than name a
/// column, so all others get no command.
fn is_bare(name: &str) -> bool {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && name.len() <= 40
        && name.chars().all(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_names_reach_a_command() {
        assert!(is_bare("dep_delay") && is_bare("a.b-c"));
        for name in [
            "",
            "-rf",
            "a b",
            "a;b",
            "$(id)",
            "a,b",
            "größe",
            "a\n",
            &"x".repeat(41),
        ] {
            assert!(!is_bare(name), "{name}");
        }
    }
}
