//! Findings about one column, and those that every drift check gives.

use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::mean_vector::Difference;
use driftguard_statistics::{Noise, divergence};

use crate::shift::Shift;
use crate::words::{column, number};

/// The column that findings are about, and the rows used on either side.
#[derive(Debug, Clone, Copy)]
pub struct Subjected<'a> {
    /// The column's name.
    pub column: &'a str,
    /// Usable values of the reference.
    pub reference: u64,
    /// Usable values of the current side.
    pub current: u64,
}

impl Subjected<'_> {
    /// The column as it stands in messages.
    pub fn name(&self) -> String {
        column(self.column)
    }

    fn subject(&self) -> Subject {
        Subject::Column(self.column.into())
    }

    fn complete(&self, finding: Finding, message: String) -> Finding {
        finding.rows(self.reference, self.current).message(message)
    }

    /// A statistic with chance in it.
    pub fn measurement(&self, metric: &str, message: String) -> Finding {
        self.complete(Finding::measurement(metric, self.subject()), message)
    }

    /// Something that never decides.
    pub fn supporting(&self, metric: &str, message: String) -> Finding {
        self.complete(Finding::supporting(metric, self.subject()), message)
    }

    /// Something that is so, whatever n.
    pub fn fault(&self, metric: &str, message: String) -> Finding {
        self.complete(Finding::fault(metric, self.subject()), message)
    }

    /// The finding to give in the place of all others where values are
    /// missing on both sides or are too few on one; None where there are
    /// enough to compare.
    pub fn not_enough(&self, metric: &str, values: &str, min_rows: u64) -> Option<Finding> {
        let name = self.name();
        let (n, m) = (self.reference, self.current);
        if n == 0 && m == 0 {
            let message = format!("{name}: no {values} on either side");
            let finding = self.measurement(metric, message);
            return Some(finding.status(Status::NotApplicable));
        }
        if n.min(m) >= min_rows.max(1) {
            return None;
        }
        let message = format!(
            "{name}: {n} {values} in the reference and {m} now, at least {min_rows} are needed on each side"
        );
        let finding = self.measurement(metric, message);
        Some(finding.status(Status::InsufficientData))
    }

    /// The measurement that a [`Shift`] is.
    pub fn shifted(&self, metric: &str, shift: &Shift, message: String) -> Finding {
        self.measurement(metric, message)
            .statistic(shift.statistic)
            .effect(shift.effect)
            .noise(shift.noise.mean, shift.noise.sd)
            .interval(
                shift.interval.low,
                shift.interval.high,
                shift.interval.level,
            )
            .p_value(shift.p_value)
    }

    /// A measurement of numbers alone, for ranks.
    pub fn ranked(&self, metric: &str, statistic: f64, effect: f64, noise: Noise) -> Finding {
        self.measurement(metric, String::new())
            .statistic(statistic)
            .effect(effect)
            .noise(noise.mean, noise.sd)
    }

    /// The measurement that a distance of two mean vectors is.
    pub fn apart(&self, metric: &str, found: &Difference, message: String) -> Finding {
        self.measurement(metric, message)
            .statistic(found.distance)
            .effect(found.effect)
            .noise(found.noise.mean, found.noise.sd)
            .p_value(found.p_value)
    }
}

type Distance = fn(&[u64], &[u64]) -> Option<f64>;
type NoiseOf = fn(&[u64], &[u64]) -> Option<Noise>;

/// Population stability index, Jensen-Shannon and Hellinger distance over
/// `bins` (`q10ref`, `values`), each corrected by its noise; those that are
/// not defined are left out.
pub(crate) fn distances(
    about: &Subjected<'_>,
    bins: &str,
    reference: &[u64],
    current: &[u64],
) -> Vec<Finding> {
    let known: [(String, &str, Distance, NoiseOf); 3] = [
        (
            format!("psi/{bins}/eps1e-4/v1"),
            "population stability index",
            divergence::psi,
            divergence::psi_noise,
        ),
        (
            format!("js-distance/{bins}/base2/v1"),
            "Jensen-Shannon distance",
            divergence::jensen_shannon_distance,
            divergence::jensen_shannon_distance_noise,
        ),
        (
            format!("hellinger/{bins}/v1"),
            "Hellinger distance",
            divergence::hellinger,
            divergence::hellinger_noise,
        ),
    ];
    known
        .into_iter()
        .filter_map(|(metric, title, distance, noise)| {
            let value = distance(reference, current)?;
            let noise = noise(reference, current)?;
            Some(distance_finding(about, &metric, title, value, noise))
        })
        .collect()
}

/// One distance as a supporting finding.
pub(crate) fn distance_finding(
    about: &Subjected<'_>,
    metric: &str,
    title: &str,
    value: f64,
    noise: Noise,
) -> Finding {
    let message = format!(
        "{}: {title} {} where {} is noise",
        about.name(),
        number(value),
        number(noise.mean)
    );
    about
        .supporting(metric, message)
        .statistic(value)
        .effect(noise.corrected(value))
        .noise(noise.mean, noise.sd)
}
