//! How good are the answers of a classifier whose labels have not come yet?
//! Its scores, calibrated on rows whose labels are known, say how many of its
//! answers are expected to be right.
//!
//! Valid while the labels of rows with equal score (with weights: with equal
//! inputs) follow the law that they had; blind to a change of that law.
//!
//! "Confidence-based performance estimation" in NannyML 0.13; Bialek, Kivimaki,
//! Kuberski, Perrakis, "Estimating Model Performance Under Covariate Shift
//! Without Labels", 2024 (with weights).

use serde::{Deserialize, Serialize};

use crate::isotonic::rising;
use crate::quantile::quantile_sorted;

/// Bins of the calibration.
const BINS: usize = 20;

/// A row whose label is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Labelled {
    /// The score, finite.
    pub score: f64,
    /// Whether the label is the positive class.
    pub label: bool,
    /// Its weight; 1 without weights.
    pub weight: f64,
}

/// A row of which only the answer is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// The score, finite.
    pub score: f64,
    /// Whether the answer is the positive class.
    pub positive: bool,
    /// Its weight; 1 without weights.
    pub weight: f64,
}

/// From a score to the chance of the positive class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Calibration {
    /// The score is that chance.
    AsIs,
    /// A rising step for each of at most 20 bins; values at an edge lie below
    /// it.
    Steps {
        /// Upper edges of all bins but the last, rising.
        edges: Vec<f64>,
        /// One more than edges; 0 to 1.
        levels: Vec<f64>,
    },
}

impl Calibration {
    /// Edges at the 20-quantiles of the scores, equal ones put together.
    pub fn edges(rows: &[Labelled]) -> Vec<f64> {
        let mut scores: Vec<f64> = rows.iter().map(|row| row.score).collect();
        scores.sort_by(f64::total_cmp);
        let quantile = |at: usize| quantile_sorted(&scores, at as f64 / BINS as f64);
        let mut edges: Vec<f64> = (1..BINS).filter_map(quantile).collect();
        edges.dedup();
        edges
    }

    /// The share of positive labels of each bin, `(k + 1/2) / (n + 1)`, made to
    /// rise. Without rows every level is 1/2.
    pub fn steps(rows: &[Labelled], edges: Vec<f64>) -> Self {
        let mut sums = vec![(0.0_f64, 0.0_f64); edges.len() + 1];
        for row in rows {
            if let Some((all, positive)) = sums.get_mut(bin(&edges, row.score)) {
                *all += row.weight;
                *positive += row.weight * f64::from(u8::from(row.label));
            }
        }
        let shares: Vec<f64> = sums.iter().map(|(n, k)| (k + 0.5) / (n + 1.0)).collect();
        let weights: Vec<f64> = sums.iter().map(|(n, _)| n + 1.0).collect();
        let levels = rising(&shares, &weights).unwrap_or_else(|| vec![0.5; shares.len()]);
        Self::Steps { edges, levels }
    }

    /// The chance of the positive class at a score, 0 to 1.
    pub fn chance(&self, score: f64) -> f64 {
        match self {
            Self::AsIs => score.clamp(0.0, 1.0),
            Self::Steps { edges, levels } => levels.get(bin(edges, score)).copied().unwrap_or(0.5),
        }
    }

    fn brier(&self, rows: &[Labelled]) -> f64 {
        let loss = |row: &Labelled| {
            let miss = self.chance(row.score) - f64::from(u8::from(row.label));
            row.weight * miss * miss
        };
        rows.iter().map(loss).sum()
    }
}

fn bin(edges: &[f64], score: f64) -> usize {
    edges.partition_point(|edge| *edge < score)
}

/// Whether steps tell labels that they were not made of better than the scores
/// as they are (Brier score, halves in turn: rows of even and of odd place). So
/// they do whenever a score is no chance at all.
pub fn steps_help(rows: &[Labelled]) -> bool {
    if rows.iter().any(|row| !(0.0..=1.0).contains(&row.score)) {
        return true;
    }
    let half = |odd: usize| -> Vec<Labelled> {
        let rows = rows.iter().skip(odd).step_by(2);
        rows.copied().collect()
    };
    let halves = [half(0), half(1)];
    let [mut steps, mut as_is] = [0.0, 0.0];
    for (fitted, held_out) in [(&halves[0], &halves[1]), (&halves[1], &halves[0])] {
        let edges = Calibration::edges(fitted);
        steps += Calibration::steps(fitted, edges).brier(held_out);
        as_is += Calibration::AsIs.brier(held_out);
    }
    steps < as_is
}

/// What is expected of answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Share of right answers.
    pub accuracy: f64,
    /// Chance that a row of the positive class scores above one of the other;
    /// None where only one class is expected.
    pub auc: Option<f64>,
    /// Harmonic mean of precision and recall; None without any positive.
    pub f1: Option<f64>,
}

/// What is expected of answers, in order of score from the highest: each is
/// positive by its chance and negative by the rest. None without weight.
///
/// ```
/// use driftguard_statistics::cbpe::{Answer, Calibration, expected};
/// let answer = |score: f64| Answer { score, positive: score >= 0.5, weight: 1.0 };
/// let found = expected(&[answer(0.9), answer(0.6), answer(0.2)], &Calibration::AsIs).unwrap();
/// assert!((found.accuracy - (0.9 + 0.6 + 0.8) / 3.0).abs() < 1e-12);
/// ```
pub fn expected(falling: &[Answer], calibration: &Calibration) -> Option<Expected> {
    let (mut all, mut right) = (0.0, 0.0);
    let (mut hits, mut called, mut positives) = (0.0, 0.0, 0.0);
    let (mut above, mut misses, mut wins) = (0.0, 0.0, 0.0);
    for group in falling.chunk_by(|a, b| a.score == b.score) {
        let (mut of_group, mut against) = (0.0, 0.0);
        for row in group {
            let chance = calibration.chance(row.score);
            let (yes, no) = (row.weight * chance, row.weight * (1.0 - chance));
            right += if row.positive { yes } else { no };
            if row.positive {
                hits += yes;
                called += row.weight;
            }
            all += row.weight;
            of_group += yes;
            against += no;
        }
        // Each negative loses to what stands above, and half to its equals.
        wins += against * (above + of_group / 2.0);
        above += of_group;
        misses += against;
        positives += of_group;
    }
    if all <= 0.0 {
        return None;
    }
    let pairs = positives * misses;
    Some(Expected {
        accuracy: right / all,
        auc: (pairs > 0.0).then(|| wins / pairs),
        f1: (called + positives > 0.0).then(|| 2.0 * hits / (called + positives)),
    })
}

/// Sorts answers for [`expected`].
pub fn by_falling_score(answers: &mut [Answer]) {
    answers.sort_by(|a, b| b.score.total_cmp(&a.score));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auc::area;
    use proptest::prelude::*;

    /// With chances of 0 and 1 nothing is left to expectation.
    #[test]
    fn certain_chances_give_what_is_measured() {
        let rows = [
            (0.9, true),
            (0.8, false),
            (0.8, true),
            (0.4, true),
            (0.1, false),
        ];
        let steps = |label| Calibration::Steps {
            edges: vec![],
            levels: vec![f64::from(u8::from(label))],
        };
        let mut wins = [vec![], vec![]];
        for (score, label) in rows {
            wins[usize::from(label)].push(score);
        }
        let measured = area(&wins[1], &wins[0]).unwrap().auc;
        // A calibration of scores cannot tell rows of one score apart: 0.8.
        let calibration = Calibration::Steps {
            edges: vec![0.1, 0.4, 0.8],
            levels: vec![0.0, 1.0, 0.5, 1.0],
        };
        let answer = |(score, _): (f64, bool)| Answer {
            score,
            positive: score > 0.5,
            weight: 1.0,
        };
        let answers = rows.map(answer);
        let found = expected(&answers, &calibration).unwrap();
        assert!(
            (found.auc.unwrap() - measured).abs() < 0.05,
            "{found:?} {measured}"
        );
        assert!((found.accuracy - 3.0 / 5.0).abs() < 1e-12);
        let one_class = expected(&answers, &steps(true)).unwrap();
        assert_eq!((one_class.auc, one_class.accuracy), (None, 0.6));
        assert_eq!(expected(&[], &calibration), None);
    }

    #[test]
    fn scores_that_are_chances_stay_and_others_do_not() {
        let rows = |squash: f64| -> Vec<Labelled> {
            let row = |i: u32| {
                let chance = f64::from(i % 100) / 100.0 + 0.005;
                let label = f64::from(i * 37 % 101) / 101.0 < chance;
                Labelled {
                    score: chance.powf(squash),
                    label,
                    weight: 1.0,
                }
            };
            (0..4000).map(row).collect()
        };
        assert!(steps_help(&rows(3.0)));
        let mut far: Vec<Labelled> = rows(1.0);
        far[0].score = 7.0;
        assert!(steps_help(&far));
    }

    proptest! {
        #[test]
        fn levels_rise_and_stay_within(rows in prop::collection::vec((0u8..40, any::<bool>(), 0u8..4), 0..80)) {
            let rows: Vec<Labelled> = rows.iter().map(|(score, label, weight)| Labelled { score: f64::from(*score) / 8.0, label: *label, weight: f64::from(*weight) }).collect();
            let edges = Calibration::edges(&rows);
            let Calibration::Steps { levels, edges } = Calibration::steps(&rows, edges) else { unreachable!() };
            prop_assert!(levels.is_sorted() && edges.is_sorted() && levels.len() == edges.len() + 1);
            prop_assert!(levels.iter().all(|level| (0.0..=1.0).contains(level)));
        }
    }
}
