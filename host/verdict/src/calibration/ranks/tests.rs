use proptest::prelude::*;

use super::*;
use crate::calibration::Score;
use crate::finding::Noise;

fn unit(values: &[f64]) -> UnitScores {
    let score = |(at, value): (usize, &f64)| Score {
        check: "drift".into(),
        metric: "d/v1".into(),
        subject: Subject::Column(format!("column {at}")),
        statistic: *value,
        noise: Some(Noise { mean: 0.0, sd: 1.0 }),
        effect: *value,
        n_reference: 1_000,
        n_current: 100,
    };
    UnitScores {
        name: "unit".into(),
        phase: None,
        rows: 100,
        scores: values.iter().enumerate().map(score).collect(),
    }
}

/// A fixed sequence without structure (the fractional parts of a multiple of
/// the golden ratio), for tests that need no chance.
fn spread(count: usize, columns: usize) -> Vec<UnitScores> {
    let value = |at: usize| (at as f64 * 0.618_033_988_749_895).fract();
    (0..count)
        .map(|k| {
            unit(
                &(0..columns)
                    .map(|j| value(1 + k * columns + j))
                    .collect::<Vec<_>>(),
            )
        })
        .collect()
}

#[test]
fn one_column_far_out_is_named_and_ranks_first() {
    let periods = spread(39, 5);
    let found = calibrate(&periods, &[unit(&[0.5, 0.5, 9.0, 0.5, 0.5])], 0.05).unwrap();
    assert_eq!(found.periods, 39);
    assert!((found.p_value - 1.0 / 40.0).abs() < 1e-12);
    let named: Vec<_> = found
        .subjects
        .iter()
        .filter(|subject| subject.named)
        .collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].subject, Subject::Column("column 2".into()));
    let usual = calibrate(&periods[1..], &periods[..1], 0.05).unwrap();
    assert!(usual.p_value > 0.05);
}

#[test]
fn the_larger_rank_tells_those_apart_that_share_the_smaller() {
    let ranks = joint_ranks(&[9.0, 8.0, 1.0], &[1.0, 9.0, 2.0]);
    assert_eq!(ranks, [[1, 3], [1, 2], [2, 3]]);
    // Equal ones share the larger rank, in both views.
    let ranks = joint_ranks(&[4.0, 4.0, 1.0], &[3.0, 3.0, 3.0]);
    assert_eq!(ranks, [[2, 3], [2, 3], [3, 3]]);
    assert!(joint_ranks(&[], &[]).is_empty());
}

#[test]
fn with_few_periods_nothing_is_named() {
    let found = calibrate(&spread(10, 3), &[unit(&[9.0, 9.0, 9.0])], 0.05).unwrap();
    assert!((found.p_value - 1.0 / 11.0).abs() < 1e-12);
    assert!(found.subjects.iter().all(|subject| !subject.named));
    assert!(calibrate(&[], &[unit(&[1.0])], 0.05).is_none());
}

#[test]
fn the_bound_that_is_printed_is_the_published_one() {
    // Methods 2.2: K = 60 with r = 1 has an upper bound of 4.9 %; at 5 % r is 3.
    assert!((beta_inverse(0.95, 1.0, 60.0) - 0.049).abs() < 5e-4);
    let found = calibrate(&spread(30, 2), &[unit(&[0.1, 0.2])], 0.05).unwrap();
    assert!(
        (found.conditional_upper - 0.095).abs() < 5e-4,
        "K = 30, r = 1: 9.5 %"
    );
}

#[test]
fn a_run_is_ranked_among_runs() {
    let mut units = spread(60, 3);
    // Three in a row, each no rarer than many: together they are.
    for at in [5, 17, 23, 38, 44] {
        units[at] = unit(&[2.5, 0.5, 0.5]);
    }
    let now = [
        unit(&[2.0, 0.5, 0.5]),
        unit(&[2.0, 0.4, 0.2]),
        unit(&[2.0, 0.1, 0.6]),
    ];
    let alone = calibrate(&units, &now[..1], 0.05).unwrap();
    let together = calibrate(&units, &now, 0.05).unwrap();
    assert!(alone.p_value > 0.05, "{}", alone.p_value);
    assert!(
        (together.p_value - 1.0 / 63.0).abs() < 1e-12,
        "{}",
        together.p_value
    );
    assert!(together.subjects[0].named && !together.subjects[1].named);
    // Twenty runs of three have no unit in common: 1 - 0.05^(1 / 20).
    assert!((together.conditional_upper - 0.1391).abs() < 5e-4);
}

#[test]
fn a_step_is_ranked_among_steps() {
    let level = |value: f64| unit(&[value, 0.5]);
    let climb: Vec<UnitScores> = (0..40)
        .map(|at| level(f64::from(at) + f64::from(at % 3) * 0.1))
        .collect();
    let next = calibrate(&climb, &[level(40.0)], 0.05).unwrap();
    assert!(next.p_value <= 0.05 && next.step_p_value > 0.2, "{next:?}");
    let jump = calibrate(&climb, &[level(60.0)], 0.05).unwrap();
    assert!((jump.step_p_value - 1.0 / 40.0).abs() < 1e-12, "{jump:?}");
}

proptest! {
    /// The same of runs: over the ways to turn the ring.
    #[test]
    fn false_alarms_of_runs_are_bounded_whatever_the_scores(
        values in prop::collection::vec(prop::collection::vec(-3.0_f64..3.0, 3), 20..30), length in 2_usize..6,
    ) {
        let mut units: Vec<UnitScores> = values.iter().map(|row| unit(row)).collect();
        let mut alarms = 0;
        for _ in 0..units.len() {
            units.rotate_left(1);
            let (periods, current) = units.split_at(units.len() - length);
            let found = calibrate(periods, current, 0.1).unwrap();
            alarms += usize::from(found.p_value <= 0.1);
        }
        prop_assert!(alarms as f64 <= 0.1 * units.len() as f64 + 1e-9, "{alarms} of {}", units.len());
    }

    /// Exact: over the K + 1 ways to choose which unit is the current one, at
    /// most alpha (K + 1) have a p-value of alpha or less.
    #[test]
    fn false_alarms_are_bounded_whatever_the_scores(
        values in prop::collection::vec(prop::collection::vec(-3.0_f64..3.0, 3), 20..30),
    ) {
        let units: Vec<UnitScores> = values.iter().map(|row| unit(row)).collect();
        let mut alarms = 0;
        for at in 0..units.len() {
            let mut periods = units.clone();
            let current = periods.remove(at);
            let found = calibrate(&periods, &[current], 0.05).unwrap();
            alarms += usize::from(found.p_value <= 0.05);
        }
        prop_assert!(alarms as f64 <= 0.05 * units.len() as f64 + 1e-9, "{alarms} of {}", units.len());
    }

    /// The order of periods changes nothing but the health.
    #[test]
    fn the_order_of_periods_does_not_matter(rotate in 1_usize..19) {
        let periods = spread(20, 4);
        let current = [unit(&[0.9, 0.1, 2.0, 0.3])];
        let mut turned = periods.clone();
        turned.rotate_left(rotate);
        let (left, right) = (calibrate(&periods, &current, 0.1).unwrap(), calibrate(&turned, &current, 0.1).unwrap());
        prop_assert_eq!(left.p_value, right.p_value);
        let mut subjects = left.subjects;
        for subject in &mut subjects {
            subject.periods.rotate_left(rotate);
        }
        prop_assert_eq!(subjects, right.subjects);
    }
}
