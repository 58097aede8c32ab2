//! How often it fires on nothing, and what it finds.

mod generator;

use std::collections::BTreeMap;

use driftguard_check_text::compare;
use driftguard_sdk::prelude::Finding;
use generator::{frame, profile, texts};

fn compared(reference: &[String], current: &[String]) -> Vec<Finding> {
    let frame = frame(reference);
    let (p, q) = (
        profile(&frame, reference, 8192),
        profile(&frame, current, 8192),
    );
    compare("review", &frame, &p, &q, 100).unwrap()
}

/// 200 pairs of equal law, 300 texts each; the frame is that of the first.
#[test]
fn false_alarms_and_noise() {
    let mut seen: BTreeMap<String, (u32, f64, f64, f64, f64)> = BTreeMap::new();
    for run in 0..200 {
        for finding in compared(&texts(run, 300, 0), &texts(run + 9_000, 300, 0)) {
            let entry = seen.entry(finding.metric.clone()).or_default();
            let (noise, statistic) = (finding.noise.unwrap(), finding.statistic.unwrap());
            entry.0 += u32::from(finding.p_value.unwrap() < 0.05);
            entry.1 += statistic / 200.0;
            entry.2 += statistic * statistic / 200.0;
            entry.3 += noise.mean / 200.0;
            entry.4 += noise.sd / 200.0;
        }
    }
    assert_eq!(seen.len(), 9);
    for (metric, (alarms, mean, square, noise_mean, noise_sd)) in seen {
        let sd = (square - mean * mean).max(0.0).sqrt();
        assert!(alarms <= 16, "{metric}: {alarms} of 200");
        assert!(
            mean <= noise_mean * 1.1 + 1e-9,
            "{metric}: {mean} over {noise_mean}"
        );
        assert!(sd <= noise_sd * 1.3, "{metric}: {sd} over {noise_sd}");
    }
}

fn found(current: &dyn Fn(Vec<String>) -> Vec<String>, metric: &str, least: f64) {
    for run in 0..20 {
        let before = texts(run, 300, 0);
        let after = current(texts(run + 500, 300, 0));
        let findings = compared(&before, &after);
        let finding = findings
            .iter()
            .find(|finding| finding.metric == metric)
            .unwrap();
        assert!(
            finding.p_value.unwrap() < 1e-3,
            "{run}: {}",
            finding.message
        );
        assert!(
            finding.effect > least,
            "{run}: {} {}",
            finding.effect,
            finding.message
        );
    }
}

fn each(change: impl Fn(usize, &str) -> String) -> impl Fn(Vec<String>) -> Vec<String> {
    move |texts| {
        let changed = texts
            .iter()
            .enumerate()
            .map(|(row, text)| change(row, text));
        changed.collect()
    }
}

#[test]
fn upper_case_in_a_third() {
    let change = each(|row, text| {
        if row % 3 == 0 {
            text.to_uppercase()
        } else {
            text.into()
        }
    });
    found(&change, "upper-case/tv/q10ref/v1", 0.2);
}

#[test]
fn a_cut_at_sixty_characters() {
    found(
        &each(|_, text| text.chars().take(60).collect()),
        "one-length/max/v1",
        0.3,
    );
}

#[test]
fn mojibake_in_a_tenth() {
    let change = each(|row, text| {
        if row % 10 == 0 {
            text.replace(' ', " Ã©")
        } else {
            text.into()
        }
    });
    found(&change, "encoding-damage/tv/v1", 0.05);
}

#[test]
fn another_script_in_a_fifth() {
    let change = each(|row, text| {
        if row % 5 == 0 {
            "привет мир".into()
        } else {
            text.into()
        }
    });
    found(&change, "script/tv/v1", 0.1);
}

#[test]
fn another_subject() {
    let change = |_: Vec<String>| texts(77_000, 300, 1);
    found(&change, "unknown-words/tv/q10ref/v1", 0.2);
    let spelling = each(|_, text| text.replace("ne", "nai").replace("or", "our"));
    found(&spelling, "trigrams/mean-distance/b256/v1", 0.2);
}

#[test]
fn digits_and_punctuation() {
    found(
        &each(|row, text| format!("{text} {}", 10_000 + row)),
        "digits/tv/q10ref/v1",
        0.2,
    );
    found(
        &each(|_, text| text.replace(' ', " - ")),
        "punctuation/tv/q10ref/v1",
        0.4,
    );
}

/// More rows than are looked at, on one side only.
#[test]
fn thinning_changes_no_answer() {
    let (before, after) = (texts(1, 6_000, 0), texts(2, 3_000, 0));
    let frame = frame(&before);
    let (p, q) = (
        profile(&frame, &before, 1024),
        profile(&frame, &after, 8192),
    );
    for finding in compare("review", &frame, &p, &q, 100).unwrap() {
        assert!((512..=1024).contains(&finding.n_reference) && finding.n_current == 3_000);
        assert!(
            finding.p_value.unwrap() > 1e-3 && finding.effect < 0.04,
            "{}",
            finding.message
        );
    }
}
