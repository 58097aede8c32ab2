//! What the rule looks at: measurements of one period (or of the current
//! data) against all the others.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Nature, Noise, Status, Subject};

/// One measurement, without its words and plots.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The check that measured.
    pub check: String,
    /// The metric with its convention.
    pub metric: String,
    /// What it is about.
    pub subject: Subject,
    /// The statistic; finite.
    pub statistic: f64,
    /// Its mean and sd when nothing changed, at these numbers of rows.
    pub noise: Option<Noise>,
    /// The effect, 0 = nothing.
    pub effect: f64,
    /// Values on the side of the others.
    pub n_reference: u64,
    /// Values of the unit itself.
    pub n_current: u64,
}

impl Score {
    /// The score in a finding: of measurements that could be made, and no
    /// others.
    pub fn of(finding: &Finding) -> Option<Self> {
        let measured = finding.nature == Nature::Measurement && finding.status == Status::Ok;
        let statistic = finding.statistic.filter(|value| value.is_finite())?;
        measured.then(|| Self {
            check: finding.check.clone(),
            metric: finding.metric.clone(),
            subject: finding.subject.clone(),
            statistic,
            noise: finding.noise,
            effect: finding.effect,
            n_reference: finding.n_reference,
            n_current: finding.n_current,
        })
    }
}

/// All measurements of one unit: a period of the reference, or the current
/// data, against the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitScores {
    /// What the period is called ("2013-01-05").
    pub name: String,
    /// The recurring phase that it was compared within, if phases are told
    /// apart.
    pub phase: Option<String>,
    /// Rows of the unit.
    pub rows: u64,
    /// What was measured, at most one score for each check, metric and
    /// subject.
    pub scores: Vec<Score>,
}
