//! A summary in Markdown, for pull requests and the step summaries of CI.

use driftguard_verdict::document::Document;
use driftguard_verdict::rank::ROWS;

use crate::{cause, history, number, text};

/// Suspects in the table; the rest is counted.
const SHOWN: usize = 20;
/// Columns of a cell's text.
const CELL: usize = 300;

/// The verdict, the suspects as a table, the failures, and what was compared.
/// All text that comes from data or plugins is cleaned and escaped: it can hold
/// neither markup nor HTML, and mentions nobody.
pub fn to_markdown(document: &Document) -> String {
    let reason = document.reason;
    let mut out = format!(
        "## driftguard: {}\n\n**{}**: {}. {}\n\n",
        document.verdict.name().to_ascii_uppercase(),
        reason.name().replace('_', "\\_"),
        reason.explanation().title,
        escape(&document.summary),
    );
    suspects(&mut out, document);
    failures(&mut out, document);
    let risks = text::at_stake(document);
    if !risks.is_empty() {
        out.push_str(&format!("At risk: {}\n\n", escape(&risks)));
    }
    if let Some(cause) = cause::sentences(document) {
        let cause: Vec<String> = cause.iter().map(|sentence| escape(sentence)).collect();
        out.push_str(&format!("Cause: {}\n\n", cause.join(" ")));
    }
    let (reference, current) = (&document.reference, &document.current);
    out.push_str(&format!(
        "Compared {} of reference with {} of current: {}, {}. {}\n\n",
        number::counted(reference.rows, "row"),
        number::counted(current.rows, "row"),
        number::counted(document.roles.len() as u64, "column"),
        number::counted(document.plugins.len() as u64, "check"),
        escape(&document.guarantee),
    ));
    if let Some(fingerprints) = &document.fingerprints {
        out.push_str(&format!(
            "Fingerprints: {}\n\n",
            escape(&text::fingerprints(fingerprints))
        ));
    }
    if let Some(words) = history::anchor_words(document) {
        out.push_str(&format!("Anchor: {}\n\n", escape(&words)));
    }
    let history = history::words(document);
    if !history.is_empty() {
        out.push_str("History:\n\n");
        for words in &history {
            out.push_str(&format!("- {}\n", escape(words)));
        }
        out.push('\n');
    }
    out.push_str(&format!("What to do: {}\n", reason.explanation().action));
    out
}

/// The table of suspects.
fn suspects(out: &mut String, document: &Document) {
    if document.suspect_details.is_empty() {
        return;
    }
    out.push_str("| | suspect | level | effect | because |\n|--:|---|---|--:|---|\n");
    for (rank, suspect) in document.suspect_details.iter().take(SHOWN).enumerate() {
        let name = if suspect.name == ROWS {
            "the rows themselves"
        } else {
            &suspect.name
        };
        out.push_str(&format!(
            "| {} | {} | {} | {} | {} |\n",
            rank + 1,
            escape(name),
            suspect.level.name(),
            number::percent(suspect.effect.clamp(0.0, 1.0)),
            escape(&suspect.because),
        ));
    }
    let hidden = document.suspect_details.len().saturating_sub(SHOWN) as u64;
    if hidden > 0 {
        out.push_str(&format!(
            "\nand {}\n",
            number::counted(hidden, "more suspect")
        ));
    }
    out.push('\n');
}

/// The failures as a list.
fn failures(out: &mut String, document: &Document) {
    for failure in document.failures.iter().take(SHOWN) {
        let column = failure
            .column
            .as_ref()
            .map(|column| format!(" on {}", escape(column)))
            .unwrap_or_default();
        out.push_str(&format!(
            "- **{}**{column} failed: {}\n",
            escape(&failure.check),
            escape(&failure.message)
        ));
    }
    if !document.failures.is_empty() {
        out.push('\n');
    }
}

/// Cleans, cuts and escapes. Whatever could begin markup becomes an entity or
/// is preceded by a backslash; `@` too, since it calls people.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text::cut(text, CELL, true).chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            ':' => out.push_str("&#58;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '|' | '~' | '!'
            | '$' => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn markup_is_disarmed() {
        assert_eq!(
            escape("a|b\n<script>@all ![x](http://y)"),
            r"a\|b\\n&lt;script&gt;&#64;all \!\[x\]\(http&#58;//y\)"
        );
    }

    proptest! {
        #[test]
        fn no_cell_ends_early(text in any::<String>()) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains('\n') && !escaped.contains('<') && !escaped.contains("::"));
            prop_assert!(!escaped.replace("\\\\", "").replace("\\|", "").contains('|'));
        }
    }
}
