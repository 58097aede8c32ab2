//! A policy that is wrong: exit code 3, with the line.

use insta::assert_snapshot;

use crate::support::{Folder, fixture};

/// What `check` says to this policy.
fn refusal(policy: &str) -> String {
    let folder = Folder::new();
    folder.write("driftguard.toml", policy);
    let data = fixture("flights/reference.parquet");
    let arguments = ["check", "-r", &data, "-c", &data, "-p", "driftguard.toml"];
    folder.run(&arguments).refusal()
}

#[test]
fn not_there() {
    let data = fixture("flights/reference.parquet");
    let arguments = ["check", "-r", &data, "-c", &data, "-p", "missing.toml"];
    assert_snapshot!(Folder::new().run(&arguments).refusal(), @"
    exit 3
    error: missing.toml: the policy cannot be read: No such file or directory (os error 2); check the path given with --policy, or write one with `driftguard init`
    ");
}

#[test]
fn typos() {
    assert_snapshot!(refusal("[rules]\nalfa = 0.1\n"), @"
    exit 3
    error: driftguard.toml, line 2: unknown key `alfa` in [rules]: did you mean `alpha`?
    ");
    assert_snapshot!(refusal("[ruels]\nalpha = 0.1\n"), @"
    exit 3
    error: driftguard.toml, line 1: unknown key `ruels` at the top level: did you mean `rules`?
    ");
    assert_snapshot!(refusal("[checks.numeric-drfit]\n"), @r#"
    exit 3
    error: driftguard.toml, line 1: there is no check `numeric-drfit`: did you mean `numeric-drift`? (a check of your own needs `plugin = "path/to/file.wasm"`)
    "#);
    assert_snapshot!(refusal("[checks.numeric-drift]\nseverity = \"blok\"\n"), @"
    exit 3
    error: driftguard.toml, line 2: `checks.numeric-drift.severity` cannot be `blok`: did you mean `block`?
    ");
    assert_snapshot!(refusal("[rules\n"), @"
    exit 3
    error: driftguard.toml, line 1: not valid TOML: unclosed table, expected `]`
    ");
}

#[test]
fn settings_that_the_check_does_not_take() {
    let setting = |text: &str| refusal(&format!("[checks.numeric-drift.settings]\n{text}\n"));
    assert_snapshot!(setting("sample-rows = 9_000_000"), @"
    exit 3
    error: driftguard.toml, line 2: `checks.numeric-drift.settings.sample-rows` must be a whole number between 1 and 8192, found 9000000
    ");
    assert_snapshot!(setting("sample-row = 100"), @"
    exit 3
    error: driftguard.toml, line 2: the check `numeric-drift` has no setting `sample-row`: did you mean `sample-rows`?
    ");
    assert_snapshot!(setting("sample-rows = \"many\""), @"
    exit 3
    error: driftguard.toml, line 2: `checks.numeric-drift.settings.sample-rows` must be a whole number between 1 and 8192, found the text `many`
    ");
}

#[test]
fn values_out_of_range() {
    assert_snapshot!(refusal("[rules]\nalpha = 1.5\n"), @"
    exit 3
    error: driftguard.toml, line 2: `rules.alpha` must be a number above 0 and at most 0.5, found 1.5
    ");
    assert_snapshot!(refusal("[rules]\nalert-at = 0.5\n"), @"
    exit 3
    error: driftguard.toml, line 2: `rules.alert-at` (0.5) must be below `rules.block-at` (0.1, the default)
    ");
    assert_snapshot!(refusal("[budget]\nmemory-mib = 0\n"), @"
    exit 3
    error: driftguard.toml, line 2: `budget.memory-mib` must be a whole number between 1 and 4096, found 0
    ");
}

#[test]
fn columns_that_are_not_there() {
    assert_snapshot!(refusal("[roles]\nlabel = \"latte\"\n"), @"
    exit 3
    error: driftguard.toml, line 2: the column `latte` is on neither side of the data: did you mean `late`?
    ");
    assert_snapshot!(refusal("[checks.schema]\ncolumns = [\"rain_*\"]\n"), @"
    exit 3
    error: driftguard.toml, line 2: the pattern `rain_*` fits no column of the data, so `schema` would look at nothing through it: correct or remove it; the columns are `time_hour`, `sched_dep_hour`, `carrier`, `origin`, `dest`, `distance`, `temp`, `humid`, `wind_speed`, `precip`, `pressure`, `visib` and 7 more
    ");
}

#[test]
fn every_check_switched_off() {
    let listed = Folder::new().run(&["checks", "--json"]).document();
    let checks = listed["checks"]
        .as_array()
        .expect("a list of checks")
        .clone();
    let off = |check: &serde_json::Value| {
        format!(
            "[checks.{}]\nenabled = false\n",
            check["id"].as_str().expect("an id")
        )
    };
    let policy: String = checks.iter().map(off).collect();
    assert_snapshot!(refusal(&policy), @"
    exit 3
    error: no check applies: 19 columns, 0 checks enabled; enable checks in the policy, or set roles with --numeric and --categorical
    ");
}
