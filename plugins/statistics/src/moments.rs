//! Number, mean, spread and extremes of values, mergeable.

use serde::{Deserialize, Serialize};

use crate::noise::Noise;

/// Moments of the finite values of a column. Merging is associative and
/// commutative up to rounding of the last digits (it adds floats).
///
/// Squares of values beyond some 1e154 have no 64-bit float. Mean or spread
/// are then unknown ([`Self::overflowed`]) and stay so, whatever is merged;
/// number and extremes are exact always.
///
/// Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
/// Computing Sample Variances", 1979.
///
/// ```
/// use driftguard_statistics::Moments;
/// let moments = Moments::of(&[1.0, 2.0, 3.0]);
/// assert_eq!(moments.mean(), Some(2.0));
/// assert_eq!(moments.min(), Some(1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Moments {
    n: u64,
    /// NaN if it cannot be represented; so is `m2`.
    mean: f64,
    m2: f64,
    min: f64,
    max: f64,
}

impl Moments {
    /// Moments of values; those that are not finite are left out.
    pub fn of(values: &[f64]) -> Self {
        values.iter().fold(Self::default(), |mut moments, value| {
            moments.push(*value);
            moments
        })
    }

    /// What the host's summary kernel says. `m2` is the sum of squared
    /// deviations from the mean. A mean or `m2` that is not finite is unknown.
    /// Without rows, or with an extreme that is not finite, it is the empty
    /// state.
    pub fn from_parts(n: u64, mean: f64, m2: f64, min: f64, max: f64) -> Self {
        if n == 0 || !min.is_finite() || !max.is_finite() {
            return Self::default();
        }
        Self {
            n,
            mean: known(mean),
            m2: if m2 < 0.0 { 0.0 } else { known(m2) },
            min,
            max,
        }
    }

    /// Adds one value; does nothing when it is not finite.
    pub fn push(&mut self, value: f64) {
        if value.is_finite() {
            self.merge(&Self {
                n: 1,
                mean: value,
                m2: 0.0,
                min: value,
                max: value,
            });
        }
    }

    /// Adds the rows of another state.
    pub fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        if self.n == 0 {
            *self = *other;
            return;
        }
        let n = self.n.saturating_add(other.n);
        let weight = other.n as f64 / n as f64;
        let difference = other.mean - self.mean;
        // Written so that exchanging the two sides rounds in the same way.
        let mean = self.mean * (self.n as f64 / n as f64) + other.mean * weight;
        let m2 = (self.m2 + other.m2) + difference * difference * (self.n as f64 * weight);
        self.m2 = known(m2);
        self.mean = known(mean);
        self.n = n;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Number of finite values.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Mean; None without values, or if it is unknown.
    pub fn mean(&self) -> Option<f64> {
        self.any(self.mean)
    }

    /// Smallest value; None without values.
    pub fn min(&self) -> Option<f64> {
        self.any(self.min)
    }

    /// Largest value; None without values.
    pub fn max(&self) -> Option<f64> {
        self.any(self.max)
    }

    /// Whether mean or spread are beyond the range of 64-bit floats.
    pub fn overflowed(&self) -> bool {
        !(self.mean.is_finite() && self.m2.is_finite())
    }

    /// Variance of these values, divided by n; None without values, or if it
    /// is unknown.
    pub fn variance(&self) -> Option<f64> {
        self.any(self.m2 / self.n as f64)
    }

    /// Standard deviation of these values (divided by n, as `numpy.std`).
    pub fn standard_deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// Whether there is at most one distinct value.
    pub fn is_constant(&self) -> bool {
        self.n == 0 || self.min == self.max
    }

    fn any(&self, value: f64) -> Option<f64> {
        (self.n > 0 && value.is_finite()).then_some(value)
    }
}

/// The value, or one and the same NaN for what is not finite.
fn known(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}

/// How far the mean moved, in standard deviations of the reference. None
/// when a side is empty or has overflowed, or the reference is constant.
///
/// Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988.
pub fn mean_shift(reference: &Moments, current: &Moments) -> Option<f64> {
    if reference.is_constant() {
        return None;
    }
    let sd = reference.standard_deviation().filter(|sd| *sd > 0.0)?;
    Some((current.mean()? - reference.mean()?) / sd).filter(|shift| shift.is_finite())
}

/// Noise of the absolute mean shift when nothing changed: `c` times a
/// standard normal, folded, with `c = sqrt(1/n + 1/m)`.
pub fn mean_shift_noise(n: u64, m: u64) -> Option<Noise> {
    let c = crate::noise::sampling_scale(n, m)?;
    let half_normal = (2.0 / std::f64::consts::PI).sqrt();
    Some(Noise {
        mean: c * half_normal,
        sd: c * (1.0 - half_normal * half_normal).sqrt(),
    })
}

/// `ln` of the ratio of variances, current over reference. None when either
/// side is empty, constant or has overflowed.
pub fn log_variance_ratio(reference: &Moments, current: &Moments) -> Option<f64> {
    if reference.is_constant() || current.is_constant() {
        return None;
    }
    let ratio = (current.variance()? / reference.variance()?).ln();
    ratio.is_finite().then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(left: Option<f64>, right: Option<f64>) -> bool {
        match (left, right) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs())),
            (None, None) => true,
            _ => false,
        }
    }

    #[test]
    fn empty_and_constant_are_none() {
        let empty = Moments::default();
        assert_eq!(empty.mean(), None);
        assert_eq!(empty.standard_deviation(), None);
        let constant = Moments::of(&[3.0, 3.0]);
        assert_eq!(mean_shift(&constant, &constant), None);
        assert_eq!(log_variance_ratio(&constant, &constant), None);
        assert_eq!(Moments::of(&[f64::NAN, f64::INFINITY]), empty);
        assert_eq!(
            Moments::from_parts(0, f64::NAN, f64::NAN, f64::NAN, f64::NAN),
            empty
        );
    }

    #[test]
    fn what_overflows_is_unknown_and_stays_so() {
        let huge = Moments::of(&[1e200, -1e200, 3e200]);
        assert!(huge.overflowed() && huge.variance().is_none());
        assert_eq!(
            (huge.n(), huge.min(), huge.max()),
            (3, Some(-1e200), Some(3e200))
        );
        let small = Moments::of(&[1.0, 2.0]);
        let (mut left, mut right) = (huge, small);
        left.merge(&small);
        right.merge(&huge);
        for merged in [left, right] {
            assert!(merged.overflowed() && merged.variance().is_none());
            assert_eq!((merged.n(), merged.max()), (5, Some(3e200)));
            assert_eq!(mean_shift(&merged, &small), None);
            assert_eq!(log_variance_ratio(&small, &merged), None);
        }
        let unknown = Moments::from_parts(2, f64::NAN, f64::INFINITY, -1e300, 1e300);
        assert_eq!((unknown.n(), unknown.min()), (2, Some(-1e300)));
        assert!(unknown.overflowed() && unknown.mean().is_none());
        // One huge value is a mean, and no spread.
        assert_eq!(Moments::of(&[1e300, 1e300]).variance(), Some(0.0));
        assert!(!small.overflowed() && !Moments::default().overflowed());
    }

    #[test]
    fn shift_is_in_reference_deviations() {
        let reference = Moments::of(&[0.0, 2.0]);
        assert_eq!(mean_shift(&reference, &Moments::of(&[2.0, 4.0])), Some(2.0));
    }

    proptest! {
        #[test]
        fn merge_is_one_pass(a in prop::collection::vec(-1e3f64..1e3, 0..30), b in prop::collection::vec(-1e3f64..1e3, 0..30), c in prop::collection::vec(-1e3f64..1e3, 0..30)) {
            let states = [Moments::of(&a), Moments::of(&b), Moments::of(&c)];
            let fold = |order: [usize; 3]| order.iter().fold(Moments::default(), |mut sum, i| { sum.merge(&states[*i]); sum });
            let mut right = states[1];
            right.merge(&states[2]);
            let mut grouped = states[0];
            grouped.merge(&right);
            let all = Moments::of(&[a, b, c].concat());
            for merged in [fold([0, 1, 2]), fold([2, 1, 0]), grouped] {
                prop_assert_eq!(merged.n(), all.n());
                prop_assert_eq!((merged.min(), merged.max()), (all.min(), all.max()));
                prop_assert!(close(merged.mean(), all.mean()));
                prop_assert!(close(merged.variance(), all.variance()));
            }
        }
    }
}
