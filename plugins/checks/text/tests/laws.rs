//! Merging, chunking, degenerate and forged inputs.

mod generator;

use driftguard_check_text::{Frame, Profile, Text, compare};
use driftguard_sdk::prelude::{Check, Error, Finding, Nature, Status, Value};
use generator::{frame, profile, texts};
use proptest::prelude::*;

fn compared(reference: &[String], current: &[String]) -> Vec<Finding> {
    let frame = frame(reference);
    let (p, q) = (
        profile(&frame, reference, 8192),
        profile(&frame, current, 8192),
    );
    compare("review", &frame, &p, &q, 100).unwrap()
}

#[test]
fn the_description_holds_together() {
    let descriptor = Text::describe();
    assert_eq!(descriptor.id, "text");
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
fn degenerate_inputs() {
    let some = texts(1, 150, 0);
    let empty = vec![String::new(); 150];
    for (p, q, status) in [
        (&vec![], &vec![], Status::NotApplicable),
        (&some, &vec![], Status::InsufficientData),
        (&some, &some[..50].to_vec(), Status::InsufficientData),
    ] {
        let findings = compared(p, q);
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
    for (p, q) in [
        (&empty, &empty),
        (&some, &some),
        (&vec!["7".to_owned(); 200], &vec!["7".to_owned(); 200]),
    ] {
        for finding in compared(p, q) {
            assert_eq!(finding.effect, 0.0, "{finding:?}");
            if finding.status == Status::Ok {
                assert!(finding.p_value.unwrap() > 0.99, "{finding:?}");
                assert!(finding.noise.unwrap().sd > 0.0, "{finding:?}");
            }
        }
    }
    // Emptied texts: length says so, nothing divides by nothing.
    let emptied = compared(&some, &empty);
    assert!(emptied[0].effect > 0.7);
    assert!(emptied.iter().all(|finding| finding.effect.is_finite()));
}

#[test]
fn every_finding_has_all_that_the_host_weighs() {
    let findings = compared(&texts(1, 300, 0), &texts(2, 300, 0));
    assert_eq!(findings.len(), 9);
    for finding in findings {
        assert_eq!(
            (finding.nature, finding.status),
            (Nature::Measurement, Status::Ok)
        );
        assert!(
            finding.statistic.is_some() && finding.p_value.is_some() && finding.noise.is_some()
        );
        assert_eq!((finding.n_reference, finding.n_current), (300, 300));
        assert!(finding.message.starts_with("`review`: "));
    }
}

#[test]
fn forged_states_are_refused() {
    let some = texts(1, 150, 0);
    let frame = frame(&some);
    let good = profile(&frame, &some, 8192);
    let mut other = Profile::new(512);
    assert!(matches!(other.merge(&good), Err(Error::State(_))));
    let mut unsorted = frame.clone();
    unsorted.vocabulary[0].reverse();
    let mut edges = frame.clone();
    edges.edges[0] = vec![f64::NAN];
    for forged in [unsorted, edges] {
        let found = compare("review", &forged, &good, &good, 100);
        assert!(matches!(found, Err(Error::State(_))));
    }
}

#[test]
fn a_text_that_is_longer_than_any_counts_as_the_longest() {
    let frame = Frame::default();
    let profile = profile(&frame, &["x".repeat(40_000)], 512);
    let (_, tallies) = profile.texts.total().unwrap();
    assert_eq!(
        tallies.lengths.keys().copied().collect::<Vec<_>>(),
        [16_384]
    );
    profile.validate().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// However rows are cut, and in whatever order parts are merged.
    #[test]
    fn merge_is_one_pass(rows in prop::collection::vec("\\PC{0,12}|[a-zA-Z ]{0,30}", 0..90), cuts in prop::array::uniform2(0usize..90), cap in 20u64..100) {
        let frame = frame(&texts(3, 60, 0));
        let whole = profile(&frame, &rows, cap);
        let (low, high) = (cuts[0].min(cuts[1]).min(rows.len()), cuts[0].max(cuts[1]).min(rows.len()));
        let part = |range: std::ops::Range<usize>| {
            let mut part = Profile::new(cap);
            range.for_each(|row| part.add(&frame, row as u64, &rows[row]));
            part
        };
        let parts = [part(0..low), part(low..high), part(high..rows.len())];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = Profile::new(cap);
            order.iter().for_each(|place| merged.merge(&parts[*place]).unwrap());
            prop_assert_eq!(&merged, &whole);
        }
    }
}
