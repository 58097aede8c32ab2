//! Weights that make rows of the reference look like current rows: the density
//! ratio of the two, from a classifier that tells them apart.
//!
//! Bickel, Brückner, Scheffer, "Discriminative Learning Under Covariate Shift",
//! 2009; Kong, "A Note on Importance Sampling using Standardized Weights", 1992
//! (effective sample size).

use crate::boosted::{Boosted, Limits, Rows};

/// How much the classifier may learn: more than to tell whether something
/// changed, for here sizes matter.
pub const LIMITS: Limits = Limits {
    trees: 150,
    rate: 0.2,
    leaf: 30,
    ridge: 5.0,
};
/// Parts of either side; weights of one come from a classifier of the others.
const FOLDS: usize = 4;
/// Largest log-odds that a weight is made of.
const MOST_LOG_ODDS: f64 = 12.0;

/// Weights, and whether they can be what they are meant to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// For each row of the reference; mean 1.
    pub weights: Vec<f64>,
    /// Their mean before that: near 1 where the reference has rows wherever
    /// current rows are, near 0 where it has none and all weights are as small.
    pub covered: f64,
}

/// Covered less than this, weights say nothing of the rows that matter.
pub const LEAST_COVERED: f64 = 0.5;

/// The density ratio at the reference's rows, out of fold: a row's own
/// classifier has not seen it. Rows are codes below [`crate::boosted::BINS`];
/// folds go by place, so rows must be in an order that says nothing.
pub fn ratio(reference: &[&[u8]], current: &[&[u8]], ordered: &[bool], limits: &Limits) -> Ratio {
    let mut weights = vec![0.0; reference.len()];
    for fold in 0..FOLDS {
        let others = |side: &[&[u8]], current: bool| -> Vec<(Vec<u8>, bool)> {
            let outside = side.iter().enumerate().filter(|(at, _)| at % FOLDS != fold);
            outside
                .map(|(_, codes)| (codes.to_vec(), current))
                .collect()
        };
        let mut train = others(reference, false);
        train.extend(others(current, true));
        let rows: Vec<(&[u8], bool)> = train
            .iter()
            .map(|(codes, current)| (codes.as_slice(), *current))
            .collect();
        let model = Boosted::train(
            &Rows {
                rows: &rows,
                ordered,
            },
            limits,
        );
        // Both sides weigh the same in training, so the odds are the ratio.
        let inside = reference.iter().zip(&mut weights).enumerate();
        for (_, (codes, weight)) in inside.filter(|(at, _)| at % FOLDS == fold) {
            let odds = model.score(codes).clamp(-MOST_LOG_ODDS, MOST_LOG_ODDS);
            *weight = odds.exp();
        }
    }
    let covered = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
    if covered > 0.0 {
        weights.iter_mut().for_each(|weight| *weight /= covered);
    }
    Ratio { weights, covered }
}

/// Rows without weights that would tell as much: `(sum w)^2 / sum w^2`. 0
/// without weight.
///
/// ```
/// use driftguard_statistics::importance::effective_rows;
/// assert_eq!(effective_rows(&[1.0, 1.0, 0.0, 0.0]), 2.0);
/// ```
pub fn effective_rows(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    if squares > 0.0 {
        sum * sum / squares
    } else {
        0.0
    }
}

/// Fewest effective rows with which weights are worth anything: 100, and 1 % of
/// the rows.
pub fn least_effective_rows(rows: usize) -> f64 {
    (rows as f64 / 100.0).max(100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Rng;

    #[test]
    fn nothing_to_weigh() {
        assert!(ratio(&[], &[], &[true], &LIMITS).weights.is_empty());
        let rows: Vec<&[u8]> = vec![&[1]; 8];
        assert_eq!(ratio(&rows, &[], &[true], &LIMITS).weights, [1.0; 8]);
        assert_eq!(effective_rows(&[]), 0.0);
        assert_eq!(
            (least_effective_rows(50), least_effective_rows(50_000)),
            (100.0, 500.0)
        );
    }

    /// A column of ten even bins of which the lower half is three times as
    /// frequent now: true weights 1.5 and 0.5, effective share 0.8.
    #[test]
    fn weights_are_the_density_ratio() {
        let mut rng = Rng(3);
        let mut draw = |tilt: f64| -> Vec<Vec<u8>> {
            let mut rows = vec![];
            while rows.len() < 8000 {
                let code = (rng.uniform() * 10.0) as u8;
                let keep = if code < 5 { 1.0 } else { tilt };
                if rng.uniform() < keep {
                    rows.push(vec![code, (rng.uniform() * 8.0) as u8]);
                }
            }
            rows
        };
        let (reference, current) = (draw(1.0), draw(1.0 / 3.0));
        let p: Vec<&[u8]> = reference.iter().map(Vec::as_slice).collect();
        let q: Vec<&[u8]> = current.iter().map(Vec::as_slice).collect();
        let Ratio {
            weights: found,
            covered,
        } = ratio(&p, &q, &[true, true], &LIMITS);
        assert!((covered - 1.0).abs() < 0.05, "{covered}");
        let mean = |low: bool| {
            let of = reference
                .iter()
                .zip(&found)
                .filter(|(row, _)| (row[0] < 5) == low);
            let (n, sum) = of.fold((0.0, 0.0), |(n, sum), (_, w)| (n + 1.0, sum + w));
            sum / n
        };
        assert!(
            (mean(true) - 1.5).abs() < 0.05 && (mean(false) - 0.5).abs() < 0.05,
            "{} {}",
            mean(true),
            mean(false)
        );
        let share = effective_rows(&found) / found.len() as f64;
        assert!((share - 0.8).abs() < 0.03, "{share}");
    }

    /// All weights are as small, so they look even; that they are small tells.
    #[test]
    fn rows_apart_are_not_covered() {
        let side =
            |code: u8| -> Vec<Vec<u8>> { (0..2000).map(|i| vec![code, i as u8 % 8]).collect() };
        let (p, q) = (side(2), side(9));
        let p: Vec<&[u8]> = p.iter().map(Vec::as_slice).collect();
        let q: Vec<&[u8]> = q.iter().map(Vec::as_slice).collect();
        let found = ratio(&p, &q, &[true, true], &LIMITS);
        assert!(
            found.covered < 0.05 && effective_rows(&found.weights) > 1900.0,
            "{found:?}"
        );
    }
}
