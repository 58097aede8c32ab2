//! SHA-256 of files, read piece by piece.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use driftguard_verdict::cause::Part;
use sha2::{Digest, Sha256};

use crate::ProvenanceError;

/// Bytes read at a time.
const PIECE: usize = 1 << 16;

/// A digest with how it was made and of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digested {
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// The rule.
    pub method: String,
    /// For people.
    pub of: String,
}

impl Digested {
    pub(crate) fn part(self) -> Part {
        Part::Known {
            sha256: self.sha256,
            method: self.method,
            of: self.of,
        }
    }
}

/// SHA-256 of bytes, in hexadecimal.
pub(crate) fn hex_of(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of a file's bytes, in hexadecimal.
pub(crate) fn contents(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut state = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hex(state.finalize().as_slice())),
            read => state.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

/// The last component of a path: the same on every machine.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

pub(crate) fn file(part: &'static str, path: &Path) -> Result<Digested, ProvenanceError> {
    let sha256 = contents(path).map_err(|source| ProvenanceError::Unreadable {
        part,
        path: path.to_owned(),
        source,
    })?;
    Ok(Digested {
        sha256,
        method: "bytes/v1".into(),
        of: name_of(path),
    })
}

/// Several files as one: the digest of their sorted names, rules and digests.
pub(crate) fn list(paths: &[PathBuf], parts: Vec<Digested>) -> Result<Digested, ProvenanceError> {
    let mut lines: Vec<(String, String)> = paths
        .iter()
        .zip(parts)
        .map(|(path, part)| (name_of(path), format!("{} {}", part.method, part.sha256)))
        .collect();
    lines.sort();
    let mut text = String::from("driftguard/files/v1\n");
    for (name, digest) in &lines {
        text.push_str(&format!("{digest} {name}\0"));
    }
    let names: Vec<&str> = lines.iter().map(|(name, _)| name.as_str()).collect();
    Ok(Digested {
        sha256: hex_of(text.as_bytes()),
        method: "files/v1".into(),
        of: match names.as_slice() {
            [first, second] => format!("{first} and {second}"),
            [first, ..] => format!("{first} and {} other files", names.len() - 1),
            [] => String::new(),
        },
    })
}
