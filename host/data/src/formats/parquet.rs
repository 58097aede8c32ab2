//! Parquet: any range of rows, skipped pages are not decoded.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
    ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::basic::Encoding;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData, ParquetStatisticsPolicy};

use super::{Batches, Wanted};
use crate::bytes::{Blob, Handle, unreadable};
use crate::error::DataError;
use crate::guarded::guarded;
use crate::limits::{MAX_METADATA_BYTES, SMALL_ROW_GROUP, TASK_ROWS};
use crate::schema::normal_type;

/// A Parquet file whose footer was read and found sane.
#[derive(Debug, Clone)]
pub(crate) struct ParquetBody {
    metadata: ArrowReaderMetadata,
    /// First row of each row group, and the number of rows at the end.
    starts: Vec<u64>,
}

fn options() -> ArrowReaderOptions {
    // Minima and maxima of columns are not used and can be large.
    ArrowReaderOptions::new().with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
}

fn damaged(path: &str, place: &str, reason: impl ToString) -> DataError {
    DataError::Damaged {
        path: path.to_owned(),
        format: "Parquet",
        place: place.to_owned(),
        reason: reason.to_string(),
    }
}

impl ParquetBody {
    /// Reads and checks the footer.
    pub fn open(blob: &Blob) -> Result<Self, DataError> {
        let handle = blob.open()?;
        footer(blob, &handle)?;
        let load = || {
            let stored = ArrowReaderMetadata::load(&handle, options())?;
            let plain = retyped(stored.schema(), |_, kind| normal_type(kind));
            ArrowReaderMetadata::try_new(
                Arc::clone(stored.metadata()),
                options().with_schema(Arc::new(plain)),
            )
        };
        let metadata = guarded(load)
            .map_err(|reason| damaged(&blob.name, "the footer", reason))?
            .map_err(|error| damaged(&blob.name, "the footer", error))?;
        let starts = starts(blob, metadata.metadata())?;
        Ok(Self { metadata, starts })
    }

    /// The table's schema, strings plain.
    pub fn schema(&self) -> &Schema {
        self.metadata.schema()
    }

    /// Rows of the file.
    pub fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Rows at which reading may start cheaply: row groups, and places inside
    /// large ones (pages before them are skipped, not decoded).
    pub fn cuts(&self) -> Vec<u64> {
        let mut cuts = Vec::new();
        for pair in self.starts.windows(2) {
            let [start, end] = *pair else { continue };
            let pieces = ((end - start) / TASK_ROWS).max(1);
            cuts.extend((0..pieces).map(|piece| start + piece * TASK_ROWS));
        }
        cuts
    }

    /// Streams ranges of rows, in order and apart.
    pub fn read(
        &self,
        blob: &Blob,
        ranges: &[Range<u64>],
        wanted: &Wanted,
    ) -> Result<Batches, DataError> {
        Ok(Box::new(ParquetBatches {
            name: blob.name.clone(),
            handle: blob.open()?,
            body: self.clone(),
            wanted: wanted.clone(),
            pieces: self.pieces(ranges),
            current: None,
        }))
    }

    /// Row groups of the ranges, each large one by itself: a dictionary
    /// belongs to one row group, and a batch over two would have to be encoded
    /// anew.
    fn pieces(&self, ranges: &[Range<u64>]) -> VecDeque<Piece> {
        let mut pieces: VecDeque<Piece> = VecDeque::new();
        for (group, pair) in self.starts.windows(2).enumerate() {
            let [start, end] = *pair else { continue };
            let inside = |range: &Range<u64>| start.max(range.start)..end.min(range.end);
            let parts = ranges
                .iter()
                .map(inside)
                .filter(|part| part.start < part.end);
            let parts: Vec<Range<u64>> = parts.collect();
            let Some(first) = parts.first() else { continue };
            let small = end - start < SMALL_ROW_GROUP;
            if !pieces.back().is_some_and(|last| last.small && small) {
                pieces.push_back(Piece {
                    groups: Vec::new(),
                    small,
                    rows: 0,
                    parts: Vec::new(),
                    first: first.start,
                });
            }
            if let Some(piece) = pieces.back_mut() {
                piece.groups.push(group);
                let local = |row: u64| to_usize(piece.rows + row - start);
                let parts = parts.iter().map(|part| local(part.start)..local(part.end));
                piece.parts.extend(parts.collect::<Vec<_>>());
                piece.rows += end - start;
            }
        }
        pieces
    }
}

fn to_usize(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// Row groups that one decoder reads.
#[derive(Debug)]
struct Piece {
    groups: Vec<usize>,
    small: bool,
    /// Rows of these groups.
    rows: u64,
    /// Rows wanted, counted from the first row of the first group.
    parts: Vec<Range<usize>>,
    /// Position in the file of the first row wanted.
    first: u64,
}

impl Piece {
    fn take(&self) -> u64 {
        self.parts
            .iter()
            .map(|part| (part.end - part.start) as u64)
            .sum()
    }
}

struct Open {
    reader: ParquetRecordBatchReader,
    /// Rows still due; a file that yields fewer is damaged.
    due: u64,
    place: String,
}

struct ParquetBatches {
    name: String,
    handle: Handle,
    body: ParquetBody,
    wanted: Wanted,
    pieces: VecDeque<Piece>,
    current: Option<Open>,
}

impl Iterator for ParquetBatches {
    type Item = Result<RecordBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.pieces.clear();
            self.current = None;
        }
        next.transpose()
    }
}

impl ParquetBatches {
    fn advance(&mut self) -> Result<Option<RecordBatch>, DataError> {
        loop {
            let Some(open) = self.current.as_mut() else {
                let Some(piece) = self.pieces.pop_front() else {
                    return Ok(None);
                };
                self.current = Some(self.start(&piece)?);
                continue;
            };
            let next = guarded(|| open.reader.next())
                .map_err(|reason| damaged(&self.name, &open.place, reason))?;
            match next
                .transpose()
                .map_err(|error| damaged(&self.name, &open.place, error))?
            {
                Some(batch) if batch.num_rows() as u64 <= open.due => {
                    open.due -= batch.num_rows() as u64;
                    return self.arranged(&batch).map(Some);
                }
                None if open.due == 0 => self.current = None,
                _ => {
                    return Err(damaged(
                        &self.name,
                        &open.place,
                        "the footer promises another number of rows",
                    ));
                }
            }
        }
    }

    fn start(&self, piece: &Piece) -> Result<Open, DataError> {
        let place = format!(
            "row group {} (from row {})",
            piece.groups.first().copied().unwrap_or(0),
            piece.first
        );
        let build = || {
            let metadata = self.dictionaries(piece)?;
            let roots = self.wanted.columns.iter().copied();
            let mask =
                ProjectionMask::roots(metadata.metadata().file_metadata().schema_descr(), roots);
            let mut builder =
                ParquetRecordBatchReaderBuilder::new_with_metadata(self.handle.clone(), metadata)
                    .with_row_groups(piece.groups.clone())
                    .with_projection(mask)
                    .with_batch_size(self.wanted.batch_rows);
            if piece.take() < piece.rows {
                let parts = piece.parts.iter().cloned();
                let rows = to_usize(piece.rows);
                builder =
                    builder.with_row_selection(RowSelection::from_consecutive_ranges(parts, rows));
            }
            builder.build()
        };
        let reader = guarded(build)
            .map_err(|reason| damaged(&self.name, &place, reason))?
            .map_err(|error| damaged(&self.name, &place, error))?;
        Ok(Open {
            reader,
            due: piece.take(),
            place,
        })
    }

    /// The schema hint under which dictionary pages stay dictionaries, for the
    /// columns in which all pages are encoded so. Others would be hashed value
    /// by value inside the decoder; they come plain instead.
    fn dictionaries(&self, piece: &Piece) -> parquet::errors::Result<ArrowReaderMetadata> {
        let stored = &self.body.metadata;
        let asked = self.wanted.columns.iter().zip(&self.wanted.dictionary);
        let kept: Vec<usize> = asked
            .filter(|(column, asked)| **asked && !piece.small && kept(stored, **column, piece))
            .map(|(column, _)| *column)
            .collect();
        if kept.is_empty() {
            return Ok(stored.clone());
        }
        let schema = retyped(stored.schema(), |position, kind| {
            if kept.contains(&position) {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            } else {
                kind.clone()
            }
        });
        ArrowReaderMetadata::try_new(
            Arc::clone(stored.metadata()),
            options().with_schema(Arc::new(schema)),
        )
    }

    /// The decoder yields columns in file order; the wanted order goes out.
    fn arranged(&self, batch: &RecordBatch) -> Result<RecordBatch, DataError> {
        let mut sorted = self.wanted.columns.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let arrays: Option<Vec<ArrayRef>> = self
            .wanted
            .columns
            .iter()
            .map(|column| {
                sorted
                    .binary_search(column)
                    .ok()
                    .and_then(|at| batch.columns().get(at))
                    .cloned()
            })
            .collect();
        let arrays =
            arrays.ok_or_else(|| damaged(&self.name, "the schema", "a column is missing"))?;
        self.wanted
            .batch(arrays, batch.num_rows())
            .map_err(|reason| damaged(&self.name, "the schema", reason))
    }
}

fn retyped(schema: &Schema, choose: impl Fn(usize, &DataType) -> DataType) -> Schema {
    let fields = schema.fields().iter().enumerate().map(|(position, field)| {
        field
            .as_ref()
            .clone()
            .with_data_type(choose(position, field.data_type()))
    });
    Schema::new(fields.collect::<Vec<_>>())
}

/// Whether a plain text column is dictionary encoded throughout the groups.
fn kept(stored: &ArrowReaderMetadata, column: usize, piece: &Piece) -> bool {
    let text = stored
        .schema()
        .fields()
        .get(column)
        .is_some_and(|field| *field.data_type() == DataType::Utf8);
    let file = stored.metadata();
    let parquet = file.file_metadata().schema_descr();
    let leaf = (0..parquet.num_columns()).find(|leaf| parquet.get_column_root_idx(*leaf) == column);
    text && piece.groups.iter().all(|group| {
        leaf.and_then(|leaf| file.row_groups().get(*group)?.columns().get(leaf))
            .is_some_and(only_dictionary)
    })
}

fn only_dictionary(chunk: &ColumnChunkMetaData) -> bool {
    let coded = |encoding: Encoding| {
        matches!(
            encoding,
            Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY
        )
    };
    chunk.dictionary_page_offset().is_some()
        && match chunk.page_encoding_stats_mask() {
            Some(mask) => mask.encodings().all(coded),
            // Old writers keep no statistics: the encodings of the chunk name
            // PLAIN for the dictionary page too and decide nothing.
            None => true,
        }
}

/// The tail says where the footer is: checked before memory is taken for it.
fn footer(blob: &Blob, handle: &Handle) -> Result<(), DataError> {
    let truncated = DataError::Truncated {
        path: blob.name.clone(),
        format: "Parquet",
        expected: "the bytes PAR1",
        length: blob.length,
    };
    if blob.length < 12 {
        return Err(truncated);
    }
    let tail = handle
        .exactly(blob.length - 8, 8)
        .map_err(|error| unreadable(&blob.name, &error))?;
    let (size, magic) = tail.split_at(4);
    if magic != b"PAR1" {
        return Err(truncated);
    }
    let size = u64::from(u32::from_le_bytes(size.try_into().unwrap_or_default()));
    if size > blob.length - 12 {
        let reason = format!(
            "its length is {size} bytes in a file of {} bytes",
            blob.length
        );
        return Err(damaged(&blob.name, "the footer", reason));
    }
    if size > MAX_METADATA_BYTES {
        return Err(DataError::TooLarge {
            path: blob.name.clone(),
            place: "the footer".to_owned(),
            what: "its length in bytes",
            actual: size,
            limit: MAX_METADATA_BYTES,
            advice: "write fewer row groups or fewer columns",
        });
    }
    Ok(())
}

/// First rows of the row groups; refuses counts and ranges that cannot be.
fn starts(blob: &Blob, metadata: &ParquetMetaData) -> Result<Vec<u64>, DataError> {
    let mut starts = vec![0];
    let mut total = 0_u64;
    for (group, about) in metadata.row_groups().iter().enumerate() {
        let place = format!("row group {group}");
        total = u64::try_from(about.num_rows())
            .ok()
            .and_then(|rows| total.checked_add(rows))
            .filter(|total| *total < 1 << 56)
            .ok_or_else(|| damaged(&blob.name, &place, format!("{} rows", about.num_rows())))?;
        for chunk in about.columns() {
            let (start, length) = guarded(|| chunk.byte_range())
                .map_err(|reason| damaged(&blob.name, &place, reason))?;
            if start
                .checked_add(length)
                .is_none_or(|end| end > blob.length)
            {
                let reason = format!(
                    "column {:?} ends beyond the file of {} bytes",
                    chunk.column_path().string(),
                    blob.length
                );
                return Err(damaged(&blob.name, &place, reason));
            }
        }
        starts.push(total);
    }
    Ok(starts)
}
