//! One categorical column: frozen values, counts on them, and what moved.
//! Nulls are no category here.
//!
//! - [`frame`]: the reference's most frequent values.
//! - [`profile`]: counts of them and of others; mergeable.
//! - [`unlisted`]: counts of values that the frame does not know.
//! - [`cells`]: which values are compared one by one.
//! - [`compare`]: both sides into findings.

pub mod cells;
pub mod compare;
pub mod frame;
pub mod profile;
pub mod unlisted;

pub use cells::{Cell, Cells};
pub use compare::{Sides, compare};
pub use frame::CategoricalFrame;
pub use profile::CategoricalProfile;
pub use unlisted::Unlisted;
