//! Every format yields the same rows, whole and in parts.

mod support;

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch};
use arrow_schema::DataType;
use driftguard_data::{OpenOptions, ReadRequest, Side, Source, Split, schema_words};
use support::{Folder, all_columns, csv, everything, open, table};

fn same(found: &RecordBatch, wanted: &RecordBatch) {
    assert_eq!(found.num_rows(), wanted.num_rows());
    for (found, wanted) in found.columns().iter().zip(wanted.columns()) {
        assert_eq!(found, wanted);
    }
}

fn json(batch: &RecordBatch) -> String {
    let lines = csv(batch, false);
    let line = |line: &str| {
        let parts: Vec<&str> = line.split(',').collect();
        let middle = if parts[1].is_empty() {
            "null"
        } else {
            parts[1]
        };
        format!(
            "{{\"row\":{},\"fraction\":{middle},\"word\":\"{}\"}}\n",
            parts[0], parts[2]
        )
    };
    lines.lines().map(line).collect()
}

#[test]
fn every_format_yields_the_same_rows() {
    let folder = Folder::new();
    let rows = table(0, 9_000, 50);
    let parts: Vec<RecordBatch> = (0..9).map(|part| rows.slice(part * 1_000, 1_000)).collect();
    let text = csv(&rows, true);
    let files = [
        folder.parquet("a.parquet", &rows, 2_000),
        folder.text("a.csv", &text),
        folder.gzip("b.csv.gz", &text),
        folder.text("a.tsv", text.replace(',', "\t")),
        folder.text("a.jsonl", json(&rows)),
        folder.gzip("a.jsonl.gz", &json(&rows)),
        folder.arrow_file("a.arrow", &parts),
        folder.arrow_stream("a.arrows", &parts),
        // The contents decide, not the name.
        folder.parquet("parquet.csv", &rows, 9_000),
        folder.text("json.txt", json(&rows)),
        folder.text(
            "windows.csv",
            format!("\u{feff}{}", text.replace('\n', "\r\n")),
        ),
    ];
    for file in &files {
        let source = open(&[file]).unwrap();
        assert_eq!(source.rows(), Some(9_000), "{file}");
        let names: Vec<_> = source
            .schema()
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        assert_eq!(names, ["row", "fraction", "word"], "{file}");
        same(&everything(&source, &all_columns(&source)).unwrap(), &rows);
        let pilot = source.pilot(1_000).unwrap();
        assert_eq!(pilot.num_rows(), 1_000);
        assert_eq!(
            pilot,
            open(&[file]).unwrap().pilot(1_000).unwrap(),
            "the same on every run"
        );
        let row = pilot.column(0).as_primitive::<Int64Type>();
        assert_eq!(
            (row.value(0), row.value(999)),
            (0, 8_999),
            "from end to end: {file}"
        );
        assert!(row.values().windows(2).all(|pair| pair[0] < pair[1]));
    }
    let pilots: Vec<RecordBatch> = files
        .iter()
        .map(|file| open(&[file]).unwrap().pilot(777).unwrap())
        .collect();
    pilots.iter().for_each(|pilot| same(pilot, &pilots[0]));
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let folder = Folder::new();
    let rows = table(0, 100, 5);
    for file in [
        folder.parquet("a.parquet", &rows, 100),
        folder.text("a.csv", csv(&rows, true)),
        folder.text("a.jsonl", json(&rows)),
        folder.arrow_file("a.arrow", std::slice::from_ref(&rows)),
        folder.arrow_stream("a.arrows", std::slice::from_ref(&rows)),
    ] {
        let source = open(&[&file]).unwrap();
        let request = ReadRequest {
            columns: vec!["word".to_owned(), "row".to_owned()],
            batch_rows: 33,
            ..ReadRequest::default()
        };
        let found = everything(&source, &request).unwrap();
        assert_eq!(found.schema().field(0).name(), "word");
        same(&found, &rows.project(&[2, 0]).unwrap());
    }
}

#[test]
fn a_column_without_values_and_a_table_of_one_column() {
    let folder = Folder::new();
    let file = folder.text("a.csv", "nothing,x\n,1\nNA,2\n");
    let source = open(&[&file]).unwrap();
    assert_eq!(source.schema().field(0).data_type(), &DataType::Null);
    assert_eq!(
        everything(&source, &all_columns(&source))
            .unwrap()
            .num_rows(),
        2
    );
    let one = open(&[&folder.text("one.csv", "x\n1\n2\n")]).unwrap();
    assert_eq!(one.rows(), Some(2));
}

#[test]
fn dictionary_pages_stay_dictionaries() {
    let folder = Folder::new();
    let rows = table(0, 70_000, 50);
    let source = open(&[&folder.parquet("a.parquet", &rows, 35_000)]).unwrap();
    let mut request = all_columns(&source);
    request.dictionary = HashSet::from(["word".to_owned(), "row".to_owned()]);
    request.batch_rows = 10_000;
    let mut shared: Vec<ArrayRef> = Vec::new();
    let mut found = 0;
    for task in source.tasks() {
        for batch in source.read(&task, &request).unwrap() {
            let batch = batch.unwrap().batch;
            let word = batch.column(2).as_dictionary::<Int32Type>();
            assert_eq!(word.values().len(), 50);
            let texts = word.downcast_dict::<arrow_array::StringArray>().unwrap();
            for text in texts {
                assert_eq!(text, Some(format!("w{}", found % 50).as_str()));
                found += 1;
            }
            if !shared
                .iter()
                .any(|values| Arc::ptr_eq(values, word.values()))
            {
                shared.push(Arc::clone(word.values()));
            }
        }
    }
    assert_eq!(found, 70_000);
    assert_eq!(
        shared.len(),
        2,
        "one dictionary for each row group, shared by its batches"
    );
}

#[test]
fn text_that_the_file_holds_plain_comes_plain() {
    let folder = Folder::new();
    // So many words that the writer gives up its dictionary.
    let rows = table(0, 400_000, 400_000);
    let source = open(&[&folder.parquet("a.parquet", &rows, 400_000)]).unwrap();
    let request = ReadRequest {
        columns: vec!["word".to_owned()],
        dictionary: HashSet::from(["word".to_owned()]),
        ..ReadRequest::default()
    };
    let found = everything(&source, &request).unwrap();
    assert_eq!(found.column(0), rows.column(2));
}

#[test]
fn a_dictionary_in_arrow_is_unpacked_or_kept() {
    let folder = Folder::new();
    let words: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("b"), Some("a")]
        .into_iter()
        .collect();
    let batch = RecordBatch::try_from_iter([("word", Arc::new(words) as ArrayRef)]).unwrap();
    let source = open(&[&folder.arrow_file("a.arrow", &[batch])]).unwrap();
    assert_eq!(source.schema().field(0).data_type(), &DataType::Utf8);
    let mut request = all_columns(&source);
    assert_eq!(
        everything(&source, &request).unwrap().column(0).data_type(),
        &DataType::Utf8
    );
    request.dictionary.insert("word".to_owned());
    assert!(matches!(
        everything(&source, &request).unwrap().column(0).data_type(),
        DataType::Dictionary(..)
    ));
}

#[test]
fn a_late_value_widens_the_column_and_is_not_lost() {
    let folder = Folder::new();
    let mut text = "a,b,c\n".to_owned();
    (0..5_000).for_each(|row| text.push_str(&format!("{row},{row},{row}\n")));
    text.push_str("3.5,n/a,NA\n");
    let source = open(&[&folder.text("a.csv", &text)]).unwrap();
    let found = everything(&source, &all_columns(&source)).unwrap();
    assert_eq!(
        found.column(0).as_primitive::<Float64Type>().value(5_000),
        3.5
    );
    assert_eq!(found.column(1).as_string::<i32>().value(5_000), "n/a");
    assert_eq!(found.column(1).as_string::<i32>().value(4_999), "4999");
    assert!(found.column(2).is_null(5_000));
    assert_eq!(
        found.column(2).as_primitive::<Int64Type>().value(4_999),
        4_999
    );
    assert_eq!(
        found.column(0).null_count() + found.column(1).null_count(),
        0
    );
}

#[test]
fn types_of_text_are_learnt_over_all_files_of_a_side() {
    let folder = Folder::new();
    let files = [
        folder.text("1.csv", "x,y\n1,a\n"),
        folder.text("2.csv", "x,y\n2.5,\n"),
    ];
    let source = open(&[&files[0], &files[1]]).unwrap();
    let found = everything(&source, &all_columns(&source)).unwrap();
    assert_eq!(
        found.column(0).as_primitive::<Float64Type>().values(),
        &[1.0, 2.5]
    );
    let files = [
        folder.text("1.jsonl", "{\"x\":1}\n"),
        folder.text("2.jsonl", "{\"x\":\"s\",\"z\":true}\n\n{\"z\":null}"),
    ];
    let source = open(&[&files[0], &files[1]]).unwrap();
    assert_eq!(source.rows(), Some(3));
    let found = everything(&source, &all_columns(&source)).unwrap();
    let texts: Vec<_> = found.column(0).as_string::<i32>().iter().collect();
    assert_eq!(texts, [Some("1"), Some("s"), None]);
}

#[test]
fn quotes_and_times_in_csv() {
    let folder = Folder::new();
    let text = "when,said\n2013-02-01 11:00:00,\"a, \"\"b\"\"\nnext line\"\n2013-02-01,plain\n";
    let source = open(&[&folder.text("a.csv", text)]).unwrap();
    let found = everything(&source, &all_columns(&source)).unwrap();
    assert_eq!(
        found.column(1).as_string::<i32>().value(0),
        "a, \"b\"\nnext line"
    );
    let when = found.column(0).as_primitive::<TimestampMicrosecondType>();
    assert_eq!(when.value(0) - when.value(1), 11 * 3_600 * 1_000_000);
}

#[test]
fn nested_json_passes_through() {
    let folder = Folder::new();
    let text = "{\"v\":[1,0.5],\"o\":{\"k\":1},\"t\":\"2013-02-01T11:00:00Z\"}\n{\"v\":[2,3],\"o\":null,\"t\":\"2013-02-02\"}\n";
    let source = open(&[&folder.text("a.jsonl", text)]).unwrap();
    let words: Vec<_> = source
        .schema()
        .fields()
        .iter()
        .map(|field| schema_words(field.data_type()))
        .collect();
    assert_eq!(
        words,
        ["List<Float64>", "Struct<k: Int64>", "Timestamp(µs)"]
    );
    let found = everything(&source, &all_columns(&source)).unwrap();
    assert_eq!(
        found
            .column(2)
            .as_primitive::<TimestampMicrosecondType>()
            .value(0),
        1_359_716_400_000_000
    );
}

#[test]
fn folders_and_patterns_are_sorted_and_skip_what_is_not_data() {
    let folder = Folder::new();
    for (name, text) in [
        ("d/b.csv", "x\n2\n"),
        ("d/a.csv", "x\n1\n"),
        ("d/day=2/c.csv", "x\n3\n"),
        ("d/_SUCCESS", ""),
        ("d/.a.csv.crc", "?"),
        ("d/notes.md", "?"),
    ] {
        folder.text(name, text);
    }
    for input in [folder.path("d"), folder.path("d/**/*.csv")] {
        let source = open(&[&input]).unwrap();
        let found = everything(&source, &all_columns(&source)).unwrap();
        assert_eq!(source.files(), 3);
        assert_eq!(
            found.column(0).as_primitive::<Int64Type>().values(),
            &[1, 2, 3],
            "{input}"
        );
    }
    let odd = folder.text("a[1].csv", "x\n7\n");
    assert_eq!(open(&[&odd]).unwrap().rows(), Some(1));
}

#[test]
fn a_split_puts_every_row_on_one_side() {
    let folder = Folder::new();
    let rows = table(0, 30_000, 3);
    let file = folder.parquet("a.parquet", &rows, 20_000);
    let whole = open(&[&file]).unwrap();
    let split = Split::Value {
        column: "word".to_owned(),
        equals: "w1".to_owned(),
    };
    let reference = whole.with_filter(split.clone(), Side::Reference).unwrap();
    let current = whole.with_filter(split, Side::Current).unwrap();
    assert_eq!(current.rows(), None);
    let request = ReadRequest {
        columns: vec!["row".to_owned()],
        ..ReadRequest::default()
    };
    let (left, right) = (
        everything(&reference, &request).unwrap(),
        everything(&current, &request).unwrap(),
    );
    assert_eq!(
        (left.num_columns(), left.num_rows(), right.num_rows()),
        (1, 20_000, 10_000)
    );
    assert!(
        right
            .column(0)
            .as_primitive::<Int64Type>()
            .values()
            .iter()
            .all(|row| row % 3 == 1)
    );
    let pilot = current.pilot(800).unwrap();
    let row = pilot.column(0).as_primitive::<Int64Type>();
    assert_eq!(
        (pilot.num_rows(), row.value(0), row.value(799)),
        (800, 1, 29_998)
    );
    assert_eq!(pilot, current.pilot(800).unwrap());
    assert_eq!(current.pilot(50_000).unwrap().num_rows(), 10_000);
    // Asked for as a dictionary, the split's column is still understood.
    let request = ReadRequest {
        columns: vec!["word".to_owned()],
        dictionary: HashSet::from(["word".to_owned()]),
        ..ReadRequest::default()
    };
    let count = |task| {
        current
            .read(task, &request)
            .unwrap()
            .map(|rows| rows.unwrap().batch.num_rows())
    };
    assert_eq!(
        current.tasks().iter().flat_map(count).sum::<usize>(),
        10_000
    );
    let nothing = Split::Value {
        column: "word".to_owned(),
        equals: "none".to_owned(),
    };
    assert_eq!(
        whole
            .with_filter(nothing, Side::Current)
            .unwrap()
            .pilot(10)
            .unwrap()
            .num_rows(),
        0
    );
}

#[test]
fn a_delimiter_can_be_chosen() {
    let folder = Folder::new();
    let file = folder.text("a.csv", "x;y\n1,5;2\n");
    let source = Source::open(
        &[file],
        &OpenOptions {
            delimiter: Some(b';'),
        },
    )
    .unwrap();
    assert_eq!(source.schema().fields().len(), 2);
}

#[test]
fn threads_may_share_a_source() {
    let folder = Folder::new();
    let rows = table(0, 600_000, 9);
    let source = open(&[&folder.parquet("a.parquet", &rows, 100_000)]).unwrap();
    let tasks = source.tasks();
    assert_eq!(tasks.len(), 2);
    let count = |task| {
        source
            .read(task, &all_columns(&source))
            .unwrap()
            .map(|rows| rows.unwrap().batch.num_rows())
            .sum()
    };
    let counts: Vec<usize> = std::thread::scope(|scope| {
        let running: Vec<_> = tasks
            .iter()
            .map(|task| scope.spawn(|| count(task)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(counts, [300_000, 300_000]);
}
