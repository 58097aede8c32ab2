//! Arrow IPC: the file format (a footer, any batch by number) and the stream
//! format (from the start only).

use std::io::BufReader;
use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_cast::cast;
use arrow_ipc::reader::{FileReaderBuilder, StreamReader};
use arrow_schema::{ArrowError, DataType, Schema};

use super::ipc_index::Index;
use super::{Batches, Wanted};
use crate::bytes::{Blob, Cursor};
use crate::error::DataError;
use crate::guarded::guarded;
use crate::schema::{normal, normal_type};

/// An Arrow IPC file or stream whose headers were read and found sane.
#[derive(Debug, Clone)]
pub(crate) struct IpcBody {
    stream: bool,
    stored: Schema,
    schema: Schema,
    /// First row of each batch, and the number of rows at the end.
    starts: Vec<u64>,
}

type Reader = Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>> + Send>;

fn damaged(blob: &Blob, place: &str, reason: impl ToString) -> DataError {
    DataError::Damaged {
        path: blob.name.clone(),
        format: "Arrow IPC",
        place: place.to_owned(),
        reason: reason.to_string(),
    }
}

impl IpcBody {
    /// Reads and checks all headers.
    pub fn open(blob: &Blob, stream: bool) -> Result<Self, DataError> {
        let handle = blob.open()?;
        let index = Index {
            blob,
            handle: &handle,
        };
        let batches = if stream {
            index.stream()?
        } else {
            index.file()?
        };
        let mut starts = vec![0_u64];
        for rows in batches {
            let next = starts
                .last()
                .and_then(|last| last.checked_add(rows))
                .filter(|total| *total < 1 << 56);
            starts.push(next.ok_or_else(|| damaged(blob, "the headers", "the rows overflow"))?);
        }
        let stored = Self::schema_of(blob, stream)?;
        Ok(Self {
            stream,
            schema: normal(&stored),
            stored,
            starts,
        })
    }

    fn schema_of(blob: &Blob, stream: bool) -> Result<Schema, DataError> {
        let cursor = BufReader::new(blob.open()?.cursor(0));
        let read = || {
            Ok::<_, ArrowError>(if stream {
                StreamReader::try_new(cursor, None)?.schema()
            } else {
                FileReaderBuilder::new().build(cursor)?.schema()
            })
        };
        let schema = guarded(read).map_err(|reason| damaged(blob, "the schema", reason))?;
        schema
            .map(|schema| schema.as_ref().clone())
            .map_err(|error| damaged(blob, "the schema", error))
    }

    /// The table's schema, strings plain.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Rows at which reading may start cheaply.
    pub fn cuts(&self) -> Vec<u64> {
        let batches = if self.stream {
            1
        } else {
            self.starts.len() - 1
        };
        self.starts.iter().take(batches).copied().collect()
    }

    /// Streams a range of rows.
    pub fn read(
        &self,
        blob: &Blob,
        rows: Range<u64>,
        wanted: &Wanted,
    ) -> Result<Batches, DataError> {
        // A file starts at the batch that holds the first row.
        let batch = if self.stream {
            0
        } else {
            self.starts
                .partition_point(|start| *start <= rows.start)
                .saturating_sub(1)
        };
        let first = self.starts.get(batch).copied().unwrap_or(0);
        let cursor = BufReader::new(blob.open()?.cursor(0));
        let columns = wanted.columns.clone();
        let open = || self.reader(cursor, columns, batch);
        let reader = guarded(open)
            .map_err(|reason| damaged(blob, "the headers", reason))?
            .map_err(|error| damaged(blob, "the headers", error))?;
        Ok(Box::new(IpcBatches {
            blob: blob.clone(),
            reader,
            skip: rows.start - first,
            take: rows.end - rows.start,
            pending: None,
            wanted: wanted.clone(),
            order: order(&wanted.columns),
        }))
    }

    fn reader(
        &self,
        cursor: BufReader<Cursor>,
        columns: Vec<usize>,
        batch: usize,
    ) -> Result<Reader, ArrowError> {
        let mut sorted = columns;
        sorted.sort_unstable();
        // The decoder drops the number of rows of a batch without columns.
        if sorted.is_empty() && !self.stored.fields().is_empty() {
            sorted.push(0);
        }
        if self.stream {
            return Ok(Box::new(StreamReader::try_new(cursor, Some(sorted))?));
        }
        let mut reader = FileReaderBuilder::new()
            .with_projection(sorted)
            .build(cursor)?;
        if batch < reader.num_batches() {
            reader.set_index(batch)?;
        }
        Ok(Box::new(reader))
    }
}

/// For each wanted column its place among the sorted ones.
fn order(columns: &[usize]) -> Vec<usize> {
    let mut sorted = columns.to_vec();
    sorted.sort_unstable();
    columns
        .iter()
        .map(|column| sorted.binary_search(column).unwrap_or(0))
        .collect()
}

struct IpcBatches {
    blob: Blob,
    reader: Reader,
    skip: u64,
    take: u64,
    /// What is left of a batch larger than wanted.
    pending: Option<RecordBatch>,
    wanted: Wanted,
    order: Vec<usize>,
}

impl Iterator for IpcBatches {
    type Item = Result<RecordBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.take = 0;
        }
        next.transpose()
    }
}

impl IpcBatches {
    fn advance(&mut self) -> Result<Option<RecordBatch>, DataError> {
        while self.take > 0 {
            let Some(batch) = self.pending.take() else {
                self.pending = Some(self.decoded()?);
                continue;
            };
            let rows = batch.num_rows();
            let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rows);
            self.skip -= skip as u64;
            let left = usize::try_from(self.take).unwrap_or(usize::MAX);
            let length = (rows - skip).min(left).min(self.wanted.batch_rows);
            if skip + length < rows {
                self.pending = Some(batch.slice(skip + length, rows - skip - length));
            }
            if length > 0 {
                self.take -= length as u64;
                return Ok(Some(batch.slice(skip, length)));
            }
        }
        Ok(None)
    }

    fn decoded(&mut self) -> Result<RecordBatch, DataError> {
        let place = format!("a batch with {} rows still due", self.take);
        let next =
            guarded(|| self.reader.next()).map_err(|reason| damaged(&self.blob, &place, reason))?;
        let batch = next
            .transpose()
            .map_err(|error| damaged(&self.blob, &place, error))?
            .ok_or_else(|| damaged(&self.blob, &place, "the data ends early"))?;
        let arrange = || -> Result<RecordBatch, String> {
            let mut arrays = Vec::with_capacity(self.order.len());
            for (at, dictionary) in self.order.iter().zip(&self.wanted.dictionary) {
                let array = batch
                    .columns()
                    .get(*at)
                    .ok_or_else(|| "a column is missing".to_owned())?;
                arrays.push(plain(array, *dictionary)?);
            }
            self.wanted.batch(arrays, batch.num_rows())
        };
        guarded(arrange)
            .and_then(|done| done)
            .map_err(|reason| damaged(&self.blob, &place, reason))
    }
}

/// Strings as `Utf8`; dictionaries of strings kept where wanted.
fn plain(array: &ArrayRef, dictionary: bool) -> Result<ArrayRef, String> {
    let stored = array.data_type();
    let mut wanted = normal_type(stored);
    if dictionary && wanted == DataType::Utf8 && matches!(stored, DataType::Dictionary(..)) {
        wanted = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    }
    if *stored == wanted {
        return Ok(ArrayRef::clone(array));
    }
    cast(array, &wanted).map_err(|error| error.to_string())
}
