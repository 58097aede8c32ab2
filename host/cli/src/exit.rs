//! Exit codes, the same for every verb.

use std::io::ErrorKind;
use std::process::ExitCode;

/// The run could not reach a verdict.
pub const NOT_EVALUATED: u8 = 3;
/// A verdict was reached and could not be recorded, or not written where it
/// should go.
pub const NOT_DELIVERED: u8 = 4;
/// Wrong usage of the command line.
pub const USAGE: u8 = 64;

/// An error of a verb that has an exit code of its own.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The verdict exists and its reader did not get it.
    #[error("the verdict ({verdict}) could not be written to {target}: {source}")]
    NotDelivered {
        /// The verdict.
        verdict: &'static str,
        /// A file, or standard output.
        target: String,
        /// Why.
        source: std::io::Error,
    },
    /// The verdict exists and is in no history: it must not be used.
    #[error("the verdict could not be recorded, so it is not shown: {0}")]
    NotRecorded(#[from] driftguard_guard::history::Error),
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(String),
}

/// Prints clap's message; help and version are no failure.
#[expect(clippy::print_stderr, reason = "the binary speaks to its user")]
pub fn of_usage(error: &clap::Error) -> ExitCode {
    let shown = error.print();
    if error.use_stderr() {
        ExitCode::from(USAGE)
    } else if shown.is_err() {
        eprintln!("driftguard: the help could not be written");
        ExitCode::from(NOT_DELIVERED)
    } else {
        ExitCode::SUCCESS
    }
}

/// Prints an error of a verb and says with which code to end. A reader that
/// went away (`| head`) is told nothing.
#[expect(clippy::print_stderr, reason = "the binary speaks to its user")]
pub fn of_error(error: &anyhow::Error) -> ExitCode {
    let failed = error.downcast_ref::<Failed>();
    let gone = error
        .downcast_ref::<std::io::Error>()
        .is_some_and(|io| io.kind() == ErrorKind::BrokenPipe);
    if gone {
        return ExitCode::from(NOT_DELIVERED);
    }
    eprintln!("error: {}", words(error));
    match failed {
        Some(Failed::NotDelivered { .. } | Failed::NotRecorded(_)) => ExitCode::from(NOT_DELIVERED),
        Some(Failed::Usage(_)) => ExitCode::from(USAGE),
        None => ExitCode::from(NOT_EVALUATED),
    }
}

/// The message, and of its causes those that it does not already tell.
fn words(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
