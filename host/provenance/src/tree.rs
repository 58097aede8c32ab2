//! A folder as one digest.
//!
//! SHA-256 of `driftguard/tree/v1`, a line end, and for every file in byte
//! order of its path `KIND DIGEST PATH` and a zero byte. KIND is `file`,
//! `exec` (somebody may execute it; Unix only) or `link`; DIGEST is that of the
//! contents, for a link that of its target's path. Paths are relative, with
//! `/`. Links are never followed.
//!
//! Which files count: in a git work tree those that git tracks
//! (`git-tracked/v1`: names from the index, contents from disk, so that an
//! edit that is not committed counts and a new file that is not added does
//! not; submodules the same way). Elsewhere, and where the index cannot be
//! read, all files (`walked/v1`) but those that are made from others: `.git`,
//! `.hg`, `.svn`, `__pycache__`, `node_modules`, `.DS_Store`, `*.pyc`, and
//! folders that hold `CACHEDIR.TAG` or `pyvenv.cfg`. Two listings of the same
//! files have the same digest, whichever way they were made.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::ProvenanceError;
use crate::digest::{self, Digested, hex, hex_of};
use crate::git_index;

/// Files that one folder may hold.
pub const MOST_FILES: usize = 200_000;

/// Folders inside folders that are looked into; also submodules in submodules.
const DEPTH: usize = 64;

/// Files by relative path, in byte order.
type Listing = BTreeMap<Vec<u8>, PathBuf>;

/// The digest of a folder. `part` stands in errors.
///
/// # Errors
/// A file that cannot be read, no file at all, or more than [`MOST_FILES`].
pub fn digest(part: &'static str, folder: &Path) -> Result<Digested, ProvenanceError> {
    let lister = Lister { part, folder };
    let tracked = lister.tracked()?;
    let (files, method) = match tracked {
        Some(files) if !files.is_empty() => (files, "git-tracked/v1"),
        _ => (lister.walked()?, "walked/v1"),
    };
    if files.is_empty() {
        return Err(ProvenanceError::EmptyFolder {
            part,
            path: folder.to_owned(),
        });
    }
    let mut state = Sha256::new();
    state.update(b"driftguard/tree/v1\n");
    for (name, path) in &files {
        let (kind, contents) = lister.contents(path)?;
        state.update(format!("{kind} {contents} "));
        state.update(name);
        state.update([0]);
    }
    Ok(Digested {
        sha256: hex(state.finalize().as_slice()),
        method: method.into(),
        of: match files.len() {
            1 => format!("1 file of {}", shown(folder)),
            many => format!("{many} files of {}", shown(folder)),
        },
    })
}

/// The folder's own name, also of `.` and `..`.
fn shown(folder: &Path) -> String {
    digest::name_of(&folder.canonicalize().unwrap_or_else(|_| folder.to_owned()))
}

struct Lister<'a> {
    part: &'static str,
    folder: &'a Path,
}

impl Lister<'_> {
    fn unreadable(&self, path: &Path, source: std::io::Error) -> ProvenanceError {
        ProvenanceError::Unreadable {
            part: self.part,
            path: path.to_owned(),
            source,
        }
    }

    fn kind(&self, path: &Path) -> Result<Metadata, ProvenanceError> {
        std::fs::symlink_metadata(path).map_err(|source| self.unreadable(path, source))
    }

    fn add(
        &self,
        files: &mut Listing,
        name: Vec<u8>,
        path: PathBuf,
    ) -> Result<(), ProvenanceError> {
        files.insert(name, path);
        match files.len() > MOST_FILES {
            true => Err(ProvenanceError::TooManyFiles {
                part: self.part,
                path: self.folder.to_owned(),
                limit: MOST_FILES,
            }),
            false => Ok(()),
        }
    }

    /// What git tracks below the folder; none where there is no git, or an
    /// index that this reader does not understand.
    fn tracked(&self) -> Result<Option<Listing>, ProvenanceError> {
        let mut files = Listing::new();
        let complete = self.tracked_in(self.folder, b"", &mut files, DEPTH)?;
        Ok(complete.then_some(files))
    }

    fn tracked_in(
        &self,
        folder: &Path,
        prefix: &[u8],
        files: &mut Listing,
        depth: usize,
    ) -> Result<bool, ProvenanceError> {
        let Some(entries) = git_index::entries(folder) else {
            return Ok(false);
        };
        for entry in entries {
            let path = folder.join(path_of(&entry.path));
            // Deleted and not committed: not there.
            let Ok(kind) = std::fs::symlink_metadata(&path) else {
                continue;
            };
            let name = joined(prefix, &entry.path);
            if kind.is_dir() {
                // A submodule that was checked out.
                let inside = path.join(".git").exists();
                let deeper = inside && depth > 0;
                if !deeper || !self.tracked_in(&path, &name, files, depth - 1)? {
                    return Ok(false);
                }
            } else {
                self.add(files, name, path)?;
            }
        }
        Ok(true)
    }

    fn walked(&self) -> Result<Listing, ProvenanceError> {
        let mut files = Listing::new();
        self.walk(self.folder, b"", &mut files, DEPTH)?;
        Ok(files)
    }

    fn walk(
        &self,
        folder: &Path,
        prefix: &[u8],
        files: &mut Listing,
        depth: usize,
    ) -> Result<(), ProvenanceError> {
        let failed = |source| self.unreadable(folder, source);
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let (path, name) = (entry.path(), bytes_of(&entry.file_name()));
            if is_made(&name) {
                continue;
            }
            let kind = self.kind(&path)?;
            let name = joined(prefix, &name);
            if kind.is_dir() {
                let made = ["CACHEDIR.TAG", "pyvenv.cfg"];
                if made.iter().any(|tag| path.join(tag).is_file()) {
                    continue;
                }
                if depth == 0 {
                    let source = std::io::Error::other("folders are nested too deeply");
                    return Err(self.unreadable(&path, source));
                }
                self.walk(&path, &name, files, depth - 1)?;
            } else {
                self.add(files, name, path)?;
            }
        }
        Ok(())
    }

    /// Kind and digest of one file.
    fn contents(&self, path: &Path) -> Result<(&'static str, String), ProvenanceError> {
        let failed = |source| self.unreadable(path, source);
        let kind = self.kind(path)?;
        if kind.is_symlink() {
            let target = std::fs::read_link(path).map_err(failed)?;
            Ok(("link", hex_of(&bytes_of(target.as_os_str()))))
        } else if kind.is_file() {
            let word = if is_executable(&kind) { "exec" } else { "file" };
            Ok((word, digest::contents(path).map_err(failed)?))
        } else {
            Err(ProvenanceError::NotAFile {
                part: self.part,
                path: path.to_owned(),
            })
        }
    }
}

/// Files and folders that others are made into.
fn is_made(name: &[u8]) -> bool {
    let names: [&[u8]; 6] = [
        b".git",
        b".hg",
        b".svn",
        b"__pycache__",
        b"node_modules",
        b".DS_Store",
    ];
    names.contains(&name) || name.ends_with(b".pyc")
}

fn joined(prefix: &[u8], name: &[u8]) -> Vec<u8> {
    match prefix.is_empty() {
        true => name.to_vec(),
        false => [prefix, b"/", name].concat(),
    }
}

#[cfg(unix)]
fn is_executable(kind: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    kind.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn bytes_of(name: &std::ffi::OsStr) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    name.as_bytes().to_vec()
}

#[cfg(not(unix))]
fn bytes_of(name: &std::ffi::OsStr) -> Vec<u8> {
    name.to_string_lossy().replace('\\', "/").into_bytes()
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(std::ffi::OsStr::from_bytes(name))
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(name).into_owned())
}
