//! Names from outside in messages, comments and TOML: nothing in them may
//! break a line, end a comment or move the terminal's cursor.

use std::fmt::Write as _;

/// Characters shown of a name or value in a message.
const SHOWN: usize = 80;

/// Whether a character would not be seen as itself: control characters, line
/// separators, marks without width, marks that change the direction of text.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A name or value as it stands in a message or a comment: hidden characters
/// escaped, cut after 80 characters.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().take(SHOWN) {
        match is_hidden(letter) {
            true => out.extend(letter.escape_default()),
            false => out.push(letter),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out
}

/// Names in backticks with commas; at most 12 of them.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const AT_MOST: usize = 12;
    let mut names = names.into_iter();
    let some: Vec<String> = names
        .by_ref()
        .take(AT_MOST)
        .map(|name| format!("`{}`", shown(name)))
        .collect();
    match names.count() {
        0 => some.join(", "),
        more => format!("{} and {more} more", some.join(", ")),
    }
}

/// A text as a TOML basic string on one line, quotes included. Parsing it
/// gives the text back.
pub(super) fn toml_string(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            hidden if is_hidden(hidden) => _ = write!(out, "\\U{:08X}", u32::from(hidden)),
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

/// A TOML key: bare where that is allowed, quoted otherwise.
pub(super) fn toml_key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => toml_string(name),
    }
}

/// A text broken into lines of at most `width` characters where it has
/// spaces, hidden characters escaped.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text
        .split_whitespace()
        .map(|word| word.chars().map(shown_letter).collect::<String>())
    {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(&word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

fn shown_letter(letter: char) -> String {
    match is_hidden(letter) {
        true => letter.escape_default().collect(),
        false => letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_are_seen() {
        assert_eq!(shown("a\u{1b}[2Jb\n\u{202e}c"), "a\\u{1b}[2Jb\\n\\u{202e}c");
        assert_eq!(shown(&"é".repeat(81)), "é".repeat(80) + "…");
        assert_eq!(listed(["a", "b"]), "`a`, `b`");
        assert!(listed(vec!["x"; 14]).ends_with(" and 2 more"));
    }

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(wrapped("one two\nthree", 7), ["one two", "three"]);
        assert_eq!(wrapped("a\u{0}b", 7), ["a\\u{0}b"]);
    }

    proptest! {
        #[test]
        fn toml_gives_the_text_back(text in any::<String>()) {
            let line = format!("{} = {}", toml_key(&text), toml_string(&text));
            prop_assert_eq!(line.lines().count(), 1);
            let table: toml::Table = line.parse().unwrap();
            prop_assert_eq!(table.get(&text).and_then(toml::Value::as_str), Some(text.as_str()));
        }

        #[test]
        fn a_comment_stays_a_comment(text in any::<String>()) {
            let comment = format!("# {}\n# {}\n", shown(&text), wrapped(&text, 20).join("\n# "));
            prop_assert!(comment.parse::<toml::Table>().unwrap().is_empty());
        }
    }
}
