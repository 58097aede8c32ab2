//! `uniqueness`: do rows or ids repeat more than they used to?
//!
//! # Layout
//!
//! - [`profile`]: distinct hashes of whole rows and of each id column, with
//!   their counts.
//! - [`compare`](mod@compare): shares of repeats into findings.
//! - `words`: numbers in messages.
//!
//! # Method
//!
//! The share of repeats is the share of rows that are not the first of their
//! kind. It grows with the number of rows, so both sides are rarefied to the
//! smaller number `n`: with `c_i` of `N` rows of kind `i`,
//! `share(n) = 1 - sum_i (1 - q_i) / sum_i (c_i n / N)`,
//! `q_i = C(N - c_i, n) / C(N, n)`. The 4096 kinds with the smallest hashes
//! stand for all (exact while there are no more). The effect is the increase
//! less the mean that it has by chance; the p-value is that of two
//! proportions, where a sampled share counts as 4096 observations. A decrease
//! has no effect.
//!
//! | metric | nature | subject |
//! |---|---|---|
//! | `repeated-rows/v1` | measurement; supporting if nothing repeats | dataset |
//! | `repeated-ids/v1` | the same | each id column, nulls left out |
//!
//! # Assumptions
//!
//! Rows are equal if all columns of the reference are; a hash of 64 bits stands
//! for them.
//!
//! # Minimum n
//!
//! `min-rows` (50) on either side.
//!
//! # Failure modes
//!
//! - A unique timestamp or id in the data hides repeats of what is beside it.
//! - Nested columns count by their nulls only.
//! - A law that became narrower repeats more without any row being a copy.
//! - Rows that repeat rows of the *other* side are not looked for.
//!
//! # Measured
//!
//! *False alarms.* On the five unchanged pairs of the collection and 110 random
//! halves: none.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`): loans of which 40 %
//! were delivered twice. Every share is as it was and all other checks pass
//! (effect 0.393, no row to name: `__rows__`).
//!
//! *Quiet.* Real flights, of which 0.02 % are repeats: two flights of an hour
//! look alike.
//!
//! # References
//!
//! - Hurlbert, "The Nonconcept of Species Diversity: A Critique and
//!   Alternative Parameters", 1971 (rarefaction).
//! - Beyer et al., "On Synopses for Distinct-Value Estimation Under Multiset
//!   Operations", 2007.
//!
//! # Example
//!
//! ```
//! use driftguard_check_uniqueness::{compare, Frame, Profile};
//!
//! let side = |hash: fn(u64) -> u64| {
//!     let mut profile = Profile::new(&Frame::default());
//!     profile.add(&["a".into()], &(0..100).map(hash).collect::<Vec<_>>()).unwrap();
//!     profile
//! };
//! let findings = compare(&Frame::default(), &side(|row| row), &side(|row| row % 50), 50);
//! assert_eq!(
//!     findings[0].message,
//!     "50 % of the rows are repeats of earlier rows, 0 % in the reference"
//! );
//! ```

pub mod compare;
pub mod profile;
#[allow(dead_code)]
#[path = "../../completeness/src/words.rs"]
mod words;

pub use compare::compare;
pub use profile::{Frame, Profile};

use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role, Setting,
};

/// The check; see the crate.
#[derive(Debug)]
pub struct Uniqueness;

const SUMMARY: &str = "Share of rows that repeat an earlier row, and of ids that repeat an earlier id, \
    against the reference's own rate at the same number of rows. A feed that sends data twice shows here.";

impl Check for Uniqueness {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("uniqueness", "Repeated rows and ids")
            .version(env!("CARGO_PKG_VERSION"))
            .state_format(2)
            .summary(SUMMARY)
            .dataset()
            .roles(&[
                Role::Feature,
                Role::Prediction,
                Role::Score,
                Role::Label,
                Role::Timestamp,
                Role::Id,
                Role::Segment,
                Role::Text,
                Role::Embedding,
                Role::Weight,
            ])
            .kinds(&[
                Kind::Numeric,
                Kind::Categorical,
                Kind::Text,
                Kind::Timestamp,
                Kind::Embedding,
                Kind::Other,
            ])
            .setting(Setting::integer(
                "min-rows",
                50,
                (2, 1_000_000),
                "Fewest rows on either side to compare shares of repeats.",
            ))
            .risk(Risk::Operational)
            .reference("Hurlbert, The Nonconcept of Species Diversity, 1971")
            .reference("Beyer et al., On Synopses for Distinct-Value Estimation Under Multiset Operations, 2007")
            .build()
    }

    fn fit(context: &Context, _: &Batch) -> Result<Frame, Error> {
        Ok(Frame::new(&context.columns))
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        Ok(Profile::new(frame))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        profile.update(frame, batch)
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
        reference.validate(frame)?;
        current.validate(frame)?;
        let min_rows = context.count("min-rows")? as u64;
        Ok(compare(frame, reference, current, min_rows))
    }
}

// The names of the exports are none that a native linker takes.
#[cfg(target_arch = "wasm32")]
driftguard_sdk::export_check!(crate::Uniqueness);
