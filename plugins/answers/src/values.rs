//! One column of a batch, as numbers or as codes. Classes are compared by key,
//! so that 1, 1.0, "1" and true are one class whatever a side stores.

use std::collections::BTreeMap;

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::prelude::{Batch, Error, Kind};
use serde::{Deserialize, Serialize};

use crate::rows::NONE;

/// Classes that are told apart; others are one.
pub const MOST_CLASSES: usize = 64;

/// The values of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// NaN where there is none.
    Numbers(Vec<f64>),
    /// A code for each row, and what codes stand for; a code beyond is no
    /// value.
    Codes(Vec<u32>, Vec<String>),
}

/// The key of a class: numbers are written in one way, true is 1 and false 0.
pub fn key(text: &str) -> String {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return "1".into();
    }
    if text.eq_ignore_ascii_case("false") {
        return "0".into();
    }
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.map_or_else(|| text.to_owned(), number_key)
}

fn number_key(number: f64) -> String {
    (number + 0.0).to_string()
}

impl Values {
    /// Reads a column of a batch. A column that cannot be read as its kind has
    /// no values: `schema` speaks of it.
    ///
    /// # Errors
    /// What else the host says of it.
    pub fn read(batch: &Batch, place: u32, kind: Kind) -> Result<Self, Error> {
        let rows = batch.rows();
        let read = match kind {
            Kind::Numeric => batch.floats(place, 0, rows).map(Self::Numbers),
            _ => batch.dictionary(place, 0, rows).map(|dictionary| {
                let values = dictionary.values.to_texts();
                Self::Codes(dictionary.codes, values)
            }),
        };
        match read {
            Ok(values) => Ok(values),
            Err(DataError::WrongKind(_) | DataError::TooLarge(_)) => {
                Ok(Self::Numbers(vec![f64::NAN; rows as usize]))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Texts at hand, for tests; None is a null.
    pub fn of_texts(texts: &[Option<&str>]) -> Self {
        let mut known: Vec<&str> = texts.iter().flatten().copied().collect();
        known.sort_unstable();
        known.dedup();
        let code = |text: &Option<&str>| {
            let place = text.and_then(|text| known.binary_search(&text).ok());
            place.map_or(u32::MAX, |place| place as u32)
        };
        let codes = texts.iter().map(code).collect();
        Self::Codes(codes, known.into_iter().map(str::to_owned).collect())
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Codes(codes, _) => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows by key; of numbers with more than `most` distinct values only so
    /// many.
    pub fn keys(&self, most: usize) -> BTreeMap<String, u64> {
        let mut found = BTreeMap::new();
        match self {
            Self::Numbers(values) => {
                let mut finite: Vec<f64> =
                    values.iter().copied().filter(|x| x.is_finite()).collect();
                finite.sort_by(f64::total_cmp);
                for run in finite.chunk_by(|a, b| a == b) {
                    if found.len() > most {
                        break;
                    }
                    if let Some(value) = run.first() {
                        *found.entry(number_key(*value)).or_default() += run.len() as u64;
                    }
                }
            }
            Self::Codes(codes, values) => {
                let mut rows = vec![0_u64; values.len()];
                for code in codes {
                    if let Some(rows) = rows.get_mut(*code as usize) {
                        *rows += 1;
                    }
                }
                for (value, rows) in values.iter().zip(rows).filter(|(_, rows)| *rows > 0) {
                    *found.entry(key(value)).or_default() += rows;
                }
            }
        }
        found
    }

    /// Each row as a number; NaN for what is none.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::Numbers(values) => values.clone(),
            Self::Codes(codes, values) => {
                let parse = |text: &String| key(text).parse().unwrap_or(f64::NAN);
                let known: Vec<f64> = values.iter().map(parse).collect();
                let number = |code: &u32| known.get(*code as usize).copied().unwrap_or(f64::NAN);
                codes.iter().map(number).collect()
            }
        }
    }
}

/// Classes by key, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClassList(Vec<String>);

impl ClassList {
    /// The most frequent keys, at most `most`.
    pub fn of(keys: BTreeMap<String, u64>, most: usize) -> Self {
        let mut keys: Vec<(String, u64)> = keys.into_iter().collect();
        keys.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(&right.0)));
        keys.truncate(most.min(MOST_CLASSES));
        let mut kept: Vec<String> = keys.into_iter().map(|(key, _)| key).collect();
        kept.sort();
        Self(kept)
    }

    /// Their keys.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// Number of classes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The code of all classes that are not in the list.
    pub fn other(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(NONE - 1)
    }

    /// The class of each row: its place in the list, [`Self::other`], or
    /// [`NONE`].
    pub fn codes(&self, values: &Values) -> Vec<u16> {
        let place = |key: &str| {
            let found = self.0.binary_search_by(|known| known.as_str().cmp(key));
            found.map_or(self.other(), |place| {
                u16::try_from(place).unwrap_or(NONE - 1)
            })
        };
        match values {
            Values::Codes(codes, values) => {
                let known: Vec<u16> = values.iter().map(|value| place(&key(value))).collect();
                let code = |code: &u32| known.get(*code as usize).copied().unwrap_or(NONE);
                codes.iter().map(code).collect()
            }
            Values::Numbers(values) => {
                // Keys that are no numbers are NaN, which equals nothing.
                let parse = |key: &String| key.parse().unwrap_or(f64::NAN);
                let numbers: Vec<f64> = self.0.iter().map(parse).collect();
                let other = self.other();
                let unknown = |value: &f64| if value.is_finite() { other } else { NONE };
                if let [first, second] = numbers[..] {
                    // Nearly all questions: no loop.
                    let code = |value: &f64| match (*value == first, *value == second) {
                        (true, _) => 0,
                        (false, true) => 1,
                        _ => unknown(value),
                    };
                    return values.iter().map(code).collect();
                }
                let code = |value: &f64| {
                    let place = numbers.iter().position(|known| known == value);
                    place.map_or_else(|| unknown(value), |place| place as u16)
                };
                values.iter().map(code).collect()
            }
        }
    }

    /// Whether it can come from a sample.
    pub fn fits(&self) -> bool {
        self.0.len() <= MOST_CLASSES && self.0.is_sorted_by(|a, b| a < b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_class_however_it_is_stored() {
        let list = ClassList::of(Values::Numbers(vec![0.0, 1.0, f64::NAN]).keys(9), 9);
        assert_eq!(list.keys(), ["0", "1"]);
        let texts = Values::of_texts(&[Some("true"), Some("0.0"), None, Some("maybe"), Some("1")]);
        assert_eq!(list.codes(&texts), [1, 0, NONE, 2, 1]);
        assert_eq!(
            list.codes(&Values::Numbers(vec![1.0, -0.0, 7.0])),
            [1, 0, 2]
        );
        let numbers = texts.numbers();
        assert_eq!((numbers[0], numbers[4]), (1.0, 1.0));
        assert!(numbers[2].is_nan() && numbers[3].is_nan());
    }

    #[test]
    fn the_most_frequent_are_kept() {
        let texts = Values::of_texts(&[Some("b"), Some("b"), Some("a"), Some("c"), Some("c")]);
        assert_eq!(ClassList::of(texts.keys(9), 2).keys(), ["b", "c"]);
        let numbers: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(Values::Numbers(numbers).keys(20).len(), 21);
    }

    proptest! {
        #[test]
        fn numbers_and_their_texts_agree(values in prop::collection::vec(-3i32..3, 1..30)) {
            let numbers = Values::Numbers(values.iter().map(|x| f64::from(*x) / 2.0).collect());
            let texts: Vec<String> = values.iter().map(|x| format!("{:.2}", f64::from(*x) / 2.0)).collect();
            let texts: Vec<Option<&str>> = texts.iter().map(|text| Some(text.as_str())).collect();
            let texts = Values::of_texts(&texts);
            prop_assert_eq!(numbers.keys(99), texts.keys(99));
            let list = ClassList::of(numbers.keys(99), 4);
            prop_assert_eq!(list.codes(&numbers), list.codes(&texts));
        }
    }
}
