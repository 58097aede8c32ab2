//! Findings beside the measurements: other people's distances, distances in
//! the unit of the column, moments. They never decide.

use driftguard_sdk::prelude::{Finding, Status};
use driftguard_statistics::Noise;
use driftguard_statistics::moments::{log_variance_ratio, mean_shift, mean_shift_noise};
use driftguard_statistics::wasserstein::{self, Binned};

use super::Side;
use super::compare::Sides;
use crate::finding::distances;
use crate::words::{number, pair};

/// Interquartile range of the standard normal distribution.
const NORMAL_IQR: f64 = 1.349;
/// Share of rows at either end that the unit effect leaves out.
const TRIM: f64 = 0.02;

impl Sides<'_> {
    pub(super) fn supporting(&self, deciles: (&[u64], &[u64])) -> Vec<Finding> {
        let mut out = distances(&self.about(), "q10ref", deciles.0, deciles.1);
        out.extend(self.wasserstein());
        if let Some(finding) = self.overflowed() {
            out.push(finding);
            return out;
        }
        out.extend(self.mean_shift());
        out.extend(self.variance_ratio());
        out
    }

    /// In the place of mean and spread, where values are so large that 64-bit
    /// floats hold neither. Ranks are not touched by it.
    fn overflowed(&self) -> Option<Finding> {
        let (p, q) = self.moments();
        if !p.overflowed() && !q.overflowed() {
            return None;
        }
        let about = self.about();
        let message = format!(
            "{}: values are so large that their mean or variance is beyond 64-bit floats; compared by ranks alone",
            about.name()
        );
        let finding = about.supporting("mean-shift/sd/v1", message);
        Some(finding.status(Status::NotApplicable))
    }

    /// Distance in the unit of the column, all rows; the effect is in robust
    /// standard deviations of the reference.
    fn wasserstein(&self) -> Option<Finding> {
        let (moved, method) = match self.both_sorted() {
            Some((p, q)) => (wasserstein::from_sorted(p, q)?, "exact"),
            _ => (self.binned_distance(None)?, "edges64"),
        };
        let (p, q) = (binned(&self.reference, None)?, binned(&self.current, None)?);
        let noise = wasserstein::noise(self.frame.edges(), p, q)?;
        let scaled = |value: f64| {
            let scaled = value / self.scale()?;
            scaled.is_finite().then_some(scaled)
        };
        let effect = scaled(noise.corrected(moved));
        let about = self.about();
        let scaled = scaled(moved).map_or(String::new(), |scaled| {
            format!(", {} robust sd of the reference", number(scaled))
        });
        let message = format!(
            "{}: values moved by {} on average{scaled}",
            about.name(),
            number(moved)
        );
        let finding = about
            .supporting(&format!("w1/{method}/v1"), message)
            .statistic(moved)
            .effect(effect.unwrap_or(0.0))
            .noise(noise.mean, noise.sd);
        Some(finding.unit_effect(moved, self.unit()))
    }

    /// What values moved by without the outermost 2 % of both sides, in the
    /// unit of the column: one outlier must not be the answer. Munk and Czado,
    /// "Nonparametric validation of similar distributions and assessment of
    /// goodness of fit", 1998, trim the distance for the same reason; here
    /// values beyond are drawn in rather than left out.
    pub(super) fn robust_distance(&self) -> Option<f64> {
        let (low, high) = inner(&self.reference)?;
        let (other_low, other_high) = inner(&self.current)?;
        let (low, high) = (low.min(other_low), high.max(other_high));
        let drawn_in = |sorted: &[f64]| -> Vec<f64> {
            sorted.iter().map(|value| value.clamp(low, high)).collect()
        };
        match self.both_sorted() {
            Some((p, q)) => wasserstein::from_sorted(&drawn_in(p), &drawn_in(q)),
            _ => self.binned_distance(Some((low, high))),
        }
    }

    fn binned_distance(&self, limits: Option<(f64, f64)>) -> Option<f64> {
        let p = binned(&self.reference, limits)?;
        let q = binned(&self.current, limits)?;
        wasserstein::from_counts(self.frame.edges(), p, q)
    }

    /// A robust standard deviation of the reference: IQR / 1.349, else the
    /// standard deviation. None for a constant.
    fn scale(&self) -> Option<f64> {
        let robust = self.reference.interquartile_range();
        let robust = robust.map(|range| range / NORMAL_IQR);
        let plain = self.reference.profile().moments().standard_deviation();
        let usable = |scale: &f64| *scale > 0.0 && scale.is_finite();
        robust.filter(usable).or(plain.filter(usable))
    }

    fn mean_shift(&self) -> Option<Finding> {
        let (p, q) = self.moments();
        let shift = mean_shift(p, q)?;
        let noise = mean_shift_noise(p.n(), q.n())?;
        let about = self.about();
        let (left, right) = pair(p.mean()?, q.mean()?);
        let message = format!(
            "{}: mean {left} -> {right}, {} sd of the reference",
            about.name(),
            number(shift)
        );
        Some(
            about
                .supporting("mean-shift/sd/v1", message)
                .statistic(shift)
                .effect(noise.corrected(shift.abs()))
                .noise(noise.mean, noise.sd),
        )
    }

    /// The noise is that of normal values: sd of the logarithm `sqrt(2) c`.
    fn variance_ratio(&self) -> Option<Finding> {
        let (p, q) = self.moments();
        let ratio = log_variance_ratio(p, q)?;
        let mean = mean_shift_noise(p.n(), q.n())?;
        let root = std::f64::consts::SQRT_2;
        let noise = Noise {
            mean: root * mean.mean,
            sd: root * mean.sd,
        };
        let about = self.about();
        let (left, right) = pair(p.standard_deviation()?, q.standard_deviation()?);
        let message = format!("{}: standard deviation {left} -> {right}", about.name());
        Some(
            about
                .supporting("log-variance-ratio/v1", message)
                .statistic(ratio)
                .effect(noise.corrected(ratio.abs()))
                .noise(noise.mean, noise.sd),
        )
    }
}

/// A side as counts, drawn in to the limits.
fn binned<'a>(side: &'a Side<'_>, limits: Option<(f64, f64)>) -> Option<Binned<'a>> {
    let (min, max) = side.extremes()?;
    let (low, high) = limits.unwrap_or((min, max));
    Some(Binned {
        counts: side.counts(),
        min: min.clamp(low, high),
        max: max.clamp(low, high),
    })
}

/// The values between which all but 2 % at either end lie; never
/// interpolated towards an outlier.
fn inner(side: &Side<'_>) -> Option<(f64, f64)> {
    let Some(sorted) = side.sorted() else {
        return Some((side.quantile(TRIM)?, side.quantile(1.0 - TRIM)?));
    };
    let last = sorted.len().checked_sub(1)?;
    let cut = (TRIM * last as f64).ceil() as usize;
    let low = sorted.get(cut.min(last))?;
    let high = sorted.get(last.saturating_sub(cut))?;
    Some((low.min(*high), high.max(*low)))
}
