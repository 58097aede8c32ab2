//! A baseline of 39 clean periods to which 61 were added, some of them shifted
//! by half a standard deviation in one column: a pool that was poisoned, or a
//! drift that was accepted. The current data is shifted in the same way, or
//! not at all.

use driftguard_verdict::anchor;
use driftguard_verdict::calibration::Calibrated;
use driftguard_verdict::decision::Decide;
use driftguard_verdict::{Level, Reason, Rules};

use crate::chance::Chance;
use crate::rule::question;
use crate::scenario::{Counts, PERIODS};

/// Periods accepted later.
pub const ACCEPTED: usize = 61;

/// Out of all repetitions.
#[derive(Default)]
pub struct Found {
    /// By the pool alone: blocks, and anything but a pass.
    pub blocks: u64,
    pub by_pool: u64,
    /// No pass, with the anchor.
    pub with_anchor: u64,
    /// The first suspect is the column.
    pub named: u64,
}

/// A share of the accepted periods is shifted; the current data by `now`.
pub fn run(poisoned: f64, now: f64, repetitions: u64) -> Found {
    let mut found = Found::default();
    let shifted = (poisoned * ACCEPTED as f64).round() as usize;
    for repetition in 0..repetitions {
        let mut chance = Chance::new(repetition * 1_000 + 77);
        let mut clean: Vec<Counts> = (0..PERIODS)
            .map(|_| Counts::shifted(0.0, &mut chance))
            .collect();
        let accepted = (0..ACCEPTED).map(|at| {
            // Spread over time, so that no neighbour gives them away.
            let is_shifted = (at + 1) * shifted / ACCEPTED > at * shifted / ACCEPTED;
            Counts::shifted(if is_shifted { 0.5 } else { 0.0 }, &mut chance)
        });
        let accepted: Vec<Counts> = accepted.collect();
        let current = Counts::shifted(now, &mut chance);
        let units: Vec<Counts> = clean
            .iter()
            .chain(&accepted)
            .chain([&current])
            .cloned()
            .collect();
        clean.push(current);
        let rules = Rules::default();
        let (input, case) = question(&units);
        let rule = Calibrated::new(&rules, &input).expect("there are periods");
        let (by_pool, _) = rule.decide(&case);
        found.blocks += u64::from(by_pool.level == Level::Block);
        found.by_pool += u64::from(by_pool.level > Level::Pass);
        let (input, against) = question(&clean);
        let report = anchor::look(&rules, &against, Some(&input), ACCEPTED);
        let verdict = anchor::apply(by_pool, &report, &case);
        found.with_anchor += u64::from(verdict.level > Level::Pass);
        let first = verdict.suspects.first();
        let first = first.filter(|_| verdict.reason == Reason::FarFromAnchor);
        found.named += u64::from(first.is_some_and(|suspect| suspect.name == "column 0"));
    }
    found
}
