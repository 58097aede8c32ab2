//! Outputs that are classes.

use super::*;

fn classes(rows: &[(&'static str, usize)]) -> Vec<Option<&'static str>> {
    // Spread evenly, so that there are no long runs.
    let mut out: Vec<(f64, &'static str)> = vec![];
    for (value, n) in rows {
        let at = |turn: usize| (turn as f64 + 0.5) / *n as f64;
        out.extend((0..*n).map(|turn| (at(turn), *value)));
    }
    out.sort_by(|a, b| a.0.total_cmp(&b.0));
    out.into_iter().map(|row| Some(row.1)).collect()
}

fn compared_classes(positive: &str, p: &[Option<&str>], q: &[Option<&str>]) -> Vec<Finding> {
    let setting = vec![("positive", Value::Text(positive.into()))];
    let context = context_with(Kind::Categorical, setting);
    let mut counts: std::collections::BTreeMap<&str, u64> = Default::default();
    p.iter()
        .flatten()
        .for_each(|value| *counts.entry(value).or_default() += 1);
    let rows = counts.values().sum();
    let list = counts.into_iter().map(|(v, n)| (v.to_owned(), n)).collect();
    let known = CategoricalFrame::of_values(list, rows, 1000);
    let frame = OutputFrame::of_classes(&context, known).unwrap();
    let profile =
        |values: &[Option<&str>]| OutputProfile::of_classes(&context, &frame, values).unwrap();
    OutputDrift::compare(&context, &frame, &profile(p), &profile(q)).unwrap()
}

#[test]
fn classes_have_rates_and_faults() {
    let p = classes(&[("no", 700), ("yes", 300)]);
    let q = classes(&[("no", 500), ("yes", 500)]);
    let findings = compared_classes("", &p, &q);
    assert_eq!(findings[0].metric, "tv/values/v1");
    let rate = find(&findings, "positive-rate/v1").unwrap();
    assert_eq!(rate.message, "`score`: rows that are yes went 30 % -> 50 %");
    assert_eq!(
        find(&compared_classes("no", &p, &q), "positive-rate/v1")
            .unwrap()
            .message,
        "`score`: rows that are no went 70 % -> 50 %"
    );
    let findings = compared_classes("", &p, &classes(&[("no", 200)]));
    let constant = find(&findings, "constant-output/v1").unwrap();
    assert!((constant.effect - 0.3).abs() < 1e-12);
    let three = classes(&[("a", 100), ("b", 100), ("c", 100)]);
    assert!(find(&compared_classes("", &three, &three), "positive-rate/v1").is_none());
    assert!(find(&compared_classes("b", &three, &three), "positive-rate/v1").is_some());
    let truth = classes(&[("True", 100), ("unknown", 100)]);
    let rate = compared_classes("", &truth, &truth);
    assert!(
        find(&rate, "positive-rate/v1")
            .unwrap()
            .message
            .contains("True")
    );
}

#[test]
fn nulls_only_are_not_applicable() {
    let findings = compared_classes("", &[None; 60], &[None; 60]);
    assert_eq!(findings[0].status, Status::NotApplicable);
}
