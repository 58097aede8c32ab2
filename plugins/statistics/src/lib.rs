//! The mathematics of the checks: no WebAssembly, no Arrow, no I/O.
//!
//! Everything here is a pure function of counts or of sorted samples. What
//! cannot be computed is `None`, never NaN: an empty side, a constant column.
//! States hold integers wherever possible, so that a merge is exact.
//!
//! # Layout
//!
//! Laying out and counting:
//! - [`edges`]: bin edges frozen from a sorted reference sample.
//! - [`counts`]: counts over bins; merging, shares, coarsening.
//! - [`moments`]: n, mean, spread and extremes, mergeable.
//! - [`quantile`]: quantiles of sorted data and of binned counts.
//! - [`bottom_k`]: a uniform sample that does not depend on order.
//! - [`thinned`]: sums over a uniform sample of rows, in any order.
//! - [`distinct`]: distinct rows by smallest hash.
//! - [`values`]: distinct values of text by smallest hash.
//! - [`tally`]: all values with their counts, while they are few.
//!
//! Comparing two sides:
//! - [`ks`] (with [`ks_law`], its exact law), [`wasserstein`], [`divergence`],
//!   [`chi_square`], [`rates`].
//! - [`exchangeable`]: values and extremes that one side only has.
//! - [`unlisted`]: the same where only a sample of the values is known.
//! - [`persistence`]: do rows follow each other, and how many count as one?
//! - [`relation`]: did two columns leave each other's step?
//! - [`confidence_sequence`]: a mean that may be looked at all the time.
//! - [`reliability`]: do scores mean what they say?
//! - [`conditional`]: did what comes true for equal answers change?
//! - [`disparity`]: did the gap between a group and all others change?
//! - [`raking`]: the reference as the drift of each column by itself makes it.
//! - [`noise`]: mean and spread of each statistic when nothing changed.
//! - [`mean_vector`]: distance of two mean vectors, and of two kernel means.
//! - [`boosted`]: a small classifier; [`auc`]: how well it tells sides apart.
//! - [`pca`]: principal components, and what they leave over.
//! - [`cbpe`], [`dle`]: how good answers are without labels; with
//!   [`importance`] weights and [`isotonic`] steps.
//! - [`kitagawa`]: why a mean moved. [`tree`]: segments in which an output is
//!   about the same.
//! - [`units`]: was it a change of unit?
//! - [`confusion`], [`score_table`], [`losses`]: how good answers are whose
//!   truth is known, [`class_areas`] of several classes; [`quality`]: did that
//!   fall?
//! - [`multiple`]: p-values of many tests. [`bootstrap`]: rows drawn again.
//! - [`peers`]: the numbers of other tools, over [`numpy_bins`].
//!
//! One side in order:
//! - [`block_series`]: a stream as a bounded number of blocks, in any order of
//!   merging. [`bridge`]: where a rate changed, and how much it does anyway;
//!   [`kuiper`]: the law of that.
//! - [`adwin`], [`page_hinkley`], [`kswin`]: change detectors, value by value.
//!
//! One row: [`text`], what a text looks like; [`random_features`] of a vector.
//!
//! Below them: [`special`] functions, [`hypergeometric`] probabilities, and
//! the [`error`] of states that do not fit.

pub mod adwin;
pub mod auc;
pub mod block_series;
pub mod boosted;
pub mod bootstrap;
pub mod bottom_k;
pub mod bridge;
pub mod cbpe;
pub mod chi_square;
pub mod class_areas;
pub mod conditional;
pub mod confidence_sequence;
pub mod confusion;
pub mod counts;
pub mod disparity;
pub mod distinct;
pub mod divergence;
pub mod dle;
pub mod edges;
pub mod error;
pub mod exchangeable;
pub mod hypergeometric;
pub mod importance;
pub mod isotonic;
mod join;
mod key_bytes;
pub mod kitagawa;
pub mod ks;
pub mod ks_law;
pub mod kswin;
pub mod kuiper;
pub mod losses;
pub mod mean_vector;
pub mod moments;
pub mod multiple;
pub mod noise;
pub mod numpy_bins;
pub mod page_hinkley;
pub mod pca;
pub mod peers;
pub mod persistence;
pub mod quality;
pub mod quantile;
pub mod raking;
pub mod random_features;
pub mod rates;
pub mod relation;
pub mod reliability;
pub mod score_table;
pub mod special;
pub mod tally;
#[cfg(test)]
mod testing;
pub mod text;
pub mod thinned;
pub mod tree;
pub mod units;
pub mod unlisted;
pub mod values;
pub mod wasserstein;

pub use bottom_k::BottomK;
pub use counts::Counts;
pub use distinct::DistinctSample;
pub use error::StateError;
pub use moments::Moments;
pub use noise::Noise;
pub use tally::Tally;
pub use thinned::Thinned;
pub use values::{ValueCount, ValueSample, value_hash};

/// A confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Coverage, 0 to 1 (0.95).
    pub level: f64,
}
