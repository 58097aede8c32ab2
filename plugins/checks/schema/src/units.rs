//! Was a column's unit changed?

use driftguard_sdk::prelude::{Finding, Role, Subject};
use driftguard_statistics::quantile::quantiles_sorted;
use driftguard_statistics::units::{PROBABILITIES, Quantiles, recognise};

use crate::names::role_name;
use crate::profile::Seen;
use crate::words::number;

/// Roles whose values are no measurements: outcomes move because something
/// before them did, and ids grow.
const NO_UNIT: [Role; 4] = [Role::Prediction, Role::Score, Role::Label, Role::Id];

/// The fault of a unit that looks changed, if it does.
pub(crate) fn suspect(reference: &Seen, current: &Seen, min_values: usize) -> Option<Finding> {
    let without = |column: &Seen| NO_UNIT.iter().any(|role| role_name(*role) == column.role);
    let both = [reference, current];
    if both
        .iter()
        .any(|column| without(column) || !column.is_sampled())
    {
        return None;
    }
    let (before, n) = quantiles(reference, min_values)?;
    let (after, m) = quantiles(current, min_values)?;
    let change = recognise(&before, &after)?;
    let ([_, _, from, ..], [_, _, to, ..]) = (before, after);
    let message = format!(
        "`{}`: median {} -> {}; looks like {}",
        reference.name,
        number(from),
        number(to),
        change.words
    );
    Some(
        Finding::fault("unit-suspect/v1", Subject::Column(reference.name.clone()))
            .statistic(change.misfit)
            .effect(1.0)
            .unit_effect(to - from, "")
            .rows(n, m)
            .message(message),
    )
}

fn quantiles(column: &Seen, min_values: usize) -> Option<(Quantiles, u64)> {
    let sorted = column.sample.sorted_values();
    if sorted.len() < min_values.max(1) {
        return None;
    }
    Some((
        quantiles_sorted(&sorted, PROBABILITIES)?,
        sorted.len() as u64,
    ))
}
