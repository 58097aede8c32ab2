//! Builder of findings.

use crate::prelude::{Evidence, Finding, Interval, Nature, Noise, Status, Subject, UnitEffect};

impl Finding {
    fn new(metric: &str, subject: Subject, nature: Nature) -> Self {
        Self {
            metric: metric.into(),
            subject,
            nature,
            status: Status::Ok,
            statistic: None,
            effect: 0.0,
            unit_effect: None,
            interval: None,
            p_value: None,
            noise: None,
            n_reference: 0,
            n_current: 0,
            evidence: vec![],
            message: String::new(),
        }
    }

    /// A statistic with chance in it.
    pub fn measurement(metric: &str, subject: Subject) -> Self {
        Self::new(metric, subject, Nature::Measurement)
    }

    /// Something that is so, whatever n.
    pub fn fault(metric: &str, subject: Subject) -> Self {
        Self::new(metric, subject, Nature::Fault)
    }

    /// Reported beside a measurement; never decides.
    pub fn supporting(metric: &str, subject: Subject) -> Self {
        Self::new(metric, subject, Nature::Supporting)
    }

    /// Why it could not be measured.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// The statistic; anything not finite becomes "could not be computed".
    #[must_use]
    pub fn statistic(mut self, statistic: f64) -> Self {
        self.statistic = statistic.is_finite().then_some(statistic);
        self
    }

    /// The bias-corrected effect, 0 = nothing changed.
    #[must_use]
    pub fn effect(mut self, effect: f64) -> Self {
        self.effect = if effect.is_finite() { effect } else { 0.0 };
        self
    }

    /// The effect in the column's own unit.
    #[must_use]
    pub fn unit_effect(mut self, value: f64, unit: &str) -> Self {
        self.unit_effect = value.is_finite().then(|| UnitEffect {
            value,
            unit: unit.into(),
        });
        self
    }

    /// An interval for the effect.
    #[must_use]
    pub fn interval(mut self, low: f64, high: f64, level: f64) -> Self {
        if low.is_finite() && high.is_finite() {
            self.interval = Some(Interval { low, high, level });
        }
        self
    }

    /// Probability of at least this statistic if nothing changed.
    #[must_use]
    pub fn p_value(mut self, p: f64) -> Self {
        self.p_value = (0.0..=1.0).contains(&p).then_some(p);
        self
    }

    /// Mean and standard deviation of the statistic if nothing changed.
    #[must_use]
    pub fn noise(mut self, mean: f64, sd: f64) -> Self {
        if mean.is_finite() && sd.is_finite() {
            self.noise = Some(Noise { mean, sd });
        }
        self
    }

    /// Rows used on either side.
    #[must_use]
    pub fn rows(mut self, reference: u64, current: u64) -> Self {
        self.n_reference = reference;
        self.n_current = current;
        self
    }

    /// A table for plots.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// One sentence with the numbers in it.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }
}
