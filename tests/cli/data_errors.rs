//! Data that cannot be judged: exit code 3, and what to do.

use insta::assert_snapshot;

use crate::support::random::normals;
use crate::support::{Folder, Table, table::gzip};

/// Five good rows.
const GOOD: &str = "temp,wind\n1,2\n3,4\n5,6\n7,8\n9,10\n";

/// Good rows against a current side of this name and these bytes.
fn refusal(name: &str, bytes: impl AsRef<[u8]>) -> String {
    with_flags(name, bytes, &[])
}

fn with_flags(name: &str, bytes: impl AsRef<[u8]>, flags: &[&str]) -> String {
    let folder = Folder::new();
    folder.write("good.csv", GOOD).write(name, bytes);
    let sides = ["check", "-r", "good.csv", "-c", name];
    folder.run(&[&sides, flags].concat()).refusal()
}

fn small() -> Table {
    Table::default()
        .floats("temp", normals(1, 100, 0.0))
        .floats("wind", normals(2, 100, 0.0))
}

#[test]
fn nothing_there() {
    let folder = Folder::new();
    folder
        .write("good.csv", GOOD)
        .write("empty/notes.txt", "no data");
    let refusal = |name| {
        folder
            .run(&["check", "-r", "good.csv", "-c", name])
            .refusal()
    };
    assert_snapshot!(refusal("missing.parquet"), @"
    exit 3
    error: missing.parquet: no such file or folder; check the path (relative paths start at the current folder)
    ");
    assert_snapshot!(refusal("2013-*.parquet"), @"
    exit 3
    error: 2013-*.parquet: the pattern matches no file; quote it so that the shell leaves it alone, and check it with ls
    ");
    assert_snapshot!(refusal("empty"), @"
    exit 3
    error: empty: no data files in this folder (1 other files skipped); expected names ending in .parquet, .csv, .tsv, .jsonl, .json, .arrow, .ipc or .feather (text also with .gz)
    ");
    assert_snapshot!(refusal("[.csv"), @"
    exit 3
    error: [.csv: not a valid pattern at character 0: invalid range pattern; patterns know *, ?, [abc] and **
    ");
}

#[test]
fn named_twice() {
    let folder = Folder::new();
    folder.write("good.csv", GOOD);
    let twice = ["check", "-r", "good.csv", "-c", "good.csv", "*.csv"];
    assert_snapshot!(folder.run(&twice).refusal(), @"
    exit 3
    error: good.csv: named twice on one side, its rows would count twice; name it once
    ");
}

#[test]
fn no_bytes() {
    assert_snapshot!(refusal("empty.csv", ""), @"
    exit 3
    error: empty.csv: the file is empty (0 bytes); expected a header or at least one record
    ");
    assert_snapshot!(refusal("empty.parquet", ""), @"
    exit 3
    error: empty.parquet: the file is empty (0 bytes); expected a header or at least one record
    ");
    let folder = Folder::new();
    folder.write("good.csv", GOOD);
    let nothing = folder.run_with_input(&["check", "-r", "good.csv", "-c", "-"], b"");
    assert_snapshot!(nothing.refusal(), @"
    exit 3
    error: standard input: the file is empty (0 bytes); expected a header or at least one record
    ");
}

#[test]
fn no_rows() {
    assert_snapshot!(refusal("header.csv", "temp,wind\n"), @"
    exit 3
    error: header.csv: no rows; there is nothing to compare, check the job that wrote it
    ");
    assert_snapshot!(refusal("none.parquet", small().slice(0..0).parquet()), @"
    exit 3
    error: none.parquet: no rows; there is nothing to compare, check the job that wrote it
    ");
    assert_snapshot!(refusal("none.arrows", small().slice(0..0).ipc_stream()), @"
    exit 3
    error: none.arrows: no rows; there is nothing to compare, check the job that wrote it
    ");
    let folder = Folder::new();
    folder
        .write("good.csv", GOOD)
        .write("header.csv", "temp,wind\n");
    let reference = folder.run(&["check", "-r", "header.csv", "-c", "good.csv"]);
    assert_snapshot!(reference.refusal(), @"
    exit 3
    error: header.csv: no rows; there is nothing to compare, check the job that wrote it
    ");
}

#[test]
fn cut_off() {
    let parquet = small().parquet();
    assert_snapshot!(refusal("torn.parquet", &parquet[..parquet.len() / 2]), @"
    exit 3
    error: torn.parquet: truncated Parquet file: the bytes PAR1 expected at the end (1278 bytes are there); copy or write it again
    ");
    let stream = small().ipc_stream();
    assert_snapshot!(refusal("torn.arrows", &stream[..stream.len() / 2]), @"
    exit 3
    error: torn.arrows: truncated Arrow IPC file: a whole message expected at the end (1028 bytes are there); copy or write it again
    ");
    let packed = gzip(small().csv());
    assert_snapshot!(refusal("torn.csv.gz", &packed[..packed.len() / 2]), @"
    exit 3
    error: torn.csv.gz: damaged gzip data at the start: incomplete deflate stream; copy or write the file again
    ");
}

#[test]
fn cut_off_behind_the_first_batches() {
    // What comes first is whole: the file must not pass for a shorter one.
    let large = Table::default().floats("temp", normals(1, 100_000, 0.0));
    let stream = large.ipc_stream();
    let text = gzip(large.csv());
    let lines = gzip(large.json_lines());
    let file = large.ipc_file();
    let parquet = large.parquet();
    // Text has no end mark: what shows is a row that was cut.
    let plain = small().csv();
    let cut = [
        ("torn.arrows", &stream[..stream.len() - 300_000]),
        ("torn.csv.gz", &text[..text.len() - 1_000]),
        ("torn.jsonl.gz", &lines[..lines.len() - 1_000]),
        ("torn.arrow", &file[..file.len() - 300_000]),
        ("torn.parquet", &parquet[..parquet.len() - 4]),
        ("torn.csv", &plain.as_bytes()[..plain.len() - 25]),
    ];
    let said = cut.map(|(name, bytes)| refusal(name, bytes));
    assert_snapshot!(said.join(""), @"
    exit 3
    error: torn.arrows: truncated Arrow IPC file: a whole message expected at the end (500328 bytes are there); copy or write it again
    exit 3
    error: torn.csv.gz: damaged gzip data at byte 1961616 of the unpacked text: incomplete deflate stream; copy or write the file again
    exit 3
    error: torn.jsonl.gz: damaged gzip data at byte 2861136 of the unpacked text: incomplete deflate stream; copy or write the file again
    exit 3
    error: torn.arrow: truncated Arrow IPC file: the bytes ARROW1 expected at the end (500570 bytes are there); copy or write it again
    exit 3
    error: torn.parquet: truncated Parquet file: the bytes PAR1 expected at the end (1003481 bytes are there); copy or write it again
    exit 3
    error: torn.csv: line 101: expected 2 fields as in the header, found 1; look for a missing or stray delimiter, or an unclosed quote
    ");
}

#[test]
fn a_stream_that_changes_its_mind() {
    // Two streams one after the other: readers stop at the end of the first.
    let other = Table::default().floats("rain", normals(1, 100, 0.0));
    let both = [small().ipc_stream(), other.ipc_stream()].concat();
    let rows = format!("{}rain\n1\n", small().csv());
    let nested = "{\"temp\":{\"mean\":1},\"wind\":2}\n";
    let lines = format!("{}{nested}", small().json_lines());
    let packed = [gzip(small().csv()), gzip("rain\n1\n")].concat();
    let said = [
        refusal("two.arrows", &both),
        refusal("late.csv", rows),
        refusal("late.jsonl", lines),
        refusal("late.csv.gz", packed),
    ];
    assert_snapshot!(said.join(""), @r#"
    exit 3
    error: two.arrows: damaged Arrow IPC data at byte 2056: the stream ends here and 1160 bytes follow: one file holds one stream; copy or write the file again
    exit 3
    error: late.csv: line 102: expected 2 fields as in the header, found 1; look for a missing or stray delimiter, or an unclosed quote
    exit 3
    error: late.jsonl: line 101: "temp" is an object here and a single value before; write one type for a key
    exit 3
    error: late.csv.gz: line 102: expected 2 fields as in the header, found 1; look for a missing or stray delimiter, or an unclosed quote
    "#);
}

#[test]
#[cfg(unix)]
fn no_right_to_read() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    folder.write("good.csv", GOOD).write("secret.csv", GOOD);
    let path = folder.path("secret.csv");
    let locked = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(&path, locked).expect("the test owns the file");
    if std::fs::File::open(&path).is_ok() {
        // Root reads everything; a name that is no file at all is left.
        let looped = folder.path("secret.csv");
        std::fs::remove_file(&looped).expect("the test owns the file");
        std::os::unix::fs::symlink("secret.csv", &looped).expect("links can be made");
    }
    let said = folder
        .run(&["check", "-r", "good.csv", "-c", "secret.csv"])
        .refusal();
    assert!(said.starts_with("exit 3\nerror: secret.csv: "), "{said}");
    let reasons = [
        "Permission denied",
        "no such file or folder",
        "Too many levels",
    ];
    assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
}

#[test]
fn damaged() {
    let mut parquet = small().parquet();
    for byte in &mut parquet[8..64] {
        *byte ^= 0x5a;
    }
    assert_snapshot!(refusal("damaged.parquet", &parquet), @"
    exit 3
    error: damaged.parquet: damaged Parquet data at row group 0 (from row 0): Parquet argument error: Parquet error: Unexpected struct field type 15; copy or write the file again
    ");
    assert_snapshot!(refusal("picture.parquet", b"\x89PNG\r\n\x1a\n0000"), @"
    exit 3
    error: picture.parquet: not Parquet: the file must begin with PAR1, it begins with 89 50 4E 47 0D 0A 1A 0A; it was renamed or damaged, write it again
    ");
    assert_snapshot!(refusal("picture.bin", b"\x89PNG\r\n\x1a\n0000"), @"
    exit 3
    error: picture.bin: line 1: not UTF-8; convert the file first, as with iconv -f latin1 -t utf-8
    ");
}

#[test]
fn broken_rows() {
    assert_snapshot!(refusal("short.csv", "temp,wind\n1,2\n3\n5,6\n"), @"
    exit 3
    error: short.csv: line 3: expected 2 fields as in the header, found 1; look for a missing or stray delimiter, or an unclosed quote
    ");
    assert_snapshot!(refusal("long.csv", "temp,wind\n1,2\n3,4,5\n"), @"
    exit 3
    error: long.csv: line 3: expected 2 fields as in the header, found 3; look for a missing or stray delimiter, or an unclosed quote
    ");
    assert_snapshot!(refusal("latin.csv", b"temp,wind\n1,2\n3,caf\xe9\n"), @"
    exit 3
    error: latin.csv: line 3: not UTF-8; convert the file first, as with iconv -f latin1 -t utf-8
    ");
    let wide = b"t\x00e\x00m\x00p\x00\n\x001\x00\n\x00";
    assert_snapshot!(refusal("utf16.csv", [&b"\xff\xfe"[..], wide].concat()), @"
    exit 3
    error: utf16.csv: unknown format: UTF-16 text; convert it first, as with iconv -f utf-16 -t utf-8
    ");
    assert_snapshot!(refusal("bad.jsonl", "{\"temp\":1}\n{\"temp\":2\n"), @"
    exit 3
    error: bad.jsonl: line 2: expected one JSON object on the line: EOF while parsing an object at column 9; correct or remove the line
    ");
    assert_snapshot!(refusal("twice.csv", "temp,temp\n1,2\n"), @r#"
    exit 3
    error: twice.csv: two columns are named "temp" (columns 1 and 2); rename one
    "#);
}

#[test]
fn an_unclosed_quote() {
    // Up to the end of the file, on its last line, in the header, packed.
    assert_snapshot!(refusal("quote.csv", "temp,wind\n1,\"2\n3,4\n5,6\n"), @"
    exit 3
    error: quote.csv: line 2: the quote that opens a field here is never closed; close it, or double a quote that belongs to the text
    ");
    assert_snapshot!(refusal("last.csv", "temp,wind\n1,2\n3,\"4"), @"
    exit 3
    error: last.csv: line 3: the quote that opens a field here is never closed; close it, or double a quote that belongs to the text
    ");
    assert_snapshot!(refusal("header.csv", "temp,\"wind\n1,2\n3,4\n"), @"
    exit 3
    error: header.csv: line 1: the quote that opens a field here is never closed; close it, or double a quote that belongs to the text
    ");
    assert_snapshot!(refusal("packed.csv.gz", gzip("temp,wind\n1,2\n3,\"4\n")), @"
    exit 3
    error: packed.csv.gz: line 3: the quote that opens a field here is never closed; close it, or double a quote that belongs to the text
    ");
    // Up to the next quote: two rows would be one, of two fields.
    assert_snapshot!(refusal("next.csv", "temp,wind\n1,\"2\n3,4\n5,\"6\n7,8\n"), @"
    exit 3
    error: next.csv: line 4: text follows the closing quote of the field that opens on line 2; look for an unclosed quote there, and double a quote that belongs to the text
    ");
    assert_snapshot!(refusal("inside.csv", "temp,wind\n1,\"say \"hi\"\"\n"), @"
    exit 3
    error: inside.csv: line 2: text follows the closing quote of the field that opens on line 2; look for an unclosed quote there, and double a quote that belongs to the text
    ");
}

#[test]
fn quotes_that_are_closed() {
    let folder = Folder::new();
    folder.write("good.csv", GOOD);
    folder.write(
        "quoted.csv",
        "\u{feff}\"temp\",\"wind\"\r\n\"1\" ,2\r\n\"3\",\"4\"\r\n",
    );
    folder.write("text.csv", "temp,wind\n\"a \"\"b\"\",\n c\",5\" pipe\n");
    for (name, rows) in [("quoted.csv", 2), ("text.csv", 1)] {
        let ran = folder.check(&["-r", "good.csv", "-c", name]);
        assert_eq!(ran.document()["current"]["rows"], rows, "{}", ran.stderr);
    }
}

#[test]
fn wrong_delimiter() {
    assert_snapshot!(refusal("semicolon.csv", "temp;wind\n1;2\n"), @r#"
    exit 3
    error: semicolon.csv: line 1: the header is one column, "temp;wind", with the delimiter ','; it looks as if ';' is the delimiter: say --delimiter ';'
    "#);
    assert_snapshot!(with_flags("comma.csv", GOOD, &["--delimiter", ";"]), @r#"
    exit 3
    error: good.csv: line 1: the header is one column, "temp,wind", with the delimiter ';'; it looks as if ',' is the delimiter: say --delimiter ','
    "#);
}

#[test]
fn two_schemas_on_one_side() {
    let folder = Folder::new();
    folder.write("good.csv", GOOD).write("a.csv", GOOD);
    folder
        .write("b.csv", "temp,rain\n1,2\n")
        .write("c.csv", "temp,wind\n1,strong\n");
    let other = |name| ["check", "-r", "good.csv", "-c", "a.csv", name];
    assert_snapshot!(folder.run(&other("b.csv")).refusal(), @r#"
    exit 3
    error: a.csv and b.csv have different schemas: column "wind" is missing in the second; give files of one schema, or name them one by one
    "#);
    // Text beside numbers is one column of text, and the schema check's to report.
    let retyped = folder.run(&other("c.csv"));
    assert_eq!(retyped.code, 1, "{}{}", retyped.stdout, retyped.stderr);
    let one = folder.write("d.parquet", small().parquet());
    let changed = Table::default().floats("temp", normals(1, 9, 0.0));
    one.write("e.parquet", changed.parquet());
    let both = ["check", "-r", "good.csv", "-c", "d.parquet", "e.parquet"];
    assert_snapshot!(folder.run(&both).refusal(), @r#"
    exit 3
    error: d.parquet and e.parquet have different schemas: column "wind" is missing in the second; give files of one schema, or name them one by one
    "#);
}

#[test]
fn columns_that_are_not_there() {
    let flag = |name, value| with_flags("same.csv", GOOD, &[name, value]);
    assert_snapshot!(flag("--label", "tmep"), @"
    exit 3
    error: --label: the column `tmep` is on neither side of the data: did you mean `temp`?
    ");
    assert_snapshot!(flag("--ignore", "temp,day"), @"
    exit 3
    error: --ignore: the column `day` is on neither side of the data: there are `temp`, `wind`
    ");
    assert_snapshot!(flag("--timestamp", "temp"), @r#"
    exit 3
    error: column "temp" cannot be timestamp: it is stored as Int64, expected timestamps, dates, or text such as 2013-04-01 06:00:00
    "#);
}

#[test]
fn splits_that_do_not_fit() {
    let folder = Folder::new();
    folder.write("good.csv", GOOD);
    let refusal = |flag, value| {
        folder
            .run(&["check", "-r", "good.csv", flag, value])
            .refusal()
    };
    assert_snapshot!(refusal("--split", "2013-04-01"), @"
    exit 3
    error: good.csv (CSV, 5 rows, 2 columns) cannot be split by time: no column was recognised as its timestamp; name it with --timestamp, or split by a value with --split-by COLUMN=VALUE
    ");
    assert_snapshot!(refusal("--split-by", "side=new"), @r#"
    exit 3
    error: the split: there is no column "side"; the columns are temp, wind
    "#);
    assert_snapshot!(refusal("--split-by", "temp=x"), @r#"
    exit 3
    error: the split "= x" does not fit column "temp" (Int64); expected a number
    "#);
    assert_snapshot!(refusal("--split-by", "temp=2"), @"
    exit 3
    error: the current side (good.csv (CSV, 5 rows, 2 columns, the current side of a split)) has no rows: there is nothing to compare; check the split
    ");
}
