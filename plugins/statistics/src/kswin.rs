//! KSWIN: do the newest values of a sliding window come from the same law as
//! the older ones?
//!
//! Raab, Heusinger, Schleif, "Reactive Soft Prototype Computing for Concept
//! Drift Streams", 2020. There as many older values are drawn at random as there
//! are new ones; here they are evenly spaced, so that equal streams give equal
//! answers. With twice as many values in the window as new ones all older
//! values are taken, and both are the same test.

use std::collections::VecDeque;

use crate::ks;

/// A distance up to this is no change, however many values there are.
const LEAST: f64 = 0.1;

/// What it takes to signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Probability of a signal at each value, if nothing changed.
    pub alpha: f64,
    /// Values in the window.
    pub window: usize,
    /// The newest of them; at most half of the window are of use.
    pub newest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            alpha: 0.005,
            window: 100,
            newest: 30,
        }
    }
}

/// The detector. After a signal it begins anew.
///
/// ```
/// use driftguard_statistics::kswin::{Kswin, Limits};
/// let mut detector = Kswin::new(Limits { window: 60, newest: 30, ..Limits::default() });
/// let stream = (0..200).map(|i| f64::from(i * 37 % 101) + if i < 120 { 0.0 } else { 60.0 });
/// let first = stream.enumerate().find(|(_, value)| detector.update(*value));
/// assert!(first.is_some_and(|(at, _)| (120..150).contains(&at)));
/// ```
#[derive(Debug, Clone)]
pub struct Kswin {
    limits: Limits,
    held: VecDeque<f64>,
}

impl Kswin {
    /// Of no values.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            held: VecDeque::new(),
        }
    }

    /// Takes the next value; true where a change is signalled. What is not
    /// finite is passed over.
    pub fn update(&mut self, value: f64) -> bool {
        let Limits {
            alpha,
            window,
            newest,
        } = self.limits;
        if !value.is_finite() {
            return false;
        }
        self.held.push_back(value);
        if self.held.len() > window {
            self.held.pop_front();
        }
        let older = window.saturating_sub(newest);
        if self.held.len() < window || newest == 0 || older < newest {
            return false;
        }
        let place = |at: usize| at * older / newest;
        let mut before: Vec<f64> = (0..newest)
            .filter_map(|at| self.held.get(place(at)).copied())
            .collect();
        let mut now: Vec<f64> = self.held.iter().skip(older).copied().collect();
        before.sort_by(f64::total_cmp);
        now.sort_by(f64::total_cmp);
        let Some(gap) = ks::from_sorted(&before, &now) else {
            return false;
        };
        let n = newest as u64;
        let p = ks::p_value(gap.statistic, n, n).unwrap_or(1.0);
        let signal = p <= alpha && gap.statistic > LEAST;
        if signal {
            self.held.clear();
        }
        signal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_on_what_repeats_and_on_windows_that_make_no_sense() {
        let mut detector = Kswin::new(Limits::default());
        assert!((0..2_000).all(|i| !detector.update(f64::from(i * 37 % 101))));
        assert!(!detector.update(f64::NAN));
        for limits in [
            Limits {
                newest: 0,
                ..Limits::default()
            },
            Limits {
                newest: 90,
                ..Limits::default()
            },
            Limits {
                window: 0,
                ..Limits::default()
            },
        ] {
            let mut detector = Kswin::new(limits);
            assert!((0..300).all(|i| !detector.update(f64::from(i))));
        }
    }
}
