//! Slices that moved by themselves, slices that only follow their columns, and
//! states.

use driftguard_check_segments::frame::Frame;
use driftguard_check_segments::profile::Profile;
use driftguard_check_segments::{Limits, Segments, compare};
use driftguard_distribution::coding::Values;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Column, Error, Finding, Kind, Nature, Role, Status, Subject};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    min_rows: 500,
    support: 0.01,
    top: 3,
};

fn column(name: &str, role: Role, kind: Kind) -> Column {
    Column {
        name: name.into(),
        role,
        kind,
        storage: String::new(),
        nullable: true,
        dimension: 0,
    }
}

/// One row: region (4), product (3, related to the region), amount, decision,
/// label.
type Row = (u32, u32, f64, f64, f64);

fn rows(seed: u64, n: usize) -> Vec<Row> {
    let mut rng = Rng::new(seed);
    (0..n)
        .map(|_| {
            let region = [0, 0, 0, 1, 1, 2, 2, 3][rng.below(8) as usize];
            let product = if rng.uniform() < 0.4 {
                region % 3
            } else {
                rng.below(3) as u32
            };
            let amount = rng.normal() + f64::from(product);
            let label = f64::from(u8::from(rng.uniform() < 0.4));
            let right = rng.uniform() < 0.93;
            (
                region,
                product,
                amount,
                if right { label } else { 1.0 - label },
                label,
            )
        })
        .collect()
}

fn values(rows: &[Row]) -> [(Column, Values); 5] {
    let words = |names: &[&str], codes: Vec<u32>| {
        Values::Words(codes, names.iter().map(|x| (*x).to_owned()).collect())
    };
    let numbers = |pick: fn(&Row) -> f64| Values::Numbers(rows.iter().map(pick).collect());
    [
        (
            column("region", Role::Feature, Kind::Categorical),
            words(
                &["east", "north", "south", "west"],
                rows.iter().map(|row| row.0).collect(),
            ),
        ),
        (
            column("product", Role::Feature, Kind::Categorical),
            words(
                &["car", "home", "life"],
                rows.iter().map(|row| row.1).collect(),
            ),
        ),
        (
            column("amount", Role::Feature, Kind::Numeric),
            numbers(|row| row.2),
        ),
        (
            column("decision", Role::Prediction, Kind::Numeric),
            numbers(|row| row.3),
        ),
        (
            column("label", Role::Label, Kind::Numeric),
            numbers(|row| row.4),
        ),
    ]
}

fn profile(frame: &Frame, rows: &[Row]) -> Profile {
    let read = values(rows);
    let mut profile = Profile::new(16_384);
    let inputs: Vec<Values> = read
        .iter()
        .take(3)
        .map(|(_, values)| values.clone())
        .collect();
    profile.add_values(frame, 0, &inputs, Some((&read[3].1, &read[4].1)));
    profile
}

fn compared(before: &[Row], now: &[Row]) -> Vec<Finding> {
    let frame = Frame::of_sample(&values(before), 24);
    compare(
        &frame,
        &profile(&frame, before),
        &profile(&frame, now),
        LIMITS,
    )
    .unwrap()
}

fn named(findings: &[Finding]) -> Vec<&Finding> {
    let segment = |finding: &&Finding| {
        finding.nature == Nature::Measurement && matches!(finding.subject, Subject::Segment(_))
    };
    findings.iter().filter(segment).collect()
}

#[test]
fn false_alarms_on_unchanged_rows() {
    let mut alarms = 0;
    for seed in 0..60 {
        alarms +=
            u32::from(!named(&compared(&rows(seed, 6_000), &rows(500 + seed, 5_000))).is_empty());
    }
    // Each draw has two families at 1 %.
    assert!(alarms <= 4, "{alarms} of 60");
}

/// Exchanged within amounts: all columns keep their shares, and so does every
/// pair but one.
#[test]
fn a_slice_of_two_conditions_is_found_while_all_columns_stay() {
    let before = rows(1, 8_000);
    let mut now = rows(2, 8_000);
    // Of home in the north a quarter goes to the south, for as much car.
    let mut give = now.iter().filter(|row| (row.0, row.1) == (1, 1)).count() / 4;
    let mut take = give;
    for row in &mut now {
        match (row.0, row.1) {
            (1, 1) if give > 0 => {
                row.0 = 2;
                give -= 1;
            }
            (2, 0) if take > 0 => {
                row.0 = 1;
                take -= 1;
            }
            _ => {}
        }
    }
    let findings = compared(&before, &now);
    let found = named(&findings);
    assert!(!found.is_empty(), "{findings:?}");
    insta::assert_snapshot!("a_slice_of_two_conditions", found[0].message);
    assert!(
        found[0].p_value.unwrap() < 1e-6 && found[0].effect > 0.02,
        "{:?}",
        found[0]
    );
    assert!(
        found
            .iter()
            .all(|one| one.metric == "slice-share/raking/v1")
    );
}

/// One region is sampled at a third: product and amount follow, and that is
/// all there is to say.
#[test]
fn a_slice_that_only_follows_its_columns_is_none() {
    let mut alarms = 0;
    for seed in 0..20 {
        let before = rows(seed, 8_000);
        let now: Vec<Row> = rows(100 + seed, 10_000)
            .into_iter()
            .enumerate()
            .filter(|(at, row)| row.0 != 0 || at % 3 == 0)
            .map(|(_, row)| row)
            .collect();
        let findings = compared(&before, &now);
        alarms += u32::from(!named(&findings).is_empty());
        let alone = findings
            .iter()
            .find(|one| one.metric == "one-column-accounts/raking/v1");
        let message = &alone.unwrap_or_else(|| panic!("{findings:?}")).message;
        assert!(message.starts_with("`region` = east: 3"), "{message}");
    }
    assert!(alarms <= 2, "{alarms} of 20");
}

#[test]
fn a_slice_that_got_worse_is_named_with_its_accuracy() {
    let before = rows(1, 16_000);
    let mut now = rows(2, 16_000);
    let mut rng = Rng::new(3);
    for row in now.iter_mut().filter(|row| (row.0, row.1) == (2, 2)) {
        if rng.uniform() < 0.25 {
            row.3 = 1.0 - row.3;
        }
    }
    let findings = compared(&before, &now);
    let found = named(&findings);
    assert_eq!(found.len(), 1, "{findings:?}");
    insta::assert_snapshot!("a_slice_that_got_worse", found[0].message);
    assert!(found[0].effect > 0.15 && found[0].p_value.unwrap() < 1e-12);
    for seed in 10..20 {
        let mut now = rows(seed, 16_000);
        for (at, row) in now
            .iter_mut()
            .filter(|row| (row.0, row.1) == (2, 2))
            .enumerate()
        {
            if at % 4 == 0 {
                row.3 = 1.0 - row.3;
            }
        }
        let found = compared(&before, &now);
        let [one] = &named(&found)[..] else {
            panic!("{seed}: {found:?}")
        };
        assert!(
            one.message
                .starts_with("`region` = south and `product` = life: ")
        );
    }
    // Everything got worse: no slice by itself.
    let worse: Vec<Row> = rows(4, 16_000)
        .into_iter()
        .enumerate()
        .map(|(at, row)| {
            if at % 8 == 0 {
                (row.0, row.1, row.2, 1.0 - row.3, row.4)
            } else {
                row
            }
        })
        .collect();
    assert!(named(&compared(&before, &worse)).is_empty());
}

#[test]
fn messages() {
    let before = rows(1, 8_000);
    let unchanged = compared(&before, &rows(2, 8_000));
    let words = |findings: &[Finding]| -> Vec<String> {
        let lines = findings
            .iter()
            .map(|one| format!("{}: {}", one.metric, one.message));
        lines.collect()
    };
    insta::assert_snapshot!("unchanged", words(&unchanged).join("\n"));
    let now: Vec<Row> = rows(3, 10_000)
        .into_iter()
        .enumerate()
        .filter(|(at, row)| row.0 != 0 || at % 3 == 0)
        .map(|(_, row)| row)
        .collect();
    insta::assert_snapshot!(
        "a_column_accounts",
        words(&compared(&before, &now)).join("\n")
    );
    let few = compared(&before, &now[..300]);
    insta::assert_snapshot!("too_few_rows", words(&few).join("\n"));
}

#[test]
fn the_description_holds_together() {
    let descriptor = Segments::describe();
    assert_eq!(descriptor.id, "segments");
    assert!(descriptor.summary.len() > 100 && descriptor.settings.len() == 5);
}

#[test]
fn degenerate_inputs() {
    let some = rows(1, 2_000);
    for (p, q, status) in [
        (&some[..], &some[..0], Status::InsufficientData),
        (&some[..], &some[..300], Status::InsufficientData),
        (&some[..0], &some[..0], Status::NotApplicable),
    ] {
        let findings = compared(p, q);
        assert_eq!(
            (findings.len(), findings[0].status),
            (1, status),
            "{findings:?}"
        );
    }
    let constant = vec![(0, 0, 1.0, 0.0, 0.0); 1_000];
    assert_eq!(
        compared(&constant, &constant)[0].status,
        Status::NotApplicable
    );
    // All rows are in one cell now.
    let findings = compared(&some, &constant);
    assert!(named(&findings).is_empty(), "{findings:?}");
    // The same rows.
    assert!(named(&compared(&some, &some)).is_empty());
}

#[test]
fn forged_states_are_refused() {
    let some = rows(1, 1_000);
    let frame = Frame::of_sample(&values(&some), 24);
    let good = profile(&frame, &some);
    let mut long = good.clone();
    long.add(1 << 40, vec![0; 9]);
    let mut high = good.clone();
    high.add(1 << 40, vec![99; frame.width()]);
    for forged in [long, high] {
        let mut merged = good.clone();
        assert!(matches!(
            merged.merge(&forged, &frame),
            Err(Error::State(_))
        ));
        assert_eq!(merged, good);
        assert!(matches!(
            compare(&frame, &forged, &good, LIMITS),
            Err(Error::State(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn merging_is_one_pass_in_any_order(n in 0_usize..900, cut in 0_usize..900, seed in 0_u64..9, cap in 50_u64..2_000) {
        let all = rows(seed, n);
        let frame = Frame::of_sample(&values(&rows(7, 600)), 24);
        let cut = cut.min(n);
        let part = |first: usize, rows: &[Row]| {
            let read = values(rows);
            let inputs: Vec<Values> = read.iter().take(3).map(|(_, values)| values.clone()).collect();
            let mut profile = Profile::new(cap);
            profile.add_values(&frame, first as u64, &inputs, Some((&read[3].1, &read[4].1)));
            profile
        };
        let (left, right) = (part(0, &all[..cut]), part(cut, &all[cut..]));
        let (mut merged, mut other_way) = (left.clone(), right.clone());
        merged.merge(&right, &frame).unwrap();
        other_way.merge(&left, &frame).unwrap();
        let whole = part(0, &all);
        whole.validate(&frame).unwrap();
        prop_assert_eq!(&merged, &whole);
        prop_assert_eq!(&other_way, &merged);
    }
}
