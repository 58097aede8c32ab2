//! Scores of several classes: what is measured, how often it seems to fall, how
//! small a fall is found.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

mod answers;

use answers::{compared, measured, profile};
use driftguard_answers::{Sample, Values};
use driftguard_check_performance::{Frame, Performance, Profile};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Finding, Status};
use proptest::prelude::*;

const CLASSES: [&str; 3] = ["blue", "green", "red"];

/// Rows of three classes with these shares; `sharp` tells how well the scores of
/// each class rank.
fn sample(rng: &mut Rng, rows: usize, shares: [f64; 3], sharp: [f64; 3]) -> Sample {
    let mut truth = vec![];
    let mut scores = vec![vec![]; 3];
    for _ in 0..rows {
        let draw = rng.uniform() * shares.iter().sum::<f64>();
        let class = usize::from(draw >= shares[0]) + usize::from(draw >= shares[0] + shares[1]);
        truth.push(Some(CLASSES[class]));
        let odds: Vec<f64> = (0..3)
            .map(|of| (rng.normal() + if of == class { sharp[of] } else { 0.0 }).exp())
            .collect();
        let sum: f64 = odds.iter().sum();
        scores
            .iter_mut()
            .zip(odds)
            .for_each(|(list, odds)| list.push(odds / sum));
    }
    let column = |class: usize| {
        let name = format!("proba_{}", CLASSES[class]);
        (name, Values::Numbers(scores[class].clone()))
    };
    Sample {
        label: Some(("y".into(), Values::of_texts(&truth))),
        prediction: None,
        score: Some(column(2)),
        more: vec![column(0), column(1)],
    }
}

const EVEN: [f64; 3] = [1.0, 1.0, 1.0];
const SHARP: [f64; 3] = [1.5, 1.5, 1.5];

fn of<'f>(findings: &'f [Finding], metric: &str) -> &'f Finding {
    findings
        .iter()
        .find(|finding| finding.metric == metric)
        .unwrap()
}

#[test]
fn both_areas_and_the_loss_are_measured() {
    let mut rng = Rng::new(1);
    let side = |rng: &mut Rng, red| sample(rng, 4_000, EVEN, [1.5, 1.5, red]);
    let findings = compared(&side(&mut rng, 1.5), &side(&mut rng, 0.5));
    let pairs = of(&findings, "auc/pairs/hand-till/v1");
    assert!(
        pairs.effect > 0.10 && pairs.p_value < Some(1e-6),
        "{pairs:?}"
    );
    assert!(pairs.message.contains("most for red"), "{}", pairs.message);
    let table = &pairs.evidence[0];
    assert_eq!(table.labels, CLASSES);
    let falls: Vec<f64> = table
        .reference
        .iter()
        .zip(&table.current)
        .map(|(p, q)| p - q)
        .collect();
    assert!(falls[2] > 2.0 * falls[0].max(falls[1]), "{falls:?}");
    let loss = of(&findings, "log-loss/clip1e-15/v1");
    assert!(loss.message.contains("log-loss rose"), "{}", loss.message);
    // Without a prediction the highest score is the answer.
    assert!(
        of(&findings, "accuracy/v1")
            .message
            .contains("accuracy fell")
    );
}

/// A class that becomes frequent moves the area against the rest, and not the
/// one over pairs: the scores of green rank blue below it better than red.
#[test]
fn shares_of_classes_do_not_move_the_area_over_pairs() {
    let mut rng = Rng::new(2);
    let side = |rng: &mut Rng, shares| sample(rng, 20_000, shares, [4.0, 1.5, 0.2]);
    let findings = compared(&side(&mut rng, EVEN), &side(&mut rng, [6.0, 1.0, 1.0]));
    let sides = |metric| {
        let finding = of(&findings, metric);
        finding.unit_effect.as_ref().unwrap().value
    };
    let (pairs, rest) = (
        sides("auc/pairs/hand-till/v1"),
        sides("auc/one-against-rest/macro/v1"),
    );
    assert!(
        pairs.abs() < 0.012 && rest.abs() > 2.0 * pairs.abs(),
        "{pairs} {rest}"
    );
}

#[test]
fn a_class_without_scores_is_told() {
    let mut rng = Rng::new(3);
    let mut whole = sample(&mut rng, 900, EVEN, SHARP);
    let said: Vec<Option<&str>> = (0..900).map(|row| Some(CLASSES[row % 3])).collect();
    whole.prediction = Some(("p".into(), Values::of_texts(&said)));
    let mut without = whole.clone();
    without.more.pop();
    let findings = compared(&without, &without);
    let pairs = of(&findings, "auc/pairs/hand-till/v1");
    assert_eq!(pairs.status, Status::NotApplicable);
    assert!(
        pairs
            .message
            .contains("no score is named after the class green"),
        "{}",
        pairs.message
    );
    assert_eq!(of(&findings, "accuracy/v1").status, Status::Ok);
    // A column that the current side lost: nothing can be ranked any more.
    let findings = compared(&whole, &without);
    assert_eq!(
        of(&findings, "auc/pairs/hand-till/v1").status,
        Status::InsufficientData
    );
    // Scores that are no shares cost nothing.
    let mut logits = whole.clone();
    for (_, values) in logits.score.iter_mut().chain(&mut logits.more) {
        *values = Values::Numbers(values.numbers().iter().map(|x| 3.0 * x - 1.0).collect());
    }
    let findings = compared(&logits, &logits);
    assert!(
        findings
            .iter()
            .all(|finding| finding.metric != "log-loss/clip1e-15/v1")
    );
    assert_eq!(of(&findings, "auc/pairs/hand-till/v1").status, Status::Ok);
}

#[test]
fn equal_answers_rarely_seem_worse_and_a_material_fall_is_found() {
    let (mut small, mut alarms, mut found) = (0, 0, 0);
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let mut side = |sharp| sample(&mut rng, 600, [3.0, 2.0, 1.0], sharp);
        let findings = compared(&side(SHARP), &side(SHARP));
        let pairs = of(&findings, "auc/pairs/hand-till/v1");
        small += u32::from(pairs.p_value < Some(0.05));
        let alerts = |f: &&&Finding| f.effect >= 0.05 && f.p_value < Some(0.05);
        alarms += u32::from(measured(&findings).iter().any(|f| alerts(&f)));
    }
    for seed in 0..50 {
        let mut rng = Rng::new(1_000 + seed);
        let mut side = |sharp| sample(&mut rng, 3_000, [3.0, 2.0, 1.0], sharp);
        let findings = compared(&side(SHARP), &side([1.1; 3]));
        let pairs = of(&findings, "auc/pairs/hand-till/v1");
        found += u32::from(pairs.effect >= 0.10 && pairs.p_value < Some(1e-3));
    }
    println!("p < 0.05 in {small} of 200, an alert in {alarms}; found in {found} of 50");
    assert!(
        small <= 18 && alarms <= 14 && found >= 47,
        "{small} {alarms} {found}"
    );
}

proptest! {
    #[test]
    fn merge_is_one_pass(seed in 0u64..500, cut in 1usize..150) {
        let mut rng = Rng::new(seed);
        let whole = sample(&mut rng, 150, EVEN, SHARP);
        let frame = Frame::of(&whole, 0.5, "");
        let part = |range: std::ops::Range<usize>| {
            let cut = |values: &Values| match values {
                Values::Numbers(values) => Values::Numbers(values[range.clone()].to_vec()),
                Values::Codes(codes, words) => Values::Codes(codes[range.clone()].to_vec(), words.clone()),
            };
            let column = |(name, values): &(String, Values)| (name.clone(), cut(values));
            let mut profile = Profile::new(&frame);
            let sample = Sample {
                label: whole.label.as_ref().map(column),
                prediction: None,
                score: whole.score.as_ref().map(column),
                more: whole.more.iter().map(column).collect(),
            };
            profile.add(&frame, range.len() as u64, &sample, &[]).unwrap();
            profile
        };
        let context = Context::new(vec![], &Performance::describe().settings, vec![]);
        let mut merged = part(0..cut);
        Performance::merge(&mut merged, part(cut..150), &context, &frame).unwrap();
        prop_assert_eq!(&merged, &profile(&frame, &whole));
        let other = Frame::of(&answers::binary(&mut rng, 60, 0.5, 1.0), 0.5, "");
        prop_assert!(Performance::merge(&mut Profile::new(&other), merged, &context, &other).is_err());
    }
}
