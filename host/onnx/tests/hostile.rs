//! Files that are not models, or not as they should be: an error each, and
//! never a panic, a hang or all of the memory.

use std::path::Path;
use std::time::Duration;

use driftguard_onnx::{Limits, Meter, Onnx, OnnxError, Tensor};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    time: Duration::from_secs(20),
    memory_mib: Some(16),
};

fn bytes(name: &str) -> Vec<u8> {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    std::fs::read(models.join(format!("{name}.onnx"))).unwrap()
}

fn read(name: &str) -> Result<Onnx, OnnxError> {
    Onnx::read(&bytes(name), LIMITS)
}

fn run(name: &str, values: Vec<f64>) -> Result<Vec<Tensor>, OnnxError> {
    let rows = values.len();
    let tensor = Tensor::floats(rows, 1, true, values).unwrap();
    read(name)?.run(vec![tensor], &Meter::new(LIMITS))
}

#[test]
fn each_bad_file_is_refused_with_its_reason() {
    for (name, words) in [
        ("bad_cycle", "is no tree: a node has two ways to it"),
        ("bad_lists", "`nodes_values` holds 1 values, 3 belong there"),
        ("bad_leaf", "a leaf votes for what is not there"),
        ("bad_operator", "com.example.Foo, ai.onnx.ml.SVMRegressor"),
        ("bad_subgraph", "a subgraph"),
        ("bad_outside", "`w` in a file of its own"),
        ("bad_opset", "version 99 of the operators of ai.onnx"),
        ("bad_order", "its input `z` is not there yet"),
        ("bad_output", "`y` is made by no node"),
    ] {
        let error = read(name).unwrap_err().to_string();
        assert!(error.contains(words), "{name}: {error}");
    }
    let error = Onnx::read(b"", LIMITS).unwrap_err();
    assert!(matches!(error, OnnxError::Damaged { .. }), "{error}");
    let tight = Limits {
        memory_mib: Some(0),
        ..LIMITS
    };
    let error = Onnx::read(&bytes("tree"), tight).unwrap_err();
    assert!(matches!(error, OnnxError::Memory { .. }), "{error}");
}

#[test]
fn values_that_cannot_be_taken_are_refused() {
    let answers = run("tree", vec![1.0, 1.5]).unwrap();
    assert_eq!(
        answers,
        [Tensor::floats(2, 1, true, vec![10.0, 20.0]).unwrap()]
    );
    let error = run("tree", vec![1.0, f64::NAN]).unwrap_err();
    assert!(
        matches!(error, OnnxError::Missing { row: 1, .. }),
        "{error}"
    );
    let error = run("run_shape", vec![1.0]).unwrap_err();
    let words = "failed: 1 columns given, `offset` is of 2";
    assert!(error.to_string().contains(words), "{error}");
    // 2^60 values are not tried.
    let error = run("run_memory", vec![1.0]).unwrap_err();
    assert!(matches!(error, OnnxError::Memory { .. }), "{error}");
    let wide = Tensor::floats(1, 2, true, vec![1.0, 2.0]).unwrap();
    let error = read("tree").unwrap().run(vec![wide], &Meter::new(LIMITS));
    let words = "the shape [1, 2] given, [N, 1] declared";
    assert!(error.unwrap_err().to_string().contains(words));
    let double = Tensor::floats(1, 1, false, vec![1.0]).unwrap();
    let error = read("tree").unwrap().run(vec![double], &Meter::new(LIMITS));
    let words = "double given, float declared";
    assert!(error.unwrap_err().to_string().contains(words));
}

#[test]
fn the_clock_is_looked_at() {
    let now = Limits {
        time: Duration::ZERO,
        ..LIMITS
    };
    let tensor = Tensor::floats(1, 1, true, vec![1.0]).unwrap();
    let error = read("tree").unwrap().run(vec![tensor], &Meter::new(now));
    assert!(matches!(error, Err(OnnxError::Time { .. })));
}

/// A file that ends early is damaged, or lacks what it should hold: the graph
/// is its last field but one, so no beginning of it is a model.
#[test]
fn no_beginning_of_a_file_answers() {
    let whole = bytes("columns_forest");
    let model = read("columns_forest").unwrap();
    for end in 0..whole.len() {
        if let Ok(cut) = Onnx::read(&whole[..end], LIMITS) {
            // Only what stands behind the graph may be missing.
            assert_eq!(cut.outputs(), model.outputs(), "{end}");
        }
    }
}

/// Whatever a forged file asks for, its run ends.
fn exercise(bytes: &[u8]) {
    let Ok(onnx) = Onnx::read(bytes, LIMITS) else {
        return;
    };
    let inputs = onnx.inputs().iter().map(|port| {
        let wide = match port.shape.as_deref() {
            Some([_, Some(wide)]) => usize::try_from(*wide).map_or(1, |wide| wide.clamp(1, 64)),
            _ => 1,
        };
        let values = (0..3 * wide).map(|at| at as f64 / 7.0).collect();
        match port.kind {
            Some(driftguard_onnx::Kind::Text) => Tensor::texts(vec!["hi".into(); 3]),
            Some(driftguard_onnx::Kind::Int) => Tensor::ints(vec![0, 1, i64::MIN]),
            kind => {
                let single = kind == Some(driftguard_onnx::Kind::Single);
                Tensor::floats(3, wide, single, values).unwrap()
            }
        }
    });
    let _ended = onnx.run(inputs.collect(), &Meter::new(LIMITS));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        exercise(&bytes);
    }

    #[test]
    fn changed_files_end(
        which in 0_usize..12,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let name = [
            "adaboost", "quantiles", "columns_forest", "products", "neural_classes", "bayes", "tree",
            "forest_zipmap", "power", "columns_boosting", "run_memory", "calibrated",
        ][which];
        let mut bytes = bytes(name);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        exercise(&bytes);
    }
}
