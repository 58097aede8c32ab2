//! Exit codes and the document.

use driftguard_verdict::document::{Document, FORMAT};

use crate::support::random::normals;
use crate::support::{Folder, Table, fixture};

/// Reference and current side of the README.
fn demo(current: &str) -> [String; 2] {
    [
        fixture("flights/reference.parquet"),
        fixture(&format!("flights/{current}.parquet")),
    ]
}

/// A folder in which one column moved by a fifth of its standard deviation:
/// about 8 % of the rows.
fn moved_a_little() -> Folder {
    let folder = Folder::new();
    let side = |seed, mean| {
        let still = normals(seed + 10, 5000, 0.0);
        Table::default()
            .floats("moved", normals(seed, 5000, mean))
            .floats("still", still)
    };
    folder.sides(&side(1, 0.0), &side(2, 0.2));
    folder
}

#[test]
fn a_changed_feed_blocks_and_names_the_column() {
    let [reference, current] = demo("celsius");
    let ran = Folder::new().check(&["-r", &reference, "-c", &current]);
    let document = ran.document();
    assert_eq!((ran.code, ran.verdict().as_str()), (1, "block"));
    assert_eq!(document["reason"], "DATA_QUALITY");
    assert_eq!(ran.suspects()[0], "temp");
    let because = document["suspect-details"][0]["because"]
        .as_str()
        .expect("a sentence");
    assert!(
        because.contains("looks like Fahrenheit -> Celsius"),
        "{because}"
    );
}

#[test]
fn an_unchanged_feed_passes() {
    let [reference, current] = demo("unchanged");
    let ran = Folder::new().check(&["-r", &reference, "-c", &current, "--fail-on", "alert"]);
    assert_eq!(
        (ran.code, ran.verdict().as_str()),
        (0, "pass"),
        "{:?}",
        ran.suspects()
    );
    assert_eq!(ran.document()["reason"], "STABLE");
}

#[test]
fn a_stuck_score_blocks() {
    let sides = ["car_loan/reference.parquet", "car_loan/score_stuck.parquet"].map(fixture);
    let ran = Folder::new().check(&["-r", &sides[0], "-c", &sides[1]]);
    assert_eq!((ran.code, ran.verdict().as_str()), (1, "block"));
    let mut suspects = ran.suspects();
    suspects.truncate(2);
    suspects.sort();
    assert_eq!(suspects, ["y_pred", "y_pred_proba"]);
}

#[test]
fn july_is_not_february() {
    let names = [
        "flights_quickstart/reference_february.csv",
        "flights_quickstart/current_july.csv",
    ];
    let sides = names.map(fixture);
    let ran = Folder::new().check(&["-r", &sides[0], "-c", &sides[1]]);
    assert_eq!((ran.code, ran.suspects()[0].as_str()), (1, "temp"));
}

#[test]
fn an_alert_fails_only_where_it_is_told_to() {
    let folder = moved_a_little();
    let ran = folder.check_sides(&[]);
    assert_eq!(
        (ran.code, ran.verdict().as_str()),
        (0, "alert"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.suspects(), ["moved"]);
    assert_eq!(folder.check_sides(&["--fail-on", "alert"]).code, 2);
    assert_eq!(folder.check_sides(&["--fail-on", "block"]).code, 0);
    folder.write("driftguard.toml", "[gate]\nfail-on = \"alert\"\n");
    assert_eq!(folder.check_sides(&["-p", "driftguard.toml"]).code, 2);
    let flag_first = ["-p", "driftguard.toml", "--fail-on", "block"];
    assert_eq!(folder.check_sides(&flag_first).code, 0);
}

#[test]
fn severity_caps_what_a_check_may_do() {
    let folder = moved_a_little();
    folder.write(
        "driftguard.toml",
        "[checks.numeric-drift]\nseverity = \"ignore\"\n",
    );
    let ran = folder.check_sides(&["-p", "driftguard.toml"]);
    assert_eq!(
        (ran.code, ran.verdict().as_str()),
        (0, "pass"),
        "{:?}",
        ran.suspects()
    );
    folder.write("driftguard.toml", "[rules]\nblock-at = 0.06\n");
    assert_eq!(folder.check_sides(&["-p", "driftguard.toml"]).code, 1);
}

/// The committed schema is made of the types of the document, and a test of
/// the report holds both against each other; so it is enough that no key is
/// lost or left over on the way through the types.
#[test]
fn documents_are_what_the_schema_describes() {
    let alert = moved_a_little();
    let run = |current| {
        let [reference, current] = demo(current);
        Folder::new().check(&["-r", &reference, "-c", &current])
    };
    let runs = [
        run("celsius"),
        run("unchanged"),
        alert.check_sides(&["--reproducible"]),
    ];
    for document in runs.map(|ran| ran.document()) {
        let read: Document = serde_json::from_value(document.clone()).expect("a document");
        assert_eq!(read.format, FORMAT);
        assert_eq!(serde_json::to_value(&read).expect("a document"), document);
    }
}

#[test]
fn equal_inputs_give_equal_bytes_on_any_number_of_threads() {
    let [reference, current] = demo("celsius");
    let run = |threads: &str| {
        let same = [
            "--reproducible",
            "--threads",
            threads,
            "-r",
            &reference,
            "-c",
            &current,
        ];
        Folder::new().check(&same).stdout
    };
    let first = run("1");
    assert!(first.len() > 1000);
    for threads in ["1", "2", "7"] {
        assert!(run(threads) == first, "{threads} threads");
    }
}

/// Enough row groups that threads have something to fight for.
#[test]
fn many_files_give_equal_bytes_on_any_number_of_threads() {
    let folder = Folder::new();
    let table = Table::default().floats("x", normals(1, 6000, 0.0));
    for part in 0..12 {
        let rows = table.slice(part * 500..(part + 1) * 500);
        folder.write(&format!("parts/{part:02}.parquet"), rows.parquet());
    }
    folder.write("current.parquet", table.parquet());
    let run = |threads: &str| {
        let same = [
            "--reproducible",
            "--threads",
            threads,
            "-r",
            "parts",
            "-c",
            "current.parquet",
        ];
        folder.check(&same).stdout
    };
    let first = run("1");
    assert!(first.len() > 1000);
    for threads in ["2", "7"] {
        assert!(run(threads) == first, "{threads} threads");
    }
}

#[test]
fn a_pipe_gets_neither_colour_nor_a_progress_bar() {
    let [reference, current] = demo("celsius");
    let ran = Folder::new().run(&["check", "--verbose", "-r", &reference, "-c", &current]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert!(ran.stdout.starts_with("BLOCK"), "{}", ran.stdout);
    assert!(!ran.stdout.contains(['\u{1b}', '\r']), "{}", ran.stdout);
    let coloured = [
        "check", "--color", "always", "-r", &reference, "-c", &current,
    ];
    assert!(Folder::new().run(&coloured).stdout.contains('\u{1b}'));
}
