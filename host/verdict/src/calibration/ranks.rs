//! Over columns, and the rank of the current data.

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
    /// Whether it alone is beyond what the largest score of any period is like
    /// (chance of naming any subject falsely: alpha).
    pub named: bool,
}

/// What the ranks say.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// Number of periods, K.
    pub periods: usize,
    /// P(a rank like this if nothing changed) <= this; 1 / (K + 1) at least.
    pub p_value: f64,
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
    /// periods: of Beta(r, K + 1 - r) with r = alpha (K + 1) rounded down.
    pub conditional_upper: f64,
}

/// Ranks the current data among the periods at false-alarm rate `alpha`. None
/// if there are no periods or nothing was measured on most of them.
pub fn calibrate(periods: &[UnitScores], current: &UnitScores, alpha: f64) -> Option<Calibration> {
    let units: Vec<&UnitScores> = periods.iter().chain([current]).collect();
    let table = standardised(&units);
    if periods.is_empty() || table.is_empty() {
        return None;
    }
    let last = periods.len();
    let mut sparse = vec![f64::NEG_INFINITY; units.len()];
    let mut dense = vec![0.0; units.len()];
    for scores in table.values() {
        for ((sparse, dense), z) in sparse.iter_mut().zip(&mut dense).zip(scores) {
            *sparse = sparse.max(*z);
            *dense += z.max(0.0).powi(2) / table.len() as f64;
        }
    }
    let dense: Vec<f64> = dense.into_iter().map(f64::sqrt).collect();
    // Either view may see the change: the smaller rank, ranked itself.
    let (by_sparse, by_dense) = (at_least(&sparse), at_least(&dense));
    let joined: Vec<usize> = by_sparse
        .iter()
        .zip(&by_dense)
        .map(|(sparse, dense)| *sparse.min(dense))
        .collect();
    let own = *joined.get(last)?;
    let as_small = joined.iter().filter(|rank| **rank <= own).count();
    let null = sparse.get(..last)?.to_vec();
    let threshold = quantile(&null, alpha);
    let mut subjects: Vec<SubjectScore> = table
        .iter()
        .filter_map(|(subject, scores)| {
            let z = *scores.get(last)?;
            Some(SubjectScore {
                subject: (*subject).clone(),
                z,
                named: z > threshold,
            })
        })
        .collect();
    subjects.sort_by(|left, right| right.z.total_cmp(&left.z));
    let k = last as f64;
    let r = (alpha * (k + 1.0) + 1e-9).floor();
    Some(Calibration {
        periods: last,
        p_value: as_small as f64 / units.len() as f64,
        sparse: *sparse.get(last)?,
        dense: *dense.get(last)?,
        health: health(&null),
        period_scores: null,
        period_dense: dense.get(..last)?.to_vec(),
        threshold,
        subjects,
        conditional_upper: if r >= 1.0 {
            beta_inverse(0.95, r, k + 1.0 - r)
        } else {
            0.0
        },
    })
}

/// For each value how many are at least as large, itself included.
fn at_least(values: &[f64]) -> Vec<usize> {
    let count = |own: &f64| values.iter().filter(|other| *other >= own).count();
    values.iter().map(count).collect()
}

/// The smallest value that at most alpha (K + 1) - 1 of K are above or equal
/// to: being above it has a rank p-value of at most alpha. Infinite if K is
/// too small for alpha.
fn quantile(values: &[f64], alpha: f64) -> f64 {
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
