//! The numbers of other tools on real data, through the binary: equal to those
//! of `make_oracle.py` to 1e-9.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Folder, Ran, fixture};

const ORACLE: &str = include_str!("oracle.json");
const CHECKS: [&str; 3] = ["numeric-drift", "categorical-drift", "output-drift"];

fn check(tool: &str, more: &str) -> (Folder, Ran) {
    let folder = Folder::new();
    let table =
        |check: &str| format!("[checks.{check}.settings]\nconvention = \"{tool}\"\n{more}\n");
    folder.write("driftguard.toml", CHECKS.map(table).concat());
    let sides = ["reference_february", "current_july"]
        .map(|name| fixture(&format!("flights_quickstart/{name}.csv")));
    let ran = folder.check(&[
        "-r",
        &sides[0],
        "-c",
        &sides[1],
        "--policy",
        "driftguard.toml",
        "--label",
        "late",
        "--prediction",
        "y_pred",
        "--score",
        "y_pred_proba",
        "--numeric",
        "distance,sched_dep_hour,temp,wind_speed,visib,dep_delay",
        "--categorical",
        "carrier,origin,dest,y_pred",
    ]);
    (folder, ran)
}

/// Findings on a column whose metric is of this tool.
fn of_tool(document: &Value, tool: &str, column: &str) -> Vec<Value> {
    let ours = |finding: &&Value| {
        let metric = finding["metric"].as_str().unwrap();
        finding["subject"]["column"] == column && metric.split('/').nth(1) == Some(tool)
    };
    let findings = document["findings"].as_array().unwrap();
    findings.iter().filter(ours).cloned().collect()
}

fn name(finding: &Value) -> String {
    let metric = finding["metric"].as_str().unwrap();
    metric.split('/').next().unwrap().to_owned()
}

#[test]
fn every_number_is_that_of_the_tool() {
    let oracle: Value = serde_json::from_str(ORACLE).unwrap();
    for tool in ["evidently", "nannyml", "tfdv"] {
        let document = check(tool, "").1.document();
        for (column, numbers) in oracle[tool].as_object().unwrap() {
            let numbers = numbers.as_object().unwrap();
            let found = of_tool(&document, tool, column);
            let names: BTreeSet<String> = found
                .iter()
                .map(name)
                .filter(|name| name != "drift")
                .collect();
            let expected: BTreeSet<String> = numbers.keys().cloned().collect();
            assert_eq!(names, expected, "{tool} {column}");
            for finding in found.iter().filter(|finding| name(finding) != "drift") {
                assert_eq!(finding["nature"], "supporting");
                let ours = finding["statistic"].as_f64().unwrap();
                let theirs = numbers[&name(finding)].as_f64().unwrap();
                let close = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-6);
                assert!(
                    close,
                    "{tool} {column} {}: {ours} is not {theirs}",
                    name(finding)
                );
            }
        }
    }
}

/// Which test Evidently would take by itself, and what it says.
#[test]
fn the_tools_own_verdict_stands_beside() {
    let document = check("evidently", "").1.document();
    let said = |column: &str| {
        let found = of_tool(&document, "evidently", column);
        let drift = found
            .into_iter()
            .find(|finding| name(finding) == "drift")
            .unwrap();
        (
            drift["statistic"].as_f64(),
            drift["message"].as_str().unwrap().to_owned(),
        )
    };
    // 1,000 rows: p-values.
    let (drift, message) = said("distance");
    assert_eq!(drift, Some(0.0), "{message}");
    assert!(
        message.contains("p-value of Kolmogorov-Smirnov"),
        "{message}"
    );
    assert_eq!(said("wind_speed").0, Some(1.0));
    assert!(said("carrier").1.contains("chi-square"));
    assert!(said("y_pred").1.contains("z test"));
}

/// `visib` drifts by Evidently's Jensen-Shannon distance and by its default
/// test: with `convention-decides` that blocks.
#[test]
fn their_threshold_decides_where_the_policy_says_so() {
    let levels = |more: &str, tool: &str| {
        let (_, ran) = check(tool, more);
        let document = ran.document();
        let found = of_tool(&document, tool, "visib");
        let drift = found
            .into_iter()
            .find(|finding| name(finding) == "drift")
            .unwrap();
        (drift["nature"].clone(), drift["level"].clone())
    };
    let (nature, level) = levels("", "evidently");
    assert_eq!((nature, level), ("supporting".into(), "pass".into()));
    let (nature, level) = levels("convention-decides = true", "evidently");
    assert_eq!((nature, level), ("measurement".into(), "block".into()));
    let high = "convention-decides = true\nconvention-threshold = 0.9";
    assert_eq!(levels(high, "nannyml").1, "pass");
    let low = "convention-decides = true\nconvention-threshold = 0.01";
    assert_eq!(levels(low, "nannyml").1, "block");
}

#[test]
fn a_tool_without_a_threshold_cannot_decide() {
    let (_, ran) = check("tfdv", "convention-decides = true");
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("needs a `convention-threshold`"),
        "{}",
        ran.stderr
    );
}

/// Never a number of fewer values in the place of theirs.
#[test]
fn beyond_the_bound_there_is_no_number() {
    let folder = Folder::new();
    folder.write(
        "driftguard.toml",
        "[checks.numeric-drift.settings]\nconvention = \"evidently\"\nconvention-values = 30\n",
    );
    let sides = ["reference_february", "current_july"]
        .map(|name| fixture(&format!("flights_quickstart/{name}.csv")));
    let ran = folder.check(&[
        "-r",
        &sides[0],
        "-c",
        &sides[1],
        "--policy",
        "driftguard.toml",
    ]);
    let found = of_tool(&ran.document(), "evidently", "temp");
    assert!(found.len() >= 6, "{found:?}");
    for finding in found {
        assert!(
            finding["statistic"].is_null() && finding["status"] != "ok",
            "{finding}"
        );
        let message = finding["message"].as_str().unwrap();
        assert!(
            message.contains("more than 30 distinct values"),
            "{message}"
        );
    }
}
