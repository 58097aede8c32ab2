//! Simulated units through the product's own decision.

use driftguard_verdict::calibration::{Calibrated, CalibrationInput, Score, UnitScores, calibrate};
use driftguard_verdict::decision::{Case, Decide};
use driftguard_verdict::finding::{Finding, Nature, Noise, Status, Subject};
use driftguard_verdict::{Level, Rules};

use crate::chance::Chance;
use crate::scenario::{BINS, COLUMNS, Counts, PERIODS, Scenario};

/// Out of all repetitions.
#[derive(Default)]
pub struct Found {
    /// Alerts and blocks by rank.
    pub alarms: u64,
    pub blocks: u64,
    /// Alerts whose rank is not rare: far out, as a few periods are.
    pub cannot_tell: u64,
    /// The rank's p is at most 5 %.
    pub significant: u64,
}

/// Repeats a scenario with seeds of its own.
pub fn run(scenario: &Scenario, repetitions: u64) -> Found {
    let mut found = Found::default();
    for repetition in 0..repetitions {
        let mut chance = Chance::new(repetition * 1_000 + scenario.seed);
        let units = scenario.units(&mut chance);
        let (verdict, p) = decide(&units);
        found.alarms += u64::from(verdict >= Level::Alert && p <= 0.05);
        found.cannot_tell += u64::from(verdict >= Level::Alert && p > 0.05);
        found.blocks += u64::from(verdict >= Level::Block);
        found.significant += u64::from(p <= 0.05);
    }
    found
}

/// The product's own decision on units whose last is the current data.
fn decide(units: &[Counts]) -> (Level, f64) {
    let (input, case) = question(units);
    let p = calibrate(&input.periods, &input.current, 0.05).map_or(1.0, |found| found.p_value);
    let rule = Calibrated::new(&Rules::default(), &input).expect("there are periods");
    // "Cannot tell" for want of rows is not counted as an alarm here: what is
    // measured is whether a finding was raised.
    let (_, judged) = rule.decide(&case);
    let level = judged.iter().map(|judged| judged.level).max();
    (level.unwrap_or(Level::Pass), p)
}

/// What the decision is asked: periods with their scores, and the findings of
/// the last unit.
pub fn question(units: &[Counts]) -> (CalibrationInput, Case) {
    let findings: Vec<Vec<Finding>> = (0..units.len()).map(|at| measured(units, at)).collect();
    let mut scores: Vec<UnitScores> = findings
        .iter()
        .zip(units)
        .map(|(findings, unit)| UnitScores {
            name: String::new(),
            phase: unit.phase.map(str::to_owned),
            rows: unit.rows,
            scores: findings.iter().filter_map(Score::of).collect(),
        })
        .collect();
    let current = scores.pop().expect("the current data is last");
    let input = CalibrationInput {
        unit: "period".into(),
        why: "simulated".into(),
        periods: scores,
        current,
    };
    let reference = units
        .split_last()
        .map_or(&[][..], |(_, reference)| reference);
    let case = Case {
        rows_reference: reference.iter().map(|unit| unit.rows).sum(),
        rows_current: units.last().map_or(0, |unit| unit.rows),
        findings: findings.into_iter().next_back().unwrap_or_default(),
        ..Case::default()
    };
    (input, case)
}

/// Kolmogorov-Smirnov D and squared Hellinger distance of one unit against all
/// others of its phase, with their means and deviations under "nothing changed".
fn measured(units: &[Counts], at: usize) -> Vec<Finding> {
    let own = &units[at];
    let peers = || units.iter().filter(|unit| unit.phase == own.phase);
    let rows_of_others: u64 = peers().map(|unit| unit.rows).sum::<u64>() - own.rows;
    let scale = (1.0 / own.rows as f64 + 1.0 / rows_of_others as f64).sqrt();
    let mut findings = vec![];
    for column in 0..COLUMNS {
        let others = |bin: usize| -> f64 {
            let all: u64 = peers().map(|unit| unit.bins[column][bin]).sum();
            (all - own.bins[column][bin]) as f64 / rows_of_others as f64
        };
        let (mut below, mut d) = (0.0_f64, 0.0_f64);
        let (mut hellinger, mut coarse) = (0.0, (0.0, 0.0));
        for bin in 0..BINS {
            let (mine, theirs) = (own.bins[column][bin] as f64 / own.rows as f64, others(bin));
            below += mine - theirs;
            d = d.max(below.abs());
            coarse = (coarse.0 + mine, coarse.1 + theirs);
            if bin % 4 == 3 {
                hellinger += 0.5 * (f64::sqrt(coarse.0) - f64::sqrt(coarse.1)).powi(2);
                coarse = (0.0, 0.0);
            }
        }
        let freedom = (BINS / 4 - 1) as f64;
        let square = scale * scale / 8.0;
        let ks = Noise {
            mean: 0.8687 * scale,
            sd: 0.2603 * scale,
        };
        let h2 = Noise {
            mean: freedom * square,
            sd: (2.0 * freedom).sqrt() * square,
        };
        let effect = (d - ks.mean).max(0.0);
        findings.push(finding(column, "ks", d, ks, effect, own.rows));
        findings.push(finding(column, "hellinger2", hellinger, h2, 0.0, own.rows));
    }
    findings
}

fn finding(
    column: usize,
    metric: &str,
    statistic: f64,
    noise: Noise,
    effect: f64,
    rows: u64,
) -> Finding {
    Finding {
        check: "drift".into(),
        metric: metric.into(),
        subject: Subject::Column(format!("column {column}")),
        nature: Nature::Measurement,
        status: Status::Ok,
        statistic: Some(statistic),
        effect,
        unit_effect: None,
        interval: None,
        p_value: None,
        noise: Some(noise),
        n_reference: rows * PERIODS as u64,
        n_current: rows,
        evidence: vec![],
        message: String::new(),
    }
}
