//! Tests of the comparison on hand-made profiles.

use driftguard_sdk::prelude::{Column, Finding, Kind, Nature, Role, Sampled, Status};
use driftguard_statistics::special::normal_quantile;

use crate::profile::Profile;
use crate::profile::tests::{column, summary};
use crate::{Seen, compare};

const MIN: usize = 50;

fn side(columns: &[Column]) -> Profile {
    let mut profile = Profile::default();
    profile.add(columns, 100).unwrap();
    profile
}

/// 100 values of a normal law with this median and spread.
fn filled(mut column: Column, median: f64, spread: f64, role: Role) -> Profile {
    column.role = role;
    let mut profile = side(&[column]);
    let values: Vec<Sampled> = (0..100_u32)
        .map(|i| Sampled {
            key: u64::from(i),
            value: median
                + spread * normal_quantile((f64::from(i) + 0.5) / 100.0).unwrap_or_default(),
        })
        .collect();
    profile.columns[0].add(&summary(100), &values);
    profile
}

fn temp(median: f64, spread: f64, role: Role) -> Profile {
    filled(
        column("temp", Kind::Numeric, "Float64"),
        median,
        spread,
        role,
    )
}

fn one(findings: Vec<Finding>) -> Finding {
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn the_same_columns_are_quiet() {
    let columns = [
        column("a", Kind::Numeric, "Int64"),
        column("b", Kind::Text, "Utf8"),
    ];
    assert!(compare(&side(&columns), &side(&columns), MIN).is_empty());
}

#[test]
fn gone_and_added() {
    let (a, b) = (
        column("a", Kind::Numeric, "Int64"),
        column("b", Kind::Text, "Utf8"),
    );
    let findings = compare(&side(std::slice::from_ref(&a)), &side(&[b]), MIN);
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0].metric, "column-gone/v1");
    assert_eq!(
        (findings[0].nature, findings[0].effect),
        (Nature::Fault, 1.0)
    );
    assert_eq!(
        findings[0].message,
        "`a` (feature, Int64) is not in the current data"
    );
    assert_eq!(
        (findings[1].metric.as_str(), findings[1].effect),
        ("column-added/v1", 0.05)
    );
    assert_eq!(
        findings[1].message,
        "`b` (Utf8) is new: the reference does not have it"
    );
    let ignored = Column {
        role: Role::Ignore,
        ..a
    };
    let other = column("c", Kind::Text, "Utf8");
    let findings = compare(&side(&[ignored, other.clone()]), &side(&[other]), MIN);
    assert_eq!(one(findings).effect, 0.0);
}

#[test]
fn retyped() {
    let before = side(&[column("a", Kind::Numeric, "Int64")]);
    let wide = one(compare(
        &before,
        &side(&[column("a", Kind::Numeric, "Float64")]),
        MIN,
    ));
    assert_eq!(
        (wide.metric.as_str(), wide.effect),
        ("column-retyped/v1", 0.0)
    );
    let mut now = side(&[column("a", Kind::Numeric, "Utf8")]);
    let text = one(compare(&before, &now, MIN));
    assert_eq!(
        (text.effect, text.message.as_str()),
        (1.0, "`a`: Int64 -> Utf8")
    );
    (now.columns[0].read, now.columns[0].unread) = (98, 2);
    assert_eq!(
        one(compare(&before, &now, MIN)).message,
        "`a`: Int64 -> Utf8; 98 % of the values still read as numbers"
    );
}

#[test]
fn reordered() {
    let columns: Vec<Column> = ["a", "b", "c"]
        .map(|name| column(name, Kind::Text, "Utf8"))
        .to_vec();
    let swapped = [columns[1].clone(), columns[0].clone(), columns[2].clone()];
    let finding = one(compare(&side(&columns), &side(&swapped), MIN));
    assert_eq!((finding.effect, finding.nature), (0.0, Nature::Fault));
    assert_eq!(
        finding.message,
        "2 of 3 columns stand in another order (`b`, `a`); columns are read by name"
    );
    // A column in front moves all positions and the order of none.
    let front = side(&columns[1..]);
    let findings = compare(&front, &side(&columns), MIN);
    assert_eq!(one(findings).metric, "column-added/v1");
}

#[test]
fn fahrenheit_to_celsius() {
    let before = temp(71.1, 9.0, Role::Feature);
    let finding = one(compare(&before, &temp(21.7, 5.0, Role::Feature), MIN));
    assert_eq!((finding.nature, finding.effect), (Nature::Fault, 1.0));
    assert_eq!(
        finding.message,
        "`temp`: median 71.1 -> 21.7; looks like Fahrenheit -> Celsius"
    );
    assert!(finding.unit_effect.unwrap().value < -49.0);
}

#[test]
fn no_unit_is_suspected_of_outcomes_ids_and_ordinary_drift() {
    for role in [
        Role::Prediction,
        Role::Score,
        Role::Label,
        Role::Id,
        Role::Ignore,
    ] {
        assert!(compare(&temp(71.1, 9.0, role), &temp(21.7, 5.0, role), MIN).is_empty());
    }
    let warmer = temp(80.0, 9.0, Role::Feature);
    assert!(compare(&temp(71.1, 9.0, Role::Feature), &warmer, MIN).is_empty());
    let (before, after) = (
        temp(71.1, 9.0, Role::Feature),
        temp(21.7, 5.0, Role::Feature),
    );
    assert!(compare(&before, &after, 101).is_empty(), "too few values");
}

#[test]
fn degenerate_sides() {
    let nothing = Profile::default();
    let some = temp(71.1, 9.0, Role::Feature);
    for (reference, current) in [(&nothing, &some), (&some, &nothing), (&nothing, &nothing)] {
        let finding = one(compare(reference, current, MIN));
        assert_eq!(finding.status, Status::InsufficientData);
        assert_eq!(finding.nature, Nature::Supporting);
    }
    // Constant columns and columns without a value have no unit.
    let constant = temp(5.0, 0.0, Role::Feature);
    assert!(compare(&constant, &temp(500.0, 0.0, Role::Feature), MIN).is_empty());
    let empty = side(&[column("temp", Kind::Numeric, "Float64")]);
    assert!(compare(&some, &empty, MIN).is_empty());
    assert!(
        Seen::new(&column("x", Kind::Other, "Null"))
            .sample
            .items()
            .is_empty()
    );
}
