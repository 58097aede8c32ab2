//! The values of the reference that get counts of their own.

use driftguard_sdk::prelude::{CategoryCounts, Error};
use driftguard_statistics::value_hash;
use serde::{Deserialize, Serialize};

use crate::state::invalid;

/// Values that the kernel is asked for when a sample is frozen: as many as a
/// batch can have rows.
pub const SAMPLE_VALUES: u32 = 65_536;
/// Most values a frame may list.
pub const MOST_VALUES: usize = 10_000;

/// The most frequent values of a sample of the reference, most rows first,
/// then in order of text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoricalFrame {
    known: Vec<String>,
    /// Rows of the most frequent value that found no place; 0 if all did.
    cutoff: u64,
    /// Rows of the sample that hold a value.
    sample_rows: u64,
}

impl CategoricalFrame {
    /// Freezes the answer of the kernel `categories(column, [], 65536)`: the
    /// `limit` most frequent values.
    pub fn of_counts(counts: &CategoryCounts, limit: usize) -> Self {
        let listed = counts
            .others
            .iter()
            .map(|entry| (entry.value.clone(), entry.rows));
        Self::of_values(listed.collect(), counts.other, limit)
    }

    /// The same from values with their rows; `rows` are all rows with a value.
    pub fn of_values(mut values: Vec<(String, u64)>, rows: u64, limit: usize) -> Self {
        values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let limit = limit.min(MOST_VALUES);
        let dropped = values.get(limit).map_or(0, |(_, rows)| *rows);
        // Values that the kernel itself had no room for may be as frequent as any.
        let listed: u64 = values
            .iter()
            .fold(0, |sum, (_, rows)| sum.saturating_add(*rows));
        values.truncate(limit);
        Self {
            known: values.into_iter().map(|(value, _)| value).collect(),
            cutoff: dropped.max(rows.saturating_sub(listed)),
            sample_rows: rows.max(listed),
        }
    }

    /// The listed values.
    pub fn known(&self) -> &[String] {
        &self.known
    }

    /// Share of rows from which a value that has it is sure to be listed: as
    /// rows in a Poisson sample, four deviations and ten rows above the most
    /// frequent value that found no place.
    pub fn sure_share(&self) -> f64 {
        let rows = self.cutoff as f64;
        (rows + 4.0 * rows.sqrt() + 10.0) / self.sample_rows.max(1) as f64
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for too many values, or one that stands there twice.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |problem| Err(invalid("the categorical frame", problem));
        if self.known.len() > MOST_VALUES {
            return refuse("it lists more than 10000 values");
        }
        // By hash first: texts are hardly ever compared.
        let keyed = self.known.iter().map(|value| (value_hash(value), value));
        let mut keyed: Vec<(u64, &String)> = keyed.collect();
        keyed.sort_unstable();
        if keyed.windows(2).any(|pair| pair[0] == pair[1]) {
            return refuse("it lists a value twice");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&str, u64)]) -> Vec<(String, u64)> {
        list.iter()
            .map(|(value, rows)| ((*value).to_owned(), *rows))
            .collect()
    }

    #[test]
    fn most_frequent_first_then_by_text() {
        let frame =
            CategoricalFrame::of_values(values(&[("c", 2), ("b", 2), ("a", 1), ("z", 9)]), 14, 3);
        assert_eq!(frame.known(), ["z", "b", "c"]);
        assert_eq!((frame.cutoff, frame.sample_rows), (1, 14));
        assert!(frame.sure_share() > 1.0 / 14.0);
        frame.validate().unwrap();
    }

    #[test]
    fn forged_frames_are_refused() {
        let twice = CategoricalFrame {
            known: vec!["a".into(), "a".into()],
            ..CategoricalFrame::default()
        };
        assert!(matches!(twice.validate(), Err(Error::State(_))));
        CategoricalFrame::default().validate().unwrap();
    }
}
