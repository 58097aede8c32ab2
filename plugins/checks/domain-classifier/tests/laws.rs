//! Merging, chunking, degenerate and forged inputs.

mod rows;

use driftguard_check_domain_classifier::frame::Coding;
use driftguard_check_domain_classifier::{DomainClassifier, Frame, Profile, compare};
use driftguard_sdk::prelude::{Check, Error, Nature, Status, Value};
use proptest::prelude::*;
use rows::{codes, frame, profile, rows};

#[test]
fn the_description_holds_together() {
    let descriptor = DomainClassifier::describe();
    assert_eq!(descriptor.id, "domain-classifier");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    for setting in &descriptor.settings {
        let Value::Integer(default) = setting.default else {
            panic!("{} is not an integer", setting.name)
        };
        let bounds = (setting.minimum.unwrap(), setting.maximum.unwrap());
        assert!(bounds.0 <= default as f64 && default as f64 <= bounds.1);
    }
}

#[test]
fn codes_keep_what_is_special_apart() {
    let frame = frame(&rows(1, 500, 1, 0.0, 0));
    let number = |value| frame.columns[0].coding.number(value);
    assert_eq!(number(f64::NAN), 0);
    assert!(number(-1e300) == 1 && number(f64::NEG_INFINITY) == 1);
    assert!(number(1e300) == number(f64::INFINITY) && number(1e300) > number(0.0));
    let kind = &frame.columns[1].coding;
    assert!((6..=15).contains(&kind.category("never seen")));
    assert_ne!(kind.category("a"), kind.category("b"));
    // Of many, only those that are frequent beyond doubt have a code each.
    let many = (0..50).map(|i| (i * 1_000_003, if i == 7 { 30 } else { 1 }));
    let coding = Coding::of_categories(many.collect());
    assert_eq!(coding, Coding::Categorical(vec![7 * 1_000_003]));
}

#[test]
fn degenerate_inputs() {
    let some = rows(1, 300, 2, 0.0, 0);
    let frame = frame(&some);
    let full = profile(&frame, &some, 1000);
    let few = profile(&frame, &some[..50], 1000);
    let none = Profile::new(1000);
    let mut without = full.clone();
    without.note_columns(&[false, false, false]);
    for (reference, current, status) in [
        (&none, &none, Status::NotApplicable),
        (&full, &none, Status::NotApplicable),
        (&full, &few, Status::InsufficientData),
        (&full, &without, Status::NotApplicable),
    ] {
        let findings = compare(&frame, reference, current, 200, 24).unwrap();
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
    let empty = compare(&Frame::default(), &none, &none, 200, 24).unwrap();
    assert_eq!(empty[0].status, Status::NotApplicable);
}

#[test]
fn constant_columns_tell_nothing() {
    let constant = vec![(vec![1.0, 1.0], "a"); 300];
    let frame = frame(&constant);
    let side = profile(&frame, &constant, 1000);
    let findings = compare(&frame, &side, &side, 200, 24).unwrap();
    assert_eq!(
        (findings.len(), findings[0].nature),
        (1, Nature::Measurement)
    );
    assert_eq!(
        (findings[0].statistic, findings[0].effect),
        (Some(0.0), 0.0)
    );
    assert!(findings[0].noise.unwrap().sd > 0.0 && findings[0].p_value == Some(0.5));
    let other = profile(&frame, &vec![(vec![2.0, 1.0], "a"); 300], 1000);
    let moved = compare(&frame, &side, &other, 200, 24).unwrap();
    assert!(moved[0].effect > 0.99 && moved[0].p_value.unwrap() < 1e-9);
    assert!(
        moved[0].message.ends_with("most by `x0`"),
        "{}",
        moved[0].message
    );
}

#[test]
fn forged_states_are_refused() {
    let some = rows(1, 300, 2, 0.0, 0);
    let frame = frame(&some);
    let good = profile(&frame, &some, 1000);
    let mut high = Profile::new(1000);
    high.add(1, vec![1, 200, 1]);
    let mut short = Profile::new(1000);
    short.add(1, vec![1]);
    let mut columns = good.clone();
    columns.present.pop();
    let other = Profile::new(7);
    for forged in [high, short, columns, other] {
        let mut mine = good.clone();
        assert!(matches!(mine.merge(&forged, &frame), Err(Error::State(_))));
    }
    let mut edges = frame.clone();
    edges.columns[0].coding = Coding::Numeric(vec![1.0, 0.0]);
    assert!(matches!(
        compare(&edges, &good, &good, 200, 24),
        Err(Error::State(_))
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn merge_is_one_pass(n in 0usize..300, cuts in prop::array::uniform2(0usize..300), cap in 1usize..200) {
        let all = rows(5, n, 2, 0.0, 0);
        let frame = frame(&rows(6, 100, 2, 0.0, 0));
        let whole = profile(&frame, &all, cap);
        let (low, high) = (cuts[0].min(cuts[1]).min(n), cuts[0].max(cuts[1]).min(n));
        let part = |range: std::ops::Range<usize>| {
            let mut part = Profile::new(cap);
            part.note_columns(&[true; 3]);
            range.for_each(|row| {
                // As a reader does that skips what cannot be kept.
                if part.takes(row as u64) {
                    part.add(row as u64, codes(&frame, &all[row]));
                } else {
                    part.rows.note_dropped(1);
                }
            });
            part
        };
        let parts = [part(0..low), part(low..high), part(high..n)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = Profile::new(cap);
            order.iter().for_each(|place| merged.merge(&parts[*place], &frame).unwrap());
            prop_assert_eq!(&merged, &whole);
        }
    }
}
