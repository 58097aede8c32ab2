use super::*;
use crate::testing::{Rng, ranks_are_those_reported};
use driftguard_sdk::prelude::Nature;

type Rows<'a> = [(&'a str, usize)];

fn expanded(rows: &[(String, usize)]) -> Vec<&str> {
    rows.iter()
        .flat_map(|(value, rows)| std::iter::repeat_n(value.as_str(), *rows))
        .collect()
}

fn frame_of(values: &[&str], limit: usize) -> CategoricalFrame {
    let mut counts: std::collections::BTreeMap<&str, u64> = Default::default();
    values
        .iter()
        .for_each(|value| *counts.entry(value).or_default() += 1);
    let list = counts
        .into_iter()
        .map(|(value, rows)| (value.to_owned(), rows));
    CategoricalFrame::of_values(list.collect(), values.len() as u64, limit)
}

fn compared(reference: &[&str], current: &[&str], limit: usize) -> Vec<Finding> {
    let frame = frame_of(reference, limit);
    let profile = |values: &[&str]| {
        let mut profile = CategoricalProfile::new(&frame);
        profile
            .add_values(&frame, values.iter().copied().map(Some))
            .unwrap();
        profile
    };
    let (p, q) = (profile(reference), profile(current));
    let findings = compare("origin", &frame, &p, &q, 50).unwrap();
    let sides = Sides::new("origin", &frame, &p, &q).unwrap();
    ranks_are_those_reported(&sides.ranked(50), &findings);
    findings
}

fn of(reference: &Rows<'_>, current: &Rows<'_>) -> Vec<Finding> {
    let own = |rows: &Rows<'_>| -> Vec<(String, usize)> {
        rows.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect()
    };
    compared(&expanded(&own(reference)), &expanded(&own(current)), 1000)
}

/// Values drawn evenly from `k`.
fn even(rng: &mut Rng, n: usize, k: u64) -> Vec<String> {
    (0..n).map(|_| format!("v{}", rng.below(k))).collect()
}

fn texts(values: &[String]) -> Vec<&str> {
    values.iter().map(String::as_str).collect()
}

/// Share of clean pairs that would alert, one test at a time.
fn false_alarms(runs: u64, n: usize, m: usize, k: u64, limit: usize) -> f64 {
    let mut rng = Rng::new(k);
    let mut alarms = 0;
    for _ in 0..runs {
        let (p, q) = (even(&mut rng, n, k), even(&mut rng, m, k));
        let findings = compared(&texts(&p), &texts(&q), limit);
        let first = &findings[0];
        alarms += u64::from(first.p_value.is_some_and(|p| p <= 0.05) && first.effect >= 0.05);
    }
    alarms as f64 / runs as f64
}

#[test]
fn a_shift_is_named() {
    let findings = of(
        &[("EWR", 330), ("JFK", 360), ("LGA", 310)],
        &[("EWR", 420), ("JFK", 460), ("LGA", 120)],
    );
    let first = &findings[0];
    assert_eq!(first.metric, "tv/values/v1");
    assert_eq!(
        first.message,
        "`origin`: LGA 31 % -> 12 %, JFK 36 % -> 46 %, EWR 33 % -> 42 %"
    );
    assert!((first.statistic.unwrap() - 0.19).abs() < 1e-12);
    assert!(first.effect > 0.15 && first.p_value.unwrap() < 1e-6);
    assert_eq!(first.evidence[0].labels, ["LGA", "JFK", "EWR"]);
    assert_eq!(findings.len(), 7);
    assert!(
        findings[1..]
            .iter()
            .all(|finding| finding.nature == Nature::Supporting)
    );
}

#[test]
fn unchanged_is_quiet() {
    let rows = [("a", 500), ("b", 300), ("c", 200)];
    let first = &of(&rows, &rows)[0];
    assert_eq!((first.statistic, first.effect), (Some(0.0), 0.0));
    assert_eq!(first.p_value, Some(1.0));
    assert_eq!(first.message, "`origin`: every value has the share it had");
}

#[test]
fn degenerate_sides() {
    let status = |p: &Rows<'_>, q: &Rows<'_>| {
        let findings = of(p, q);
        assert_eq!(findings.len(), 1);
        (findings[0].status, findings[0].message.clone())
    };
    assert_eq!(
        status(&[], &[]),
        (
            Status::NotApplicable,
            "`origin`: no values on either side".into()
        )
    );
    assert_eq!(
        status(&[("a", 100)], &[("a", 1)]),
        (
            Status::InsufficientData,
            "`origin`: 100 values in the reference and 1 now, at least 50 are needed on each side"
                .into()
        )
    );
    assert_eq!(status(&[], &[("a", 100)]).0, Status::InsufficientData);
    assert_eq!(
        status(&[("a", 100)], &[("a", 80)]),
        (
            Status::Degenerate,
            "`origin`: every value is a on both sides".into()
        )
    );
    let renamed = &of(&[("UA", 100)], &[("United", 100)])[0];
    assert_eq!((renamed.statistic, renamed.status), (Some(1.0), Status::Ok));
}

#[test]
fn clean_categories_do_not_alarm() {
    for (runs, n, m, k, limit) in [
        (200, 1000, 1000, 50, 1000),
        (200, 5000, 5000, 300, 1000),
        (50, 1000, 1000, 500, 1000),
        (50, 5000, 400, 300, 1000),
        // More values than the frame lists: the list is made by chance.
        (20, 20_000, 20_000, 4000, 1000),
        (20, 20_000, 5000, 2000, 100),
        (50, 2000, 2000, 120, 60),
    ] {
        let rate = false_alarms(runs, n, m, k, limit);
        assert!(rate <= 0.05, "{k} values, {n} and {m} rows: {rate}");
    }
}

#[test]
fn new_values_are_seen_however_many() {
    let mut rng = Rng::new(3);
    let p = even(&mut rng, 5000, 40);
    let few: Vec<String> = p
        .iter()
        .enumerate()
        .map(|(i, v)| if i % 4 == 0 { "new".into() } else { v.clone() })
        .collect();
    let many: Vec<String> = p
        .iter()
        .enumerate()
        .map(|(i, v)| {
            if i % 4 == 0 {
                format!("new{i}")
            } else {
                v.clone()
            }
        })
        .collect();
    for (current, name) in [
        (few, "new 0 % -> 25 %"),
        (many, "(other values) 0 % -> 25 %"),
    ] {
        let first = &compared(&texts(&p), &texts(&current), 1000)[0];
        assert!(first.effect > 0.2 && first.p_value.unwrap() < 1e-9);
        assert!(first.message.contains(name), "{}", first.message);
        assert_eq!(first.evidence[0].labels.len(), 11);
    }
}

#[test]
fn a_shift_among_many_values_is_seen() {
    let mut rng = Rng::new(9);
    let p = even(&mut rng, 5000, 300);
    let q = even(&mut rng, 5000, 150);
    let first = &compared(&texts(&p), &texts(&q), 1000)[0];
    assert!(first.effect > 0.35 && first.p_value.unwrap() < 1e-9);
}

#[test]
fn a_profile_of_another_frame_is_refused() {
    let (frame, other) = (frame_of(&["a", "b"], 9), frame_of(&["a"], 9));
    let (p, q) = (
        CategoricalProfile::new(&frame),
        CategoricalProfile::new(&other),
    );
    assert!(matches!(
        compare("x", &frame, &p, &q, 50),
        Err(Error::State(_))
    ));
}
