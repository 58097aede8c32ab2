//! Merging, degenerate sides and numbers without scores.

use driftguard_check_estimated_performance::{Asked, Frame, Profile, Row, Task, compare, describe};
use driftguard_distribution::coded::{Coding, ColumnFrame};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::bindings::driftguard::check::types::Setting;
use driftguard_sdk::prelude::{Context, Error, Finding, Status, Value};
use proptest::prelude::*;

fn asked() -> Asked {
    Asked::of(&Context::new(vec![], &describe().settings, vec![])).unwrap()
}

fn frame(task: Task) -> Frame {
    Frame {
        columns: vec![ColumnFrame {
            name: "x".into(),
            coding: Coding::of_numbers((0..100).map(f64::from).collect()),
        }],
        task,
        prediction: "y".into(),
        ..Frame::default()
    }
}

fn profile(rows: impl IntoIterator<Item = Row>) -> Profile {
    let mut profile = Profile::new(5000);
    rows.into_iter().for_each(|row| profile.add(row));
    profile.note_columns(&[true]);
    profile
}

fn row(position: u64, code: u8, outcome: Option<f64>) -> Row {
    Row {
        position,
        codes: vec![code],
        score: 0.0,
        positive: false,
        outcome,
    }
}

/// Errors grow with x; x grows.
fn numbers(seed: u64, n: u64, shift: f64, labels: bool) -> Profile {
    let mut rng = Rng::new(seed);
    profile((0..n).map(|position| {
        let code = (1.0 + 9.0 * rng.uniform() + shift).min(12.0);
        let loss = code * rng.normal().abs();
        row(position, code as u8, labels.then_some(loss))
    }))
}

fn one(findings: Vec<Finding>) -> Finding {
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.into_iter().next().unwrap()
}

#[test]
fn growing_errors_of_numbers_are_foretold() {
    let frame = frame(Task::Numbers);
    let finding = one(compare(
        &frame,
        &numbers(1, 4000, 0.0, true),
        &numbers(2, 4000, 2.5, false),
        asked(),
    )
    .unwrap());
    // Mean code 5.5 before, 8 now: errors grow by some 45 %, of which 25 % are material.
    assert!((0.12..0.24).contains(&finding.effect), "{finding:?}");
    assert!(finding.message.contains("blind to concept drift"));
    let finding = one(compare(
        &frame,
        &numbers(3, 4000, 0.0, true),
        &numbers(4, 4000, 0.0, false),
        asked(),
    )
    .unwrap());
    assert!(finding.effect < 0.05, "{finding:?}");
}

#[test]
fn degenerate_sides_say_why() {
    let of = |task: Task, reference: &Profile, current: &Profile| {
        one(compare(&frame(task), reference, current, asked()).unwrap())
    };
    let (some, few, labelled) = (
        numbers(1, 900, 0.0, true),
        numbers(2, 20, 0.0, false),
        numbers(3, 900, 0.0, true),
    );
    let empty = Profile::new(5000);
    let nothing = of(
        Task::Nothing("the reference has no label".into()),
        &some,
        &few,
    );
    assert!(nothing.status == Status::NotApplicable && nothing.message.contains("no label"));
    assert_eq!(
        of(Task::Numbers, &some, &few).status,
        Status::InsufficientData
    );
    assert_eq!(
        of(Task::Numbers, &some, &labelled).status,
        Status::NotApplicable
    );
    assert_eq!(
        of(Task::Numbers, &empty, &few).status,
        Status::NotApplicable
    );
    assert_eq!(
        of(Task::Numbers, &some, &empty).status,
        Status::NotApplicable
    );
    let constant = profile((0..900).map(|position| row(position, 1, Some(0.0))));
    let answers = profile((0..900).map(|position| row(position, 1, None)));
    let finding = of(Task::Classes, &constant, &answers);
    assert_eq!((finding.status, finding.effect), (Status::Ok, 0.0));
}

/// Reported only, beside what is measured.
#[test]
fn with_labels_it_is_a_comparison() {
    let setting = Setting {
        name: "when-labelled".into(),
        value: Value::Flag(true),
    };
    let context = Context::new(vec![setting], &describe().settings, vec![]);
    let finding = one(compare(
        &frame(Task::Numbers),
        &numbers(1, 900, 0.0, true),
        &numbers(3, 900, 0.0, true),
        Asked::of(&context).unwrap(),
    )
    .unwrap());
    assert_eq!(finding.nature, driftguard_sdk::prelude::Nature::Supporting);
    assert!(
        finding.message.contains("measured where labels are"),
        "{}",
        finding.message
    );
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let frame = frame(Task::Numbers);
    let mut good = numbers(1, 50, 0.0, true);
    let before = good.clone();
    let long = profile([Row {
        codes: vec![1, 2],
        ..row(1, 1, None)
    }]);
    let code = profile([row(1, 99, None)]);
    let nan = profile([row(1, 1, Some(f64::NAN))]);
    for forged in [long, code, nan, Profile::new(7)] {
        assert!(matches!(good.merge(&forged, &frame), Err(Error::State(_))));
        assert_eq!(good, before);
    }
    let mut codings = frame;
    codings.columns = vec![codings.columns[0].clone(); 400];
    assert!(matches!(codings.validate(), Err(Error::State(_))));
}

proptest! {
    #[test]
    fn merge_is_one_pass_in_any_order(n in 0u64..60, cut in 0u64..60, cap in 0usize..40) {
        let cut = cut.min(n);
        let of = |range: std::ops::Range<u64>| {
            let mut profile = Profile::new(cap);
            range.for_each(|position| profile.add(row(position, (position % 9) as u8, None)));
            profile
        };
        let frame = frame(Task::Numbers);
        let whole = of(0..n);
        for (mut sum, part) in [(of(0..cut), of(cut..n)), (of(cut..n), of(0..cut))] {
            sum.merge(&part, &frame).unwrap();
            prop_assert_eq!(&sum, &whole);
        }
    }
}
