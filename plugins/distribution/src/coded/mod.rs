//! Rows as small codes, one for each column: what a classifier or a tree over
//! bins reads.
//!
//! - this file: how a column's values become codes below 16.
//! - [`read`]: codes out of a batch.

pub mod read;

use driftguard_statistics::boosted::BINS;
use driftguard_statistics::edges::decile_edges;
use driftguard_statistics::value_hash;
use serde::{Deserialize, Serialize};

/// The code of null, NaN and what cannot be read.
pub const MISSING: u8 = 0;
/// The highest code.
const LAST: u8 = BINS as u8 - 1;
/// Up to so many categories have a code each.
const FEW: usize = BINS - 2;
/// Of more, those have a code of their own that hold this share of the rows.
/// A lower share would choose the ones that are frequent by chance in this
/// very sample, and so tell the reference from any other data.
const FREQUENT: f64 = 0.1;

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
    /// By hash of the value: these have a code each, all others share the
    /// codes that are left (all codes, if none is).
    Categorical(Vec<u64>),
}

impl Coding {
    /// Bins of a numeric sample. The outermost edges are well beyond it: edges
    /// at its extremes would tell it from any other data.
    pub fn of_numbers(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let mut edges = decile_edges(&values);
        if let (Some(low), Some(high)) = (values.first(), values.last()) {
            let tenth = edges.first().copied().unwrap_or(*low);
            let reach = (edges.last().copied().unwrap_or(*high) - tenth) / 2.0;
            edges.extend([low - reach, high + reach]);
            // Values that are few enough to be equal have bins of their own.
            if edges.len() < FEW / 2 {
                edges.extend(edges.clone().iter().map(|edge| edge.next_up()));
            }
        }
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        edges.retain(|edge| edge.is_finite());
        Self::Numeric(edges)
    }

    /// Codes of a categorical sample: hashes of its values with their numbers
    /// of rows.
    pub fn of_categories(mut values: Vec<(u64, u64)>) -> Self {
        let all: u64 = values.iter().map(|(_, rows)| rows).sum();
        if values.len() > FEW {
            values.retain(|(_, rows)| *rows as f64 >= FREQUENT * all as f64);
        }
        let mut known: Vec<u64> = values.into_iter().map(|(hash, _)| hash).collect();
        known.sort_unstable();
        known.truncate(FEW);
        Self::Categorical(known)
    }

    /// The code of a number.
    pub fn number(&self, value: f64) -> u8 {
        match self {
            Self::Numeric(edges) if !value.is_nan() => {
                let bin = edges.partition_point(|edge| *edge <= value);
                u8::try_from(bin + 1).unwrap_or(LAST).min(LAST)
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
        let code = match known.binary_search(&hash) {
            Ok(place) => place as u64 + 1,
            Err(_) if known.len() == FEW => hash % u64::from(LAST) + 1,
            Err(_) => {
                let taken = known.len() as u64;
                taken + 1 + hash % (u64::from(LAST) - taken).max(1)
            }
        };
        u8::try_from(code).unwrap_or(LAST).min(LAST)
    }

    /// Whether the order of its codes means something.
    pub fn ordered(&self) -> bool {
        matches!(self, Self::Numeric(_))
    }

    /// Whether a sample can give such a coding; one from outside need not.
    pub fn fits(&self) -> bool {
        match self {
            Self::Numeric(edges) => {
                edges.len() <= FEW
                    && edges.iter().all(|edge| edge.is_finite())
                    && edges.is_sorted_by(|a, b| a < b)
            }
            Self::Categorical(known) => known.len() <= FEW && known.is_sorted(),
        }
    }
}
