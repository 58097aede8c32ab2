//! Agreement with scikit-learn and NumPy to 1e-9: `estimation.json`, written by
//! `make_estimation_oracle.py`.

use driftguard_statistics::cbpe::{Answer, Calibration, by_falling_score, expected};
use driftguard_statistics::tally::Weighted;
use driftguard_statistics::{Tally, isotonic, numpy_bins};
use serde_json::Value;

fn part(name: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("estimation.json")).unwrap();
    all[name].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|one| one.as_f64().unwrap()).collect()
}

fn same(what: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        let close = (ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3);
        assert!(close, "{what}: {ours} is not {theirs}");
    }
}

#[test]
fn rising_steps() {
    for case in part("steps") {
        let fitted = isotonic::rising(&numbers(&case["values"]), &numbers(&case["weights"]));
        same("steps", &fitted.unwrap(), &numbers(&case["fitted"]));
    }
}

/// A step for each score stands in for the chances.
#[test]
fn expected_quality() {
    for case in part("quality") {
        let (scores, chances) = (numbers(&case["scores"]), numbers(&case["chances"]));
        let mut pairs: Vec<(f64, f64)> = scores.iter().copied().zip(chances).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        pairs.dedup();
        let calibration = Calibration::Steps {
            edges: pairs
                .iter()
                .map(|pair| pair.0)
                .take(pairs.len() - 1)
                .collect(),
            levels: pairs.iter().map(|pair| pair.1).collect(),
        };
        let threshold = case["threshold"].as_f64().unwrap();
        let answer = |(score, weight): (&f64, f64)| Answer {
            score: *score,
            positive: *score >= threshold,
            weight,
        };
        let mut answers: Vec<Answer> = scores
            .iter()
            .zip(numbers(&case["weights"]))
            .map(answer)
            .collect();
        by_falling_score(&mut answers);
        let found = expected(&answers, &calibration).unwrap();
        let ours = [found.accuracy, found.auc.unwrap(), found.f1.unwrap()];
        let theirs = ["accuracy", "auc", "f1"].map(|name| case[name].as_f64().unwrap());
        same("quality", &ours, &theirs);
    }
}

#[test]
fn bins_of_numpy() {
    for case in part("bins") {
        let tally = |name: &str| -> Vec<Weighted> {
            let mut tally = Tally::new(100_000);
            tally.add(&numbers(&case[name]));
            tally.values().unwrap()
        };
        let (values, others) = (tally("values"), tally("others"));
        let edges = [
            numpy_bins::doane(&values),
            numpy_bins::sturges(&values, &others),
        ];
        for (name, edges) in ["doane", "sturges"].into_iter().zip(edges) {
            let edges = edges.unwrap();
            same(name, &edges, &numbers(&case[name]));
            let counts = numpy_bins::histogram(&edges, &others);
            let counts: Vec<f64> = counts.iter().map(|count| *count as f64).collect();
            same(name, &counts, &numbers(&case[&format!("{name}_counts")]));
        }
    }
}
