//! How each column becomes a code below 16.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::boosted::BINS;
use driftguard_statistics::edges::decile_edges;
use driftguard_statistics::value_hash;
use serde::{Deserialize, Serialize};

/// Most columns that are looked at, the first in the reference's order.
pub const MOST_COLUMNS: usize = 128;
/// The code of null, NaN and what cannot be read.
pub const MISSING: u8 = 0;
/// The code of a category that is not known.
const OTHER: u8 = BINS as u8 - 1;
/// Categories that have a code of their own.
const KNOWN: usize = BINS - 2;

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnFrame {
    /// Its name.
    pub name: String,
    /// How it is coded.
    pub coding: Coding,
}

/// How values become codes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Coding {
    /// By bins: deciles of the sample, and edges at and above its extremes.
    Numeric(Vec<f64>),
    /// By hash of the value: the most frequent ones of the sample.
    Categorical(Vec<u64>),
}

impl Coding {
    /// Bins of a numeric sample.
    pub fn of_numbers(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let mut edges = decile_edges(&values);
        edges.extend(values.first());
        edges.extend(values.last().map(|largest| largest.next_up()));
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges.retain(|edge| edge.is_finite());
        Self::Numeric(edges)
    }

    /// Codes of a categorical sample: values with their numbers of rows.
    pub fn of_categories(mut values: Vec<(u64, u64)>) -> Self {
        values.sort_by_key(|(hash, rows)| (std::cmp::Reverse(*rows), *hash));
        values.truncate(KNOWN);
        Self::Categorical(values.into_iter().map(|(hash, _)| hash).collect())
    }

    /// The code of a number.
    pub fn number(&self, value: f64) -> u8 {
        match self {
            Self::Numeric(edges) if !value.is_nan() => {
                let bin = edges.partition_point(|edge| *edge <= value);
                u8::try_from(bin + 1).unwrap_or(OTHER).min(OTHER)
            }
            _ => MISSING,
        }
    }

    /// The code of a category.
    pub fn category(&self, value: &str) -> u8 {
        let Self::Categorical(known) = self else {
            return MISSING;
        };
        let hash = value_hash(value);
        let place = known.iter().position(|known| *known == hash);
        place
            .and_then(|place| u8::try_from(place + 1).ok())
            .unwrap_or(OTHER)
            .min(OTHER)
    }

    /// Whether the order of its codes means something.
    pub fn ordered(&self) -> bool {
        matches!(self, Self::Numeric(_))
    }

    fn fits(&self) -> bool {
        match self {
            Self::Numeric(edges) => {
                edges.len() <= KNOWN
                    && edges.iter().all(|edge| edge.is_finite())
                    && edges.is_sorted_by(|a, b| a < b)
            }
            Self::Categorical(known) => known.len() <= KNOWN,
        }
    }
}

/// The columns of the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// In the reference's order, at most [`MOST_COLUMNS`].
    pub columns: Vec<ColumnFrame>,
    /// Columns that were left out because there are too many.
    pub left_out: u64,
}

impl Frame {
    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for codings that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let fits = self.columns.iter().all(|column| column.coding.fits());
        if self.columns.len() > MOST_COLUMNS || !fits {
            return Err(Error::State(
                "the frame of the domain classifier is invalid: its codings do not fit; rebuild the baseline".into(),
            ));
        }
        Ok(())
    }
}
