//! Estimates against the truth, on rows whose law is known: labels with log-odds
//! `1.5 x1 + 1.2 x1 x2 ...` as in the project's simulation, a score that knows
//! of `x1` alone.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_check_estimated_performance::classes::accuracies;
use driftguard_check_estimated_performance::{Asked, Frame, Profile, Row, Task, compare, describe};
use driftguard_distribution::coded::{Coding, ColumnFrame};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Context, Finding, Nature, Status};

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// One side: inputs and rows without codes.
struct Drawn {
    inputs: [Vec<f64>; 2],
    rows: Vec<Row>,
}

/// Labels with log-odds `1.5 x1 + 1.2 x2 + concept`, score `logistic(1.2 x1)`.
fn draw(seed: u64, n: u64, shift: f64, concept: f64) -> Drawn {
    let mut rng = Rng::new(seed);
    let mut drawn = Drawn {
        inputs: [vec![], vec![]],
        rows: vec![],
    };
    for position in 0..n {
        let (x1, x2) = (rng.normal() + shift, rng.normal() + 0.8 * shift);
        let label = rng.uniform() < logistic(1.5 * x1 + 1.2 * x2 + concept);
        let score = logistic(1.2 * x1);
        drawn.inputs[0].push(x1);
        drawn.inputs[1].push(x2);
        drawn.rows.push(Row {
            position,
            codes: vec![],
            score,
            positive: score >= 0.5,
            outcome: Some(f64::from(u8::from(label))),
        });
    }
    drawn
}

/// Codes by bins of the first side.
fn coded(mut sides: [Drawn; 2]) -> ([Vec<Row>; 2], Vec<Coding>) {
    let codings: Vec<Coding> = sides[0]
        .inputs
        .iter()
        .cloned()
        .map(Coding::of_numbers)
        .collect();
    for side in &mut sides {
        for (coding, values) in codings.iter().zip(&side.inputs) {
            let rows = side.rows.iter_mut().zip(values);
            rows.for_each(|(row, value)| row.codes.push(coding.number(*value)));
        }
    }
    (sides.map(|side| side.rows), codings)
}

fn truth(rows: &[Row]) -> f64 {
    let right = rows
        .iter()
        .filter(|row| row.outcome == Some(f64::from(u8::from(row.positive))));
    right.count() as f64 / rows.len() as f64
}

const ROWS: u64 = 100_000;

/// Truth .7825 and .6985; the unweighted estimate .741, the weighted .7835; ESS
/// .36 of the rows.
#[test]
fn weights_follow_a_shift_that_scores_do_not_know_of() {
    let ([reference, current], _) = coded([draw(1, ROWS, 0.0, 0.0), draw(2, ROWS, 0.8, 0.0)]);
    let (plain, weighted, share) = accuracies(&reference, &current, &[true; 2]).unwrap();
    let truth = truth(&current);
    println!("truth {truth:.4} cbpe {plain:.4} pape {weighted:.4} ess {share:.3}");
    assert!((truth - 0.7825).abs() < 0.004, "{truth}");
    assert!((plain - 0.741).abs() < 0.004, "{plain}");
    assert!((weighted - 0.7835).abs() < 0.006, "{weighted}");
    assert!((share - 0.36).abs() < 0.1, "{share}");
}

#[test]
fn without_a_shift_both_say_what_is_true() {
    let ([reference, current], _) = coded([draw(3, ROWS, 0.0, 0.0), draw(4, ROWS, 0.0, 0.0)]);
    let (plain, weighted, share) = accuracies(&reference, &current, &[true; 2]).unwrap();
    println!(
        "truth {:.4} cbpe {plain:.4} pape {weighted:.4} ess {share:.3}",
        truth(&current)
    );
    for found in [plain, weighted, truth(&current)] {
        assert!((found - 0.7).abs() < 0.005, "{found}");
    }
    assert!(share > 0.95, "{share}");
}

/// Truth .682: neither sees it, and neither may.
#[test]
fn a_changed_concept_is_not_seen() {
    let ([reference, current], _) = coded([draw(5, ROWS, 0.0, 0.0), draw(6, ROWS, 0.0, -1.0)]);
    let (plain, weighted, _) = accuracies(&reference, &current, &[true; 2]).unwrap();
    println!(
        "truth {:.4} cbpe {plain:.4} pape {weighted:.4}",
        truth(&current)
    );
    assert!((truth(&current) - 0.682).abs() < 0.005);
    assert!((plain - 0.7005).abs() < 0.004 && (weighted - 0.7005).abs() < 0.004);
}

fn profiles(sides: [Drawn; 2]) -> (Frame, [Profile; 2]) {
    let (rows, codings) = coded(sides);
    let columns = codings.into_iter().zip(["x1", "x2"]);
    let frame = Frame {
        columns: columns
            .map(|(coding, name)| ColumnFrame {
                name: name.into(),
                coding,
            })
            .collect(),
        task: Task::Scored {
            positive: "1".into(),
        },
        score: "score".into(),
        ..Frame::default()
    };
    let profile = |(labels, rows): (bool, Vec<Row>)| {
        let mut profile = Profile::new(5000);
        for mut row in rows {
            row.outcome = row.outcome.filter(|_| labels);
            profile.add(row);
        }
        profile.note_columns(&[true, true]);
        profile
    };
    let [reference, current] = rows;
    (
        frame,
        [profile((true, reference)), profile((false, current))],
    )
}

fn found(sides: [Drawn; 2]) -> Vec<Finding> {
    let (frame, [reference, current]) = profiles(sides);
    let context = Context::new(vec![], &describe().settings, vec![]);
    compare(&frame, &reference, &current, Asked::of(&context).unwrap()).unwrap()
}

/// Rows that the model is worse on: inputs near 0.
#[test]
fn a_harmful_shift_is_found_and_says_what_it_cannot_see() {
    let mut current = draw(8, 0, 0.0, 0.0);
    let pool = draw(9, 40_000, 0.0, 0.0);
    for (at, row) in pool
        .rows
        .iter()
        .enumerate()
        .filter(|(at, _)| pool.inputs[0][*at].abs() < 0.7)
    {
        current.inputs[0].push(pool.inputs[0][at]);
        current.inputs[1].push(pool.inputs[1][at]);
        current.rows.push(row.clone());
    }
    let measured = truth(&current.rows);
    let findings = found([draw(7, 20_000, 0.0, 0.0), current]);
    let accuracy = findings
        .iter()
        .find(|one| one.metric == "accuracy/pape/v1")
        .unwrap();
    assert!(
        accuracy.effect > 0.1 && accuracy.p_value < Some(1e-6),
        "{accuracy:?}"
    );
    assert!(accuracy.nature == Nature::Measurement && accuracy.status == Status::Ok);
    println!("measured {measured:.4}: {}", accuracy.message);
    assert!(
        findings
            .iter()
            .all(|one| one.message.contains("blind to concept drift"))
    );
}

/// A chance of 5 % at 60 runs: up to 8.
#[test]
fn nothing_moved_nothing_is_found() {
    let mut alarms = [0; 2];
    for seed in 0..60 {
        let findings = found([
            draw(100 + seed, 3000, 0.0, 0.0),
            draw(900 + seed, 3000, 0.0, 0.0),
        ]);
        for (alarms, metric) in alarms.iter_mut().zip(["accuracy/pape/v1", "auc/pape/v1"]) {
            let one = findings.iter().find(|one| one.metric == metric).unwrap();
            *alarms += u32::from(one.p_value.unwrap() < 0.05);
        }
    }
    println!("{alarms:?} of 60 below 0.05");
    assert!(alarms.iter().all(|alarms| *alarms <= 8), "{alarms:?}");
}

/// Where the reference has hardly any rows there is no estimate.
#[test]
fn far_away_the_estimate_is_refused() {
    let findings = found([draw(11, 5000, 0.0, 0.0), draw(12, 5000, 6.0, 0.0)]);
    assert_eq!(
        findings[0].status,
        Status::InsufficientData,
        "{:?}",
        findings[0]
    );
    let measurements = findings
        .iter()
        .filter(|one| one.nature == Nature::Measurement);
    assert_eq!(measurements.count(), 1);
}
