//! Two sides of an output into findings.

use driftguard_distribution::{Subjected, categorical, convention, numeric};
use driftguard_sdk::prelude::{Context, Error, Finding, Status};

use crate::decisions;
use crate::description::THRESHOLD;
use crate::faults::{self, Outputs};
use crate::frame::{Body, OutputFrame};
use crate::profile::OutputProfile;

pub(crate) fn compare(
    context: &Context,
    frame: &OutputFrame,
    reference: &OutputProfile,
    current: &OutputProfile,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(frame)?;
    current.validate(frame)?;
    let column = context.columns.first().map_or("", |column| &column.name);
    let min_rows = context.count("min-rows")? as u64;
    let wanted = convention::wanted(context)?;
    let both = Both {
        frame,
        reference,
        current,
    };
    match (&frame.body, &reference.body, &current.body) {
        (Body::Numbers(bins), Body::Numbers(p), Body::Numbers(q)) => {
            let sides = numeric::compare::Sides::new(column, bins, p, q)?;
            let mut findings = match context.ranks_only() {
                true => sides.ranked(min_rows)?,
                false => sides.findings(min_rows)?,
            };
            let about = sides.about();
            if enough(&findings) {
                findings.extend(both.decisions(&about, &sides));
            }
            findings.extend(faults::find(&about, &both, &sides, min_rows));
            findings.extend(convention::numeric::findings(&sides, wanted));
            Ok(findings)
        }
        (Body::Classes(values), Body::Classes(p), Body::Classes(q)) => {
            let sides = categorical::Sides::new(column, values, p, q)?;
            let mut findings = match context.ranks_only() {
                true => sides.ranked(min_rows),
                false => sides.findings(min_rows),
            };
            let about = sides.about();
            if enough(&findings) {
                let positive = context.text("positive")?;
                findings.extend(decisions::class_rate(&about, sides.cells(), positive));
            }
            findings.extend(faults::find(&about, &both, sides.cells(), min_rows));
            findings.extend(convention::categorical::findings(&sides, wanted));
            Ok(findings)
        }
        // `validate` has refused it.
        _ => Err(Error::Internal(
            "an output of two kinds was compared".into(),
        )),
    }
}

/// Whether there was something to compare: the first finding says so.
fn enough(findings: &[Finding]) -> bool {
    findings
        .first()
        .is_some_and(|first| first.status == Status::Ok)
}

/// Frame and both profiles.
pub(crate) struct Both<'a> {
    frame: &'a OutputFrame,
    pub(crate) reference: &'a OutputProfile,
    pub(crate) current: &'a OutputProfile,
}

impl Both<'_> {
    fn decisions(
        &self,
        about: &Subjected<'_>,
        sides: &numeric::compare::Sides<'_>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let own_threshold = self.frame.threshold != THRESHOLD;
        let extremes = sides.reference.extremes();
        let is_score = extremes.is_some_and(|(min, max)| min >= 0.0 && max <= 1.0);
        if is_score || own_threshold {
            let (edges, threshold) = (self.frame.threshold_edges(), self.frame.threshold);
            let count = |profile: &OutputProfile, low: f64, high: f64| {
                let first = edges.partition_point(|edge| *edge <= low);
                let after = edges.partition_point(|edge| *edge < high) + 1;
                let bins = profile.around.as_slice();
                let bins = bins.iter().take(after).skip(first);
                bins.fold(0u64, |sum, rows| sum.saturating_add(*rows))
            };
            let rows = |low: f64, high: f64| {
                (
                    count(self.reference, low, high),
                    count(self.current, low, high),
                )
            };
            let positive = rows(threshold, f64::INFINITY);
            findings.extend(decisions::threshold_rate(about, positive, threshold));
            let (low, high) = (
                (threshold - self.frame.near).next_up(),
                threshold + self.frame.near,
            );
            if low < high {
                let near = rows(low, high);
                findings.extend(decisions::near_threshold(
                    about,
                    near,
                    threshold,
                    self.frame.near,
                ));
            }
        }
        findings.extend(decisions::mean_output(about, sides));
        findings
    }
}

/// What the faults need to know of a distribution.
impl Outputs for numeric::compare::Sides<'_> {
    fn only_value(&self) -> Option<String> {
        let value = self.current.constant()?;
        // As the kernel of runs writes it.
        let known = self.reference.constant().is_some();
        (!known).then(|| (value + 0.0).to_string())
    }

    fn share_of(&self, value: &str) -> f64 {
        // The kernel writes numbers as text; what is none was never finite.
        let value = value.parse().ok().filter(|value: &f64| value.is_finite());
        value.map_or(1.0, |value| self.reference.share_of_value(value))
    }

    fn show(&self, value: &str) -> String {
        let number = value
            .parse()
            .ok()
            .map(driftguard_distribution::words::number);
        number.unwrap_or_else(|| value.into())
    }
}

impl Outputs for categorical::Cells<'_> {
    fn only_value(&self) -> Option<String> {
        let several = self.all().iter().filter(|cell| cell.reference > 0).count() > 1;
        let mut now = self.all().iter().filter(|cell| cell.current > 0);
        let (only, None) = (now.next()?, now.next()) else {
            return None;
        };
        only.value.filter(|_| several).map(str::to_owned)
    }

    fn share_of(&self, value: &str) -> f64 {
        let rows: f64 = self.all().iter().map(|cell| cell.reference as f64).sum();
        let is_value = |cell: &&categorical::Cell<'_>| cell.value == Some(value);
        let cell = self.all().iter().find(is_value);
        // A value without a cell of its own has at most the share of the rest.
        let cell = cell.or_else(|| self.all().iter().find(|cell| cell.value.is_none()));
        cell.map_or(0.0, |cell| cell.reference as f64) / rows.max(1.0)
    }

    fn show(&self, value: &str) -> String {
        driftguard_distribution::words::short(value)
    }
}
