//! CSV and TSV, plain or gzip, with a header.
//!
//! A survey reads the file once: it counts rows, checks the number of fields
//! of each, learns the types from all values ([`seen`]) and remembers
//! positions to start from. Later reads decode only the columns asked for.
//! Quotes are `"`, doubled inside a quoted field; one that is not closed where
//! its field ends is refused ([`quotes`]). Blank lines are passed over.

pub(crate) mod decode;
pub(crate) mod quotes;
pub(crate) mod seen;
pub(crate) mod tokens;

use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};

use self::decode::Column;
use self::seen::Seen;
use self::tokens::{Row, Tokens};
use super::text::{Checkpoint, checkpoint};
use super::{Batches, Wanted};
use crate::bytes::Blob;
use crate::error::DataError;
use crate::limits::CHECKPOINT_ROWS;

/// A surveyed CSV file.
#[derive(Debug, Clone)]
pub(crate) struct CsvBody {
    gzip: bool,
    delimiter: u8,
    names: Vec<String>,
    /// What each column holds; of all files of the side, once merged.
    pub seen: Vec<Seen>,
    pub rows: u64,
    /// First only, if the text is packed.
    checkpoints: Vec<Checkpoint>,
}

impl CsvBody {
    /// Reads the whole file once.
    pub fn survey(blob: &Blob, gzip: bool, delimiter: u8) -> Result<Self, DataError> {
        let mut tokens = Tokens::open(blob, gzip, delimiter, 0)?.strict(delimiter);
        let names = header(blob, delimiter, &mut tokens)?;
        let mut body = Self {
            gzip,
            delimiter,
            seen: vec![Seen::default(); names.len()],
            names,
            rows: 0,
            checkpoints: Vec::new(),
        };
        loop {
            let start = tokens.position();
            let Some(row) = tokens.next()? else {
                return Ok(body);
            };
            if let Some(bad) = body.add(row) {
                return Err(bad.error(blob, &tokens));
            }
            if (body.rows - 1).is_multiple_of(CHECKPOINT_ROWS) && (!gzip || body.rows == 1) {
                body.checkpoints.push(Checkpoint {
                    row: body.rows - 1,
                    byte: start,
                });
            }
        }
    }

    fn add(&mut self, row: Row<'_>) -> Option<Bad> {
        if row.len() != self.names.len() {
            return Some(Bad {
                start: row.start,
                fields: Some((self.names.len(), row.len())),
            });
        }
        if std::str::from_utf8(row.bytes()).is_err() {
            return Some(Bad {
                start: row.start,
                fields: None,
            });
        }
        for (seen, field) in self.seen.iter_mut().zip(row.fields()) {
            seen.add(field);
        }
        self.rows += 1;
        None
    }

    /// The schema that holds everything seen.
    pub fn schema(&self) -> Schema {
        let fields = self
            .names
            .iter()
            .zip(&self.seen)
            .map(|(name, seen)| Field::new(name, seen.data_type(), true));
        Schema::new(fields.collect::<Vec<_>>())
    }

    /// Rows at which reading may start cheaply.
    pub fn cuts(&self) -> Vec<u64> {
        self.checkpoints.iter().map(|point| point.row).collect()
    }

    /// Streams a range of rows.
    pub fn read(
        &self,
        blob: &Blob,
        rows: Range<u64>,
        wanted: &Wanted,
    ) -> Result<Batches, DataError> {
        let from =
            checkpoint(&self.checkpoints, rows.start).unwrap_or(Checkpoint { row: 0, byte: 0 });
        let mut tokens = Tokens::open(blob, self.gzip, self.delimiter, from.byte)?;
        if self.gzip {
            tokens.next()?;
        }
        let columns = wanted.columns.iter().map(|index| {
            Column::new(
                wanted
                    .field(*index)
                    .map_or(&DataType::Null, |field| field.data_type()),
            )
        });
        let mut targets = vec![None; self.names.len()];
        for (slot, index) in wanted.columns.iter().enumerate() {
            if let Some(target) = targets.get_mut(*index) {
                *target = Some(slot);
            }
        }
        Ok(Box::new(CsvBatches {
            blob: blob.clone(),
            tokens,
            skip: rows.start - from.row,
            take: rows.end - rows.start,
            columns: columns.collect(),
            targets,
            wanted: wanted.clone(),
        }))
    }
}

/// A row that cannot be read.
struct Bad {
    start: u64,
    /// Expected and actual number of fields; none: not UTF-8.
    fields: Option<(usize, usize)>,
}

impl Bad {
    fn error(&self, blob: &Blob, tokens: &Tokens) -> DataError {
        let (path, line) = (blob.name.clone(), tokens.line(self.start));
        match self.fields {
            Some((expected, actual)) => DataError::FieldCount {
                path,
                line,
                expected,
                actual,
            },
            None => DataError::NotUtf8 { path, line },
        }
    }
}

fn header(blob: &Blob, delimiter: u8, tokens: &mut Tokens) -> Result<Vec<String>, DataError> {
    let Some(row) = tokens.next()? else {
        return Err(DataError::EmptyFile {
            path: blob.name.clone(),
        });
    };
    let mut names = Vec::with_capacity(row.len());
    for (position, field) in row.fields().enumerate() {
        let Ok(name) = std::str::from_utf8(field) else {
            return Err(DataError::NotUtf8 {
                path: blob.name.clone(),
                line: 1,
            });
        };
        let name = name.trim().trim_start_matches('\u{feff}');
        // Row names of R and pandas have no title.
        names.push(if name.is_empty() {
            format!("column_{}", position + 1)
        } else {
            name.to_owned()
        });
    }
    if let [only] = names.as_slice() {
        let others = [',', ';', '\t', '|']
            .into_iter()
            .filter(|other| *other != char::from(delimiter));
        let likely = others
            .map(|other| (only.matches(other).count(), other))
            .max_by_key(|(count, _)| *count);
        if let Some((1.., likely)) = likely {
            let header = only.chars().take(80).collect();
            return Err(DataError::WrongDelimiter {
                path: blob.name.clone(),
                header,
                delimiter: delimiter.into(),
                likely,
            });
        }
    }
    Ok(names)
}

struct CsvBatches {
    blob: Blob,
    tokens: Tokens,
    skip: u64,
    take: u64,
    columns: Vec<Column>,
    /// For each field of the file: the wanted column it goes to.
    targets: Vec<Option<usize>>,
    wanted: Wanted,
}

impl Iterator for CsvBatches {
    type Item = Result<RecordBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.take = 0;
        }
        next.transpose()
    }
}

impl CsvBatches {
    fn advance(&mut self) -> Result<Option<RecordBatch>, DataError> {
        let changed = || DataError::Changed {
            path: self.blob.name.clone(),
        };
        let due = self.take.min(self.wanted.batch_rows as u64);
        if due == 0 {
            return Ok(None);
        }
        while self.skip > 0 {
            self.tokens.next()?.ok_or_else(changed)?;
            self.skip -= 1;
        }
        for _ in 0..due {
            let row = self.tokens.next()?.ok_or_else(changed)?;
            // The survey saw this row fit: anything else is another file.
            if row.len() != self.targets.len() || !push(&mut self.columns, &self.targets, row) {
                return Err(changed());
            }
        }
        self.take -= due;
        let arrays = self.columns.iter_mut().map(Column::finish).collect();
        let rows = usize::try_from(due).unwrap_or(usize::MAX);
        self.wanted
            .batch(arrays, rows)
            .map(Some)
            .map_err(|_| changed())
    }
}

fn push(columns: &mut [Column], targets: &[Option<usize>], row: Row<'_>) -> bool {
    let mut fits = true;
    for (target, field) in targets.iter().zip(row.fields()) {
        if let Some(column) = target.and_then(|slot| columns.get_mut(slot)) {
            fits &= column.push(field);
        }
    }
    fits
}
