//! How often it fires on nothing, and what it finds.

mod rows;

use std::collections::BTreeMap;

use driftguard_check_domain_classifier::frame::{Coding, ColumnFrame};
use driftguard_check_domain_classifier::{Frame, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::Finding;
use driftguard_statistics::value_hash;
use rows::{Row, frame, profile, rows};

fn compared(reference: &[Row], current: &[Row]) -> Vec<Finding> {
    let frame = frame(reference);
    let (p, q) = (
        profile(&frame, reference, 1000),
        profile(&frame, current, 1000),
    );
    compare(&frame, &p, &q, 200, 24).unwrap()
}

/// 300 pairs of equal law; the frame is that of the first.
#[test]
fn false_alarms_and_noise() {
    let (mut alarms, mut sum, mut square, mut noise) = (0, 0.0, 0.0, 0.0);
    for run in 0..300 {
        let finding = compared(
            &rows(run, 400, 5, 0.0, 0),
            &rows(run + 9_000, 400, 5, 0.0, 0),
        )
        .remove(0);
        let statistic = finding.statistic.unwrap();
        alarms += u32::from(finding.p_value.unwrap() < 0.05);
        sum += statistic / 300.0;
        square += statistic * statistic / 300.0;
        noise += finding.noise.unwrap().sd / 300.0;
    }
    let sd = (square - sum * sum).sqrt();
    let words = format!("{alarms} of 300, mean {sum:.4}, sd {sd:.4} ({noise:.4})");
    assert!((3..=24).contains(&alarms), "{words}");
    assert!(sum.abs() < 0.01, "{words}");
    assert!((sd / noise - 1.0).abs() < 0.2, "{words}");
}

/// Ten columns that each move by a quarter of a deviation.
#[test]
fn many_small_changes() {
    for run in 0..20 {
        let findings = compared(
            &rows(run, 900, 10, 0.0, 0),
            &rows(run + 500, 900, 10, 0.25, 0),
        );
        assert!(
            findings[0].p_value.unwrap() < 1e-3,
            "{}",
            findings[0].message
        );
        assert!(findings[0].effect > 0.1, "{}", findings[0].message);
    }
}

#[test]
fn a_category_that_becomes_frequent_is_named() {
    for run in 0..20 {
        let findings = compared(
            &rows(run, 900, 5, 0.0, 0),
            &rows(run + 500, 900, 5, 0.0, 30),
        );
        assert!(
            findings[0].p_value.unwrap() < 1e-3,
            "{}",
            findings[0].message
        );
        assert!(
            findings[0].message.contains("most by `kind`"),
            "{}",
            findings[0].message
        );
        assert_eq!(findings.len(), 4);
    }
}

/// Sides of very different size are told apart no better.
#[test]
fn unequal_sides() {
    let mut sum = 0.0;
    for run in 0..40 {
        let findings = compared(
            &rows(run, 1_000, 5, 0.0, 0),
            &rows(run + 9_000, 200, 5, 0.0, 0),
        );
        sum += findings[0].statistic.unwrap() / findings[0].noise.unwrap().sd / 40.0;
    }
    assert!(sum.abs() < 0.5, "mean of 40 standardised statistics: {sum}");
}

/// The codes are made from the reference; that alone must not tell it apart,
/// however many categories there are that differ by chance only.
#[test]
fn fifty_categories_of_equal_frequency() {
    let side = |seed: u64| -> Vec<String> {
        let mut rng = Rng::new(seed);
        (0..600).map(|_| format!("c{}", rng.below(50))).collect()
    };
    let mut sum = 0.0;
    for run in 0..40 {
        let (before, after) = (side(run), side(run + 9_000));
        let counts: BTreeMap<&String, u64> =
            before.iter().fold(BTreeMap::new(), |mut counts, value| {
                *counts.entry(value).or_insert(0) += 1;
                counts
            });
        let hashed = counts
            .into_iter()
            .map(|(value, rows)| (value_hash(value), rows));
        let coding = Coding::of_categories(hashed.collect());
        let frame = Frame {
            columns: vec![ColumnFrame {
                name: "c".into(),
                coding: coding.clone(),
            }],
            left_out: 0,
        };
        let [p, q] = [&before, &after].map(|values| {
            let mut profile = Profile::new(1000);
            for (position, value) in (0..).zip(values) {
                profile.add(position, vec![coding.category(value)]);
            }
            profile.note_columns(&[true]);
            profile
        });
        let finding = compare(&frame, &p, &q, 200, 24).unwrap().remove(0);
        sum += finding.statistic.unwrap() / finding.noise.unwrap().sd / 40.0;
    }
    assert!(sum.abs() < 0.5, "mean of 40 standardised statistics: {sum}");
}
