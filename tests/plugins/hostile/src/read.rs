//! Attacks through a batch. What the host answered goes into the error text,
//! which is the only way for a test to see it.

use std::cell::RefCell;
use std::fmt::Debug;

use driftguard_sdk::bindings::driftguard::check::data::DataError;
use driftguard_sdk::bindings::driftguard::check::types::PluginError;
use driftguard_sdk::prelude::Batch;

/// Names of the attacks of this module.
pub const ATTACKS: [&str; 15] = [
    "beyond-grant",
    "keep-batch",
    "leak-batches",
    "window",
    "kinds",
    "edges",
    "edges-giant",
    "edges-without-end",
    "sample",
    "categories",
    "categories-wide",
    "repeat-columns",
    "kernels-without-end",
    "strings",
    "ipc",
];

/// Rising edges that differ with `turn`.
fn edges(count: u32, turn: u32) -> Vec<f64> {
    (0..count)
        .map(|edge| f64::from(edge) + f64::from(turn) * 1e-6)
        .collect()
}

thread_local! {
    /// Batches whose calls are over.
    static KEPT: RefCell<Vec<Batch>> = const { RefCell::new(vec![]) };
}

/// Carries out an attack of this module; does nothing for any other name.
///
/// # Errors
/// With what the host answered.
pub fn strike(attack: &str, batch: Batch) -> Result<(), PluginError> {
    let rows = batch.rows();
    match attack {
        "beyond-grant" => report(everything(&batch, 1)),
        "keep-batch" => keep(batch),
        "leak-batches" => {
            std::mem::forget(batch);
            Ok(())
        }
        "window" => report(windows(&batch, rows)),
        "kinds" => report(everything(&batch, 0)),
        "edges" => report(vec![
            said("NaN", batch.histogram(0, &[0.0, f64::NAN])),
            said("infinite", batch.histogram(0, &[0.0, f64::INFINITY])),
            said("falling", batch.histogram(0, &[1.0, 0.0])),
            said("equal", batch.histogram(0, &[1.0, 1.0])),
            said("many", batch.histogram(0, &edges(1_000_000, 0))),
            said("bins, falling", batch.bins(0, &[1.0, 0.0])),
            said("bins, 254", batch.bins(0, &edges(254, 0))),
            said("bins, 255", batch.bins(0, &edges(255, 0))),
            said("bins, many", batch.bins(0, &edges(1_000_000, 0))),
        ]),
        "edges-giant" => report(vec![said(
            "giant",
            batch.histogram(0, &edges(10_000_000, 0)),
        )]),
        "edges-without-end" => loop_edges(&batch),
        "sample" => report(vec![
            said("8193", batch.sample(0, 8193, u64::MAX)),
            said("all", batch.sample(0, u32::MAX, u64::MAX)),
        ]),
        "categories" => {
            let all = batch.categories(0, &[], u32::MAX);
            report(vec![said("all", all.map(|counts| counts.others.len()))])
        }
        "categories-wide" => {
            let known: Vec<String> = (0..100_000).map(|value| value.to_string()).collect();
            report(vec![said("wide", batch.categories(0, &known, 1))])
        }
        "repeat-columns" => {
            let columns = vec![0; 1_000_000];
            report(vec![
                said("row-hashes", batch.row_hashes(&columns)),
                said("ipc", batch.ipc(&columns)),
            ])
        }
        "kernels-without-end" => loop {
            batch
                .summary(0)
                .map_err(|error| bad(format!("{error:?}")))?;
        },
        "strings" => report(vec![said("strings", batch.strings(0, 0, rows))]),
        "ipc" => report(vec![said("ipc", batch.ipc(&[0]))]),
        _ => Ok(()),
    }
}

/// New edges at each turn, as many as the host allows: whatever it keeps of
/// them grows.
fn loop_edges(batch: &Batch) -> Result<(), PluginError> {
    for turn in 0.. {
        batch
            .histogram(0, &edges(60_000, turn))
            .map_err(|error| bad(format!("{error:?}")))?;
    }
    Ok(())
}

/// The first batch is kept; at the second call the kept one is used.
fn keep(batch: Batch) -> Result<(), PluginError> {
    KEPT.with_borrow_mut(|kept| {
        let Some(first) = kept.first() else {
            kept.push(batch);
            return Ok(());
        };
        let mut answers = vec![
            format!("rows: {}", first.rows()),
            format!("first-row: {}", first.first_row()),
            format!("columns: {}", first.columns().len()),
        ];
        answers.extend(everything(first, 0));
        report(answers)
    })
}

/// Every function that answers from a column, on one column.
fn everything(batch: &Batch, column: u32) -> Vec<String> {
    vec![
        said("validity", batch.validity(column, 0, 1)),
        said("floats", batch.floats(column, 0, 1)),
        said("integers", batch.integers(column, 0, 1)),
        said("booleans", batch.booleans(column, 0, 1)),
        said("strings", batch.strings(column, 0, 1)),
        said("dictionary", batch.dictionary(column, 0, 1)),
        said("timestamps", batch.timestamps(column, 0, 1)),
        said("embedding", batch.embedding(column, 0, 1)),
        said("ipc", batch.ipc(&[column])),
        said("summary", batch.summary(column)),
        said("histogram", batch.histogram(column, &[0.0])),
        said("bins", batch.bins(column, &[0.0])),
        said("categories", batch.categories(column, &[], 1)),
        said("runs", batch.runs(column)),
        said("sample", batch.sample(column, 1, u64::MAX)),
        said("row-hashes", batch.row_hashes(&[column])),
    ]
}

fn windows(batch: &Batch, rows: u32) -> Vec<String> {
    vec![
        said("validity", batch.validity(0, rows, 1)),
        said("floats", batch.floats(0, rows - 1, 2)),
        said("integers", batch.integers(0, u32::MAX, u32::MAX)),
        said("booleans", batch.booleans(0, 0, rows + 1)),
        said("strings", batch.strings(0, u32::MAX, 1)),
        said("dictionary", batch.dictionary(0, 1, u32::MAX)),
        said("timestamps", batch.timestamps(0, rows + 1, 0)),
        said("embedding", batch.embedding(0, 0, u32::MAX)),
    ]
}

/// The host's refusal; an answer is not repeated: that there is one says all.
fn said<T>(what: &str, answer: Result<T, DataError>) -> String
where
    T: Debug,
{
    match answer {
        Ok(_) => format!("{what}: answered"),
        Err(DataError::NoSuchColumn(column)) => format!("{what}: no column {column}"),
        Err(DataError::TooLarge(bytes)) => format!("{what}: {bytes} bytes are too many"),
        Err(DataError::WrongKind(text)) => format!("{what}: wrong kind, {text}"),
        Err(DataError::OutOfRange(text)) => format!("{what}: out of range, {text}"),
        Err(DataError::BadArgument(text)) => format!("{what}: bad argument, {text}"),
    }
}

fn report(answers: Vec<String>) -> Result<(), PluginError> {
    Err(bad(answers.join(" | ")))
}

fn bad(text: String) -> PluginError {
    PluginError::BadData(text)
}
