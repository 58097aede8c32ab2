//! Which risk a check speaks to: the plugin's word, or the policy's over it.

use serde_json::{Value, json};

use crate::support::{Folder, fixture};

/// Puts two checks under another risk.
const POLICY: &str =
    "[checks.schema]\nrisk = \"brand\"\n[checks.numeric-drift]\nrisk = \"strategic\"\n";

fn run(policy: &str, arguments: &[&str]) -> (Folder, crate::support::Ran) {
    let folder = Folder::new();
    folder.write("driftguard.toml", policy);
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/celsius.parquet"),
    );
    let sides = [
        "check",
        "-r",
        &reference,
        "-c",
        &current,
        "-p",
        "driftguard.toml",
    ];
    let ran = folder.run(&[&sides, arguments].concat());
    (folder, ran)
}

fn risk_of(document: &Value, check: &str) -> Value {
    let plugins = document["plugins"].as_array().expect("a list");
    let found = plugins.iter().find(|plugin| plugin["check"] == check);
    found.expect("it ran")["risk"].clone()
}

#[test]
fn a_check_speaks_to_its_own_risk() {
    let document = run("", &["--json"]).1.document();
    assert_eq!(risk_of(&document, "schema"), "operational");
    assert_eq!(risk_of(&document, "output-drift"), "strategic");
    assert_eq!(document["risks"], json!(["operational", "strategic"]));
}

#[test]
fn the_policy_overrides_it_in_the_document() {
    let document = run(POLICY, &["--json"]).1.document();
    assert_eq!(risk_of(&document, "schema"), "brand");
    assert_eq!(risk_of(&document, "numeric-drift"), "strategic");
    assert_eq!(risk_of(&document, "completeness"), "operational");
    assert_eq!(document["risks"], json!(["brand", "strategic"]));
    // A tag decides nothing.
    let plain = run("", &["--json"]).1.document();
    for key in ["verdict", "reason", "suspects", "findings"] {
        assert_eq!(document[key], plain[key], "{key}");
    }
}

#[test]
fn nothing_is_at_risk_in_a_pass() {
    let folder = Folder::new();
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/unchanged.parquet"),
    );
    let ran = folder.check(&["-r", &reference, "-c", &current]);
    assert_eq!((ran.code, &ran.document()["risks"]), (0, &json!([])));
}

#[test]
fn the_reports_tell_it() {
    let (folder, ran) = run(POLICY, &["--verbose", "--markdown", "summary.md"]);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let strategic = "calibration, concept-drift, numeric-drift, output-drift, performance";
    let told = format!("at risk brand (schema), strategic ({strategic}) compared");
    assert!(words.contains(&told), "{}", ran.stdout);
    assert!(words.contains("brand risk"), "{}", ran.stdout);
    let summary = std::fs::read_to_string(folder.path("summary.md")).expect("it was written");
    let told = format!("At risk: brand \\(schema\\), strategic \\({strategic}\\)");
    assert!(summary.contains(&told), "{summary}");
}

#[test]
fn so_do_the_catalogue_and_the_template() {
    let folder = Folder::new();
    folder.write("driftguard.toml", POLICY);
    let catalogue = |policy: &[&str]| {
        let document = folder
            .run(&[&["checks", "--json"], policy].concat())
            .document();
        let checks = document["checks"].as_array().expect("a list").clone();
        let schema = checks.into_iter().find(|check| check["id"] == "schema");
        schema.expect("it is there")
    };
    let own = catalogue(&[]);
    let overridden = catalogue(&["-p", "driftguard.toml"]);
    let tag = |check: &Value| [check["risk"].clone(), check["risk-by-policy"].clone()];
    assert_eq!(tag(&own), [json!("operational"), json!(false)]);
    assert_eq!(tag(&overridden), [json!("brand"), json!(true)]);
    let page = folder.run(&["checks", "-p", "driftguard.toml"]).stdout;
    assert!(page.contains("brand, policy"), "{page}");
    let page = folder
        .run(&["explain", "schema", "-p", "driftguard.toml"])
        .stdout;
    assert!(page.contains("risk     brand, policy"), "{page}");
    let data = fixture("flights/reference.parquet");
    let template = folder.run(&["init", "-r", &data, "--output", "-"]).stdout;
    let schema = template.split_once("[checks.schema]").expect("a table").1;
    let table = schema.split_once('[').map_or(schema, |(table, _)| table);
    assert!(table.contains("#risk = \"operational\""), "{table}");
}
