//! How often it fires on nothing, and what it finds.

use std::collections::BTreeMap;

use driftguard_check_embedding::{Frame, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::Finding;

const D: usize = 24;

/// Coordinates of unequal means and deviations that share a factor.
fn vectors(seed: u64, n: usize) -> Vec<Vec<f32>> {
    let mut rng = Rng::new(seed);
    let one = |rng: &mut Rng| {
        let shared = rng.normal();
        let coordinate = |j: usize| {
            let sd = 0.2 + (j % 7) as f64 / 5.0;
            (sd * (0.4 * shared + rng.normal() + ((j * 5) % 11) as f64 / 8.0)) as f32
        };
        (0..D).map(coordinate).collect()
    };
    (0..n).map(|_| one(&mut rng)).collect()
}

fn compared(reference: &[Vec<f32>], current: &[Vec<f32>]) -> Vec<Finding> {
    let frame = Frame::of_vectors(&reference.concat(), D);
    let profile = |vectors: &[Vec<f32>]| {
        let mut profile = Profile::new(2048);
        (0..)
            .zip(vectors)
            .for_each(|(row, vector)| profile.add(&frame, row, vector));
        profile
    };
    compare("e", &frame, &profile(reference), &profile(current), 100).unwrap()
}

/// 300 pairs of equal law, 300 vectors each; the frame is that of the first.
#[test]
fn false_alarms_and_noise() {
    let mut seen: BTreeMap<String, (u32, f64, f64, f64, f64)> = BTreeMap::new();
    for run in 0..300 {
        for finding in compared(&vectors(run, 300), &vectors(run + 9_000, 300)) {
            let entry = seen.entry(finding.metric.clone()).or_default();
            let (noise, statistic) = (finding.noise.unwrap(), finding.statistic.unwrap());
            entry.0 += u32::from(finding.p_value.unwrap() < 0.05);
            entry.1 += statistic / 300.0;
            entry.2 += statistic * statistic / 300.0;
            entry.3 += noise.mean / 300.0;
            entry.4 += noise.sd / 300.0;
        }
    }
    assert_eq!(seen.len(), 7);
    for (metric, (alarms, mean, square, noise_mean, noise_sd)) in seen {
        let sd = (square - mean * mean).max(0.0).sqrt();
        let words = format!(
            "{metric}: {alarms} of 300, mean {mean:.4} ({noise_mean:.4}), sd {sd:.4} ({noise_sd:.4})"
        );
        assert!(alarms <= 25, "{words}");
        assert!(
            (mean - noise_mean).abs() <= noise_mean * 0.1 + 1e-9,
            "{words}"
        );
        assert!(sd <= noise_sd * 1.25, "{words}");
    }
}

fn found(change: impl Fn(usize, &[f32]) -> Vec<f32>, metric: &str, least: f64) {
    for run in 0..20 {
        let before = vectors(run, 300);
        let after: Vec<Vec<f32>> = vectors(run + 500, 300)
            .iter()
            .enumerate()
            .map(|(row, vector)| change(row, vector))
            .collect();
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

#[test]
fn another_subject() {
    let change = |_: usize, vector: &[f32]| -> Vec<f32> {
        let step = |(j, x): (usize, &f32)| x + (0.2 + (j % 7) as f32 / 5.0) / 3.0;
        vector.iter().enumerate().map(step).collect()
    };
    found(change, "centroid/mean-distance/v1", 0.05);
    found(change, "mmd/rff64/v1", 0.02);
}

#[test]
fn an_encoder_with_its_coordinates_in_another_order() {
    let change = |_: usize, vector: &[f32]| -> Vec<f32> {
        (0..D).map(|j| vector[(j * 5 + 3) % D]).collect()
    };
    found(change, "centroid/mean-distance/v1", 0.5);
    found(change, "spread/log-variances/v1", 0.3);
    found(change, "mmd/rff64/v1", 0.2);
    let moved = compared(
        &vectors(1, 300),
        &vectors(2, 300)
            .iter()
            .map(|vector| change(0, vector))
            .collect::<Vec<_>>(),
    );
    let norm = moved
        .iter()
        .find(|finding| finding.metric.starts_with("norm"))
        .unwrap();
    assert!(
        norm.effect < 0.05,
        "lengths did not change: {}",
        norm.effect
    );
}

#[test]
fn a_turned_encoder() {
    let change = |_: usize, vector: &[f32]| -> Vec<f32> {
        let (sin, cos) = 1.0_f32.sin_cos();
        vector
            .chunks(2)
            .flat_map(|pair| [cos * pair[0] - sin * pair[1], sin * pair[0] + cos * pair[1]])
            .collect()
    };
    found(change, "centroid/mean-distance/v1", 0.3);
    found(change, "mmd/rff64/v1", 0.1);
}

#[test]
fn shrunk_dead_and_repeated() {
    found(
        |_, vector| vector.iter().map(|x| x * 0.7).collect(),
        "norm/tv/q10ref/v1",
        0.3,
    );
    let dead = |row: usize, vector: &[f32]| {
        if row.is_multiple_of(8) {
            vec![0.0; D]
        } else {
            vector.to_vec()
        }
    };
    found(dead, "dead/tv/v1", 0.08);
    let repeated = |row: usize, vector: &[f32]| {
        if row.is_multiple_of(4) {
            vec![0.5; D - 1].into_iter().chain([1.0]).collect()
        } else {
            vector.to_vec()
        }
    };
    found(repeated, "repeated/tv/v1", 0.15);
}
