//! Laws of the profile, and columns for other tests.

use super::*;
use proptest::prelude::*;

pub(crate) fn column(name: &str, kind: Kind, storage: &str) -> Column {
    Column {
        name: name.into(),
        role: Role::Feature,
        kind,
        storage: storage.into(),
        nullable: true,
        dimension: 0,
    }
}

/// What the host says of this many finite values.
pub(crate) fn summary(finite: u64) -> Summary {
    Summary {
        rows: finite,
        nulls: 0,
        unparsed: 0,
        nans: 0,
        positive_infinities: 0,
        negative_infinities: 0,
        zeros: 0,
        empty: 0,
        finite,
        min: f64::NAN,
        max: f64::NAN,
        mean: f64::NAN,
        m2: f64::NAN,
    }
}

/// One batch as `update` takes it in: the host offers what is below.
fn feed(profile: &mut Profile, values: &[(u64, i32)]) {
    let column = column("temp", Kind::Numeric, "Int64");
    profile.add(&[column], values.len() as u64).unwrap();
    let below = profile.columns[0].below();
    let mut offered: Vec<Sampled> = values
        .iter()
        .filter(|(key, _)| *key < below)
        .map(|&(key, value)| Sampled {
            key,
            value: f64::from(value),
        })
        .collect();
    offered.sort_by_key(|sampled| sampled.key);
    offered.truncate(SAMPLE);
    profile.columns[0].add(&summary(values.len() as u64), &offered);
}

fn temp(values: &[(u64, i32)]) -> Profile {
    let mut profile = Profile::default();
    feed(&mut profile, values);
    profile
}

#[test]
fn other_columns_are_refused() {
    let mut profile = temp(&[(1, 1)]);
    let text = [column("temp", Kind::Numeric, "Utf8")];
    assert!(matches!(profile.add(&text, 1), Err(Error::Data(_))));
    let mut other = Profile::default();
    other.add(&text, 1).unwrap();
    assert!(matches!(profile.merge(other), Err(Error::State(_))));
    let mut longer = temp(&[]);
    longer.columns.push(longer.columns[0].clone());
    assert!(matches!(profile.merge(longer), Err(Error::State(_))));
}

#[test]
fn forged_samples_are_refused() {
    let mut forged = temp(&[(1, 1)]);
    forged.columns[0].sample = BottomK::new(3);
    assert!(matches!(
        Profile::default().merge(forged),
        Err(Error::State(_))
    ));
    let nothing = Profile {
        rows: 4,
        columns: vec![],
    };
    assert!(nothing.validate().is_err());
}

#[test]
fn a_full_sample_asks_for_small_keys_only() {
    let mut profile = temp(&[(7, 1)]);
    assert_eq!(profile.columns[0].below(), u64::MAX);
    let rows: Vec<(u64, i32)> = (0..600).map(|key| (key, 0)).collect();
    profile.merge(temp(&rows)).unwrap();
    assert_eq!(profile.columns[0].sample.items().len(), SAMPLE);
    assert!(profile.columns[0].below() < 600);
}

proptest! {
    #[test]
    fn merging_and_cutting_are_one_pass(values in prop::collection::vec(-5_i32..5, 0..1500), cut in 0_usize..1500) {
        // Keys are unique, as hashes of positions are.
        let rows: Vec<(u64, i32)> =
            (0_u64..).zip(values).map(|(i, value)| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15), value)).collect();
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let (mut merged, mut other_way, mut in_turn) = (temp(left), temp(right), temp(left));
        merged.merge(temp(right)).unwrap();
        other_way.merge(temp(left)).unwrap();
        feed(&mut in_turn, right);
        prop_assert_eq!(&merged, &temp(&rows));
        prop_assert_eq!(&other_way, &merged);
        prop_assert_eq!(in_turn, merged);
    }
}
