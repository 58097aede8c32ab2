//! The state of one categorical column over some rows.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::{CategoryCounts, Error, ValueCount};
use driftguard_statistics::Counts;
use serde::{Deserialize, Serialize};

use super::{CategoricalFrame, Unlisted};
use crate::state::{invalid, refused, wrong_length};

/// Counts of the frame's values, of the others, and of nulls. Integers only:
/// merging is exact, associative and commutative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoricalProfile {
    known: Counts,
    others: Unlisted,
    nulls: u64,
}

impl Default for CategoricalProfile {
    fn default() -> Self {
        Self::new(&CategoricalFrame::default())
    }
}

impl CategoricalProfile {
    /// No rows on this frame.
    pub fn new(frame: &CategoricalFrame) -> Self {
        Self {
            known: Counts::new(frame.known().len()),
            others: Unlisted::default(),
            nulls: 0,
        }
    }

    /// Adds a batch: the answer of the kernel `categories` for the frame's
    /// values, asked for [`super::unlisted::MOST_UNLISTED`] others.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for another number of values or a count above 64
    /// bits; nothing is changed then.
    pub fn add(&mut self, counts: &CategoryCounts) -> Result<(), Error> {
        self.known.add(&counts.known).map_err(refused)?;
        self.others.add(counts);
        self.nulls = self.nulls.saturating_add(counts.nulls);
        Ok(())
    }

    /// Adds values at hand, as the host's kernel would; None is a null. For
    /// tests and examples.
    ///
    /// # Errors
    ///
    /// As [`Self::add`].
    pub fn add_values<'v>(
        &mut self,
        frame: &CategoricalFrame,
        values: impl IntoIterator<Item = Option<&'v str>>,
    ) -> Result<(), Error> {
        let mut counts = CategoryCounts {
            known: vec![0; frame.known().len()],
            other: 0,
            nulls: 0,
            others: vec![],
        };
        let places: BTreeMap<&str, usize> = frame
            .known()
            .iter()
            .enumerate()
            .map(|(place, value)| (value.as_str(), place))
            .collect();
        for value in values {
            let Some(value) = value else {
                counts.nulls += 1;
                continue;
            };
            let place = places.get(value);
            match place.and_then(|place| counts.known.get_mut(*place)) {
                Some(rows) => *rows += 1,
                None => {
                    counts.other += 1;
                    counts.others.push(ValueCount {
                        value: value.to_owned(),
                        rows: 1,
                    });
                }
            }
        }
        self.add(&counts)
    }

    /// Adds the rows of another profile on the same frame.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if it is on another frame or contradicts itself;
    /// nothing is changed then.
    pub fn merge(&mut self, other: &Self, frame: &CategoricalFrame) -> Result<(), Error> {
        other.validate(frame)?;
        self.known.merge(&other.known).map_err(refused)?;
        self.others.merge(&other.others);
        self.nulls = self.nulls.saturating_add(other.nulls);
        Ok(())
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] if it is on another frame or contradicts itself.
    pub fn validate(&self, frame: &CategoricalFrame) -> Result<(), Error> {
        if self.known.bins() != frame.known().len() {
            return Err(wrong_length(
                "the list of counts",
                self.known.bins(),
                frame.known().len(),
            ));
        }
        self.others.validate()?;
        let twice = |all: &BTreeMap<String, u64>| {
            let mut listed = frame.known().iter();
            listed.any(|value| all.contains_key(value))
        };
        if self.others.values().is_some_and(twice) {
            return Err(invalid("the unlisted values", "one of them is listed"));
        }
        Ok(())
    }

    /// Rows that hold a value.
    pub fn rows(&self) -> u64 {
        self.known.total().saturating_add(self.others.rows())
    }

    /// Rows that hold none.
    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    /// Counts of the frame's values.
    pub fn known(&self) -> &[u64] {
        self.known.as_slice()
    }

    /// The values that the frame does not list.
    pub fn others(&self) -> &Unlisted {
        &self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VALUES: [&str; 4] = ["a", "b", "x", "y"];

    fn frame() -> CategoricalFrame {
        CategoricalFrame::of_values(vec![("a".into(), 2), ("b".into(), 1)], 3, 10)
    }

    fn profile(values: &[Option<usize>]) -> CategoricalProfile {
        let mut profile = CategoricalProfile::new(&frame());
        let texts = values.iter().map(|value| value.map(|v| VALUES[v]));
        profile.add_values(&frame(), texts).unwrap();
        profile.validate(&frame()).unwrap();
        profile
    }

    #[test]
    fn states_that_do_not_fit_are_refused() {
        let mut good = profile(&[Some(0), Some(2), None]);
        let before = good.clone();
        let other_frame = CategoricalProfile::default();
        let mut listed = good.clone();
        listed.others = Unlisted::default();
        listed.others.add(&CategoryCounts {
            known: vec![],
            other: 1,
            nulls: 0,
            others: vec![ValueCount {
                value: "a".into(),
                rows: 1,
            }],
        });
        for forged in [other_frame, listed] {
            assert!(matches!(
                good.merge(&forged, &frame()),
                Err(Error::State(_))
            ));
            assert_eq!(good, before);
        }
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_in_any_order(values in prop::collection::vec(prop::option::of(0usize..4), 0..40), cut in 0usize..40) {
            let (left, right) = values.split_at(cut.min(values.len()));
            let whole = profile(&values);
            prop_assert_eq!(whole.rows() + whole.nulls(), values.len() as u64);
            for (mut sum, part) in [(profile(left), profile(right)), (profile(right), profile(left))] {
                sum.merge(&part, &frame()).unwrap();
                prop_assert_eq!(&sum, &whole);
            }
        }
    }
}
