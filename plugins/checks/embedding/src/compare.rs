//! Two profiles into findings.

use driftguard_distribution::finding::Subjected;
use driftguard_distribution::refused;
use driftguard_distribution::shift::Shift;
use driftguard_distribution::words::{number, percent};
use driftguard_sdk::prelude::{Error, Finding, Status};
use driftguard_statistics::mean_vector::{self, Difference, Spread};

use crate::frame::Frame;
use crate::profile::{Profile, Tallies, means};
use crate::repeats::repeated_share;

/// A coordinate that became constant counts as having this variance, in units
/// of the reference's.
const LEAST_VARIANCE: f64 = 1e-4;

/// Vectors of one side.
struct Side {
    rows: u64,
    tallies: Tallies,
}

/// Vectors of both sides.
struct Sides<'a> {
    about: Subjected<'a>,
    frame: &'a Frame,
    reference: Side,
    current: Side,
    min_rows: u64,
}

/// Everything that is measured of an embedding column.
///
/// # Errors
/// [`Error::State`] for states that vectors cannot produce.
pub fn compare(
    column: &str,
    frame: &Frame,
    reference: &Profile,
    current: &Profile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    let side = |profile: &Profile| -> Result<Side, Error> {
        profile.validate(frame)?;
        let (rows, tallies) = profile.vectors.total().map_err(refused)?;
        Ok(Side { rows, tallies })
    };
    let (reference, current) = (side(reference)?, side(current)?);
    let about = Subjected {
        column,
        reference: reference.rows,
        current: current.rows,
    };
    if let Some(finding) = about.not_enough("dead/tv/v1", "vectors", min_rows) {
        return Ok(vec![finding]);
    }
    let sides = Sides {
        about,
        frame,
        reference,
        current,
        min_rows,
    };
    let mut findings = vec![sides.dead()];
    findings.extend(sides.of_the_living());
    Ok(findings)
}

/// Logarithms of the variances of the folded coordinates. They are about 0 in
/// the reference, where their covariance is that of the squares; those of two
/// samples differ evenly to both sides, as their quotients do not.
fn log_variances(side: &Tallies) -> Vec<f64> {
    let n = side.alive();
    let squares = means(&side.second, n);
    let variances = squares
        .iter()
        .zip(means(&side.first, n))
        .map(|(square, mean)| square - mean * mean);
    variances
        .map(|variance| variance.max(LEAST_VARIANCE).ln())
        .collect()
}

impl Sides<'_> {
    fn dead(&self) -> Finding {
        let (a, n) = (self.reference.tallies.dead, self.reference.rows);
        let (b, m) = (self.current.tallies.dead, self.current.rows);
        let message = format!(
            "{}: {} of the vectors are dead (not finite, or one number throughout), {} in the reference",
            self.about.name(),
            percent(b as f64 / m as f64),
            percent(a as f64 / n as f64)
        );
        self.about
            .shifted("dead/tv/v1", &Shift::of_rates((a, n), (b, m)), message)
    }

    fn of_the_living(&self) -> Vec<Finding> {
        let (n, m) = (self.reference.tallies.alive(), self.current.tallies.alive());
        if n.min(m) < self.min_rows {
            let message = format!(
                "{}: {n} vectors of the reference and {m} now carry something, at least {} are needed on each side",
                self.about.name(),
                self.min_rows
            );
            let finding = self
                .about
                .measurement("mmd/rff64/v1", message)
                .rows(n, m)
                .status(Status::InsufficientData);
            return vec![finding];
        }
        let (before, now) = (&self.reference.tallies, &self.current.tallies);
        let norms = self.bins("norm/tv/q10ref/v1", "norm", &before.norms, &now.norms);
        let cosines = self.bins(
            "centroid-cosine/tv/q10ref/v1",
            "angle to the reference's centroid",
            &before.cosines,
            &now.cosines,
        );
        let mut findings = vec![self.repeats(n, m), norms, cosines];
        let frame = self.frame;
        findings.extend(
            self.vectors("centroid/mean-distance/v1", &frame.first, |side| {
                means(&side.first, side.alive())
            }),
        );
        findings.extend(self.vectors("spread/log-variances/v1", &frame.second, log_variances));
        findings.extend(self.vectors("mmd/rff64/v1", &frame.features, |side| {
            means(&side.features, side.alive())
        }));
        findings
            .into_iter()
            .map(|finding| finding.rows(n, m))
            .collect()
    }

    fn bins(&self, metric: &str, what: &str, p: &[u64], q: &[u64]) -> Finding {
        let shift = Shift::of_counts(p, q);
        let message = format!(
            "{}: the {what} moved for {} of the vectors",
            self.about.name(),
            percent(shift.effect)
        );
        self.about.shifted(metric, &shift, message)
    }

    /// Shares of repeats grow with the number of vectors, so both sides are
    /// taken at the smaller one.
    fn repeats(&self, n: u64, m: u64) -> Finding {
        let rows = n.min(m);
        let share = |side: &Side| repeated_share(&side.tallies.hashes, rows).unwrap_or(0.0);
        let (p, q) = (share(&self.reference), share(&self.current));
        let hits = |share: f64| ((share * rows as f64).round() as u64).min(rows);
        let message = format!(
            "{}: {} of the vectors repeat another one, {} in the reference",
            self.about.name(),
            percent(q),
            percent(p)
        );
        let shift = Shift::of_rates((hits(p), rows), (hits(q), rows));
        self.about.shifted("repeated/tv/v1", &shift, message)
    }

    /// None where vectors of the reference do not differ.
    fn vectors(
        &self,
        metric: &str,
        spread: &Option<Spread>,
        of: impl Fn(&Tallies) -> Vec<f64>,
    ) -> Option<Finding> {
        let (before, now) = (&self.reference.tallies, &self.current.tallies);
        let (n, m) = (before.alive(), now.alive());
        let (x, y) = (of(before), of(now));
        let found = mean_vector::compare(spread.as_ref()?, (n, &x), (m, &y))?;
        let (effect, message) = self.effect(metric, &found);
        Some(self.about.apart(metric, &found, message).effect(effect))
    }

    fn effect(&self, metric: &str, found: &Difference) -> (f64, String) {
        let name = self.about.name();
        if metric.starts_with("mmd") {
            // The kernel is between 0 and 1, so that the distance of the means
            // is at most sqrt(2) times the share of rows that moved.
            let least = found.noise.corrected(found.distance) / std::f64::consts::SQRT_2;
            let words = format!("{name}: at least {} of the vectors moved", percent(least));
            return (least.min(1.0), words);
        }
        let what = if metric.starts_with("centroid") {
            "centroid"
        } else {
            "spread of the coordinates"
        };
        let words = format!(
            "{name}: the {what} moved by {} standard deviations",
            number(found.separation)
        );
        (found.effect, words)
    }
}
