//! ONNX models of classical machine learning, read and run in the process: the
//! pipelines, trees and linear models that scikit-learn exports.
//!
//! # Layout
//!
//! - [`Onnx`] (`graph`): a file, checked once, run on many rows.
//! - `wire`: protobuf fields. `proto`: what of `onnx.proto` is read.
//! - [`tensor`]: numbers, texts and their shapes. [`meter`]: memory and time.
//! - `ops`: the operators, a file for each family.
//! - [`error`]: everything that can be wrong with a file or its inputs.
//!
//! An ONNX file is untrusted: it may be cut off, forged, or ask for more than
//! there is. Reading it allocates no more than it pays for from the memory that
//! it was given; no graph recurses or loops (subgraphs and functions are
//! refused), and trees are checked to be trees; every operator asks the meter
//! before it allocates and while it works. There is no `unsafe`.
//!
//! An operator that is not in `ops` is refused when the file is opened, by its
//! name, never skipped. Floats are kept as `f64` and rounded to `f32` after each
//! operator wherever the file says `float`: as exact as a runtime in `f32` or
//! more so, because sums are not rounded in between.
//!
//! # References
//! ONNX operator schemas, ai.onnx up to 24 and ai.onnx.ml up to 4.

pub mod error;
mod graph;
pub mod meter;
mod ops;
mod proto;
pub mod tensor;
mod wire;

pub use error::OnnxError;
pub use graph::{Onnx, Port};
pub use meter::{Limits, Meter};
pub use tensor::{Data, Kind, Tensor};
