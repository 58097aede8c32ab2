//! Labels held against what their inputs foretell: no score is needed.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{Outcomes, Values};
use driftguard_check_label_drift::{Both, By, InputModel, LabelDrift, Limits, Profile, compare_by};
use driftguard_distribution::coded::{Coding, ColumnFrame};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Error, Finding, Status, Subject};

/// Three inputs of which two tell the label where they are far from the middle,
/// and a share of flipped labels.
struct Side {
    inputs: Vec<Vec<f64>>,
    truth: Vec<f64>,
}

fn side(rng: &mut Rng, n: usize, centre: f64, flips: f64) -> Side {
    let inputs = vec![
        rng.normals(n, centre, 1.0),
        rng.normals(n, 0.0, 1.0),
        rng.normals(n, 5.0, 2.0),
    ];
    let truth = inputs[0].iter().zip(&inputs[1]).map(|(x, y)| {
        let chance = 1.0 / (1.0 + (-5.0 * (x + y)).exp());
        let flip = rng.uniform() < flips;
        f64::from(u8::from((rng.uniform() < chance) != flip))
    });
    let truth = truth.collect();
    Side { inputs, truth }
}

fn columns(side: &Side) -> Vec<ColumnFrame> {
    let frame = |(name, values): (&str, &Vec<f64>)| ColumnFrame {
        name: name.to_owned(),
        coding: Coding::of_numbers(values.clone()),
    };
    ["x", "y", "noise"]
        .into_iter()
        .zip(&side.inputs)
        .map(frame)
        .collect()
}

fn coded(columns: &[ColumnFrame], side: &Side) -> Vec<Vec<u8>> {
    let row = |row: usize| {
        let pairs = columns.iter().zip(&side.inputs);
        pairs
            .map(|(column, values)| column.coding.number(values[row]))
            .collect()
    };
    (0..side.truth.len()).map(row).collect()
}

fn model(side: &Side) -> InputModel {
    let columns = columns(side);
    let rows = coded(&columns, side);
    let truth = Values::Numbers(side.truth.clone());
    InputModel::of(columns, &rows, ("paid", truth), "", &Limits::default())
}

fn outcomes(model: &InputModel, columns: &[ColumnFrame], side: &Side) -> Outcomes {
    let mut outcomes = Outcomes::new(&model.sure.outcomes);
    model.add(
        &mut outcomes,
        &coded(columns, side),
        Values::Numbers(side.truth.clone()),
    );
    outcomes
}

fn compared(before: &Side, now: &Side) -> Vec<Finding> {
    let (model, columns) = (model(before), columns(before));
    let (p, q) = (
        outcomes(&model, &columns, before),
        outcomes(&model, &columns, now),
    );
    compare_by(By::Inputs, &model.sure, &p, &q, &Limits::default()).unwrap()
}

#[test]
fn flips_are_found_and_chance_is_not() {
    let (mut small, mut alarms, mut found) = (0, 0, 0);
    for seed in 0..60 {
        let mut rng = Rng::new(seed * 31 + 5);
        let before = side(&mut rng, 2_500, 0.0, 0.02);
        let same = &compared(&before, &side(&mut rng, 2_500, 0.0, 0.02))[0];
        small += u32::from(same.p_value < Some(0.05));
        alarms += u32::from(same.effect >= 0.05 && same.p_value < Some(0.05));
        let flipped = &compared(&before, &side(&mut rng, 2_500, 0.0, 0.12))[0];
        assert!((flipped.effect - 0.1).abs() < 0.05, "{flipped:?}");
        found += u32::from(flipped.effect >= 0.05 && flipped.p_value < Some(1e-6));
        // Inputs that moved are no flips.
        let moved = &compared(&before, &side(&mut rng, 2_500, 0.7, 0.02))[0];
        alarms += u32::from(moved.effect >= 0.05);
    }
    println!("p < 0.05 in {small} of 60, alarms {alarms}; found in {found} of 60");
    assert!(
        small <= 12 && alarms <= 2 && found >= 58,
        "{small} {alarms} {found}"
    );
}

#[test]
fn both_kinds_are_told() {
    let mut rng = Rng::new(3);
    let before = side(&mut rng, 3_000, 0.0, 0.0);
    let found = &compared(&before, &side(&mut rng, 3_000, 0.0, 0.15))[0];
    assert_eq!(found.subject, Subject::Column("paid".into()));
    let words = "of the labels contradict what their inputs surely foretell";
    assert!(found.message.contains(words), "{}", found.message);
    assert!(
        found
            .message
            .ends_with("both kinds of label do, as flipped labels would")
    );
}

/// Rows that the model learnt from are foretold by trees that did not: nothing
/// can be sure of labels that are noise.
#[test]
fn noise_is_not_learnt_by_heart() {
    let mut rng = Rng::new(4);
    let mut before = side(&mut rng, 3_000, 0.0, 0.0);
    before
        .truth
        .iter_mut()
        .for_each(|y| *y = f64::from(u8::from(rng.uniform() < 0.5)));
    let findings = compared(&before, &before);
    assert_eq!(findings[0].status, Status::NotApplicable);
}

#[test]
fn no_two_classes_no_model() {
    let mut rng = Rng::new(5);
    let mut before = side(&mut rng, 900, 0.0, 0.0);
    before.truth.iter_mut().for_each(|y| *y = 1.0);
    before.truth.iter_mut().step_by(3).for_each(|y| *y = 2.0);
    before.truth.iter_mut().step_by(2).for_each(|y| *y = 3.5);
    assert!(compared(&before, &before).is_empty());
}

#[test]
fn merging_is_one_pass_and_forged_states_are_refused() {
    let mut rng = Rng::new(6);
    let all = side(&mut rng, 1_200, 0.0, 0.0);
    let (model, columns) = (model(&all), columns(&all));
    let part = |rows: std::ops::Range<usize>| Side {
        inputs: all
            .inputs
            .iter()
            .map(|values| values[rows.clone()].to_vec())
            .collect(),
        truth: all.truth[rows].to_vec(),
    };
    let profile = |side: &Side| Profile {
        inputs: outcomes(&model, &columns, side),
        ..Profile::default()
    };
    let frame = Both {
        inputs: model.clone(),
        ..Both::default()
    };
    let context = Context::new(vec![], &LabelDrift::describe().settings, vec![]);
    let mut merged = profile(&part(0..500));
    LabelDrift::merge(&mut merged, profile(&part(500..1_200)), &context, &frame).unwrap();
    assert_eq!(merged, profile(&all));
    let torn = Profile::default();
    assert!(matches!(
        LabelDrift::merge(&mut merged, torn, &context, &frame),
        Err(Error::State(_))
    ));
}
