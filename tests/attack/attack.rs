//! A hostile plugin attacks the sandbox, one way at a time. Each attack ends in
//! a typed error with exact words, and hurts nobody: the next session of the
//! same plugin works, and so does another plugin in the same process.
//!
//! # Layout
//!
//! - [`support`]: plugins, data, and what must hold after every attack.
//! - [`calls`]: time, memory, stack, panics, logs.
//! - [`reads`]: grants, windows, kernels, handles.
//! - [`answers`]: findings and states that are not acceptable.
//! - [`budgets`]: every limit by itself, and what the host's memory shows.
//! - [`loading`]: files that are no plugins, and what a plugin says of itself.

mod answers;
mod budgets;
mod calls;
mod loading;
mod reads;
mod support;
