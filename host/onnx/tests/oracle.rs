//! Models of scikit-learn, exported by `make_oracle.py`, answer what
//! scikit-learn answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use driftguard_onnx::{Data, Kind, Limits, Meter, Onnx, Tensor};

const LIMITS: Limits = Limits {
    time: Duration::from_secs(60),
    memory_mib: Some(64),
};

fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models")
}

/// `in` or `out`, type, columns and values of each line.
fn lines(name: &str) -> Vec<(String, String, usize, Vec<String>)> {
    let text = std::fs::read_to_string(models().join(format!("{name}.txt"))).unwrap();
    let line = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        let mut word = || words.next().unwrap();
        let (side, kind, columns) = (word(), word(), word().parse().unwrap());
        (side, kind, columns, words.collect())
    };
    text.lines().map(line).collect()
}

fn input(kind: Option<Kind>, columns: usize, values: &[String]) -> Tensor {
    let rows = values.len() / columns;
    let floats = || values.iter().map(|value| value.parse().unwrap()).collect();
    match kind.unwrap() {
        Kind::Single => Tensor::floats(rows, columns, true, floats()).unwrap(),
        Kind::Double => Tensor::floats(rows, columns, false, floats()).unwrap(),
        Kind::Int => Tensor::ints(values.iter().map(|value| value.parse().unwrap()).collect()),
        Kind::Text => Tensor::texts(
            values
                .iter()
                .map(|value| Arc::from(value.as_str()))
                .collect(),
        ),
        Kind::Bool => panic!("no model takes these"),
    }
}

/// The largest difference of numbers; texts must be equal.
fn difference(found: &Tensor, wanted: &[String]) -> f64 {
    let numbers = |values: Vec<f64>| {
        assert_eq!(values.len(), wanted.len());
        let wanted = wanted.iter().map(|value| value.parse::<f64>().unwrap());
        let apart = values.iter().zip(wanted).map(|(a, b)| (a - b).abs());
        apart.fold(0.0, f64::max)
    };
    match found.data() {
        Data::Single(values) | Data::Double(values) => numbers(values.clone()),
        Data::Int(values) => numbers(values.iter().map(|value| *value as f64).collect()),
        Data::Text(values) => {
            assert!(values.iter().map(|text| &**text).eq(wanted));
            0.0
        }
        Data::Bool(_) => panic!("no model answers these"),
    }
}

fn apart(name: &str) -> f64 {
    let bytes = std::fs::read(models().join(format!("{name}.onnx"))).unwrap();
    let onnx = Onnx::read(&bytes, LIMITS).unwrap();
    let (given, wanted): (Vec<_>, Vec<_>) =
        lines(name).into_iter().partition(|line| line.0 == "in");
    let inputs = onnx.inputs().iter().zip(&given);
    let inputs = inputs.map(|(port, (_, _, columns, values))| input(port.kind, *columns, values));
    let answers = onnx.run(inputs.collect(), &Meter::new(LIMITS)).unwrap();
    assert_eq!(answers.len(), wanted.len(), "{name}");
    let each = answers
        .iter()
        .zip(&wanted)
        .map(|(found, line)| difference(found, &line.3));
    each.fold(0.0, f64::max)
}

/// Labels exactly, because a wrong one is a whole unit away.
#[test]
fn answers_are_those_of_scikit_learn() {
    let mut seen = 0;
    for file in std::fs::read_dir(models()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        if let Some(name) = name.strip_suffix(".txt") {
            let apart = apart(name);
            assert!(apart < 1e-5, "{name}: {apart:e}");
            seen += 1;
        }
    }
    assert_eq!(seen, 22);
}

/// Rows do not depend on those around them: a run in pieces is the same.
#[test]
fn rows_are_answered_one_by_one() {
    let name = "columns_boosting";
    let bytes = std::fs::read(models().join("columns_boosting.onnx")).unwrap();
    let onnx = Onnx::read(&bytes, LIMITS).unwrap();
    let given: Vec<_> = lines(name)
        .into_iter()
        .filter(|line| line.0 == "in")
        .collect();
    let run = |rows: std::ops::Range<usize>| {
        let inputs = onnx.inputs().iter().zip(&given);
        let inputs = inputs.map(|(port, line)| input(port.kind, 1, &line.3[rows.clone()]));
        let answers = onnx.run(inputs.collect(), &Meter::new(LIMITS)).unwrap();
        match answers[1].data() {
            Data::Single(values) => values.clone(),
            other => panic!("{other:?}"),
        }
    };
    let whole = run(0..40);
    assert_eq!(whole, [run(0..13), run(13..14), run(14..40)].concat());
}
