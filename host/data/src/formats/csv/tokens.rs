//! Rows of a CSV text as ranges of bytes, with caps.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::quotes::{Quotes, Stray};
use crate::bytes::Blob;
use crate::error::DataError;
use crate::formats::text::{self, Input};
use crate::limits::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_ROW_BYTES};

/// A streaming tokeniser; its memory is one row.
pub(crate) struct Tokens {
    blob: Blob,
    gzip: bool,
    reader: Reader,
    input: Input,
    /// None: they were followed before.
    quotes: Option<Quotes>,
    /// Bytes taken so far.
    position: u64,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

/// One row, unquoted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
    /// First byte of the row in the text (blank lines before it included).
    pub start: u64,
}

impl<'a> Row<'a> {
    /// Number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// All fields joined.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (bytes, mut start) = (self.bytes, 0);
        self.ends.iter().map(move |end| {
            let field = bytes.get(start..*end).unwrap_or_default();
            start = *end;
            field
        })
    }
}

impl Tokens {
    /// Starts at a byte that begins a row.
    pub fn open(blob: &Blob, gzip: bool, delimiter: u8, byte: u64) -> Result<Self, DataError> {
        Ok(Self {
            blob: blob.clone(),
            gzip,
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            input: text::input(blob, gzip, byte)?,
            quotes: None,
            position: if gzip { 0 } else { byte },
            bytes: vec![0; 4096],
            ends: vec![0; 64],
        })
    }

    /// Refuses quotes that are not closed where they should be.
    pub fn strict(mut self, delimiter: u8) -> Self {
        self.quotes = Some(Quotes::new(delimiter));
        self
    }

    /// Where the next row starts.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The line of a byte, for messages.
    pub fn line(&self, byte: u64) -> u64 {
        text::line_at(&self.blob, self.gzip, byte)
    }

    /// The next row; none at the end.
    pub fn next(&mut self) -> Result<Option<Row<'_>>, DataError> {
        let start = self.position;
        let (mut used, mut fields) = (0, 0);
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) => {
                    return Err(text::failed(&self.blob, self.gzip, self.position, &error));
                }
            };
            if chunk.is_empty()
                && let Some(opened) = self.quotes.as_ref().and_then(Quotes::open)
            {
                return Err(self.unclosed(opened));
            }
            let room = self.bytes.get_mut(used..).unwrap_or_default();
            let slots = self.ends.get_mut(fields..).unwrap_or_default();
            let (result, taken, written, ended) = self.reader.read_record(chunk, room, slots);
            let followed = match &mut self.quotes {
                Some(quotes) => quotes.feed(chunk.get(..taken).unwrap_or_default(), self.position),
                None => Ok(()),
            };
            self.input.consume(taken);
            followed.map_err(|stray| self.stray(stray))?;
            self.position += taken as u64;
            used += written;
            fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.grow_bytes(start)?,
                ReadRecordResult::OutputEndsFull => self.grow_ends(start)?,
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::Record => break,
            }
        }
        self.cells(start, fields)?;
        let bytes = self.bytes.get(..used).unwrap_or_default();
        let ends = self.ends.get(..fields).unwrap_or_default();
        Ok(Some(Row { bytes, ends, start }))
    }

    fn grow_bytes(&mut self, start: u64) -> Result<(), DataError> {
        let size = self.bytes.len();
        if size >= MAX_ROW_BYTES {
            return Err(self.too_large(
                start,
                "the length of the row in bytes",
                size,
                MAX_ROW_BYTES,
            ));
        }
        self.bytes.resize((size * 2).min(MAX_ROW_BYTES), 0);
        Ok(())
    }

    fn grow_ends(&mut self, start: u64) -> Result<(), DataError> {
        let size = self.ends.len();
        if size > MAX_COLUMNS {
            return Err(self.too_large(start, "the number of fields", size, MAX_COLUMNS));
        }
        self.ends.resize(size * 2, 0);
        Ok(())
    }

    /// A row shorter than the cap of a cell needs no look at its cells.
    fn cells(&self, start: u64, fields: usize) -> Result<(), DataError> {
        let ends = self.ends.get(..fields).unwrap_or_default();
        if ends.last().is_none_or(|end| *end <= MAX_CELL_BYTES) {
            return Ok(());
        }
        let mut before = 0;
        for end in ends {
            if end - before > MAX_CELL_BYTES {
                return Err(self.too_large(
                    start,
                    "the length of one cell in bytes",
                    end - before,
                    MAX_CELL_BYTES,
                ));
            }
            before = *end;
        }
        Ok(())
    }

    fn unclosed(&self, opened: u64) -> DataError {
        DataError::UnclosedQuote {
            path: self.blob.name.clone(),
            line: self.line(opened),
        }
    }

    fn stray(&self, stray: Stray) -> DataError {
        DataError::TextAfterQuote {
            path: self.blob.name.clone(),
            line: self.line(stray.byte),
            opened: self.line(stray.opened),
        }
    }

    fn too_large(&self, start: u64, what: &'static str, actual: usize, limit: usize) -> DataError {
        DataError::TooLarge {
            path: self.blob.name.clone(),
            place: format!("line {}", self.line(start)),
            what,
            actual: actual as u64,
            limit: limit as u64,
            advice: "look for an unclosed quote",
        }
    }
}
