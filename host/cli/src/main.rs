//! The binary `driftguard`.
//!
//! # Layout
//!
//! - [`arguments`]: what can be typed, and its help.
//! - [`command`]: a file per verb.
//! - [`exit`]: exit codes.
//! - [`memory`]: freed memory is kept for the next batch.
//! - [`panic`]: a bug ends as an error does, never as a verdict.
//! - [`terminal`]: colour, width, progress bar.
//! - [`engine`]: the plugin engine with its cache folder; the built-in checks.

mod arguments;
mod command;
mod engine;
mod exit;
mod memory;
mod panic;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    memory::keep_freed();
    panic::end_on_panic();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::of_usage(&error),
    };
    let outcome = match &arguments.command {
        Command::Check(check) => command::check::run(check),
        Command::Baseline(baseline) => command::baseline::run(baseline),
        Command::History(history) => command::history::run(history),
        Command::Fingerprint(arguments) => command::fingerprint::run(arguments),
        Command::Replay(replay) => command::replay::run(replay),
        Command::Explain(explain) => command::explain::run(explain),
        Command::Checks(checks) => command::checks::run(checks),
        Command::Init(init) => command::init::run(init),
        Command::Schema(schema) => command::schema::run(schema),
    };
    outcome.unwrap_or_else(|error| exit::of_error(&error))
}
