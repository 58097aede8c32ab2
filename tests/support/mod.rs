//! What the tests of the outside view share.
//!
//! # Layout
//!
//! - [`run`]: a folder of its own for each test, and the binary run in it.
//! - [`table`]: one small table, written in every format.
//! - [`random`]: seeded numbers.

pub mod random;
pub mod run;
pub mod table;

pub use random::Random;
pub use run::{Folder, Ran, fixture};
pub use table::{Table, Values};
