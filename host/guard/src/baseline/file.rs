//! The bytes of a baseline.
//!
//! ```text
//! 8 bytes   the mark "DGBASE3\n"
//! 8 bytes   length of the manifest, little endian
//! manifest  JSON
//! 8 bytes   length of the head
//! head      zstd: frames in order of job; for each pool its profiles in order
//!           of job; anchors in order of job; each as a 4-byte length + 1 (0:
//!           none) and bytes; then the scores (see `scores`)
//! 8 bytes   length of the periods
//! periods   zstd: for each period its profiles in order of job, as above
//! 32 bytes  SHA-256 of everything before
//! ```
//!
//! A check that passes reads manifest and head only.

mod parts;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use driftguard_sandbox::sha256_hex;
use sha2::{Digest, Sha256};

pub(crate) use self::parts::Packed;
use self::parts::{digest, part, portion, unreadable};
use super::{Baseline, BaselineError, FORMAT, Manifest, scores};
use crate::fold::PeriodProfiles;
use crate::periods::units::Periods;

const MARK: &[u8; 8] = b"DGBASE3\n";
const DIGEST: u64 = 32;
/// Profiles are random bits for the most part: higher levels take longer and
/// gain nothing.
const LEVEL: i32 = 3;

/// Most bytes that a part of a baseline unpacks to.
const MAX_BODY: u64 = 2 << 30;

impl Baseline {
    /// The bytes of the file: equal baselines have equal bytes.
    ///
    /// # Errors
    /// If it cannot be packed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, io::Error> {
        let manifest = serde_json::to_vec(&self.manifest)?;
        let mut head = zstd::Encoder::new(Vec::new(), LEVEL)?;
        let pools = self.pools.iter().flatten();
        for part in self.frames.iter().chain(pools).chain(&self.anchor) {
            write_state(part.as_deref(), &mut head)?;
        }
        scores::write(&self.table, &mut head)?;
        let head = head.finish()?;
        let mut bytes = MARK.to_vec();
        let packed = self.packed.bytes()?;
        for part in [&manifest, &head, &packed] {
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
                    io::ErrorKind::AlreadyExists => exists(),
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

    /// Reads a file, whole and checked. The profiles of the periods are left
    /// where they are: most checks never need them.
    ///
    /// # Errors
    /// A file that cannot be read, is none of ours, or is not whole.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let mut file = File::open(path).map_err(unreadable(path))?;
        let (mut baseline, range) = Self::from_reader(&mut file, path)?;
        baseline.packed = Packed::Left {
            file: Arc::new(file),
            range,
        };
        Ok(baseline)
    }

    /// From the bytes of a file; `path` is for messages.
    ///
    /// # Errors
    /// Bytes that are none of ours, or not whole.
    pub fn from_bytes(bytes: &[u8], path: &Path) -> Result<Self, BaselineError> {
        let (mut baseline, range) = Self::from_reader(&mut Cursor::new(bytes), path)?;
        let mut packed = vec![];
        portion(&mut Cursor::new(bytes), range)
            .and_then(|mut from| from.read_to_end(&mut packed))
            .map_err(unreadable(path))?;
        baseline.packed = Packed::Held(packed);
        Ok(baseline)
    }

    /// Everything but the periods, and where these are.
    fn from_reader(
        file: &mut (impl Read + Seek),
        path: &Path,
    ) -> Result<(Self, Range<u64>), BaselineError> {
        let damaged = |what: &str| BaselineError::Damaged {
            path: path.to_owned(),
            what: what.to_owned(),
        };
        let broken = |error: io::Error| damaged(&error.to_string());
        let digest = digest(file, path)?;
        let mut at = MARK.len() as u64;
        let mut part = |what: &str| {
            let range = part(file, at, digest.content)
                .map_err(unreadable(path))?
                .ok_or_else(|| damaged(&format!("{what} too early")))?;
            at = range.end;
            Ok(range)
        };
        let manifest = part("the manifest ends")?;
        let head = part("the head ends")?;
        let packed = part("the periods end")?;
        let mut bytes = vec![];
        portion(file, manifest)
            .and_then(|mut from| from.read_to_end(&mut bytes))
            .map_err(unreadable(path))?;
        let manifest: Manifest =
            serde_json::from_slice(&bytes).map_err(|error| damaged(&error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(BaselineError::OtherVersion {
                path: path.to_owned(),
                found: manifest.format,
            });
        }
        let head = portion(file, head).map_err(unreadable(path))?;
        let mut head = zstd::Decoder::new(head).map_err(broken)?.take(MAX_BODY);
        let jobs = manifest.jobs.len();
        let frames = read_states(jobs, &mut head).map_err(broken)?;
        let mut pools = vec![];
        for _ in &manifest.pools {
            pools.push(read_states(jobs, &mut head).map_err(broken)?);
        }
        let anchor = read_states(jobs, &mut head).map_err(broken)?;
        let (measures, units) = (manifest.measures.len(), manifest.units.len());
        let table = scores::read(measures, units, &mut head).map_err(broken)?;
        let baseline = Self {
            manifest,
            digest: digest.whole,
            frames,
            pools,
            anchor,
            table,
            packed: Packed::Held(vec![]),
        };
        Ok((baseline, packed))
    }

    /// The profiles of the periods.
    ///
    /// # Errors
    /// If they do not unpack, which a file with a right checksum always does.
    pub(crate) fn periods(&self) -> Result<Periods, BaselineError> {
        let read = |from: &mut dyn Read| {
            let mut packed = zstd::Decoder::new(from)
                .map_err(|source| BaselineError::Unread { source })?
                .take(MAX_BODY);
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
        };
        self.packed
            .read_with(read)
            .map_err(|source| BaselineError::Unread { source })?
    }
}

/// Profiles of periods, as they stand in the file.
pub(super) fn pack(periods: &Periods) -> Result<Packed, BaselineError> {
    let write = || {
        let mut packed = zstd::Encoder::new(Vec::new(), LEVEL)?;
        for part in periods.values().flat_map(|period| &period.saved) {
            write_state(part.as_deref(), &mut packed)?;
        }
        packed.finish().map(Packed::Held)
    };
    write().map_err(|source| BaselineError::Packed { source })
}

fn write_state(state: Option<&[u8]>, out: &mut impl Write) -> io::Result<()> {
    let length = match state {
        None => 0,
        Some(bytes) => u32::try_from(bytes.len() + 1).map_err(io::Error::other)?,
    };
    out.write_all(&length.to_le_bytes())?;
    out.write_all(state.unwrap_or_default())
}

fn read_states(jobs: usize, from: &mut impl Read) -> io::Result<Vec<Option<Vec<u8>>>> {
    (0..jobs).map(|_| state(from)).collect()
}

fn state(body: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    body.read_exact(&mut length)?;
    let Some(length) = u32::from_le_bytes(length).checked_sub(1) else {
        return Ok(None);
    };
    // Not allocated ahead: the length comes from a file.
    let mut bytes = vec![];
    body.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != u64::from(length) {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the body ends inside a profile",
        ));
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests;
