//! ADWIN: a window that drops its oldest part as soon as two halves of it have
//! means too different for chance.
//!
//! Bifet and Gavaldà, "Learning from Time-Changing Data with Adaptive
//! Windowing", 2007: an exponential histogram of buckets, the bound of
//! Bernstein's kind with `ln(2 ln(width) / delta)`, in the form that MOA and
//! `river` compute.

use std::collections::VecDeque;

/// Buckets of one size before two of them become one.
const MOST_BUCKETS: usize = 5;
/// Fewest values on either side of a cut.
const FEWEST: f64 = 5.0;
/// Values before the first look.
const GRACE: u64 = 10;
/// Sizes of buckets: more than any stream fills.
const MOST_ROWS: usize = 64;

/// Some neighbouring values.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    total: f64,
    /// Sum of squared deviations from their mean.
    squares: f64,
}

/// What two groups of values add to the sum of squares when they are joined.
fn between(n: f64, mean: f64, m: f64, other: f64) -> f64 {
    n * m * (mean - other).powi(2) / (n + m)
}

/// The detector. After a signal it begins anew; what is left of the window
/// then is told by [`Adwin::width`] until the next value.
///
/// ```
/// use driftguard_statistics::adwin::Adwin;
/// let mut detector = Adwin::new(0.002, 32);
/// let stream = [0.2, 0.3].into_iter().cycle().take(400).chain([0.8; 200]);
/// let found = stream.enumerate().find(|(_, value)| detector.update(*value));
/// let (at, _) = found.unwrap();
/// assert!((400..450).contains(&at));
/// assert!(detector.width() < 100);
/// ```
#[derive(Debug, Clone)]
pub struct Adwin {
    delta: f64,
    clock: u64,
    tick: u64,
    signalled: bool,
    width: f64,
    total: f64,
    squares: f64,
    /// Buckets of 1, 2, 4 ... values; in each row the oldest first.
    rows: Vec<VecDeque<Bucket>>,
}

impl Adwin {
    /// Of no values. `delta` bounds the chance of a false cut; the window is
    /// looked at after every `clock` values.
    pub fn new(delta: f64, clock: u64) -> Self {
        Self {
            delta,
            clock: clock.max(1),
            tick: 0,
            signalled: false,
            width: 0.0,
            total: 0.0,
            squares: 0.0,
            rows: vec![VecDeque::new()],
        }
    }

    /// Number of the newest values that are taken to be of one law.
    pub fn width(&self) -> u64 {
        self.width as u64
    }

    /// Takes the next value; true where a change is signalled. What is not
    /// finite is passed over.
    pub fn update(&mut self, value: f64) -> bool {
        if self.signalled {
            *self = Self::new(self.delta, self.clock);
        }
        if !value.is_finite() {
            return false;
        }
        self.insert(value);
        self.tick += 1;
        if self.tick.is_multiple_of(self.clock) && self.width > GRACE as f64 {
            while self.cut() {
                self.signalled = true;
            }
        }
        self.signalled
    }

    fn insert(&mut self, value: f64) {
        if self.width > 0.0 {
            self.squares += between(self.width, self.total / self.width, 1.0, value);
        }
        self.width += 1.0;
        self.total += value;
        let bucket = Bucket {
            total: value,
            squares: 0.0,
        };
        if let Some(row) = self.rows.first_mut() {
            row.push_back(bucket);
        }
        self.compress();
    }

    fn compress(&mut self) {
        for size in 0..self.rows.len().min(MOST_ROWS) {
            let n = size_of(size);
            let Some(row) = self
                .rows
                .get_mut(size)
                .filter(|row| row.len() > MOST_BUCKETS)
            else {
                return;
            };
            let (Some(one), Some(two)) = (row.pop_front(), row.pop_front()) else {
                return;
            };
            let joined = Bucket {
                total: one.total + two.total,
                squares: one.squares + two.squares + between(n, one.total / n, n, two.total / n),
            };
            if self.rows.len() == size + 1 {
                self.rows.push(VecDeque::new());
            }
            if let Some(next) = self.rows.get_mut(size + 1) {
                next.push_back(joined);
            }
        }
    }

    /// Drops the oldest bucket if some cut tells two laws apart.
    fn cut(&mut self) -> bool {
        let mut old = (0.0, 0.0);
        let mut new = (self.width, self.total);
        for (size, row) in self.rows.iter().enumerate().rev() {
            let n = size_of(size);
            for bucket in row {
                old = (old.0 + n, old.1 + bucket.total);
                new = (new.0 - n, new.1 - bucket.total);
                let apart = old.1 / old.0 - new.1 / new.0;
                if new.0 >= FEWEST && old.0 >= FEWEST && self.differ(old.0, new.0, apart) {
                    self.drop_oldest();
                    return true;
                }
            }
        }
        false
    }

    fn differ(&self, old: f64, new: f64, apart: f64) -> bool {
        let log = (2.0 * self.width.ln() / self.delta).ln();
        let reciprocal = 1.0 / (old - FEWEST + 1.0) + 1.0 / (new - FEWEST + 1.0);
        let variance = self.squares / self.width;
        let bound = (2.0 * reciprocal * variance * log).sqrt() + 2.0 / 3.0 * log * reciprocal;
        apart.abs() > bound
    }

    fn drop_oldest(&mut self) {
        let size = self.rows.len() - 1;
        let n = size_of(size);
        let Some(oldest) = self.rows.last_mut().and_then(VecDeque::pop_front) else {
            return;
        };
        self.width -= n;
        self.total -= oldest.total;
        let mean = self.total / self.width.max(1.0);
        self.squares -= oldest.squares + between(n, oldest.total / n, self.width, mean);
        if size > 0 && self.rows.last().is_some_and(VecDeque::is_empty) {
            self.rows.pop();
        }
    }
}

/// Values in a bucket of the row.
fn size_of(row: usize) -> f64 {
    2_f64.powi(i32::try_from(row).unwrap_or(i32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_on_constants_and_few_values() {
        let mut detector = Adwin::new(0.002, 1);
        assert!((0..3_000).all(|_| !detector.update(0.4)));
        assert_eq!(detector.width(), 3_000);
        assert!(!detector.update(f64::INFINITY));
        assert_eq!(detector.width(), 3_000);
        let mut detector = Adwin::new(0.002, 0);
        assert!(
            [0.0, 1.0, 1.0]
                .into_iter()
                .all(|value| !detector.update(value))
        );
    }
}
