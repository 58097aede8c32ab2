//! A stream of periods. Its state is no sum that somebody keeps: it is worked
//! out from the records each time, so it cannot go out of step with them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Anchored, Detector, growing, joint_rank};

/// What makes two records speak of the same period: its name where it has one,
/// else the digest of its data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A period of time ("2013-03-01").
    Named(String),
    /// Data without a time.
    Data(String),
}

/// The place of a period in both pools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Rank among all periods so far, 1 the farthest out.
    pub rank: u64,
    /// How many those are, itself included.
    pub among: u64,
    /// Rank among the periods of the anchor and itself.
    pub anchor_rank: u64,
    /// Periods of the anchor, itself not included.
    pub anchor_periods: u64,
}

/// A period of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Which one.
    pub unit: Unit,
    /// Its largest score over columns and that over all columns together, if
    /// it takes part in the pool: what is known to be broken does not.
    pub scores: Option<(f64, f64)>,
    /// Its place when it came.
    pub place: Place,
    /// It alarmed, after which the sums began again.
    pub alarmed: bool,
}

/// The sums after a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Over the growing pool.
    pub growing: f64,
    /// Over the anchor.
    pub anchored: f64,
}

/// The sums after each period, in the order of the records; none where a later
/// record speaks of the same period and stands for it.
pub fn trace(past: &[Past]) -> Vec<Option<Step>> {
    let all: Vec<&Past> = past.iter().collect();
    steps(&all).0
}

/// The place of one more period, and the sums with it. `reference` and
/// `anchor` are scores of the baseline's periods (all, and those that it was
/// created with); `own` its own scores beside the former, `own_by_anchor`
/// beside the latter.
pub fn look(
    past: &[Past],
    reference: &[(f64, f64)],
    anchor: &[(f64, f64)],
    unit: &Unit,
    own: (f64, f64),
    own_by_anchor: (f64, f64),
) -> (Place, Step) {
    let before: Vec<&Past> = past.iter().filter(|one| one.unit != *unit).collect();
    let (steps, mut sums) = steps(&before);
    let stream = before.iter().zip(steps).filter(|(_, step)| step.is_some());
    let pool: Vec<(f64, f64)> = stream
        .filter_map(|(one, _)| one.scores)
        .chain(reference.iter().copied())
        .collect();
    let place = Place {
        rank: joint_rank(&pool, own),
        among: pool.len() as u64 + 1,
        anchor_rank: joint_rank(anchor, own_by_anchor),
        anchor_periods: anchor.len() as u64,
    };
    let step = sums.step(&place);
    (place, step)
}

/// Steps of the records that count, and the sums after the last.
fn steps(past: &[&Past]) -> (Vec<Option<Step>>, Sums) {
    let mut later = BTreeSet::new();
    let counts = past.iter().rev().map(|one| later.insert(&one.unit));
    let mut counts: Vec<bool> = counts.collect();
    counts.reverse();
    let mut sums = Sums::default();
    let mut step = |one: &Past, counts: bool| {
        let step = counts.then(|| sums.step(&one.place));
        if counts && one.alarmed {
            sums.restart();
        }
        step
    };
    let steps = past.iter().zip(counts);
    let steps = steps.map(|(one, counts)| step(one, counts)).collect();
    (steps, sums)
}

/// Both sums.
#[derive(Debug, Default)]
struct Sums {
    growing: Detector,
    anchored: Detector,
    /// Bets against an anchor of this many periods.
    bets: Option<(u64, Anchored)>,
}

impl Sums {
    fn step(&mut self, place: &Place) -> Step {
        let periods = place.anchor_periods;
        if self.bets.as_ref().is_none_or(|(of, _)| *of != periods) {
            self.bets = Some((periods, Anchored::new(periods)));
        }
        let bet = self
            .bets
            .as_ref()
            .map(|(_, bets)| bets.bet(place.anchor_rank));
        Step {
            growing: self.growing.step(growing(place.rank, place.among)),
            anchored: self.anchored.step(bet.unwrap_or(1.0)),
        }
    }

    fn restart(&mut self) {
        self.growing.restart();
        self.anchored.restart();
    }
}

#[cfg(test)]
mod tests;
