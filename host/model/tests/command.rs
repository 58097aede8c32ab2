//! Commands that answer, and commands that do not: each ends in an answer for
//! every row or in a message.
#![cfg(unix)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use driftguard_model::{Limits, Model, ModelError, ScoringCommand, Stdin, Values, split};

/// `rows` rows of a number and a text that needs quotes.
fn rows(rows: usize) -> RecordBatch {
    let x: ArrayRef = Arc::new(Float64Array::from_iter(
        (0..rows).map(|row| (row % 7 != 3).then_some(row as f64 / 2.0)),
    ));
    let text: ArrayRef = Arc::new(StringArray::from_iter_values(
        (0..rows).map(|row| format!("a \"{row}\", b")),
    ));
    RecordBatch::try_from_iter_with_nullable([("x", x, true), ("text", text, true)]).unwrap()
}

fn limits() -> Limits {
    Limits {
        time: Duration::from_secs(60),
        memory_mib: None,
        output_mib: 1,
    }
}

fn command(text: &str, stdin: Stdin, limits: Limits) -> ScoringCommand {
    ScoringCommand::new(split(text).unwrap(), None, stdin, limits).unwrap()
}

fn shell(script: &str, limits: Limits) -> ScoringCommand {
    let words = ["sh", "-c", script].map(str::to_owned).to_vec();
    ScoringCommand::new(words, None, Stdin::Csv, limits).unwrap()
}

fn answer(script: &str) -> Result<Values, ModelError> {
    let answers = shell(script, limits()).answer(&[rows(10)])?;
    Ok(answers.column(None, &[])?.values.clone())
}

fn refusal(script: &str) -> String {
    answer(script).unwrap_err().to_string()
}

/// What a command prints that answers all 10 rows.
const ALL: &str = "cat >/dev/null; echo y; for i in 1 2 3 4 5 6 7 8 9 10; do echo 0.5; done";

#[test]
fn csv_goes_in_and_out() {
    let awk = r#"awk -F, 'NR == 1 { print "x2,row"; next } { printf "%.17g,%d\n", $1 * 2, NR }'"#;
    let model = command(awk, Stdin::Csv, limits());
    let answers = model.answer(&[rows(3), rows(2)]).unwrap();
    let column = |name| answers.column(Some(name), &[]).unwrap().values.clone();
    assert_eq!(column("x2"), Values::Numbers(vec![0.0, 1.0, 2.0, 0.0, 1.0]));
    assert_eq!(
        column("row"),
        Values::Numbers(vec![2.0, 3.0, 4.0, 5.0, 6.0])
    );
    // Which of the two is meant nobody said.
    assert!(matches!(
        answers.column(None, &[]),
        Err(ModelError::WhichColumn { .. })
    ));
    let usual = ["y_pred".to_owned(), "x2".to_owned()];
    assert_eq!(answers.column(None, &usual).unwrap().name, "x2");
}

/// An Arrow stream that is handed back as it came.
#[test]
fn arrow_goes_in_and_out() {
    let whole = rows(70_000).slice(0, 65_000);
    let complete = RecordBatch::try_from_iter([("text", whole.column(1).clone())]).unwrap();
    let wide = Limits {
        output_mib: 64,
        ..limits()
    };
    let answers = command("cat", Stdin::Arrow, wide)
        .answer(&[complete.clone(), complete])
        .unwrap();
    let Values::Classes(values) = &answers.column(None, &[]).unwrap().values else {
        panic!("texts are classes");
    };
    assert_eq!(values.len(), 130_000);
    assert_eq!(values[64_999], "a \"64999\", b");
}

#[test]
fn classes_and_flags() {
    assert_eq!(
        answer("cat >/dev/null; echo y; for i in 1 2 3 4 5 6 7 8 9 10; do echo no; done").unwrap(),
        Values::Classes(vec!["no".into(); 10])
    );
    assert_eq!(answer(ALL).unwrap(), Values::Numbers(vec![0.5; 10]));
}

/// Pipes hold some 64 KiB: neither side may wait for the other.
#[test]
fn pipes_do_not_block_each_other() {
    let wide = Limits {
        output_mib: 64,
        ..limits()
    };
    let script = "head -c 3000000 /dev/zero | tr '\\0' e >&2; awk 'NR == 1 { print \"y\"; next } { print NR }'";
    let answers = shell(script, wide).answer(&[rows(60_000)]).unwrap();
    assert_eq!(answers.rows(), 60_000);
}

#[test]
fn a_command_that_is_not_there() {
    let words = vec!["no-such-program-of-driftguard".to_owned()];
    let model = ScoringCommand::new(words, None, Stdin::Arrow, limits()).unwrap();
    let error = model.answer(&[rows(1)]).unwrap_err();
    insta::assert_snapshot!(error, @"the scoring command `no-such-program-of-driftguard` cannot be started: No such file or directory (os error 2); check the program's name, and the path, which is relative to the current folder");
}

#[test]
fn too_few_and_too_many_rows() {
    insta::assert_snapshot!(refusal("cat >/dev/null; echo y; echo 1").replace("sh -c cat >/dev/null; ", "..."), @"`...echo y; echo 1` answered 1 rows, it was given 10; answer every row once, in order");
    assert!(matches!(
        answer("cat >/dev/null; echo y"),
        Err(ModelError::Rows { actual: 0, .. })
    ));
    let more = format!("{ALL}; echo 1");
    assert!(matches!(
        answer(&more),
        Err(ModelError::Rows {
            actual: 11,
            expected: 10,
            ..
        })
    ));
}

#[test]
fn another_column() {
    let answers = shell(ALL, limits()).answer(&[rows(10)]).unwrap();
    let error = answers.column(Some("score"), &[]).unwrap_err().to_string();
    assert!(
        error.contains("answers the column `y`, and no column `score`"),
        "{error}"
    );
}

#[test]
fn what_is_no_number_is_no_answer() {
    let with = |value: &str| {
        ALL.replace(
            "0.5",
            &format!("$(if [ $i = 4 ]; then echo {value}; else echo 0.5; fi)"),
        )
    };
    for value in ["nan", "inf", ""] {
        let refused = answer(&with(value));
        // A word among numbers makes all of them classes, which nobody can
        // take the mean of.
        match refused {
            Err(ModelError::NoAnswer { row: 3, column, .. }) => assert_eq!(column, "y"),
            // A row of one empty cell is a blank line, which is no row.
            Err(ModelError::Rows { actual: 9, .. }) => assert_eq!(value, ""),
            Ok(Values::Classes(values)) => assert_eq!(values.len(), 10, "{value}"),
            other => panic!("{value}: {other:?}"),
        }
    }
}

#[test]
fn garbage() {
    let text = refusal("cat >/dev/null; printf 'Loading model...\\ny,z\\n1\\n'");
    assert!(
        text.contains("cannot be read") && text.contains("Loading model"),
        "{text}"
    );
    assert!(!text.contains("/tmp"), "{text}");
    let text = refusal(
        "cat >/dev/null; printf '\\377\\377\\377\\377garbage of some length that is no message'",
    );
    assert!(text.contains("cannot be read"), "{text}");
    assert!(matches!(
        answer("cat >/dev/null"),
        Err(ModelError::Nothing { .. })
    ));
}

#[test]
fn a_command_that_dies_says_why() {
    let text = refusal("cat >/dev/null; echo y; echo 'ValueError: bad column' >&2; exit 3");
    assert!(
        text.contains("exit code 3 on 10 rows") && text.contains("ValueError: bad column"),
        "{text}"
    );
    let text = refusal("kill -9 $$");
    assert!(
        text.contains("signal 9") && text.contains("nothing on standard error"),
        "{text}"
    );
}

/// All rows were answered, and not one of them was looked at.
#[test]
fn a_command_that_does_not_read_its_rows() {
    let script = "exec <&-; echo y; for i in $(seq 60000); do echo 1; done";
    let refused = shell(script, limits()).answer(&[rows(60_000)]);
    assert!(
        matches!(refused, Err(ModelError::Unread { .. })),
        "{refused:?}"
    );
}

#[test]
fn a_command_that_prints_for_ever() {
    let refused = answer("yes");
    assert!(
        matches!(refused, Err(ModelError::TooMuch { limit_mib: 1, .. })),
        "{refused:?}"
    );
}

/// The command and what it started are gone when the error is there.
#[test]
fn a_command_that_hangs_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("child");
    let script = format!(
        "sleep 600 & echo $! > '{}'; echo waiting >&2; wait",
        file.display()
    );
    let started = Instant::now();
    let hurried = Limits {
        time: Duration::from_millis(700),
        ..limits()
    };
    let error = shell(&script, hurried).answer(&[rows(10)]).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(60));
    let text = error.to_string();
    assert!(
        text.contains("did not end within 0.7 s") && text.contains("waiting"),
        "{text}"
    );
    let child = std::fs::read_to_string(&file).unwrap();
    let alive = std::path::Path::new("/proc")
        .join(child.trim())
        .join("cmdline");
    let alive = std::fs::read(alive).unwrap_or_default();
    assert!(alive.is_empty(), "the child {child} is still there");
}

/// A child in the background that keeps standard output open ends with the
/// command, and does not make it hang.
#[test]
fn what_a_command_leaves_behind_is_killed() {
    let started = Instant::now();
    let script = format!("sleep 600 & {ALL}");
    assert_eq!(answer(&script).unwrap(), Values::Numbers(vec![0.5; 10]));
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_limited() {
    let small = Limits {
        memory_mib: Some(64),
        ..limits()
    };
    // Reads its input first, so that the limit is there by then.
    let script = "cat >/dev/null; awk 'BEGIN { x = \"0123456789abcdef\"; for (i = 0; i < 24; i++) x = x x; print \"y\" }'";
    let error = shell(script, small).answer(&[rows(10)]).unwrap_err();
    assert!(matches!(error, ModelError::Died { .. }), "{error}");
    assert!(
        error.to_string().contains("64 MiB, `memory-mib`"),
        "{error}"
    );
}
