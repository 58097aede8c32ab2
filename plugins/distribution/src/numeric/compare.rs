//! Two sides of a numeric column into findings.

use driftguard_sdk::prelude::{Error, Finding, Status};
use driftguard_statistics::special::kolmogorov_sf;
use driftguard_statistics::{Moments, Noise, ks};

use super::{NumericFrame, NumericProfile, Side, evidence};
use crate::finding::Subjected;
use crate::shift::{LEVEL, distance, shift};
use crate::words::{number, pair, percent};

const DECILES: &str = "tv/q10ref/v1";
/// Share of rows in a tail that is worth a word; 5 % are there anyhow.
const TAIL: f64 = 0.1;
/// Ratios of spreads within these are not worth a word.
const SPREAD: std::ops::RangeInclusive<f64> = 0.8..=1.25;
/// Above this effective number of rows the p-value is that of the limit, which
/// is then too large by a tenth of a percent at 0.01 and by two at 1e-8.
const LARGE: f64 = 2_000.0;

/// Both sides of a comparison.
#[derive(Debug)]
pub struct Sides<'a> {
    column: &'a str,
    pub(super) frame: &'a NumericFrame,
    /// The reference.
    pub reference: Side<'a>,
    /// The current side.
    pub current: Side<'a>,
}

/// Compares two profiles on one frame. A side with fewer than `min_rows`
/// finite values is "insufficient data".
///
/// - `ks/exact/v1` or `ks/edges64/v1`, measurement: the largest gap between
///   the cumulative distributions; exact while both profiles still have all
///   their values, at the frame's edges otherwise.
/// - `tv/q10ref/v1`, measurement: rows that moved between the reference's
///   deciles; sees a change of scale that the gap hardly sees.
/// - supporting: `psi/q10ref/eps1e-4/v1`, `js-distance/q10ref/base2/v1`,
///   `hellinger/q10ref/v1`, `w1/exact/v1` or `w1/edges64/v1`,
///   `mean-shift/sd/v1`, `log-variance-ratio/v1`.
///
/// # Errors
///
/// [`Error::State`] for a frame or a profile that does not fit.
pub fn compare(
    column: &str,
    frame: &NumericFrame,
    reference: &NumericProfile,
    current: &NumericProfile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    Sides::new(column, frame, reference, current)?.findings(min_rows)
}

impl<'a> Sides<'a> {
    /// Both sides, checked against a frame that was.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for a profile that does not fit the frame.
    pub fn new(
        column: &'a str,
        frame: &'a NumericFrame,
        reference: &'a NumericProfile,
        current: &'a NumericProfile,
    ) -> Result<Self, Error> {
        Ok(Self {
            column,
            frame,
            reference: Side::new(frame, reference)?,
            current: Side::new(frame, current)?,
        })
    }

    /// What findings are about.
    pub fn about(&self) -> Subjected<'a> {
        Subjected {
            column: self.column,
            reference: self.reference.rows(),
            current: self.current.rows(),
        }
    }

    /// The findings of [`compare`].
    ///
    /// # Errors
    ///
    /// As [`compare`].
    pub fn findings(&self, min_rows: u64) -> Result<Vec<Finding>, Error> {
        let about = self.about();
        if let Some(finding) = about.not_enough(self.ks_metric(), "finite values", min_rows) {
            return Ok(vec![finding]);
        }
        if let Some(finding) = self.one_value() {
            return Ok(vec![finding]);
        }
        let p = self.reference.decile_counts()?;
        let q = self.current.decile_counts()?;
        let mut findings: Vec<Finding> = self.kolmogorov_smirnov().into_iter().collect();
        findings.extend(self.between_deciles(p.as_slice(), q.as_slice()));
        findings.extend(self.supporting((p.as_slice(), q.as_slice())));
        Ok(findings)
    }

    /// The measurements of [`Self::findings`] with the numbers by which
    /// periods are ranked, and nothing else; none where there is too little.
    ///
    /// # Errors
    ///
    /// As [`compare`].
    pub fn ranked(&self, min_rows: u64) -> Result<Vec<Finding>, Error> {
        let about = self.about();
        let few = about.reference.min(about.current) < min_rows.max(1);
        if few || self.one_value().is_some() {
            return Ok(vec![]);
        }
        let mut findings = vec![];
        if let Some((statistic, noise)) = self.gap() {
            let effect = noise.corrected(statistic);
            findings.push(about.ranked(self.ks_metric(), statistic, effect, noise));
        }
        let p = self.reference.decile_counts()?;
        let q = self.current.decile_counts()?;
        if let Some(found) = distance(p.as_slice(), q.as_slice()) {
            findings.push(about.ranked(DECILES, found.statistic, found.effect, found.noise));
        }
        Ok(findings)
    }

    pub(super) fn moments(&self) -> (&Moments, &Moments) {
        (
            self.reference.profile().moments(),
            self.current.profile().moments(),
        )
    }

    pub(super) fn unit(&self) -> &str {
        self.column
    }

    fn exact(&self) -> bool {
        self.reference.complete() && self.current.complete()
    }

    /// All values of both sides in rising order; none if one side has dropped
    /// some: what is left of the other is not put in order for nothing.
    pub(super) fn both_sorted(&self) -> Option<(&[f64], &[f64])> {
        if !self.exact() {
            return None;
        }
        Some((self.reference.sorted()?, self.current.sorted()?))
    }

    fn ks_metric(&self) -> &'static str {
        if self.exact() {
            "ks/exact/v1"
        } else {
            "ks/edges64/v1"
        }
    }

    /// Both sides hold one and the same value: no distribution to compare.
    fn one_value(&self) -> Option<Finding> {
        let value = self.reference.constant()?;
        if self.current.constant()? != value {
            return None;
        }
        let about = self.about();
        let message = format!(
            "{}: every value is {} on both sides",
            about.name(),
            number(value)
        );
        let finding = about.measurement(self.ks_metric(), message);
        Some(finding.status(Status::Degenerate).statistic(0.0))
    }

    /// The largest gap between the cumulative distributions, and its noise.
    fn gap(&self) -> Option<(f64, Noise)> {
        let gap = match self.both_sorted() {
            Some((p, q)) => ks::from_sorted(p, q)?,
            _ => ks::from_counts(self.reference.counts(), self.current.counts())?,
        };
        let noise = ks::noise(self.reference.rows(), self.current.rows())?;
        Some((gap.statistic, noise))
    }

    fn kolmogorov_smirnov(&self) -> Option<Finding> {
        let (gap, noise) = self.gap()?;
        let (n, m) = (self.reference.rows(), self.current.rows());
        let effect = noise.corrected(gap);
        let interval = ks::interval(gap, n, m, LEVEL)?;
        let mut finding = self
            .about()
            .measurement(self.ks_metric(), self.message(effect))
            .statistic(gap)
            .effect(effect)
            .noise(noise.mean, noise.sd)
            .interval(interval.low, interval.high, interval.level);
        if let Some(p) = ks_p_value(gap, n, m) {
            finding = finding.p_value(p);
        }
        if let Some(moved) = self.robust_distance() {
            finding = finding.unit_effect(moved, self.unit());
        }
        match evidence::histogram(self.frame, &self.reference, &self.current) {
            Some(drawn) => Some(finding.evidence(drawn)),
            None => Some(finding),
        }
    }

    fn between_deciles(&self, p: &[u64], q: &[u64]) -> Option<Finding> {
        let about = self.about();
        let metric = DECILES;
        let Some(shift) = shift(p, q) else {
            let message = format!("{}: all rows lie in one bin of deciles", about.name());
            let finding = about.measurement(metric, message).statistic(0.0);
            return Some(finding.status(Status::Degenerate));
        };
        let message = format!(
            "{}: {} of rows moved between the reference's deciles",
            about.name(),
            percent(shift.effect)
        );
        Some(about.shifted(metric, &shift, message))
    }

    /// Medians, tails and spread, in one sentence.
    fn message(&self, effect: f64) -> String {
        let mut parts = Vec::new();
        let medians = (self.reference.quantile(0.5), self.current.quantile(0.5));
        if let (Some(left), Some(right)) = medians {
            let (left, right) = pair(left, right);
            parts.push(format!("median {left} -> {right}"));
        }
        let tails = self.tails();
        if tails.is_empty() && effect >= 0.005 {
            parts.push(format!("{} of rows moved", percent(effect)));
        }
        parts.extend(tails);
        parts.extend(self.spread());
        format!("{}: {}", self.about().name(), parts.join("; "))
    }

    fn tails(&self) -> Vec<String> {
        let Some(quantiles) = self.frame.quantiles() else {
            return vec![];
        };
        let below = self.current.share_below(quantiles.q05);
        let above = 1.0 - self.current.share_below(quantiles.q95.next_up());
        let word = |share: f64, place: &str| {
            (share > TAIL).then(|| {
                format!(
                    "{} of rows lie {place} the reference's {} % quantile",
                    percent(share),
                    if place == "below" { 5 } else { 95 }
                )
            })
        };
        [word(below, "below"), word(above, "above")]
            .into_iter()
            .flatten()
            .collect()
    }

    fn spread(&self) -> Option<String> {
        let reference = self.reference.interquartile_range()?;
        let current = self.current.interquartile_range()?;
        if reference <= 0.0 || SPREAD.contains(&(current / reference)) {
            return None;
        }
        let (left, right) = pair(reference, current);
        Some(format!("the interquartile range went {left} -> {right}"))
    }
}

/// As `ks::p_value`, but for many rows the limit law with the correction of
/// Maag and Dicaire, "On Kolmogorov-Smirnov type one-sample statistics", 1971:
/// the exact sum takes as many steps as there are rows.
fn ks_p_value(d: f64, n: u64, m: u64) -> Option<f64> {
    let rows = n as f64 * m as f64 / (n as f64 + m as f64);
    if rows <= LARGE {
        return ks::p_value(d, n, m);
    }
    let root = rows.sqrt();
    Some(kolmogorov_sf(root * d + 1.0 / (6.0 * root)).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
