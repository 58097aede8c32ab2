//! The same rows are the same rows, in whatever format they come.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::random::normals;
use crate::support::{Folder, Ran, Random, Table, Values, table::gzip};

const ROWS: usize = 2000;
const NONE: [&str; 0] = [];

/// Numbers with nulls, whole numbers, categories, and hours.
fn table(seed: u64, mean: f64) -> Table {
    let mut random = Random(seed);
    let mut numbers = normals(seed, ROWS, mean);
    for number in numbers.iter_mut().filter(|_| random.uniform() < 0.03) {
        *number = None;
    }
    let count = (0..ROWS)
        .map(|_| Some(i64::from(random.below(400))))
        .collect();
    let airport = (0..ROWS).map(|_| ["EWR", "JFK", "LGA"][random.below(3) as usize].to_owned());
    Table::default()
        .with(
            "time",
            Values::Times((0..ROWS as i64).map(|row| row * 600).collect()),
        )
        .floats("number", numbers)
        .with("count", Values::Integers(count))
        .with("airport", Values::texts(airport.collect::<Vec<_>>()))
}

/// Verdict, suspects and effects, by check, metric and subject.
#[derive(Debug)]
struct Answer {
    code: i32,
    verdict: String,
    suspects: Vec<String>,
    effects: BTreeMap<String, String>,
}

fn answer(ran: &Ran) -> Answer {
    let document = ran.document();
    let findings = document["findings"]
        .as_array()
        .expect("findings are a list");
    let effect = |finding: &serde_json::Value| {
        let key = format!(
            "{} {} {}",
            finding["check"], finding["metric"], finding["subject"]
        );
        // Moments are summed batch by batch, and formats cut batches differently.
        (
            key,
            format!(
                "{:.9}",
                finding["effect"].as_f64().expect("effects are numbers")
            ),
        )
    };
    Answer {
        code: ran.code,
        verdict: ran.verdict(),
        suspects: ran.suspects(),
        effects: findings.iter().map(effect).collect(),
    }
}

/// What one answer says and the other does not; empty if they agree.
fn differences(left: &Answer, right: &Answer) -> Vec<String> {
    let lines = |answer: &Answer| {
        let effects = answer
            .effects
            .iter()
            .map(|(key, effect)| format!("{key} {effect}"));
        let head = format!("{} {} {:?}", answer.code, answer.verdict, answer.suspects);
        effects.chain([head]).collect::<BTreeSet<_>>()
    };
    lines(left)
        .symmetric_difference(&lines(right))
        .cloned()
        .collect()
}

#[test]
fn every_format_gives_the_same_answer() {
    let folder = Folder::new();
    let sides = [("r", table(1, 0.0)), ("c", table(2, 0.6))];
    for (side, table) in &sides {
        folder.write(&format!("{side}.parquet"), table.parquet());
        folder.write(&format!("{side}.csv"), table.csv());
        folder.write(&format!("{side}.csv.gz"), gzip(table.csv()));
        folder.write(&format!("{side}.jsonl"), table.json_lines());
        folder.write(&format!("{side}.arrows"), table.ipc_stream());
        folder.write(&format!("{side}.arrow"), table.ipc_file());
        folder.write(&format!("{side}.jsonl.gz"), gzip(table.json_lines()));
    }
    let expected = answer(&folder.check(&["-r", "r.parquet", "-c", "c.parquet"]));
    assert_eq!(expected.code, 1);
    assert_eq!(expected.suspects, ["number"]);
    for ending in ["csv", "csv.gz", "jsonl", "jsonl.gz", "arrows", "arrow"] {
        let names = [format!("r.{ending}"), format!("c.{ending}")];
        let other = answer(&folder.check(&["-r", &names[0], "-c", &names[1]]));
        assert_eq!(differences(&other, &expected), NONE, "{ending}");
    }
    for bytes in [sides[1].1.ipc_stream(), sides[1].1.parquet()] {
        let stream = ["check", "--json", "-r", "r.parquet", "-c", "-"];
        let streamed = answer(&folder.run_with_input(&stream, &bytes));
        assert_eq!(differences(&streamed, &expected), NONE);
    }
    let stream = ["check", "--json", "-r", "-", "-c", "c.csv"];
    let streamed = answer(&folder.run_with_input(&stream, sides[0].1.csv().as_bytes()));
    assert_eq!(differences(&streamed, &expected), NONE);
}

#[test]
fn several_files_a_glob_and_a_folder_are_one_table() {
    let folder = Folder::new();
    let current = table(2, 0.6);
    folder.sides(&table(1, 0.0), &current);
    for (part, rows) in [0..700, 700..701, 701..ROWS].into_iter().enumerate() {
        folder.write(
            &format!("parts/{part}.parquet"),
            current.slice(rows).parquet(),
        );
    }
    folder.write("parts/_SUCCESS", "");
    let whole = answer(&folder.check_sides(&[]));
    let named = ["parts/0.parquet", "parts/1.parquet", "parts/2.parquet"];
    for parts in [&["parts"][..], &["parts/*.parquet"], &named] {
        let ran = folder.check(&[&["-r", "reference.parquet", "-c"], parts].concat());
        assert_eq!(ran.document()["current"]["files"], 3);
        assert_eq!(differences(&answer(&ran), &whole), NONE, "{parts:?}");
    }
}

#[test]
fn other_delimiters() {
    let folder = Folder::new();
    let (reference, current) = (table(1, 0.0), table(2, 0.0));
    folder.sides(&reference, &current);
    let expected = answer(&folder.check_sides(&[]));
    folder.write("r.csv", reference.csv().replace(',', ";"));
    folder.write("c.csv", current.csv().replace(',', ";"));
    folder.write("r.tsv", reference.csv().replace(',', "\t"));
    folder.write("c.tsv", current.csv().replace(',', "\t"));
    let semicolons = ["-r", "r.csv", "-c", "c.csv", "--delimiter", ";"];
    let tabs = ["-r", "r.tsv", "-c", "c.tsv"];
    for arguments in [&semicolons[..], &tabs] {
        let other = answer(&folder.check(arguments));
        assert_eq!(differences(&other, &expected), NONE, "{arguments:?}");
    }
}
