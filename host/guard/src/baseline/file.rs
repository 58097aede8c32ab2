//! The bytes of a baseline.
//!
//! ```text
//! 8 bytes   the mark "DGBASE2\n"
//! 8 bytes   length of the manifest, little endian
//! manifest  JSON
//! 8 bytes   length of the head
//! head      zlib: frames in order of job; for each pool its profiles in order
//!           of job; anchors in order of job; each as a 4-byte length + 1 (0:
//!           none) and bytes; then the scores (see `scores`)
//! 8 bytes   length of the periods
//! periods   zlib: for each period its profiles in order of job, as above
//! 32 bytes  SHA-256 of everything before
//! ```
//!
//! A check that passes reads manifest and head only.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use driftguard_sandbox::sha256_hex;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

use super::{Baseline, BaselineError, FORMAT, Manifest, scores};
use crate::fold::PeriodProfiles;
use crate::periods::units::Periods;

const MARK: &[u8; 8] = b"DGBASE2\n";
const DIGEST: usize = 32;

/// As small as zlib makes it for a fair price.
const LEVEL: Compression = Compression::new(6);

/// Most bytes that a part of a baseline unpacks to.
const MAX_BODY: u64 = 2 << 30;

impl Baseline {
    /// The bytes of the file: equal baselines have equal bytes.
    ///
    /// # Errors
    /// If it cannot be packed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, std::io::Error> {
        let manifest = serde_json::to_vec(&self.manifest)?;
        let mut head = ZlibEncoder::new(Vec::new(), LEVEL);
        let pools = self.pools.iter().flatten();
        for part in self.frames.iter().chain(pools).chain(&self.anchor) {
            write_state(part.as_deref(), &mut head)?;
        }
        scores::write(&self.table, &mut head)?;
        let head = head.finish()?;
        let mut bytes = MARK.to_vec();
        for part in [&manifest, &head, &self.packed] {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        let digest = Sha256::digest(&bytes);
        bytes.extend(digest);
        Ok(bytes)
    }

    /// Writes the file in one step: a reader sees the old file or the new one,
    /// whenever the writer is killed.
    ///
    /// # Errors
    /// If the file is there and `replace` is not set, or writing fails.
    pub fn write(&mut self, path: &Path, replace: bool) -> Result<(), BaselineError> {
        let failed = |action| {
            move |source| BaselineError::Io {
                path: path.to_owned(),
                action,
                source,
            }
        };
        let exists = || BaselineError::Exists {
            path: path.to_owned(),
        };
        if !replace && path.exists() {
            return Err(exists());
        }
        let bytes = self.to_bytes().map_err(failed("pack"))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut file = tempfile::Builder::new()
            .prefix(".driftguard-baseline-")
            .tempfile_in(folder)
            .map_err(failed("write"))?;
        file.write_all(&bytes).map_err(failed("write"))?;
        file.as_file().sync_all().map_err(failed("write"))?;
        if replace {
            file.persist(path)
                .map_err(|error| failed("replace")(error.error))?;
        } else {
            file.persist_noclobber(path)
                .map_err(|error| match error.error.kind() {
                    std::io::ErrorKind::AlreadyExists => exists(),
                    _ => failed("write")(error.error),
                })?;
        }
        // The name itself must survive a crash of the machine.
        #[cfg(unix)]
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed("write"))?;
        self.digest = sha256_hex(&bytes);
        Ok(())
    }

    /// Reads a file, whole and checked.
    ///
    /// # Errors
    /// A file that cannot be read, is none of ours, or is not whole.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let mut bytes = vec![];
        File::open(path)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .map_err(|source| BaselineError::Io {
                path: path.to_owned(),
                action: "read",
                source,
            })?;
        Self::from_bytes(&bytes, path)
    }

    /// From the bytes of a file; `path` is for messages.
    ///
    /// # Errors
    /// Bytes that are none of ours, or not whole.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, BaselineError> {
        let damaged = |what: &str| BaselineError::Damaged {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let rest = marked(bytes, path)?;
        let content = bytes.len().checked_sub(DIGEST);
        let (content, digest) = content
            .and_then(|at| bytes.split_at_checked(at))
            .ok_or_else(|| damaged("it ends too early"))?;
        if Sha256::digest(content).as_slice() != digest {
            return Err(damaged(
                "its checksum does not match, so it was cut short or altered",
            ));
        }
        let (manifest, rest) = part(rest).ok_or_else(|| damaged("the manifest ends too early"))?;
        let (head, rest) = part(rest).ok_or_else(|| damaged("the head ends too early"))?;
        let (packed, _) = part(rest).ok_or_else(|| damaged("the periods end too early"))?;
        let manifest: Manifest =
            serde_json::from_slice(manifest).map_err(|error| damaged(&error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(BaselineError::OtherVersion {
                path: path.to_owned(),
                found: manifest.format,
            });
        }
        let mut head = ZlibDecoder::new(head).take(MAX_BODY);
        let broken = |error: std::io::Error| damaged(&error.to_string());
        let jobs = manifest.jobs.len();
        let frames = read_states(jobs, &mut head).map_err(broken)?;
        let mut pools = vec![];
        for _ in &manifest.pools {
            pools.push(read_states(jobs, &mut head).map_err(broken)?);
        }
        let anchor = read_states(jobs, &mut head).map_err(broken)?;
        let (measures, units) = (manifest.measures.len(), manifest.units.len());
        let table = scores::read(measures, units, &mut head).map_err(broken)?;
        Ok(Self {
            manifest,
            digest: sha256_hex(bytes),
            frames,
            pools,
            anchor,
            table,
            packed: packed.to_vec(),
        })
    }

    /// The profiles of the periods.
    ///
    /// # Errors
    /// If they do not unpack, which a file with a right checksum always does.
    pub(crate) fn periods(&self) -> Result<Periods, BaselineError> {
        let mut packed = ZlibDecoder::new(self.packed.as_slice()).take(MAX_BODY);
        let mut periods = BTreeMap::new();
        for period in &self.manifest.periods {
            let saved = read_states(self.manifest.jobs.len(), &mut packed);
            let saved = saved.map_err(|error| BaselineError::Unpacked {
                period: period.name.clone(),
                source: error,
            })?;
            let rows = period.rows;
            periods.insert(period.key, PeriodProfiles { rows, saved });
        }
        Ok(periods)
    }
}

/// Profiles of periods, as they stand in the file.
pub(super) fn pack(periods: &Periods) -> Result<Vec<u8>, BaselineError> {
    let mut packed = ZlibEncoder::new(Vec::new(), LEVEL);
    periods
        .values()
        .flat_map(|period| &period.saved)
        .try_for_each(|part| write_state(part.as_deref(), &mut packed))
        .and_then(|()| packed.finish())
        .map_err(|source| BaselineError::Packed { source })
}

/// What follows the mark.
fn marked<'a>(bytes: &'a [u8], path: &Path) -> Result<&'a [u8], BaselineError> {
    if let Some(rest) = bytes.strip_prefix(MARK) {
        return Ok(rest);
    }
    let path = path.to_owned();
    match bytes.strip_prefix(b"DGBASE").and_then(|rest| rest.first()) {
        Some(version) => Err(BaselineError::OtherVersion {
            path,
            found: char::from(*version).to_string(),
        }),
        None => Err(BaselineError::Foreign { path }),
    }
}

/// A part with its length before it, and what follows.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
}

fn write_state(state: Option<&[u8]>, out: &mut impl Write) -> std::io::Result<()> {
    let length = match state {
        None => 0,
        Some(bytes) => u32::try_from(bytes.len() + 1).map_err(std::io::Error::other)?,
    };
    out.write_all(&length.to_le_bytes())?;
    out.write_all(state.unwrap_or_default())
}

fn read_states(jobs: usize, from: &mut impl Read) -> std::io::Result<Vec<Option<Vec<u8>>>> {
    (0..jobs).map(|_| state(from)).collect()
}

fn state(body: &mut impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    body.read_exact(&mut length)?;
    let Some(length) = u32::from_le_bytes(length).checked_sub(1) else {
        return Ok(None);
    };
    // Not allocated ahead: the length comes from a file.
    let mut bytes = vec![];
    body.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(std::io::Error::new(
            std::io::ErrorKind::UnexpectedEof,
            "the body ends inside a profile",
        ));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests;
