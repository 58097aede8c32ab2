//! Two sides of a categorical column into findings.

use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::chi_square::homogeneity;
use driftguard_statistics::divergence::{largest_change, largest_change_noise};

use super::cells::Change;
use super::{CategoricalFrame, CategoricalProfile, Cells};
use crate::finding::{Subjected, distance_finding, distances};
use crate::shift::{distance, shift};
use crate::words::{number, percent_pair, short};

/// Values named in a message.
const NAMED: usize = 3;
/// Part of the largest change below which a value is not named.
const WORTH_NAMING: f64 = 0.2;
/// Values in the table of evidence.
const SHOWN: usize = 10;
const METRIC: &str = "tv/values/v1";

/// Both sides of a comparison.
#[derive(Debug)]
pub struct Sides<'a> {
    column: &'a str,
    reference: &'a CategoricalProfile,
    current: &'a CategoricalProfile,
    cells: Cells<'a>,
}

/// Compares two profiles on one frame. A side with fewer than `min_rows`
/// values is "insufficient data".
///
/// - `tv/values/v1`, measurement: share of rows that changed their value.
/// - supporting: `chi2/homogeneity/v1`, `cramers-v/bc/v1`,
///   `psi/values/eps1e-4/v1`, `js-distance/values/base2/v1`,
///   `hellinger/values/v1`, `linf/values/v1`.
///
/// # Errors
///
/// [`Error::State`] for a frame or a profile that does not fit.
pub fn compare(
    column: &str,
    frame: &CategoricalFrame,
    reference: &CategoricalProfile,
    current: &CategoricalProfile,
    min_rows: u64,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    Ok(Sides::new(column, frame, reference, current)?.findings(min_rows))
}

impl<'a> Sides<'a> {
    /// Both sides, checked against a frame that was.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for a profile that does not fit the frame.
    pub fn new(
        column: &'a str,
        frame: &'a CategoricalFrame,
        reference: &'a CategoricalProfile,
        current: &'a CategoricalProfile,
    ) -> Result<Self, Error> {
        reference.validate(frame)?;
        current.validate(frame)?;
        Ok(Self {
            column,
            reference,
            current,
            cells: Cells::new(frame, reference, current),
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

    /// The values that are compared.
    pub fn cells(&self) -> &Cells<'a> {
        &self.cells
    }

    /// The findings of [`compare`].
    pub fn findings(&self, min_rows: u64) -> Vec<Finding> {
        let about = self.about();
        if let Some(finding) = about.not_enough(METRIC, "values", min_rows) {
            return vec![finding];
        }
        let (p, q) = self.cells.counts();
        let Some(shift) = shift(&p, &q) else {
            return vec![self.one_cell()];
        };
        let changes = self.cells.by_change();
        let message = format!("{}: {}", about.name(), most_changed(&changes));
        let mut findings = vec![
            about
                .shifted(METRIC, &shift, message)
                .evidence(table(&changes)),
        ];
        findings.extend(self.association(&p, &q));
        findings.extend(distances(&about, "values", &p, &q));
        findings.extend(self.largest(&changes, &p, &q));
        findings
    }

    /// The measurements of [`Self::findings`] with the numbers by which
    /// periods are ranked, and nothing else; none where there is too little.
    pub fn ranked(&self, min_rows: u64) -> Vec<Finding> {
        let about = self.about();
        if about.reference.min(about.current) < min_rows.max(1) {
            return vec![];
        }
        let (p, q) = self.cells.counts();
        let found = distance(&p, &q).into_iter();
        found
            .map(|found| about.ranked(METRIC, found.statistic, found.effect, found.noise))
            .collect()
    }

    fn one_cell(&self) -> Finding {
        let about = self.about();
        let value = self.cells.all().first().and_then(|cell| cell.value);
        let message = match value {
            Some(value) => format!(
                "{}: every value is {} on both sides",
                about.name(),
                short(value)
            ),
            None => format!(
                "{}: all values are too rare to be compared one by one",
                about.name()
            ),
        };
        let finding = about.measurement(METRIC, message).statistic(0.0);
        finding.status(Status::Degenerate)
    }

    /// Chi-square over all cells, as it is, and the bias-corrected V.
    fn association(&self, p: &[u64], q: &[u64]) -> Vec<Finding> {
        let Some(test) = homogeneity(p, q) else {
            return vec![];
        };
        let about = self.about();
        let name = about.name();
        let chi = format!(
            "{name}: chi-square {} with {} degrees of freedom",
            number(test.statistic),
            test.dof
        );
        let v = format!("{name}: Cramér's V {}", number(test.cramers_v_corrected));
        vec![
            about
                .supporting("chi2/homogeneity/v1", chi)
                .statistic(test.statistic)
                .effect(test.cramers_v_corrected)
                .noise(test.dof, (2.0 * test.dof).sqrt())
                .p_value(test.p_value),
            about
                .supporting("cramers-v/bc/v1", v)
                .statistic(test.cramers_v_corrected)
                .effect(test.cramers_v_corrected),
        ]
    }

    fn largest(&self, changes: &[Change<'_>], p: &[u64], q: &[u64]) -> Option<Finding> {
        let value = largest_change(p, q)?;
        let noise = largest_change_noise(p, q)?;
        let title = format!("the largest change ({}) is", short(changes.first()?.label));
        let about = self.about();
        Some(distance_finding(
            &about,
            "linf/values/v1",
            &title,
            value,
            noise,
        ))
    }
}

/// "LGA 31 % -> 12 %, JFK 36 % -> 46 %": up to three values.
fn most_changed(changes: &[Change<'_>]) -> String {
    let largest = changes.first().map_or(0.0, |change| change.moved().abs());
    if largest == 0.0 {
        return "every value has the share it had".into();
    }
    let named: Vec<String> = changes
        .iter()
        .take(NAMED)
        .filter(|change| change.moved().abs() >= WORTH_NAMING * largest)
        .map(|change| {
            let (left, right) = percent_pair(change.reference, change.current);
            format!("{} {left} -> {right}", short(change.label))
        })
        .collect();
    named.join(", ")
}

/// The ten most changed values; the rest, if any, as one.
fn table(changes: &[Change<'_>]) -> Evidence {
    let (shown, rest) = changes.split_at(changes.len().min(SHOWN));
    let mut labels: Vec<String> = shown.iter().map(|change| short(change.label)).collect();
    let mut reference: Vec<f64> = shown.iter().map(|change| change.reference).collect();
    let mut current: Vec<f64> = shown.iter().map(|change| change.current).collect();
    if !rest.is_empty() {
        labels.push("(other)".into());
        reference.push(rest.iter().map(|change| change.reference).sum());
        current.push(rest.iter().map(|change| change.current).sum());
    }
    Evidence {
        title: "share of rows by value, most changed first".into(),
        labels,
        reference,
        current,
    }
}

#[cfg(test)]
mod tests;
