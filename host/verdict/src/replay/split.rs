//! One metric, measured with old and new model on old and new data, and its
//! move split between them with intervals.
//!
//! Every metric is a mean of one number a row, so all parts are differences of
//! means over the two arms (rows of old data, rows of new data), and within an
//! arm both models are paired row by row. The variance is therefore exact:
//!
//! | part | old data | new data |
//! |---|---|---|
//! | data | -(a + b) / 2 | (c + d) / 2 |
//! | code | (b - a) / 2 | (d - c) / 2 |
//! | interaction | -(b - a) | d - c |
//! | total | -a | d |
//!
//! with a, b the old and the new model's numbers on old rows, c, d on new
//! rows; what a paired bootstrap of rows within arms converges to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cause::factorial::Cells;

/// Standard errors on either side of an interval of 95 %.
const TWO_SIDED: f64 = 1.959_963_984_540_054;

/// A part of a move with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Part {
    /// In the metric's unit.
    pub value: f64,
    /// 95 % interval under independent rows.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The share of rows that a move of this size moves, 0 to 1: the scale of
    /// the decision.
    pub effect: f64,
}

impl Part {
    /// Whether it is beyond chance.
    pub fn is_clear(&self) -> bool {
        self.low > 0.0 || self.high < 0.0
    }
}

/// A metric's move, split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MetricSplit {
    /// Old model, old data.
    pub old_on_old: f64,
    /// Old model, new data.
    pub old_on_new: f64,
    /// New model, old data.
    pub new_on_old: f64,
    /// New model, new data.
    pub new_on_new: f64,
    /// The part of the data; with the code's exactly the total.
    pub data: Part,
    /// The part of the code.
    pub code: Part,
    /// What both do together beyond what each does alone; half of it is in
    /// each part.
    pub interaction: Part,
    /// `|interaction| / (|data| + |code|)`; null where neither moved anything.
    pub interaction_share: Option<f64>,
    /// The whole move.
    pub total: Part,
    /// Whether it is a share of rows, so that an effect is the move itself.
    pub is_share: bool,
    /// What other effects are relative to: the standard deviation over old rows
    /// under the old model; 1 for shares.
    pub spread: f64,
}

/// One number a row: old and new model on old and new data. Slices of one arm
/// have equal length.
#[derive(Debug, Clone, Copy)]
pub struct Arms<'a> {
    /// Old model, old data.
    pub old_on_old: &'a [f64],
    /// New model, old data.
    pub new_on_old: &'a [f64],
    /// Old model, new data.
    pub old_on_new: &'a [f64],
    /// New model, new data.
    pub new_on_new: &'a [f64],
}

impl Arms<'_> {
    /// Splits the move. `is_share`: the numbers are 0 and 1, and the effect of
    /// a move is the move.
    pub fn split(&self, is_share: bool) -> MetricSplit {
        let cells = Cells {
            old_old: mean(self.old_on_old),
            old_new: mean(self.old_on_new),
            new_old: mean(self.new_on_old),
            new_new: mean(self.new_on_new),
        }
        .on_grid();
        let split = cells.split();
        let spread = if is_share {
            1.0
        } else {
            variance(self.old_on_old.iter().copied()).sqrt()
        };
        let old = || self.old_on_old.iter().zip(self.new_on_old);
        let new = || self.old_on_new.iter().zip(self.new_on_new);
        let error = |on_old: f64, on_new: f64| {
            let (rows_old, rows_new) = (self.old_on_old.len(), self.old_on_new.len());
            (on_old / rows_old as f64 + on_new / rows_new as f64).sqrt()
        };
        let part = |value: f64, error: f64| Part {
            value,
            low: value - TWO_SIDED * error,
            high: value + TWO_SIDED * error,
            effect: effect(value, spread, is_share),
        };
        let gap = |(a, b): (&f64, &f64)| b - a;
        let middle = |(a, b): (&f64, &f64)| 0.5 * (a + b);
        let [gaps_old, gaps_new] = [variance(old().map(gap)), variance(new().map(gap))];
        let data = error(variance(old().map(middle)), variance(new().map(middle)));
        let total = error(
            variance(self.old_on_old.iter().copied()),
            variance(self.new_on_new.iter().copied()),
        );
        MetricSplit {
            old_on_old: cells.old_old,
            old_on_new: cells.old_new,
            new_on_old: cells.new_old,
            new_on_new: cells.new_new,
            data: part(split.data, data),
            code: part(split.code, 0.5 * error(gaps_old, gaps_new)),
            interaction: part(split.interaction, error(gaps_old, gaps_new)),
            interaction_share: split.interaction_share(),
            total: part(split.total, total),
            is_share,
            spread,
        }
    }
}

/// The mean; 0 of nothing. Sums in pairs, so that order hardly matters.
pub fn mean(values: &[f64]) -> f64 {
    fn sum(values: &[f64]) -> f64 {
        match values.len() {
            0..=64 => values.iter().sum(),
            length => {
                let (left, right) = values.split_at(length / 2);
                sum(left) + sum(right)
            }
        }
    }
    sum(values) / values.len().max(1) as f64
}

/// Sample variance; 0 of fewer than two.
fn variance(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let (mut n, mut sum) = (0_u64, 0.0);
    for value in values.clone() {
        n += 1;
        sum += value;
    }
    if n < 2 {
        return 0.0;
    }
    let mean = sum / n as f64;
    values
        .map(|value| (value - mean) * (value - mean))
        .sum::<f64>()
        / (n - 1) as f64
}

/// The share of rows moved: of a share the move itself, of a mean that of a
/// normal law moved by as much, `2 Phi(u / 2s) - 1`, as the check `cause` does.
pub fn effect(value: f64, spread: f64, is_share: bool) -> f64 {
    if value == 0.0 {
        0.0
    } else if is_share {
        value.abs().min(1.0)
    } else if spread > 0.0 {
        erf(value.abs() / spread / 2.0 / std::f64::consts::SQRT_2)
    } else {
        1.0
    }
}

/// Error function of x >= 0, to 1.5e-7 (Abramowitz and Stegun, 1964, 7.1.26).
fn erf(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let series = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let sum = series.iter().fold(0.0, |sum, term| (sum + term) * t);
    1.0 - sum * (-x * x).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn arms<'a>(a: &'a [f64], b: &'a [f64], c: &'a [f64], d: &'a [f64]) -> Arms<'a> {
        Arms {
            old_on_old: a,
            new_on_old: b,
            old_on_new: c,
            new_on_new: d,
        }
    }

    #[test]
    fn error_function() {
        for (x, expected) in [
            (0.0, 0.0),
            (0.5, 0.520_499_9),
            (1.0, 0.842_700_8),
            (3.0, 0.999_977_9),
        ] {
            assert!((erf(x) - expected).abs() < 2e-7, "{x}");
        }
        // An eighth of a standard deviation moves 5 % of rows.
        assert!((effect(0.125, 1.0, false) - 0.05).abs() < 0.001);
        assert_eq!(effect(0.1, 0.0, false), 1.0);
        assert_eq!(effect(-0.1, 0.0, true), 0.1);
    }

    /// Four rows a side by hand.
    #[test]
    fn parts_and_their_errors() {
        let split = arms(&[0.0, 1.0], &[1.0, 1.0], &[0.0, 0.0], &[0.0, 1.0]).split(true);
        let cells = [
            split.old_on_old,
            split.new_on_old,
            split.old_on_new,
            split.new_on_new,
        ];
        assert_eq!(cells, [0.5, 1.0, 0.0, 0.5]);
        assert_eq!((split.data.value, split.code.value), (-0.5, 0.5));
        assert_eq!((split.interaction.value, split.total.value), (0.0, 0.0));
        // Variances 1/2 in both arms' differences: sqrt(1/4 + 1/4) / 2.
        let half = (split.code.high - split.code.low) / 2.0 / TWO_SIDED;
        assert!((half - 0.5_f64.sqrt() / 2.0).abs() < 1e-12);
        assert!(!split.code.is_clear());
    }

    /// One model: the code's part is 0, without any uncertainty.
    #[test]
    fn one_model_has_no_code_part() {
        let (a, c) = ([0.1, 0.4, 0.3], [0.7, 0.2, 0.9]);
        let split = arms(&a, &a, &c, &c).split(false);
        assert_eq!(
            (split.code.value, split.code.low, split.code.high),
            (0.0, 0.0, 0.0)
        );
        assert_eq!(split.data.value, split.total.value);
    }

    proptest! {
        // Exactly, whatever the numbers: not up to rounding.
        #[test]
        fn data_and_code_are_the_total_exactly(
            old in proptest::collection::vec((-1e9_f64..1e9, -1e-3_f64..1e9), 1..40),
            new in proptest::collection::vec((-1.0_f64..1e9, -1e9_f64..1.0), 1..40),
        ) {
            let (a, b): (Vec<f64>, Vec<f64>) = old.into_iter().unzip();
            let (c, d): (Vec<f64>, Vec<f64>) = new.into_iter().unzip();
            let split = arms(&a, &b, &c, &d).split(false);
            prop_assert_eq!(split.data.value + split.code.value, split.total.value);
            prop_assert_eq!(split.new_on_new - split.old_on_old, split.total.value);
            let near = |left: f64, right: f64| (left - right).abs() <= 1e-12 * 1e9;
            prop_assert!(near(split.old_on_old, mean(&a)) && near(split.new_on_new, mean(&d)));
        }
    }
}
