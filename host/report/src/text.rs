//! Cleaning, cutting and wrapping of text that others wrote. Every function
//! cleans first, so that none can be handed raw text by mistake; cleaning twice
//! changes nothing.

use driftguard_verdict::cause::{Comparison, Sameness};
use driftguard_verdict::document::Document;
use unicode_width::UnicodeWidthChar;

/// Characters that change how a terminal shows others, or that cannot be seen:
/// controls, line separators, bidirectional overrides, joiners, fillers, tags.
pub(crate) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// ASCII for the signs that messages use most.
fn ascii_for(character: char) -> Option<&'static str> {
    Some(match character {
        '→' => "->",
        '≤' => "<=",
        '≥' => ">=",
        '≠' => "!=",
        '…' => "...",
        '–' | '—' | '−' | '·' => "-",
        '×' => "x",
        '±' => "+-",
        '°' => "deg ",
        '“' | '”' => "\"",
        '‘' | '’' => "'",
        '\u{a0}' | '\u{202f}' | '\u{2009}' => " ",
        _ => return None,
    })
}

/// `text` with everything escaped (`\u{202e}`, `\n`) that could act on a
/// terminal or a CI log: unsafe characters, and the second of two `#`, because
/// runners look for `##vso[` and `##[` anywhere in a line. Without `unicode`
/// the result is ASCII.
pub(crate) fn clean(text: &str, unicode: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_hash = false;
    for character in text.chars() {
        let second_hash = after_hash && character == '#';
        if second_hash {
            out.push_str("\\u{23}");
        } else if is_unsafe(character) {
            out.extend(character.escape_default());
        } else if character.is_ascii() || unicode {
            out.push(character);
        } else if let Some(ascii) = ascii_for(character) {
            out.push_str(ascii);
        } else {
            out.extend(character.escape_unicode());
        }
        after_hash = character == '#' && !second_hash;
    }
    out
}

/// Columns that clean text takes.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Columns that a character of clean text takes at most: the selector that
/// turns a sign into an emoji makes it one wider.
fn char_width(character: char) -> usize {
    if character == '\u{fe0f}' {
        1
    } else {
        character.width().unwrap_or(0)
    }
}

/// The longest start of `text` within `columns`, in bytes. Characters without
/// a width are limited too: names may carry thousands of combining marks.
fn fitting_prefix(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (count, (position, character)) in text.char_indices().enumerate() {
        used += char_width(character);
        if used > columns || count >= columns.saturating_mul(3) {
            return position;
        }
    }
    text.len()
}

/// The sign for what was left out, in at most `columns`.
fn ellipsis(columns: usize, unicode: bool) -> &'static str {
    match (columns, unicode) {
        (0, _) => "",
        (_, true) => "…",
        (1 | 2, false) => ".",
        (_, false) => "...",
    }
}

/// `text`, clean, in at most `columns`; what is cut off ends in `…`.
pub(crate) fn cut(text: &str, columns: usize, unicode: bool) -> String {
    let text = clean(text, unicode);
    if fitting_prefix(&text, columns) == text.len() {
        return text;
    }
    let sign = ellipsis(columns, unicode);
    let end = fitting_prefix(&text, columns.saturating_sub(width(sign)));
    let kept = text.get(..end).unwrap_or_default();
    format!("{}{sign}", kept.trim_end())
}

/// Like [`cut`], but keeps the end, where a path says most.
pub(crate) fn cut_start(text: &str, columns: usize, unicode: bool) -> String {
    let reversed: String = clean(text, unicode).chars().rev().collect();
    if fitting_prefix(&reversed, columns) == reversed.len() {
        return reversed.chars().rev().collect();
    }
    let sign = ellipsis(columns, unicode);
    let end = fitting_prefix(&reversed, columns.saturating_sub(width(sign)));
    let kept: String = reversed
        .get(..end)
        .unwrap_or_default()
        .chars()
        .rev()
        .collect();
    format!("{sign}{kept}")
}

/// `text`, clean, in at most `lines` lines of at most `columns` each; a last
/// `…` says that there was more. See [`words`]
/// for what is never broken.
pub(crate) fn wrap(text: &str, columns: usize, lines: usize, unicode: bool) -> Vec<String> {
    let text = clean(text, unicode);
    let columns = columns.max(4);
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in words(&text) {
        let mut rest = word.as_str();
        if !line.is_empty() && width(&line) + 1 + width(rest) > columns {
            done.push(std::mem::take(&mut line));
        }
        while fitting_prefix(rest, columns) < rest.len() && done.len() <= lines {
            // Never empty: four columns hold at least two characters.
            let (head, tail) = rest.split_at(fitting_prefix(rest, columns));
            done.push(head.to_owned());
            rest = tail;
        }
        if done.len() > lines {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(rest);
    }
    if !line.is_empty() {
        done.push(line);
    }
    if done.len() > lines {
        done.truncate(lines);
        if let Some(last) = done.last_mut() {
            let sign = ellipsis(columns, unicode);
            let end = fitting_prefix(last, columns.saturating_sub(width(sign) + 1));
            last.truncate(end);
            last.push(' ');
            last.push_str(sign);
        }
    }
    done
}

/// Words that a quotation may have and still be kept on one line.
const QUOTATION: usize = 6;

/// What must not be broken: words between blanks, `%` with the number before
/// it, and short quotations in backticks, which are commands to copy.
fn words(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let mut words: Vec<String> = Vec::new();
    let mut position = 0;
    while let Some(part) = parts.get(position) {
        let following = parts.iter().skip(position + 1).take(QUOTATION);
        let closes = match is_open(part) {
            true => following
                .clone()
                .position(|word| is_open(word))
                .map_or(0, |after| after + 1),
            false => 0,
        };
        let mut word = (*part).to_owned();
        for next in following.take(closes) {
            word.push(' ');
            word.push_str(next);
        }
        position += 1 + closes;
        match words.last_mut() {
            Some(last) if word.starts_with('%') && last.ends_with(|c: char| c.is_ascii_digit()) => {
                last.push(' ');
                last.push_str(&word);
            }
            _ => words.push(word),
        }
    }
    words
}

/// Whether a quotation begins or ends in `word`, and not both.
fn is_open(word: &str) -> bool {
    word.matches('`').count() % 2 == 1
}

/// Fingerprints in a line: what is the same, what is another, and why nobody
/// can say of the rest.
pub(crate) fn fingerprints(comparison: &Comparison) -> String {
    let mut words = vec![];
    let same = comparison.named(Sameness::Same, false);
    if !same.is_empty() {
        words.push(format!("same: {}", same.join(", ")));
    }
    for (state, word) in [
        (Sameness::Different, "different"),
        (Sameness::Unknown, "unknown"),
    ] {
        let parts = comparison.parts.iter().filter(|part| part.state == state);
        let parts: Vec<String> = parts
            .map(|part| format!("{} ({})", part.part.name(), part.why))
            .collect();
        if !parts.is_empty() {
            words.push(format!("{word}: {}", parts.join(", ")));
        }
    }
    words.join("; ")
}

/// The risks at stake with the checks that say so; empty if there are none.
pub(crate) fn at_stake(document: &Document) -> String {
    let risks = document.at_stake();
    let words = risks
        .iter()
        .map(|(risk, checks)| format!("{} ({})", risk.name(), checks.join(", ")));
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_in_a_line() {
        use driftguard_verdict::cause::{Fingerprints, Part};
        let known = |digit: &str| Part::Known {
            sha256: digit.repeat(64),
            method: "bytes/v1".into(),
            of: "model.bin".into(),
        };
        let mut reference = Fingerprints::unknown("0", "not given");
        (reference.model, reference.config) = (known("a"), known("b"));
        let mut current = reference.clone();
        current.config = known("c");
        current.code = known("d");
        let line = fingerprints(&Comparison::new(&reference, &current));
        assert_eq!(
            line,
            "same: model; different: config (different digests of model.bin); unknown: code (reference: not given), \
             deps (both sides: not given), features (both sides: not given), schema (both sides: not given), \
             runtime (both sides: not given)"
        );
    }
    use proptest::prelude::*;

    #[test]
    fn hostile_text_is_shown_and_not_obeyed() {
        assert_eq!(
            clean("\u{1b}[31mred\u{9b}2J", true),
            r"\u{1b}[31mred\u{9b}2J"
        );
        assert_eq!(clean("a\nb\tc\r", true), r"a\nb\tc\r");
        assert_eq!(
            clean("\u{202e}txt.exe\u{2066}", true),
            r"\u{202e}txt.exe\u{2066}"
        );
        assert_eq!(clean("##vso[task] ###", true), r"#\u{23}vso[task] #\u{23}#");
        assert_eq!(clean("größe → 5 °C", true), "größe → 5 °C");
        assert_eq!(clean("größe → 5 °C", false), r"gr\u{f6}\u{df}e -> 5 deg C");
    }

    #[test]
    fn cutting_counts_columns_not_bytes() {
        assert_eq!(cut("abcdef", 6, true), "abcdef");
        assert_eq!(cut("abcdefg", 6, true), "abcde…");
        assert_eq!(cut("abcdefg", 6, false), "abc...");
        assert_eq!(cut("列名列名", 5, true), "列名…");
        assert_eq!(cut_start("/data/2013/02.parquet", 12, true), "…/02.parquet");
        let zalgo = format!("a{}", "\u{301}".repeat(10_000));
        assert!(cut(&zalgo, 10, true).chars().count() <= 31);
    }

    #[test]
    fn wrapping_breaks_at_blanks_and_says_when_it_stops() {
        assert_eq!(wrap("one two three", 8, 9, true), ["one two", "three"]);
        assert_eq!(
            wrap("nearly 98 % of rows", 9, 9, true),
            ["nearly", "98 % of", "rows"]
        );
        assert_eq!(wrap("abcdefghij", 4, 9, true), ["abcd", "efgh", "ij"]);
        assert_eq!(
            wrap("one two three four", 8, 2, true),
            ["one two", "three …"]
        );
        assert!(wrap("", 8, 2, true).is_empty());
        assert_eq!(
            wrap("say `a b c` now", 9, 9, true),
            ["say", "`a b c`", "now"]
        );
        assert_eq!(wrap("say `a b now", 7, 9, true), ["say `a", "b now"]);
    }

    proptest! {
        #[test]
        fn cleaning_is_idempotent_and_leaves_nothing_unsafe(text in any::<String>(), unicode: bool) {
            let once = clean(&text, unicode);
            prop_assert!(!once.chars().any(is_unsafe) && !once.contains("##"));
            prop_assert!(unicode || once.is_ascii());
            prop_assert_eq!(clean(&once, unicode), once);
        }

        #[test]
        fn nothing_is_wider_than_asked(text in any::<String>(), columns in 4usize..40, unicode: bool) {
            prop_assert!(width(&cut(&text, columns, unicode)) <= columns);
            prop_assert!(width(&cut_start(&text, columns, unicode)) <= columns);
            let lines = wrap(&text, columns, 3, unicode);
            prop_assert!(lines.len() <= 3);
            prop_assert!(lines.iter().all(|line| width(line) <= columns), "{:?}", lines);
        }
    }
}
