//! Values that the reference never had, on real flights.

use std::fs::File;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use arrow_schema::DataType;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::scenarios::compare;
use crate::support::random::normals;
use crate::support::{Folder, Ran, Table, Values, fixture};

/// The unchanged flights with one column made anew, against their reference.
fn with_changed(column: &str, change: impl Fn(&ArrayRef) -> ArrayRef) -> Ran {
    let file = File::open(fixture("flights/unchanged.parquet")).expect("the fixture is there");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let schema = builder.schema().clone();
    let place = schema.index_of(column).expect("the column is there");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema.clone(), None).expect("a schema");
    for batch in builder.build().expect("a Parquet file") {
        let mut columns = batch.expect("a whole file").columns().to_vec();
        columns[place] = change(&columns[place]);
        let batch = RecordBatch::try_new(schema.clone(), columns).expect("the same types");
        writer.write(&batch).expect("memory can be written");
    }
    writer.close().expect("memory can be written");
    let folder = Folder::new();
    folder.write("current.parquet", bytes);
    let reference = fixture("flights/reference.parquet");
    folder.check(&["-r", &reference, "-c", "current.parquet"])
}

/// The findings of the check with this metric.
fn found(ran: &Ran, metric: &str) -> Vec<Value> {
    let document = ran.document();
    let findings = document["findings"].as_array().expect("a list of findings");
    let of = |finding: &&Value| finding["check"] == "validity" && finding["metric"] == metric;
    findings.iter().filter(of).cloned().collect()
}

/// Most values are 10 anyway: the distribution hardly moves, and outputs do not
/// move at all.
#[test]
fn a_sensor_at_its_most_usual_value_blocks() {
    let ran = with_changed("visib", |array| {
        Arc::new(Float64Array::from(vec![10.0; array.len()]))
    });
    assert_eq!((ran.code, ran.suspects()), (1, vec!["visib".to_owned()]));
    let [constant] = &found(&ran, "constant/v1")[..] else {
        panic!("{}", ran.stdout)
    };
    assert_eq!(constant["nature"], "fault");
    let message = constant["message"].as_str().expect("a sentence");
    assert!(message.starts_with("`visib`: all 3600 values are 10; it was "));
}

#[test]
fn a_carrier_with_another_name_blocks() {
    let ran = with_changed("carrier", |array| {
        let renamed = |value: Option<&str>| {
            value.map(|value| if value == "UA" { "United" } else { value }.to_owned())
        };
        let plain = arrow_cast::cast(array, &DataType::Utf8).expect("text");
        let values = plain.as_string::<i32>().iter().map(renamed);
        let values: ArrayRef = Arc::new(values.collect::<StringArray>());
        arrow_cast::cast(&values, array.data_type()).expect("the same type")
    });
    assert_eq!((ran.code, ran.suspects()[0].as_str()), (1, "carrier"));
    let [renamed] = &found(&ran, "renamed-values/v1")[..] else {
        panic!("{}", ran.stdout)
    };
    assert_eq!(
        (&renamed["nature"], &renamed["level"]),
        (&"fault".into(), &"block".into())
    );
    let message = renamed["message"].as_str().expect("a sentence");
    assert!(message.contains("UA -> United ("), "{message}");
}

#[test]
fn a_sentinel_in_a_tenth_of_the_rows_blocks() {
    let ran = with_changed("humid", |array| {
        let values = array.as_primitive::<Float64Type>().iter().enumerate();
        let sentinel = |(row, value)| if row % 8 == 0 { Some(-999.0) } else { value };
        Arc::new(values.map(sentinel).collect::<Float64Array>())
    });
    assert_eq!((ran.code, ran.suspects()[0].as_str()), (1, "humid"));
    let [far] = &found(&ran, "far-out/v1")[..] else {
        panic!("{}", ran.stdout)
    };
    assert_eq!(far["level"], "block");
}

/// The number of the month is constant in a month's data, and is no fault of it.
#[test]
fn a_month_has_one_month() {
    let table = |months: std::ops::Range<i64>, seed| {
        let rows = months.clone().count() * 2000;
        let month = months.flat_map(|month| std::iter::repeat_n(Some(month), 2000));
        Table::default()
            .floats("x", normals(seed, rows, 0.0))
            .with("month", Values::Integers(month.collect()))
    };
    for kind in ["--numeric", "--categorical"] {
        let folder = Folder::new();
        folder.sides(&table(1..4, 1), &table(4..5, 2));
        let ran = folder.check_sides(&[kind, "month"]);
        let document = ran.document();
        let findings = document["findings"].as_array().expect("findings");
        let of = |finding: &&Value| finding["check"] == "validity" && finding["level"] != "pass";
        assert_eq!(
            findings.iter().filter(of).count(),
            0,
            "{kind}: {}",
            ran.stdout
        );
    }
    let ran = compare(&table(1..2, 3), &table(1..2, 4));
    assert_eq!((ran.code, ran.suspects()), (0, vec![]));
}

/// Texts among numbers are counted; a column of nothing else is broken.
#[test]
fn numbers_that_come_as_words_block() {
    let numbers = Table::default()
        .floats("x", normals(1, 500, 0.0))
        .floats("y", normals(2, 500, 0.0));
    let words = Table::default()
        .with("x", Values::texts((0..500).map(|row| format!("n/a {row}"))))
        .floats("y", normals(3, 500, 0.0));
    let ran = compare(&numbers, &words);
    assert_eq!((ran.code, ran.suspects()[0].as_str()), (1, "x"));
    let [all] = &found(&ran, "all-unparsed/v1")[..] else {
        panic!("{}", ran.stdout)
    };
    assert_eq!(
        (&all["nature"], &all["level"]),
        (&"fault".into(), &"block".into())
    );
}
