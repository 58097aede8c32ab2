//! Degenerate inputs, laws; measured: false alarms, scores that went off.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{Sample, Values};
use driftguard_check_calibration::{Calibration, Frame, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Error, Finding, Nature, Status};

fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Scores that are right but for this much of their logit.
fn side(rng: &mut Rng, n: usize, off: f64) -> Sample {
    let logits = rng.normals(n, 0.0, 1.5);
    let truth = logits
        .iter()
        .map(|x| f64::from(u8::from(rng.uniform() < squash(x + off))));
    let truth = truth.collect();
    Sample {
        label: Some(("paid".into(), Values::Numbers(truth))),
        prediction: None,
        score: Some((
            "score".into(),
            Values::Numbers(logits.into_iter().map(squash).collect()),
        )),
        ..Sample::default()
    }
}

fn rows(sample: &Sample) -> u64 {
    sample.label.as_ref().map_or(0, |(_, values)| values.len()) as u64
}

fn compared(reference: &Sample, current: &Sample) -> Vec<Finding> {
    let frame = Frame::of(reference, "");
    let profile = |sample: &Sample| {
        let mut profile = Profile::new(&frame);
        profile.add(&frame, rows(sample), sample);
        profile
    };
    compare(&frame, &profile(reference), &profile(current), 500).unwrap()
}

#[test]
fn findings_have_all_that_the_host_weighs() {
    let mut rng = Rng::new(1);
    let findings = compared(&side(&mut rng, 3000, 0.0), &side(&mut rng, 2000, -0.8));
    let names: Vec<&str> = findings.iter().map(|f| f.metric.as_str()).collect();
    assert_eq!(
        names,
        [
            "calibration-error/equal-mass15/debiased/v1",
            "calibration-in-the-large/v1",
            "calibration-slope/v1",
            "brier-parts/equal-mass15/v1",
            "spiegelhalter-z/v1"
        ]
    );
    let found = &findings[0];
    assert_eq!(
        (found.nature, found.status),
        (Nature::Measurement, Status::Ok)
    );
    assert!(found.noise.unwrap().sd > 0.0 && found.p_value < Some(1e-9));
    assert!(
        found.message.ends_with("they say too much"),
        "{}",
        found.message
    );
    assert!(findings[1..].iter().all(|f| f.nature == Nature::Supporting));
}

#[test]
fn nothing_to_say() {
    let mut rng = Rng::new(2);
    let before = side(&mut rng, 3000, 0.0);
    assert_eq!(
        compared(&before, &side(&mut rng, 400, 0.0))[0].status,
        Status::InsufficientData
    );
    let mut wide = before.clone();
    if let Some((_, Values::Numbers(scores))) = &mut wide.score {
        scores.iter_mut().for_each(|score| *score *= 100.0);
    }
    assert!(compared(&wide, &wide).is_empty());
    let frame = Frame::of(&before, "");
    let empty = Profile::default();
    assert!(matches!(
        compare(&frame, &empty, &empty, 500),
        Err(Error::State(_))
    ));
}

#[test]
fn profiles_do_not_depend_on_how_rows_are_cut() {
    let mut rng = Rng::new(3);
    let (left, right) = (side(&mut rng, 300, 0.0), side(&mut rng, 500, 0.5));
    let frame = Frame::of(&left, "");
    let context = Context::new(vec![], &Calibration::describe().settings, vec![]);
    let profile = |samples: &[&Sample]| {
        let mut profile = Profile::new(&frame);
        samples
            .iter()
            .for_each(|sample| profile.add(&frame, rows(sample), sample));
        profile
    };
    let merged = |a: &Sample, b: &Sample| {
        let mut all = profile(&[a]);
        Calibration::merge(&mut all, profile(&[b]), &context, &frame).unwrap();
        all
    };
    let whole = profile(&[&left, &right]);
    assert_eq!(merged(&left, &right), whole);
    assert_eq!(merged(&right, &left), whole);
}

#[test]
fn right_scores_rarely_alarm() {
    let (mut small, mut alarms) = (0, 0);
    for seed in 0..300 {
        let mut rng = Rng::new(seed * 31 + 5);
        let found = &compared(&side(&mut rng, 1000, 0.0), &side(&mut rng, 1000, 0.0))[0];
        small += u32::from(found.p_value.is_some_and(|p| p < 0.05));
        alarms += u32::from(found.effect >= 0.05 && found.p_value.is_some_and(|p| p < 0.05));
    }
    println!("p < 0.05 in {small} of 300, alarms {alarms}");
    assert!(small <= 27 && alarms <= 3, "{small} {alarms}");
}

#[test]
fn scores_that_went_off_are_found() {
    let mut found = 0;
    for seed in 0..50 {
        let mut rng = Rng::new(seed * 31 + 5);
        // Rates are off by 0.12 on average.
        let finding = &compared(&side(&mut rng, 2000, 0.0), &side(&mut rng, 2000, -0.8))[0];
        found += u32::from(finding.effect >= 0.08 && finding.p_value < Some(1e-9));
    }
    println!("found in {found} of 50");
    assert!(found >= 48, "{found}");
}
