//! What a reason code means: the page of `driftguard explain CODE`.

use driftguard_verdict::Reason;

use crate::page::{Ink, Line, Page};
use crate::style::Style;

/// Lines that a paragraph may take; our own texts are short.
const PARAGRAPH: usize = 40;

/// The page of one code: title, meaning, action.
pub fn explain_reason(reason: Reason, style: &Style) -> String {
    let words = reason.explanation();
    let mut page = Page::new(style);
    page.line(
        Line::new()
            .then(Ink::Strong, reason.name())
            .then(Ink::Plain, ": ")
            .then(Ink::Plain, words.title),
    );
    page.blank();
    page.wrapped(Line::new(), Ink::Plain, words.meaning, PARAGRAPH);
    page.blank();
    page.wrapped(
        Line::new().then(Ink::Dim, "what to do  "),
        Ink::Plain,
        words.action,
        PARAGRAPH,
    );
    page.finish()
}

/// All codes with their titles, mildest first: what `driftguard explain` prints
/// when it is not told what to explain.
pub fn explain_reasons(style: &Style) -> String {
    let mut page = Page::new(style);
    let name = Reason::ALL
        .iter()
        .map(|reason| reason.name().len())
        .max()
        .unwrap_or(0);
    for reason in Reason::ALL {
        let line = Line::new().cell(Ink::Strong, reason.name(), name + 2);
        page.line(line.then(Ink::Plain, reason.explanation().title));
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained() {
        insta::assert_snapshot!(explain_reason(Reason::CannotTell, &Style::default()));
        for reason in Reason::ALL {
            let page = explain_reason(
                reason,
                &Style {
                    width: 60,
                    ..Style::default()
                },
            );
            assert!(
                page.lines().all(|line| line.chars().count() <= 60),
                "{page}"
            );
            assert!(page.contains("what to do"), "{page}");
        }
    }

    #[test]
    fn all_codes_are_listed() {
        insta::assert_snapshot!(explain_reasons(&Style::default()));
    }
}
