//! Questions to one side of a comparison.

use std::cell::OnceCell;

use driftguard_sdk::prelude::Error;
use driftguard_statistics::Counts;
use driftguard_statistics::quantile::{quantile_from_counts, quantile_sorted};

use super::{NumericFrame, NumericProfile};
use crate::state::refused;

/// Share of rows in one bin above which a quantile inside it is taken from the
/// sample: a side that moved away lies in the wide bins beyond the reference.
const CROWDED: f64 = 0.05;

/// One side: a profile on its frame, with the values of its sample in order,
/// which are sorted when first asked for: a large reference never is.
#[derive(Debug)]
pub struct Side<'a> {
    frame: &'a NumericFrame,
    profile: &'a NumericProfile,
    sample: OnceCell<Vec<f64>>,
}

impl<'a> Side<'a> {
    /// A side of a comparison.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for a profile that does not fit the frame.
    pub fn new(frame: &'a NumericFrame, profile: &'a NumericProfile) -> Result<Self, Error> {
        profile.validate(frame)?;
        Ok(Self {
            frame,
            profile,
            sample: OnceCell::new(),
        })
    }

    /// Number of finite values.
    pub fn rows(&self) -> u64 {
        self.profile.rows()
    }

    /// Whether no value was dropped from the sample.
    pub fn complete(&self) -> bool {
        self.profile.sample().complete()
    }

    /// All values in rising order, if none was dropped from the sample.
    pub fn sorted(&self) -> Option<&[f64]> {
        self.complete().then(|| self.sample())
    }

    fn sample(&self) -> &[f64] {
        self.sample
            .get_or_init(|| self.profile.sample().sorted_values())
    }

    /// Counts over the bins of the frame.
    pub fn counts(&self) -> &[u64] {
        self.profile.counts().as_slice()
    }

    /// The profile.
    pub fn profile(&self) -> &NumericProfile {
        self.profile
    }

    /// Counts over the reference's deciles (convention `q10ref`).
    ///
    /// # Errors
    ///
    /// [`Error::State`] if deciles and bins do not fit.
    pub fn decile_counts(&self) -> Result<Counts, Error> {
        self.profile
            .counts()
            .regroup(self.frame.edges(), &self.frame.decile_edges())
            .map_err(refused)
    }

    /// Smallest and largest value; None without values.
    pub fn extremes(&self) -> Option<(f64, f64)> {
        let moments = self.profile.moments();
        Some((moments.min()?, moments.max()?))
    }

    /// The only value, if there is exactly one distinct value.
    pub fn constant(&self) -> Option<f64> {
        self.extremes()
            .filter(|(min, max)| min == max)
            .map(|(min, _)| min)
    }

    /// A quantile: exact while all values are kept, otherwise interpolated
    /// inside a bin, or, in a bin with more than 5 % of the rows, the nearest
    /// value in that bin to the sample's quantile. None without values.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        if let Some(sorted) = self.sorted() {
            return quantile_sorted(sorted, p);
        }
        let (min, max) = self.extremes()?;
        let value = quantile_from_counts(self.frame.edges(), self.counts(), min, max, p)?;
        let bin = self.frame.edges().partition_point(|edge| *edge <= value);
        let rows = self.counts().get(bin).copied().unwrap_or(0) as f64;
        if rows <= CROWDED * self.rows() as f64 {
            return Some(value);
        }
        Some(match quantile_sorted(self.sample(), p) {
            Some(sampled) => {
                let (low, high) = self.bin_limits(bin, min, max);
                sampled.min(high).max(low)
            }
            None => value,
        })
    }

    /// The part of a bin in which there can be rows.
    fn bin_limits(&self, bin: usize, min: f64, max: f64) -> (f64, f64) {
        let edges = self.frame.edges();
        let low = bin.checked_sub(1).and_then(|before| edges.get(before));
        let low = low.map_or(min, |edge| edge.max(min));
        let high = edges.get(bin).map_or(max, |edge| edge.next_down().min(max));
        (low, high)
    }

    /// Interquartile range; None without values.
    pub fn interquartile_range(&self) -> Option<f64> {
        Some(self.quantile(0.75)? - self.quantile(0.25)?)
    }

    /// Share of rows below `x`: exact while all values are kept and at edges
    /// of the frame, otherwise interpolated inside the bin. 0 without rows.
    pub fn share_below(&self, x: f64) -> f64 {
        let rows = self.rows() as f64;
        if rows == 0.0 {
            return 0.0;
        }
        if let Some(sorted) = self.sorted() {
            return sorted.partition_point(|value| *value < x) as f64 / rows;
        }
        let edges = self.frame.edges();
        let bin = edges.partition_point(|edge| *edge <= x);
        let below: f64 = self.counts().iter().take(bin).map(|c| *c as f64).sum();
        (below / rows + self.part_of_bin(bin, x)).clamp(0.0, 1.0)
    }

    /// Share of all rows that lie in `bin` and below `x`, a value in it.
    fn part_of_bin(&self, bin: usize, x: f64) -> f64 {
        let Some((min, max)) = self.extremes() else {
            return 0.0;
        };
        let (low, high) = self.bin_limits(bin, min, max);
        let rows = self.counts().get(bin).copied().unwrap_or(0) as f64;
        let inside = (x - low) / (high - low);
        let inside = if inside.is_finite() {
            inside
        } else {
            f64::from(u8::from(x > low))
        };
        inside.clamp(0.0, 1.0) * rows / self.rows().max(1) as f64
    }

    /// Share of rows from `low` to below `high`.
    pub fn share_between(&self, low: f64, high: f64) -> f64 {
        (self.share_below(high) - self.share_below(low)).max(0.0)
    }

    /// The share of one value, or more: that of its bin, unless all values
    /// are kept. 0 without rows.
    pub fn share_of_value(&self, value: f64) -> f64 {
        if self.sorted().is_some() {
            return self.share_between(value, value.next_up());
        }
        let bin = self.frame.edges().partition_point(|edge| *edge <= value);
        let rows = self.counts().get(bin).copied().unwrap_or(0);
        rows as f64 / self.rows().max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: u32) -> Vec<f64> {
        (0..n).map(f64::from).collect()
    }

    fn profile(frame: &NumericFrame, values: &[f64], k: usize) -> NumericProfile {
        let mut profile = NumericProfile::new(frame, k);
        profile.add_values(frame, 0, values).unwrap();
        profile
    }

    #[test]
    fn interpolated_answers_are_near_the_exact_ones() {
        let frame = NumericFrame::of_sample(values(1000));
        let (all, some) = (
            profile(&frame, &values(1000), 2000),
            profile(&frame, &values(1000), 20),
        );
        let (exact, binned) = (
            Side::new(&frame, &all).unwrap(),
            Side::new(&frame, &some).unwrap(),
        );
        assert!(exact.sorted().is_some() && binned.sorted().is_none());
        for p in [0.0, 0.05, 0.3, 0.5, 0.99, 1.0] {
            let (left, right) = (exact.quantile(p).unwrap(), binned.quantile(p).unwrap());
            assert!((left - right).abs() < 3.0, "{left} {right}");
            let (left, right) = (
                exact.share_below(p * 1000.0),
                binned.share_below(p * 1000.0),
            );
            assert!((left - right).abs() < 3e-3, "{left} {right}");
        }
        assert_eq!(exact.share_of_value(7.0), 1e-3);
        assert!(binned.share_of_value(7.0) >= 1e-3);
    }

    #[test]
    fn empty_and_constant_sides() {
        let frame = NumericFrame::of_sample(vec![]);
        let empty = NumericProfile::new(&frame, 10);
        let side = Side::new(&frame, &empty).unwrap();
        assert_eq!((side.quantile(0.5), side.extremes()), (None, None));
        assert_eq!(
            (side.share_below(1.0), side.share_of_value(1.0)),
            (0.0, 0.0)
        );
        for k in [1, 10] {
            let fives = profile(&frame, &[5.0; 4], k);
            let side = Side::new(&frame, &fives).unwrap();
            assert_eq!(
                (side.constant(), side.quantile(0.3)),
                (Some(5.0), Some(5.0))
            );
            assert_eq!((side.share_below(5.0), side.share_below(5.1)), (0.0, 1.0));
        }
    }
}
