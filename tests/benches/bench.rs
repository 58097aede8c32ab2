//! Data for the benchmarks, and the floor they are measured against.
//!
//! `bench generate FOLDER ROWS` writes `reference.parquet` and
//! `current.parquet` (20 float64 and 10 string columns, zstd, 1,048,576 rows a
//! row group as pyarrow writes them; 7 of 30 columns drift).
//! `bench generate-baseline FOLDER ROWS` writes `reference.parquet`, as much
//! again that did not drift (`unchanged.parquet`) and that did
//! (`current.parquet`), and a sixtieth of it (`period.parquet`, which did not).
//! `bench decode FILE ...` streams the files through the parquet crate, two
//! threads, and does nothing with the rows: the floor.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

const NUMERIC: usize = 20;
const CATEGORICAL: usize = 10;
const GROUP: usize = 1 << 20;
const BATCH: usize = 65_536;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["generate", folder, rows] => {
            let rows: usize = rows.parse()?;
            std::fs::create_dir_all(folder)?;
            write(&Path::new(folder).join("reference.parquet"), rows, 1, false)?;
            write(&Path::new(folder).join("current.parquet"), rows, 2, true)
        }
        ["generate-baseline", folder, rows] => {
            let rows: usize = rows.parse()?;
            std::fs::create_dir_all(folder)?;
            let file = |name: &str| Path::new(folder).join(name).with_extension("parquet");
            write(&file("reference"), rows, 1, false)?;
            write(&file("unchanged"), rows, 3, false)?;
            write(&file("current"), rows, 2, true)?;
            write(&file("period"), rows / 60, 4, false)
        }
        ["decode", files @ ..] if !files.is_empty() => decode(files),
        _ => Err(
            "usage: bench generate | generate-baseline FOLDER ROWS, bench decode FILE ...".into(),
        ),
    }
}

/// SplitMix64: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller's normal deviate.
    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn write(path: &Path, rows: usize, seed: u64, drifts: bool) -> Result<(), Box<dyn Error>> {
    let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let mut fields: Vec<Field> = (0..NUMERIC)
        .map(|i| Field::new(format!("num_{i:02}"), DataType::Float64, true))
        .collect();
    fields.extend((0..CATEGORICAL).map(|i| Field::new(format!("cat_{i:02}"), text.clone(), true)));
    let schema = Arc::new(Schema::new(fields));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP))
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path)?, schema.clone(), Some(properties))?;
    let mut random = Random(seed);
    let mut left = rows;
    while left > 0 {
        let count = left.min(BATCH);
        let mut columns: Vec<ArrayRef> = (0..NUMERIC)
            .map(|i| numeric(&mut random, i, count, drifts))
            .collect();
        columns.extend((0..CATEGORICAL).map(|i| categorical(&mut random, i, count, drifts)));
        writer.write(&RecordBatch::try_new(schema.clone(), columns)?)?;
        left -= count;
    }
    writer.close()?;
    Ok(())
}

/// Normal, log-normal, discrete and partly null columns; the first four drift.
fn numeric(random: &mut Random, column: usize, rows: usize, drifts: bool) -> ArrayRef {
    let values = (0..rows).map(|_| {
        let mut value = random.normal();
        match column % 5 {
            1 => value = (value * 0.8).exp() * 100.0,
            2 => value = (value * 20.0 + 100.0).round(),
            _ => {}
        }
        let nulls = if column == 3 && drifts { 0.10 } else { 0.02 };
        match column {
            0 if drifts => value += 0.3,
            1 if drifts => value *= 1.4,
            2 if drifts => value += 5.0,
            _ => {}
        }
        (column % 5 != 3 || random.uniform() >= nulls).then_some(value)
    });
    Arc::new(values.collect::<Float64Array>())
}

/// Skewed categories, 4 to 2,000 values; the first three drift.
fn categorical(random: &mut Random, column: usize, rows: usize, drifts: bool) -> ArrayRef {
    let size = [4, 12, 50, 6, 300, 20, 8, 2000, 30, 3][column % 10];
    let shift = drifts && column < 3;
    let keys = (0..rows).map(|_| {
        let power = if shift { 1.5 } else { 2.0 };
        ((random.uniform().powf(power) * size as f64) as i32).min(size - 1)
    });
    let keys: Int32Array = keys.collect();
    let values: StringArray = (0..size)
        .map(|value| Some(format!("value_{column}_{value:04}")))
        .collect();
    match DictionaryArray::<Int32Type>::try_new(keys, Arc::new(values)) {
        Ok(array) => Arc::new(array),
        Err(error) => unreachable!("keys are below the size: {error}"),
    }
}

/// Every row group of every file, strings as dictionaries, two threads.
fn decode(files: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut groups = vec![];
    for file in files {
        let opened = File::open(file)?;
        let plain = ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new())?;
        let fields = plain.schema().fields().iter().map(|field| {
            let text = matches!(
                field.data_type(),
                DataType::Utf8 | DataType::Dictionary(_, _)
            );
            let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            let kind = if text {
                coded
            } else {
                field.data_type().clone()
            };
            Field::new(field.name(), kind, true)
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let metadata =
            ArrowReaderMetadata::load(&opened, ArrowReaderOptions::new().with_schema(schema))?;
        groups.extend(
            (0..metadata.metadata().num_row_groups())
                .map(|group| (file.to_string(), metadata.clone(), group)),
        );
    }
    let (next, rows) = (AtomicUsize::new(0), AtomicU64::new(0));
    let work = || -> Result<(), String> {
        while let Some((file, metadata, group)) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            let file = File::open(file).map_err(|error| error.to_string())?;
            let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone())
                .with_row_groups(vec![*group])
                .with_batch_size(BATCH)
                .build()
                .map_err(|error| error.to_string())?;
            for batch in reader {
                rows.fetch_add(
                    batch.map_err(|error| error.to_string())?.num_rows() as u64,
                    Ordering::Relaxed,
                );
            }
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let second = scope.spawn(work);
        work()?;
        second.join().map_err(|_| "a thread panicked".to_owned())?
    })?;
    #[expect(clippy::print_stdout, reason = "a program for the terminal")]
    {
        println!("{} rows", rows.load(Ordering::Relaxed));
    }
    Ok(())
}
