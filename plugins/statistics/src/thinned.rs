//! Sums over a bounded share of the rows that does not depend on their order.
//!
//! Work that is dear for every row is done for some of them. A row has a
//! level, the number of leading zeros of a hash of its position: half of the
//! rows have level 0, a quarter level 1, and so on. Sums are kept for each
//! level, and the lowest levels are dropped as soon as more than `cap` rows are
//! held. What is left is a uniform sample of `cap / 2` to `cap` rows, the same
//! whatever way rows were cut and merged, in a state that is as small as the
//! sums. (Bottom-k sampling, as in [`crate::bottom_k`], must keep the rows.)
//!
//! Flajolet, "On adaptive sampling", 1990; there of distinct values.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::values::mix;

/// Levels of rows: leading zeros of 64 bits.
const LEVELS: u8 = 65;

/// Sums that can be added exactly, in any order.
pub trait Additive: Default + Clone {
    /// Adds the sums over other rows.
    ///
    /// # Errors
    ///
    /// Sums of another shape, or beyond the range of their integers.
    fn add(&mut self, other: &Self) -> Result<(), StateError>;
}

/// Sums over the rows of one level.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Level<T> {
    rows: u64,
    sums: T,
}

/// Sums over a uniform sample of at most `cap` rows.
///
/// ```
/// use driftguard_statistics::thinned::{row_level, Additive, Thinned};
/// use driftguard_statistics::StateError;
///
/// #[derive(Default, Clone)]
/// struct Sum(u64);
/// impl Additive for Sum {
///     fn add(&mut self, other: &Self) -> Result<(), StateError> {
///         self.0 += other.0;
///         Ok(())
///     }
/// }
///
/// let mut ones = Thinned::<Sum>::new(1_000);
/// for position in 0..100_000 {
///     ones.add(row_level(position), |sum| sum.0 += 1);
/// }
/// let (rows, sum) = ones.total()?;
/// assert!(rows == sum.0 && (500..=1_000).contains(&rows));
/// assert_eq!(ones.seen(), 100_000);
/// # Ok::<(), StateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Thinned<T> {
    cap: u64,
    seen: u64,
    floor: u8,
    levels: BTreeMap<u8, Level<T>>,
}

/// Adds sums of one shape; nothing stands for zeros. `what` is for the error.
///
/// # Errors
///
/// Sums of another number.
pub fn add_sums<T: Copy>(
    what: &'static str,
    mine: &mut Vec<T>,
    theirs: &[T],
    add: fn(T, T) -> T,
) -> Result<(), StateError> {
    if mine.is_empty() {
        mine.extend_from_slice(theirs);
        return Ok(());
    }
    if !theirs.is_empty() && mine.len() != theirs.len() {
        return Err(StateError::Mismatch {
            what,
            left: mine.len() as u64,
            right: theirs.len() as u64,
        });
    }
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = add(*mine, *theirs);
    }
    Ok(())
}

/// Hash of the row at a position in the stream of its side: the finaliser of
/// SplitMix64. Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014.
pub fn row_hash(position: u64) -> u64 {
    mix(position)
}

/// Level of the row at a position, 0 to 64. The rows with the smallest hashes
/// have the highest levels.
pub fn row_level(position: u64) -> u8 {
    u8::try_from(row_hash(position).leading_zeros()).unwrap_or(LEVELS - 1)
}

impl<T> Default for Thinned<T> {
    fn default() -> Self {
        Self {
            cap: 0,
            seen: 0,
            floor: 0,
            levels: BTreeMap::new(),
        }
    }
}

impl<T: Additive> Thinned<T> {
    /// No rows; of those to come at most `cap` are held.
    pub fn new(cap: u64) -> Self {
        Self {
            cap,
            ..Self::default()
        }
    }

    /// Whether a row of this level would be held; others need no work.
    pub fn takes(&self, level: u8) -> bool {
        level >= self.floor
    }

    /// The lowest level that is still held.
    pub fn floor(&self) -> u8 {
        self.floor
    }

    /// Adds a row of this level; `fold` is called if the row is held.
    pub fn add(&mut self, level: u8, fold: impl FnOnce(&mut T)) {
        self.seen = self.seen.saturating_add(1);
        if self.takes(level) {
            let held = self.levels.entry(level.min(LEVELS - 1)).or_default();
            held.rows += 1;
            fold(&mut held.sums);
            self.shrink();
        }
    }

    /// Counts a row that is not held and was therefore not looked at.
    pub fn note_dropped(&mut self, rows: u64) {
        self.seen = self.seen.saturating_add(rows);
    }

    fn held(&self) -> u64 {
        self.levels
            .values()
            .fold(0, |sum, level| sum.saturating_add(level.rows))
    }

    fn shrink(&mut self) {
        while self.held() > self.cap && self.floor < LEVELS {
            self.levels.remove(&self.floor);
            self.floor += 1;
        }
    }

    /// Adds the rows of another sample of the same cap. Equal to one pass over
    /// the rows of both, because a level that either has dropped is one that
    /// both together drop, too.
    ///
    /// # Errors
    ///
    /// Another cap, or those of [`Additive::add`].
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        if self.cap != other.cap {
            return Err(StateError::Mismatch {
                what: "sample size",
                left: self.cap,
                right: other.cap,
            });
        }
        self.seen = self.seen.saturating_add(other.seen);
        self.floor = self.floor.max(other.floor);
        self.levels = self.levels.split_off(&self.floor);
        for (level, theirs) in other.levels.range(self.floor..) {
            let mine = self.levels.entry(*level).or_default();
            mine.rows = mine.rows.saturating_add(theirs.rows);
            mine.sums.add(&theirs.sums)?;
        }
        self.shrink();
        Ok(())
    }

    /// Rows held, and the sums over them.
    ///
    /// # Errors
    ///
    /// Those of [`Additive::add`].
    pub fn total(&self) -> Result<(u64, T), StateError> {
        let mut sums = T::default();
        for level in self.levels.values() {
            sums.add(&level.sums)?;
        }
        Ok((self.held(), sums))
    }

    /// Rows seen, held or not.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Most rows held.
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Rows and sums of each level that is held.
    pub fn levels(&self) -> impl Iterator<Item = (u64, &T)> {
        self.levels.values().map(|level| (level.rows, &level.sums))
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// More rows than the cap or than were seen, or a level that cannot be.
    pub fn validate(&self) -> Result<(), StateError> {
        let invalid = |problem| {
            Err(StateError::Invalid {
                what: "thinned sample",
                problem,
            })
        };
        if self.held() > self.cap || self.held() > self.seen {
            return invalid("it holds more rows than its size or than were seen");
        }
        let fits = |level: &u8| *level >= self.floor && *level < LEVELS;
        if self.floor > LEVELS || !self.levels.keys().all(fits) {
            return invalid("it holds a level that it has dropped");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Default, Clone, PartialEq)]
    struct Positions(Vec<u64>);

    impl Additive for Positions {
        fn add(&mut self, other: &Self) -> Result<(), StateError> {
            self.0.extend(&other.0);
            self.0.sort_unstable();
            Ok(())
        }
    }

    fn of(cap: u64, positions: impl IntoIterator<Item = u64>) -> Thinned<Positions> {
        let mut sample = Thinned::new(cap);
        for position in positions {
            sample.add(row_level(position), |sums: &mut Positions| {
                sums.0.push(position);
                sums.0.sort_unstable();
            });
        }
        sample
    }

    #[test]
    fn everything_is_held_below_the_cap() {
        let (rows, sums) = of(100, 0..100).total().unwrap();
        assert_eq!((rows, sums.0), (100, (0..100).collect()));
        assert_eq!(of(0, 0..5).total().unwrap().0, 0);
    }

    #[test]
    fn the_sample_is_uniform() {
        // Position modulo 8 of 64,000 rows: each kind an eighth of what is held.
        let (rows, sums) = of(2_000, 0..64_000).total().unwrap();
        let mut kinds = [0_u64; 8];
        sums.0
            .iter()
            .for_each(|position| kinds[(position % 8) as usize] += 1);
        let expected = rows as f64 / 8.0;
        let chi: f64 = kinds
            .iter()
            .map(|n| (*n as f64 - expected).powi(2) / expected)
            .sum();
        assert!(chi < 24.3, "chi-square {chi} with 7 degrees of freedom");
    }

    #[test]
    fn forged_states_are_found() {
        let mut forged = of(10, 0..8);
        forged.seen = 1;
        assert!(forged.validate().is_err());
        let mut below = of(10, 0..200);
        below.floor += 1;
        assert!(below.validate().is_err());
        assert!(of(10, 0..8).merge(&of(11, 0..8)).is_err());
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_in_any_order(a in 0u64..60, b in 0u64..60, c in 0u64..60, cap in 0u64..40) {
            let parts = [of(cap, 0..a), of(cap, a..a + b), of(cap, a + b..a + b + c)];
            let whole = of(cap, 0..a + b + c);
            whole.validate().unwrap();
            for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
                let mut merged = Thinned::new(cap);
                order.iter().for_each(|part| merged.merge(&parts[*part]).unwrap());
                prop_assert_eq!(&merged, &whole);
            }
        }
    }
}
