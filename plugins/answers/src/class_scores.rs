//! Which column holds the scores of which class, read from their names.

use std::fmt;

use driftguard_distribution::words::{column, short};

use crate::values::{ClassList, key};

/// Why scores of classes are not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmatched {
    /// No column is named after this class.
    Without(String),
    /// Both columns are named after one class.
    Twice(String, String),
}

impl fmt::Display for Unmatched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Without(class) => write!(
                out,
                "no score is named after the class {}, as `proba_{}` would be",
                short(class),
                short(class)
            ),
            Self::Twice(first, second) => write!(
                out,
                "the scores {} and {} are named after one class",
                column(first),
                column(second)
            ),
        }
    }
}

/// For each class the place of the column that is named after it. A column is
/// of the class whose key is its name, or what its name ends with after
/// anything but a letter or a digit, whatever the case: `proba_red` and
/// `P(y = Red)`; of several such keys it is the longest one.
///
/// # Errors
/// [`Unmatched`] unless every class has exactly one column.
///
/// ```
/// use driftguard_answers::class_scores::places;
/// use driftguard_answers::{ClassList, Values};
/// let keys = Values::of_texts(&[Some("Red"), Some("dark red")]).keys(9);
/// let classes = ClassList::of(keys, 9);
/// assert_eq!(classes.keys(), ["Red", "dark red"]);
/// assert_eq!(places(&classes, &["p_dark red", "p_red"]), Ok(vec![1, 0]));
/// ```
pub fn places(classes: &ClassList, columns: &[&str]) -> Result<Vec<usize>, Unmatched> {
    let mut found: Vec<Option<usize>> = vec![None; classes.len()];
    for (place, column) in columns.iter().enumerate() {
        let Some(class) = class_of(classes, column) else {
            continue;
        };
        let Some(slot) = found.get_mut(class) else {
            continue;
        };
        if let Some(first) = slot.and_then(|first| columns.get(first)) {
            return Err(Unmatched::Twice((*first).into(), (*column).into()));
        }
        *slot = Some(place);
    }
    let named = found.into_iter().zip(classes.keys());
    named
        .map(|(place, key)| place.ok_or_else(|| Unmatched::Without(key.clone())))
        .collect()
}

/// The class that a column is named after.
pub fn class_of(classes: &ClassList, column: &str) -> Option<usize> {
    let name = column.trim_end_matches(|c: char| !c.is_alphanumeric());
    let name = name.to_lowercase();
    let fits = |class: &str| {
        let class = class.to_lowercase();
        let start = name.strip_suffix(class.as_str());
        let apart = |start: &str| !start.ends_with(char::is_alphanumeric);
        !class.is_empty() && start.is_some_and(apart)
    };
    let whole = key(column);
    let keys = classes.keys().iter().enumerate();
    let fitting = keys.filter(|(_, class)| **class == whole || fits(class));
    fitting
        .max_by_key(|(_, class)| class.len())
        .map(|(place, _)| place)
}

/// The class with the highest score in each row; [`crate::NONE`] where one is
/// missing. Of equal ones the first.
pub fn highest(scores: &[Vec<f64>], rows: usize) -> Vec<u16> {
    let best = |row: usize| {
        let mut best: Option<(u16, f64)> = None;
        for (class, scores) in (0_u16..).zip(scores) {
            let score = scores.get(row).copied().filter(|score| score.is_finite())?;
            if best.is_none_or(|(_, most)| score > most) {
                best = Some((class, score));
            }
        }
        best.map(|(class, _)| class)
    };
    let class = |row| best(row).unwrap_or(crate::NONE);
    (0..rows).map(class).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Values;

    fn classes(keys: &[&str]) -> ClassList {
        let keys: Vec<Option<&str>> = keys.iter().map(|key| Some(*key)).collect();
        ClassList::of(Values::of_texts(&keys).keys(64), 64)
    }

    #[test]
    fn names_end_with_their_class() {
        let digits = classes(&["0", "1", "2", "10"]);
        assert_eq!(digits.keys(), ["0", "1", "10", "2"]);
        let columns = ["proba_0", "proba_1", "proba_2", "proba_10"];
        assert_eq!(places(&digits, &columns), Ok(vec![0, 1, 3, 2]));
        // Not "the class 0 of x1".
        assert_eq!(class_of(&digits, "x10"), None);
        assert_eq!(class_of(&digits, "P(y=10)"), Some(2));
        assert_eq!(class_of(&classes(&["true", "false"]), "proba_1"), Some(1));
        let card = classes(&["prime_card", "card"]);
        assert_eq!(places(&card, &["y_prime_card", "y_card"]), Ok(vec![1, 0]));
        assert_eq!(class_of(&card, "Card"), Some(0));
        assert_eq!(class_of(&classes(&[]), "p"), None);
    }

    #[test]
    fn one_column_for_each() {
        let red = classes(&["red", "blue"]);
        assert_eq!(
            places(&red, &["p_red", "other"]),
            Err(Unmatched::Without("blue".into()))
        );
        assert_eq!(
            places(&red, &["p_red", "q_red", "p_blue"]),
            Err(Unmatched::Twice("p_red".into(), "q_red".into()))
        );
    }

    #[test]
    fn the_highest_score_is_the_answer() {
        let scores = [vec![0.2, 0.5, f64::NAN], vec![0.8, 0.5, 0.1]];
        assert_eq!(highest(&scores, 3), [1, 0, crate::NONE]);
        assert_eq!(highest(&[], 1), [crate::NONE]);
    }
}
