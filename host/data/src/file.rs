//! One file of any format behind one face: rows, schema, any range of rows.

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use crate::bytes::Blob;
use crate::error::DataError;
use crate::formats::csv::CsvBody;
use crate::formats::ipc::IpcBody;
use crate::formats::json::JsonBody;
use crate::formats::parquet::ParquetBody;
use crate::formats::{Batches, Wanted};
use crate::limits::{CHECKPOINT_ROWS, TASK_ROWS};
use crate::schema::{checked, difference};
use crate::sniff::{Format, sniff};

/// What is known of a file, by format.
#[derive(Debug, Clone)]
pub(crate) enum Body {
    Parquet(ParquetBody),
    Csv(CsvBody),
    Json(JsonBody),
    Ipc(IpcBody),
}

/// A file that was opened once and found sane.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    pub blob: Blob,
    pub body: Body,
}

impl DataFile {
    /// Finds the format and surveys the file.
    pub fn open(blob: Blob, delimiter: Option<u8>) -> Result<Self, DataError> {
        let body = match sniff(&blob, delimiter)? {
            Format::Parquet => Body::Parquet(ParquetBody::open(&blob)?),
            Format::IpcFile => Body::Ipc(IpcBody::open(&blob, false)?),
            Format::IpcStream => Body::Ipc(IpcBody::open(&blob, true)?),
            Format::Csv { gzip, delimiter } => Body::Csv(CsvBody::survey(&blob, gzip, delimiter)?),
            Format::Json { gzip } => Body::Json(JsonBody::survey(&blob, gzip)?),
        };
        let file = Self { blob, body };
        checked(&file.blob.name, &file.schema())?;
        Ok(file)
    }

    /// The format in words.
    pub fn format(&self) -> &'static str {
        match self.body {
            Body::Parquet(_) => "Parquet",
            Body::Csv(_) => "CSV",
            Body::Json(_) => "JSON lines",
            Body::Ipc(_) => "Arrow IPC",
        }
    }

    /// The schema of this file alone.
    pub fn schema(&self) -> Schema {
        match &self.body {
            Body::Parquet(body) => body.schema().clone(),
            Body::Csv(body) => body.schema(),
            Body::Json(body) => body.schema(),
            Body::Ipc(body) => body.schema().clone(),
        }
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        match &self.body {
            Body::Parquet(body) => body.rows(),
            Body::Csv(body) => body.rows,
            Body::Json(body) => body.rows,
            Body::Ipc(body) => body.rows(),
        }
    }

    /// Whether reading a late row is much cheaper than reading all before it.
    fn seeks(&self) -> bool {
        self.cuts().len() > 1 || self.rows() <= CHECKPOINT_ROWS
    }

    fn cuts(&self) -> Vec<u64> {
        match &self.body {
            Body::Parquet(body) => body.cuts(),
            Body::Csv(body) => body.cuts(),
            Body::Json(body) => body.cuts(),
            Body::Ipc(body) => body.cuts(),
        }
    }

    /// The file as ranges of at least [`TASK_ROWS`] rows (the last may be
    /// smaller), cut where reading may start cheaply.
    pub fn ranges(&self) -> Vec<Range<u64>> {
        let rows = self.rows();
        let mut ranges = Vec::new();
        let mut start = 0;
        for cut in self.cuts() {
            if cut - start >= TASK_ROWS {
                ranges.push(start..cut);
                start = cut;
            }
        }
        if rows > start {
            ranges.push(start..rows);
        }
        ranges
    }

    /// Streams a range of rows.
    pub fn read(&self, rows: Range<u64>, wanted: &Wanted) -> Result<Batches, DataError> {
        let rows = rows.start.min(self.rows())..rows.end.min(self.rows());
        match &self.body {
            Body::Parquet(body) => body.read(&self.blob, &[rows], wanted),
            Body::Csv(body) => body.read(&self.blob, rows, wanted),
            Body::Json(body) => body.read(&self.blob, rows, wanted),
            Body::Ipc(body) => body.read(&self.blob, rows, wanted),
        }
    }

    /// Streams ranges of rows that are apart and in order, each page and each
    /// dictionary decoded once. Where a batch begins and ends says nothing
    /// about the ranges.
    pub fn pick(&self, ranges: &[Range<u64>], wanted: &Wanted) -> Result<Batches, DataError> {
        if let Body::Parquet(body) = &self.body {
            return body.read(&self.blob, ranges, wanted);
        }
        let (Some(first), Some(last)) = (ranges.first(), ranges.last()) else {
            return Ok(Box::new(std::iter::empty()));
        };
        if self.seeks() {
            let reads = ranges.iter().map(|range| self.read(range.clone(), wanted));
            let reads = reads.collect::<Result<Vec<_>, _>>()?;
            return Ok(Box::new(reads.into_iter().flatten()));
        }
        let mut start = first.start;
        let ranges = ranges.to_vec();
        let all = self.read(start..last.end, wanted)?;
        Ok(Box::new(all.flat_map(move |batch| {
            let rows = batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
            let end = start + rows;
            let parts = match batch {
                Ok(batch) => cut(&batch, start..end, &ranges)
                    .into_iter()
                    .map(Ok)
                    .collect(),
                Err(error) => vec![Err(error)],
            };
            start = end;
            parts
        })))
    }
}

/// The parts of a batch, whose rows are `rows`, that lie in the ranges.
fn cut(batch: &RecordBatch, rows: Range<u64>, ranges: &[Range<u64>]) -> Vec<RecordBatch> {
    let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let inside = |range: &Range<u64>| rows.start.max(range.start)..rows.end.min(range.end);
    let parts = ranges
        .iter()
        .map(inside)
        .filter(|part| part.start < part.end);
    parts
        .map(|part| batch.slice(index(part.start - rows.start), index(part.end - part.start)))
        .collect()
}

/// Gives the files of one side one schema. Types of CSV and JSON lines are
/// learnt, so what all files hold decides; JSON keys of one file only are null
/// in the others. Everything else must agree.
pub(crate) fn unify(files: &mut [DataFile]) -> Result<Schema, DataError> {
    unify_csv(files)?;
    unify_json(files)?;
    let (first, rest) = files.split_first().ok_or(DataError::NoInput)?;
    let schema = first.schema();
    checked(&first.blob.name, &schema)?;
    for other in rest {
        if let Some(difference) = difference(&schema, &other.schema()) {
            return Err(differ(first, other, difference));
        }
    }
    Ok(schema)
}

fn differ(first: &DataFile, second: &DataFile, difference: String) -> DataError {
    DataError::SchemasDiffer {
        first: first.blob.name.clone(),
        second: second.blob.name.clone(),
        difference,
    }
}

fn unify_csv(files: &mut [DataFile]) -> Result<(), DataError> {
    let mut first: Option<&DataFile> = None;
    let mut merged = Vec::new();
    for file in files.iter() {
        let Body::Csv(body) = &file.body else {
            continue;
        };
        match first {
            None => merged = body.seen.clone(),
            Some(first) => {
                let untyped = |file: &DataFile| {
                    let schema = file.schema();
                    let fields = schema.fields().iter().map(|field| {
                        field
                            .as_ref()
                            .clone()
                            .with_data_type(arrow_schema::DataType::Null)
                    });
                    Schema::new(fields.collect::<Vec<_>>())
                };
                if let Some(difference) = difference(&untyped(first), &untyped(file)) {
                    return Err(differ(first, file, difference));
                }
                for (mine, other) in merged.iter_mut().zip(&body.seen) {
                    *mine = mine.or(*other);
                }
            }
        }
        first = first.or(Some(file));
    }
    for file in files {
        if let Body::Csv(body) = &mut file.body {
            body.seen.clone_from(&merged);
        }
    }
    Ok(())
}

fn unify_json(files: &mut [DataFile]) -> Result<(), DataError> {
    let mut first: Option<&DataFile> = None;
    let mut merged = None;
    for file in files.iter() {
        let Body::Json(body) = &file.body else {
            continue;
        };
        let shape = merged.get_or_insert_with(|| body.shape.clone());
        if let Some(first) = first {
            shape.merge(&body.shape).map_err(|conflict| {
                let words = format!(
                    "{:?} is {} in the first and {} in the second",
                    conflict.key, conflict.before, conflict.found
                );
                differ(first, file, words)
            })?;
        }
        first = first.or(Some(file));
    }
    if let Some(shape) = merged {
        for file in files {
            if let Body::Json(body) = &mut file.body {
                body.shape.clone_from(&shape);
            }
        }
    }
    Ok(())
}
