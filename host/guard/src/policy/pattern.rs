//! Patterns over column names: `*` stands for any letters, `?` for one. A
//! backslash takes the special meaning from the character after it. Brackets
//! mean themselves: `price[usd]` is a name that real tables have.

/// Whether `name` as a whole fits `pattern`. Time is at most the product of
/// the two lengths.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let pattern = tokens(pattern);
    let name: Vec<char> = name.chars().collect();
    let (mut at, mut seen) = (0, 0);
    // Where to go on when what follows the last `*` turns out not to fit.
    let mut retry: Option<(usize, usize)> = None;
    while seen < name.len() {
        match pattern.get(at) {
            Some(Token::Any) => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(token) if token.is(name.get(seen).copied()) => {
                at += 1;
                seen += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    retry = Some((after, from + 1));
                    (at, seen) = (after, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern
        .iter()
        .skip(at)
        .all(|token| matches!(token, Token::Any))
}

/// Whether the pattern stands for more than one name.
pub(super) fn is_wild(pattern: &str) -> bool {
    tokens(pattern)
        .iter()
        .any(|token| !matches!(token, Token::Letter(_)))
}

/// The only name that a pattern without wild cards fits.
pub(super) fn plain(pattern: &str) -> String {
    let letter = |token: &Token| match token {
        Token::Letter(letter) => Some(*letter),
        Token::Any | Token::One => None,
    };
    tokens(pattern).iter().filter_map(letter).collect()
}

enum Token {
    Any,
    One,
    Letter(char),
}

impl Token {
    fn is(&self, letter: Option<char>) -> bool {
        match self {
            Self::Any => false,
            Self::One => letter.is_some(),
            Self::Letter(wanted) => letter == Some(*wanted),
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut letters = pattern.chars();
    let mut out = Vec::new();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Letter(letters.next().unwrap_or('\\')),
            other => Token::Letter(other),
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition, in exponential time.
    fn slow(pattern: &[char], name: &[char]) -> bool {
        match pattern {
            [] => name.is_empty(),
            ['*', rest @ ..] => (0..=name.len()).any(|skip| slow(rest, &name[skip..])),
            ['?', rest @ ..] => !name.is_empty() && slow(rest, &name[1..]),
            [letter, rest @ ..] => name.first() == Some(letter) && slow(rest, &name[1..]),
        }
    }

    #[test]
    fn special_characters() {
        assert!(fits("wind_*", "wind_speed") && fits("wind_*", "wind_") && !fits("wind_*", "wind"));
        assert!(fits("price[usd]", "price[usd]"));
        assert!(fits("a\\*", "a*") && !fits("a\\*", "ab"));
        assert!(is_wild("a?") && !is_wild("a\\?") && !is_wild("a"));
        assert_eq!(plain("a\\*b"), "a*b");
    }

    proptest! {
        #[test]
        fn as_the_definition_says(pattern in "[ab*?]{0,7}", name in "[ab]{0,8}") {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &name), slow(&letters(&pattern), &letters(&name)));
        }
    }
}
