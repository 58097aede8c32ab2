//! A uniform sample that does not depend on the order of rows: every row has
//! a key that is a hash, and the k smallest keys are kept.
//!
//! Cohen and Kaplan, "Summarizing Data using Bottom-k Sketches", 2007.

use serde::{Deserialize, Serialize, Serializer};

use crate::error::StateError;

/// One kept item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<T> {
    /// Hash that decides whether the item stays.
    pub key: u64,
    /// What is kept.
    pub value: T,
}

/// The `k` items with the smallest keys out of all that were seen, in rising
/// order of key. Items of equal key are ordered by value.
///
/// Merging is associative and commutative and equals one pass over all items,
/// provided that values of equal keys can be ordered.
///
/// ```
/// use driftguard_statistics::BottomK;
/// let mut sample = BottomK::new(2);
/// for (key, value) in [(9, 1.5), (3, 2.5), (7, 3.5)] {
///     sample.insert(key, value);
/// }
/// assert_eq!(sample.values().copied().collect::<Vec<_>>(), [2.5, 3.5]);
/// assert!(!sample.complete());
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Read<T>")]
pub struct BottomK<T> {
    k: usize,
    seen: u64,
    items: Vec<Item<T>>,
}

/// A sample as it is written.
#[derive(Serialize)]
struct Written<'a, T> {
    k: usize,
    seen: u64,
    #[serde(with = "crate::key_bytes")]
    keys: Vec<u64>,
    values: Vec<&'a T>,
}

#[derive(Deserialize)]
struct Read<T> {
    k: usize,
    seen: u64,
    #[serde(with = "crate::key_bytes")]
    keys: Vec<u64>,
    values: Vec<T>,
}

impl<T: Serialize> Serialize for BottomK<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            k: self.k,
            seen: self.seen,
            keys: self.items.iter().map(|item| item.key).collect(),
            values: self.items.iter().map(|item| &item.value).collect(),
        }
        .serialize(serializer)
    }
}

impl<T> TryFrom<Read<T>> for BottomK<T> {
    type Error = &'static str;

    fn try_from(read: Read<T>) -> Result<Self, Self::Error> {
        if read.keys.len() != read.values.len() {
            return Err("a sample needs a key for each value");
        }
        let items = read.keys.into_iter().zip(read.values);
        Ok(Self {
            k: read.k,
            seen: read.seen,
            items: items.map(|(key, value)| Item { key, value }).collect(),
        })
    }
}

/// A sample of numbers with its values, too, in one piece of bytes: for
/// `#[serde(with = "driftguard_statistics::bottom_k::numbers")]`.
pub mod numbers {
    use super::{BottomK, Item};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Bytes {
        k: usize,
        seen: u64,
        #[serde(with = "crate::key_bytes")]
        keys: Vec<u64>,
        /// As IEEE 754 has them.
        #[serde(with = "crate::key_bytes")]
        values: Vec<u64>,
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(sample: &BottomK<f64>, to: S) -> Result<S::Ok, S::Error> {
        Bytes {
            k: sample.k,
            seen: sample.seen,
            keys: sample.items.iter().map(|item| item.key).collect(),
            values: sample.values().map(|value| value.to_bits()).collect(),
        }
        .serialize(to)
    }

    /// Reads it; [`BottomK::validate`] says whether it is one.
    ///
    /// # Errors
    /// Those of the deserializer, and a key without a value.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<BottomK<f64>, D::Error> {
        let read = Bytes::deserialize(from)?;
        if read.keys.len() != read.values.len() {
            return Err(D::Error::custom("a sample needs a key for each value"));
        }
        let items = read.keys.into_iter().zip(read.values);
        let item = |(key, value)| Item {
            key,
            value: f64::from_bits(value),
        };
        Ok(BottomK {
            k: read.k,
            seen: read.seen,
            items: items.map(item).collect(),
        })
    }
}

impl<T: PartialOrd + Clone> BottomK<T> {
    /// An empty sample of at most `k` items.
    pub fn new(k: usize) -> Self {
        Self {
            k,
            seen: 0,
            items: Vec::new(),
        }
    }

    /// Offers one item.
    pub fn insert(&mut self, key: u64, value: T) {
        self.seen = self.seen.saturating_add(1);
        let item = Item { key, value };
        let place = self.items.partition_point(|kept| !precedes(&item, kept));
        if place < self.k {
            self.items.insert(place, item);
            self.items.truncate(self.k);
        }
    }

    /// Whether an item with this key would be kept; of a key that is held
    /// already the value decides, and this says no.
    pub fn takes(&self, key: u64) -> bool {
        let full = self.items.len() >= self.k;
        !full || self.items.last().is_some_and(|last| key < last.key)
    }

    /// Offers many items, as [`Self::insert`] one by one would; in one pass if
    /// they come in rising order of key, as a host's kernel gives them.
    pub fn extend(&mut self, items: impl IntoIterator<Item = (u64, T)>) {
        let offered: Vec<Item<T>> = items
            .into_iter()
            .map(|(key, value)| Item { key, value })
            .collect();
        let pairs = offered.iter().zip(offered.iter().skip(1));
        if pairs.into_iter().any(|(left, right)| precedes(right, left)) {
            for item in offered {
                self.insert(item.key, item.value);
            }
            return;
        }
        self.seen = self.seen.saturating_add(offered.len() as u64);
        self.items = smallest(&self.items, &offered, self.k);
    }

    /// Counts items that were seen elsewhere and not offered, because they
    /// could not be among the smallest (a host's kernel kept its own k).
    pub fn note_dropped(&mut self, items: u64) {
        self.seen = self.seen.saturating_add(items);
    }

    /// Keeps the `k` items with the smallest keys from now on, if that is less
    /// than it keeps. What comes of merging samples that were shrunk alike is
    /// what comes of shrinking a merged one.
    pub fn shrink(&mut self, k: usize) {
        self.k = self.k.min(k);
        self.items.truncate(k);
    }

    /// Adds the items of another sample of the same size.
    ///
    /// # Errors
    ///
    /// Another `k`.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        self.merge_shrunk(other, usize::MAX)
    }

    /// As [`Self::merge`] after both were shrunk to `k`.
    ///
    /// # Errors
    ///
    /// If they differ in size then.
    pub fn merge_shrunk(&mut self, other: &Self, k: usize) -> Result<(), StateError> {
        let (mine, theirs) = (self.k.min(k), other.k.min(k));
        if mine != theirs {
            return Err(StateError::Mismatch {
                what: "sample size",
                left: mine as u64,
                right: theirs as u64,
            });
        }
        self.k = mine;
        self.seen = self.seen.saturating_add(other.seen);
        self.items = smallest(&self.items, &other.items, mine);
        Ok(())
    }

    /// Whether nothing was ever dropped, so that the sample is everything.
    pub fn complete(&self) -> bool {
        self.seen == self.items.len() as u64
    }

    /// Number of items seen, kept or not.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Largest number of items kept.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The kept items, smallest key first.
    pub fn items(&self) -> &[Item<T>] {
        &self.items
    }

    /// The kept values, smallest key first.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.items.iter().map(|item| &item.value)
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    ///
    /// More items than `k` or than were seen, or items out of order.
    pub fn validate(&self) -> Result<(), StateError> {
        let invalid = |problem| {
            Err(StateError::Invalid {
                what: "sample",
                problem,
            })
        };
        if self.items.len() > self.k {
            return invalid("it holds more items than its size");
        }
        if self.items.len() as u64 > self.seen {
            return invalid("it holds more items than were seen");
        }
        let pairs = self.items.iter().zip(self.items.iter().skip(1));
        if pairs.into_iter().any(|(a, b)| precedes(b, a)) {
            return invalid("its items are out of order");
        }
        Ok(())
    }
}

impl BottomK<f64> {
    /// The kept values in rising order of value, for quantiles and distances.
    pub fn sorted_values(&self) -> Vec<f64> {
        let mut values: Vec<f64> = self.values().copied().collect();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The first `k` of two sorted lists put together. Written out rather than
/// sorted: values that cannot be ordered (NaN) must not upset a sort.
fn smallest<T: PartialOrd + Clone>(left: &[Item<T>], right: &[Item<T>], k: usize) -> Vec<Item<T>> {
    let mut both = Vec::with_capacity(k.min(left.len() + right.len()));
    let (mut left, mut right) = (left, right);
    while both.len() < k {
        let taken = match (left.split_first(), right.split_first()) {
            (Some((a, _)), Some((b, rest))) if precedes(b, a) => {
                right = rest;
                b
            }
            (Some((a, rest)), _) => {
                left = rest;
                a
            }
            (None, Some((b, rest))) => {
                right = rest;
                b
            }
            (None, None) => break,
        };
        both.push(taken.clone());
    }
    both
}

fn precedes<T: PartialOrd>(left: &Item<T>, right: &Item<T>) -> bool {
    left.key < right.key || (left.key == right.key && left.value < right.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample(items: &[(u64, u8)]) -> BottomK<u8> {
        let mut sample = BottomK::new(5);
        items
            .iter()
            .for_each(|(key, value)| sample.insert(*key, *value));
        sample
    }

    #[test]
    fn bytes_come_back_and_torn_ones_do_not() {
        let whole = sample(&[(u64::MAX, 3), (1 << 40, 2), (7, 1)]);
        let bytes = postcard::to_allocvec(&whole).unwrap();
        assert_eq!(bytes.len(), 1 + 1 + (1 + 3 * 8) + (1 + 3));
        assert_eq!(postcard::from_bytes::<BottomK<u8>>(&bytes).unwrap(), whole);
        for end in 0..bytes.len() {
            assert!(postcard::from_bytes::<BottomK<u8>>(&bytes[..end]).is_err());
        }
        // A key less than values.
        let torn = Written {
            k: 3,
            seen: 3,
            keys: vec![0; 2],
            values: vec![&1_u8, &2, &3],
        };
        let torn = postcard::to_allocvec(&torn).unwrap();
        assert!(postcard::from_bytes::<BottomK<u8>>(&torn).is_err());
    }

    #[test]
    fn numbers_come_back_in_every_bit() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct State(#[serde(with = "numbers")] BottomK<f64>);
        let mut whole = State(BottomK::new(5));
        for (key, value) in [(9, -0.0), (3, f64::MAX), (u64::MAX, 1e-300), (5, 0.1)] {
            whole.0.insert(key, value);
        }
        let bytes = postcard::to_allocvec(&whole).unwrap();
        assert_eq!(bytes.len(), 1 + 1 + 2 * (1 + 4 * 8));
        let back: State = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(back, whole);
        assert!(back.0.values().any(|value| value.is_sign_negative()));
        for end in 0..bytes.len() {
            assert!(postcard::from_bytes::<State>(&bytes[..end]).is_err());
        }
        // A value less than keys.
        let mut torn = bytes;
        torn[2 + 1 + 4 * 8] = 3 * 8;
        assert!(postcard::from_bytes::<State>(&torn).is_err());
    }

    #[test]
    fn sizes_must_agree() {
        assert!(BottomK::<f64>::new(3).merge(&BottomK::new(4)).is_err());
    }

    #[test]
    fn a_size_of_nothing_keeps_nothing() {
        let mut sample = BottomK::new(0);
        sample.insert(1, 1.0);
        assert!(sample.items().is_empty() && !sample.complete());
    }

    #[test]
    fn forged_states_are_found() {
        let mut forged = sample(&[(1, 1), (2, 2)]);
        forged.seen = 1;
        assert!(forged.validate().is_err());
        let mut unordered = sample(&[(1, 1), (2, 2)]);
        unordered.items.reverse();
        assert!(unordered.validate().is_err());
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_in_any_order(mut items in prop::collection::vec((0u64..50, any::<u8>()), 0..40), cut in 0usize..40) {
            let whole = sample(&items);
            whole.validate().unwrap();
            let (left, right) = items.split_at(cut.min(items.len()));
            let mut merged = sample(left);
            merged.merge(&sample(right)).unwrap();
            let mut other_way = sample(right);
            other_way.merge(&sample(left)).unwrap();
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(&other_way, &whole);
            let (mut small, mut shrunk) = (sample(left), sample(right));
            small.merge_shrunk(&shrunk, 2).unwrap();
            let mut once_more = sample(left);
            once_more.shrink(2);
            shrunk.shrink(2);
            once_more.merge(&shrunk).unwrap();
            merged.shrink(2);
            prop_assert_eq!(&small, &merged);
            prop_assert_eq!(&once_more, &merged);
            items.reverse();
            prop_assert_eq!(&sample(&items), &whole);
            for sorted in [false, true] {
                if sorted {
                    items.sort_unstable();
                }
                let (left, right) = items.split_at(cut.min(items.len()));
                let mut extended = sample(left);
                extended.extend(right.iter().copied());
                prop_assert_eq!(&extended, &whole);
            }
        }

        #[test]
        fn merge_is_associative(a in prop::collection::vec((0u64..50, any::<u8>()), 0..20), b in prop::collection::vec((0u64..50, any::<u8>()), 0..20), c in prop::collection::vec((0u64..50, any::<u8>()), 0..20)) {
            let (a, b, c) = (sample(&a), sample(&b), sample(&c));
            let mut left = a.clone();
            left.merge(&b).unwrap();
            left.merge(&c).unwrap();
            let mut tail = b;
            tail.merge(&c).unwrap();
            let mut right = a;
            right.merge(&tail).unwrap();
            prop_assert_eq!(left, right);
        }
    }
}
