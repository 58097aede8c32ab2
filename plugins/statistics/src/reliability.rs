//! Do scores mean what they say? Scores of both classes by bin of the score,
//! and what follows from them: expected calibration error, calibration in the
//! large, the parts of the Brier score, slope and intercept.

use serde::{Deserialize, Serialize};

use crate::StateError;
use crate::confusion::Estimate;
use crate::kitagawa::Cell;
use crate::losses::LossSum;

/// One in fixed point.
const ONE: f64 = 16_777_216.0;
/// Steps of Newton's method for slope and intercept.
const STEPS: usize = 25;
/// Mean scores are kept this far from 0 and 1 before logits are taken.
const CLIP: f64 = 1e-6;

/// Rows of one bin: their scores, by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreBin {
    positives: Cell,
    negatives: Cell,
}

/// Scores within 0 and 1 over bins. Merging is exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reliability {
    bins: Vec<ScoreBin>,
    /// `(1 - 2 s)^2 s (1 - s)` of each row, for Spiegelhalter's z.
    expected: LossSum,
}

/// One bin in numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibrated {
    /// Rows.
    pub n: u64,
    /// Mean score.
    pub score: f64,
    /// Share of positives.
    pub rate: f64,
    /// Variance of `rate - score` if the share of positives is what it seems,
    /// a row more of each kind.
    pub variance: f64,
}

/// The parts of the Brier score: reliability less resolution plus uncertainty,
/// which adds up to the score of the bins' means (Murphy, "A New Vector
/// Partition of the Probability Score", 1973).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BrierParts {
    /// How far rates are from scores: 0 is best.
    pub reliability: f64,
    /// How far rates are from each other: more is better.
    pub resolution: f64,
    /// That of the share of positives by itself.
    pub uncertainty: f64,
}

impl Reliability {
    /// No rows, so many bins.
    pub fn new(bins: usize) -> Self {
        Self {
            bins: vec![ScoreBin::default(); bins],
            expected: LossSum::default(),
        }
    }

    /// Number of bins.
    pub fn len(&self) -> usize {
        self.bins.len()
    }

    /// Whether there are no bins.
    pub fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// Adds a row; a score that is not within 0 and 1 is left out.
    pub fn push(&mut self, bin: usize, score: f64, positive: bool) {
        let Some(bin) = self
            .bins
            .get_mut(bin)
            .filter(|_| (0.0..=1.0).contains(&score))
        else {
            return;
        };
        let side = if positive {
            &mut bin.positives
        } else {
            &mut bin.negatives
        };
        side.push((score * ONE).round_ties_even() as i64);
        self.expected
            .push((1.0 - 2.0 * score).powi(2) * score * (1.0 - score));
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        let rows = |bin: &ScoreBin| bin.positives.n.saturating_add(bin.negatives.n);
        self.bins
            .iter()
            .fold(0, |sum, bin| sum.saturating_add(rows(bin)))
    }

    /// Positive rows.
    pub fn positives(&self) -> u64 {
        self.bins
            .iter()
            .fold(0, |sum, bin| sum.saturating_add(bin.positives.n))
    }

    /// Each bin in numbers; without rows all are 0.
    pub fn bins(&self) -> Vec<Calibrated> {
        let number = |bin: &ScoreBin| {
            let (hits, n) = (
                bin.positives.n as f64,
                bin.positives.n as f64 + bin.negatives.n as f64,
            );
            let sum = (bin.positives.sum as f64 + bin.negatives.sum as f64) / ONE;
            let share = (hits + 1.0) / (n + 2.0);
            let rows = n.max(1.0);
            Calibrated {
                n: bin.positives.n.saturating_add(bin.negatives.n),
                score: sum / rows,
                rate: hits / rows,
                variance: share * (1.0 - share) / rows,
            }
        };
        self.bins.iter().map(number).collect()
    }

    /// Expected calibration error: `sum w |rate - score|` over the bins with
    /// their shares of rows `w`, each gap less what noise adds to its square, as
    /// Kumar, Liang and Ma do over all bins ("Verified Uncertainty Calibration",
    /// 2019). The variance is that of the sum of signed gaps.
    ///
    /// Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated Probabilities
    /// Using Bayesian Binning", 2015.
    pub fn calibration_error(&self) -> Option<Estimate> {
        let all = self.rows() as f64;
        if all < 2.0 {
            return None;
        }
        let (mut value, mut variance) = (0.0, 0.0);
        for bin in self.bins().iter().filter(|bin| bin.n > 0) {
            let share = bin.n as f64 / all;
            let gap = (bin.rate - bin.score).abs();
            value += share * without_noise(gap, bin.variance);
            variance += share * share * bin.variance;
        }
        Some(Estimate { value, variance })
    }

    /// The same without correction, as libraries give it.
    pub fn plain_calibration_error(&self) -> Option<f64> {
        let all = self.rows() as f64;
        let part = |bin: &Calibrated| bin.n as f64 / all * (bin.rate - bin.score).abs();
        (all > 0.0).then(|| self.bins().iter().map(part).sum())
    }

    /// Calibration in the large: share of positives less mean score.
    pub fn in_the_large(&self) -> Option<Estimate> {
        let total = |of: fn(&ScoreBin) -> Cell| {
            let cells: Vec<Cell> = self.bins.iter().map(of).collect();
            Cell::total(&cells).ok()
        };
        let (yes, no) = (total(|bin| bin.positives)?, total(|bin| bin.negatives)?);
        let n = yes.n as f64 + no.n as f64;
        if n < 2.0 {
            return None;
        }
        let (yes_sum, no_sum) = (yes.sum as f64 / ONE, no.sum as f64 / ONE);
        let squares = (yes.squares as f64 + no.squares as f64) / (ONE * ONE);
        let mean = (yes.n as f64 - yes_sum - no_sum) / n;
        // Of (y - s)^2: 1 - 2 s + s^2 for positives, s^2 for negatives.
        let second = (yes.n as f64 - 2.0 * yes_sum + squares) / n;
        Some(Estimate {
            value: mean,
            variance: (second - mean * mean).max(0.0) / (n - 1.0),
        })
    }

    /// Spiegelhalter's z: `sum (y - s)(1 - 2 s)` over its deviation if the
    /// scores are right. None where all scores are 0, a half or 1.
    ///
    /// Spiegelhalter, "Probabilistic prediction in patient management and
    /// clinical trials", 1986.
    pub fn spiegelhalter(&self) -> Option<f64> {
        let spread = self.expected.mean()?.value * self.expected.rows() as f64;
        let part = |bin: &ScoreBin| {
            let (yes, no) = (&bin.positives, &bin.negatives);
            let (yes_sum, no_sum) = (yes.sum as f64 / ONE, no.sum as f64 / ONE);
            let squares = (yes.squares as f64 + no.squares as f64) / (ONE * ONE);
            (yes.n as f64 - 2.0 * yes_sum) - (yes_sum + no_sum) + 2.0 * squares
        };
        let sum: f64 = self.bins.iter().map(part).sum();
        (spread > 0.0).then(|| sum / spread.sqrt())
    }

    /// The parts of the Brier score of the bins' means.
    pub fn brier_parts(&self) -> Option<BrierParts> {
        let all = self.rows() as f64;
        if all <= 0.0 {
            return None;
        }
        let rate = self.positives() as f64 / all;
        let (mut reliability, mut resolution) = (0.0, 0.0);
        for bin in self.bins() {
            let share = bin.n as f64 / all;
            reliability += share * (bin.rate - bin.score).powi(2);
            resolution += share * (bin.rate - rate).powi(2);
        }
        Some(BrierParts {
            reliability,
            resolution,
            uncertainty: rate * (1.0 - rate),
        })
    }

    /// Intercept and slope of the logit of the rate over the logit of the mean
    /// score of each bin, by maximum likelihood; 0 and 1 for scores that mean
    /// what they say. None where it does not settle.
    ///
    /// Cox, "Two Further Applications of a Model for Binary Regression", 1958.
    pub fn logistic(&self) -> Option<(f64, f64)> {
        let points: Vec<(f64, f64, f64)> = self
            .bins()
            .iter()
            .filter(|bin| bin.n > 0)
            .map(|bin| {
                let score = bin.score.clamp(CLIP, 1.0 - CLIP);
                (
                    (score / (1.0 - score)).ln(),
                    bin.rate * bin.n as f64,
                    bin.n as f64,
                )
            })
            .collect();
        let (mut intercept, mut slope) = (0.0, 1.0);
        for _ in 0..STEPS {
            let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 0.0, 0.0, 0.0);
            for (x, hits, n) in &points {
                let p = 1.0 / (1.0 + (-(intercept + slope * x)).exp());
                let (gap, weight) = (hits - n * p, n * p * (1.0 - p));
                (g0, g1) = (g0 + gap, g1 + gap * x);
                (h00, h01, h11) = (h00 + weight, h01 + weight * x, h11 + weight * x * x);
            }
            let determinant = h00 * h11 - h01 * h01;
            if determinant.abs() < 1e-12 {
                return None;
            }
            let step = (
                (h11 * g0 - h01 * g1) / determinant,
                (h00 * g1 - h01 * g0) / determinant,
            );
            (intercept, slope) = (intercept + step.0, slope + step.1);
            if step.0.abs() + step.1.abs() < 1e-10 {
                return Some((intercept, slope)).filter(|(a, b)| a.is_finite() && b.is_finite());
            }
        }
        None
    }

    /// Adds the rows of another side over the same bins. On an error nothing
    /// changes.
    ///
    /// # Errors
    /// [`StateError`] for another number of bins, or sums that no rows lead to.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        if self.bins.len() != other.bins.len() {
            return Err(StateError::Mismatch {
                what: "bins of scores",
                left: self.bins.len() as u64,
                right: other.bins.len() as u64,
            });
        }
        let mut merged = self.clone();
        for (mine, theirs) in merged.bins.iter_mut().zip(&other.bins) {
            mine.positives.merge(&theirs.positives)?;
            mine.negatives.merge(&theirs.negatives)?;
        }
        merged.expected.merge(&other.expected)?;
        *self = merged;
        Ok(())
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    /// [`StateError::Invalid`] for sums that scores within 0 and 1 cannot give.
    pub fn validate(&self) -> Result<(), StateError> {
        let most = |cell: &Cell| (0..=i128::from(cell.n) * ONE as i128).contains(&cell.sum);
        let fits = self
            .bins
            .iter()
            .all(|bin| most(&bin.positives) && most(&bin.negatives));
        let rows = self.bins.iter().try_fold(0_u64, |sum, bin| {
            sum.checked_add(bin.positives.n)?
                .checked_add(bin.negatives.n)
        });
        match fits && rows == Some(self.expected.rows()) {
            true => Ok(()),
            false => Err(StateError::Invalid {
                what: "reliability",
                problem: "its sums are not those of scores within 0 and 1",
            }),
        }
    }
}

/// A gap without what noise adds to its square.
fn without_noise(gap: f64, variance: f64) -> f64 {
    (gap * gap - variance).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn uniform(state: &mut u64) -> f64 {
        *state = crate::thinned::row_hash(*state);
        (*state >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Scores that come true as often as `truth` says of them.
    fn side(seed: u64, n: usize, truth: impl Fn(f64) -> f64) -> Reliability {
        let mut state = seed;
        let mut table = Reliability::new(15);
        for _ in 0..n {
            let score = uniform(&mut state);
            let positive = uniform(&mut state) < truth(score);
            table.push((score * 15.0) as usize, score, positive);
        }
        table
    }

    #[test]
    fn right_scores_have_no_error() {
        let (mut error, mut plain, mut far) = (0.0, 0.0, 0);
        for seed in 0..200 {
            let table = side(seed * 31 + 1, 1500, |s| s);
            error += table.calibration_error().unwrap().value / 200.0;
            plain += table.plain_calibration_error().unwrap() / 200.0;
            far += u32::from(table.spiegelhalter().unwrap().abs() > 1.96);
        }
        // Noise makes the plain error 0.035; most of that is taken out.
        assert!(plain > 0.025 && error < 0.016, "{plain} {error}");
        assert!((2..=20).contains(&far), "{far} of 200 beyond 1.96");
    }

    #[test]
    fn wrong_scores_have_theirs() {
        let high = side(5, 40_000, |s| 0.8 * s);
        let large = high.in_the_large().unwrap();
        assert!((large.value + 0.1).abs() < 0.01 && large.variance < 1e-4);
        assert!((high.calibration_error().unwrap().value - 0.1).abs() < 0.01);
        assert!(high.spiegelhalter().unwrap().abs() > 5.0);
        let steep = side(6, 40_000, |s| {
            let logit = (s / (1.0 - s)).ln();
            1.0 / (1.0 + (-(0.3 + 0.5 * logit)).exp())
        });
        let (intercept, slope) = steep.logistic().unwrap();
        assert!((intercept - 0.3).abs() < 0.05 && (slope - 0.5).abs() < 0.05);
    }

    #[test]
    fn degenerate() {
        let empty = Reliability::new(3);
        assert_eq!(empty.calibration_error(), None);
        assert_eq!((empty.in_the_large(), empty.spiegelhalter()), (None, None));
        assert_eq!((empty.brier_parts(), empty.logistic()), (None, None));
        let mut table = Reliability::new(1);
        table.push(0, 1.5, true);
        table.push(7, 0.5, true);
        assert_eq!(table.rows(), 0);
        assert!(table.merge(&Reliability::new(2)).is_err());
        (0..9).for_each(|_| table.push(0, 1.0, true));
        assert_eq!((table.spiegelhalter(), table.logistic()), (None, None));
        assert!(table.validate().is_ok());
        let mut torn = table.clone();
        torn.bins[0].positives.sum = -1;
        assert!(torn.validate().is_err());
    }

    proptest! {
        #[test]
        fn merge_is_one_pass_and_parts_add_up(rows in prop::collection::vec((0.0f64..1.0, any::<bool>()), 2..80), cut in 0usize..80) {
            let of = |rows: &[(f64, bool)]| {
                let mut table = Reliability::new(4);
                rows.iter().for_each(|(score, positive)| table.push((score * 4.0) as usize, *score, *positive));
                table
            };
            let (left, right) = rows.split_at(cut.min(rows.len()));
            let mut merged = of(left);
            merged.merge(&of(right)).unwrap();
            let mut turned = of(right);
            turned.merge(&of(left)).unwrap();
            prop_assert_eq!(&merged, &of(&rows));
            prop_assert_eq!(&merged, &turned);
            let parts = merged.brier_parts().unwrap();
            let by_bin: f64 = merged.bins().iter().map(|bin| {
                let n = bin.n as f64;
                n * (bin.rate * (1.0 - bin.score).powi(2) + (1.0 - bin.rate) * bin.score.powi(2))
            }).sum::<f64>() / rows.len() as f64;
            prop_assert!((parts.reliability - parts.resolution + parts.uncertainty - by_bin).abs() < 1e-9);
        }
    }
}
