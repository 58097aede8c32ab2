//! Standardisation and components of the reference.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::decile_edges;
use driftguard_statistics::pca::Components;
use driftguard_statistics::text::text_hash;
use serde::{Deserialize, Serialize};

/// Most columns that are looked at, the first in the reference's order.
pub const MOST_COLUMNS: usize = 64;
/// Fewest columns with a relation to break.
pub const FEWEST_COLUMNS: usize = 3;
/// Bins that errors may have.
pub const MOST_BINS: usize = 16;
/// Standardised values are cut here: one wild value must not decide.
const FARTHEST: f64 = 6.0;

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnFrame {
    /// Its name.
    pub name: String,
    /// Mean of its finite values.
    pub mean: f64,
    /// Their standard deviation, above 0.
    pub scale: f64,
}

/// What is frozen from a sample of the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The columns that vary, at most [`MOST_COLUMNS`].
    pub columns: Vec<ColumnFrame>,
    /// Components of either half of the sample. A row is in one half or the
    /// other by its own values, and is measured by the half that it is not in:
    /// so rows of the reference are as new to the components as new rows are.
    pub halves: [Option<Components>; 2],
    /// Edges of the errors.
    pub edges: Vec<f64>,
}

impl Frame {
    /// The frame of these columns of equal length, each with its name.
    pub fn of_columns(columns: &[(String, Vec<f64>)], share: f64) -> Self {
        let used: Vec<&(String, Vec<f64>)> = columns
            .iter()
            .filter(|(_, values)| moments(values).is_some())
            .take(MOST_COLUMNS)
            .collect();
        let mut frame = Self {
            columns: used
                .iter()
                .filter_map(|(name, values)| {
                    let (mean, scale) = moments(values)?;
                    Some(ColumnFrame {
                        name: name.clone(),
                        mean,
                        scale,
                    })
                })
                .collect(),
            ..Self::default()
        };
        if frame.columns.len() < FEWEST_COLUMNS {
            return frame;
        }
        let count = used
            .iter()
            .map(|(_, values)| values.len())
            .min()
            .unwrap_or(0);
        let rows: Vec<Vec<f32>> = (0..count)
            .map(|row| {
                let value = |(_, values): &&(String, Vec<f64>)| {
                    values.get(row).copied().unwrap_or(f64::NAN)
                };
                frame.standard(used.iter().map(value))
            })
            .collect();
        let of_half = |wanted: usize| -> Vec<f32> {
            let own = rows.iter().filter(|row| half(row) == wanted);
            own.flatten().copied().collect()
        };
        let dimension = frame.columns.len();
        frame.halves = [0, 1].map(|wanted| Components::of_rows(&of_half(wanted), dimension, share));
        let errors = rows
            .iter()
            .filter_map(|row| frame.residual(row))
            .map(|rest| error(&rest))
            .collect();
        frame.edges = edges(errors);
        frame
    }

    /// Whether there are components to measure by.
    pub fn usable(&self) -> bool {
        self.halves.iter().all(Option::is_some)
    }

    /// A row standardised and cut; what is missing is 0, the mean.
    pub fn standard(&self, values: impl Iterator<Item = f64>) -> Vec<f32> {
        values
            .zip(&self.columns)
            .map(|(value, column)| {
                let z = (value - column.mean) / column.scale;
                if z.is_nan() {
                    0.0
                } else {
                    z.clamp(-FARTHEST, FARTHEST) as f32
                }
            })
            .collect()
    }

    /// What the components of the other half leave over of a standardised row.
    pub fn residual(&self, row: &[f32]) -> Option<Vec<f32>> {
        let components = self.halves.get(1 - half(row))?.as_ref()?;
        Some(components.residual(row))
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for what a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |what: &str| {
            Err(Error::State(format!(
                "the frame of reconstruction is invalid: {what}; rebuild the baseline"
            )))
        };
        let fits = |column: &ColumnFrame| {
            column.mean.is_finite() && column.scale > 0.0 && column.scale.is_finite()
        };
        if self.columns.len() > MOST_COLUMNS || !self.columns.iter().all(fits) {
            return refuse("its means and deviations do not fit");
        }
        let rising = self.edges.is_sorted_by(|a, b| a < b);
        if !rising || self.edges.len() >= MOST_BINS || self.edges.iter().any(|x| !x.is_finite()) {
            return refuse("its edges do not rise");
        }
        for components in self.halves.iter().flatten() {
            components
                .validate()
                .map_err(|error| Error::State(error.to_string()))?;
            if components.dimension() != self.columns.len() {
                return refuse("its components are of other columns");
            }
        }
        Ok(())
    }
}

/// Root of the mean square.
pub fn error(rest: &[f32]) -> f64 {
    let square: f64 = rest.iter().map(|x| f64::from(*x).powi(2)).sum();
    (square / rest.len().max(1) as f64).sqrt()
}

fn half(row: &[f32]) -> usize {
    let bytes: Vec<u8> = row.iter().flat_map(|x| x.to_le_bytes()).collect();
    (text_hash(&bytes) & 1) as usize
}

/// Mean and deviation of the finite values; None where they do not vary.
fn moments(values: &[f64]) -> Option<(f64, f64)> {
    let finite = || values.iter().filter(|value| value.is_finite());
    let n = finite().count() as f64;
    if n < 2.0 {
        return None;
    }
    let mean = finite().map(|value| value / n).sum::<f64>();
    let variance = finite()
        .map(|value| (value - mean).powi(2) / n)
        .sum::<f64>();
    let scale = variance.sqrt();
    let varies = scale > mean.abs() * 1e-9 && scale > 0.0 && scale.is_finite();
    (varies && mean.is_finite()).then_some((mean, scale))
}

/// Deciles, and an edge a little beyond the largest.
fn edges(mut errors: Vec<f64>) -> Vec<f64> {
    errors.sort_by(f64::total_cmp);
    let Some(largest) = errors.last().copied() else {
        return vec![];
    };
    // Errors that are rounding only must not become bins.
    let mut edges: Vec<f64> = decile_edges(&errors)
        .into_iter()
        .filter(|edge| *edge > 1e-4)
        .collect();
    edges.extend([largest * 1.5 + 1e-3, largest * 4.0 + 1e-2]);
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}
