//! What a good policy means.

use driftguard_verdict::{Kind, Level, Risk, Role, Rules, Severity};

use super::super::{Budget, FailOn, Fuel, Slot, Split};
use super::*;

#[test]
fn nothing_said_is_the_default() {
    assert_eq!(parse("").unwrap(), Policy::default());
    assert_eq!(
        parse("version = 1\n[rules]\n[checks]\n[gate]").unwrap(),
        Policy::default()
    );
    let policy = Policy::default();
    assert!(policy.enabled("schema") && policy.severity("schema") == Severity::Block);
    assert!(policy.grant("schema").allows("anything"));
    assert_eq!(
        (policy.rules, policy.fail_on),
        (Rules::default(), FailOn::Block)
    );
}

#[test]
fn a_whole_policy() {
    let policy = parse(
        r#"
        version = 1
        [data]
        reference = ["ref/*.parquet", "-"]
        split-by = "side=a=b"
        delimiter = "tab"
        [roles]
        timestamp = "time"
        label = "late"
        categorical = ["late", "carrier"]
        text = ["note"]
        ignore = ["x"]
        [rules]
        alpha = 0.01
        block-at = 1
        min-rows = 100
        on-cannot-tell = "block"
        [checks.numeric-drift]
        severity = "alert"
        risk = "brand"
        columns = ["temp", "wind_*"]
        exclude = ["wind_gust"]
        settings = { sample-rows = 512, z = 0.5, edges = [1, 2.5] }
        [checks.schema]
        enabled = false
        severity = "ignore"
        [checks.numeric-drift.budget]
        memory-mib = 64
        fuel = "none"
        [budget]
        fuel = 1_000_000
        call-seconds = 2
        [gate]
        fail-on = "alert"
        "#,
    )
    .unwrap();
    assert_eq!(policy.data.reference, ["ref/*.parquet", "-"]);
    assert_eq!(policy.data.delimiter, Some(b'\t'));
    let split = Split::Value {
        column: "side".into(),
        value: "a=b".into(),
    };
    assert_eq!(
        policy.data.split.as_ref().map(|split| &split.value),
        Some(&split)
    );
    assert_eq!(policy.roles.role("late").unwrap().0, Role::Label);
    assert_eq!(policy.roles.kind("late").unwrap().0, Kind::Categorical);
    assert_eq!(policy.roles.role("carrier"), None);
    assert_eq!(policy.roles.role("note").unwrap().0, Role::Text);
    assert_eq!(
        policy.roles.role("x").unwrap().1.to_string(),
        "driftguard.toml, line 12"
    );
    assert_eq!(
        policy.roles.columns(Slot::Categorical).collect::<Vec<_>>(),
        ["late", "carrier"]
    );
    let rules = Rules {
        alpha: 0.01,
        block_at: 1.0,
        min_rows: 100,
        on_cannot_tell: Level::Block,
        ..Rules::default()
    };
    assert_eq!(policy.rules, rules);
    let ids: Vec<_> = policy
        .checks
        .iter()
        .map(|check| check.id.as_str())
        .collect();
    assert_eq!(ids, ["numeric-drift", "schema"], "as typed");
    assert_eq!(policy.severity("numeric-drift"), Severity::Alert);
    assert_eq!(
        policy.check("numeric-drift").unwrap().risk,
        Some(Risk::Brand)
    );
    assert!(!policy.enabled("schema") && policy.severity("schema") == Severity::Ignore);
    let grant = policy.grant("numeric-drift");
    assert!(grant.allows("temp") && grant.allows("wind_speed"));
    assert!(!grant.allows("wind_gust") && !grant.allows("humid"));
    let general = Budget {
        fuel: Some(Fuel::AtMost(1_000_000)),
        call_seconds: Some(2.0),
        ..Budget::default()
    };
    assert_eq!(policy.budget("schema"), general);
    let own = Budget {
        memory_mib: Some(64),
        fuel: Some(Fuel::Unmetered),
        ..general
    };
    assert_eq!(policy.budget("numeric-drift"), own);
    assert_eq!(policy.fail_on, FailOn::Alert);
}

#[test]
fn paths_are_relative_to_the_policy() {
    let text = "[data]\nreference = [\"r.csv\", \"/abs/r.csv\", \"-\"]";
    let policy = Policy::parse(text, Path::new("conf/p.toml"), BUILT_IN).unwrap();
    assert_eq!(policy.data.reference, ["conf/r.csv", "/abs/r.csv", "-"]);
}

#[test]
fn dates_as_text_and_as_toml() {
    for typed in [
        "2013-04-01",
        "\"2013-04-01\"",
        "2013-04-01T06:00:00Z",
        "\"2013-04-01 06:00:00\"",
    ] {
        let policy = parse(&format!("[data]\nsplit = {typed}")).unwrap();
        let expected = Split::Time(typed.trim_matches('"').to_owned());
        assert_eq!(policy.data.split.unwrap().value, expected);
    }
}

#[test]
fn columns_of_the_data_are_looked_up() {
    let policy = parse(
        "[roles]\nlabel = \"late\"\n[checks.schema]\ncolumns = [\"w*\", \"a\\\\*\"]\nexclude = [\"no*\"]",
    );
    let policy = policy.unwrap();
    policy.check_columns(&["late", "wind", "a*"]).unwrap();
    assert!(
        policy.check_columns(&["late", "wind", "ab"]).is_err(),
        "a\\* is a name, not a pattern"
    );
    let off = parse("[checks.schema]\nenabled = false\ncolumns = [\"gone\"]").unwrap();
    off.check_columns(&["late"]).unwrap();
}
