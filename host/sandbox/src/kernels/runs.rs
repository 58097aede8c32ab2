//! Runs of equal consecutive values: how a sensor that froze shows itself.

use arrow_buffer::NullBuffer;

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
    let bits = |row: usize| match column.present(row) {
        None => None,
        Some(value) if value.is_nan() => Some(f64::NAN.to_bits()),
        Some(value) => Some((value + 0.0).to_bits()),
    };
    runs(column.values.len(), bits, |bits| {
        f64::from_bits(bits).to_string()
    })
}

/// Runs of a categorical column.
pub(crate) fn runs_of_codes(column: &Codes) -> RunSummary {
    let nulls: Option<&NullBuffer> = column.nulls.as_ref();
    let code = |row: usize| match nulls {
        Some(nulls) if nulls.is_null(row) => None,
        _ => column.codes.get(row).map(|&code| code as u64),
    };
    runs(column.codes.len(), code, |code| {
        column.value(code as usize).to_owned()
    })
}

fn runs(
    rows: usize,
    value: impl Fn(usize) -> Option<u64>,
    name: impl Fn(u64) -> String,
) -> RunSummary {
    if rows == 0 {
        return RunSummary::default();
    }
    let (mut current, mut length) = (value(0), 1_u64);
    let mut first = None;
    let (mut longest, mut longest_length) = (current, 0_u64);
    for row in 1..rows {
        let next = value(row);
        if next == current {
            length += 1;
            continue;
        }
        first.get_or_insert((current, length));
        if length > longest_length {
            (longest, longest_length) = (current, length);
        }
        (current, length) = (next, 1);
    }
    if length > longest_length {
        (longest, longest_length) = (current, length);
    }
    let (first, first_length) = first.unwrap_or((current, length));
    let text = |value: Option<u64>| value.map(&name);
    RunSummary {
        rows: rows as u64,
        first: text(first),
        first_length,
        last: text(current),
        last_length: length,
        longest: text(longest),
        longest_length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, Float64Array};
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
}
