//! JSON lines, plain or gzip: one object on each line.
//!
//! The survey parses every line once (so a bad one is found with its number
//! before anything is compared), learns the types and remembers positions. A
//! key that a line does not have is null there.

use std::io::{BufRead, Read};
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, Date32Array, RecordBatch, TimestampMicrosecondArray};
use arrow_json::reader::{Decoder, ReaderBuilder};
use arrow_schema::{DataType, Schema, SchemaRef};
use serde_json::Value;

use super::json_shape::Shape;
use super::text::{self, Checkpoint, Input, checkpoint};
use super::{Batches, Wanted};
use crate::bytes::Blob;
use crate::error::DataError;
use crate::guarded::guarded;
use crate::instant::{self, Instant};
use crate::limits::{CHECKPOINT_ROWS, MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROW_BYTES};

/// Rows decoded at once.
const BATCH_ROWS: usize = 16_384;

/// A surveyed JSON lines file.
#[derive(Debug, Clone)]
pub(crate) struct JsonBody {
    gzip: bool,
    /// What each key holds; of all files of the side, once merged.
    pub shape: Shape,
    pub rows: u64,
    checkpoints: Vec<Checkpoint>,
}

impl JsonBody {
    /// Reads the whole file once.
    pub fn survey(blob: &Blob, gzip: bool) -> Result<Self, DataError> {
        let mut lines = Lines::open(blob, gzip, 0)?;
        let mut body = Self {
            gzip,
            shape: Shape::default(),
            rows: 0,
            checkpoints: Vec::new(),
        };
        loop {
            let start = lines.position;
            if !lines.next()? {
                return Ok(body);
            }
            if lines.blank() {
                continue;
            }
            body.add(&lines)?;
            if body.rows.is_multiple_of(CHECKPOINT_ROWS) && (!gzip || body.rows == 0) {
                body.checkpoints.push(Checkpoint {
                    row: body.rows,
                    byte: start,
                });
            }
            body.rows += 1;
        }
    }

    fn add(&mut self, lines: &Lines) -> Result<(), DataError> {
        let (path, line) = (&lines.blob.name, lines.line);
        let bad = |reason: String| DataError::BadJson {
            path: path.clone(),
            line,
            reason,
        };
        let object = match serde_json::from_slice::<Value>(lines.bytes.trim_ascii_end()) {
            Ok(Value::Object(object)) => object,
            Ok(other) => return Err(bad(format!("found {}", sort(&other)))),
            // The parser knows one line only: its line number would mislead.
            Err(error) => {
                return Err(bad(error
                    .to_string()
                    .replace("at line 1 column", "at column")));
            }
        };
        let limit = |what, actual: usize, limit: usize, advice| DataError::TooLarge {
            path: path.clone(),
            place: format!("line {line}"),
            what,
            actual: actual as u64,
            limit: limit as u64,
            advice,
        };
        if lines.bytes.len() > MAX_CELL_BYTES {
            let longest = object
                .values()
                .filter_map(Value::as_str)
                .map(str::len)
                .max()
                .unwrap_or(0);
            if longest > MAX_CELL_BYTES {
                return Err(limit(
                    "the length of one text in bytes",
                    longest,
                    MAX_CELL_BYTES,
                    "leave that key out",
                ));
            }
        }
        self.shape
            .add_object(&object)
            .map_err(|conflict| DataError::JsonConflict {
                path: path.clone(),
                line,
                key: conflict.key,
                found: conflict.found,
                before: conflict.before,
            })?;
        if self.shape.width() > MAX_COLUMNS {
            let advice = "are values used as keys? write them as values";
            return Err(limit(
                "the number of keys",
                self.shape.width(),
                MAX_COLUMNS,
                advice,
            ));
        }
        Ok(())
    }

    /// The schema that holds everything seen.
    pub fn schema(&self) -> Schema {
        self.shape.schema()
    }

    /// Rows at which reading may start cheaply.
    pub fn cuts(&self) -> Vec<u64> {
        self.checkpoints.iter().map(|point| point.row).collect()
    }

    /// Streams a range of rows, in batches small enough for what the decoder
    /// keeps of each (some 50 bytes a value).
    pub fn read(
        &self,
        blob: &Blob,
        rows: Range<u64>,
        wanted: &Wanted,
    ) -> Result<Batches, DataError> {
        let wanted = &Wanted {
            batch_rows: wanted.batch_rows.min(BATCH_ROWS),
            ..wanted.clone()
        };
        let from =
            checkpoint(&self.checkpoints, rows.start).unwrap_or(Checkpoint { row: 0, byte: 0 });
        let fields = wanted
            .columns
            .iter()
            .filter_map(|index| wanted.field(*index))
            .map(|field| {
                let text = is_instant(field.data_type());
                if text {
                    field.clone().with_data_type(DataType::Utf8)
                } else {
                    field.clone()
                }
            });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let decoder = decoder(schema, wanted.batch_rows).map_err(|reason| DataError::Damaged {
            path: blob.name.clone(),
            format: "JSON lines",
            place: "the schema".to_owned(),
            reason,
        })?;
        Ok(Box::new(JsonBatches {
            lines: Lines::open(blob, self.gzip, from.byte)?,
            skip: rows.start - from.row,
            take: rows.end - rows.start,
            decoder,
            wanted: wanted.clone(),
        }))
    }
}

/// Numbers and booleans in a text column are read as text.
fn decoder(schema: SchemaRef, rows: usize) -> Result<Decoder, String> {
    let builder = ReaderBuilder::new(schema)
        .with_batch_size(rows)
        .with_coerce_primitive(true);
    builder.build_decoder().map_err(|error| error.to_string())
}

fn is_instant(kind: &DataType) -> bool {
    matches!(kind, DataType::Date32 | DataType::Timestamp(..))
}

/// Instants arrive as text and are read by the parser that told them from
/// text, so that both agree on what an instant is.
fn instants(array: &ArrayRef, kind: &DataType) -> ArrayRef {
    let (true, Some(texts)) = (is_instant(kind), array.as_string_opt::<i32>()) else {
        return ArrayRef::clone(array);
    };
    let parsed = texts.iter().map(|text| text.and_then(instant::parse));
    if *kind == DataType::Date32 {
        let day = |found| {
            if let Instant::Day(day) = found {
                Some(day)
            } else {
                None
            }
        };
        return Arc::new(
            parsed
                .map(|found| found.and_then(day))
                .collect::<Date32Array>(),
        );
    }
    Arc::new(
        parsed
            .map(|found| found.map(Instant::micros))
            .collect::<TimestampMicrosecondArray>(),
    )
}

fn sort(value: &Value) -> &'static str {
    match value {
        Value::Array(_) => "an array",
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "a boolean",
        _ => "null",
    }
}

/// Lines with positions and a cap.
struct Lines {
    blob: Blob,
    gzip: bool,
    input: Input,
    bytes: Vec<u8>,
    /// First byte of the next line.
    position: u64,
    /// Number of the line in `bytes`; from 1, counted from where it began.
    line: u64,
}

impl Lines {
    fn open(blob: &Blob, gzip: bool, byte: u64) -> Result<Self, DataError> {
        let input = text::input(blob, gzip, byte)?;
        let position = if gzip { 0 } else { byte };
        Ok(Self {
            blob: blob.clone(),
            gzip,
            input,
            bytes: Vec::new(),
            position,
            line: 0,
        })
    }

    /// False at the end.
    fn next(&mut self) -> Result<bool, DataError> {
        self.bytes.clear();
        let mut capped = (&mut self.input).take(MAX_ROW_BYTES as u64 + 1);
        let read = capped
            .read_until(b'\n', &mut self.bytes)
            .map_err(|error| text::failed(&self.blob, self.gzip, self.position, &error))?;
        self.line += 1;
        if read > MAX_ROW_BYTES {
            return Err(DataError::TooLarge {
                path: self.blob.name.clone(),
                place: format!("line {}", self.line),
                what: "the length of the line in bytes",
                actual: read as u64,
                limit: MAX_ROW_BYTES as u64,
                advice: "write one object on each line",
            });
        }
        if self.position == 0 && self.bytes.starts_with(b"\xef\xbb\xbf") {
            self.bytes.drain(..3);
        }
        self.position += read as u64;
        Ok(read > 0)
    }

    fn blank(&self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }
}

struct JsonBatches {
    lines: Lines,
    skip: u64,
    take: u64,
    decoder: Decoder,
    wanted: Wanted,
}

impl Iterator for JsonBatches {
    type Item = Result<RecordBatch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.take = 0;
        }
        next.transpose()
    }
}

impl JsonBatches {
    fn advance(&mut self) -> Result<Option<RecordBatch>, DataError> {
        let due = self.take.min(self.wanted.batch_rows as u64);
        let mut read = 0;
        while read < due {
            // The survey saw these lines: anything else is another file.
            if !self.lines.next()? {
                return Err(self.changed());
            }
            if self.lines.blank() {
                continue;
            }
            if self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            self.decode(self.lines.bytes.len())?;
            read += 1;
        }
        if due == 0 {
            return Ok(None);
        }
        self.take -= due;
        let batch = guarded(|| self.decoder.flush()).map_err(|reason| self.damaged(reason))?;
        let batch = batch
            .map_err(|error| self.damaged(error.to_string()))?
            .ok_or_else(|| self.changed())?;
        if batch.num_rows() as u64 != due {
            return Err(self.changed());
        }
        let arrays = batch
            .columns()
            .iter()
            .zip(&self.wanted.columns)
            .map(|(array, index)| {
                let kind = self.wanted.field(*index).map(|field| field.data_type());
                kind.map_or_else(|| ArrayRef::clone(array), |kind| instants(array, kind))
            });
        self.wanted
            .batch(arrays.collect(), batch.num_rows())
            .map(Some)
            .map_err(|reason| self.damaged(reason))
    }

    fn decode(&mut self, length: usize) -> Result<(), DataError> {
        let (decoder, bytes) = (&mut self.decoder, &self.lines.bytes);
        let used = guarded(|| decoder.decode(bytes).map_err(|error| error.to_string()))
            .and_then(|used| used);
        match used {
            Ok(used) if used == length => Ok(()),
            // A full batch stops before the white space of the line's end.
            Ok(used)
                if self
                    .lines
                    .bytes
                    .get(used..)
                    .is_some_and(|rest| rest.trim_ascii().is_empty()) =>
            {
                Ok(())
            }
            Ok(_) => Err(self.changed()),
            Err(reason) => Err(self.damaged(reason)),
        }
    }

    fn changed(&self) -> DataError {
        DataError::Changed {
            path: self.lines.blob.name.clone(),
        }
    }

    fn damaged(&self, reason: String) -> DataError {
        DataError::Damaged {
            path: self.lines.blob.name.clone(),
            format: "JSON lines",
            place: format!("byte {}", self.lines.position),
            reason,
        }
    }
}
