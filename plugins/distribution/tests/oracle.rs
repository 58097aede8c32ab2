//! Findings against SciPy on columns made by formula: see `make_oracle.py`.

use driftguard_distribution::{
    CategoricalFrame, CategoricalProfile, NumericFrame, NumericProfile, categorical, numeric,
};
use driftguard_sdk::prelude::Finding;
use serde_json::Value;

const ORACLE: &str = include_str!("oracle.json");

fn cases(kind: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(ORACLE).unwrap();
    all[kind].as_array().unwrap().clone()
}

fn arguments(case: &Value, side: &str) -> Vec<f64> {
    let list = case[side].as_array().unwrap();
    list.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn numbers(case: &Value, side: &str) -> Vec<f64> {
    let [n, start, modulus, scale, offset] = arguments(case, side)[..] else {
        panic!("five arguments")
    };
    (0..n as u64)
        .map(|i| offset + scale * (((i + start as u64) * 7919) % modulus as u64) as f64)
        .collect()
}

fn classes(case: &Value, side: &str) -> Vec<String> {
    let [n, start, modulus, power] = arguments(case, side)[..] else {
        panic!("four arguments")
    };
    let (modulus, power) = (modulus as u64, power as u32);
    (0..n as u64)
        .map(|i| ((i + start as u64) * 7919) % modulus)
        .map(|k| format!("v{}", k.pow(power) / modulus.pow(power - 1)))
        .collect()
}

fn close(actual: f64, case: &Value, name: &str) {
    let expected = case[name].as_f64().unwrap();
    let error = (actual - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs().max(1e-3),
        "{name}: {actual} is not {expected}"
    );
}

/// Each statistic stands under the part of its metric before the first slash.
fn agree(findings: &[Finding], case: &Value, names: &[&str]) {
    for name in names {
        let of_name = |finding: &&Finding| finding.metric.split('/').next() == Some(name);
        let finding = findings.iter().find(of_name).unwrap();
        close(finding.statistic.unwrap(), case, name);
    }
}

#[test]
fn complete_numeric_columns_agree_with_scipy() {
    for case in cases("numeric") {
        let (p, q) = (numbers(&case, "reference"), numbers(&case, "current"));
        let frame = NumericFrame::of_sample(p.clone());
        let profile = |values: &[f64]| {
            let mut profile = NumericProfile::new(&frame, 1024);
            profile.add_values(&frame, 0, values).unwrap();
            profile
        };
        let findings = numeric::compare("x", &frame, &profile(&p), &profile(&q), 50).unwrap();
        let names = ["ks", "w1", "mean-shift", "log-variance-ratio", "tv"];
        agree(&findings, &case, &names);
        agree(&findings, &case, &["psi", "js-distance", "hellinger"]);
        close(findings[0].p_value.unwrap(), &case, "ks_p");
        close(findings[1].p_value.unwrap(), &case, "tv_p");
    }
}

/// Once values were dropped, what is counted on deciles stays exact, and the
/// gap and the distance come near.
#[test]
fn binned_numeric_columns_agree_on_deciles() {
    for case in cases("numeric") {
        let (p, q) = (numbers(&case, "reference"), numbers(&case, "current"));
        let frame = NumericFrame::of_sample(p.clone());
        let profile = |values: &[f64]| {
            let mut profile = NumericProfile::new(&frame, 40);
            profile.add_values(&frame, 0, values).unwrap();
            profile
        };
        let findings = numeric::compare("x", &frame, &profile(&p), &profile(&q), 50).unwrap();
        let names = ["tv", "psi", "js-distance", "hellinger", "mean-shift"];
        agree(&findings, &case, &names);
        let ks = (findings[0].statistic.unwrap(), case["ks"].as_f64().unwrap());
        assert!(ks.0 <= ks.1 + 1e-12 && ks.1 - ks.0 < 0.035, "{ks:?}");
        let w1 = findings
            .iter()
            .find(|f| f.metric == "w1/edges64/v1")
            .unwrap();
        let w1 = (w1.statistic.unwrap(), case["w1"].as_f64().unwrap());
        assert!((w1.0 / w1.1 - 1.0).abs() < 0.15, "{w1:?}");
    }
}

#[test]
fn categorical_columns_agree_with_scipy() {
    for case in cases("categorical") {
        let (p, q) = (classes(&case, "reference"), classes(&case, "current"));
        let mut counts: std::collections::BTreeMap<String, u64> = Default::default();
        for value in &p {
            *counts.entry(value.clone()).or_default() += 1;
        }
        let list = counts.into_iter().collect();
        let frame = CategoricalFrame::of_values(list, p.len() as u64, 1000);
        let profile = |values: &[String]| {
            let mut profile = CategoricalProfile::new(&frame);
            let values = values.iter().map(|value| Some(value.as_str()));
            profile.add_values(&frame, values).unwrap();
            profile
        };
        let findings = categorical::compare("x", &frame, &profile(&p), &profile(&q), 50).unwrap();
        let names = [
            "tv",
            "chi2",
            "cramers-v",
            "psi",
            "js-distance",
            "hellinger",
            "linf",
        ];
        agree(&findings, &case, &names);
        close(findings[1].p_value.unwrap(), &case, "chi2_p");
        if case["all_expected"].as_bool().unwrap() {
            close(findings[0].p_value.unwrap(), &case, "chi2_p");
        }
    }
}
