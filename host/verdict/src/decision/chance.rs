//! Could a measurement be chance? Its p-value, corrected over all of them.

use std::collections::BTreeMap;

use crate::decision::Case;
use crate::finding::{Finding, Nature, Status};

/// What is weighed against chance, by check.
///
/// The chance of a false alarm is shared out evenly among the checks that
/// measure something, and the share of a check among its measurements: a
/// Bonferroni correction with weights (Benjamini and Hochberg, "Multiple
/// Hypotheses Testing with Weights", 1997). All of it together is `alpha` as
/// before, but a check of two measurements is not drowned by one of three
/// hundred that was switched on beside it.
#[derive(Debug)]
pub(crate) struct Weighed<'a> {
    by_check: BTreeMap<&'a str, usize>,
}

impl<'a> Weighed<'a> {
    /// The measurements of a case that have a probability.
    pub(crate) fn of(case: &'a Case) -> Self {
        let mut by_check: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &case.findings {
            if chance(finding).is_some() {
                *by_check.entry(&finding.check).or_default() += 1;
            }
        }
        Self { by_check }
    }

    /// The p-value of a measurement corrected over everything that was
    /// measured, at most 1; none where it has none.
    pub(crate) fn corrected(&self, finding: &Finding) -> Option<f64> {
        let own = self.by_check.get(finding.check.as_str());
        let tests = own.copied().unwrap_or(1) * self.by_check.len().max(1);
        chance(finding).map(|p| (p * tests as f64).min(1.0))
    }
}

/// The probability that decides whether a measurement could be chance. A
/// plugin that gives a noise floor and no p-value gets the sub-Gaussian tail
/// bound exp(-z^2 / 2).
fn chance(finding: &Finding) -> Option<f64> {
    if finding.nature != Nature::Measurement || finding.status != Status::Ok {
        return None;
    }
    let bound = || {
        let noise = finding.noise.filter(|noise| noise.sd > 0.0)?;
        let z = (finding.statistic? - noise.mean) / noise.sd;
        Some((-0.5 * z.max(0.0).powi(2)).exp())
    };
    finding.p_value.or_else(bound)
}
