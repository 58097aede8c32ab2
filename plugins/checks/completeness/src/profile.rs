//! Counts of what is missing or odd in one column.

use driftguard_sdk::prelude::{Error, Summary};
use serde::{Deserialize, Serialize};

/// Counts of one column over some rows. They add up:
/// rows = nulls + unparsed + nans + infinities + usable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// All rows.
    pub rows: u64,
    /// Rows without a value.
    pub nulls: u64,
    /// Values that could not be read as the column's kind.
    pub unparsed: u64,
    /// Numbers that are not a number.
    pub nans: u64,
    /// Infinities of either sign.
    pub infinities: u64,
    /// Values that are present and usable.
    pub usable: u64,
    /// Numeric zeros, which are usable.
    pub zeros: u64,
    /// Texts that are empty or white space.
    pub empty: u64,
}

impl Profile {
    /// Adds the counts of one batch; counts stop at the largest 64-bit number.
    pub fn add(&mut self, summary: &Summary) {
        let infinities = summary
            .positive_infinities
            .saturating_add(summary.negative_infinities);
        self.sum(&Self {
            rows: summary.rows,
            nulls: summary.nulls,
            unparsed: summary.unparsed,
            nans: summary.nans,
            infinities,
            usable: summary.finite,
            zeros: summary.zeros,
            empty: summary.empty,
        });
    }

    /// Adds the rows of another profile.
    ///
    /// # Errors
    /// [`Error::State`] for counts that no rows can produce.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        other.validate()?;
        self.sum(other);
        Ok(())
    }

    fn sum(&mut self, other: &Self) {
        for (mine, theirs) in self.fields_mut().into_iter().zip(other.fields()) {
            *mine = mine.saturating_add(theirs);
        }
    }

    fn fields(&self) -> [u64; 8] {
        [
            self.rows,
            self.nulls,
            self.unparsed,
            self.nans,
            self.infinities,
            self.usable,
            self.zeros,
            self.empty,
        ]
    }

    fn fields_mut(&mut self) -> [&mut u64; 8] {
        [
            &mut self.rows,
            &mut self.nulls,
            &mut self.unparsed,
            &mut self.nans,
            &mut self.infinities,
            &mut self.usable,
            &mut self.zeros,
            &mut self.empty,
        ]
    }

    /// Checks a profile that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] if the counts do not add up to the rows.
    pub fn validate(&self) -> Result<(), Error> {
        let parts = [
            self.nulls,
            self.unparsed,
            self.nans,
            self.infinities,
            self.usable,
        ];
        let sum = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add(*part));
        let fits = sum == Some(self.rows) && self.zeros <= self.usable && self.empty <= self.usable;
        if fits {
            return Ok(());
        }
        Err(Error::State(format!(
            "the counts of a completeness profile do not add up to its {} rows; rebuild it from the data",
            self.rows
        )))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A numeric column with these counts; the rest of the rows is usable.
    pub(crate) fn numeric(rows: u64, nulls: u64, nans: u64, zeros: u64) -> Profile {
        Profile {
            rows,
            nulls,
            nans,
            zeros,
            usable: rows - nulls - nans,
            ..Profile::default()
        }
    }

    pub(crate) fn summary(rows: u64, nulls: u64, infinite: u64) -> Summary {
        Summary {
            rows,
            nulls,
            unparsed: 0,
            nans: 0,
            positive_infinities: infinite,
            negative_infinities: 0,
            zeros: 0,
            empty: 0,
            finite: rows - nulls - infinite,
            min: f64::NAN,
            max: f64::NAN,
            mean: f64::NAN,
            m2: f64::NAN,
        }
    }

    #[test]
    fn forged_counts_are_refused() {
        let mut forged = numeric(10, 3, 0, 0);
        forged.nulls = 11;
        assert!(matches!(
            Profile::default().merge(&forged),
            Err(Error::State(_))
        ));
        let mut zeros = numeric(10, 3, 0, 0);
        zeros.zeros = 8;
        assert!(zeros.validate().is_err());
        let mut overflow = numeric(10, 3, 0, 0);
        (overflow.nulls, overflow.nans) = (u64::MAX, u64::MAX);
        assert!(overflow.validate().is_err());
    }

    proptest! {
        #[test]
        fn merging_is_one_pass(batches in prop::collection::vec((0_u64..50, 0_u64..50, 0_u64..50), 0..12), cut in 0_usize..12) {
            let summaries: Vec<Summary> =
                batches.iter().map(|(a, b, c)| summary(a + b + c, *b, *c)).collect();
            let fold = |part: &[Summary]| {
                let mut profile = Profile::default();
                part.iter().for_each(|summary| profile.add(summary));
                profile
            };
            let (left, right) = summaries.split_at(cut.min(summaries.len()));
            let (mut merged, mut other_way) = (fold(left), fold(right));
            merged.merge(&fold(right)).unwrap();
            other_way.merge(&fold(left)).unwrap();
            prop_assert_eq!(&merged, &fold(&summaries));
            prop_assert_eq!(other_way, merged);
        }
    }
}
