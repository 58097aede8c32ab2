//! A verdict that does not reach its reader is no success: exit code 4.

use std::process::Stdio;

use insta::assert_snapshot;

use crate::support::{Folder, fixture};

const DEMO: [&str; 2] = ["flights/reference.parquet", "flights/celsius.parquet"];

#[test]
fn a_file_that_cannot_be_written() {
    let [reference, current] = DEMO.map(fixture);
    let folder = Folder::new();
    let refusal = |flag: &str, file: &str| {
        let ran = folder.run(&["check", "-r", &reference, "-c", &current, flag, file]);
        ran.refusal()
    };
    assert_snapshot!(refusal("--output", "no/such/verdict.json"), @"
    exit 4
    error: the verdict (block) could not be written to no/such/verdict.json: No such file or directory (os error 2)
    ");
    assert_snapshot!(refusal("--output", "."), @"
    exit 4
    error: the verdict (block) could not be written to .: Is a directory (os error 21)
    ");
    assert_snapshot!(refusal("--markdown", "no/such/summary.md"), @"
    exit 4
    error: the verdict (block) could not be written to no/such/summary.md: No such file or directory (os error 2)
    ");
}

/// Exit code and standard error when nobody reads standard output.
fn unread(arguments: &[&str]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    drop(reader);
    let folder = Folder::new();
    let mut command = folder.command(arguments);
    command.stdout(writer).stderr(Stdio::piped());
    let output = command.output().expect("the binary can be run");
    let text = String::from_utf8(output.stderr).expect("messages are UTF-8");
    (output.status.code(), text)
}

#[test]
fn a_reader_that_went_away() {
    let [reference, current] = DEMO.map(fixture);
    let check =
        |more: &[&str]| unread(&[&["check", "-r", &reference, "-c", &current], more].concat());
    let (code, said) = check(&[]);
    assert_eq!(code, Some(4));
    assert_snapshot!(said, @"
    error: the verdict (block) could not be written to standard output: Broken pipe (os error 32)
    ");
    assert_eq!(check(&["--json"]), (code, said));
    // What is only read by people: the reader has seen enough.
    for verb in [
        &["checks"][..],
        &["explain", "STABLE"],
        &["schema", "verdict"],
    ] {
        assert_eq!(unread(verb), (Some(4), String::new()), "{verb:?}");
    }
}

#[test]
fn the_same_document_in_a_file() {
    let [reference, current] = DEMO.map(fixture);
    let folder = Folder::new();
    folder.write("summary.md", "# Job\n");
    let arguments = ["-r", &reference, "-c", &current, "-o", "verdict.json"];
    let ran = folder.check(&[&arguments[..], &["--markdown", "summary.md"]].concat());
    let written = std::fs::read_to_string(folder.path("verdict.json")).expect("it was written");
    assert_eq!(written, ran.stdout);
    let summary = std::fs::read_to_string(folder.path("summary.md")).expect("it was written");
    assert!(
        summary.starts_with("# Job\n") && summary.contains("temp"),
        "{summary}"
    );
}

#[test]
fn quiet_says_it_with_the_exit_code() {
    let [reference, current] = DEMO.map(fixture);
    let ran = Folder::new().run(&["check", "-q", "-r", &reference, "-c", &current]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (1, "", "")
    );
}
