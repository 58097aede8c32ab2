//! Did a quality fall? Two independent estimates compared.

use crate::Interval;
use crate::confusion::Estimate;
use crate::special::{normal_quantile, normal_sf};

/// A quality on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The reference's.
    pub reference: f64,
    /// The current one.
    pub current: f64,
    /// Current less reference.
    pub difference: f64,
    /// Standard deviation of `difference`.
    pub deviation: f64,
    /// Interval for the true difference.
    pub interval: Interval,
    /// Two-sided probability of such a difference if nothing changed.
    pub p_value: f64,
}

/// Compares two estimates that are independent of each other and nearly
/// normal. None for a level outside (0, 1) or what is not finite.
///
/// ```
/// use driftguard_statistics::confusion::Estimate;
/// use driftguard_statistics::quality::change;
/// let side = |value| Estimate { value, variance: 0.0001 };
/// let fell = change(side(0.8), side(0.75), 0.95).unwrap();
/// assert!((fell.difference + 0.05).abs() < 1e-12 && fell.p_value < 0.001);
/// ```
pub fn change(reference: Estimate, current: Estimate, level: f64) -> Option<Change> {
    if !(level > 0.0 && level < 1.0) {
        return None;
    }
    let difference = current.value - reference.value;
    let deviation = (reference.variance + current.variance).max(0.0).sqrt();
    if !difference.is_finite() || !deviation.is_finite() {
        return None;
    }
    let p_value = match (deviation > 0.0, difference == 0.0) {
        (true, _) => (2.0 * normal_sf(difference.abs() / deviation)).min(1.0),
        (false, true) => 1.0,
        (false, false) => 0.0,
    };
    let half = -normal_quantile((1.0 - level) / 2.0)? * deviation;
    Some(Change {
        reference: reference.value,
        current: current.value,
        difference,
        deviation,
        interval: Interval {
            low: difference - half,
            high: difference + half,
            level,
        },
        p_value,
    })
}

/// Mean of the positive part of a centred normal of this deviation: how much a
/// quality seems to fall when nothing changed, counting rises as none.
pub fn seeming_fall(deviation: f64) -> f64 {
    deviation / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(value: f64, variance: f64) -> Estimate {
        Estimate { value, variance }
    }

    #[test]
    fn degenerate() {
        assert_eq!(change(side(0.5, 0.1), side(0.5, 0.1), 1.0), None);
        assert_eq!(change(side(f64::NAN, 0.1), side(0.5, 0.1), 0.95), None);
        let same = change(side(0.5, 0.0), side(0.5, 0.0), 0.95).unwrap();
        assert_eq!((same.p_value, same.deviation), (1.0, 0.0));
        let sure = change(side(0.5, 0.0), side(0.6, 0.0), 0.95).unwrap();
        assert_eq!(sure.p_value, 0.0);
    }

    #[test]
    fn the_interval_is_that_of_the_normal_law() {
        let found = change(side(1.0, 0.5), side(3.0, 0.5), 0.95).unwrap();
        assert!((found.interval.high - 3.959_963_984_540_054).abs() < 1e-9);
        assert!((found.p_value - 0.045_500_263_896_358_42).abs() < 1e-9);
        assert!((seeming_fall(1.0) - 0.398_942_280_401_432_7).abs() < 1e-12);
    }
}
