//! Every budget of a plugin can be set, for all or for one check; a plugin
//! that wants more is a failure that names the key to raise.

use crate::support::{Folder, Ran, Table, fixture, random::normals};

const COLUMNS: u64 = 12;

/// Numbers enough for more than a mebibyte.
fn numbers(seed: u64) -> Table {
    (0..COLUMNS).fold(Table::default(), |table, column| {
        table.floats(&format!("x{column}"), normals(seed + column, 20_000, 0.0))
    })
}

/// A run under this policy, which also asks for the one check that copies
/// many rows.
fn under(policy: &str) -> Ran {
    let folder = Folder::new();
    folder.sides(&numbers(1), &numbers(101));
    folder.write("driftguard.toml", policy);
    folder.check_sides(&["-p", "driftguard.toml"])
}

/// Each key, a check that needs more, and the least that may be set. What goes
/// across the boundary is small for every check of ours: `traffic-mib` is
/// tested on a hostile one, in `plugin_errors`.
const LEAST: [(&str, &str, &str); 5] = [
    ("memory-mib", "joint-drift", "1"),
    ("call-seconds", "joint-drift", "0.000001"),
    ("fuel", "numeric-drift", "1"),
    ("output-kib", "numeric-drift", "1"),
    ("kernel-values", "numeric-drift", "1"),
];

/// What a run says of the check that failed. One that cannot even describe
/// itself ends the run before there is a document.
fn failure(ran: &Ran) -> String {
    if ran.stdout.is_empty() {
        return ran.stderr.clone();
    }
    let document = ran.document();
    assert_eq!(document["verdict"], "error");
    assert_eq!(document["reason"], "CHECK_FAILED");
    let failures = document["failures"].as_array().expect("a list");
    assert_eq!(failures.len(), 1, "{failures:?}");
    failures[0]["message"].as_str().expect("a text").to_owned()
}

#[test]
fn each_key_is_enforced_and_named() {
    for (key, check, least) in LEAST {
        let ran = under(&format!("[checks.{check}.budget]\n{key} = {least}\n"));
        assert_eq!(ran.code, 3, "{key}");
        let message = failure(&ran);
        let named = format!("`{key}` in [checks.{check}.budget]");
        assert!(message.contains(&named), "{key}: {message}");
    }
}

#[test]
fn the_number_of_findings_is_one_of_them() {
    let ran = under("[checks.numeric-drift.budget]\nfindings = 1\n");
    assert_eq!(ran.code, 3);
    let said = failure(&ran);
    assert!(
        said.contains("`findings` in [checks.numeric-drift.budget]"),
        "{said}"
    );
}

#[test]
fn a_general_budget_holds_where_a_check_has_none() {
    let general = "[budget]\nkernel-values = 1\n[checks.numeric-drift.budget]\n";
    let ran = under(&format!("{general}kernel-values = 10_000_000\n"));
    assert_eq!(ran.code, 3);
    let document = ran.document();
    let failures = document["failures"].as_array().expect("a list");
    let failed = |check: &str| failures.iter().any(|failure| failure["check"] == check);
    assert!(
        failed("completeness") && !failed("numeric-drift"),
        "{failures:?}"
    );
}

/// What is written by `init` is what holds without a policy.
#[test]
fn the_template_shows_every_key() {
    let data = fixture("flights/reference.parquet");
    let folder = Folder::new();
    let template = folder.run(&["init", "-r", &data, "--output", "-"]).stdout;
    let table = template.split_once("\n[budget]\n").expect("a table").1;
    let table = table.split_once("\n[").map_or(table, |(table, _)| table);
    let keys: Vec<&str> = table
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect();
    insta::assert_snapshot!(keys.join("\n").trim(), @r#"
    #memory-mib = 256
    #call-seconds = 10.0
    #fuel = "none"
    #traffic-mib = 16
    #output-kib = 16384
    #kernel-values = 17179869184
    #findings = 10000
    "#);
    let on: Vec<&str> = keys.iter().map(|key| key.trim_start_matches('#')).collect();
    let on = format!("[budget]\n{}\n", on.join("\n"));
    assert_eq!(
        under(&on).document()["failures"],
        under("").document()["failures"]
    );
}
