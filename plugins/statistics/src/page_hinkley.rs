//! The Page-Hinkley test: a cumulative sum of deviations from the running mean
//! that has gone up (or down) by more than a threshold.
//!
//! Page, "Continuous Inspection Schemes", 1954; Hinkley, "Inference about the
//! change-point from cumulative sum tests", 1971. The two-sided form with a
//! forgetting factor, as `river` computes it.

/// What it takes to signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Values before the first signal.
    pub least: u64,
    /// Deviations up to this are tolerated.
    pub delta: f64,
    /// The sum that signals.
    pub threshold: f64,
    /// Forgetting factor of the sums, 0 to 1.
    pub alpha: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            least: 30,
            delta: 0.005,
            threshold: 50.0,
            alpha: 0.9999,
        }
    }
}

/// The detector. After a signal it begins anew.
///
/// ```
/// use driftguard_statistics::page_hinkley::{Limits, PageHinkley};
/// let mut detector = PageHinkley::new(Limits { threshold: 10.0, ..Limits::default() });
/// let stream = [0.0; 100].into_iter().chain([1.0; 50]);
/// let first = stream.enumerate().find(|(_, value)| detector.update(*value));
/// assert_eq!(first.map(|(at, _)| at), Some(110));
/// ```
#[derive(Debug, Clone)]
pub struct PageHinkley {
    limits: Limits,
    n: u64,
    mean: f64,
    up: f64,
    down: f64,
    least_up: f64,
    most_down: f64,
}

impl PageHinkley {
    /// Of no values.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            n: 0,
            mean: 0.0,
            up: 0.0,
            down: 0.0,
            least_up: f64::INFINITY,
            most_down: -1.0,
        }
    }

    /// Takes the next value; true where a change is signalled.
    pub fn update(&mut self, value: f64) -> bool {
        let Limits {
            least,
            delta,
            threshold,
            alpha,
        } = self.limits;
        self.n += 1;
        self.mean += (value - self.mean) / self.n as f64;
        let deviation = value - self.mean;
        self.up = alpha * self.up + deviation - delta;
        self.down = alpha * self.down + deviation + delta;
        self.least_up = self.least_up.min(self.up);
        self.most_down = self.most_down.max(self.down);
        let far = self.up - self.least_up > threshold || self.most_down - self.down > threshold;
        let signal = self.n >= least && far;
        if signal {
            *self = Self::new(self.limits);
        }
        signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_on_a_constant_and_blind_to_nan() {
        let mut detector = PageHinkley::new(Limits::default());
        assert!((0..5_000).all(|_| !detector.update(3.0)));
        assert!(!detector.update(f64::NAN));
    }
}
