//! The label of a table in which no column has a label's name: the one that
//! the prediction agrees with.
//!
//! Classes: Cohen's kappa (Cohen, "A Coefficient of Agreement for Nominal
//! Scales", 1960) between the prediction and each column with the same values.
//! Numbers: the share of a column's variance that the prediction explains when
//! it is taken as it is (no fit, so a column must be on the same scale). The
//! best is the label if it agrees clearly and clearly better than the second.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::ArrayRef;
use arrow_array::cast::AsArray;
use arrow_cast::cast;
use arrow_schema::DataType;
use driftguard_verdict::Kind;

use super::look::Look;
use super::rules;

/// A candidate with its agreement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Agreement {
    pub column: usize,
    pub value: f64,
    /// What was measured, in words.
    pub words: String,
}

/// A column with what is known of it.
pub(crate) struct Candidate<'a> {
    pub column: usize,
    pub look: &'a Look,
    pub values: &'a ArrayRef,
}

/// The label, if one column agrees clearly best with the prediction.
pub(crate) fn find(
    prediction: &Candidate<'_>,
    kind: Kind,
    candidates: &[Candidate<'_>],
) -> Option<Agreement> {
    let agree = |candidate: &Candidate<'_>| {
        let (value, name) = match kind {
            Kind::Categorical => (
                kappa(prediction, candidate)?,
                "beyond chance (Cohen's kappa)",
            ),
            Kind::Numeric => (
                explained(prediction.look, candidate.look)?,
                "of its variance",
            ),
            _ => return None,
        };
        let words = format!(
            "{:?} agrees with it in {} {name}",
            prediction.look.name,
            super::kinds::percent((value * 1000.0).round() / 1000.0)
        );
        Some(Agreement {
            column: candidate.column,
            value,
            words,
        })
    };
    let mut found: Vec<Agreement> = candidates.iter().filter_map(agree).collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value).then(a.column.cmp(&b.column)));
    let second = found.get(1).map_or(0.0, |second| second.value.max(0.0));
    let best = found.into_iter().next()?;
    (best.value >= rules::LABEL_AGREEMENT && best.value >= second * rules::LABEL_MARGIN)
        .then_some(best)
}

/// Agreement of two columns of classes beyond chance; none if their values
/// differ or the rows are few.
fn kappa(prediction: &Candidate<'_>, other: &Candidate<'_>) -> Option<f64> {
    let set = |look: &Look| {
        look.counts
            .as_ref()
            .map(|counts| counts.keys().map(|key| class(key)).collect::<BTreeSet<_>>())
    };
    let (predicted, there) = (set(prediction.look)?, set(other.look)?);
    if there.len() < 2 || predicted != there {
        return None;
    }
    let (left, right) = (classes(prediction.values)?, classes(other.values)?);
    let mut table: BTreeMap<(String, String), f64> = BTreeMap::new();
    for pair in left.into_iter().zip(right) {
        if let (Some(a), Some(b)) = pair {
            *table.entry((a, b)).or_default() += 1.0;
        }
    }
    let rows: f64 = table.values().sum();
    if rows < rules::LABEL_ROWS as f64 {
        return None;
    }
    let same: f64 = table
        .iter()
        .filter(|((a, b), _)| a == b)
        .map(|(_, rows)| rows)
        .sum();
    let sum = |wanted: &String, of: fn(&(String, String)) -> &String| -> f64 {
        table
            .iter()
            .filter(|(key, _)| of(key) == wanted)
            .map(|(_, rows)| rows)
            .sum()
    };
    let chance: f64 = there
        .iter()
        .map(|value| sum(value, |key| &key.0) * sum(value, |key| &key.1))
        .sum::<f64>()
        / (rows * rows);
    let observed = same / rows;
    (chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

/// Classes as text, one spelling for `1`, `1.0` and `true`.
fn classes(values: &ArrayRef) -> Option<Vec<Option<String>>> {
    let texts = cast(values, &DataType::Utf8).ok()?;
    let texts = texts.as_string_opt::<i32>()?;
    Some(texts.iter().map(|text| text.map(class)).collect())
}

fn class(text: &str) -> String {
    match text {
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        _ => text.strip_suffix(".0").unwrap_or(text).to_owned(),
    }
}

/// Share of the variance of `other` that the prediction explains as it is.
fn explained(prediction: &Look, other: &Look) -> Option<f64> {
    let (left, right) = (prediction.as_numbers()?, other.as_numbers()?);
    let pairs = || {
        left.rows
            .iter()
            .zip(&right.rows)
            .filter(|(a, b)| a.is_finite() && b.is_finite())
    };
    let rows = pairs().count();
    if rows < rules::LABEL_ROWS {
        return None;
    }
    let mean = pairs().map(|(_, b)| b).sum::<f64>() / rows as f64;
    let (mut wrong, mut spread) = (0.0, 0.0);
    for (a, b) in pairs() {
        wrong += (a - b) * (a - b);
        spread += (b - mean) * (b - mean);
    }
    (spread > 0.0).then(|| 1.0 - wrong / spread)
}
