//! Counts of a categorical column.

use std::collections::HashMap;

use super::text_hash;
use crate::view::Codes;

/// Counts over known values, and the unlisted ones with the smallest hashes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CategoryCounts {
    pub known: Vec<u64>,
    pub other: u64,
    pub nulls: u64,
    /// In order of hash, then text.
    pub others: Vec<(String, u64)>,
}

/// Rows for each code; the last entry counts nulls.
pub(crate) fn count_codes(column: &Codes) -> Vec<u64> {
    let mut counts = vec![0_u64; column.values() + 1];
    let null = column.values();
    match &column.nulls {
        None => {
            for &code in column.codes.iter() {
                if let Some(count) = counts.get_mut(code as usize) {
                    *count += 1;
                }
            }
        }
        Some(nulls) => {
            for (row, &code) in column.codes.iter().enumerate() {
                let slot = if nulls.is_null(row) {
                    null
                } else {
                    code as usize
                };
                if let Some(count) = counts.get_mut(slot) {
                    *count += 1;
                }
            }
        }
    }
    counts
}

/// `counts` is the answer of [`count_codes`] for this column.
pub(crate) fn count_categories(
    column: &Codes,
    counts: &[u64],
    known: &[String],
    limit: usize,
) -> CategoryCounts {
    let positions: HashMap<&str, usize> = known
        .iter()
        .enumerate()
        .map(|(position, value)| (value.as_str(), position))
        .collect();
    let mut out = CategoryCounts {
        known: vec![0; known.len()],
        other: 0,
        nulls: counts.last().copied().unwrap_or(0),
        others: vec![],
    };
    // A dictionary may hold the same value twice (pages that were joined).
    let mut others: HashMap<&str, u64> = HashMap::new();
    for (code, &rows) in counts.iter().take(column.values()).enumerate() {
        if rows == 0 {
            continue;
        }
        let value = column.value(code);
        match positions
            .get(value)
            .and_then(|&position| out.known.get_mut(position))
        {
            Some(count) => *count += rows,
            None => {
                out.other += rows;
                *others.entry(value).or_default() += rows;
            }
        }
    }
    let mut ordered: Vec<(u64, &str, u64)> = others
        .into_iter()
        .map(|(value, rows)| (text_hash(value.as_bytes()), value, rows))
        .collect();
    if ordered.len() > limit && limit > 0 {
        ordered.select_nth_unstable(limit);
    }
    ordered.truncate(limit);
    ordered.sort_unstable();
    out.others = ordered
        .into_iter()
        .map(|(_, value, rows)| (value.to_owned(), rows))
        .collect();
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, StringArray};
    use std::sync::Arc;

    #[test]
    fn known_other_and_null_add_up() {
        let array: ArrayRef = Arc::new(StringArray::from(vec![
            Some("a"),
            Some("b"),
            None,
            Some("c"),
            Some("c"),
            Some("a"),
        ]));
        let column = Codes::of(&array).unwrap();
        let counts = count_codes(&column);
        let got = count_categories(&column, &counts, &["a".into(), "z".into()], 10);
        assert_eq!((got.known, got.other, got.nulls), (vec![2, 0], 3, 1));
        let mut others = got.others;
        others.sort();
        assert_eq!(others, [("b".to_owned(), 1), ("c".to_owned(), 2)]);
    }

    #[test]
    fn the_limit_keeps_the_smallest_hashes() {
        let values: Vec<String> = (0..100).map(|i| format!("v{i}")).collect();
        let array: ArrayRef = Arc::new(StringArray::from(values));
        let column = Codes::of(&array).unwrap();
        let counts = count_codes(&column);
        let all = count_categories(&column, &counts, &[], 1000).others;
        let few = count_categories(&column, &counts, &[], 7);
        assert_eq!(few.others, all[..7]);
        assert_eq!(few.other, 100);
    }
}
