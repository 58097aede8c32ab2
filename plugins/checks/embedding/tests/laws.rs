//! Merging, chunking, degenerate and forged inputs.

use driftguard_check_embedding::{Embedding, Frame, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Error, Finding, Nature, Status, Value};
use proptest::prelude::*;

fn vectors(seed: u64, n: usize, d: usize) -> Vec<Vec<f32>> {
    let mut rng = Rng::new(seed);
    (0..n)
        .map(|_| (0..d).map(|_| rng.normal() as f32).collect())
        .collect()
}

fn profile(frame: &Frame, vectors: &[Vec<f32>], cap: u64) -> Profile {
    let mut profile = Profile::new(cap);
    for (row, vector) in (0..).zip(vectors) {
        profile.add(frame, row, vector);
    }
    profile
}

fn compared(reference: &[Vec<f32>], current: &[Vec<f32>], d: usize) -> Vec<Finding> {
    let frame = Frame::of_vectors(&reference.concat(), d);
    let (p, q) = (
        profile(&frame, reference, 2048),
        profile(&frame, current, 2048),
    );
    compare("e", &frame, &p, &q, 100).unwrap()
}

#[test]
fn the_description_holds_together() {
    let descriptor = Embedding::describe();
    assert_eq!(descriptor.id, "embedding");
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
fn every_finding_has_all_that_the_host_weighs() {
    let findings = compared(&vectors(1, 300, 8), &vectors(2, 200, 8), 8);
    assert_eq!(findings.len(), 7);
    for finding in findings {
        assert_eq!(
            (finding.nature, finding.status),
            (Nature::Measurement, Status::Ok)
        );
        assert!(finding.statistic.is_some() && finding.p_value.is_some());
        assert!(finding.noise.unwrap().sd > 0.0, "{}", finding.metric);
        assert_eq!((finding.n_reference, finding.n_current), (300, 200));
        assert!(finding.message.starts_with("`e`: "));
    }
}

#[test]
fn degenerate_inputs() {
    let some = vectors(1, 150, 3);
    let constant = vec![vec![1.0, 2.0, 3.0]; 150];
    let zeros = vec![vec![0.0; 3]; 150];
    let broken = vec![vec![f32::NAN, 1.0, f32::INFINITY]; 150];
    for (p, q, status) in [
        (&vec![], &vec![], Status::NotApplicable),
        (&some, &vec![], Status::InsufficientData),
        (&some, &some[..50].to_vec(), Status::InsufficientData),
    ] {
        let findings = compared(p, q, 3);
        assert_eq!((findings.len(), findings[0].status), (1, status));
    }
    for same in [&some, &constant, &zeros, &broken] {
        for finding in compared(same, same, 3) {
            assert_eq!(finding.effect, 0.0, "{finding:?}");
            assert!(finding.p_value.is_none_or(|p| p > 0.99), "{finding:?}");
        }
    }
    for gone in [&zeros, &broken] {
        let findings = compared(&some, gone, 3);
        assert!(findings[0].effect > 0.9 && findings[0].p_value.unwrap() < 1e-9);
        assert_eq!(findings[1].status, Status::InsufficientData);
    }
    // One vector of rounding errors of a normalising encoder.
    let stuck = compared(&some, &constant, 3);
    assert!(stuck.iter().all(|finding| finding.effect.is_finite()));
    assert!(stuck[1].metric == "repeated/tv/v1" && stuck[1].effect > 0.9);
}

/// Norms of 1 up to rounding are one bin, not ten.
#[test]
fn vectors_of_one_length() {
    let normalised = |seed| -> Vec<Vec<f32>> {
        let unit = |vector: Vec<f32>| {
            let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
            vector.iter().map(|x| x / norm).collect()
        };
        vectors(seed, 300, 8).into_iter().map(unit).collect()
    };
    let findings = compared(&normalised(1), &normalised(2), 8);
    let norm = findings
        .iter()
        .find(|finding| finding.metric.starts_with("norm"))
        .unwrap();
    assert_eq!((norm.statistic, norm.p_value), (Some(0.0), Some(1.0)));
}

#[test]
fn one_coordinate() {
    let findings = compared(&vectors(1, 200, 1), &vectors(2, 200, 1), 1);
    assert!(findings.iter().all(|finding| finding.effect < 0.1));
}

#[test]
fn forged_states_are_refused() {
    let some = vectors(1, 150, 3);
    let frame = Frame::of_vectors(&some.concat(), 3);
    let good = profile(&frame, &some, 2048);
    let other = Frame::of_vectors(&vectors(1, 150, 4).concat(), 4);
    let mut empty = Profile::new(2048);
    assert!(matches!(empty.merge(&good, &other), Err(Error::State(_))));
    let mut small = Profile::new(512);
    assert!(matches!(small.merge(&good, &frame), Err(Error::State(_))));
    let mut zero = frame.clone();
    zero.scale[0] = 0.0;
    let mut edges = frame.clone();
    edges.norm_edges.reverse();
    for forged in [zero, edges] {
        let found = compare("e", &forged, &good, &good, 100);
        assert!(matches!(found, Err(Error::State(_))));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// However rows are cut, and in whatever order parts are merged; long
    /// vectors, which are folded, among them.
    #[test]
    fn merge_is_one_pass(n in 0usize..120, cuts in prop::array::uniform2(0usize..120), cap in 20u64..150, long in any::<bool>()) {
        let d = if long { 150 } else { 5 };
        let frame = Frame::of_vectors(&vectors(9, 60, d).concat(), d);
        let mut rows = vectors(3, n, d);
        rows.iter_mut().step_by(7).for_each(|vector| vector[0] = f32::NAN);
        let whole = profile(&frame, &rows, cap);
        let (low, high) = (cuts[0].min(cuts[1]).min(n), cuts[0].max(cuts[1]).min(n));
        let part = |range: std::ops::Range<usize>| {
            let mut part = Profile::new(cap);
            range.for_each(|row| part.add(&frame, row as u64, &rows[row]));
            part
        };
        let parts = [part(0..low), part(low..high), part(high..n)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = Profile::new(cap);
            order.iter().for_each(|place| merged.merge(&parts[*place], &frame).unwrap());
            prop_assert_eq!(&merged.vectors, &whole.vectors);
        }
    }
}
