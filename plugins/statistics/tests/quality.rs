//! Agreement with scikit-learn, on the answers of `quality_oracle.json`
//! (written by `make_quality_oracle.py`).

use driftguard_statistics::Counts;
use driftguard_statistics::class_areas::{against_rest, balanced, mean};
use driftguard_statistics::confusion::Confusion;
use driftguard_statistics::kitagawa::Units;
use driftguard_statistics::losses::{ErrorSums, LossSum, brier, log_loss};
use driftguard_statistics::quality::change;
use driftguard_statistics::reliability::Reliability;
use driftguard_statistics::score_table::{area, score_edges};
use serde_json::Value;

fn oracle() -> Value {
    serde_json::from_str(include_str!("quality_oracle.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|value| value.as_f64().unwrap()).collect()
}

fn close(ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().unwrap();
    assert!(
        (ours - theirs).abs() <= tolerance,
        "ours {ours:e}, scikit-learn {theirs:e}"
    );
}

#[test]
fn answers_of_two_classes() {
    for case in oracle()["binary"].as_array().unwrap() {
        let (truth, scores) = (numbers(&case["truth"]), numbers(&case["score"]));
        let mut sorted = scores.clone();
        sorted.sort_by(f64::total_cmp);
        let edges = score_edges(&sorted);
        let of = |wanted: f64| {
            let rows = truth.iter().zip(&scores);
            let picked: Vec<f64> = rows
                .filter(|(truth, _)| **truth == wanted)
                .map(|(_, score)| *score)
                .collect();
            Counts::of_values(&edges, &picked)
        };
        let ranked = area(of(1.0).as_slice(), of(0.0).as_slice()).unwrap();
        close(ranked.auc, &case["auc"], 1e-12);
        close(ranked.variance, &case["auc_variance"], 1e-12);
        let (mut logs, mut squares) = (LossSum::default(), LossSum::default());
        let mut table = Confusion::new(2);
        for (truth, score) in truth.iter().zip(&scores) {
            logs.push(log_loss(*score, *truth == 1.0));
            squares.push(brier(*score, *truth == 1.0));
            table.push(*truth as u16, u16::from(*score >= 0.5));
        }
        // Fixed point: 26 bits behind the point of each row.
        close(logs.mean().unwrap().value, &case["log_loss"], 2e-9);
        close(squares.mean().unwrap().value, &case["brier"], 2e-9);
        close(
            table.hits() as f64 / table.rows() as f64,
            &case["accuracy"],
            1e-12,
        );
        close(table.f1(1).unwrap().value, &case["f1"], 1e-12);
        close(table.macro_f1().unwrap().value, &case["macro_f1"], 1e-12);
    }
}

#[test]
fn answers_of_several_classes() {
    for case in oracle()["classes"].as_array().unwrap() {
        let (truth, predicted) = (numbers(&case["truth"]), numbers(&case["predicted"]));
        let classes = case["classes"].as_u64().unwrap() as u16;
        let mut table = Confusion::new(classes);
        for (truth, predicted) in truth.iter().zip(&predicted) {
            table.push(*truth as u16, *predicted as u16);
        }
        let cells: Vec<f64> = (0..classes)
            .flat_map(|truth| (0..classes).map(move |predicted| (truth, predicted)))
            .map(|(truth, predicted)| table.cell(truth, predicted) as f64)
            .collect();
        assert_eq!(cells, numbers(&case["confusion"]));
        close(
            table.hits() as f64 / table.rows() as f64,
            &case["accuracy"],
            1e-12,
        );
        close(table.macro_f1().unwrap().value, &case["macro_f1"], 1e-12);
        for (class, f1) in (0..).zip(case["f1"].as_array().unwrap()) {
            close(table.f1(class).unwrap().value, f1, 1e-12);
        }
    }
}

/// Hand and Till's area is `multi_class="ovo"`, that against the rest `"ovr"`,
/// both with `average="macro"`.
#[test]
fn scores_of_several_classes() {
    let tolerance = |case: &Value| match case["exact"].as_bool().unwrap() {
        true => 1e-9,
        // More scores than have a bin of their own.
        false => 1e-4,
    };
    for case in oracle()["class_scores"].as_array().unwrap() {
        let truth = numbers(&case["truth"]);
        let scores: Vec<Vec<f64>> = case["scores"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .collect();
        let counts = |class: usize| -> Vec<Counts> {
            let mut sorted = scores[class].clone();
            sorted.sort_by(f64::total_cmp);
            let edges = score_edges(&sorted);
            let of = |wanted: usize| {
                let rows = truth.iter().zip(&scores[class]);
                let picked = rows.filter(|(truth, _)| **truth == wanted as f64);
                Counts::of_values(&edges, &picked.map(|(_, score)| *score).collect::<Vec<_>>())
            };
            (0..scores.len()).map(of).collect()
        };
        let (mut pairs, mut rest) = (vec![], vec![]);
        for class in 0..scores.len() {
            let counts = counts(class);
            let others = (0..scores.len()).filter(|other| *other != class);
            let others: Vec<&[u64]> = others.map(|other| counts[other].as_slice()).collect();
            pairs.push(balanced(counts[class].as_slice(), &others).unwrap());
            rest.push(against_rest(counts[class].as_slice(), &others).unwrap());
        }
        close(mean(&pairs).unwrap().value, &case["pairs"], tolerance(case));
        close(mean(&rest).unwrap().value, &case["rest"], tolerance(case));
        let mut loss = LossSum::default();
        for (row, truth) in truth.iter().enumerate() {
            loss.push(log_loss(scores[*truth as usize][row], true));
        }
        close(loss.mean().unwrap().value, &case["log_loss"], 1e-9);
    }
}

#[test]
fn answers_that_are_numbers() {
    let numbers_part = &oracle()["numbers"];
    let mut means = vec![];
    for side in numbers_part["sides"].as_array().unwrap() {
        let (truth, answers) = (numbers(&side["truth"]), numbers(&side["answer"]));
        let errors: Vec<f64> = answers.iter().zip(&truth).map(|(a, t)| a - t).collect();
        let units = Units::for_sample(&errors);
        let mut sums = ErrorSums::default();
        errors.iter().for_each(|error| sums.push(units, *error));
        close(sums.absolute(units).unwrap().value, &side["mae"], 1e-9);
        close(sums.mean(units).unwrap().value, &side["bias"], 1e-9);
        close(
            sums.root_mean_square(units).unwrap().value,
            &side["rmse"],
            1e-9,
        );
        close(
            sums.absolute(units).unwrap().variance,
            &side["mae_variance"],
            1e-9,
        );
        means.push(sums.absolute(units).unwrap());
    }
    let found = change(means[0], means[1], 0.95).unwrap();
    close(found.p_value, &numbers_part["p"], 1e-9);
}

#[test]
fn scores_and_what_they_mean() {
    for case in oracle()["calibration"].as_array().unwrap() {
        let edges = numbers(&case["edges"]);
        let mut table = Reliability::new(edges.len() + 1);
        for (truth, score) in numbers(&case["truth"]).iter().zip(numbers(&case["score"])) {
            let bin = edges.partition_point(|edge| *edge <= score);
            table.push(bin, score, *truth == 1.0);
        }
        close(
            table.plain_calibration_error().unwrap(),
            &case["plain_error"],
            1e-12,
        );
        let large = table.in_the_large().unwrap();
        close(large.value, &case["in_the_large"], 1e-12);
        close(large.variance, &case["in_the_large_variance"], 1e-12);
        // Each row's expected part is rounded to 24 bits behind the point.
        close(table.spiegelhalter().unwrap(), &case["z"], 1e-5);
        let parts = table.brier_parts().unwrap();
        close(parts.reliability, &case["reliability"], 1e-12);
        close(parts.resolution, &case["resolution"], 1e-12);
        close(parts.uncertainty, &case["uncertainty"], 1e-12);
        let (intercept, slope) = table.logistic().unwrap();
        close(slope, &case["slope"], 1e-3);
        close(intercept, &case["intercept"], 1e-3);
    }
}
