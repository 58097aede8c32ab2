//! Runs of equal consecutive values: how a sensor that froze shows itself.

use arrow_buffer::NullBuffer;
use multiversion::multiversion;

use super::CHUNK;
use crate::view::{Codes, Floats};

/// The runs at both ends of a batch and the longest one. A value is `None`
/// where the run is of nulls.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct RunSummary {
    pub rows: u64,
    pub first: Option<String>,
    pub first_length: u64,
    pub last: Option<String>,
    pub last_length: u64,
    pub longest: Option<String>,
    pub longest_length: u64,
}

/// Runs of a numeric column. NaN equals NaN, 0.0 equals -0.0.
pub(crate) fn runs_of_floats(column: &Floats) -> RunSummary {
    let values: &[f64] = &column.values;
    let equal = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    let name = |row: usize| column.present(row).map(|value| (value + 0.0).to_string());
    if column.valid.is_none() {
        if !values.is_empty() && no_neighbours_equal(values) {
            return each_by_itself(values.len(), name);
        }
        // Without nulls there is nothing to ask but the values themselves.
        return runs(values.len(), |a, b| equal(values[a], values[b]), name);
    }
    let same = |a: usize, b: usize| match (column.present(a), column.present(b)) {
        (Some(a), Some(b)) => equal(a, b),
        (a, b) => a.is_none() && b.is_none(),
    };
    runs(values.len(), same, name)
}

/// Whether no value equals the next one: most measurements are like that, and
/// it takes a fraction of what looking for runs does.
fn no_neighbours_equal(values: &[f64]) -> bool {
    let next = values.get(1..).unwrap_or_default();
    let mut chunks = values.chunks(CHUNK).zip(next.chunks(CHUNK));
    !chunks.any(|(chunk, next)| some_pair_equal(chunk, next))
}

#[multiversion(targets("x86_64+avx2", "x86_64+avx512f"))]
fn some_pair_equal(values: &[f64], next: &[f64]) -> bool {
    // `fold` without an early exit is what vectorises.
    let pairs = values.iter().zip(next);
    pairs.fold(false, |any, (a, b)| {
        any | (a == b) | (a.is_nan() & b.is_nan())
    })
}

/// Every run is one row long; there is a row.
fn each_by_itself(rows: usize, name: impl Fn(usize) -> Option<String>) -> RunSummary {
    RunSummary {
        rows: rows as u64,
        first: name(0),
        first_length: 1,
        last: name(rows - 1),
        last_length: 1,
        longest: name(0),
        longest_length: 1,
    }
}

/// Runs of a categorical column.
pub(crate) fn runs_of_codes(column: &Codes) -> RunSummary {
    let codes: &[u32] = &column.codes;
    let nulls: Option<&NullBuffer> = column.nulls.as_ref();
    let name = |row: usize| match nulls {
        Some(nulls) if nulls.is_null(row) => None,
        _ => Some(column.value(codes[row] as usize).to_owned()),
    };
    let Some(nulls) = nulls else {
        return runs(codes.len(), |a, b| codes[a] == codes[b], name);
    };
    let same = |a: usize, b: usize| match (nulls.is_null(a), nulls.is_null(b)) {
        (false, false) => codes[a] == codes[b],
        (a, b) => a && b,
    };
    runs(codes.len(), same, name)
}

/// Looks only where a run longer than the longest so far would have to be: a
/// run from `start` on that beats it holds the row `longest` after `start`, and
/// going back from there to the first row that differs gives the next start.
fn runs(
    rows: usize,
    same: impl Fn(usize, usize) -> bool,
    name: impl Fn(usize) -> Option<String>,
) -> RunSummary {
    let Some(end) = rows.checked_sub(1) else {
        return RunSummary::default();
    };
    let run_from = |start: usize| {
        1 + (start + 1..rows)
            .take_while(|&row| same(row, start))
            .count()
    };
    let first_length = run_from(0);
    let (mut longest_at, mut longest) = (0, first_length);
    let mut start = first_length;
    while start + longest < rows {
        let ahead = start + longest;
        let differs = (start..ahead).rev().find(|&row| !same(row, ahead));
        match differs {
            Some(row) => start = row + 1,
            None => {
                (longest_at, longest) = (start, run_from(start));
                start += longest;
            }
        }
    }
    let last_length = 1 + (0..end).rev().take_while(|&row| same(row, end)).count();
    RunSummary {
        rows: rows as u64,
        first: name(0),
        first_length: first_length as u64,
        last: name(end),
        last_length: last_length as u64,
        longest: name(longest_at),
        longest_length: longest as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array, StringArray};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn of(values: Vec<Option<f64>>) -> RunSummary {
        let array: ArrayRef = Arc::new(Float64Array::from(values));
        runs_of_floats(&Floats::of(&array).unwrap())
    }

    #[test]
    fn finds_ends_and_longest() {
        let got = of(vec![
            Some(1.0),
            Some(2.0),
            Some(2.0),
            None,
            None,
            None,
            Some(f64::NAN),
            Some(f64::NAN),
        ]);
        assert_eq!((got.first.as_deref(), got.first_length), (Some("1"), 1));
        assert_eq!((got.last.as_deref(), got.last_length), (Some("NaN"), 2));
        assert_eq!((got.longest.as_deref(), got.longest_length), (None, 3));
    }

    /// The short way over rows that all differ, and the pair that ends it
    /// where one chunk ends and the next begins.
    #[test]
    fn rows_that_all_differ_are_runs_of_one() {
        let mut values: Vec<Option<f64>> = (0..3_000).map(|row| Some(f64::from(row))).collect();
        let got = of(values.clone());
        let lengths = (got.first_length, got.last_length, got.longest_length);
        assert_eq!((lengths, got.rows), ((1, 1, 1), 3_000));
        assert_eq!(
            (got.first, got.last, got.longest),
            (Some("0".into()), Some("2999".into()), Some("0".into()))
        );
        values[CHUNK] = values[CHUNK - 1];
        let got = of(values);
        assert_eq!(got.longest_length, 2);
        assert_eq!(got.longest, Some((CHUNK - 1).to_string()));
    }

    #[test]
    fn one_run_is_first_last_and_longest() {
        let got = of(vec![Some(0.0), Some(-0.0)]);
        assert_eq!(
            (
                got.first_length,
                got.last_length,
                got.longest_length,
                got.rows
            ),
            (2, 2, 2, 2)
        );
        assert_eq!(of(vec![]).rows, 0);
    }

    /// Every run by going through all rows.
    fn plainly(values: &[Option<u8>]) -> RunSummary {
        let text = |value: Option<u8>| value.map(|value| value.to_string());
        let mut all: Vec<(Option<u8>, u64)> = vec![];
        for value in values {
            match all.last_mut() {
                Some((last, length)) if last == value => *length += 1,
                _ => all.push((*value, 1)),
            }
        }
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return RunSummary::default();
        };
        let mut longest = *first;
        for run in &all {
            if run.1 > longest.1 {
                longest = *run;
            }
        }
        RunSummary {
            rows: values.len() as u64,
            first: text(first.0),
            first_length: first.1,
            last: text(last.0),
            last_length: last.1,
            longest: text(longest.0),
            longest_length: longest.1,
        }
    }

    proptest! {
        #[test]
        fn skipping_finds_what_reading_all_does(values in prop::collection::vec((prop::option::of(0u8..3), 1usize..9), 0..30), nulls in any::<bool>()) {
            let values: Vec<Option<u8>> = values
                .into_iter()
                .flat_map(|(value, times)| std::iter::repeat_n(if nulls { value } else { value.or(Some(7)) }, times))
                .collect();
            let floats = of(values.iter().map(|value| value.map(f64::from)).collect());
            prop_assert_eq!(&floats, &plainly(&values));
            let array: ArrayRef = Arc::new(values.iter().map(|value| value.map(|value| value.to_string())).collect::<StringArray>());
            prop_assert_eq!(&runs_of_codes(&Codes::of(&array).unwrap()), &plainly(&values));
        }
    }
}
