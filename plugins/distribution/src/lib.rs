//! What the drift checks share: profiles of one numeric or categorical
//! column, and their comparison into findings. A check is a thin plugin over
//! this crate, so that nothing is written twice.
//!
//! # Layout
//!
//! - [`numeric`]: frame, profile and comparison of a numeric column.
//! - [`categorical`]: the same for a categorical column.
//! - [`coded`]: rows as small codes, for classifiers and trees.
//! - [`convention`]: the numbers of other tools on either.
//! - [`runs`]: runs of equal consecutive values, joined across batches.
//! - [`rate`]: the share of rows with some property, on both sides.
//! - [`coding`]: values of any kind as a few frozen cells. [`rows`]: which rows
//!   are read where all of them are too many.
//! - [`offer`]: rows of a batch, offered to a thinned sample.
//! - [`shift`]: total variation between counts, with its noise and p-value.
//! - [`finding`]: findings about one column, statuses, common distances.
//! - [`words`]: numbers and names as they stand in messages; [`instant`]s.
//! - [`testing`]: seeded random numbers for tests.
//!
//! ```
//! use driftguard_distribution::{NumericFrame, NumericProfile, numeric};
//!
//! let reference: Vec<f64> = (0..500).map(f64::from).collect();
//! let current: Vec<f64> = (0..500).map(|i| f64::from(i) + 400.0).collect();
//! let frame = NumericFrame::of_sample(reference.clone());
//! let profile = |values: &[f64]| {
//!     let mut profile = NumericProfile::new(&frame, 1024);
//!     profile.add_values(&frame, 0, values).map(|()| profile)
//! };
//! let findings = numeric::compare("delay", &frame, &profile(&reference)?, &profile(&current)?, 50)?;
//! assert_eq!(findings[0].metric, "ks/exact/v1");
//! assert_eq!(findings[0].statistic, Some(0.8));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod categorical;
pub mod coded;
pub mod coding;
pub mod convention;
pub mod finding;
pub mod instant;
pub mod numeric;
pub mod offer;
pub mod rate;
pub mod rows;
pub mod runs;
pub mod shift;
mod state;
pub mod testing;
pub mod words;

pub use categorical::{CategoricalFrame, CategoricalProfile};
pub use finding::Subjected;
pub use numeric::{NumericFrame, NumericProfile};
pub use rate::Rate;
pub use runs::{Run, RunState};
pub use state::refused;
