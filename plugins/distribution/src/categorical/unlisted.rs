//! Values that the frame does not know: all of them with exact counts, or,
//! beyond a limit, only their number of rows.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::{CategoryCounts, Error};
use serde::{Deserialize, Serialize};

use crate::state::invalid;

/// Most distinct values that are kept.
pub const MOST_UNLISTED: usize = 256;

/// Rows of unlisted values. All or nothing, so that it merges exactly however
/// rows are cut: whether more than [`MOST_UNLISTED`] distinct values came
/// does not depend on their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    rows: u64,
    /// None once there were too many.
    values: Option<BTreeMap<String, u64>>,
}

impl Default for Unlisted {
    fn default() -> Self {
        Self {
            rows: 0,
            values: Some(BTreeMap::new()),
        }
    }
}

impl Unlisted {
    /// Rows of unlisted values, kept or not.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Every unlisted value with its rows; None if they were too many.
    pub fn values(&self) -> Option<&BTreeMap<String, u64>> {
        self.values.as_ref()
    }

    /// Adds a batch: the answer of the kernel, asked for at least
    /// [`MOST_UNLISTED`] unlisted values.
    pub fn add(&mut self, counts: &CategoryCounts) {
        let mut values: BTreeMap<String, u64> = BTreeMap::new();
        let mut listed = 0u64;
        for entry in &counts.others {
            *values.entry(entry.value.clone()).or_default() += entry.rows;
            listed = listed.saturating_add(entry.rows);
        }
        self.merge(&Self {
            rows: counts.other,
            values: (listed == counts.other).then_some(values),
        });
    }

    /// Adds other rows. Associative and commutative.
    pub fn merge(&mut self, other: &Self) {
        self.rows = self.rows.saturating_add(other.rows);
        let Some(values) = &mut self.values else {
            return;
        };
        let Some(more) = &other.values else {
            self.values = None;
            return;
        };
        for (value, rows) in more {
            let sum = values.entry(value.clone()).or_default();
            *sum = sum.saturating_add(*rows);
        }
        if values.len() > MOST_UNLISTED {
            self.values = None;
        }
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for too many values, values without rows, and counts
    /// that do not add up.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |problem| Err(invalid("the unlisted values", problem));
        let Some(values) = &self.values else {
            return Ok(());
        };
        if values.len() > MOST_UNLISTED {
            return refuse("it holds more than 256 values");
        }
        let sum = values
            .values()
            .try_fold(0u64, |sum, rows| sum.checked_add(*rows));
        if sum != Some(self.rows) || values.values().any(|rows| *rows == 0) {
            return refuse("its counts do not add up");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Unlisted {
        let mut all = Unlisted::default();
        for value in values {
            all.merge(&Unlisted {
                rows: 1,
                values: Some(BTreeMap::from([(value.to_string(), 1)])),
            });
        }
        all.validate().unwrap();
        all
    }

    #[test]
    fn too_many_are_only_counted() {
        assert_eq!(of(0..256).values().map(BTreeMap::len), Some(256));
        let many = of(0..257);
        assert_eq!((many.values(), many.rows()), (None, 257));
    }

    #[test]
    fn a_kernel_that_had_no_room_is_noticed() {
        let mut all = Unlisted::default();
        let counts = CategoryCounts {
            known: vec![],
            other: 9,
            nulls: 0,
            others: vec![],
        };
        all.add(&counts);
        assert_eq!((all.values(), all.rows()), (None, 9));
    }

    #[test]
    fn forged_counts_are_refused() {
        let mut forged = of([1, 2]);
        forged.rows = 7;
        assert!(matches!(forged.validate(), Err(Error::State(_))));
    }

    proptest! {
        #[test]
        fn merge_is_one_pass(values in prop::collection::vec(0u64..400, 0..700), cuts in [0usize..700, 0usize..700]) {
            let (mut low, mut high) = (cuts[0].min(values.len()), cuts[1].min(values.len()));
            if low > high { std::mem::swap(&mut low, &mut high); }
            let parts = [&values[..low], &values[low..high], &values[high..]].map(|part| of(part.iter().copied()));
            let whole = of(values);
            let mut left = parts[0].clone();
            left.merge(&parts[1]);
            left.merge(&parts[2]);
            let mut tail = parts[2].clone();
            tail.merge(&parts[1]);
            tail.merge(&parts[0]);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&tail, &whole);
        }
    }
}
