//! ONNX files as models: what goes in, what comes out, and what is refused.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, Float32Array, Float64Array, Int64Array,
    RecordBatch, StringArray, UInt8Array,
};
use driftguard_model::{Answers, Limits, Model, ModelError, OnnxModel, Values};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../onnx/tests/models/{name}.onnx"))
}

fn open(name: &str, order: &[&str]) -> Result<OnnxModel, ModelError> {
    let order: Vec<String> = order.iter().map(|name| (*name).to_owned()).collect();
    OnnxModel::open(&file(name), &order, Limits::default())
}

fn refusal<T>(result: Result<T, ModelError>) -> String {
    let Err(error) = result else {
        panic!("not refused")
    };
    let folder = file("x").parent().unwrap().display().to_string();
    error.to_string().replace(&format!("{folder}/"), "")
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns
        .into_iter()
        .map(|(name, values)| (name, values, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn floats(values: Vec<Option<f64>>) -> ArrayRef {
    Arc::new(Float64Array::from(values))
}

fn numbers<'a>(answers: &'a Answers, name: &str) -> &'a [f64] {
    match &answers.column(Some(name), &[]).unwrap().values {
        Values::Numbers(values) => values,
        Values::Classes(_) => panic!("classes"),
    }
}

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "t", "u"];

/// Rows for the models whose names begin with `columns_`; `t` and `u` as given.
fn rows(t: ArrayRef, u: ArrayRef) -> RecordBatch {
    let number = |at: usize| -> ArrayRef {
        Arc::new(Float64Array::from_iter_values(
            (0..t.len()).map(|row| (row * 7 + at) as f64 % 3.0 - 1.0),
        ))
    };
    let numbers = NAMES.iter().take(6).enumerate();
    let mut columns: Vec<_> = numbers.map(|(at, name)| (*name, number(at))).collect();
    columns.extend([("t", t), ("u", u)]);
    batch(columns)
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Inputs by name, whatever order or type the columns have.
#[test]
fn columns_find_their_inputs() {
    let model = open("columns_boosting", &[]).unwrap();
    assert_eq!(model.inputs().unwrap(), NAMES);
    let words = ["hi", "lo", "hi", "other"];
    let plain: ArrayRef = Arc::new(StringArray::from_iter_values(words));
    let ints: ArrayRef = Arc::new(Int64Array::from(vec![1, 0, 0, 1]));
    let first = rows(plain, Arc::clone(&ints));
    let answers = model.answer(std::slice::from_ref(&first)).unwrap();
    let names: Vec<_> = answers
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["label", "probabilities[0]", "probabilities[1]"]);
    assert_eq!(answers.column(None, &[]).unwrap().name, "probabilities[1]");
    let (no, yes) = (
        numbers(&answers, "probabilities[0]"),
        numbers(&answers, "probabilities[1]"),
    );
    for (no, yes) in no.iter().zip(yes) {
        assert!((no + yes - 1.0).abs() < 1e-6);
    }
    let coded: DictionaryArray<Int32Type> = words.into_iter().collect();
    for u in [
        Arc::new(UInt8Array::from(vec![1, 0, 0, 1])) as ArrayRef,
        Arc::new(BooleanArray::from(vec![true, false, false, true])),
        Arc::new(Float32Array::from(vec![1.0, 0.0, 0.0, 1.0])),
    ] {
        let again = rows(Arc::new(coded.clone()), u);
        let turned = again.project(&[7, 6, 5, 4, 3, 2, 1, 0]).unwrap();
        assert_eq!(model.answer(&[turned]).unwrap(), answers);
    }
    // In pieces as in one.
    let pieces = [first.slice(0, 1), first.slice(1, 3)];
    assert_eq!(model.answer(&pieces).unwrap(), answers);
}

#[test]
fn more_rows_than_are_run_at_once() {
    let model = open("tree", &["x"]).unwrap();
    let values = (0..10_000).map(|row| Some(f64::from(row % 3)));
    let answers = model
        .answer(&[batch(vec![("x", floats(values.collect()))])])
        .unwrap();
    let wanted: Vec<f64> = (0..10_000)
        .map(|row| if row % 3 == 2 { 20.0 } else { 10.0 })
        .collect();
    assert_eq!(numbers(&answers, "y"), wanted);
    // The row is counted from the first, not from the run it was in.
    let mut values = vec![Some(1.0); 9_000];
    values[8_765] = None;
    let first = batch(vec![("x", floats(vec![Some(1.0); 10]))]);
    let words = refusal(model.answer(&[first, batch(vec![("x", floats(values))])]));
    assert!(words.contains("a missing value in row 8775"), "{words}");
}

/// A matrix has an order, and only who fitted the model knows it.
#[test]
fn a_matrix_needs_an_order() {
    insta::assert_snapshot!(refusal(open("linear", &[])), @"the ONNX model `linear.onnx`: it takes its 6 columns as one matrix, and nobody said in which order; name them with `inputs` (or --inputs), in the order in which the model was fitted");
    insta::assert_snapshot!(refusal(open("linear", &["a", "b"])), @"the ONNX model `linear.onnx`: it takes a matrix of 6 columns, and `inputs` names 2");
    let one = |at: usize| floats((0..6).map(|k| Some(f64::from(u8::from(k == at)))).collect());
    let names = ["a", "b", "c", "d", "e", "f"];
    let given = batch(
        names
            .iter()
            .enumerate()
            .map(|(at, name)| (*name, one(at)))
            .collect(),
    );
    let model = open("linear", &names).unwrap();
    let straight = model.answer(std::slice::from_ref(&given)).unwrap();
    let turned: Vec<&str> = names.iter().rev().copied().collect();
    let back = open("linear", &turned).unwrap().answer(&[given]).unwrap();
    let (straight, back) = (numbers(&straight, "variable"), numbers(&back, "variable"));
    assert!(
        straight.iter().eq(back.iter().rev()),
        "{straight:?} {back:?}"
    );
    let few = batch(vec![("a", floats(vec![Some(1.0)]))]);
    insta::assert_snapshot!(refusal(model.answer(&[few])), @"the ONNX model `linear.onnx`: its input `b` is not among the columns it was given");
}

#[test]
fn inputs_and_columns_must_be_the_same() {
    let without: Vec<&str> = NAMES[1..].to_vec();
    insta::assert_snapshot!(refusal(open("columns_forest", &without)), @"the ONNX model `columns_forest.onnx`: it takes `a`, which `inputs` does not name");
    let more: Vec<&str> = NAMES.iter().copied().chain(["income"]).collect();
    insta::assert_snapshot!(refusal(open("columns_forest", &more)), @"the ONNX model `columns_forest.onnx`: it takes `a`, `b`, `c`, `d`, `e`, `f`, `t`, `u` and no `income`, which `inputs` names");
    insta::assert_snapshot!(refusal(open("mixed", &[])), @"the ONNX model `mixed.onnx`: its input `X` takes several columns, and it is not the only one; export the model with an input for each column, or with one for all");
    insta::assert_snapshot!(refusal(open("fixed_rows", &[])), @"the ONNX model `fixed_rows.onnx`: its input `X` takes a fixed number of rows; export the model for any number of rows");
    let answers = open("one_row", &[])
        .unwrap()
        .answer(&[batch(vec![("X", floats(vec![Some(1.0), Some(2.0)]))])]);
    assert_eq!(numbers(&answers.unwrap(), "y"), [-1.0, -2.0]);
}

/// Nothing is made up where a value is missing or of another kind.
#[test]
fn values_that_an_input_cannot_take() {
    let model = open("columns_forest", &[]).unwrap();
    let ints = |values: Vec<Option<i64>>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
    let good = || texts(&[Some("hi"), Some("lo")]);
    let refused = |t: ArrayRef, u: ArrayRef| refusal(model.answer(&[rows(t, u)]));
    insta::assert_snapshot!(refused(texts(&[Some("hi"), None]), ints(vec![Some(1), Some(0)])), @"the ONNX model `columns_forest.onnx`, input `t`, row 1: the value is missing, and the model takes texts, which have no missing values; fill it before the model, or repair the feed");
    insta::assert_snapshot!(refused(good(), ints(vec![None, Some(0)])), @"the ONNX model `columns_forest.onnx`, input `u`, row 0: the value is missing, and the model takes whole numbers, which have no missing values; fill it before the model, or repair the feed");
    insta::assert_snapshot!(refused(good(), floats(vec![Some(1.0), Some(0.5)])), @"the ONNX model `columns_forest.onnx`, input `u`, row 1: 0.5 is no whole number, which the model takes");
    insta::assert_snapshot!(refused(ints(vec![Some(1), Some(2)]), ints(vec![Some(1), Some(2)])), @"the ONNX model `columns_forest.onnx`, input `t`: the model takes texts, the column is Int64");
    let all = rows(good(), ints(vec![Some(1), Some(0)]));
    let mut columns: Vec<(&str, ArrayRef)> =
        NAMES.into_iter().zip(all.columns().to_vec()).collect();
    columns[0].1 = floats(vec![Some(1.0), Some(1e300)]);
    insta::assert_snapshot!(refusal(model.answer(&[batch(columns.clone())])), @"the ONNX model `columns_forest.onnx`, input `a`, row 1: 1e300 is beyond the model's float (32 bits)");
    columns[0].1 = good();
    insta::assert_snapshot!(refusal(model.answer(&[batch(columns)])), @"the ONNX model `columns_forest.onnx`, input `a`: the model takes numbers, the column is Utf8");
}

/// Nulls are NaN for a model that fills them in, and an error for one that was
/// not fitted for them.
#[test]
fn missing_numbers() {
    let names = ["a", "b", "c", "d", "e", "f"];
    let gap = |at: usize| floats(vec![Some(0.5), if at == 2 { None } else { Some(0.1) }]);
    let rows = batch(
        names
            .iter()
            .enumerate()
            .map(|(at, name)| (*name, gap(at)))
            .collect(),
    );
    let answers = open("matrix_gaps", &names)
        .unwrap()
        .answer(std::slice::from_ref(&rows))
        .unwrap();
    assert_eq!(answers.rows(), 2);
    // Three classes: no one probability counts, the label does.
    assert_eq!(answers.column(None, &[]).unwrap().name, "label");
    insta::assert_snapshot!(refusal(open("logistic", &names).unwrap().answer(std::slice::from_ref(&rows))), @"the ONNX model `logistic.onnx`: its node `LinearClassifier` (LinearClassifier) met a missing value in row 1, and the model does not say what to do with it; fill it before the model, fit the model with an imputer, or repair the feed");
    // Through a regression it comes out again, and is no answer.
    insta::assert_snapshot!(refusal(open("linear", &names).unwrap().answer(&[rows])), @"`linear.onnx`, column `variable`, row 1: the answer is missing; answer every row with a finite number or a class");
    insta::assert_snapshot!(refusal(open("run_log", &["x"]).unwrap().answer(&[batch(vec![("x", floats(vec![Some(0.0)]))])])), @"`run_log.onnx`, column `y`, row 0: the answer is -inf; answer every row with a finite number or a class");
}

#[test]
fn what_is_no_answer_for_every_row() {
    let x = || batch(vec![("x", floats(vec![Some(1.0), Some(2.0)]))]);
    insta::assert_snapshot!(refusal(open("run_total", &["x"]).unwrap().answer(&[x()])), @"the ONNX model `run_total.onnx`, output `y`: the shape [] came back for 2 rows; a row is answered with one value, or with a list of up to 1024");
    insta::assert_snapshot!(refusal(open("run_memory", &["x"]).unwrap().answer(&[x()])), @"the ONNX model `run_memory.onnx`: it needs more than 8192 MiB at its node `` (ConstantOfShape); raise `memory-mib`");
    insta::assert_snapshot!(refusal(open("bad_operator", &["x"])), @"the ONNX model `bad_operator.onnx`: it needs operators that are not run in the process: com.example.Foo, ai.onnx.ml.SVMRegressor; score it with a command around its own runtime (`command`)");
    insta::assert_snapshot!(refusal(open("nothing", &[])), @"the ONNX model `nothing.onnx` cannot be read: No such file or directory (os error 2)");
    let none = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    let model = OnnxModel::open(&file("tree"), &["x".to_owned()], none).unwrap();
    insta::assert_snapshot!(refusal(model.answer(&[x()])), @"the ONNX model `tree.onnx`: it did not end within 0 s; raise `timeout-seconds`, or replay fewer rows");
    // No rows are no error of the model.
    assert_eq!(open("tree", &["x"]).unwrap().answer(&[]).unwrap().rows(), 0);
}
