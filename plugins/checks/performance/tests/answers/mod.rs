//! Rows whose answers are as good as wanted.

use driftguard_answers::{Sample, Values};
use driftguard_check_performance::{Frame, Limits, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Finding, Nature};

/// Truth, prediction and score of `n` rows; `sharp` tells how well scores rank.
pub fn binary(rng: &mut Rng, n: usize, rate: f64, sharp: f64) -> Sample {
    let mut truth = vec![];
    let mut scores = vec![];
    for _ in 0..n {
        let positive = rng.uniform() < rate;
        let lean = if positive { sharp } else { -sharp };
        truth.push(f64::from(u8::from(positive)));
        scores.push(1.0 / (1.0 + (-(lean + rng.normal())).exp()));
    }
    let said = scores
        .iter()
        .map(|score| f64::from(u8::from(*score >= 0.5)));
    let said = said.collect();
    sample(truth, Some(said), Some(scores))
}

/// Columns of these numbers.
pub fn sample(truth: Vec<f64>, said: Option<Vec<f64>>, scores: Option<Vec<f64>>) -> Sample {
    let named = |name: &str, values| (name.to_owned(), Values::Numbers(values));
    Sample {
        label: Some(named("y", truth)),
        prediction: said.map(|values| named("p", values)),
        score: scores.map(|values| named("s", values)),
        ..Sample::default()
    }
}

/// Number of rows.
pub fn rows(sample: &Sample) -> usize {
    let columns = [&sample.label, &sample.prediction, &sample.score];
    let lengths = columns
        .into_iter()
        .flatten()
        .map(|(_, values)| values.len());
    lengths.max().unwrap_or(0)
}

/// The profile of a sample.
pub fn profile(frame: &Frame, sample: &Sample) -> Profile {
    let mut profile = Profile::new(frame);
    let n = rows(sample) as u64;
    profile.add(frame, n, sample, &[]).unwrap();
    profile
}

/// All findings, the frame from the reference.
pub fn compared(reference: &Sample, current: &Sample) -> Vec<Finding> {
    let frame = Frame::of(reference, 0.5, "");
    let (p, q) = (profile(&frame, reference), profile(&frame, current));
    compare(&frame, &p, &q, &Limits::default()).unwrap()
}

/// Those that decide.
pub fn measured(findings: &[Finding]) -> Vec<&Finding> {
    let decides = |finding: &&Finding| finding.nature == Nature::Measurement;
    findings.iter().filter(decides).collect()
}
