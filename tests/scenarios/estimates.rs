//! Loans whose labels have not come: does the check see that the model got
//! worse, and stay quiet where it did not?

use serde_json::Value;

use crate::support::{Folder, fixture};

fn check(current: &str, policy: &str) -> Value {
    let folder = Folder::new();
    folder.write("driftguard.toml", policy);
    let sides = ["reference", current].map(|name| fixture(&format!("car_loan/{name}.parquet")));
    let ran = folder.check(&[
        "-r",
        &sides[0],
        "-c",
        &sides[1],
        "--policy",
        "driftguard.toml",
        "--label",
        "repaid",
        "--prediction",
        "y_pred",
        "--score",
        "y_pred_proba",
        "--ignore",
        "id",
    ]);
    ran.document()
}

fn finding(document: &Value, metric: &str) -> Value {
    let findings = document["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["metric"] == metric);
    found
        .unwrap_or_else(|| panic!("no {metric}: {findings:?}"))
        .clone()
}

/// Now and in the reference, out of the message.
fn estimated(finding: &Value) -> (f64, f64) {
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("valid under covariate shift only; blind to concept drift"));
    let after = message.split_once("without labels at ").unwrap().1;
    let (now, rest) = after.split_once(", ").unwrap();
    let before = rest.split_whitespace().next().unwrap();
    (now.parse().unwrap(), before.parse().unwrap())
}

const ON: &str = "[checks.estimated-performance]\n";

#[test]
fn it_runs_only_where_a_policy_asks_for_it() {
    let document = check("unlabelled_second_half", "[checks.schema]\n");
    let findings = document["findings"].as_array().unwrap();
    assert!(
        findings
            .iter()
            .all(|one| one["check"] != "estimated-performance")
    );
}

/// Once labels came: accuracy 0.9140, AUC 0.9578.
#[test]
fn a_model_that_got_worse_is_seen_without_labels() {
    let document = check("unlabelled_second_half", ON);
    let accuracy = finding(&document, "accuracy/pape/v1");
    let (now, before) = estimated(&accuracy);
    assert!((before - 0.9433).abs() < 0.005, "{before}");
    assert!((now - 0.9140).abs() < 0.015, "{now}");
    let effect = accuracy["effect"].as_f64().unwrap();
    let p = accuracy["p-value"].as_f64().unwrap();
    assert!(effect >= 0.05 && p < 0.05, "{accuracy}");
    let (now, _) = estimated(&finding(&document, "auc/pape/v1"));
    assert!((now - 0.9578).abs() < 0.015, "{now}");
}

/// Accuracy 0.9460, AUC 0.9702.
#[test]
fn a_model_that_did_not_is_left_in_peace() {
    let document = check("unlabelled_first_half", ON);
    for metric in ["accuracy/pape/v1", "auc/pape/v1"] {
        let found = finding(&document, metric);
        assert_eq!(found["level"], "pass", "{found}");
    }
    assert_eq!(document["verdict"], "pass");
}

/// With labels there is nothing to estimate, unless to compare.
#[test]
fn labels_end_it() {
    let document = check("score_stuck", ON);
    let found = finding(&document, "accuracy/pape/v1");
    assert_eq!(found["status"], "not-applicable");
    let document = check(
        "score_stuck",
        &format!("{ON}settings.when-labelled = true\n"),
    );
    let found = finding(&document, "accuracy/pape/v1");
    assert_eq!(
        (found["nature"].as_str(), found["level"].as_str()),
        (Some("supporting"), Some("pass"))
    );
    assert!(
        found["message"]
            .as_str()
            .unwrap()
            .contains("measured where labels are")
    );
}
