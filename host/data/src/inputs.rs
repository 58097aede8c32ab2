//! From what the user named to a list of files, in a fixed order.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::bytes::{Blob, unreadable};
use crate::error::DataError;
use crate::limits::{MAX_FILES, MAX_FOLDER_DEPTH};
use crate::sniff::looks_like_data;

/// Files in the order named; matches of a glob and contents of a folder are
/// sorted by path.
pub(crate) fn expand(inputs: &[String]) -> Result<Vec<Blob>, DataError> {
    let mut paths = Vec::new();
    let mut blobs = Vec::new();
    let mut seen = HashSet::new();
    for input in inputs {
        if input == "-" {
            if !seen.insert(PathBuf::from("-")) {
                return Err(DataError::DuplicateFile {
                    path: "standard input".to_owned(),
                });
            }
            blobs.push(Blob::spool("standard input", &mut std::io::stdin().lock())?);
            continue;
        }
        paths.clear();
        one(input, &mut paths)?;
        for path in &paths {
            let same = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            if !seen.insert(same) {
                return Err(DataError::DuplicateFile {
                    path: path.display().to_string(),
                });
            }
            if seen.len() > MAX_FILES {
                return Err(DataError::TooManyFiles {
                    actual: seen.len(),
                    limit: MAX_FILES,
                });
            }
            blobs.push(open(path)?);
        }
    }
    if blobs.is_empty() {
        Err(DataError::NoInput)
    } else {
        Ok(blobs)
    }
}

/// A pipe (`<(zcat ...)`, `/dev/stdin`) can be read once only, so it is kept.
fn open(path: &Path) -> Result<Blob, DataError> {
    let name = path.display().to_string();
    let about = std::fs::metadata(path).map_err(|error| unreadable(&name, &error))?;
    if about.is_file() {
        return Blob::path(path.to_owned());
    }
    let mut file = std::fs::File::open(path).map_err(|error| unreadable(&name, &error))?;
    Blob::spool(&name, &mut file)
}

fn one(input: &str, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let path = Path::new(input);
    // A file may be called `a[1].csv`: what is there goes before a pattern.
    match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => return folder(path, found),
        Ok(_) => {
            found.push(path.to_owned());
            return Ok(());
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(unreadable(input, &error));
        }
        Err(_) => {}
    }
    if !input.contains(['*', '?', '[']) {
        return Err(DataError::Missing {
            path: input.to_owned(),
        });
    }
    let matches = glob::glob(input).map_err(|error| DataError::BadPattern {
        pattern: input.to_owned(),
        position: error.pos,
        reason: error.msg.to_owned(),
    })?;
    for path in matches {
        let path =
            path.map_err(|error| unreadable(&error.path().display().to_string(), error.error()))?;
        if path.is_dir() {
            folder(&path, found)?
        } else {
            found.push(path)
        }
    }
    if found.is_empty() {
        Err(DataError::NoMatch {
            pattern: input.to_owned(),
        })
    } else {
        Ok(())
    }
}

fn folder(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), DataError> {
    let before = found.len();
    let mut skipped = 0;
    walk(path, MAX_FOLDER_DEPTH, found, &mut skipped)?;
    if found.len() == before {
        return Err(DataError::EmptyFolder {
            path: path.display().to_string(),
            skipped,
        });
    }
    Ok(())
}

/// Adds data files below `path`. Names that begin with `.` or `_` are hidden
/// (`_SUCCESS`, `_delta_log`, `.ipynb_checkpoints`).
fn walk(
    path: &Path,
    depth: usize,
    found: &mut Vec<PathBuf>,
    skipped: &mut usize,
) -> Result<(), DataError> {
    let name = path.display().to_string();
    let failed = |error: std::io::Error| unreadable(&name, &error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for entry in entries {
        let hidden = entry
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']));
        if hidden {
            *skipped += 1;
        } else if entry.is_dir() {
            if depth > 0 {
                walk(&entry, depth - 1, found, skipped)?;
            }
        } else if looks_like_data(&entry) {
            found.push(entry);
        } else {
            *skipped += 1;
        }
        if found.len() > MAX_FILES {
            return Err(DataError::TooManyFiles {
                actual: found.len(),
                limit: MAX_FILES,
            });
        }
    }
    Ok(())
}
