use super::*;
use driftguard_sdk::prelude::{
    CategoryCounts, Column, Kind, Role, SettingSpec, Status, Value, ValueCount,
};
use proptest::prelude::*;

fn context() -> Context {
    let column = Column {
        name: "origin".into(),
        role: Role::Feature,
        kind: Kind::Categorical,
        storage: "Utf8".into(),
        nullable: true,
        dimension: 0,
    };
    Context::new(vec![], &CategoricalDrift::describe().settings, vec![column])
}

type Rows<'a> = &'a [(Option<&'a str>, u64)];

/// What the host's kernel answers for these rows.
fn kernel(rows: Rows<'_>, known: &[String]) -> CategoryCounts {
    let mut counts = CategoryCounts {
        known: vec![0; known.len()],
        other: 0,
        nulls: 0,
        others: vec![],
    };
    for (value, rows) in rows {
        let Some(value) = value else {
            counts.nulls += rows;
            continue;
        };
        match known.iter().position(|known| known == value) {
            Some(place) => counts.known[place] += rows,
            None => {
                counts.other += rows;
                let value = (*value).to_owned();
                counts.others.push(ValueCount { value, rows: *rows });
            }
        }
    }
    counts
}

fn frame(rows: Rows<'_>) -> CategoricalFrame {
    CategoricalFrame::of_counts(&kernel(rows, &[]), 1000)
}

fn profile(frame: &CategoricalFrame, rows: Rows<'_>) -> CategoricalProfile {
    let mut profile = CategoricalDrift::begin(&context(), frame).unwrap();
    profile.add(&kernel(rows, frame.known())).unwrap();
    profile
}

fn compared(reference: Rows<'_>, current: Rows<'_>) -> Vec<Finding> {
    let frame = frame(reference);
    let (p, q) = (profile(&frame, reference), profile(&frame, current));
    CategoricalDrift::compare(&context(), &frame, &p, &q).unwrap()
}

#[test]
fn the_description_holds_together() {
    let descriptor = CategoricalDrift::describe();
    assert_eq!(descriptor.id, "categorical-drift");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    let is_own = |setting: &&SettingSpec| !setting.name.starts_with("convention");
    for setting in descriptor.settings.iter().filter(is_own) {
        let Value::Integer(default) = setting.default else {
            panic!("{} is not an integer", setting.name)
        };
        let bounds = (setting.minimum.unwrap(), setting.maximum.unwrap());
        assert!(bounds.0 <= default as f64 && default as f64 <= bounds.1);
    }
}

#[test]
fn moved_shares_fire_and_nulls_do_not_count() {
    let p = [(Some("LGA"), 310), (Some("JFK"), 360), (Some("EWR"), 330)];
    let q = [
        (None, 5000),
        (Some("LGA"), 120),
        (Some("JFK"), 460),
        (Some("SWF"), 420),
    ];
    let first = &compared(&p, &q)[0];
    assert_eq!(
        first.message,
        "`origin`: SWF 0 % -> 42 %, EWR 33 % -> 0 %, LGA 31 % -> 12 %"
    );
    assert!(first.effect > 0.4 && first.p_value.unwrap() < 1e-12);
    assert_eq!((first.n_reference, first.n_current), (1000, 1000));
}

#[test]
fn unchanged_shares_are_quiet() {
    let p = [(Some("a"), 500), (Some("b"), 480), (Some("c"), 20)];
    let q = [(Some("a"), 1010), (Some("b"), 940), (Some("c"), 50)];
    let findings = compared(&p, &q);
    assert!(
        findings.iter().all(|finding| finding.effect < 0.02),
        "{findings:?}"
    );
    assert!(findings[0].p_value.unwrap() > 0.2);
}

#[test]
fn degenerate_inputs() {
    let some: Rows<'_> = &[(Some("a"), 60), (Some("b"), 60)];
    for (p, q, status) in [
        (&[][..], &[][..], Status::NotApplicable),
        (&[(None, 99)], &[(None, 99)], Status::NotApplicable),
        (&[(Some("a"), 99)], &[(Some("a"), 99)], Status::Degenerate),
        (some, &[(Some("a"), 1)], Status::InsufficientData),
        (some, &[(None, 99)], Status::InsufficientData),
    ] {
        let findings = compared(p, q);
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
}

#[test]
fn a_state_of_wrong_length_is_refused() {
    let frame = frame(&[(Some("a"), 60), (Some("b"), 60)]);
    let mut good = profile(&frame, &[(Some("a"), 1)]);
    let wrong = CategoricalProfile::default();
    let merged = CategoricalDrift::merge(&mut good, wrong.clone(), &context(), &frame);
    assert!(matches!(merged, Err(Error::State(_))));
    let findings = CategoricalDrift::compare(&context(), &frame, &good, &wrong);
    assert!(matches!(findings, Err(Error::State(_))));
}

proptest! {
    /// Merged profiles are the profile of one pass, in any order.
    #[test]
    fn cutting_rows_changes_nothing(values in prop::collection::vec(prop::option::of(0usize..5), 0..80), cut in 0usize..80) {
        const VALUES: [&str; 5] = ["a", "b", "x", "", "z"];
        let rows: Vec<(Option<&str>, u64)> = values.iter().map(|value| (value.map(|v| VALUES[v]), 1)).collect();
        let frame = frame(&[(Some("a"), 60), (Some("b"), 60)]);
        let (left, right) = rows.split_at(cut.min(rows.len()));
        let whole = profile(&frame, &rows);
        for (first, second) in [(left, right), (right, left)] {
            let mut merged = profile(&frame, first);
            CategoricalDrift::merge(&mut merged, profile(&frame, second), &context(), &frame).unwrap();
            prop_assert_eq!(&merged, &whole);
        }
    }
}
