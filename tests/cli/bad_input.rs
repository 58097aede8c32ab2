//! Bad input: what the message says, and which code the run ends with.

use insta::assert_snapshot;

use crate::support::{fixture, refused, write};

/// `reference` and `current` files as texts, then more arguments.
fn with_files(reference: &str, current: &str, more: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let reference = write(folder.path(), "reference.csv", reference);
    let current = write(folder.path(), "current.csv", current);
    refused(
        folder.path(),
        &[&["check", "-r", &reference, "-c", &current], more].concat(),
    )
}

#[test]
fn wrong_usage_ends_with_64() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["check"],
        vec!["check", "--nonsense"],
        vec!["check", "-r", "a.csv"],
        vec!["check", "-r", "-", "-c", "-"],
        vec![
            "check",
            "-r",
            "a.csv",
            "-c",
            "b.csv",
            "--split",
            "2013-01-01",
        ],
    ] {
        assert_eq!(refused(folder.path(), &arguments).0, 64, "{arguments:?}");
    }
}

#[test]
fn files_that_cannot_be_read_end_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let good = fixture("flights/reference.parquet");
    let whole = std::fs::read(&good).unwrap();
    let torn = folder.path().join("torn.parquet");
    std::fs::write(&torn, &whole[..whole.len() / 2]).unwrap();
    let empty = write(folder.path(), "empty.csv", "");
    let missing = folder.path().join("missing.parquet").display().to_string();
    for bad in [torn.display().to_string(), empty, missing] {
        let (code, text) = refused(folder.path(), &["check", "-r", &good, "-c", &bad]);
        assert_eq!(code, 3, "{text}");
        assert!(
            text.starts_with("error: ") && text.contains("FOLDER"),
            "{text}"
        );
    }
}

#[test]
fn tables_that_are_broken_end_with_3() {
    let good = "a,b\n1,2\n3,4\n";
    for current in ["a,b\n", "a,b\n1,2\n3\n", "a;b\n1;2\n"] {
        let (code, text) = with_files(good, current, &[]);
        assert_eq!(code, 3, "{text}");
        assert!(text.contains("current.csv"), "{text}");
    }
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let (code, text) = with_files("late,b\n1,2\n", "late,b\n1,2\n", &["--label", "latte"]);
    assert_eq!(code, 3);
    assert!(text.contains("latte") && text.contains("`late`"), "{text}");
}

#[test]
fn a_typo_in_the_policy_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let policy = write(folder.path(), "driftguard.toml", "[rules]\nalfa = 0.1\n");
    let good = fixture("flights/reference.parquet");
    let (code, text) = refused(
        folder.path(),
        &["check", "-r", &good, "-c", &good, "--policy", &policy],
    );
    assert_eq!(code, 3);
    assert!(
        text.contains("alfa") && text.contains("line 2") && text.contains("`alpha`"),
        "{text}"
    );
}

#[test]
fn plugins_that_are_none_end_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let good = fixture("flights/reference.parquet");
    let refuse = |bytes: &[u8]| {
        std::fs::write(folder.path().join("own.wasm"), bytes).unwrap();
        let policy = write(
            folder.path(),
            "driftguard.toml",
            "[checks.own]\nplugin = \"own.wasm\"\n",
        );
        refused(
            folder.path(),
            &["check", "-r", &good, "-c", &good, "--policy", &policy],
        )
    };
    let (code, text) = refuse(b"not wasm");
    assert_eq!(code, 3);
    assert_snapshot!(text.trim_end(), @"error: plugin FOLDER/own.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component");
    let (code, text) = refuse(b"\0asm\x01\0\0\0");
    assert_eq!(code, 3);
    assert_snapshot!(text.trim_end(), @"error: plugin FOLDER/own.wasm is not a WebAssembly component: it is a core module; build it with the driftguard SDK and turn the module into a component");
    // An empty component: well formed, and for no world of ours.
    let (code, text) = refuse(b"\0asm\x0d\0\x01\0");
    assert_eq!(code, 3);
    assert!(
        text.contains("is not made for the world driftguard:check@0.1.0/plugin"),
        "{text}"
    );
    let (code, text) = refuse(driftguard_test_plugins::plugin("zero-share"));
    assert_eq!(code, 3);
    assert!(text.contains("calls itself `zero-share`"), "{text}");
}

#[test]
fn a_verdict_that_cannot_be_written_ends_with_4() {
    let folder = tempfile::tempdir().unwrap();
    let good = fixture("flights/reference.parquet");
    let nowhere = folder
        .path()
        .join("no/such/folder.json")
        .display()
        .to_string();
    let (code, text) = refused(
        folder.path(),
        &["check", "-r", &good, "-c", &good, "--output", &nowhere],
    );
    assert_eq!(code, 4, "{text}");
}
