//! An input's bins, frozen from the reference.

use std::collections::BTreeMap;

use driftguard_distribution::NumericFrame;
use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::{atoms, quantile_edges};
use driftguard_statistics::tree::MOST_BINS;
use serde::{Deserialize, Serialize};

use crate::words;

/// Quantile bins of numbers.
const QUANTILE_BINS: usize = 24;
/// Values of categories that have a bin of their own.
const VALUES: usize = 40;
/// Distinct numbers up to which each has a bin of its own.
const FEW_NUMBERS: usize = 20;
/// Most edges on which the host finds the bin of a row, and the code of one
/// that has none.
const MOST_FINE: usize = 254;
const NO_BIN: usize = 255;
/// Bytes of a value in a segment's name.
const VALUE_BYTES: usize = 24;

/// One input with its bins. The last bin holds rows without a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputColumn {
    /// Its name.
    pub name: String,
    pub(crate) bins: Bins,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Bins {
    /// Bin i is `edges[i-1] <= x < edges[i]`, with open tails.
    Edges {
        edges: Vec<f64>,
        /// The edges on which `numeric-drift` counts, of which `edges` are
        /// some: what is found for it need not be found again.
        fine: Vec<f64>,
    },
    /// Most frequent first; one more bin for all others.
    Values(Vec<String>),
}

/// What rows hold in one column: a code for each, and the bin of each code.
#[derive(Debug)]
pub(crate) struct Coded {
    pub(crate) codes: Vec<u8>,
    pub(crate) place: [u8; 256],
}

impl Coded {
    /// The bin of a row; of one that is not there the first.
    pub(crate) fn bin(&self, row: usize) -> u8 {
        let code = self.codes.get(row).copied().unwrap_or(0);
        self.place.get(usize::from(code)).copied().unwrap_or(0)
    }
}

/// Codes that are bins.
pub(crate) fn identity() -> [u8; 256] {
    let mut place = [0; 256];
    place
        .iter_mut()
        .zip(0..=u8::MAX)
        .for_each(|(at, code)| *at = code);
    place
}

impl InputColumn {
    /// Bins of numbers.
    pub fn of_numbers(name: &str, sample: &[f64]) -> Self {
        let mut sorted: Vec<f64> = sample.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let runs = || sorted.chunk_by(|a, b| a == b);
        let wanted = if runs().take(FEW_NUMBERS + 1).count() <= FEW_NUMBERS {
            let values = runs().filter_map(|run| run.first()).skip(1);
            values.copied().collect()
        } else {
            let mut edges = quantile_edges(&sorted, QUANTILE_BINS);
            for atom in atoms(&sorted) {
                edges.extend([atom, atom.next_up()]);
            }
            edges
        };
        let fine = NumericFrame::of_sample(sorted).edges().to_vec();
        let (edges, fine) = match fine.len() <= MOST_FINE {
            true => (rising(nearest(&wanted, &fine)), fine),
            false => (rising(wanted.clone()), rising(wanted)),
        };
        Self {
            name: name.to_owned(),
            bins: Bins::Edges { edges, fine },
        }
    }

    /// Bins of categories, from the rows of each value.
    pub fn of_values(name: &str, counts: &BTreeMap<String, u64>) -> Self {
        let mut values: Vec<(&String, u64)> = counts.iter().map(|(v, n)| (v, *n)).collect();
        values.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
        let kept = values.into_iter().take(VALUES);
        Self {
            name: name.to_owned(),
            bins: Bins::Values(kept.map(|(value, _)| value.clone()).collect()),
        }
    }

    /// Number of bins.
    pub fn count(&self) -> usize {
        2 + match &self.bins {
            Bins::Edges { edges, .. } => edges.len(),
            Bins::Values(values) => values.len(),
        }
    }

    /// The bin of rows without a value.
    pub(crate) fn missing(&self) -> u8 {
        u8::try_from(self.count() - 1).unwrap_or(u8::MAX)
    }

    pub(crate) fn is_ordered(&self) -> bool {
        matches!(self.bins, Bins::Edges { .. })
    }

    /// The edges of which the host is asked the bin of each row; None for a
    /// column of categories.
    pub(crate) fn fine(&self) -> Option<&[f64]> {
        match &self.bins {
            Bins::Edges { fine, .. } => Some(fine),
            Bins::Values(_) => None,
        }
    }

    /// Rows whose bins on [`Self::fine`] are known, 255 where there is none.
    pub(crate) fn coded(&self, codes: Vec<u8>) -> Coded {
        let mut place = [self.missing(); 256];
        if let Bins::Edges { edges, fine } = &self.bins {
            let lows = std::iter::once(f64::NEG_INFINITY).chain(fine.iter().copied());
            for (place, low) in place.iter_mut().take(NO_BIN).zip(lows) {
                *place = edges.partition_point(|edge| *edge <= low) as u8;
            }
        }
        Coded { codes, place }
    }

    /// The bin of each number; all are missing for a column of categories.
    pub fn bins_of_numbers(&self, values: &[f64]) -> Vec<u8> {
        let missing = self.missing();
        let Bins::Edges { edges, .. } = &self.bins else {
            return vec![missing; values.len()];
        };
        let bin = |value: &f64| match value.is_finite() {
            true => edges.partition_point(|edge| edge <= value) as u8,
            false => missing,
        };
        values.iter().map(bin).collect()
    }

    /// The bin of each row, from its code and the values of the codes; all are
    /// missing for a column of numbers.
    pub fn bins_of_codes(&self, codes: &[u32], values: &[&str]) -> Vec<u8> {
        let Bins::Values(known) = &self.bins else {
            return vec![self.missing(); codes.len()];
        };
        let at: BTreeMap<&str, u8> = known.iter().map(String::as_str).zip(0..).collect();
        let other = u8::try_from(known.len()).unwrap_or(u8::MAX);
        let bins: Vec<u8> = values
            .iter()
            .map(|value| at.get(value).copied().unwrap_or(other))
            .collect();
        let missing = self.missing();
        let bin = |code: &u32| bins.get(*code as usize).copied().unwrap_or(missing);
        codes.iter().map(bin).collect()
    }

    /// A set of bins in words, as a condition on the column.
    pub(crate) fn condition(&self, set: u64) -> String {
        match &self.bins {
            Bins::Edges { edges, .. } => words::numbers(&self.name, edges, set),
            Bins::Values(values) => words::values(&self.name, values, set, VALUE_BYTES),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let fine = match &self.bins {
            Bins::Edges { edges, fine } => {
                rises(edges)
                    && rises(fine)
                    && fine.len() <= MOST_FINE
                    && edges.iter().all(|edge| fine.contains(edge))
            }
            Bins::Values(_) => true,
        };
        match fine && self.count() <= MOST_BINS {
            true => Ok(()),
            false => Err(Error::State(format!(
                "the bins of `{}` are not those of a sample; rebuild the baseline",
                self.name
            ))),
        }
    }
}

fn rising(mut edges: Vec<f64>) -> Vec<f64> {
    edges.retain(|edge| edge.is_finite());
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    // An atom holds more than 5 % of the rows, so quantiles and atoms together
    // stay below the tree's limit; it is a matter of the state all the same.
    edges.truncate(MOST_BINS - 2);
    edges
}

/// For each edge the nearest of the known ones, which rise.
fn nearest(wanted: &[f64], known: &[f64]) -> Vec<f64> {
    let near = |edge: &f64| {
        let above = known.partition_point(|other| other < edge);
        let around = known.get(above.saturating_sub(1)..).unwrap_or_default();
        let distance = |other: &&f64| (**other - edge).abs();
        let closer = |a: &&f64, b: &&f64| distance(a).total_cmp(&distance(b));
        around.iter().take(2).min_by(closer).copied()
    };
    wanted.iter().filter_map(near).collect()
}

fn rises(edges: &[f64]) -> bool {
    edges.iter().all(|edge| edge.is_finite())
        && edges.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_sample_has_valid_bins(sample in proptest::collection::vec(prop_oneof![
            any::<f64>(), (0_i32..30).prop_map(f64::from)
        ], 0..300)) {
            let column = InputColumn::of_numbers("x", &sample);
            prop_assert!(column.validate().is_ok());
            let bins = column.bins_of_numbers(&sample);
            prop_assert!(bins.iter().all(|bin| usize::from(*bin) < column.count()));
            // What the host finds on the fine edges is the same.
            let fine = column.fine().unwrap_or_default();
            let code = |x: &f64| match x.is_finite() {
                true => fine.partition_point(|edge| edge <= x) as u8,
                false => u8::MAX,
            };
            let coded = column.coded(sample.iter().map(code).collect());
            let found: Vec<u8> = (0..sample.len()).map(|row| coded.bin(row)).collect();
            prop_assert_eq!(found, bins);
        }
    }

    #[test]
    fn few_values_have_a_bin_each_and_nulls_their_own() {
        let column = InputColumn::of_numbers("x", &[1.0, 2.0, 2.0, 5.0, f64::NAN]);
        assert_eq!(
            column.bins_of_numbers(&[1.0, 2.0, 5.0, f64::NAN, 9.0]),
            [0, 1, 2, 3, 2]
        );
        let counts = [("a", 5), ("b", 9)].map(|(value, rows)| (value.to_owned(), rows));
        let column = InputColumn::of_values("c", &counts.into());
        let bins = column.bins_of_codes(&[0, 1, 2, u32::MAX], &["a", "b", "new"]);
        assert_eq!(bins, [1, 0, 2, 3]);
    }
}
