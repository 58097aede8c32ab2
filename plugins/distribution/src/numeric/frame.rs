//! What is frozen from a sample of the reference.

use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::{decile_edges, drift_edges};
use driftguard_statistics::quantile::quantiles_sorted;
use serde::{Deserialize, Serialize};

use crate::state::invalid;

/// Most distinct values for which the histogram shows values and not bins.
const SHOWN_VALUES: usize = 19;
/// Far above what [`NumericFrame::of_sample`] makes; more is a forged frame.
const MOST_EDGES: usize = 1024;

/// Quantiles of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SampleQuantiles {
    /// 1 %.
    pub q01: f64,
    /// 5 %.
    pub q05: f64,
    /// 25 %.
    pub q25: f64,
    /// Median.
    pub q50: f64,
    /// 75 %.
    pub q75: f64,
    /// 95 %.
    pub q95: f64,
    /// 99 %.
    pub q99: f64,
}

/// Bin edges and quantiles, frozen from a sample of the reference. All later
/// counts are made on these edges and therefore merge exactly.
///
/// Edges: those of `driftguard_statistics::edges::drift_edges`, and the 5 %
/// and 95 % quantiles. Without a finite value in the sample there are none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct NumericFrame {
    edges: Vec<f64>,
    /// Positions of the decile edges (convention `q10ref`) in `edges`.
    deciles: Vec<u32>,
    quantiles: Option<SampleQuantiles>,
    /// All values of the sample if they are few, rising; each has a bin of
    /// its own.
    values: Vec<f64>,
}

impl NumericFrame {
    /// Freezes a sample; values that are not finite are left out.
    ///
    /// ```
    /// use driftguard_distribution::NumericFrame;
    /// let frame = NumericFrame::of_sample((0..1000).map(f64::from).collect());
    /// assert_eq!(frame.decile_edges().len(), 9);
    /// ```
    pub fn of_sample(mut values: Vec<f64>) -> Self {
        values.retain(|value| value.is_finite());
        values.sort_by(f64::total_cmp);
        let quantiles = quantiles_sorted(&values, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]).map(
            |[q01, q05, q25, q50, q75, q95, q99]| SampleQuantiles {
                q01,
                q05,
                q25,
                q50,
                q75,
                q95,
                q99,
            },
        );
        let mut edges = drift_edges(&values);
        // Just above the 95 % quantile: rows at it are not beyond it.
        edges.extend(quantiles.map(|q| q.q05 + 0.0));
        edges.extend(quantiles.map(|q| q.q95.next_up()));
        edges.retain(|edge| edge.is_finite());
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let position = |edge: &f64| edges.iter().position(|other| other == edge);
        let deciles = decile_edges(&values)
            .iter()
            .filter_map(position)
            .map(|place| place as u32)
            .collect();
        values.dedup();
        if values.len() > SHOWN_VALUES {
            values.clear();
        }
        Self {
            deciles,
            quantiles,
            values,
            edges,
        }
    }

    /// The edges, strictly rising.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.edges.len() + 1
    }

    /// The edges of the reference's deciles, a subset of [`Self::edges`].
    pub fn decile_edges(&self) -> Vec<f64> {
        let edge = |place: &u32| self.edges.get(*place as usize).copied();
        self.deciles.iter().filter_map(edge).collect()
    }

    /// Quantiles of the sample; None if it had no finite value.
    pub fn quantiles(&self) -> Option<&SampleQuantiles> {
        self.quantiles.as_ref()
    }

    /// All distinct values of the sample if there are at most 19, else none.
    pub fn few_values(&self) -> &[f64] {
        &self.values
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    ///
    /// [`Error::State`] for edges that are not finite and strictly rising,
    /// and deciles that are not among them.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |problem| Err(invalid("the numeric frame", problem));
        if self.edges.len() > MOST_EDGES {
            return refuse("it has more than 1024 edges");
        }
        if self.edges.iter().any(|edge| !edge.is_finite()) || !rising(&self.edges) {
            return refuse("its edges do not rise");
        }
        if !rising(&self.deciles)
            || self
                .deciles
                .iter()
                .any(|place| *place as usize >= self.edges.len())
        {
            return refuse("its deciles are not among its edges");
        }
        if self.values.iter().any(|value| !value.is_finite()) || !rising(&self.values) {
            return refuse("its values do not rise");
        }
        let quantiles = self
            .quantiles
            .map(|q| [q.q01, q.q05, q.q25, q.q50, q.q75, q.q95, q.q99]);
        if quantiles.is_some_and(|all| !all.is_sorted() || all.iter().any(|q| !q.is_finite())) {
            return refuse("its quantiles do not rise");
        }
        Ok(())
    }
}

fn rising<T: PartialOrd>(values: &[T]) -> bool {
    values
        .iter()
        .zip(values.iter().skip(1))
        .all(|(left, right)| left < right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_values_are_kept() {
        let frame = NumericFrame::of_sample(vec![3.0, -0.0, f64::NAN, 1.0, 3.0]);
        assert_eq!(frame.few_values(), [0.0, 1.0, 3.0]);
        let many = NumericFrame::of_sample((0..20).map(f64::from).collect());
        assert!(many.few_values().is_empty());
    }

    #[test]
    fn forged_frames_are_refused() {
        let good = NumericFrame::of_sample((0..100).map(f64::from).collect());
        good.validate().unwrap();
        let mut edges = good.clone();
        edges.edges.reverse();
        let mut deciles = good.clone();
        deciles.deciles.push(9999);
        let mut nan = good.clone();
        nan.edges.push(f64::NAN);
        let mut quantiles = good;
        quantiles.quantiles = quantiles
            .quantiles
            .map(|q| SampleQuantiles { q50: f64::NAN, ..q });
        for forged in [edges, deciles, nan, quantiles] {
            assert!(matches!(forged.validate(), Err(Error::State(_))));
        }
    }

    proptest! {
        #[test]
        fn every_frame_is_valid(sample in prop::collection::vec(prop_oneof![-1e3f64..1e3, (-3i8..3).prop_map(f64::from), Just(f64::MAX), Just(f64::MIN), Just(f64::NAN)], 0..60)) {
            let frame = NumericFrame::of_sample(sample.clone());
            prop_assert!(frame.validate().is_ok());
            prop_assert_eq!(frame.quantiles().is_some(), sample.iter().any(|value| value.is_finite()));
        }
    }
}
