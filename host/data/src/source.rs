//! One side of a comparison: its files as one stream of rows.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use arrow_select::filter::filter_record_batch;

use crate::error::DataError;
use crate::file::{DataFile, unify};
use crate::formats::{Batches, Wanted};
use crate::hidden::Hidden;
use crate::inputs::expand;
use crate::limits::MAX_BATCH_ROWS;
use crate::schema::{nullable, unknown_column};
use crate::split::{Side, Split};

/// How to open inputs.
#[derive(Debug, Clone, Default)]
pub struct OpenOptions {
    /// Delimiter of CSV files; none: `,`, or a tab for `.tsv`.
    pub delimiter: Option<u8>,
}

/// Files of one side, opened and found sane. Clones share everything, and
/// threads may read from one source at once.
#[derive(Debug, Clone)]
pub struct Source {
    inner: Arc<Inner>,
    filter: Option<(Split, Side)>,
    hidden: Option<Arc<Hidden>>,
}

#[derive(Debug)]
struct Inner {
    files: Vec<DataFile>,
    /// Position of the first row of each file, and the total at the end.
    starts: Vec<u64>,
    schema: SchemaRef,
}

/// A unit of parallel work: consecutive rows of one file. Which tasks there
/// are depends on the files alone, never on threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    file: usize,
    rows: Range<u64>,
    first_row: u64,
}

impl Task {
    /// Position of its first row in the side's stream, from 0, before any
    /// split.
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// Rows before any split.
    pub fn rows(&self) -> u64 {
        self.rows.end - self.rows.start
    }

    /// Rows `range` of this task, counted from its start.
    pub(crate) fn part(&self, range: Range<u64>) -> Self {
        let rows = self.rows.start + range.start..(self.rows.start + range.end).min(self.rows.end);
        Self {
            file: self.file,
            rows,
            first_row: self.first_row + range.start,
        }
    }
}

/// Some rows.
#[derive(Debug, Clone)]
pub struct RowBatch {
    /// Position in the side's stream of the first row that was read for this
    /// batch. With a split rows may be missing from it: then positions inside
    /// the batch are not consecutive, but batches still do not overlap.
    pub first_row: u64,
    /// At most [`MAX_BATCH_ROWS`] rows, never none.
    pub batch: RecordBatch,
}

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadRequest {
    /// Columns by name, in the order in which they arrive.
    pub columns: Vec<String>,
    /// Of these, columns to leave as `Dictionary(Int32, Utf8)` where the file
    /// holds a dictionary for all of them. Others arrive as `Utf8`, so look
    /// at each batch. All batches of one Parquet row group share one
    /// dictionary.
    pub dictionary: HashSet<String>,
    /// Rows of a batch, 1 to [`MAX_BATCH_ROWS`] (values beyond are capped).
    pub batch_rows: usize,
}

impl Default for ReadRequest {
    fn default() -> Self {
        Self {
            columns: Vec::new(),
            dictionary: HashSet::new(),
            batch_rows: MAX_BATCH_ROWS,
        }
    }
}

impl Source {
    /// Opens inputs: paths, globs, folders, or `-` for standard input, which
    /// is kept in a temporary file on disk.
    ///
    /// CSV and JSON lines are read through once here to learn their types and
    /// find bad rows; of Parquet and Arrow IPC only headers are read.
    ///
    /// # Errors
    /// See [`DataError`]; a side without a single row is one.
    pub fn open(inputs: &[String], options: &OpenOptions) -> Result<Self, DataError> {
        let mut files = Vec::new();
        for blob in expand(inputs)? {
            files.push(DataFile::open(blob, options.delimiter)?);
        }
        let schema = nullable(&unify(&mut files)?);
        let mut starts = vec![0_u64];
        for file in &files {
            let total = starts.last().copied().unwrap_or(0);
            starts.push(total.saturating_add(file.rows()));
        }
        let source = Self {
            inner: Arc::new(Inner {
                files,
                starts,
                schema,
            }),
            filter: None,
            hidden: None,
        };
        if source.total() == 0 {
            return Err(DataError::NoRows {
                what: source.names(),
            });
        }
        Ok(source)
    }

    /// One side of this source: reads and pilots then see its rows only. How
    /// many there are shows when they are read; none at all is for the caller
    /// to refuse.
    ///
    /// # Errors
    /// If the split names no column, or one of a type that it cannot cut.
    pub fn with_filter(&self, split: Split, side: Side) -> Result<Self, DataError> {
        split.fits(&self.inner.schema)?;
        Ok(Self {
            inner: Arc::clone(&self.inner),
            filter: Some((split, side)),
            hidden: self.hidden.clone(),
        })
    }

    /// This source with the values of some columns replaced by hashes,
    /// whatever was hidden before. Columns that are not there are left out.
    ///
    /// # Errors
    /// A column that is no text.
    pub fn with_hidden(&self, hidden: Option<Hidden>) -> Result<Self, DataError> {
        if let Some(hidden) = &hidden {
            hidden.fits(&self.inner.schema)?;
        }
        Ok(Self {
            inner: Arc::clone(&self.inner),
            filter: self.filter.clone(),
            hidden: hidden.map(Arc::new),
        })
    }

    /// What is hidden.
    pub fn hidden(&self) -> Option<&Hidden> {
        self.hidden.as_deref()
    }

    fn hide(&self, batch: RecordBatch) -> Result<RecordBatch, DataError> {
        hide(self.hidden.as_deref(), batch)
    }

    /// Files, format, rows and columns in one line.
    pub fn describe(&self) -> String {
        let files = &self.inner.files;
        let format = match files.split_first() {
            Some((first, rest)) if rest.iter().all(|file| file.format() == first.format()) => {
                first.format()
            }
            _ => "mixed",
        };
        let side = match &self.filter {
            None => "",
            Some((_, Side::Reference)) => ", the reference side of a split",
            Some((_, Side::Current)) => ", the current side of a split",
        };
        format!(
            "{} ({format}, {} rows, {} columns{side})",
            self.names(),
            self.total(),
            self.inner.schema.fields().len()
        )
    }

    fn names(&self) -> String {
        match self.inner.files.as_slice() {
            [only] => only.blob.name.clone(),
            [first, .., last] => format!(
                "{} to {}, {} files",
                first.blob.name,
                last.blob.name,
                self.inner.files.len()
            ),
            [] => String::new(),
        }
    }

    /// Number of files.
    pub fn files(&self) -> usize {
        self.inner.files.len()
    }

    /// Rows; none behind a split, where only reading can tell.
    pub fn rows(&self) -> Option<u64> {
        self.filter.is_none().then(|| self.total())
    }

    /// Rows before any split.
    pub(crate) fn total(&self) -> u64 {
        self.inner.starts.last().copied().unwrap_or(0)
    }

    pub(crate) fn filter(&self) -> Option<&(Split, Side)> {
        self.filter.as_ref()
    }

    /// The schema of all files: strings are `Utf8`, dictionaries unpacked,
    /// every column may hold nulls.
    pub fn schema(&self) -> &SchemaRef {
        &self.inner.schema
    }

    /// The units of parallel work, in the order of the stream.
    pub fn tasks(&self) -> Vec<Task> {
        let mut tasks = Vec::new();
        for (file, (data, first)) in self.inner.files.iter().zip(&self.inner.starts).enumerate() {
            for rows in data.ranges() {
                tasks.push(Task {
                    file,
                    first_row: first + rows.start,
                    rows,
                });
            }
        }
        tasks
    }

    /// All columns of ranges of the stream that are apart and in order.
    pub(crate) fn pick(&self, ranges: &[Range<u64>]) -> Result<Vec<RecordBatch>, DataError> {
        let columns = self
            .inner
            .schema
            .fields()
            .iter()
            .map(|field| field.name().clone());
        let request = ReadRequest {
            columns: columns.collect(),
            ..ReadRequest::default()
        };
        let wanted = self.wanted(&request)?;
        let mut found = Vec::new();
        for (file, pair) in self.inner.files.iter().zip(self.inner.starts.windows(2)) {
            let [start, end] = *pair else { continue };
            let inside = |range: &Range<u64>| start.max(range.start)..end.min(range.end);
            let parts = ranges
                .iter()
                .map(inside)
                .filter(|part| part.start < part.end);
            let parts: Vec<_> = parts
                .map(|part| part.start - start..part.end - start)
                .collect();
            if !parts.is_empty() {
                for batch in file.pick(&parts, &wanted)? {
                    found.push(self.hide(batch?)?);
                }
            }
        }
        Ok(found)
    }

    /// Streams the rows of a task, in order.
    ///
    /// # Errors
    /// For a column that is not there, or when the file cannot be opened;
    /// damage inside shows as an item of the iterator, after which it ends.
    pub fn read(&self, task: &Task, request: &ReadRequest) -> Result<TaskReader, DataError> {
        let Some(file) = self.inner.files.get(task.file) else {
            return Err(DataError::NoInput);
        };
        let mut wanted = self.wanted(request)?;
        let asked = wanted.columns.len();
        if let Some((split, _)) = &self.filter {
            let at = self.inner.schema.index_of(split.column()).unwrap_or(0);
            if !wanted.columns.contains(&at) {
                wanted.columns.push(at);
                wanted.dictionary.push(true);
            }
        }
        let batches = file.read(task.rows.clone(), &wanted)?;
        Ok(TaskReader {
            batches,
            next_row: task.first_row,
            filter: self.filter.clone(),
            hidden: self.hidden.clone(),
            asked,
            name: file.blob.name.clone(),
        })
    }

    fn wanted(&self, request: &ReadRequest) -> Result<Wanted, DataError> {
        let schema = &self.inner.schema;
        let mut columns = Vec::with_capacity(request.columns.len());
        let mut dictionary = Vec::with_capacity(request.columns.len());
        for name in &request.columns {
            let names = schema.fields().iter().map(|field| field.name().as_str());
            let at = schema
                .index_of(name)
                .map_err(|_| unknown_column("reading", name, names))?;
            if !columns.contains(&at) {
                columns.push(at);
                dictionary.push(request.dictionary.contains(name));
            }
        }
        let batch_rows = request.batch_rows.clamp(1, MAX_BATCH_ROWS);
        Ok(Wanted {
            schema: Arc::clone(schema),
            columns,
            dictionary,
            batch_rows,
        })
    }
}

/// Streams the batches of one task.
pub struct TaskReader {
    batches: Batches,
    next_row: u64,
    filter: Option<(Split, Side)>,
    hidden: Option<Arc<Hidden>>,
    /// Columns asked for; one more is read for the split.
    asked: usize,
    name: String,
}

impl Iterator for TaskReader {
    type Item = Result<RowBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let batch = match self.batches.next()? {
                Ok(batch) => batch,
                Err(error) => return Some(Err(error)),
            };
            let first_row = self.next_row;
            self.next_row += batch.num_rows() as u64;
            let kept = self.filtered(batch);
            match kept.and_then(|batch| hide(self.hidden.as_deref(), batch)) {
                Ok(batch) if batch.num_rows() == 0 => {}
                other => return Some(other.map(|batch| RowBatch { first_row, batch })),
            }
        }
    }
}

/// Hidden values, after the split, which looks at what is really there.
fn hide(hidden: Option<&Hidden>, batch: RecordBatch) -> Result<RecordBatch, DataError> {
    let Some(hidden) = hidden else {
        return Ok(batch);
    };
    hidden.apply(&batch).map_err(|error| DataError::Damaged {
        path: "a table in memory".to_owned(),
        format: "table",
        place: "hashing personal columns".to_owned(),
        reason: error.to_string(),
    })
}

impl TaskReader {
    fn filtered(&self, batch: RecordBatch) -> Result<RecordBatch, DataError> {
        let Some((split, side)) = &self.filter else {
            return Ok(batch);
        };
        let rows = split.rows(*side, &batch)?;
        let kept = filter_record_batch(&batch, &rows)
            .and_then(|kept| kept.project(&(0..self.asked).collect::<Vec<_>>()));
        kept.map_err(|error| DataError::Damaged {
            path: self.name.clone(),
            format: "table",
            place: "the split".to_owned(),
            reason: error.to_string(),
        })
    }
}
