//! A stream of periods. Its state is no sum that somebody keeps: it is worked
//! out from the records each time, so it cannot go out of step with them.

use std::collections::{BTreeMap, BTreeSet};

use super::sums::Sums;
use super::{ColumnPlace, Place, Standing, Steps, joint_rank, standing};

/// What makes two records speak of the same period: its name where it has one,
/// else the digest of its data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A period of time ("2013-03-01").
    Named(String),
    /// Data without a time.
    Data(String),
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
    /// Its score and its place by column; scores take part in the pool if
    /// [`Self::scores`] do.
    pub columns: BTreeMap<String, ColumnPlace>,
    /// It alarmed, after which the sums began again.
    pub alarmed: bool,
}

/// What a look at one more period tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Looked {
    /// Its place, all columns together.
    pub place: Place,
    /// By column its score and its place.
    pub columns: BTreeMap<String, ColumnPlace>,
    /// The sums with it.
    pub steps: Steps,
}

/// The sums after each period, in the order of the records; none where a later
/// record speaks of the same period and stands for it.
pub fn trace(past: &[Past]) -> Vec<Option<Steps>> {
    let all: Vec<&Past> = past.iter().collect();
    let mut steps = vec![];
    let mut sums = Sums::default();
    for (one, counts) in all.iter().zip(counted(&all)) {
        steps.push(counts.then(|| {
            sums.add(&one.place, &one.columns);
            sums.told(&one.columns)
        }));
        if counts && one.alarmed {
            sums.restart();
        }
    }
    steps
}

/// The place of one more period, and the sums with it: beside all periods of
/// the baseline, to which those of the past are added, and beside those alone
/// that it was created with.
pub fn look(past: &[Past], beside: &Standing, anchor: &Standing, unit: &Unit) -> Looked {
    let before: Vec<&Past> = past.iter().filter(|one| one.unit != *unit).collect();
    let stream: Vec<&Past> = before
        .iter()
        .zip(counted(&before))
        .filter_map(|(one, counts)| counts.then_some(*one))
        .collect();
    let mut sums = Sums::default();
    for one in &stream {
        sums.add(&one.place, &one.columns);
        if one.alarmed {
            sums.restart();
        }
    }
    let pooled: Vec<&Past> = stream
        .into_iter()
        .filter(|one| one.scores.is_some())
        .collect();
    let scores = pooled.iter().filter_map(|one| one.scores);
    let pool: Vec<(f64, f64)> = scores.chain(beside.pool.iter().copied()).collect();
    let place = Place {
        rank: joint_rank(&pool, beside.own),
        among: pool.len() as u64 + 1,
        anchor_rank: joint_rank(&anchor.pool, anchor.own),
        anchor_periods: anchor.pool.len() as u64,
    };
    let columns: BTreeMap<String, ColumnPlace> = beside
        .columns
        .keys()
        .filter_map(|name| Some((name.clone(), column(name, &pooled, beside, anchor)?)))
        .collect();
    sums.add(&place, &columns);
    Looked {
        steps: sums.told(&columns),
        place,
        columns,
    }
}

/// The place in one column; none where the anchor does not know it.
fn column(
    name: &str,
    pooled: &[&Past],
    beside: &Standing,
    anchor: &Standing,
) -> Option<ColumnPlace> {
    let (own, fixed) = (beside.columns.get(name)?, anchor.columns.get(name)?);
    let past = pooled.iter().filter_map(|one| one.columns.get(name));
    let pool: Vec<i64> = past
        .map(|column| column.score)
        .chain(own.pool.iter().copied())
        .collect();
    Some(ColumnPlace {
        score: own.own,
        moved: own.moved,
        place: Place {
            among: pool.len() as u64 + 1,
            rank: standing::rank(pool, own.own),
            anchor_rank: standing::rank(fixed.pool.iter().copied(), fixed.own),
            anchor_periods: fixed.pool.len() as u64,
        },
    })
}

/// Whether a record counts: no later one speaks of the same period.
fn counted(past: &[&Past]) -> Vec<bool> {
    let mut later = BTreeSet::new();
    let counts = past.iter().rev().map(|one| later.insert(&one.unit));
    let mut counts: Vec<bool> = counts.collect();
    counts.reverse();
    counts
}

#[cfg(test)]
mod tests;
