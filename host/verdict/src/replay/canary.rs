//! Frozen inputs with stored answers: does the model still say the same?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How far two answers may be apart and still be the same: by
/// `relative * max(|stored|, median |stored| of the column)`. The median keeps
/// answers next to 0 from being held to more digits than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tolerance {
    /// Relative; 1e-6 unless said otherwise.
    pub relative: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Self { relative: 1e-6 }
    }
}

/// One column of answers, stored and new; equal numbers of rows.
#[derive(Debug, Clone, PartialEq)]
pub enum StoredColumn {
    /// Numbers.
    Numbers {
        /// Its name.
        name: String,
        /// As stored.
        stored: Vec<f64>,
        /// As the model says now.
        now: Vec<f64>,
    },
    /// Classes.
    Classes {
        /// Its name.
        name: String,
        /// As stored.
        stored: Vec<String>,
        /// As the model says now.
        now: Vec<String>,
    },
}

/// The row whose answer is farthest off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct WorstRow {
    /// Its position in the canary, from 0.
    pub row: u64,
    /// The column of answers.
    pub column: String,
    /// The stored answer.
    pub stored: String,
    /// The answer now.
    pub now: String,
}

/// The answer of a canary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CanaryReport {
    /// The file.
    pub file: String,
    /// Rows scored again.
    pub rows: u64,
    /// Columns of answers compared.
    pub columns: Vec<String>,
    /// Whether every answer is the same within the tolerance.
    pub same: bool,
    /// Rows with an answer that is not.
    pub rows_different: u64,
    /// The largest difference, relative as the tolerance is; for classes 1.
    pub largest: f64,
    /// The tolerance.
    pub tolerance: Tolerance,
    /// The row with the largest difference, where there is any beyond the
    /// tolerance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<WorstRow>,
}

impl CanaryReport {
    /// Compares stored answers with new ones.
    pub fn new(file: &str, columns: &[StoredColumn], tolerance: Tolerance) -> Self {
        let mut different: Vec<bool> = Vec::new();
        let mut largest = 0.0;
        let mut worst = None;
        for column in columns {
            for (row, gap, words) in gaps(column) {
                if different.len() <= row {
                    different.resize(row + 1, false);
                }
                // What is no number is never the same.
                let beyond = gap.is_nan() || gap > tolerance.relative;
                if let Some(seen) = different.get_mut(row) {
                    *seen |= beyond;
                }
                if gap > largest || (beyond && worst.is_none()) {
                    largest = gap;
                    if beyond {
                        let (stored, now) = words();
                        worst = Some(WorstRow {
                            row: row as u64,
                            column: name_of(column).to_owned(),
                            stored,
                            now,
                        });
                    }
                }
            }
        }
        let rows_different = different.iter().filter(|row| **row).count() as u64;
        Self {
            file: file.to_owned(),
            rows: different.len() as u64,
            columns: columns
                .iter()
                .map(|column| name_of(column).to_owned())
                .collect(),
            same: rows_different == 0 && !different.is_empty(),
            rows_different,
            largest,
            tolerance,
            worst,
        }
    }
}

fn name_of(column: &StoredColumn) -> &str {
    match column {
        StoredColumn::Numbers { name, .. } | StoredColumn::Classes { name, .. } => name,
    }
}

type Gap<'a> = (usize, f64, Box<dyn Fn() -> (String, String) + 'a>);

/// Each row's difference, in units of what the tolerance is relative to.
fn gaps<'a>(column: &'a StoredColumn) -> Box<dyn Iterator<Item = Gap<'a>> + 'a> {
    match column {
        StoredColumn::Numbers { stored, now, .. } => {
            let scale = median_size(stored);
            let pairs = stored.iter().zip(now).enumerate();
            Box::new(pairs.map(move |(row, (stored, now))| {
                let apart = (now - stored).abs();
                let gap = match apart {
                    0.0 => 0.0,
                    // Nothing to be relative to: any difference is one.
                    _ => apart / stored.abs().max(scale),
                };
                let words: Box<dyn Fn() -> (String, String)> =
                    Box::new(move || (stored.to_string(), now.to_string()));
                (row, gap, words)
            }))
        }
        StoredColumn::Classes { stored, now, .. } => {
            let pairs = stored.iter().zip(now).enumerate();
            Box::new(pairs.map(move |(row, (stored, now))| {
                let gap = if stored == now { 0.0 } else { 1.0 };
                let words: Box<dyn Fn() -> (String, String)> =
                    Box::new(move || (stored.clone(), now.clone()));
                (row, gap, words)
            }))
        }
    }
}

fn median_size(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(stored: &[f64], now: &[f64]) -> CanaryReport {
        let column = StoredColumn::Numbers {
            name: "score".into(),
            stored: stored.to_vec(),
            now: now.to_vec(),
        };
        CanaryReport::new("c.arrow", &[column], Tolerance::default())
    }

    #[test]
    fn the_last_digits_are_rounding_and_more_is_not() {
        let same = numbers(&[0.5, 0.25, 1e-9], &[0.5, 0.250_000_1, 1.1e-9]);
        assert!(same.same, "{same:?}");
        let other = numbers(&[0.5, 0.25, 0.75], &[0.5, 0.250_001, 0.8]);
        assert!(!other.same);
        assert_eq!(other.rows_different, 2);
        let worst = other.worst.unwrap();
        assert_eq!(
            (worst.row, worst.stored.as_str(), worst.now.as_str()),
            (2, "0.75", "0.8")
        );
        assert!((other.largest - 0.05 / 0.75).abs() < 1e-12);
    }

    /// Scale does not matter: answers in millionths are compared as strictly.
    #[test]
    fn small_answers_are_compared_in_their_own_size() {
        assert!(!numbers(&[1e-9, 2e-9, 3e-9], &[1e-9, 2e-9, 3.1e-9]).same);
        assert!(!numbers(&[0.0, 0.0], &[0.0, 1e-300]).same);
        assert!(!numbers(&[1.0], &[f64::NAN]).same);
    }

    #[test]
    fn classes_are_equal_or_not() {
        let column = StoredColumn::Classes {
            name: "class".into(),
            stored: vec!["a".into(), "b".into()],
            now: vec!["a".into(), "a".into()],
        };
        let report = CanaryReport::new("c", &[column], Tolerance::default());
        assert_eq!(
            (report.same, report.rows_different, report.largest),
            (false, 1, 1.0)
        );
    }

    #[test]
    fn no_rows_are_not_the_same() {
        assert!(!numbers(&[], &[]).same);
    }
}
