//! Laws; measured: looks at any time, a loss that doubled.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{Sample, Values};
use driftguard_check_performance_sequence::profile::MOST_ROWS;
use driftguard_check_performance_sequence::{Frame, PerformanceSequence, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Error, Status};

/// Rows of which this share is answered wrongly.
fn side(rng: &mut Rng, n: usize, wrong: f64) -> Sample {
    let mut truth = vec![];
    let mut said = vec![];
    for _ in 0..n {
        let y = f64::from(u8::from(rng.uniform() < 0.5));
        said.push(if rng.uniform() < wrong { 1.0 - y } else { y });
        truth.push(y);
    }
    Sample {
        label: Some(("y".into(), Values::Numbers(truth))),
        prediction: Some(("p".into(), Values::Numbers(said))),
        score: None,
        ..Sample::default()
    }
}

fn rows(sample: &Sample) -> u64 {
    sample.label.as_ref().map_or(0, |(_, values)| values.len()) as u64
}

fn profile(frame: &Frame, sample: &Sample) -> Profile {
    let mut profile = Profile::default();
    profile.add(frame, rows(sample), sample);
    profile
}

fn merged(frame: &Frame, parts: &[&Profile]) -> Profile {
    let context = Context::new(vec![], &PerformanceSequence::describe().settings, vec![]);
    let mut all = Profile::default();
    for part in parts {
        PerformanceSequence::merge(&mut all, (*part).clone(), &context, frame).unwrap();
    }
    all
}

#[test]
fn joining_is_associative_and_keeps_the_first_rows() {
    let mut rng = Rng::new(1);
    let sample = side(&mut rng, 20_000, 0.1);
    let frame = Frame::of(&sample, 0.5, "");
    let parts = [0.1, 0.5, 0.9].map(|wrong| profile(&frame, &side(&mut rng, 14_000, wrong)));
    let [a, b, c] = &parts;
    let left = merged(&frame, &[&merged(&frame, &[a, b]), c]);
    let right = merged(&frame, &[a, &merged(&frame, &[b, c])]);
    assert_eq!(left, right);
    assert_eq!((left.labelled, left.kept()), (42_000, MOST_ROWS as u64));
}

#[test]
fn nothing_to_compare_and_forged_states() {
    let sample = side(&mut Rng::new(2), 500, 0.1);
    let frame = Frame::of(&sample, 0.5, "");
    let good = profile(&frame, &sample);
    let none = compare(&frame, &good, &Profile::default(), 0.01, 0.03).unwrap();
    assert_eq!(none[0].status, Status::InsufficientData);
    let mut torn = good.clone();
    torn.labelled += 1;
    assert!(matches!(
        compare(&frame, &torn, &good, 0.01, 0.03),
        Err(Error::State(_))
    ));
    let broken = Frame {
        whole: f64::NAN,
        ..frame
    };
    assert!(matches!(
        compare(&broken, &good, &good, 0.01, 0.03),
        Err(Error::State(_))
    ));
}

#[test]
fn looking_all_the_time_does_not_alarm() {
    let mut alarms = 0;
    for seed in 0..100 {
        let mut rng = Rng::new(seed * 31 + 3);
        let reference = side(&mut rng, 2000, 0.1);
        let frame = Frame::of(&reference, 0.5, "");
        let (before, mut now) = (profile(&frame, &reference), Profile::default());
        let looks = (0..40).any(|_| {
            now = merged(&frame, &[&now, &profile(&frame, &side(&mut rng, 50, 0.1))]);
            compare(&frame, &before, &now, 0.01, 0.03).unwrap()[0].effect > 0.0
        });
        alarms += u32::from(looks);
    }
    println!("alarms {alarms} of 100 runs");
    assert!(alarms <= 3, "{alarms}");
}

#[test]
fn a_loss_that_doubled_is_found() {
    let mut found = 0;
    for seed in 0..20 {
        let mut rng = Rng::new(seed * 31 + 3);
        let reference = side(&mut rng, 4000, 0.15);
        let frame = Frame::of(&reference, 0.5, "");
        let now = side(&mut rng, 4000, 0.30);
        let findings = compare(
            &frame,
            &profile(&frame, &reference),
            &profile(&frame, &now),
            0.01,
            0.03,
        );
        found += u32::from(findings.unwrap()[0].effect >= 0.10);
    }
    println!("found {found} of 20");
    assert!(found >= 19, "{found}");
}
