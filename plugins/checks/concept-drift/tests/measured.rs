//! Degenerate inputs; measured: false alarms, quiet where rows only moved,
//! outcomes that changed.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{OutcomeFrame, Outcomes, Sample, Values};
use driftguard_check_concept_drift::compare;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Error, Finding, Nature, Status, Subject};

fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Inputs around `centre`, a score that is right, outcomes moved by `concept`.
fn binary(rng: &mut Rng, n: usize, centre: f64, concept: f64) -> Sample {
    let logits = rng.normals(n, centre, 1.5);
    let truth = logits
        .iter()
        .map(|x| f64::from(u8::from(rng.uniform() < squash(x + concept))));
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

/// Numbers answered with an error of deviation 2, the truth moved by `concept`.
fn numbers(rng: &mut Rng, n: usize, centre: f64, concept: f64) -> Sample {
    let said = rng.normals(n, centre, 10.0);
    let truth = said
        .iter()
        .map(|y| y + concept + 2.0 * rng.normal())
        .collect();
    Sample {
        label: Some(("rides".into(), Values::Numbers(truth))),
        prediction: Some(("said".into(), Values::Numbers(said))),
        score: None,
        ..Sample::default()
    }
}

fn compared(reference: &Sample, current: &Sample) -> Vec<Finding> {
    let frame = OutcomeFrame::of(reference, "");
    let outcomes = |sample: &Sample| {
        let mut outcomes = Outcomes::new(&frame);
        let n = sample.label.as_ref().map_or(0, |(_, values)| values.len());
        outcomes.add(&frame, n as u64, &frame.question.rows(sample));
        outcomes
    };
    compare(&frame, &outcomes(reference), &outcomes(current), 200).unwrap()
}

#[test]
fn a_finding_has_all_that_the_host_weighs() {
    let mut rng = Rng::new(1);
    let (before, now) = (
        binary(&mut rng, 3000, 0.0, 0.0),
        binary(&mut rng, 2000, 0.0, -1.0),
    );
    let [found] = &compared(&before, &now)[..] else {
        panic!("one finding")
    };
    assert_eq!(
        (found.nature, found.status),
        (Nature::Measurement, Status::Ok)
    );
    assert_eq!(
        found.subject,
        Subject::Pair(("paid".into(), "score".into()))
    );
    assert!(found.noise.unwrap().sd > 0.0 && found.p_value.is_some());
    let interval = found.interval.unwrap();
    assert!(interval.low <= found.effect && found.effect <= interval.high);
    assert!(
        found.message.contains("; most where `score` is "),
        "{}",
        found.message
    );
    let still = &compared(&before, &before)[0];
    assert_eq!((still.effect, still.p_value), (0.0, Some(1.0)));
}

#[test]
fn too_little_to_tell() {
    let mut rng = Rng::new(2);
    let before = binary(&mut rng, 3000, 0.0, 0.0);
    let few = binary(&mut rng, 100, 0.0, 0.0);
    assert_eq!(compared(&before, &few)[0].status, Status::InsufficientData);
    let mut without = before.clone();
    without.label = None;
    assert!(compared(&without, &before).is_empty());
    let frame = OutcomeFrame::of(&before, "");
    let empty = Outcomes::default();
    assert!(matches!(
        compare(&frame, &empty, &empty, 200),
        Err(Error::State(_))
    ));
}

#[test]
fn unchanged_outcomes_rarely_alarm() {
    for n in [400, 2000] {
        let (mut small, mut alarms) = (0, 0);
        for seed in 0..300 {
            let mut rng = Rng::new(seed * 31 + n as u64);
            let found = &compared(
                &binary(&mut rng, n, 0.0, 0.0),
                &binary(&mut rng, n, 0.0, 0.0),
            )[0];
            small += u32::from(found.p_value.is_some_and(|p| p < 0.05));
            alarms += u32::from(found.effect >= 0.05 && found.p_value.is_some_and(|p| p < 0.05));
        }
        println!("n {n}: p < 0.05 in {small} of 300, alarms {alarms}");
        assert!(small <= 27 && alarms <= 9, "{small} {alarms}");
    }
}

/// Rows that only moved, by two thirds of a deviation, change nothing.
#[test]
fn covariate_shift_is_quiet() {
    let mut small = 0;
    for seed in 0..100 {
        let mut rng = Rng::new(seed * 31 + 7);
        let found = &compared(
            &binary(&mut rng, 2000, 0.0, 0.0),
            &binary(&mut rng, 2000, 1.0, 0.0),
        )[0];
        assert!(found.effect < 0.05, "{}", found.effect);
        small += u32::from(found.p_value.is_some_and(|p| p < 0.05));
        let found = &compared(
            &numbers(&mut rng, 2000, 0.0, 0.0),
            &numbers(&mut rng, 2000, 7.0, 0.0),
        )[0];
        assert!(found.effect < 0.05, "{}", found.effect);
    }
    println!("p < 0.05 in {small} of 100");
    assert!(small <= 14, "{small}");
}

#[test]
fn outcomes_that_changed_are_found() {
    let mut found = 0;
    for seed in 0..50 {
        let mut rng = Rng::new(seed * 31 + 11);
        let of_classes = &compared(
            &binary(&mut rng, 4000, 0.0, 0.0),
            &binary(&mut rng, 4000, 0.5, 0.8),
        )[0];
        let of_numbers = &compared(
            &numbers(&mut rng, 1000, 0.0, 0.0),
            &numbers(&mut rng, 1000, 3.0, 1.0),
        )[0];
        // Half a deviation of the error: total variation 0.197, and noise.
        let statistic = of_numbers.statistic.unwrap_or(0.0);
        assert!(
            (statistic - 0.2).abs() < 0.06 && of_numbers.effect > 0.08,
            "{statistic}"
        );
        found += u32::from(of_classes.effect >= 0.05 && of_classes.p_value < Some(1e-6));
    }
    println!("found in {found} of 50");
    assert!(found >= 48, "{found}");
}
