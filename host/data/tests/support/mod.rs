//! Small files of every format, written into a folder that goes away.

#![allow(dead_code)]

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_select::concat::concat_batches;
use driftguard_data::{DataError, OpenOptions, ReadRequest, Source};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

/// A temporary folder.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub fn text(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::create_dir_all(std::path::Path::new(&path).parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn gzip(&self, name: &str, text: &str) -> String {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        self.text(name, packed.finish().unwrap())
    }

    pub fn parquet(&self, name: &str, batch: &RecordBatch, group_rows: usize) -> String {
        let path = self.path(name);
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(group_rows))
            .set_data_page_row_count_limit(500)
            .build();
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
        writer.write(batch).unwrap();
        writer.close().unwrap();
        path
    }

    pub fn arrow_file(&self, name: &str, batches: &[RecordBatch]) -> String {
        let path = self.path(name);
        let file = File::create(&path).unwrap();
        let mut writer = FileWriter::try_new(file, &batches[0].schema()).unwrap();
        batches
            .iter()
            .for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
        path
    }

    pub fn arrow_stream(&self, name: &str, batches: &[RecordBatch]) -> String {
        let path = self.path(name);
        let file = File::create(&path).unwrap();
        let mut writer = StreamWriter::try_new(file, &batches[0].schema()).unwrap();
        batches
            .iter()
            .for_each(|batch| writer.write(batch).unwrap());
        writer.finish().unwrap();
        path
    }

    /// The message of an error with this folder taken out.
    pub fn words(&self, error: &DataError) -> String {
        let path = self.0.path().display().to_string();
        error.to_string().replace(&path, "FOLDER")
    }
}

/// Rows `from..to` of an endless table: a number, a fraction with nulls, a
/// word of `words`.
pub fn table(from: usize, to: usize, words: usize) -> RecordBatch {
    let rows = from..to;
    let fraction = |row: usize| (!row.is_multiple_of(7)).then_some(row as f64 + 0.5);
    let columns: [(&str, ArrayRef); 3] = [
        (
            "row",
            Arc::new(rows.clone().map(|row| row as i64).collect::<Int64Array>()),
        ),
        (
            "fraction",
            Arc::new(rows.clone().map(fraction).collect::<Float64Array>()),
        ),
        (
            "word",
            Arc::new(
                rows.map(|row| Some(format!("w{}", row % words)))
                    .collect::<StringArray>(),
            ),
        ),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

pub fn csv(batch: &RecordBatch, header: bool) -> String {
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int64Type};
    let mut text = if header {
        "row,fraction,word\n".to_owned()
    } else {
        String::new()
    };
    let row = batch.column(0).as_primitive::<Int64Type>();
    let fraction = batch.column(1).as_primitive::<Float64Type>();
    let word = batch.column(2).as_string::<i32>();
    for at in 0..batch.num_rows() {
        let middle = fraction
            .iter()
            .nth(at)
            .unwrap()
            .map(|value| value.to_string())
            .unwrap_or_default();
        text.push_str(&format!("{},{middle},{}\n", row.value(at), word.value(at)));
    }
    text
}

pub fn open(inputs: &[&str]) -> Result<Source, DataError> {
    let inputs: Vec<String> = inputs.iter().map(|input| (*input).to_owned()).collect();
    Source::open(&inputs, &OpenOptions::default())
}

pub fn all_columns(source: &Source) -> ReadRequest {
    let columns = source
        .schema()
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    ReadRequest {
        columns,
        ..ReadRequest::default()
    }
}

/// Everything a source holds, with positions checked on the way.
pub fn everything(source: &Source, request: &ReadRequest) -> Result<RecordBatch, DataError> {
    let mut batches = Vec::new();
    let mut next = 0;
    for task in source.tasks() {
        assert_eq!(task.first_row(), next, "tasks follow each other");
        for rows in source.read(&task, request)? {
            let rows = rows?;
            assert!(rows.batch.num_rows() > 0 && rows.batch.num_rows() <= request.batch_rows);
            if source.rows().is_some() {
                assert_eq!(rows.first_row, next, "batches follow each other");
            }
            next = rows.first_row + rows.batch.num_rows() as u64;
            batches.push(rows.batch);
        }
        next = task.first_row() + task.rows();
    }
    let schema = batches
        .first()
        .map_or_else(|| Arc::clone(source.schema()), |batch| batch.schema());
    Ok(concat_batches(&schema, &batches).unwrap())
}
