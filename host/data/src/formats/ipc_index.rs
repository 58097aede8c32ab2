//! Where the batches of an Arrow IPC file or stream are and how many rows they
//! have, from message headers alone. Sizes are checked before the decoder sees
//! them.

use arrow_ipc::{Message, root_as_footer, root_as_message};

use crate::bytes::{Blob, Handle};
use crate::error::DataError;
use crate::limits::{MAX_BUFFER_BYTES, MAX_METADATA_BYTES};

/// Reads headers of one file.
pub(crate) struct Index<'a> {
    pub blob: &'a Blob,
    pub handle: &'a Handle,
}

/// A message: its header is `start..body`, its body `body..end`.
struct Place {
    start: u64,
    header: u64,
    body: u64,
    end: u64,
}

impl Index<'_> {
    /// Rows of each batch of a file with a footer.
    pub fn file(&self) -> Result<Vec<u64>, DataError> {
        let truncated = || DataError::Truncated {
            path: self.blob.name.clone(),
            format: "Arrow IPC",
            expected: "the bytes ARROW1",
            length: self.blob.length,
        };
        let tail_start = self.blob.length.checked_sub(10).ok_or_else(truncated)?;
        let tail = self.bytes(tail_start, 10)?;
        let (size, magic) = tail.split_at(4);
        if magic != b"ARROW1" {
            return Err(truncated());
        }
        let size = u64::from(u32::from_le_bytes(size.try_into().unwrap_or_default()));
        let start = tail_start
            .checked_sub(size)
            .ok_or_else(|| self.bad("the footer", format!("{size} bytes long")))?;
        let footer = self.header(start, size)?;
        let footer =
            root_as_footer(&footer).map_err(|error| self.bad("the footer", error.to_string()))?;
        for block in footer.dictionaries().into_iter().flatten() {
            self.place(block.offset(), block.metaDataLength(), block.bodyLength())?;
        }
        let mut rows = Vec::new();
        for block in footer.recordBatches().into_iter().flatten() {
            let place = self.place(block.offset(), block.metaDataLength(), block.bodyLength())?;
            // The length counts the marker and the size before the header.
            let skip = if self.bytes(place.start, 4)? == [0xff; 4] {
                8
            } else {
                4
            };
            let size = place.header.saturating_sub(skip);
            let bytes = self.header(place.start + skip, size)?;
            let message = self.message(&bytes, place.start)?;
            let found = self.rows(&message, &place)?;
            rows.push(
                found.ok_or_else(|| self.bad("the footer", "a batch is not a batch".to_owned()))?,
            );
        }
        Ok(rows)
    }

    /// Rows of each batch of a stream.
    pub fn stream(&self) -> Result<Vec<u64>, DataError> {
        let mut rows = Vec::new();
        let mut at = 0;
        while at + 8 <= self.blob.length {
            let head = self.bytes(at, 8)?;
            let (marker, size) = head.split_at(4);
            if marker != [0xff; 4] {
                return Err(self.bad(
                    &format!("byte {at}"),
                    "expected the marker FF FF FF FF of a message".to_owned(),
                ));
            }
            let size = u64::from(u32::from_le_bytes(size.try_into().unwrap_or_default()));
            if size == 0 {
                return self.nothing_after(at + 8).map(|()| rows);
            }
            let bytes = self.header(at + 8, size)?;
            let message = self.message(&bytes, at)?;
            let place = self.place(
                at.cast_signed(),
                i32::try_from(size + 8).unwrap_or(-1),
                message.bodyLength(),
            )?;
            rows.extend(self.rows(&message, &place)?);
            at = place.end;
        }
        // Writers that are cut off leave no end marker, but neither do some
        // sound ones: only a message cut in two is damage.
        if at < self.blob.length {
            return Err(DataError::Truncated {
                path: self.blob.name.clone(),
                format: "Arrow IPC",
                expected: "a whole message",
                length: self.blob.length,
            });
        }
        Ok(rows)
    }

    /// A second stream in the same file would be passed over by every reader,
    /// and its rows with it.
    fn nothing_after(&self, end: u64) -> Result<(), DataError> {
        let left = self.blob.length.saturating_sub(end);
        if left == 0 {
            return Ok(());
        }
        let reason =
            format!("the stream ends here and {left} bytes follow: one file holds one stream");
        Err(self.bad(&format!("byte {end}"), reason))
    }

    fn rows(&self, message: &Message<'_>, place: &Place) -> Result<Option<u64>, DataError> {
        let dictionary = message
            .header_as_dictionary_batch()
            .and_then(|batch| batch.data());
        let Some(batch) = message.header_as_record_batch().or(dictionary) else {
            return Ok(None);
        };
        let words = format!("byte {}", place.start);
        if batch.compression().is_some() {
            for buffer in batch.buffers().into_iter().flatten() {
                self.compressed(place, buffer.offset(), buffer.length(), &words)?;
            }
        }
        let rows = u64::try_from(batch.length())
            .map_err(|_| self.bad(&words, format!("{} rows", batch.length())))?;
        Ok(message.header_as_record_batch().map(|_| rows))
    }

    /// A compressed buffer begins with its size when unpacked.
    fn compressed(
        &self,
        place: &Place,
        offset: i64,
        length: i64,
        words: &str,
    ) -> Result<(), DataError> {
        let outside = || self.bad(words, "a buffer lies outside of its message".to_owned());
        let start = u64::try_from(offset)
            .ok()
            .and_then(|offset| place.body.checked_add(offset))
            .ok_or_else(outside)?;
        let length = u64::try_from(length).map_err(|_| outside())?;
        if start.checked_add(length).is_none_or(|end| end > place.end) {
            return Err(outside());
        }
        if length < 8 {
            return Ok(());
        }
        let size = i64::from_le_bytes(self.bytes(start, 8)?.try_into().unwrap_or_default());
        // -1 says that the buffer is stored as it is.
        let size = if size == -1 {
            0
        } else {
            u64::try_from(size).map_err(|_| outside())?
        };
        if size > MAX_BUFFER_BYTES {
            return Err(self.too_large(
                words,
                "the unpacked length of a buffer",
                size,
                MAX_BUFFER_BYTES,
            ));
        }
        Ok(())
    }

    fn place(&self, start: i64, header: i32, length: i64) -> Result<Place, DataError> {
        let place = || {
            let start = u64::try_from(start).ok()?;
            let header = u64::try_from(header).ok()?;
            let body = start.checked_add(header)?;
            let end = body.checked_add(u64::try_from(length).ok()?)?;
            (end <= self.blob.length).then_some(Place {
                start,
                header,
                body,
                end,
            })
        };
        place().ok_or_else(|| DataError::Truncated {
            path: self.blob.name.clone(),
            format: "Arrow IPC",
            expected: "a whole message",
            length: self.blob.length,
        })
    }

    fn message<'b>(&self, bytes: &'b [u8], start: u64) -> Result<Message<'b>, DataError> {
        root_as_message(bytes)
            .map_err(|error| self.bad(&format!("byte {start}"), error.to_string()))
    }

    fn header(&self, start: u64, size: u64) -> Result<Vec<u8>, DataError> {
        if size > MAX_METADATA_BYTES {
            return Err(self.too_large(
                &format!("byte {start}"),
                "the length of a header",
                size,
                MAX_METADATA_BYTES,
            ));
        }
        self.bytes(start, size)
    }

    fn bytes(&self, start: u64, size: u64) -> Result<Vec<u8>, DataError> {
        self.handle
            .exactly(start, size)
            .map_err(|error| self.bad(&format!("byte {start}"), error.to_string()))
    }

    fn bad(&self, place: &str, reason: String) -> DataError {
        DataError::Damaged {
            path: self.blob.name.clone(),
            format: "Arrow IPC",
            place: place.to_owned(),
            reason,
        }
    }

    fn too_large(&self, place: &str, what: &'static str, actual: u64, limit: u64) -> DataError {
        DataError::TooLarge {
            path: self.blob.name.clone(),
            place: place.to_owned(),
            what,
            actual,
            limit,
            advice: "write smaller batches, or the file is damaged",
        }
    }
}
