//! A column of new rows put back to how the reference has it, with as little
//! else changed as can be: numbers keep their ranks, categories keep their value
//! where the reference has room for it, nulls are as frequent as there.
//!
//! The answer is, for each new row, a row of the reference whose value it
//! takes. The restored column has the reference's distribution up to rounding
//! of row counts; how it goes together with other columns stays that of the
//! new rows.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{Array, ArrayRef};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use driftguard_verdict::Kind;

use super::sample::mix;

/// Rows of `reference` (by position) that the rows of `current` take their
/// values from. Types are equal; neither is empty.
pub(super) fn restore(
    reference: &ArrayRef,
    current: &ArrayRef,
    kind: Kind,
    seed: u64,
) -> Result<Vec<u32>, ArrowError> {
    let is_number = |array: &ArrayRef| {
        array.data_type().is_numeric() || matches!(array.data_type(), DataType::Boolean)
    };
    match kind {
        Kind::Numeric if is_number(current) => {
            let floats = |array: &ArrayRef| -> Result<Vec<Option<f64>>, ArrowError> {
                let cast = cast(array, &DataType::Float64)?;
                // NaN has no rank: it is treated as missing.
                let values = cast.as_primitive::<Float64Type>().iter();
                Ok(values
                    .map(|value| value.filter(|value| !value.is_nan()))
                    .collect())
            };
            Ok(by_rank(&floats(reference)?, &floats(current)?, seed))
        }
        Kind::Numeric | Kind::Categorical if texts(current).is_some() => {
            match (texts(reference), texts(current)) {
                (Some(before), Some(now)) => Ok(by_value(&before, &now, seed)),
                _ => Ok(by_lot(reference.len(), current.len(), seed)),
            }
        }
        _ => Ok(by_lot(reference.len(), current.len(), seed)),
    }
}

/// Values as texts, where that is a way to tell them apart.
fn texts(array: &ArrayRef) -> Option<Vec<Option<String>>> {
    let cast = cast(array, &DataType::Utf8).ok()?;
    let values = cast.as_string_opt::<i32>()?.iter();
    Some(values.map(|value| value.map(str::to_owned)).collect())
}

/// Any row of the reference, by lot: for texts and vectors, which have neither
/// ranks nor a bounded set of values.
fn by_lot(rows: usize, wanted: usize, seed: u64) -> Vec<u32> {
    let draw = |row: usize| (mix(seed ^ mix(row as u64)) % rows.max(1) as u64) as u32;
    (0..wanted).map(draw).collect()
}

/// Numbers: the quantile of the same rank; ties are broken by lot. Surplus
/// nulls get any number, and where nulls are missing rows are drawn for them.
fn by_rank(reference: &[Option<f64>], current: &[Option<f64>], seed: u64) -> Vec<u32> {
    let (mut known, nulls) = parted(reference);
    known.sort_by(|left, right| left.1.total_cmp(&right.1).then(left.0.cmp(&right.0)));
    let wanted_nulls = share(nulls.len(), reference.len(), current.len());
    let lot = |row: u32| mix(seed ^ mix(u64::from(row)));
    let (mut present, mut missing) = parted(current);
    // By lot first, so that who is moved does not depend on the order of rows.
    missing.sort_by_key(|row| lot(*row));
    present.sort_by_key(|(row, _)| lot(*row));
    let mut picks = vec![0_u32; current.len()];
    let mut set = |row: u32, pick: u32| {
        if let Some(place) = picks.get_mut(row as usize) {
            *place = pick;
        }
    };
    let surplus = missing.len().saturating_sub(wanted_nulls);
    let lacking = wanted_nulls
        .saturating_sub(missing.len())
        .min(present.len());
    let (emptied, kept) = present.split_at(lacking);
    let (filled, stay) = missing.split_at(surplus);
    let mut any_null = nulls.iter().cycle();
    for row in stay
        .iter()
        .copied()
        .chain(emptied.iter().map(|(row, _)| *row))
    {
        set(row, any_null.next().copied().unwrap_or(0));
    }
    let mut kept = kept.to_vec();
    kept.sort_by(|left, right| left.1.total_cmp(&right.1));
    let at = |rank: usize, of: usize| known.get((2 * rank + 1) * known.len() / (2 * of.max(1)));
    for (rank, (row, _)) in kept.iter().enumerate() {
        set(*row, at(rank, kept.len()).map_or(0, |(pick, _)| *pick));
    }
    for (rank, row) in filled.iter().enumerate() {
        set(*row, at(rank, filled.len()).map_or(0, |(pick, _)| *pick));
    }
    picks
}

fn parted(values: &[Option<f64>]) -> (Vec<(u32, f64)>, Vec<u32>) {
    let (mut known, mut nulls) = (vec![], vec![]);
    for (row, value) in values.iter().enumerate() {
        match value {
            Some(value) => known.push((row as u32, *value)),
            None => nulls.push(row as u32),
        }
    }
    (known, nulls)
}

/// `part / whole` of `of`, rounded.
fn share(part: usize, whole: usize, of: usize) -> usize {
    (2 * part * of + whole) / (2 * whole.max(1))
}

/// Categories: a value stays where the reference has room for it; the rows
/// beyond, drawn by lot, take the values that are missing.
fn by_value(reference: &[Option<String>], current: &[Option<String>], seed: u64) -> Vec<u32> {
    let mut sources: BTreeMap<&Option<String>, Vec<u32>> = BTreeMap::new();
    for (row, value) in reference.iter().enumerate() {
        sources.entry(value).or_default().push(row as u32);
    }
    let room = rooms(&sources, reference.len(), current.len());
    let mut order: Vec<u32> = (0..current.len() as u32).collect();
    order.sort_by_key(|row| mix(seed ^ mix(u64::from(*row))));
    let mut left = room;
    let mut picks = vec![0_u32; current.len()];
    let mut moved = vec![];
    for row in order {
        let Some(value) = current.get(row as usize) else {
            continue;
        };
        let free = left.get_mut(value).filter(|free| **free > 0);
        match (free, sources.get(value).and_then(|rows| rows.first())) {
            (Some(free), Some(source)) => {
                *free -= 1;
                if let Some(place) = picks.get_mut(row as usize) {
                    *place = *source;
                }
            }
            _ => moved.push(row),
        }
    }
    let missing = left
        .iter()
        .flat_map(|(value, free)| std::iter::repeat_n(value, *free));
    let mut vacant: Vec<&&Option<String>> = missing.collect();
    vacant.sort_by_key(|value| (mix(seed ^ 1), *value));
    for (row, value) in moved.iter().zip(vacant) {
        let source = sources.get(*value).and_then(|rows| rows.first());
        if let (Some(place), Some(source)) = (picks.get_mut(*row as usize), source) {
            *place = *source;
        }
    }
    picks
}

/// How many of `wanted` rows each value has: its share in the reference, by
/// largest remainder, so that they add up.
fn rooms<'a>(
    sources: &BTreeMap<&'a Option<String>, Vec<u32>>,
    rows: usize,
    wanted: usize,
) -> BTreeMap<&'a Option<String>, usize> {
    let rows = rows.max(1);
    let mut room: BTreeMap<&Option<String>, usize> = BTreeMap::new();
    let mut rests: Vec<(usize, &Option<String>)> = vec![];
    for (value, at) in sources {
        room.insert(value, at.len() * wanted / rows);
        rests.push((at.len() * wanted % rows, value));
    }
    let given: usize = room.values().sum();
    rests.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(right.1)));
    for (_, value) in rests.into_iter().take(wanted - given) {
        *room.entry(value).or_default() += 1;
    }
    room
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Float64Array, StringArray};
    use arrow_select::take::take;
    use proptest::prelude::*;
    use std::sync::Arc;

    fn restored(reference: &ArrayRef, current: &ArrayRef, kind: Kind) -> ArrayRef {
        let picks = restore(reference, current, kind, 7).unwrap();
        take(reference, &arrow_array::UInt32Array::from(picks), None).unwrap()
    }

    fn floats(values: &[Option<f64>]) -> ArrayRef {
        Arc::new(Float64Array::from(values.to_vec()))
    }

    proptest! {
        /// As many rows on both sides: the restored column is the reference's,
        /// in the order of the current ranks.
        #[test]
        fn numbers_take_the_references_distribution(
            rows in proptest::collection::vec((proptest::option::weighted(0.8, -9_i32..9), proptest::option::weighted(0.9, -99_i32..99)), 1..80)
        ) {
            let column = |values: Vec<Option<i32>>| values.into_iter().map(|v| v.map(f64::from)).collect::<Vec<_>>();
            let (before, now): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
            let (before, now) = (column(before), column(now));
            let back = restored(&floats(&before), &floats(&now), Kind::Numeric);
            let back: Vec<Option<f64>> = back.as_primitive::<Float64Type>().iter().collect();
            let sorted = |values: &[Option<f64>]| {
                let mut sorted = values.to_vec();
                sorted.sort_by(|a, b| a.partial_cmp(b).unwrap());
                sorted
            };
            let nulls = |values: &[Option<f64>]| values.iter().filter(|value| value.is_none()).count();
            prop_assert_eq!(nulls(&back), nulls(&before));
            if nulls(&before) == nulls(&now) {
                prop_assert_eq!(sorted(&back), sorted(&before));
                for (i, left) in now.iter().enumerate() {
                    for (j, right) in now.iter().enumerate() {
                        if left.is_some() && left < right {
                            prop_assert!(back[i] <= back[j]);
                        }
                    }
                }
            }
        }

        #[test]
        fn categories_take_the_references_shares(
            before in proptest::collection::vec(proptest::option::of("[a-d]"), 1..60),
            now in proptest::collection::vec(proptest::option::of("[c-f]"), 1..60),
        ) {
            let column = |values: &[Option<String>]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
            let back = restored(&column(&before), &column(&now), Kind::Categorical);
            let back: Vec<Option<String>> = back.as_string::<i32>().iter().map(|v| v.map(str::to_owned)).collect();
            for value in before.iter().chain(&now) {
                let count = |values: &[Option<String>]| values.iter().filter(|other| *other == value).count();
                let exact = count(&before) as f64 * now.len() as f64 / before.len() as f64;
                prop_assert!((count(&back) as f64 - exact).abs() < 1.0, "{:?}", value);
            }
            // No row is moved that need not be.
            let kept = now.iter().zip(&back).filter(|(now, back)| now == back).count();
            let mut room = 0;
            let values: std::collections::BTreeSet<_> = now.iter().collect();
            for value in values {
                let count = |values: &[Option<String>]| values.iter().filter(|other| *other == value).count();
                room += count(&now).min(count(&back));
            }
            prop_assert_eq!(kept, room);
        }
    }

    #[test]
    fn a_column_that_did_not_move_stays() {
        let same = floats(&[Some(3.0), Some(1.0), None, Some(2.0)]);
        assert_eq!(
            restored(&same, &same, Kind::Numeric).as_ref(),
            same.as_ref()
        );
        let texts: ArrayRef = Arc::new(StringArray::from(vec![
            Some("b"),
            None,
            Some("a"),
            Some("b"),
        ]));
        assert_eq!(
            restored(&texts, &texts, Kind::Categorical).as_ref(),
            texts.as_ref()
        );
    }
}
