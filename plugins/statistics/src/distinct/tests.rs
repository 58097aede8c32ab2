use super::*;
use crate::values::{mix, value_hash};
use proptest::prelude::*;

const KEPT: usize = 4096;

fn rows(hashes: &[u64]) -> DistinctSample {
    let mut sample = DistinctSample::new(6);
    sample.insert_all(hashes);
    sample
}

/// Rows of these values, many hashes kept.
fn of(values: impl IntoIterator<Item = u64>) -> DistinctSample {
    let hashes: Vec<u64> = values.into_iter().map(mix).collect();
    let mut sample = DistinctSample::new(KEPT);
    sample.insert_all(&hashes);
    sample
}

#[test]
fn estimates_without_repeats() {
    let mut sample = DistinctSample::new(1000);
    let hashes: Vec<u64> = (0..50_000).map(|i| value_hash(&i.to_string())).collect();
    sample.insert_all(&hashes);
    assert!(!sample.complete());
    assert!(
        (sample.distinct() / 50_000.0 - 1.0).abs() < 0.15,
        "{}",
        sample.distinct()
    );
    assert_eq!(sample.repeated_share(50_000), Some(0.0));
}

#[test]
fn estimates_with_one_row_repeated_very_often() {
    let mut sample = DistinctSample::new(1000);
    let hashes: Vec<u64> = (0..20_000).map(|i| value_hash(&i.to_string())).collect();
    sample.insert_all(&hashes);
    // The largest hash of all is not among the kept ones.
    sample.insert_all(&vec![u64::MAX; 80_000]);
    let share = sample.repeated_share(100_000).unwrap();
    assert!((share - 0.8).abs() < 0.05, "{share}");
}

#[test]
fn empty_samples() {
    assert_eq!(rows(&[]).repeated_share(0), None);
    assert_eq!(rows(&[]).distinct(), 0.0);
    assert!(rows(&[]).complete());
    let mut none = DistinctSample::new(0);
    none.insert_all(&[3]);
    assert_eq!(none.repeated_share(1), None);
}

#[test]
fn exact_while_complete() {
    let sample = of([1, 1, 1, 2, 3]);
    assert_eq!(sample.repeated_share(5), Some(0.4));
    // Of two out of five, 3 pairs in 10 are equal: half a row each.
    assert!((sample.repeated_share(2).unwrap() - 0.15).abs() < 1e-12);
    assert_eq!(sample.repeated_share(1), Some(0.0));
    assert_eq!(sample.repeated_share(6), None);
}

#[test]
fn both_ways_to_the_probability_agree() {
    for (all, rows, n) in [(1_000, 64, 30), (100_000, 64, 5_000), (200, 64, 100)] {
        let product = absent(all, rows, n);
        let (a, r, k) = (all as f64, (all - rows) as f64, n as f64);
        let ln =
            ln_gamma(r + 1.0) - ln_gamma(r - k + 1.0) - ln_gamma(a + 1.0) + ln_gamma(a - k + 1.0);
        assert!((product / ln.exp() - 1.0).abs() < 1e-6);
    }
    assert_eq!(absent(100, 90, 11), 0.0);
}

#[test]
fn estimates_beyond_what_is_kept() {
    let unique = of(0..20_000);
    assert!(!unique.complete());
    assert_eq!(unique.repeated_share(20_000), Some(0.0));
    assert_eq!(unique.repeated_share(700), Some(0.0));
    let twice = of((0..20_000).map(|i| i / 2));
    assert!((twice.repeated_share(20_000).unwrap() - 0.5).abs() < 1e-9);
    // At half of the rows, a quarter of them has its twin before it.
    assert!((twice.repeated_share(10_000).unwrap() - 0.25).abs() < 0.001);
    let replayed = of((0..20_000).chain(std::iter::repeat_n(77, 20_000)));
    assert!((replayed.repeated_share(40_000).unwrap() - 0.5).abs() < 0.05);
}

#[test]
fn bytes_come_back_and_forged_states_are_found() {
    let whole = of([1, 2, 3, 3]);
    let bytes = postcard::to_allocvec(&whole).unwrap();
    assert_eq!(bytes.len(), 2 + 1 + (1 + 3 * 8) + (1 + 3));
    assert_eq!(
        postcard::from_bytes::<DistinctSample>(&bytes).unwrap(),
        whole
    );
    let forged = |change: fn(&mut DistinctSample)| {
        let mut forged = of([1, 2, 3, 3]);
        change(&mut forged);
        assert!(forged.validate().is_err(), "{forged:?}");
    };
    forged(|sample| sample.rows = 3);
    forged(|sample| sample.rows = 5);
    forged(|sample| sample.k = 2);
    forged(|sample| sample.hashes.reverse());
    forged(|sample| sample.hashes.truncate(2));
    forged(|sample| sample.counts = vec![4, 0, 0]);
    forged(|sample| sample.counts = vec![u64::MAX, 1, 1]);
    assert!(rows(&[1]).merge(&DistinctSample::new(9)).is_err());
}

proptest! {
    #[test]
    fn merging_rows_is_one_pass(hashes in prop::collection::vec(0u64..20, 0..40), cut in 0usize..40) {
        let (left, right) = hashes.split_at(cut.min(hashes.len()));
        let (whole, mut merged, mut other_way) = (rows(&hashes), rows(left), rows(right));
        merged.merge(&rows(right)).unwrap();
        other_way.merge(&rows(left)).unwrap();
        whole.validate().unwrap();
        let distinct: std::collections::BTreeSet<u64> = hashes.iter().copied().collect();
        prop_assert_eq!(whole.complete(), distinct.len() <= 6);
        for (hash, rows) in whole.entries() {
            prop_assert_eq!(rows as usize, hashes.iter().filter(|other| **other == hash).count());
        }
        prop_assert_eq!(&whole.hashes, &distinct.into_iter().take(6).collect::<Vec<_>>());
        let mut at_once = rows(left);
        at_once.insert_all(right);
        prop_assert_eq!(&at_once, &whole);
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(other_way, whole);
    }

    /// So many rows that most are not looked at; some draws have too few
    /// different ones for that.
    #[test]
    fn many_rows_are_as_one_by_one(kinds in 1u64..60, rows_of in 25_usize..400, seed in any::<u64>()) {
        let hashes: Vec<u64> = (0..rows_of as u64).map(|i| mix(mix(seed ^ i) % kinds)).collect();
        let mut one_by_one = rows(&[]);
        hashes.iter().for_each(|hash| one_by_one.insert_all(&[*hash]));
        prop_assert_eq!(rows(&hashes), one_by_one);
    }

    #[test]
    fn merging_is_associative(a in prop::collection::vec(0u64..20, 0..20), b in prop::collection::vec(0u64..20, 0..20), c in prop::collection::vec(0u64..20, 0..20)) {
        let (a, b, c) = (rows(&a), rows(&b), rows(&c));
        let (mut left, mut tail, mut right) = (a.clone(), b.clone(), a);
        left.merge(&b).unwrap();
        left.merge(&c).unwrap();
        tail.merge(&c).unwrap();
        right.merge(&tail).unwrap();
        prop_assert_eq!(left, right);
    }

    #[test]
    fn fewer_rows_repeat_less(values in prop::collection::vec(0_u64..20, 2..80), n in 1_u64..80) {
        let sample = of(values);
        let n = n.min(sample.rows() - 1);
        let (few, more) = (sample.repeated_share(n).unwrap(), sample.repeated_share(n + 1).unwrap());
        prop_assert!((0.0..=1.0).contains(&few) && few <= more + 1e-12);
    }
}
