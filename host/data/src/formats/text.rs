//! What CSV and JSON lines share: unpacking, positions, line numbers.

use std::io::{BufRead, BufReader, Read};

use flate2::read::MultiGzDecoder;

use crate::bytes::{Blob, unreadable};
use crate::error::DataError;

/// Buffer between file and parser.
const BUFFER_BYTES: usize = 256 << 10;

/// Buffered text of a file.
pub(crate) type Input = BufReader<Box<dyn Read + Send>>;

/// A row at which reading may start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Checkpoint {
    /// Row from 0, the header not counted.
    pub row: u64,
    /// Its first byte.
    pub byte: u64,
}

/// Opens the text at a byte. Packed text starts at 0 only.
pub(crate) fn input(blob: &Blob, gzip: bool, byte: u64) -> Result<Input, DataError> {
    let cursor = blob.open()?.cursor(if gzip { 0 } else { byte });
    let inner: Box<dyn Read + Send> = if gzip {
        Box::new(MultiGzDecoder::new(BufReader::with_capacity(
            BUFFER_BYTES,
            cursor,
        )))
    } else {
        Box::new(cursor)
    };
    Ok(BufReader::with_capacity(BUFFER_BYTES, inner))
}

/// The line (from 1) that holds the first byte of a row. Blank lines before
/// the row are passed over, as the parsers do. Slow; for messages only.
pub(crate) fn line_at(blob: &Blob, gzip: bool, byte: u64) -> u64 {
    let Ok(mut input) = input(blob, gzip, 0) else {
        return 0;
    };
    let (mut line, mut position) = (1, 0);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) if !chunk.is_empty() => chunk,
            _ => return line,
        };
        for found in chunk {
            if position >= byte && !matches!(found, b'\n' | b'\r') {
                return line;
            }
            line += u64::from(*found == b'\n');
            position += 1;
        }
        let used = chunk.len();
        input.consume(used);
    }
}

/// An error of reading text: gzip damage shows as an error of input.
pub(crate) fn failed(blob: &Blob, gzip: bool, byte: u64, error: &std::io::Error) -> DataError {
    if gzip {
        let place = format!("byte {byte} of the unpacked text");
        return DataError::Damaged {
            path: blob.name.clone(),
            format: "gzip",
            place,
            reason: error.to_string(),
        };
    }
    unreadable(&blob.name, error)
}

/// The last checkpoint at or before `row`.
pub(crate) fn checkpoint(checkpoints: &[Checkpoint], row: u64) -> Option<Checkpoint> {
    let after = checkpoints.partition_point(|point| point.row <= row);
    after
        .checked_sub(1)
        .and_then(|at| checkpoints.get(at))
        .copied()
}
