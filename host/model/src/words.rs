//! A command in one text, cut into words as a shell would, without one: no
//! variables, no globs, no pipes.

use crate::error::ModelError;

/// The words of `text`. Blanks separate; `'...'` keeps everything as it is;
/// inside `"..."` and outside of quotes a backslash keeps the next character.
///
/// ```
/// let words = driftguard_model::split(r#"python "my score.py" --n '$1'"#).unwrap();
/// assert_eq!(words, ["python", "my score.py", "--n", "$1"]);
/// ```
///
/// # Errors
/// No word at all, or a quote that is not closed.
pub fn split(text: &str) -> Result<Vec<String>, ModelError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some('"') | None, '\\') => {
                let next = letters.next().ok_or_else(|| unclosed(text, '\\'))?;
                word.get_or_insert_default().push(next);
            }
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if let Some(open) = quote {
        return Err(unclosed(text, open));
    }
    words.extend(word);
    if words.is_empty() {
        return Err(ModelError::NoCommand);
    }
    Ok(words)
}

fn unclosed(text: &str, open: char) -> ModelError {
    ModelError::Unclosed {
        command: text.to_owned(),
        open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quotes_and_backslashes() {
        let words = |text| split(text).unwrap();
        assert_eq!(words("  a\tb\n"), ["a", "b"]);
        assert_eq!(words(r"a\ b c"), ["a b", "c"]);
        assert_eq!(words(r#"a"b c"'d e' ''"#), ["ab cd e", ""]);
        assert_eq!(words(r#""a\"b" 'a\b'"#), ["a\"b", r"a\b"]);
        assert_eq!(words("a|b; $HOME *"), ["a|b;", "$HOME", "*"]);
        assert!(matches!(split(" "), Err(ModelError::NoCommand)));
        for open in ["a 'b", "a \"b", "a\\"] {
            assert!(matches!(split(open), Err(ModelError::Unclosed { .. })));
        }
    }

    proptest! {
        #[test]
        fn quoted_words_come_back(words in proptest::collection::vec("[^']*", 1..5)) {
            let text: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            prop_assert_eq!(split(&text.join(" ")).unwrap(), words);
        }
    }
}
