//! What a run says, and that it says the same again.

use crate::support::{check, driftguard, fixture, write};

fn demo(current: &str) -> (String, String) {
    (
        fixture("flights/reference.parquet"),
        fixture(&format!("flights/{current}.parquet")),
    )
}

#[test]
fn a_changed_feed_blocks_and_names_the_column() {
    let (reference, current) = demo("celsius");
    let (code, document) = check(&["-r", &reference, "-c", &current]);
    assert_eq!((code, document["verdict"].as_str()), (1, Some("block")));
    assert_eq!(document["suspects"][0], "temp");
    let because = document["suspect-details"][0]["because"].as_str().unwrap();
    assert!(
        because.contains("looks like Fahrenheit -> Celsius"),
        "{because}"
    );
}

#[test]
fn an_unchanged_feed_passes() {
    let (reference, current) = demo("unchanged");
    let (code, document) = check(&["-r", &reference, "-c", &current]);
    assert_eq!((code, document["verdict"].as_str()), (0, Some("pass")));
    assert_eq!(document["reason"], "STABLE");
}

#[test]
fn equal_inputs_give_equal_bytes_on_any_number_of_threads() {
    let (reference, current) = demo("celsius");
    let run = |threads| {
        driftguard(&[
            "check",
            "--json",
            "--reproducible",
            "--threads",
            threads,
            "-r",
            &reference,
            "-c",
            &current,
        ])
        .stdout
    };
    let one = run("1");
    assert!(!one.is_empty());
    assert!(one == run("2") && one == run("7"));
}

#[test]
fn the_report_in_a_pipe_has_no_escape_sequences() {
    let (reference, current) = demo("celsius");
    let output = driftguard(&["check", "-r", &reference, "-c", &current]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("BLOCK") && !text.contains('\u{1b}'));
}

#[test]
fn an_own_plugin_runs_on_its_grant_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("own.wasm"),
        driftguard_test_plugins::plugin("zero-share"),
    )
    .unwrap();
    let policy = write(
        folder.path(),
        "driftguard.toml",
        "[checks.zero-share]\nplugin = \"own.wasm\"\ncolumns = [\"temp\"]\n",
    );
    let (reference, current) = demo("unchanged");
    let (code, document) = check(&["-r", &reference, "-c", &current, "--policy", &policy]);
    assert_eq!(code, 0);
    let plugins = document["plugins"].as_array().unwrap();
    let own = plugins
        .iter()
        .find(|plugin| plugin["check"] == "zero-share")
        .unwrap();
    assert_eq!(own["columns"], serde_json::json!(["temp"]));
}

#[test]
fn the_policy_that_init_writes_gives_the_same_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("driftguard.toml").display().to_string();
    let (reference, current) = demo("celsius");
    let wrote = driftguard(&["init", "-r", &reference, "-o", &policy]);
    assert!(
        wrote.status.success(),
        "{}",
        String::from_utf8_lossy(&wrote.stderr)
    );
    let (code, document) = check(&["-r", &reference, "-c", &current, "--policy", &policy]);
    assert_eq!(
        (code, &document["suspects"][0]),
        (1, &serde_json::json!("temp"))
    );
}

#[test]
fn every_reason_and_check_can_be_explained() {
    for name in ["DATA_QUALITY", "stable", "numeric-drift", "schema"] {
        let output = driftguard(&["explain", name]);
        assert!(
            output.status.success() && output.stdout.len() > 100,
            "{name}"
        );
    }
    assert_eq!(
        driftguard(&["explain", "numeric-drfit"]).status.code(),
        Some(64)
    );
}
