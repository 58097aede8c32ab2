//! Laws and degenerate inputs; measured: false alarms, flips found, a worse
//! model that is no flip.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{Outcomes, Sample, Values};
use driftguard_check_label_drift::{Both, Frame, LabelDrift, Limits, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Error, Finding, Nature, Status, Subject};

/// Rows of two classes that a score of this sharpness tells apart, and a share
/// of flipped labels.
fn side(rng: &mut Rng, n: usize, sharp: f64, flips: f64) -> Sample {
    let mut truth = vec![];
    let mut scores = vec![];
    for _ in 0..n {
        let positive = rng.uniform() < 0.5;
        let lean = if positive { sharp } else { -sharp };
        scores.push(1.0 / (1.0 + (-2.0 * sharp * (lean + rng.normal())).exp()));
        let flip = rng.uniform() < flips;
        truth.push(f64::from(u8::from(positive != flip)));
    }
    Sample {
        label: Some(("paid".into(), Values::Numbers(truth))),
        prediction: None,
        score: Some(("score".into(), Values::Numbers(scores))),
        ..Sample::default()
    }
}

fn outcomes(frame: &Frame, sample: &Sample) -> Outcomes {
    let mut outcomes = Outcomes::new(&frame.outcomes);
    let rows = frame.outcomes.question.rows(sample);
    outcomes.add(&frame.outcomes, rows.truth.len() as u64, &rows);
    outcomes
}

fn compared(reference: &Sample, current: &Sample) -> Vec<Finding> {
    let limits = Limits::default();
    let frame = Frame::of(reference, "", &limits);
    let (p, q) = (outcomes(&frame, reference), outcomes(&frame, current));
    compare(&frame, &p, &q, &limits).unwrap()
}

#[test]
fn a_finding_has_all_that_the_host_weighs() {
    let mut rng = Rng::new(1);
    let (before, now) = (
        side(&mut rng, 3000, 1.5, 0.0),
        side(&mut rng, 2000, 1.5, 0.1),
    );
    let [found] = &compared(&before, &now)[..] else {
        panic!("one finding")
    };
    assert_eq!(
        (found.nature, found.status),
        (Nature::Measurement, Status::Ok)
    );
    assert_eq!(found.subject, Subject::Column("paid".into()));
    assert!(found.noise.unwrap().sd > 0.0 && found.p_value.is_some());
    let interval = found.interval.unwrap();
    assert!(interval.low <= found.effect && found.effect <= interval.high);
    assert_eq!(found.evidence[0].labels, ["1", "0"]);
    assert!(
        found
            .message
            .ends_with("both kinds of label do, as flipped labels would"),
        "{}",
        found.message
    );
}

#[test]
fn where_nobody_is_sure_nothing_can_be_said() {
    let mut rng = Rng::new(2);
    let (before, now) = (
        side(&mut rng, 3000, 0.3, 0.0),
        side(&mut rng, 3000, 0.3, 0.2),
    );
    assert_eq!(compared(&before, &now)[0].status, Status::NotApplicable);
    let few = side(&mut rng, 60, 1.5, 0.0);
    assert_eq!(
        compared(&side(&mut rng, 3000, 1.5, 0.0), &few)[0].status,
        Status::InsufficientData
    );
    let mut without = before.clone();
    without.score = None;
    assert!(compared(&without, &now).is_empty());
}

#[test]
fn one_kind_of_label_is_said_to_be_one() {
    let mut rng = Rng::new(3);
    let (before, mut now) = (
        side(&mut rng, 4000, 1.5, 0.0),
        side(&mut rng, 4000, 1.5, 0.0),
    );
    if let Some((_, Values::Numbers(truth))) = &mut now.label {
        truth
            .iter_mut()
            .filter(|y| **y == 0.0)
            .step_by(5)
            .for_each(|y| *y = 1.0);
    }
    let found = &compared(&before, &now)[0];
    assert!(
        found.message.contains("only labels that are 1 do"),
        "{}",
        found.message
    );
}

#[test]
fn forged_and_changed_states_are_refused() {
    let sample = side(&mut Rng::new(4), 3000, 1.5, 0.0);
    let limits = Limits::default();
    let frame = Frame::of(&sample, "", &limits);
    let good = outcomes(&frame, &sample);
    let empty = Outcomes::default();
    assert!(matches!(
        compare(&frame, &good, &empty, &limits),
        Err(Error::State(_))
    ));
    let mut torn = frame.clone();
    torn.says.pop();
    assert!(matches!(
        compare(&torn, &good, &good, &limits),
        Err(Error::State(_))
    ));
    let context = Context::new(vec![], &LabelDrift::describe().settings, vec![]);
    let by_score = |score: &Frame| Both {
        score: score.clone(),
        ..Both::default()
    };
    assert!(LabelDrift::begin(&context, &by_score(&frame)).is_ok());
    let other = Frame::of(
        &sample,
        "",
        &Limits {
            sure: 0.1,
            ..limits
        },
    );
    assert!(matches!(
        LabelDrift::begin(&context, &by_score(&other)),
        Err(Error::Setting(_))
    ));
}

#[test]
fn unchanged_labels_rarely_alarm() {
    let (mut small, mut alarms) = (0, 0);
    for seed in 0..300 {
        let mut rng = Rng::new(seed * 31 + 5);
        let found = &compared(
            &side(&mut rng, 1000, 1.5, 0.02),
            &side(&mut rng, 1000, 1.5, 0.02),
        )[0];
        small += u32::from(found.p_value.is_some_and(|p| p < 0.05));
        alarms += u32::from(found.effect >= 0.05 && found.p_value.is_some_and(|p| p < 0.05));
    }
    println!("p < 0.05 in {small} of 300, alarms {alarms}");
    assert!(small <= 45 && alarms <= 3, "{small} {alarms}");
}

#[test]
fn the_effect_is_the_share_of_flipped_labels() {
    let mut found = 0;
    for seed in 0..50 {
        let mut rng = Rng::new(seed * 31 + 5);
        let finding = &compared(
            &side(&mut rng, 2000, 1.5, 0.0),
            &side(&mut rng, 2000, 1.5, 0.1),
        )[0];
        assert!((finding.effect - 0.1).abs() < 0.03, "{}", finding.effect);
        found += u32::from(finding.effect >= 0.05 && finding.p_value < Some(1e-6));
    }
    println!("found in {found} of 50");
    assert!(found >= 48, "{found}");
}

/// A model that tells classes apart less well is wrong where it was unsure.
#[test]
fn a_worse_model_that_is_less_sure_is_no_flip() {
    for seed in 0..20 {
        let mut rng = Rng::new(seed * 31 + 5);
        let before = side(&mut rng, 2000, 1.5, 0.0);
        let now = side(&mut rng, 2000, 1.2, 0.0);
        assert!(compared(&before, &now)[0].effect < 0.05);
    }
}
