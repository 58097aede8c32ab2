//! Parts of a file that are read where they are, after all of it was checked.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Take};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use driftguard_sandbox::hex;
use sha2::{Digest, Sha256};

use super::{DIGEST, MARK};
use crate::baseline::BaselineError;

/// Bytes that are read at a time.
const BLOCK: usize = 1 << 16;

/// Profiles of periods as they stand in a file.
#[derive(Debug, Clone)]
pub(crate) enum Packed {
    /// In memory.
    Held(Vec<u8>),
    /// Still in the file, which nobody else changes: files are replaced as a
    /// whole, and the one that was opened stays what it was.
    Left { file: Arc<File>, range: Range<u64> },
}

impl Packed {
    /// Lets `act` read them.
    ///
    /// # Errors
    /// A file that cannot be read any more.
    pub(crate) fn read_with<T>(&self, act: impl FnOnce(&mut dyn Read) -> T) -> io::Result<T> {
        match self {
            Self::Held(bytes) => Ok(act(&mut bytes.as_slice())),
            Self::Left { file, range } => {
                let mut file: &File = file;
                Ok(act(&mut portion(&mut file, range.clone())?))
            }
        }
    }

    /// The bytes.
    ///
    /// # Errors
    /// A file that cannot be read any more.
    pub(crate) fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        self.read_with(|from| from.read_to_end(&mut bytes))??;
        Ok(bytes)
    }
}

impl PartialEq for Packed {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.bytes(), other.bytes()), (Ok(mine), Ok(theirs)) if mine == theirs)
    }
}

/// What the bytes of a file say of themselves.
pub(super) struct Checked {
    /// SHA-256 of all bytes, in hexadecimal.
    pub(super) whole: String,
    /// Length of what the file's own digest is of.
    pub(super) content: u64,
}

/// Reads all bytes once, and keeps none.
pub(super) fn digest(file: &mut (impl Read + Seek), path: &Path) -> Result<Checked, BaselineError> {
    let failed = unreadable(path);
    let length = file.seek(SeekFrom::End(0)).map_err(&failed)?;
    file.seek(SeekFrom::Start(0)).map_err(&failed)?;
    let mut mark = vec![];
    file.take(MARK.len() as u64)
        .read_to_end(&mut mark)
        .map_err(&failed)?;
    marked(&mark, path)?;
    let damaged = |what: &str| BaselineError::Damaged {
        path: path.to_owned(),
        what: what.to_owned(),
    };
    let content = length
        .checked_sub(DIGEST)
        .filter(|content| *content >= MARK.len() as u64)
        .ok_or_else(|| damaged("it ends too early"))?;
    let mut hash = Sha256::new_with_prefix(&mark);
    let mut left = content - MARK.len() as u64;
    let mut block = vec![0; BLOCK];
    while left > 0 {
        let most = block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = file.read(&mut block[..most]).map_err(&failed)?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
        left -= read as u64;
    }
    let mut own = vec![];
    file.take(DIGEST).read_to_end(&mut own).map_err(&failed)?;
    let found = hash.clone().finalize();
    if left > 0 || found.as_slice() != own {
        return Err(damaged(
            "its checksum does not match, so it was cut short or altered",
        ));
    }
    hash.update(&own);
    Ok(Checked {
        whole: hex(&hash.finalize()),
        content,
    })
}

/// Whether it begins as a baseline does.
fn marked(mark: &[u8], path: &Path) -> Result<(), BaselineError> {
    if mark == MARK {
        return Ok(());
    }
    let path = path.to_owned();
    match mark.strip_prefix(b"DGBASE").and_then(|rest| rest.first()) {
        Some(version) => Err(BaselineError::OtherVersion {
            path,
            found: char::from(*version).to_string(),
        }),
        None => Err(BaselineError::Foreign { path }),
    }
}

/// A part that has its length before it, if it ends where the content does or
/// earlier.
pub(super) fn part(
    file: &mut (impl Read + Seek),
    at: u64,
    end: u64,
) -> io::Result<Option<Range<u64>>> {
    let start = at + size_of::<u64>() as u64;
    if start > end {
        return Ok(None);
    }
    let mut length = [0; size_of::<u64>()];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut length)?;
    let ends = start.checked_add(u64::from_le_bytes(length));
    Ok(ends.filter(|ends| *ends <= end).map(|end| start..end))
}

/// A reader of some of the bytes.
pub(super) fn portion<F: Read + Seek>(file: &mut F, range: Range<u64>) -> io::Result<Take<&mut F>> {
    file.seek(SeekFrom::Start(range.start))?;
    Ok(file.take(range.end - range.start))
}

pub(super) fn unreadable(path: &Path) -> impl Fn(io::Error) -> BaselineError {
    let path = path.to_owned();
    move |source| BaselineError::Io {
        path: path.clone(),
        action: "read",
        source,
    }
}
