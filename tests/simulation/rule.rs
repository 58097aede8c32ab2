//! Simulated units through the product's own decision.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use driftguard_verdict::calibration::{
    Calibrated, CalibrationInput, Score, UnitScores, choose_unit,
};
use driftguard_verdict::decision::{Case, Decide};
use driftguard_verdict::finding::{Finding, Nature, Noise, Status, Subject};
use driftguard_verdict::{Level, Rules};

use crate::chance::Chance;
use crate::scenario::{BINS, COLUMNS, Counts, Scenario};

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
        let (verdict, p) = decide(units, scenario.judged);
        found.alarms += u64::from(verdict >= Level::Alert && p <= 0.05);
        found.cannot_tell += u64::from(verdict >= Level::Alert && p > 0.05);
        found.blocks += u64::from(verdict >= Level::Block);
        found.significant += u64::from(p <= 0.05);
    }
    found
}

/// Periods that may make a unit, as of days.
const LENGTHS: [usize; 3] = [1, 3, 7];

/// The product's own decision on periods of which the last `judged` are the
/// current data: units as long as needed, a quick look at scores that know
/// nothing of the current data, and where it could alert all scored alike.
fn decide(mut reference: Vec<Counts>, judged: usize) -> (Level, f64) {
    let current = reference.split_off(reference.len() - judged);
    let chosen = choose_unit(&LENGTHS, |length| {
        let units = merged(&reference, length);
        Ok::<_, Infallible>(scored(&units))
    });
    let Ok(Some(chosen)) = chosen else {
        unreachable!("there are periods")
    };
    let units = merged(&reference, chosen.length);
    let (part, mut now) = (judged < chosen.length, merged(&current, chosen.length));
    if now.is_empty() {
        now = merged(&current, judged);
    }
    let quick: Vec<UnitScores> = now
        .iter()
        .map(|unit| scores(unit, &against(&units, unit)))
        .collect();
    let input = |periods: Vec<UnitScores>, current: Vec<UnitScores>| CalibrationInput {
        unit: "period".into(),
        why: "simulated".into(),
        periods,
        current,
        part,
    };
    let whole = merged(&current, judged).remove(0);
    let findings = against(&units, &whole);
    let rules = Rules::default();
    let rule =
        |input: &CalibrationInput| Calibrated::new(&rules, input).expect("there are periods");
    let mut decided = rule(&input(chosen.units, quick));
    if decided.may_alert(&findings) {
        let all: Vec<Counts> = units.iter().chain(&now).cloned().collect();
        let mut exact = scored(&all);
        let last = exact.split_off(units.len());
        decided = rule(&input(exact, last));
    }
    let case = Case {
        rows_reference: reference.iter().map(|unit| unit.rows).sum(),
        rows_current: whole.rows,
        findings,
        ..Case::default()
    };
    // "Cannot tell" for want of rows is not counted as an alarm here: what is
    // measured is whether a finding was raised.
    let (_, judged) = decided.decide(&case);
    let level = judged.iter().map(|judged| judged.level).max();
    (level.unwrap_or(Level::Pass), decided.report().p_value)
}

/// What the decision is asked of single units whose last is the current data:
/// all scored alike, and the findings of the last.
pub fn question(units: &[Counts]) -> (CalibrationInput, Case) {
    let findings = measured(units);
    let mut periods: Vec<UnitScores> = findings
        .iter()
        .zip(units)
        .map(|(findings, unit)| scores(unit, findings))
        .collect();
    let current = vec![periods.pop().expect("the current data is last")];
    let input = CalibrationInput {
        unit: "period".into(),
        why: "simulated".into(),
        periods,
        current,
        part: false,
    };
    let (last, reference) = units.split_last().expect("the current data is last");
    let case = Case {
        rows_reference: reference.iter().map(|unit| unit.rows).sum(),
        rows_current: last.rows,
        findings: findings.into_iter().next_back().unwrap_or_default(),
        ..Case::default()
    };
    (input, case)
}

/// Runs of `length` periods, to the end.
fn merged(periods: &[Counts], length: usize) -> Vec<Counts> {
    let runs = periods[periods.len() % length..].chunks(length);
    runs.map(|run| {
        let mut sum = run[0].clone();
        for period in &run[1..] {
            sum.rows += period.rows;
            for (bins, more) in sum.bins.iter_mut().zip(&period.bins) {
                bins.iter_mut()
                    .zip(more)
                    .for_each(|(bin, more)| *bin += more);
            }
        }
        sum
    })
    .collect()
}

fn scored(units: &[Counts]) -> Vec<UnitScores> {
    let findings = measured(units);
    let pairs = units.iter().zip(&findings);
    pairs
        .map(|(unit, findings)| scores(unit, findings))
        .collect()
}

fn scores(unit: &Counts, findings: &[Finding]) -> UnitScores {
    UnitScores {
        name: String::new(),
        phase: unit.phase.map(str::to_owned),
        rows: unit.rows,
        scores: findings.iter().filter_map(Score::of).collect(),
    }
}

/// Every unit against all others of its phase.
fn measured(units: &[Counts]) -> Vec<Vec<Finding>> {
    let phases: BTreeSet<Option<&str>> = units.iter().map(|unit| unit.phase).collect();
    let pools: BTreeMap<Option<&str>, Pool> = phases
        .into_iter()
        .map(|phase| (phase, Pool::of(units, phase)))
        .collect();
    let against_others = |own: &Counts| {
        let mut others = pools[&own.phase].clone();
        others.rows -= own.rows;
        for (sums, bins) in others.bins.iter_mut().zip(&own.bins) {
            sums.iter_mut().zip(bins).for_each(|(sum, bin)| *sum -= bin);
        }
        compared(&others, own)
    };
    units.iter().map(against_others).collect()
}

/// A unit that is not among them.
fn against(units: &[Counts], own: &Counts) -> Vec<Finding> {
    compared(&Pool::of(units, own.phase), own)
}

/// Units put together.
#[derive(Clone)]
struct Pool {
    rows: u64,
    bins: Vec<Vec<u64>>,
}

impl Pool {
    fn of(units: &[Counts], phase: Option<&str>) -> Self {
        let mut pool = Self {
            rows: 0,
            bins: vec![vec![0; BINS]; COLUMNS],
        };
        for unit in units.iter().filter(|unit| unit.phase == phase) {
            pool.rows += unit.rows;
            for (sums, bins) in pool.bins.iter_mut().zip(&unit.bins) {
                sums.iter_mut().zip(bins).for_each(|(sum, bin)| *sum += bin);
            }
        }
        pool
    }
}

/// Kolmogorov-Smirnov D and squared Hellinger distance of one unit against a
/// pool, with their means and deviations under "nothing changed".
fn compared(others: &Pool, own: &Counts) -> Vec<Finding> {
    let (pool, rows_of_others) = (&others.bins, others.rows);
    let scale = (1.0 / own.rows as f64 + 1.0 / rows_of_others as f64).sqrt();
    let mut findings = vec![];
    for (column, pooled) in pool.iter().enumerate() {
        let (mut below, mut d) = (0.0_f64, 0.0_f64);
        let (mut hellinger, mut coarse) = (0.0, (0.0, 0.0));
        for (bin, pooled) in pooled.iter().enumerate() {
            let mine = own.bins[column][bin] as f64 / own.rows as f64;
            let theirs = *pooled as f64 / rows_of_others as f64;
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
        let rows = (rows_of_others, own.rows);
        findings.push(finding(column, "ks", d, ks, effect, rows));
        findings.push(finding(column, "hellinger2", hellinger, h2, 0.0, rows));
    }
    findings
}

fn finding(
    column: usize,
    metric: &str,
    statistic: f64,
    noise: Noise,
    effect: f64,
    (others, own): (u64, u64),
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
        n_reference: others,
        n_current: own,
        evidence: vec![],
        message: String::new(),
    }
}
