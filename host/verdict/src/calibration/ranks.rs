//! Over columns, and the rank of the current data.
//!
//! The current data is a run of one or more units that follow each other, and
//! it is ranked among all runs of as many units in the ring of the K periods
//! and the units of the current data. Turning the ring is a group of
//! permutations, so the rank is uniform if the units are exchangeable; and it
//! stays nearly so if neighbours are a little alike, because every run is made
//! of neighbours (Lehmann, Romano, "Testing Statistical Hypotheses", 2005,
//! 15.2: randomisation over a group). For one unit a run is a unit, and this
//! is the rank among K + 1 units.

use std::collections::BTreeMap;

use super::health::{Health, health};
use super::standard::standardised;
use super::{UnitScores, beta_inverse};
use crate::finding::Subject;

/// The current data's score on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct SubjectScore {
    /// The subject.
    pub subject: Subject,
    /// How far it is from what periods are like, in units of their spread.
    pub z: f64,
    /// The same of each unit of the reference, in order of time.
    pub periods: Vec<f64>,
    /// Whether it alone is beyond what the largest score of any period is like
    /// (chance of naming any subject falsely: alpha).
    pub named: bool,
}

/// What the ranks say.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Number of periods, K.
    pub periods: usize,
    /// P(a rank like this if nothing changed) <= this; 1 / (K + m) at least,
    /// where the current data is m units.
    pub p_value: f64,
    /// The same of the step from the last period to the current data, among
    /// the steps from one period to the next; 1 / K at least. 1 where the
    /// current data is more than one unit: then there is no such step.
    pub step_p_value: f64,
    /// The current data's largest score over subjects.
    pub sparse: f64,
    /// Its root mean square of positive scores over subjects.
    pub dense: f64,
    /// Largest scores of the periods, in order of time.
    pub period_scores: Vec<f64>,
    /// Their root mean squares of positive scores, in the same order.
    pub period_dense: Vec<f64>,
    /// A subject beyond this is named.
    pub threshold: f64,
    /// Subjects of the current data, largest score first.
    pub subjects: Vec<SubjectScore>,
    /// Whether periods look exchangeable.
    pub health: Health,
    /// 95 % upper bound of the chance of a false alarm given these very
    /// periods: of Beta(r, k + 1 - r) with r = alpha (k + 1) rounded down, at
    /// least 1 for runs; k counts the runs of the reference that have no unit
    /// in common.
    pub conditional_upper: f64,
}

/// Ranks the current data among the periods at false-alarm rate `alpha`. None
/// if there are no periods, no current units, or nothing was measured on most.
pub fn calibrate(
    periods: &[UnitScores],
    current: &[UnitScores],
    alpha: f64,
) -> Option<Calibration> {
    let units: Vec<&UnitScores> = periods.iter().chain(current).collect();
    let table = standardised(&units);
    let (last, length) = (periods.len(), current.len());
    if last == 0 || length == 0 || table.is_empty() {
        return None;
    }
    let scores: Vec<Vec<f64>> = table.values().map(|scores| ring(scores, length)).collect();
    let joined = Joined::of(&scores, units.len());
    let alone = Joined::of(&table.values().cloned().collect::<Vec<_>>(), units.len());
    let period_scores = alone.sparse.get(..last)?.to_vec();
    // Runs that hold nothing of the current data.
    let apart = joined.sparse.get(..(last + 1).saturating_sub(length))?;
    let mut threshold = quantile(apart, alpha);
    if length > 1 && threshold.is_infinite() {
        threshold = apart.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if apart.is_empty() {
            threshold = f64::INFINITY;
        }
    }
    let mut subjects: Vec<SubjectScore> = table
        .iter()
        .zip(&scores)
        .filter_map(|((subject, alone), scores)| {
            let z = *scores.get(last)?;
            Some(SubjectScore {
                subject: (*subject).clone(),
                z,
                periods: alone.get(..last)?.to_vec(),
                named: z > threshold,
            })
        })
        .collect();
    subjects.sort_by(|left, right| right.z.total_cmp(&left.z));
    Some(Calibration {
        periods: last,
        p_value: joined.rare(last)?,
        step_p_value: if length == 1 {
            step(&table, last).unwrap_or(1.0)
        } else {
            1.0
        },
        sparse: *joined.sparse.get(last)?,
        dense: *joined.dense.get(last)?,
        health: neighbours(periods),
        period_scores,
        period_dense: alone.dense.get(..last)?.to_vec(),
        threshold,
        subjects,
        conditional_upper: conditional_upper(last, length, alpha),
    })
}

/// Whether neighbouring periods are alike, from their scores alone: the worse
/// of what their largest scores say and of what all their scores together do.
/// Where every column follows its own yesterday, the largest one is now this
/// column and now that, and hides what the mean over columns shows.
pub fn neighbours(periods: &[UnitScores]) -> Health {
    let joined = of_periods(periods);
    let (largest, together) = (health(&joined.sparse), health(&joined.dense));
    if together.autocorrelation > largest.autocorrelation {
        together
    } else {
        largest
    }
}

/// The largest score of each period, in their order; none where nothing was
/// measured on most of them.
pub(super) fn period_scores(periods: &[UnitScores]) -> Vec<f64> {
    of_periods(periods).sparse
}

fn of_periods(periods: &[UnitScores]) -> Joined {
    let units: Vec<&UnitScores> = periods.iter().collect();
    let table: Vec<Vec<f64>> = standardised(&units).into_values().collect();
    Joined::of(&table, if table.is_empty() { 0 } else { units.len() })
}

/// 95 % upper bound of the chance of a false alarm at `alpha` given these very
/// periods, for current data of `length` units; 0 where there are too few
/// periods for an alarm at all.
pub fn conditional_upper(periods: usize, length: usize, alpha: f64) -> f64 {
    let k = (periods / length.max(1)) as f64;
    let allowed = (alpha * (k + 1.0) + 1e-9).floor();
    let r = if length > 1 {
        allowed.max(1.0)
    } else {
        allowed
    };
    if r >= 1.0 && k >= 1.0 {
        beta_inverse(0.95, r, k + 1.0 - r)
    } else {
        0.0
    }
}

/// Means of all runs of `length` values, by their first, around the ring.
fn ring(values: &[f64], length: usize) -> Vec<f64> {
    if length == 1 {
        return values.to_vec();
    }
    let run = |first: usize| {
        let run = values.iter().cycle().skip(first).take(length);
        run.sum::<f64>() / length as f64
    };
    (0..values.len()).map(run).collect()
}

/// Scores over subjects, for each unit or run.
struct Joined {
    /// Largest.
    sparse: Vec<f64>,
    /// Root mean square of the positive ones.
    dense: Vec<f64>,
}

impl Joined {
    fn of(table: &[Vec<f64>], units: usize) -> Self {
        let mut sparse = vec![f64::NEG_INFINITY; units];
        let mut dense = vec![0.0; units];
        for scores in table {
            for ((sparse, dense), z) in sparse.iter_mut().zip(&mut dense).zip(scores) {
                *sparse = sparse.max(*z);
                *dense += z.max(0.0).powi(2) / table.len() as f64;
            }
        }
        Self {
            sparse,
            dense: dense.into_iter().map(f64::sqrt).collect(),
        }
    }

    /// Share of units that rank at least as far out as this one.
    fn rare(&self, at: usize) -> Option<f64> {
        let ranks = joint_ranks(&self.sparse, &self.dense);
        let own = *ranks.get(at)?;
        let as_small = ranks.iter().filter(|rank| **rank <= own).count();
        Some(as_small as f64 / ranks.len() as f64)
    }
}

/// What units are ordered by, the farthest out first: either view may see the
/// change, so the smaller of the ranks in both. Two units often share it, one
/// first in each view; the larger rank tells them apart. Values that are equal
/// share the larger rank: ties are no news.
pub(crate) fn joint_ranks(sparse: &[f64], dense: &[f64]) -> Vec<[usize; 2]> {
    let (by_sparse, by_dense) = (at_least(sparse), at_least(dense));
    by_sparse
        .into_iter()
        .zip(by_dense)
        .map(|(sparse, dense)| [sparse.min(dense), sparse.max(dense)])
        .collect()
}

/// How rare the step to the current data is among steps from unit to unit.
fn step(table: &BTreeMap<&Subject, Vec<f64>>, last: usize) -> Option<f64> {
    let steps: Vec<Vec<f64>> = table
        .values()
        .map(|scores| {
            scores
                .windows(2)
                .map(|pair| match pair {
                    [before, after] => after - before,
                    _ => 0.0,
                })
                .collect()
        })
        .collect();
    Joined::of(&steps, last).rare(last.checked_sub(1)?)
}

/// For each value how many are at least as large, itself included.
fn at_least(values: &[f64]) -> Vec<usize> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |own: &f64| sorted.partition_point(|other| other < own);
    values.iter().map(|own| sorted.len() - below(own)).collect()
}

/// The smallest value that at most alpha (K + 1) - 1 of K are above or equal
/// to: being above it has a rank p-value of at most alpha. Infinite if K is
/// too small for alpha.
pub(super) fn quantile(values: &[f64], alpha: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(|left, right| right.total_cmp(left));
    let allowed = (alpha * (values.len() as f64 + 1.0) + 1e-9).floor() as usize;
    match allowed.checked_sub(1) {
        Some(at) => values.get(at).copied().unwrap_or(f64::NEG_INFINITY),
        None => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests;
