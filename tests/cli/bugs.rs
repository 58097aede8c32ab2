//! A panic, which is a bug: "could not evaluate", and how to report it. What
//! ends a thread and what is caught on the way is tested beside the hook.

use crate::support::Folder;

/// No system has room for such a stack, and then there is no thread to be had.
/// Nobody expects that, in the engine or here: it is a panic.
#[test]
#[cfg(target_os = "linux")]
fn a_panic_is_no_verdict() {
    let folder = Folder::new();
    folder.write("good.csv", "temp,wind\n1,2\n3,4\n");
    let mut command = folder.command(&["check", "-r", "good.csv", "-c", "good.csv"]);
    command
        .env("RUST_MIN_STACK", (1_u64 << 62).to_string())
        .env_remove("RUST_BACKTRACE");
    let output = command.output().expect("the binary can be run");
    let said = String::from_utf8(output.stderr).expect("the output is UTF-8");
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(output.stdout.is_empty());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0]
            .starts_with("error: driftguard gave up, there is no verdict: failed to spawn thread"),
        "{said}"
    );
    assert!(
        lines[1].starts_with("This is a bug of driftguard")
            && lines[1].contains("Please report it"),
        "{said}"
    );
}
