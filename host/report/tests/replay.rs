//! The report and the document of a replay.

use driftguard_report::{Style, render_replay, replay_schema, replay_to_json};
use driftguard_verdict::replay::canary::{CanaryReport, StoredColumn, Tolerance};
use driftguard_verdict::replay::document::FORMAT;
use driftguard_verdict::replay::{
    Arms, ColumnsReport, GroupReport, MetricReport, ModelReport, ReplayDocument, Replayed,
    ReplayedSide, judge,
};
use driftguard_verdict::{Level, Reason, Rules};
use serde_json::Value;

fn sample(model: &str) -> ReplayDocument {
    let shares = |ones: usize| -> Vec<f64> {
        (0..100)
            .map(|row| if row < ones { 1.0 } else { 0.0 })
            .collect()
    };
    let [a, b, c, d] = [10, 12, 40, 60].map(shares);
    let arms = Arms {
        old_on_old: &a,
        new_on_old: &b,
        old_on_new: &c,
        new_on_new: &d,
    };
    let column = StoredColumn::Numbers {
        name: "score".into(),
        stored: vec![0.5, 0.25],
        now: vec![0.5, 0.75],
    };
    let group = |columns: &[&str], others, value| GroupReport {
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        others,
        value,
        alone: value,
    };
    let side = |rows| ReplayedSide {
        source: "data".into(),
        rows,
        replayed: 100,
    };
    let mut document = ReplayDocument {
        format: FORMAT.into(),
        verdict: Level::Error,
        reason: Reason::CheckFailed,
        summary: String::new(),
        model: ModelReport {
            name: model.into(),
            output: Some("score".into()),
        },
        old_model: Some(ModelReport {
            name: "python old.py".into(),
            output: Some("score".into()),
        }),
        canary: Some(CanaryReport::new(
            "canary.arrow",
            &[column],
            Tolerance::default(),
        )),
        reference: Some(side(100)),
        current: Some(side(12_345)),
        metrics: vec![MetricReport {
            metric: "share>0.5".into(),
            split: arms.split(true),
            columns: Some(ColumnsReport {
                method: "shapley".into(),
                rows: 100,
                groups: vec![
                    group(&["temp", "dewp"], false, 0.25),
                    group(&["a", "b", "c"], true, 0.05),
                ],
                model: 0.15,
                rest: 0.05,
                total: 0.5,
            }),
        }],
        fingerprints: None,
        rules: Rules::default(),
        driftguard: "0.1.0".into(),
    };
    let judgement = judge(
        Replayed {
            metrics: &document.metrics,
            canary: document.canary.as_ref(),
            two_models: true,
            code: None,
        },
        &document.rules,
    );
    document.verdict = judgement.level;
    document.reason = judgement.reason;
    document.summary = judgement.summary;
    document
}

#[test]
fn the_report_of_a_replay() {
    insta::assert_snapshot!(render_replay(&sample("python score.py"), &Style::default()));
}

/// A command is text that others wrote.
#[test]
fn a_hostile_command_does_nothing_to_a_terminal() {
    let page = render_replay(
        &sample("\u{1b}[2J::error::x\u{202e}##vso[a]"),
        &Style::default(),
    );
    assert!(
        !page.contains('\u{1b}') && !page.contains('\u{202e}') && !page.contains("##vso"),
        "{page}"
    );
    let json = replay_to_json(&sample("\u{1b}[2J##vso[a]"));
    assert!(!json.contains('\u{1b}') && !json.contains("##vso"));
}

#[test]
fn documents_keep_to_the_schema_and_come_back() {
    let validator = jsonschema::validator_for(&replay_schema()).unwrap();
    let document = sample("python score.py");
    let value: Value = serde_json::from_str(&replay_to_json(&document)).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let read: ReplayDocument = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(read, document);
    let mut wrong = value;
    wrong["format"] = "driftguard/replay/v2".into();
    assert!(!validator.is_valid(&wrong));
}
