//! What an answer costs when the truth is known: log-loss, squared and absolute
//! error, summed in integers so that sums merge exactly.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::StateError;
use crate::confusion::Estimate;
use crate::kitagawa::{Cell, Units};

/// Scores are kept this far from 0 and 1, so that no row costs more than 34.5.
pub const CLIP: f64 = 1e-15;
/// One in fixed point; a row is off by at most 8e-9, and the largest loss still
/// has 32 bits.
const ONE: f64 = 67_108_864.0;
/// Errors beyond this many units count as this many where fourth powers are
/// summed: 16 times the largest of the sample.
const MOST_FOR_FOURTH: u64 = 1 << 24;

/// Logarithmic loss of a score for a row that is, or is not, positive.
///
/// Good, "Rational Decisions", 1952.
pub fn log_loss(score: f64, positive: bool) -> f64 {
    let score = score.clamp(CLIP, 1.0 - CLIP);
    match positive {
        true => -score.ln(),
        false => -(-score).ln_1p(),
    }
}

/// [`log_loss`] for sums in fixed point: within 1e-12 of it, at a fifth of the
/// price. The logarithm of the fraction is that of the nearest of 128 ones and a
/// series of the ratio to that.
pub fn log_loss_for_sum(score: f64, positive: bool) -> f64 {
    let score = score.clamp(CLIP, 1.0 - CLIP);
    -logarithm(if positive { score } else { 1.0 - score })
}

/// Steps of the fraction.
const FRACTIONS: usize = 128;

/// For each step the reciprocal of its middle, and the logarithm of the middle.
static MIDDLES: LazyLock<[(f64, f64); FRACTIONS]> = LazyLock::new(|| {
    std::array::from_fn(|step| {
        let middle = 1.0 + (step as f64 + 0.5) / FRACTIONS as f64;
        (1.0 / middle, middle.ln())
    })
});

/// Natural logarithm of a number of the normal range above 0.
fn logarithm(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let fraction = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let (reciprocal, known) = MIDDLES[((bits >> 45) & 127) as usize];
    let r = fraction * reciprocal - 1.0;
    let series = r * (1.0 - r * (0.5 - r * (1.0 / 3.0 - r * (0.25 - r * 0.2))));
    exponent as f64 * std::f64::consts::LN_2 + known + series
}

/// Squared distance of a score from what came true.
///
/// Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.
pub fn brier(score: f64, positive: bool) -> f64 {
    let gap = f64::from(u8::from(positive)) - score;
    gap * gap
}

/// Sum of losses of at most 34.5 a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LossSum(Cell);

impl LossSum {
    /// Adds a row; a loss that is not finite is left out.
    pub fn push(&mut self, loss: f64) {
        if loss.is_finite() {
            // One instruction in WebAssembly, where rounding halves up is a call.
            self.0.push((loss * ONE).round_ties_even() as i64);
        }
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.0.n
    }

    /// The mean loss with its variance; none with fewer than two rows.
    pub fn mean(&self) -> Option<Estimate> {
        mean_of(&self.0, 1.0 / ONE)
    }

    /// Adds the rows of another sum.
    ///
    /// # Errors
    /// [`StateError::Overflow`] for sums that no rows lead to.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        self.0.merge(&other.0)
    }
}

fn mean_of(cell: &Cell, unit: f64) -> Option<Estimate> {
    Some(Estimate {
        value: cell.mean()? * unit,
        variance: cell.variance()? * unit * unit / cell.n as f64,
    })
}

/// Sums of errors, answer less truth, in units of the reference.
///
/// ```
/// use driftguard_statistics::kitagawa::Units;
/// use driftguard_statistics::losses::ErrorSums;
/// let units = Units::for_sample(&[3.0]);
/// let mut sums = ErrorSums::default();
/// [3.0, -1.0, 1.0, -3.0].into_iter().for_each(|error| sums.push(units, error));
/// assert_eq!(sums.absolute(units).map(|mean| mean.value), Some(2.0));
/// assert_eq!(sums.mean(units).map(|mean| mean.value), Some(0.0));
/// assert!(sums.root_mean_square(units).is_some_and(|rmse| (rmse.value - 5_f64.sqrt()).abs() < 1e-12));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorSums {
    signed: Cell,
    absolute: i128,
    fourth: u128,
}

impl ErrorSums {
    /// Adds a row; an error that is not finite is left out.
    pub fn push(&mut self, units: Units, error: f64) {
        let Some(error) = units.of(error) else { return };
        self.signed.push(error);
        let size = error.unsigned_abs();
        self.absolute += i128::from(size);
        self.fourth += u128::from(size.min(MOST_FOR_FOURTH)).pow(4);
    }

    /// Rows.
    pub fn rows(&self) -> u64 {
        self.signed.n
    }

    /// Mean error, answer less truth.
    pub fn mean(&self, units: Units) -> Option<Estimate> {
        mean_of(&self.signed, units.size())
    }

    /// Mean absolute error.
    pub fn absolute(&self, units: Units) -> Option<Estimate> {
        let cell = Cell {
            sum: self.absolute,
            ..self.signed
        };
        mean_of(&cell, units.size())
    }

    /// Root of the mean squared error; its variance by the slope of the root.
    pub fn root_mean_square(&self, units: Units) -> Option<Estimate> {
        let n = self.signed.n as f64;
        if n < 2.0 {
            return None;
        }
        let square = self.signed.squares as f64 / n;
        let spread = (self.fourth as f64 / n - square * square).max(0.0);
        let value = square.sqrt();
        let slope = if value > 0.0 { 0.5 / value } else { 0.0 };
        Some(Estimate {
            value: value * units.size(),
            variance: slope * slope * spread / (n - 1.0) * units.size() * units.size(),
        })
    }

    /// Adds the rows of other sums in the same units. On an error nothing
    /// changes.
    ///
    /// # Errors
    /// [`StateError::Overflow`] for sums that no rows lead to.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        let overflow = || StateError::Overflow { what: "errors" };
        let mut signed = self.signed;
        signed.merge(&other.signed)?;
        let absolute = self.absolute.checked_add(other.absolute);
        let fourth = self.fourth.checked_add(other.fourth);
        *self = Self {
            signed,
            absolute: absolute.ok_or_else(overflow)?,
            fourth: fourth.ok_or_else(overflow)?,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn certain_and_wrong_costs_much_and_no_more() {
        assert!((log_loss(0.0, true) - 34.538_776_394_910_684).abs() < 1e-9);
        assert!((log_loss(1.0, false) - 34.538_776_394_910_684).abs() < 0.2);
        assert!(log_loss(1.0, true) < 1e-14 && log_loss(0.5, false) > 0.69);
        assert_eq!(brier(0.25, true), 0.5625);
    }

    #[test]
    fn nothing_has_no_mean() {
        assert_eq!(LossSum::default().mean(), None);
        assert_eq!(ErrorSums::default().root_mean_square(Units::ONE), None);
        let mut sums = ErrorSums::default();
        sums.push(Units::ONE, f64::NAN);
        assert_eq!(sums.rows(), 0);
        (0..4).for_each(|_| sums.push(Units::ONE, 0.0));
        assert_eq!(
            sums.root_mean_square(Units::ONE),
            Some(Estimate {
                value: 0.0,
                variance: 0.0
            })
        );
    }

    proptest! {
        #[test]
        fn sums_take_nearly_the_same_loss(score in 0.0f64..=1.0, power in 0i32..16, positive: bool) {
            for score in [score, score * 10f64.powi(-power), 1.0 - score * 10f64.powi(-power)] {
                let (fast, exact) = (log_loss_for_sum(score, positive), log_loss(score, positive));
                // 1 - score is rounded where the score is next to 1 or 0.
                let rounding = 2e-16 / (if positive { score } else { 1.0 - score }).max(CLIP);
                prop_assert!((fast - exact).abs() <= 1e-12 + rounding, "{} {}", fast, exact);
            }
        }

        #[test]
        fn merge_is_one_pass(errors in prop::collection::vec(-1e3f64..1e3, 0..60), cut in 0usize..60) {
            let units = Units::for_sample(&errors);
            let of = |errors: &[f64]| {
                let mut sums = ErrorSums::default();
                errors.iter().for_each(|error| sums.push(units, *error));
                sums
            };
            let (left, right) = errors.split_at(cut.min(errors.len()));
            let mut merged = of(left);
            merged.merge(&of(right)).unwrap();
            let mut turned = of(right);
            turned.merge(&of(left)).unwrap();
            prop_assert_eq!(merged, of(&errors));
            prop_assert_eq!(merged, turned);
        }
    }
}
