//! E-values to alarms.

/// Expected number of periods to the first false alarm, at least: a year of
/// days.
pub const ALARM_AT: f64 = 365.0;

/// Larger sums say nothing more, and stay finite.
const MOST: f64 = 1e9;

/// Shiryaev and Roberts' sum of bets on a change at each period so far:
/// R = (1 + R before) e.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Detector {
    value: f64,
}

impl Detector {
    /// The sum after one more bet. A bet that is no number is none at all.
    pub fn step(&mut self, e: f64) -> f64 {
        let e = if e.is_nan() { 1.0 } else { e.max(0.0) };
        self.value = ((1.0 + self.value) * e).min(MOST);
        self.value
    }

    /// The sum.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// After an alarm it begins again.
    pub fn restart(&mut self) {
        self.value = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bets_add_up_and_stay_finite() {
        let mut detector = Detector::default();
        assert_eq!(detector.step(2.0), 2.0);
        assert_eq!(detector.step(3.0), 9.0);
        assert_eq!(detector.step(f64::NAN), 10.0);
        for _ in 0..500 {
            detector.step(20.0);
        }
        assert!(detector.value().is_finite() && detector.value() > ALARM_AT);
        detector.restart();
        assert_eq!(detector.value(), 0.0);
    }
}
