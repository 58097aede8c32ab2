//! Days of real data against days of the same months.

use std::fs::File;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::{Folder, Ran, Table, Values, fixture};

/// When an answer was given, in seconds, and what it was.
type Answer = (i64, i64);

/// Answers of three months by day; 9 of the days have no answer 1, though 9 %
/// of all have.
fn days() -> Vec<Vec<Answer>> {
    let file = File::open(fixture("flights/answers_by_day.parquet")).unwrap();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut days: Vec<Vec<Answer>> = vec![];
    for batch in batches.build().unwrap() {
        let batch = batch.unwrap();
        let times = batch["time_hour"].as_primitive::<TimestampMicrosecondType>();
        let answers = batch["y_pred"].as_primitive::<Int64Type>();
        for row in 0..times.len() {
            let time = times.value(row) / 1_000_000;
            let first = days.last().and_then(|day| day.first());
            if first.is_none_or(|first| first.0 / 86_400 != time / 86_400) {
                days.push(vec![]);
            }
            days.last_mut().unwrap().push((time, answers.value(row)));
        }
    }
    // The last has the evening of one day alone, in this time zone.
    days.retain(|day| day.len() > 100);
    days
}

fn table(days: &[Vec<Answer>]) -> Table {
    let rows = || days.iter().flatten();
    Table::default()
        .with(
            "time_hour",
            Values::Times(rows().map(|row| row.0).collect()),
        )
        .with(
            "y_pred",
            Values::Integers(rows().map(|row| Some(row.1)).collect()),
        )
}

/// A baseline of every other day.
fn folder(days: &[Vec<Answer>]) -> Folder {
    let folder = Folder::new();
    let even: Vec<_> = days.iter().step_by(2).cloned().collect();
    folder.write("even.parquet", table(&even).parquet());
    let made = folder.run(&[
        "baseline",
        "create",
        "--data",
        "even.parquet",
        "--by",
        "day",
        "--timestamp",
        "time_hour",
        "--prediction",
        "y_pred",
        "--out",
        "m.baseline",
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder
}

fn check(folder: &Folder, days: &[Vec<Answer>]) -> Ran {
    folder.write("now.parquet", table(days).parquet());
    folder.check(&["--baseline", "m.baseline", "--current", "now.parquet"])
}

#[test]
fn a_day_without_the_rare_class_is_ordinary_where_such_days_are() {
    let days = days();
    let dull = |day: &&[Vec<Answer>]| day[0].iter().all(|row| row.1 == 0);
    let odd: Vec<_> = days[1..]
        .chunks(2)
        .map(|pair| &pair[..1])
        .filter(dull)
        .collect();
    assert_eq!((days.len(), odd.len()), (90, 5));
    let folder = folder(&days);
    for day in odd {
        let ran = check(&folder, day);
        assert_eq!(ran.verdict(), "pass", "{}", ran.document()["summary"]);
    }
}

#[test]
fn a_model_that_says_no_for_a_week_is_stuck() {
    let days = days();
    let mut week = days[60..67].to_vec();
    let folder = folder(&days);
    let usual = check(&folder, &week);
    assert_eq!(usual.verdict(), "pass", "{}", usual.document()["summary"]);
    week.iter_mut().flatten().for_each(|row| row.1 = 0);
    let stuck = check(&folder, &week);
    assert_eq!(stuck.document()["reason"], "DATA_QUALITY");
    assert_eq!(stuck.suspects(), ["y_pred"]);
    // One day of nothing but the rare class.
    let mut day = days[31..32].to_vec();
    day.iter_mut().flatten().for_each(|row| row.1 = 1);
    let stuck = check(&folder, &day);
    assert_eq!(
        (stuck.code, stuck.suspects()),
        (1, vec!["y_pred".to_owned()])
    );
}
