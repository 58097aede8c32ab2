//! Lines of inked spans. A page is the one way by which text gets out to a
//! terminal: it cleans every span, keeps every line within the width, and lets
//! no line begin like a command to a CI runner.

use crate::style::Style;
use crate::text;

/// Colour and weight of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Strong,
    Dim,
    Good,
    Warn,
    Bad,
    /// The two sides of a chart.
    Reference,
    Current,
}

impl Ink {
    /// The ANSI parameters: the sixteen basic colours only, which users map to
    /// what they can read.
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Dim => Some("2"),
            Self::Good => Some("1;32"),
            Self::Warn => Some("1;33"),
            Self::Bad => Some("1;31"),
            Self::Reference => Some("36"),
            Self::Current => Some("35"),
        }
    }
}

/// One line under construction.
#[derive(Debug, Default)]
pub(crate) struct Line {
    spans: Vec<(Ink, String)>,
}

impl Line {
    /// An empty line.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With `text` added.
    pub(crate) fn then(mut self, ink: Ink, text: impl AsRef<str>) -> Self {
        self.spans.push((ink, text.as_ref().to_owned()));
        self
    }

    /// With `text` added, filled with blanks to `columns`.
    pub(crate) fn cell(self, ink: Ink, text: impl AsRef<str>, columns: usize) -> Self {
        let missing = columns.saturating_sub(text::width(text.as_ref()));
        self.then(ink, text).then(Ink::Plain, " ".repeat(missing))
    }

    /// With `text` added, right-aligned in `columns`.
    pub(crate) fn right(self, ink: Ink, text: impl AsRef<str>, columns: usize) -> Self {
        let missing = columns.saturating_sub(text::width(text.as_ref()));
        self.then(Ink::Plain, " ".repeat(missing)).then(ink, text)
    }
}

/// Lines on their way out.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    style: &'a Style,
    out: String,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(crate) fn new(style: &'a Style) -> Self {
        Self {
            style,
            out: String::new(),
        }
    }

    /// How the terminal wants it.
    pub(crate) fn style(&self) -> &'a Style {
        self.style
    }

    /// `text`, clean, in at most `columns`.
    pub(crate) fn cut(&self, text: &str, columns: usize) -> String {
        text::cut(text, columns, self.style.unicode)
    }

    /// `unicode` or its stand-in for terminals without it.
    pub(crate) fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.style.unicode { unicode } else { ascii }
    }

    /// An empty line, unless there is one already.
    pub(crate) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Adds a line: cleaned, cut to the width, inked.
    pub(crate) fn line(&mut self, line: Line) {
        let mut left = self.style.columns();
        let mut begun = false;
        let mut spans: Vec<(Ink, String)> = Vec::new();
        for (ink, text) in line.spans {
            let mut text = text::clean(&text, self.style.unicode);
            if !begun && !text.trim_start().is_empty() {
                begun = true;
                // GitHub obeys `::error::` at the start of a line, also after blanks.
                if text.trim_start().starts_with(':') {
                    text.insert(text.len() - text.trim_start().len(), '\\');
                }
            }
            let text = text::cut(&text, left, self.style.unicode);
            left = left.saturating_sub(text::width(&text));
            spans.push((ink, text));
        }
        while spans
            .last()
            .is_some_and(|(_, text)| text.trim_end().is_empty())
        {
            spans.pop();
        }
        if let Some((_, text)) = spans.last_mut() {
            text.truncate(text.trim_end().len());
        }
        for (ink, text) in &spans {
            self.ink(*ink, text);
        }
        self.out.push('\n');
    }

    /// Adds `text` in at most `lines` lines; the first begins with `lead`, the
    /// others are indented to where it ends.
    pub(crate) fn wrapped(&mut self, lead: Line, ink: Ink, text: &str, lines: usize) {
        let indent: usize = lead.spans.iter().map(|(_, text)| text::width(text)).sum();
        // One column is kept for the backslash that disarms commands.
        let columns = self.style.columns().saturating_sub(indent + 1);
        let mut lead = Some(lead);
        for part in text::wrap(text, columns, lines, self.style.unicode) {
            let start = lead
                .take()
                .unwrap_or_else(|| Line::new().then(Ink::Plain, " ".repeat(indent)));
            self.line(start.then(ink, part));
        }
    }

    /// The page as text; every line ends in a line feed.
    pub(crate) fn finish(self) -> String {
        let mut out = self.out;
        out.truncate(out.trim_end_matches('\n').len());
        out.push('\n');
        out
    }

    fn ink(&mut self, ink: Ink, text: &str) {
        match ink.code() {
            Some(code) if self.style.color && !text.trim().is_empty() => {
                self.out.push_str(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
            }
            _ => self.out.push_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(style: &Style, line: Line) -> String {
        let mut page = Page::new(style);
        page.line(line);
        page.finish()
    }

    #[test]
    fn lines_are_cut_to_the_width_and_lose_trailing_blanks() {
        let style = Style {
            width: 40,
            ..Style::default()
        };
        let line = Line::new()
            .then(Ink::Plain, "x".repeat(30))
            .then(Ink::Bad, "y".repeat(30));
        assert_eq!(
            page(&style, line),
            format!("{}{}…\n", "x".repeat(30), "y".repeat(9))
        );
        assert_eq!(
            page(
                &style,
                Line::new().cell(Ink::Plain, "a", 9).then(Ink::Dim, " ")
            ),
            "a\n"
        );
    }

    #[test]
    fn no_line_begins_like_a_command() {
        let style = Style::default();
        assert_eq!(
            page(
                &style,
                Line::new()
                    .then(Ink::Plain, "  ")
                    .then(Ink::Dim, " ::error::x")
            ),
            "   \\::error::x\n"
        );
        assert_eq!(page(&style, Line::new().then(Ink::Plain, "a::b")), "a::b\n");
    }

    #[test]
    fn colour_is_ours_alone() {
        let style = Style {
            color: true,
            ..Style::default()
        };
        assert_eq!(
            page(&style, Line::new().then(Ink::Bad, "\u{1b}[0mx")),
            "\u{1b}[1;31m\\u{1b}[0mx\u{1b}[0m\n"
        );
    }
}
