//! How often it fires on nothing, and what it finds.

mod rows;

use driftguard_check_domain_classifier::compare;
use driftguard_sdk::prelude::Finding;
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
