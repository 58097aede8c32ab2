use super::*;
use crate::calibration::Score;
use crate::finding::Noise;
use crate::{Reason, Role};

fn finding(column: &str, effect: f64) -> Finding {
    Finding {
        noise: Some(Noise {
            mean: 0.0,
            sd: 0.01,
        }),
        n_reference: 100_000,
        n_current: 5_000,
        ..crate::decision::tests::finding("drift", column, effect, Some(1e-12))
    }
}

fn unit(values: &[(&str, f64)]) -> UnitScores {
    let scores = values
        .iter()
        .filter_map(|(name, value)| Score::of(&finding(name, *value)));
    UnitScores {
        name: "unit".into(),
        phase: None,
        rows: 5_000,
        scores: scores.collect(),
    }
}

/// Periods in which `calm` differs by 0.01 and `wild` by 0.5, without structure.
fn input(periods: usize, calm: f64, wild: f64) -> CalibrationInput {
    let fraction = |at: usize| (at as f64 * 0.618_033_988_749_895).fract();
    CalibrationInput {
        unit: "day".into(),
        why: "a test".into(),
        periods: (1..=periods)
            .map(|k| {
                unit(&[
                    ("calm", 0.01 * fraction(k)),
                    ("wild", 0.5 * fraction(k + 1_000)),
                ])
            })
            .collect(),
        current: vec![unit(&[("calm", calm), ("wild", wild)])],
        part: false,
    }
}

fn decide(input: &CalibrationInput, calm: f64, wild: f64) -> (Verdict, Vec<Judged>) {
    let case = Case {
        findings: vec![finding("calm", calm), finding("wild", wild)],
        roles: BTreeMap::from([
            ("calm".into(), Role::Feature),
            ("wild".into(), Role::Feature),
        ]),
        rows_reference: 100_000,
        rows_current: 5_000,
        ..Case::default()
    };
    Calibrated::new(&Rules::default(), input)
        .unwrap()
        .decide(&case)
}

#[test]
fn an_ordinary_day_of_a_wild_column_passes_though_its_p_value_is_tiny() {
    let (verdict, judged) = decide(&input(60, 0.005, 0.3), 0.005, 0.3);
    assert_eq!(
        (verdict.level, verdict.reason),
        (Level::Pass, Reason::Stable),
        "{judged:?}"
    );
    assert!(
        judged[1]
            .why
            .contains("periods of the reference differ as much"),
        "{}",
        judged[1].why
    );
    assert!(
        verdict.guarantee.starts_with(
            "at most 5 % false alarms by rank if periods are exchangeable; K = 60 (each a day); conditional upper bound 10."
        ),
        "{}",
        verdict.guarantee
    );
}

#[test]
fn a_small_move_of_a_calm_column_blocks_where_the_same_move_of_a_wild_one_does_not() {
    let (verdict, _) = decide(&input(60, 0.12, 0.3), 0.12, 0.3);
    assert_eq!(verdict.level, Level::Block);
    let names: Vec<_> = verdict
        .suspects
        .iter()
        .map(|suspect| suspect.name.as_str())
        .collect();
    assert_eq!(names, ["calm"]);
}

#[test]
fn what_is_not_material_never_alerts_however_rare() {
    let (verdict, _) = decide(&input(60, 0.045, 0.3), 0.045, 0.3);
    assert_eq!(verdict.level, Level::Pass);
}

#[test]
fn while_learning_and_when_neighbours_are_alike_nothing_measured_blocks() {
    let (verdict, _) = decide(&input(10, 0.4, 0.3), 0.4, 0.3);
    assert_eq!(verdict.level, Level::Alert);
    assert!(
        verdict
            .guarantee
            .starts_with("no guarantee holds yet: 10 periods")
    );
    let mut trend = input(60, 0.4, 0.3);
    for (at, period) in trend.periods.iter_mut().enumerate() {
        *period = unit(&[("calm", 0.01), ("wild", 0.005 * at as f64)]);
    }
    let (verdict, _) = decide(&trend, 0.4, 0.3);
    assert_eq!(verdict.level, Level::Alert);
    assert!(
        verdict
            .guarantee
            .starts_with("no guarantee holds: neighbouring"),
        "{}",
        verdict.guarantee
    );
}

/// Threat T10: an attacker had a few shifted periods accepted, so that the
/// real shift no longer has a rare rank.
#[test]
fn a_few_poisoned_periods_do_not_make_a_large_move_pass() {
    let mut poisoned = input(60, 0.3, 0.2);
    for period in poisoned.periods.iter_mut().step_by(10) {
        *period = unit(&[("calm", 0.35), ("wild", 0.2)]);
    }
    let (verdict, judged) = decide(&poisoned, 0.3, 0.2);
    assert_eq!(verdict.level, Level::Alert, "{judged:?}");
    assert!(judged[0].why.contains("cannot tell"), "{}", judged[0].why);
}

#[test]
fn what_is_not_calibrated_is_weighed_by_its_own_p_value() {
    let mut partly = input(60, 0.3, 0.2);
    for unit in partly.periods.iter_mut().chain(&mut partly.current) {
        unit.scores
            .retain(|score| score.subject == Subject::Column("wild".into()));
    }
    let (verdict, judged) = decide(&partly, 0.3, 0.2);
    assert_eq!(verdict.level, Level::Block);
    assert!(judged[0].why.contains("outside of the calibration"));
}

#[test]
fn far_fewer_rows_than_any_period_must_be_beyond_chance_by_themselves_too() {
    let mut scant = input(60, 0.3, 0.2);
    scant.current[0].rows = 100;
    let rule = Calibrated::new(&Rules::default(), &scant).unwrap();
    let judged = |p| {
        let mut found = finding("calm", 0.3);
        found.p_value = Some(p);
        let case = Case {
            findings: vec![found],
            ..Case::default()
        };
        rule.decide(&case).1[0].level
    };
    assert_eq!((judged(0.2), judged(1e-9)), (Level::Pass, Level::Block));
}
