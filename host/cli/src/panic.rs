//! A panic is a bug of driftguard. It ends the process like anything else that
//! keeps a verdict from being reached: at once, from whatever thread, with the
//! exit code of "could not evaluate". A gate must never be open because its
//! guard fell over.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

use crate::exit::NOT_EVALUATED;

/// From now on, ends the process on a panic. Decoders that give up on a
/// damaged file are caught and reported as an error of that file.
pub fn end_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        if !driftguard_data::is_guarded() {
            end(panic);
        }
    }));
}

/// Says what happened and ends. Standard error may be gone; nothing may panic
/// in here, since that would abort with a code of the system's choice.
#[expect(clippy::exit, reason = "other threads would wait for the one lost")]
fn end(panic: &PanicHookInfo<'_>) -> ! {
    let mut out = std::io::stderr().lock();
    _ = out.write_all(words(panic).as_bytes());
    _ = out.flush();
    std::process::exit(i32::from(NOT_EVALUATED));
}

fn words(panic: &PanicHookInfo<'_>) -> String {
    let what = panic.payload_as_str().unwrap_or("no message");
    let place = panic
        .location()
        .map(|place| format!(" at {}:{}", place.file(), place.line()))
        .unwrap_or_default();
    let mut text = format!(
        "error: driftguard gave up, there is no verdict: {what}{place}\n\
         This is a bug of driftguard {version} on {system}-{processor}, not of your data or policy. \
         Please report it to whoever you have driftguard from: these lines, the command, and the output of the \
         same command with RUST_BACKTRACE=1.\n",
        version = env!("CARGO_PKG_VERSION"),
        system = std::env::consts::OS,
        processor = std::env::consts::ARCH,
    );
    let trace = Backtrace::capture();
    if trace.status() == BacktraceStatus::Captured {
        text.push_str(&format!("{trace}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Runs one of the ignored tests below in a process of its own.
    fn fate(of: &str) -> (Option<i32>, String) {
        let this = std::env::current_exe().expect("the test knows its binary");
        let name = format!("panic::tests::{of}");
        let output = Command::new(this)
            .args([&name, "--exact", "--ignored", "--nocapture"])
            .env_remove("RUST_BACKTRACE")
            .output()
            .expect("the test can be run again");
        let said = String::from_utf8(output.stderr).expect("the output is UTF-8");
        (output.status.code(), said)
    }

    #[test]
    #[ignore = "ends the process; run by the tests below"]
    fn on_the_main_thread() {
        end_on_panic();
        panic!("index 3 of 2");
    }

    #[test]
    #[ignore = "ends the process; run by the tests below"]
    fn on_a_worker() {
        end_on_panic();
        let worker = std::thread::spawn(|| assert_eq!(std::process::id(), 0, "seven things"));
        let lost = worker.join().is_err();
        assert!(!lost, "nobody may go on without the worker");
    }

    #[test]
    #[ignore = "ends the process; run by the tests below"]
    fn that_is_caught() {
        end_on_panic();
        _ = std::panic::catch_unwind(|| panic!("caught"));
    }

    #[test]
    fn a_panic_is_no_verdict_and_says_how_to_report_it() {
        let (code, said) = fate("on_the_main_thread");
        assert_eq!(code, Some(3), "{said}");
        let (first, rest) = said.split_once('\n').expect("two lines");
        assert!(
            first.starts_with(
                "error: driftguard gave up, there is no verdict: index 3 of 2 at host/cli/src/panic.rs:"
            ),
            "{said}"
        );
        assert!(
            rest.starts_with("This is a bug of driftguard") && rest.contains("Please report it"),
            "{said}"
        );
    }

    #[test]
    fn neither_a_thread_nor_a_handler_hides_a_panic() {
        for (of, message) in [
            ("on_a_worker", "seven things"),
            ("that_is_caught", "caught"),
        ] {
            let (code, said) = fate(of);
            assert_eq!(code, Some(3), "{said}");
            assert!(said.contains(message), "{said}");
        }
    }
}
