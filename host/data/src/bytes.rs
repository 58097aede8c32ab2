//! A file as a range of bytes that many threads read at once.
//!
//! Every read names its position, so threads share one open file without
//! sharing a seek position (an unlinked spool file cannot be opened twice).

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::error::DataError;

/// Where the bytes are.
#[derive(Debug, Clone)]
enum Origin {
    Path(PathBuf),
    Spool(Arc<File>),
}

/// A file that was looked at once and can be opened again.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    /// As shown to people.
    pub name: String,
    /// Bytes.
    pub length: u64,
    origin: Origin,
    modified: Option<SystemTime>,
}

impl Blob {
    /// A file on disk.
    pub fn path(path: PathBuf) -> Result<Self, DataError> {
        let name = path.display().to_string();
        let about = std::fs::metadata(&path).map_err(|error| unreadable(&name, &error))?;
        Ok(Self {
            name,
            length: about.len(),
            origin: Origin::Path(path),
            modified: about.modified().ok(),
        })
    }

    /// Everything that `input` yields, kept in a temporary file without a name.
    pub fn spool(name: &str, input: &mut dyn Read) -> Result<Self, DataError> {
        let failed = |error: io::Error| DataError::Spool {
            reason: error.to_string(),
        };
        let mut file = tempfile::tempfile().map_err(failed)?;
        let length = io::copy(input, &mut file).map_err(failed)?;
        Ok(Self {
            name: name.to_owned(),
            length,
            origin: Origin::Spool(Arc::new(file)),
            modified: None,
        })
    }

    /// Opens the bytes, and makes sure they are still the same file.
    pub fn open(&self) -> Result<Handle, DataError> {
        let file = match &self.origin {
            Origin::Spool(file) => Arc::clone(file),
            Origin::Path(path) => {
                let file = File::open(path).map_err(|error| unreadable(&self.name, &error))?;
                let about = file
                    .metadata()
                    .map_err(|error| unreadable(&self.name, &error))?;
                if about.len() != self.length || about.modified().ok() != self.modified {
                    return Err(DataError::Changed {
                        path: self.name.clone(),
                    });
                }
                Arc::new(file)
            }
        };
        Ok(Handle {
            file,
            length: self.length,
        })
    }
}

/// Wraps an error of the operating system.
pub(crate) fn unreadable(name: &str, error: &io::Error) -> DataError {
    DataError::Unreadable {
        path: name.to_owned(),
        reason: error.to_string(),
    }
}

/// An open file of known length.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    file: Arc<File>,
    length: u64,
}

impl Handle {
    /// A reader that starts at `position`.
    pub fn cursor(&self, position: u64) -> Cursor {
        Cursor {
            handle: self.clone(),
            position,
        }
    }

    /// Exactly `length` bytes from `start`; the range is checked against the
    /// file before memory is taken.
    pub fn exactly(&self, start: u64, length: u64) -> io::Result<Vec<u8>> {
        if start
            .checked_add(length)
            .is_none_or(|end| end > self.length)
        {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!(
                    "{length} bytes at {start} of a file of {} bytes",
                    self.length
                ),
            ));
        }
        let size =
            usize::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
        // Not filled with zeros first: it is most of a file.
        let mut buffer = Vec::with_capacity(size);
        self.cursor(start).take(length).read_to_end(&mut buffer)?;
        if buffer.len() < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(buffer)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

/// A position in a [`Handle`].
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    handle: Handle,
    position: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.handle.file, buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.handle.length.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl Length for Handle {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Handle {
    type T = BufReader<Cursor>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(self.cursor(start)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.exactly(start, length as u64)
            .map(Bytes::from)
            .map_err(|error| ParquetError::External(Box::new(error)))
    }
}
