//! The trait a check implements.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::prelude::{Batch, Context, Descriptor, Error, Finding};

/// A check, as a mergeable fold: sample of the reference -> frame; frame and
/// batches -> profile; two profiles -> findings.
///
/// A one-pass check sets `Frame = ()` and writes `describe`, `update`, `merge`
/// and `compare`.
///
/// Laws, which the host's conformance test checks: profiles of the same rows
/// are equal however the rows are cut into batches, and `merge` is associative
/// (and commutative, unless the descriptor says `Order::Sequence`).
pub trait Check {
    /// What is frozen from the reference: edges, dictionaries.
    type Frame: Serialize + DeserializeOwned + Default;
    /// The state over some rows. `Default` is the state of no rows.
    type Profile: Serialize + DeserializeOwned + Default;

    /// What this check is and wants. Pure.
    fn describe() -> Descriptor;

    /// Checks settings that are valid one by one against each other.
    fn validate(_context: &Context) -> Result<(), Error> {
        Ok(())
    }

    /// Freezes what later steps need from a sample of the reference.
    fn fit(_context: &Context, _sample: &Batch) -> Result<Self::Frame, Error> {
        Ok(Self::Frame::default())
    }

    /// Checks a frame that came from outside: it was read well, but may hold
    /// what [`Self::fit`] never makes. Called once for each frame that is
    /// read, before anything else sees it.
    fn admit(_frame: &Self::Frame) -> Result<(), Error> {
        Ok(())
    }

    /// The profile of no rows on this frame.
    fn begin(_context: &Context, _frame: &Self::Frame) -> Result<Self::Profile, Error> {
        Ok(Self::Profile::default())
    }

    /// Folds a batch into the profile.
    fn update(
        profile: &mut Self::Profile,
        context: &Context,
        frame: &Self::Frame,
        batch: &Batch,
    ) -> Result<(), Error>;

    /// Folds another profile on the same frame into this one. `other` may come
    /// from disk: lengths in it must be checked.
    fn merge(
        profile: &mut Self::Profile,
        other: Self::Profile,
        context: &Context,
        frame: &Self::Frame,
    ) -> Result<(), Error>;

    /// Measures what moved. Carries no severity: the host decides.
    fn compare(
        context: &Context,
        frame: &Self::Frame,
        reference: &Self::Profile,
        current: &Self::Profile,
    ) -> Result<Vec<Finding>, Error>;
}
