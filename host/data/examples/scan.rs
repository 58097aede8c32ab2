//! Streams a table and prints what it cost:
//! `cargo run --release --example scan -- [--plain] [--pilot] FILE...`

#![allow(clippy::print_stdout)]

use std::time::Instant;

use arrow_schema::DataType;
use driftguard_data::{DataError, OpenOptions, ReadRequest, Source};

fn main() -> Result<(), DataError> {
    let (flags, inputs): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|word| word.starts_with("--"));
    let has = |flag: &str| flags.iter().any(|word| word == flag);
    let start = Instant::now();
    let source = Source::open(&inputs, &OpenOptions::default())?;
    println!(
        "{}: opened in {:.3} s",
        source.describe(),
        start.elapsed().as_secs_f64()
    );
    let start = Instant::now();
    if has("--pilot") {
        let pilot = source.pilot(50_000)?;
        println!(
            "pilot of {} rows in {:.3} s",
            pilot.num_rows(),
            start.elapsed().as_secs_f64()
        );
        return Ok(());
    }
    let names: Vec<String> = source
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    let dictionary = if has("--plain") {
        Default::default()
    } else {
        names.iter().cloned().collect()
    };
    let request = ReadRequest {
        columns: names,
        dictionary,
        ..ReadRequest::default()
    };
    let (mut rows, mut batches, mut coded) = (0, 0, 0);
    let tasks = source.tasks();
    for task in &tasks {
        for batch in source.read(task, &request)? {
            let batch = batch?.batch;
            rows += batch.num_rows();
            batches += 1;
            coded += batch
                .columns()
                .iter()
                .filter(|array| matches!(array.data_type(), DataType::Dictionary(..)))
                .count();
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{rows} rows, {} tasks, {batches} batches, {coded} dictionary arrays in {seconds:.3} s",
        tasks.len()
    );
    Ok(())
}
