//! An input's bins, frozen from the reference.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::{atoms, quantile_edges};
use driftguard_statistics::tree::MOST_BINS;
use serde::{Deserialize, Serialize};

use crate::words;

/// Quantile bins of numbers.
const QUANTILE_BINS: usize = 24;
/// Values of categories that have a bin of their own.
const VALUES: usize = 40;
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
    Edges(Vec<f64>),
    /// Most frequent first; one more bin for all others.
    Values(Vec<String>),
}

impl InputColumn {
    /// Bins of numbers.
    pub fn of_numbers(name: &str, sample: &[f64]) -> Self {
        let mut sorted: Vec<f64> = sample.iter().copied().filter(|x| x.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let distinct = sorted.chunk_by(|a, b| a == b).take(21).count();
        let edges = if distinct <= 20 {
            // Between neighbouring values: each has its own bin.
            let values: Vec<f64> = sorted
                .chunk_by(|a, b| a == b)
                .filter_map(|run| run.first())
                .copied()
                .collect();
            let middle = |pair: &[f64]| match pair {
                [low, high] => low + (high - low) / 2.0,
                _ => f64::NAN,
            };
            values.windows(2).map(middle).collect()
        } else {
            let mut edges = quantile_edges(&sorted, QUANTILE_BINS);
            for atom in atoms(&sorted) {
                edges.extend([atom, atom.next_up()]);
            }
            edges
        };
        Self {
            name: name.to_owned(),
            bins: Bins::Edges(rising(edges)),
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
            Bins::Edges(edges) => edges.len(),
            Bins::Values(values) => values.len(),
        }
    }

    /// The bin of rows without a value.
    pub(crate) fn missing(&self) -> u8 {
        u8::try_from(self.count() - 1).unwrap_or(u8::MAX)
    }

    pub(crate) fn is_ordered(&self) -> bool {
        matches!(self.bins, Bins::Edges(_))
    }

    /// The bin of each number; all are missing for a column of categories.
    pub fn bins_of_numbers(&self, values: &[f64]) -> Vec<u8> {
        let Bins::Edges(edges) = &self.bins else {
            return vec![self.missing(); values.len()];
        };
        Search::new(edges).bins(values, self.missing())
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
            Bins::Edges(edges) => words::numbers(&self.name, edges, set),
            Bins::Values(values) => words::values(&self.name, values, set, VALUE_BYTES),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Error> {
        let fine = match &self.bins {
            Bins::Edges(edges) => {
                edges.iter().all(|edge| edge.is_finite())
                    && edges.windows(2).all(|pair| matches!(pair, [a, b] if a < b))
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

/// Edges up to which five steps find the bin.
const FIVE_STEPS: usize = 31;

/// Binary search without branches, over edges filled up with infinities.
struct Search {
    edges: [f64; 64],
    known: u8,
}

impl Search {
    fn new(known: &[f64]) -> Self {
        let mut edges = [f64::INFINITY; 64];
        for (place, edge) in edges.iter_mut().zip(known) {
            *place = *edge;
        }
        Self {
            edges,
            known: u8::try_from(known.len()).unwrap_or(u8::MAX),
        }
    }

    /// How many edges lie at or below each value; `missing` for no value.
    fn bins(&self, values: &[f64], missing: u8) -> Vec<u8> {
        match usize::from(self.known) <= FIVE_STEPS {
            true => values.iter().map(|x| self.bin::<5>(*x, missing)).collect(),
            false => values.iter().map(|x| self.bin::<6>(*x, missing)).collect(),
        }
    }

    #[inline]
    fn bin<const STEPS: u32>(&self, value: f64, missing: u8) -> u8 {
        let mut at = 0_usize;
        for step in (0..STEPS).rev() {
            let middle = (at + (1 << step) - 1) & 63;
            at += usize::from(self.edges[middle] <= value) << step;
        }
        // Infinity is not below the filling.
        let bin = (at as u8).min(self.known);
        if value.is_nan() { missing } else { bin }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_search_is_a_partition_point(
            edges in proptest::collection::vec(-100.0_f64..100.0, 0..62),
            value in prop_oneof![-120.0_f64..120.0, Just(f64::INFINITY), Just(f64::NEG_INFINITY)],
        ) {
            let edges = rising(edges);
            let expected = edges.partition_point(|edge| *edge <= value);
            prop_assert_eq!(Search::new(&edges).bins(&[value], 99), vec![expected as u8]);
        }

        #[test]
        fn any_sample_has_valid_bins(sample in proptest::collection::vec(prop_oneof![
            any::<f64>(), (0_i32..30).prop_map(f64::from)
        ], 0..300)) {
            let column = InputColumn::of_numbers("x", &sample);
            prop_assert!(column.validate().is_ok());
            let bins = column.bins_of_numbers(&sample);
            prop_assert!(bins.iter().all(|bin| usize::from(*bin) < column.count()));
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
