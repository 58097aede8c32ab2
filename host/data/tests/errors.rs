//! What bad input gets: the exact words.

mod support;

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use driftguard_data::{DataError, RoleOverrides, Side, Split, resolve};
use insta::assert_snapshot;
use support::{Folder, all_columns, csv, everything, open, table};

fn refused(folder: &Folder, inputs: &[&str]) -> String {
    folder.words(&open(inputs).unwrap_err())
}

#[test]
fn what_is_not_there() {
    let folder = Folder::new();
    assert_snapshot!(refused(&folder, &[]), @"no input files were named; name a file, a folder, a glob, or - for standard input");
    assert_snapshot!(refused(&folder, &[&folder.path("none.csv")]), @"FOLDER/none.csv: no such file or folder; check the path (relative paths start at the current folder)");
    assert_snapshot!(refused(&folder, &[&folder.path("*.parquet")]), @"FOLDER/*.parquet: the pattern matches no file; quote it so that the shell leaves it alone, and check it with ls");
    assert_snapshot!(refused(&folder, &["no-such-["]), @"no-such-[: not a valid pattern at character 8: invalid range pattern; patterns know *, ?, [abc] and **");
    folder.text("empty/readme.md", "x");
    assert_snapshot!(refused(&folder, &[&folder.path("empty")]), @"FOLDER/empty: no data files in this folder (1 other files skipped); expected names ending in .parquet, .csv, .tsv, .jsonl, .json, .arrow, .ipc or .feather (text also with .gz)");
    let file = folder.text("a.csv", "x\n1\n");
    assert_snapshot!(refused(&folder, &[&file, &folder.path("*.csv")]), @"FOLDER/a.csv: named twice on one side, its rows would count twice; name it once");
}

#[test]
fn what_is_empty() {
    let folder = Folder::new();
    assert_snapshot!(refused(&folder, &[&folder.text("a.csv", "")]), @"FOLDER/a.csv: the file is empty (0 bytes); expected a header or at least one record");
    assert_snapshot!(refused(&folder, &[&folder.gzip("b.csv.gz", "")]), @"FOLDER/b.csv.gz: the file is empty (0 bytes); expected a header or at least one record");
    assert_snapshot!(refused(&folder, &[&folder.text("c.csv", "x,y\n")]), @"FOLDER/c.csv: no rows; there is nothing to compare, check the job that wrote it");
    assert_snapshot!(refused(&folder, &[&folder.text("d.csv", "\n \n")]), @"FOLDER/d.csv: unknown format: nothing but white space; expected a header or at least one record");
    assert_snapshot!(refused(&folder, &[&folder.parquet("e.parquet", &table(0, 0, 1), 10)]), @"FOLDER/e.parquet: no rows; there is nothing to compare, check the job that wrote it");
    // A file without rows beside one with rows is an empty day.
    let full = folder.text("f.csv", "x,y\n1,2\n");
    assert_eq!(
        open(&[&folder.path("c.csv"), &full]).unwrap().rows(),
        Some(1)
    );
}

#[test]
fn what_is_no_format() {
    let folder = Folder::new();
    assert_snapshot!(refused(&folder, &[&folder.text("a.bin", b"\x00\x01\x02\x03")]), @"FOLDER/a.bin: unknown format: binary data that begins with 00 01 02 03; expected Parquet, CSV, TSV, JSON lines or Arrow IPC");
    assert_snapshot!(refused(&folder, &[&folder.text("a.csv", b"PK\x03\x04....")]), @"FOLDER/a.csv: unknown format: a zip archive; unpack it first, or use gzip for CSV and JSON lines");
    assert_snapshot!(refused(&folder, &[&folder.text("a.json", "[{\"x\": 1}]")]), @"FOLDER/a.json: unknown format: a JSON array; expected JSON lines, one object on each line: convert it with jq -c '.[]'");
    assert_snapshot!(refused(&folder, &[&folder.text("a.parquet", "x,y\n1,2\n")]), @"FOLDER/a.parquet: not Parquet: the file must begin with PAR1, it begins with 78 2C 79 0A 31 2C 32 0A; it was renamed or damaged, write it again");
    assert_snapshot!(refused(&folder, &[&folder.text("a.feather", "FEA1....")]), @"FOLDER/a.feather: unknown format: Feather version 1; write it again as Feather version 2 or Parquet");
}

#[test]
fn csv_that_is_broken() {
    let folder = Folder::new();
    let text = |text: &str| refused(&folder, &[&folder.text("a.csv", text)]);
    assert_snapshot!(text("x,y\n1,2\n3\n"), @"FOLDER/a.csv: line 3: expected 2 fields as in the header, found 1; look for a missing or stray delimiter, or an unclosed quote");
    assert_snapshot!(text("x,y\r\n1,2\r\n\r\n\"3\n4\",5,6\r\n"), @"FOLDER/a.csv: line 4: expected 2 fields as in the header, found 3; look for a missing or stray delimiter, or an unclosed quote");
    assert_snapshot!(text("x,y\n1,\"2\n3,4\n"), @"FOLDER/a.csv: line 2: the quote that opens a field here is never closed; close it, or double a quote that belongs to the text");
    assert_snapshot!(text("x,y\n1,\"2\n3,4\n5,\"6\n"), @"FOLDER/a.csv: line 4: text follows the closing quote of the field that opens on line 2; look for an unclosed quote there, and double a quote that belongs to the text");
    assert_snapshot!(text("x;y;z\n1;2;3\n"), @r#"FOLDER/a.csv: line 1: the header is one column, "x;y;z", with the delimiter ','; it looks as if ';' is the delimiter: say --delimiter ';'"#);
    assert_snapshot!(text("x,y,x\n1,2,3\n"), @r#"FOLDER/a.csv: two columns are named "x" (columns 1 and 3); rename one"#);
    let latin = folder.text("b.csv", b"x,y\n1,caf\xe9\n");
    assert_snapshot!(refused(&folder, &[&latin]), @"FOLDER/b.csv: line 2: not UTF-8; convert the file first, as with iconv -f latin1 -t utf-8");
    let long = format!("x,y\n1,\"{}\"\n", "a".repeat((16 << 20) + 1));
    assert_snapshot!(text(&long), @"FOLDER/a.csv: line 2: the length of one cell in bytes is 16777217, at most 16777216 is read; look for an unclosed quote");
}

#[test]
fn gzip_that_is_cut_off() {
    let folder = Folder::new();
    let whole = std::fs::read(folder.gzip("a.csv.gz", &csv(&table(0, 5_000, 9), true))).unwrap();
    let cut = folder.text("b.csv.gz", &whole[..whole.len() / 2]);
    let error = open(&[&cut]).unwrap_err();
    assert!(
        matches!(error, DataError::Damaged { format: "gzip", .. }),
        "{error}"
    );
}

#[test]
fn json_lines_that_are_broken() {
    let folder = Folder::new();
    let text = |text: &str| refused(&folder, &[&folder.text("a.jsonl", text)]);
    assert_snapshot!(text("{\"x\":1}\n{\"x\":\n"), @"FOLDER/a.jsonl: line 2: expected one JSON object on the line: EOF while parsing a value at column 5; correct or remove the line");
    assert_snapshot!(text("{\"x\":1}\n\n[1]\n"), @"FOLDER/a.jsonl: line 3: expected one JSON object on the line: found an array; correct or remove the line");
    assert_snapshot!(text("{\"x\":1}\n{\"x\":{\"k\":2}}\n"), @r#"FOLDER/a.jsonl: line 2: "x" is an object here and a single value before; write one type for a key"#);
    assert_snapshot!(text("{\n  \"x\": 1\n}\n"), @"FOLDER/a.jsonl: line 1: expected one JSON object on the line: EOF while parsing an object at column 1; correct or remove the line");
}

#[test]
fn parquet_that_is_broken() {
    let folder = Folder::new();
    let whole = std::fs::read(folder.parquet("a.parquet", &table(0, 1_000, 9), 500)).unwrap();
    let cut = folder.text("cut.parquet", &whole[..1_000]);
    assert_snapshot!(refused(&folder, &[&cut]), @"FOLDER/cut.parquet: truncated Parquet file: the bytes PAR1 expected at the end (1000 bytes are there); copy or write it again");
    assert_snapshot!(refused(&folder, &[&folder.text("tiny.parquet", "PAR1")]), @"FOLDER/tiny.parquet: truncated Parquet file: the bytes PAR1 expected at the end (4 bytes are there); copy or write it again");
    let mut long = whole.clone();
    let tail = long.len() - 8;
    long[tail..tail + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = open(&[&folder.text("long.parquet", long)]).unwrap_err();
    assert!(
        matches!(&error, DataError::Damaged { place, .. } if place == "the footer"),
        "{error}"
    );
    let mut dirty = whole;
    dirty[4..400].fill(0xa5);
    let file = folder.text("dirty.parquet", dirty);
    let source = open(&[&file]).unwrap();
    let error = everything(&source, &all_columns(&source)).unwrap_err();
    assert!(
        matches!(&error, DataError::Damaged { place, .. } if place == "row group 0 (from row 0)"),
        "{error}"
    );
}

#[test]
fn arrow_that_is_broken() {
    let folder = Folder::new();
    let rows = table(0, 1_000, 9);
    let whole = std::fs::read(folder.arrow_file("a.arrow", std::slice::from_ref(&rows))).unwrap();
    assert_snapshot!(refused(&folder, &[&folder.text("b.arrow", &whole[..whole.len() / 2])]), @"FOLDER/b.arrow: truncated Arrow IPC file: the bytes ARROW1 expected at the end (11545 bytes are there); copy or write it again");
    let whole = std::fs::read(folder.arrow_stream("a.arrows", &[rows])).unwrap();
    assert_snapshot!(refused(&folder, &[&folder.text("b.arrows", &whole[..whole.len() / 2])]), @"FOLDER/b.arrows: truncated Arrow IPC file: a whole message expected at the end (11364 bytes are there); copy or write it again");
}

#[test]
fn files_of_one_side_that_do_not_fit() {
    let folder = Folder::new();
    let first = folder.text("1.csv", "x,y\n1,2\n");
    for (name, text) in [
        ("2.csv", "x,z\n1,2\n"),
        ("3.csv", "y,x\n1,2\n"),
        ("4.csv", "x,y,z\n1,2,3\n"),
    ] {
        folder.text(name, text);
    }
    assert_snapshot!(refused(&folder, &[&first, &folder.path("2.csv")]), @r#"FOLDER/1.csv and FOLDER/2.csv have different schemas: column "y" is missing in the second; give files of one schema, or name them one by one"#);
    assert_snapshot!(refused(&folder, &[&first, &folder.path("3.csv")]), @r#"FOLDER/1.csv and FOLDER/3.csv have different schemas: column 1 is "x" in the first and "y" in the second; give files of one schema, or name them one by one"#);
    assert_snapshot!(refused(&folder, &[&first, &folder.path("4.csv")]), @r#"FOLDER/1.csv and FOLDER/4.csv have different schemas: column "z" is only in the second; give files of one schema, or name them one by one"#);
    let one = folder.parquet("1.parquet", &table(0, 5, 2), 5);
    let two = folder.parquet("2.parquet", &table(0, 5, 2).project(&[0, 2]).unwrap(), 5);
    assert_snapshot!(refused(&folder, &[&one, &two]), @r#"FOLDER/1.parquet and FOLDER/2.parquet have different schemas: column "fraction" is missing in the second; give files of one schema, or name them one by one"#);
}

#[test]
fn columns_beyond_the_cap() {
    let folder = Folder::new();
    let header: Vec<String> = (0..10_001).map(|column| format!("c{column}")).collect();
    let row = vec!["1"; 10_001];
    let file = folder.text(
        "a.csv",
        format!("{}\n{}\n", header.join(","), row.join(",")),
    );
    assert_snapshot!(refused(&folder, &[&file]), @"FOLDER/a.csv: the schema: the number of columns is 10001, at most 10000 is read; choose the columns that matter before comparing");
}

#[test]
fn two_columns_of_one_name_in_parquet() {
    let folder = Folder::new();
    let fields = vec![
        Field::new("x", DataType::Int64, true),
        Field::new("x", DataType::Int64, true),
    ];
    let column: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let batch = RecordBatch::try_new(
        Arc::new(Schema::new(fields)),
        vec![Arc::clone(&column), column],
    )
    .unwrap();
    assert_snapshot!(refused(&folder, &[&folder.parquet("a.parquet", &batch, 5)]), @r#"FOLDER/a.parquet: two columns are named "x" (columns 1 and 2); rename one"#);
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let folder = Folder::new();
    let file = folder.text("a.csv", "x\n1\n");
    let source = open(&[&file]).unwrap();
    folder.text("a.csv", "x\n1\n2\n");
    let error = source
        .read(&source.tasks()[0], &all_columns(&source))
        .err()
        .unwrap();
    assert_snapshot!(folder.words(&error), @"FOLDER/a.csv: the file changed while it was being read; wait until its writer is done");
}

#[test]
fn columns_that_are_not_there() {
    let folder = Folder::new();
    let source = open(&[&folder.text("a.csv", csv(&table(0, 9, 2), true))]).unwrap();
    let mut request = all_columns(&source);
    request.columns.push("wort".to_owned());
    let error = source.read(&source.tasks()[0], &request).err().unwrap();
    assert_snapshot!(folder.words(&error), @r#"reading: there is no column "wort", did you mean "word"?; the columns are row, fraction, word"#);
    let split = Split::Time {
        column: "row".to_owned(),
        at: 0,
    };
    assert_snapshot!(source.with_filter(split, Side::Current).unwrap_err(), @r#"the split "at 0 microseconds" does not fit column "row" (Int64); expected a timestamp or date column, or --split-by COLUMN=VALUE"#);
    let pilot = source.pilot(100).unwrap();
    let refused =
        |overrides: RoleOverrides| resolve(&pilot, None, &overrides).unwrap_err().to_string();
    assert_snapshot!(refused(RoleOverrides { label: Some("fractoin".to_owned()), ..Default::default() }), @r#"the override label: there is no column "fractoin", did you mean "fraction"?; the columns are row, fraction, word"#);
    assert_snapshot!(refused(RoleOverrides { label: Some("word".to_owned()), ids: vec!["word".to_owned()], ..Default::default() }), @r#"column "word" is named both as label and as id; name it once"#);
    assert_snapshot!(refused(RoleOverrides { ignore: vec!["word".to_owned()], categorical: vec!["word".to_owned()], ..Default::default() }), @r#"column "word" is named both as categorical and as ignore; name it once"#);
    assert_snapshot!(refused(RoleOverrides { timestamp: Some("row".to_owned()), ..Default::default() }), @r#"column "row" cannot be timestamp: it is stored as Int64, expected timestamps, dates, or text such as 2013-04-01 06:00:00"#);
}
