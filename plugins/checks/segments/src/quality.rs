//! Slices in which the decisions got worse, or better, by themselves.

use driftguard_statistics::disparity::{Change, Pair, Rate, change};

use crate::frame::{Frame, UNKNOWN, WRONG};
use crate::shares::cells;
use crate::slice::{Sampled, Slice, corrected, follow_each_other, overlap};

/// Slices that share more rows are the same.
const SAME: f64 = 0.5;
/// A slice that is less certain than this part without the rows of another one
/// only follows it.
const OF_ITS_OWN: f64 = 0.5;
/// Below this a slice is no candidate.
const LEAST_Z: f64 = 3.0;
/// Candidates that are looked at closer.
const CLOSER: usize = 40;
/// Fewest judged rows of a slice and of all others on either side.
const FEWEST: u64 = 50;
/// Level of the intervals.
const LEVEL: f64 = 0.95;

/// A slice and how its errors changed.
#[derive(Debug, Clone)]
pub(crate) struct Worse {
    pub(crate) slice: Slice,
    pub(crate) before: Pair,
    pub(crate) now: Pair,
    pub(crate) change: Change,
    /// Share of the current judged rows.
    pub(crate) share: f64,
    /// In standard deviations, rows that follow each other accounted for.
    pub(crate) z: f64,
    /// Corrected for all slices that were looked at.
    pub(crate) p_value: f64,
    /// Variance of stretches over that of chance.
    pub(crate) factor: f64,
}

/// Slices of one and two conditions, the most certain first, and how many were
/// looked at.
pub(crate) fn search(
    frame: &Frame,
    reference: &Sampled,
    current: &Sampled,
    support: f64,
    top: usize,
) -> (Vec<Worse>, usize) {
    let work = Work {
        reference,
        current,
        support,
    };
    let (mut tests, mut candidates) = (0, vec![]);
    for right in 0..frame.conditions.len() {
        // The column with itself: slices of one condition.
        for left in 0..=right {
            let sizes = (cells(frame, left), cells(frame, right));
            work.pair((left, right), sizes, &mut tests, &mut candidates);
        }
    }
    let order = |one: &Worse, other: &Worse| {
        let by_z = other.z.abs().total_cmp(&one.z.abs());
        by_z.then(one.slice.0.len().cmp(&other.slice.0.len()))
            .then(one.slice.0.cmp(&other.slice.0))
    };
    candidates.sort_by(order);
    candidates.truncate(CLOSER);
    let mut closer: Vec<Worse> = candidates.into_iter().map(|one| work.slowed(one)).collect();
    closer.sort_by(order);
    let mut found: Vec<Worse> = vec![];
    for mut candidate in closer {
        if found.len() >= top {
            break;
        }
        let rows = candidate.slice.mask(current);
        let same = |known: &Worse| overlap(&known.slice.mask(current), &rows) > SAME;
        if found.iter().any(same) {
            continue;
        }
        // Beside slices that got much worse all others look better: what counts
        // is how it differs from the rest without them.
        if !found.is_empty() {
            let alone = work.without(&candidate.slice, &found);
            let z = alone.map_or(0.0, |change| change.z / candidate.factor.sqrt());
            match alone {
                Some(change) if z.abs() >= OF_ITS_OWN * candidate.z.abs() => {
                    if z.abs() < candidate.z.abs() {
                        (candidate.change, candidate.z) = (change, z);
                    }
                }
                _ => continue,
            }
        }
        candidate.p_value = corrected(candidate.z, tests);
        found.push(candidate);
    }
    (found, tests)
}

struct Work<'a> {
    reference: &'a Sampled,
    current: &'a Sampled,
    support: f64,
}

impl Work<'_> {
    fn pair(
        &self,
        (left, right): (usize, usize),
        (a, b): (usize, usize),
        tests: &mut usize,
        candidates: &mut Vec<Worse>,
    ) {
        let count = |side: &Sampled| {
            let mut rates = vec![Rate::default(); a * b];
            let codes = side.codes(left).iter().zip(side.codes(right));
            for ((x, y), outcome) in codes
                .zip(&side.outcome)
                .filter(|(_, outcome)| **outcome != UNKNOWN)
            {
                if let Some(rate) = rates.get_mut(usize::from(*x) * b + usize::from(*y)) {
                    rate.rows += 1;
                    rate.hits += u64::from(*outcome == WRONG);
                }
            }
            rates
        };
        let (before, now) = (count(self.reference), count(self.current));
        let (of_before, of_now) = (self.reference.judged(), self.current.judged());
        let pair = |group: Rate, (wrong, known): (u64, u64)| Pair {
            group,
            others: Rate {
                hits: wrong - group.hits,
                rows: known - group.rows,
            },
        };
        for (cell, (before, now)) in before.iter().zip(&now).enumerate() {
            let share = now.rows as f64 / of_now.1.max(1) as f64;
            let rest = (of_before.1 - before.rows).min(of_now.1 - now.rows);
            if share < self.support || before.rows.min(now.rows).min(rest) < FEWEST {
                continue;
            }
            *tests += 1;
            let (before, now) = (pair(*before, of_before), pair(*now, of_now));
            let Some(change) = change(before, now, LEVEL) else {
                continue;
            };
            let (x, y) = ((left, (cell / b) as u8), (right, (cell % b) as u8));
            let z = change.z;
            if z.abs() > LEAST_Z {
                candidates.push(Worse {
                    slice: Slice(if left == right { vec![x] } else { vec![x, y] }),
                    before,
                    now,
                    change,
                    share,
                    z,
                    p_value: 1.0,
                    factor: 1.0,
                });
            }
        }
    }

    /// How a slice changed against all others, without the rows of known ones.
    /// None where too few are left.
    fn without(&self, slice: &Slice, known: &[Worse]) -> Option<Change> {
        let pair = |side: &Sampled| {
            let mut left: Vec<bool> = side.outcome.iter().map(|code| *code != UNKNOWN).collect();
            for worse in known {
                let rows = left.iter_mut().zip(worse.slice.mask(side));
                rows.for_each(|(left, inside)| *left &= !inside);
            }
            let mut pair = Pair::default();
            for ((inside, left), outcome) in slice.mask(side).iter().zip(&left).zip(&side.outcome) {
                let rate = if *inside {
                    &mut pair.group
                } else {
                    &mut pair.others
                };
                rate.rows += u64::from(*left);
                rate.hits += u64::from(*left && *outcome == WRONG);
            }
            pair
        };
        let (before, now) = (pair(self.reference), pair(self.current));
        let rows = [before.group, now.group, before.others, now.others].map(|rate| rate.rows);
        if rows.into_iter().any(|rows| rows < FEWEST) {
            return None;
        }
        change(before, now, LEVEL)
    }

    fn slowed(&self, mut worse: Worse) -> Worse {
        let side = self.reference;
        let inside = worse.slice.mask(side);
        let judged: Vec<bool> = inside
            .iter()
            .zip(&side.outcome)
            .map(|(inside, code)| *inside && *code != UNKNOWN)
            .collect();
        let wrong: Vec<bool> = inside
            .iter()
            .zip(&side.outcome)
            .map(|(inside, code)| *inside && *code == WRONG)
            .collect();
        worse.factor = follow_each_other(&wrong, &judged);
        worse.z /= worse.factor.sqrt();
        worse
    }
}
