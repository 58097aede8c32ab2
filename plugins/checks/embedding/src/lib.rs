//! `embedding`: did the vectors of a column change?
//!
//! # Layout
//!
//! - [`frame`]: standardisation, edges and spreads of the reference; folding.
//! - [`profile`]: sums over a thinned sample.
//! - [`repeats`]: shares of repeats at equal numbers of vectors.
//! - [`read`]: vectors out of a batch.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! *fit* freezes mean and deviation of each coordinate. A vector is then
//! standardised, cut at 8 deviations and, if it has more than 128 coordinates,
//! folded onto so many with random signs: `y`. *profile* sums over a uniform
//! sample of vectors by position, half of `sample-rows` to `sample-rows` of
//! them on each side, in integers. *compare* gives:
//!
//! | metric | what | statistic |
//! |---|---|---|
//! | `dead/tv/v1` | not finite, or one number throughout | difference of rates |
//! | `repeated/tv/v1` | not the first of its kind, at equal numbers | the same |
//! | `norm/tv/q10ref/v1` | length of the vector | total variation over the reference's deciles |
//! | `centroid-cosine/tv/q10ref/v1` | cosine to the reference's mean | the same |
//! | `centroid/mean-distance/v1` | mean of `y` | `abs(x - y)` of the means |
//! | `spread/log-variances/v1` | logarithms of the variances of the coordinates of `y` | the same |
//! | `mmd/rff64/v1` | mean of 128 random Fourier features of `y` | the same: the root of MMD² |
//!
//! The kernel of the last is Gaussian, of the median distance of the
//! reference's vectors; its effect is the distance less its noise, over
//! `sqrt(2)`: at least that share of vectors moved. Effects of centroid and
//! spread are the total variation of two normal laws as far apart as the means
//! are, in standard deviations of vectors along that direction.
//!
//! A changed encoder with the same dimension (coordinates in another order,
//! or turned) leaves norms as they are and moves centroid, spread and cosine.
//!
//! # Assumptions
//!
//! Vectors are independent of each other. Distances of means are matched by a
//! scaled chi-square in mean and variance.
//!
//! # Minimum n
//!
//! `min-rows` (100) vectors that are not null, on either side.
//!
//! # Failure modes
//!
//! - A turned encoder whose coordinates all have mean 0 and equal variances
//!   (whitened) looks the same to centroid and spread; only the cosine and the
//!   maximum mean discrepancy may see it.
//! - Folding hides what cancels within a fold; above 128 coordinates a change
//!   of one coordinate alone is diluted.
//! - Longer vectors are read up to the reference's number of coordinates,
//!   shorter ones count as dead: `schema` names the change of type.
//! - Repeats are looked for among the sampled vectors.
//!
//! # Measured
//!
//! Tests in `tests/`: on 300 pairs of equal law (24 coordinates of unequal
//! deviation and mean, 300 vectors each) p < 0.05 in at most 8.5 % for each
//! metric; a shift of a third of a deviation, permuted and turned coordinates,
//! shrunk norms, dead and repeated vectors are found in all of 20 runs by the
//! metric that names them.
//!
//! Real reviews (48 coordinates): 60 random halves of 600 + 600 all pass, each
//! metric with p < 0.05 in at most 6 of them (most for repeats, whose pairs
//! are not independent); film reviews block (centroid moved by 0.9 deviations).
//!
//! *Cost*: 0.3 s of processor time for 500,000 + 500,000 vectors of 64
//! coordinates; a comparison takes 1 ms.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`, injected by
//! `injected.py`): another version of the encoder with the same dimension;
//! texts, scores and labels as before, so every other check passes. The
//! centroid moved by 3.5 deviations (effect 0.923).
//!
//! *Quiet.* Other sentences of the same two sites: norms differ in 3.2 % of the
//! vectors.
//!
//! # References
//!
//! Gretton et al., "A Kernel Two-Sample Test", 2012; Rahimi and Recht, "Random
//! Features for Large-Scale Kernel Machines", 2007; Bai and Saranadasa,
//! "Effect of high dimension", 1996; Achlioptas, "Database-friendly random
//! projections", 2003; Hurlbert, "The Nonconcept of Species Diversity", 1971.
//!
//! # Example
//!
//! ```
//! use driftguard_check_embedding::{compare, Frame, Profile};
//!
//! let vector = |i: u32| [(f64::from(i)).sin() as f32, (f64::from(i) * 0.7).cos() as f32 + 1.0, 0.5];
//! let before: Vec<[f32; 3]> = (0..300).map(vector).collect();
//! let after: Vec<[f32; 3]> = before.iter().map(|[a, b, c]| [*b, *a, *c]).collect();
//! let frame = Frame::of_vectors(&before.concat(), 3);
//! let profile = |vectors: &[[f32; 3]]| {
//!     let mut profile = Profile::new(2048);
//!     (0..).zip(vectors).for_each(|(row, vector)| profile.add(&frame, row, vector));
//!     profile
//! };
//! let findings = compare("e", &frame, &profile(&before), &profile(&after), 100)?;
//! let named = |name: &str| findings.iter().find(|finding| finding.metric.starts_with(name));
//! // The same lengths, other directions.
//! assert!(named("norm").is_some_and(|finding| finding.effect < 0.01));
//! assert!(named("centroid/").is_some_and(|finding| finding.effect > 0.5));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;
pub mod frame;
pub mod profile;
pub mod read;
pub mod repeats;

pub use compare::compare;
pub use frame::Frame;
pub use profile::Profile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `embedding`.
#[derive(Debug)]
pub struct Embedding;

impl Check for Embedding {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        let dimension = context.column()?.dimension as usize;
        if dimension > frame::MOST_COORDINATES {
            return Err(Error::Data(format!(
                "`{}` has vectors of {dimension} coordinates, at most {} are compared; leave the column out of this check",
                context.column()?.name,
                frame::MOST_COORDINATES
            )));
        }
        let vectors = read::sample(sample, dimension)?;
        Ok(Frame::of_vectors(&vectors, dimension))
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(context.count("sample-rows")? as u64))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        read::update(profile, frame, batch)
    }

    fn merge(
        profile: &mut Profile,
        other: Profile,
        _: &Context,
        frame: &Frame,
    ) -> Result<(), Error> {
        profile.merge(&other, frame)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let column = context.columns.first().map_or("", |column| &column.name);
        let min_rows = context.count("min-rows")? as u64;
        compare(column, frame, reference, current, min_rows)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Embedding);
