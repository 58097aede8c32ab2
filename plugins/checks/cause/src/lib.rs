//! `cause`: which inputs explain that an output moved, and what do they leave
//! unexplained?
//!
//! # Layout
//!
//! - `columns`: an input's bins, frozen from the reference.
//! - `outputs`: an output as whole units.
//! - [`frame`]: both, a tree for each output, and which columns go together.
//! - [`profile`]: outputs counted by bin and by leaf.
//! - [`compare`](mod@compare): the parts as findings. `words`: in words.
//!
//! # Method
//!
//! The move of an output's mean is split twice (formulas in
//! `driftguard_statistics::kitagawa`). Over the bins of each input: what rows
//! that moved between its bins explain. Over the leaves of one regression tree
//! (at most 64 leaves of at least 50 rows, fitted on every other row of the
//! reference's sample): what all inputs together explain, leaf by leaf in
//! readable segments, and what they do not. Each split adds up exactly.
//! Numbers have at most 24 bins by quantiles, or one for each of up to 20
//! values; categories their 40 most frequent values; nulls a bin of their own.
//! A categorical output is read as the share of one class: the second of two,
//! else the most frequent.
//!
//! | metric | nature | subject |
//! |---|---|---|
//! | `unexplained-output/tree64/v1` | measurement | the output |
//! | `explained-by-column/kitagawa24/v1` | supporting | an input |
//! | `explained-by-segment/tree64/v1` | supporting | a segment |
//!
//! The effect of the measurement is that of a normal law moved by as much,
//! `2 Phi(u / 2s) - 1` with u the unexplained move beyond its mean noise and s
//! the output's standard deviation in the reference: the share of rows moved.
//!
//! # Assumptions
//!
//! P-value and noise take rows as independent.
//!
//! # Minimum n
//!
//! `min-rows` (200) on either side.
//!
//! # Failure modes
//!
//! - Inputs that move together share the credit, so those that do (|rank
//!   correlation| above 0.7) are named as one group, with the part of the
//!   strongest.
//! - Relations that a greedy tree does not see (an exclusive or) and inputs
//!   that are not logged end up unexplained, which therefore accuses nobody.
//! - The tree's own rows are counted in the reference, too.
//! - A segment that is new takes its whole part as explained.
//!
//! # Measured
//!
//! *False alarms.* On the five unchanged pairs of the collection (flights,
//! loans twice, network records, reviews): "no move beyond chance, nothing to
//! explain".
//!
//! *What it adds* (`tests/scenarios/explained.py`, table in `docs/cause.md`):
//! hours taken from UTC moved the mean score by 0.0128, and `sched_dep_hour`
//! explains 120 % of it; other checks say that the column moved, not that it
//! moved the score.
//!
//! *Quiet.* Loans with flipped labels: inputs and outputs are as they were, so
//! there is nothing to explain.
//!
//! # References
//!
//! - Kitagawa, "Components of a Difference Between Two Rates", 1955.
//! - Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees",
//!   1984.

mod columns;
pub mod compare;
pub mod frame;
mod outputs;
pub mod profile;
mod words;

pub use columns::InputColumn;
pub use compare::compare;
pub use frame::{Frame, Input, Sample};
pub use outputs::OutputColumn;
pub use profile::Profile;

use driftguard_sdk::prelude::{
    Batch, Check, Context, Descriptor, DescriptorBuilder, Error, Finding, Kind, Risk, Role, Setting,
};

/// The check; see the crate.
#[derive(Debug)]
pub struct Cause;

const SUMMARY: &str = "Splits the move of each prediction and score into what rows that moved between kinds of inputs \
    explain, column by column and segment by segment, and what they do not. Inputs that go together are named together.";

/// What the findings need of the settings.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fewest rows on either side.
    pub min_rows: u64,
    /// Columns and segments named for each output.
    pub top: usize,
}

impl Limits {
    fn of(context: &Context) -> Result<Self, Error> {
        Ok(Self {
            min_rows: context.count("min-rows")? as u64,
            top: context.count("top")?,
        })
    }
}

impl Check for Cause {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("cause", "What moved the outputs")
            .version(env!("CARGO_PKG_VERSION"))
            .summary(SUMMARY)
            .dataset()
            .roles(&[Role::Feature, Role::Segment, Role::Prediction, Role::Score])
            .kinds(&[Kind::Numeric, Kind::Categorical])
            .setting(Setting::integer(
                "min-rows",
                200,
                (100, 1_000_000_000),
                "Fewest rows with an output on either side.",
            ))
            .setting(Setting::integer(
                "top",
                8,
                (1, 64),
                "Columns and segments that are named for each output.",
            ))
            .risk(Risk::Strategic)
            .reference("Kitagawa, Components of a Difference Between Two Rates, 1955")
            .reference(
                "Breiman, Friedman, Olshen, Stone, Classification and Regression Trees, 1984",
            )
            .build()
    }

    fn fit(_: &Context, sample: &Batch) -> Result<Frame, Error> {
        Ok(Frame::fit(&frame::read(sample)?))
    }

    fn begin(_: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
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
        frame.validate()?;
        reference.validate(frame)?;
        current.validate(frame)?;
        Ok(compare(frame, reference, current, Limits::of(context)?))
    }
}

// The names of the exports are none that a native linker takes.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Cause);

#[cfg(test)]
mod tests;
