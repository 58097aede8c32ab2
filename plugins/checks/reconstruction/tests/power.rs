//! How often it fires on nothing, and what it finds.

mod rows;

use driftguard_check_reconstruction::compare;
use driftguard_sdk::prelude::Finding;
use rows::{frame, profile, rows};

fn compared(reference: &[Vec<f64>], current: &[Vec<f64>]) -> Finding {
    let frame = frame(reference);
    let (p, q) = (
        profile(&frame, reference, 4096),
        profile(&frame, current, 4096),
    );
    compare(&frame, &p, &q, 200).unwrap().remove(0)
}

/// 300 pairs of equal law; the frame is that of the first, which would look
/// closer to its own components without the two halves.
#[test]
fn false_alarms_and_noise() {
    let (mut alarms, mut sum, mut square, mut mean, mut noise) = (0, 0.0, 0.0, 0.0, 0.0);
    for run in 0..300 {
        let finding = compared(&rows(run, 300), &rows(run + 9_000, 300));
        let statistic = finding.statistic.unwrap();
        alarms += u32::from(finding.p_value.unwrap() < 0.05);
        sum += statistic / 300.0;
        square += statistic * statistic / 300.0;
        mean += finding.noise.unwrap().mean / 300.0;
        noise += finding.noise.unwrap().sd / 300.0;
    }
    let sd = (square - sum * sum).sqrt();
    let words = format!("{alarms} of 300, mean {sum:.4} ({mean:.4}), sd {sd:.4} ({noise:.4})");
    assert!((3..=24).contains(&alarms), "{words}");
    assert!(
        (sum / mean - 1.0).abs() < 0.1 && (sd / noise - 1.0).abs() < 0.2,
        "{words}"
    );
}

/// Every marginal stays as it is.
#[test]
fn a_column_out_of_step_with_its_rows() {
    for run in 0..20 {
        let mut after = rows(run + 500, 300);
        let column: Vec<f64> = after.iter().map(|row| row[4]).collect();
        after
            .iter_mut()
            .enumerate()
            .for_each(|(i, row)| row[4] = column[(i + 1) % 300]);
        let finding = compared(&rows(run, 300), &after);
        assert!(
            finding.p_value.unwrap() < 1e-3 && finding.effect > 0.1,
            "{}",
            finding.message
        );
        assert!(
            finding.message.contains("most in `x4`"),
            "{}",
            finding.message
        );
    }
}

#[test]
fn two_columns_exchanged() {
    for run in 0..20 {
        let mut after = rows(run + 500, 300);
        after.iter_mut().for_each(|row| row.swap(0, 4));
        let finding = compared(&rows(run, 300), &after);
        assert!(
            finding.p_value.unwrap() < 1e-3 && finding.effect > 0.2,
            "{}",
            finding.message
        );
    }
}
