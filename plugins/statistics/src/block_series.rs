//! A stream as a bounded number of blocks, the same however it was cut.
//!
//! Blocks stand at fixed places: all positions with the same leading bits.
//! Whenever more blocks are occupied than the limit, every two neighbours
//! become one. How wide blocks end up is a function of the set of occupied
//! positions alone, so merging is exact, associative and commutative although
//! the stream is ordered: order is in the positions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::thinned::Additive;

/// Bits of a position.
const BITS: u32 = 63;

/// Sums by block. The default holds no block at all.
///
/// ```
/// use driftguard_statistics::block_series::BlockSeries;
/// use driftguard_statistics::StateError;
/// use driftguard_statistics::thinned::Additive;
///
/// #[derive(Default, Clone)]
/// struct Rows(u64);
/// impl Additive for Rows {
///     fn add(&mut self, other: &Self) -> Result<(), StateError> {
///         self.0 += other.0;
///         Ok(())
///     }
/// }
///
/// let mut blocks = BlockSeries::<Rows>::new(100, 0);
/// for position in 0..10_000 {
///     blocks.at(position, |rows: &mut Rows| rows.0 += 1)?;
/// }
/// assert_eq!((blocks.width(), blocks.len()), (128, 79));
/// # Ok::<(), StateError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BlockSeries<T> {
    limit: u32,
    bits: u32,
    blocks: BTreeMap<i64, T>,
}

impl<T: Additive> BlockSeries<T> {
    /// At most `limit` blocks, each of `2^bits` positions at first.
    pub fn new(limit: u32, bits: u32) -> Self {
        Self {
            limit: limit.max(1),
            bits: bits.min(BITS),
            blocks: BTreeMap::new(),
        }
    }

    /// Positions that one block stands for.
    pub fn width(&self) -> i64 {
        1_i64
            .checked_shl(self.bits)
            .filter(|width| *width > 0)
            .unwrap_or(i64::MAX)
    }

    /// Positions from this one to the end of its block, itself included.
    pub fn left(&self, position: i64) -> i64 {
        self.width() - position.rem_euclid(self.width())
    }

    /// Number of blocks that are occupied.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// First position and sums of each block, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i64, &T)> {
        self.blocks
            .iter()
            .map(|(key, sums)| (key << self.bits, sums))
    }

    /// Changes the sums of the block that a position is in.
    ///
    /// # Errors
    /// Those of [`Additive::add`] where blocks become one.
    pub fn at(&mut self, position: i64, change: impl FnOnce(&mut T)) -> Result<(), StateError> {
        change(self.blocks.entry(position >> self.bits).or_default());
        self.shrink()
    }

    /// Adds the blocks of another series of the same limit.
    ///
    /// # Errors
    /// Another limit, or those of [`Additive::add`].
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        if self.limit != other.limit {
            return Err(StateError::Mismatch {
                what: "blocks",
                left: u64::from(self.limit),
                right: u64::from(other.limit),
            });
        }
        while self.bits < other.bits {
            self.halve()?;
        }
        for (key, sums) in &other.blocks {
            let place = key >> (self.bits - other.bits);
            self.blocks.entry(place).or_default().add(sums)?;
        }
        self.shrink()
    }

    fn shrink(&mut self) -> Result<(), StateError> {
        while self.blocks.len() > self.limit as usize && self.bits < BITS {
            self.halve()?;
        }
        Ok(())
    }

    fn halve(&mut self) -> Result<(), StateError> {
        self.bits += 1;
        let mut wider: BTreeMap<i64, T> = BTreeMap::new();
        for (key, sums) in std::mem::take(&mut self.blocks) {
            match wider.get_mut(&(key >> 1)) {
                Some(held) => held.add(&sums)?,
                None => {
                    wider.insert(key >> 1, sums);
                }
            }
        }
        self.blocks = wider;
        Ok(())
    }

    /// Checks a series that came from outside against what it should be like.
    ///
    /// # Errors
    /// Another limit, narrower blocks than at first, or more than the limit.
    pub fn validate(&self, limit: u32, bits: u32) -> Result<(), StateError> {
        let sound = self.limit == limit.max(1)
            && (bits.min(BITS)..=BITS).contains(&self.bits)
            && self.blocks.len() <= self.limit as usize;
        let far = |key: &i64| key.checked_mul(self.width()).is_none();
        match sound && !self.blocks.keys().any(far) {
            true => Ok(()),
            false => Err(StateError::Invalid {
                what: "blocks",
                problem: "their number or width is not one that rows can produce",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Default, Clone, PartialEq)]
    struct Sum(u64);

    impl Additive for Sum {
        fn add(&mut self, other: &Self) -> Result<(), StateError> {
            self.0 += other.0;
            Ok(())
        }
    }

    fn of(limit: u32, positions: &[i64]) -> BlockSeries<Sum> {
        let mut series = BlockSeries::new(limit, 2);
        for position in positions {
            series.at(*position, |sum: &mut Sum| sum.0 += 1).unwrap();
        }
        series
    }

    #[test]
    fn blocks_keep_their_places() {
        let series = of(3, &[0, 1, 5, 30, -1]);
        let blocks: Vec<(i64, u64)> = series.iter().map(|(at, sum)| (at, sum.0)).collect();
        assert_eq!(
            (series.width(), blocks),
            (8, vec![(-8, 1), (0, 3), (24, 1)])
        );
        assert_eq!((series.left(9), series.left(-1)), (7, 1));
        let far = of(1, &[i64::MAX, i64::MIN]);
        assert!(far.len() <= 2 && far.validate(1, 2).is_err());
        assert_eq!(of(9, &[i64::MAX]).len(), 1);
    }

    #[test]
    fn forged_series_are_refused() {
        let good = of(4, &[0, 99, 7]);
        good.validate(4, 2).unwrap();
        assert!(good.validate(5, 2).is_err() && good.validate(4, 60).is_err());
        assert!(of(4, &[0]).merge(&of(3, &[0])).is_err());
        let wide = BlockSeries::<Sum> {
            limit: 4,
            bits: 40,
            blocks: [(i64::MAX, Sum(1))].into(),
        };
        assert!(wide.validate(4, 2).is_err());
    }

    proptest! {
        #[test]
        fn merging_is_one_pass_in_any_order(
            positions in prop::collection::vec(-4_000_i64..4_000, 0..80), cut in 0_usize..80, limit in 1_u32..9,
        ) {
            let (left, right) = positions.split_at(cut.min(positions.len()));
            let mut merged = of(limit, left);
            merged.merge(&of(limit, right)).unwrap();
            let mut other_way = of(limit, right);
            other_way.merge(&of(limit, left)).unwrap();
            prop_assert_eq!(&merged, &of(limit, &positions));
            prop_assert_eq!(&other_way, &merged);
        }
    }
}
