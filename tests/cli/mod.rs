//! The command line: exit codes, outputs, bad input.

mod bad_input;
mod outputs;
