//! Everything that can be wrong with what is to be fingerprinted.

use std::path::PathBuf;

use thiserror::Error;

/// Why a fingerprint could not be made or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProvenanceError {
    /// A part without a file.
    #[error("{part}: no file was named; name one, or say `none` if there is no such part")]
    Nothing {
        /// Which part.
        part: &'static str,
    },
    /// The system refused.
    #[error("{part}: {} cannot be read: {source}; check the path and its permissions", .path.display())]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A pipe, a device or a socket.
    #[error("{part}: {} is neither a file nor a folder; name what is on disk", .path.display())]
    NotAFile {
        /// Which part.
        part: &'static str,
        /// What was named.
        path: PathBuf,
    },
    /// A folder without a file.
    #[error("{part}: {} holds no file that counts; name the folder that holds them", .path.display())]
    EmptyFolder {
        /// Which part.
        part: &'static str,
        /// The folder.
        path: PathBuf,
    },
    /// More files than any source tree has.
    #[error(
        "{part}: {} holds more than {limit} files; name a folder further down, or commit the sources to git", .path.display()
    )]
    TooManyFiles {
        /// Which part.
        part: &'static str,
        /// The folder.
        path: PathBuf,
        /// The cap.
        limit: usize,
    },
    /// A document of fingerprints that is none.
    #[error("{}: not a document of fingerprints: {reason}; write it with `driftguard fingerprint --out FILE`", .path.display())]
    BadDocument {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A document of another version.
    #[error("{}: the format is `{found}`, this driftguard reads `{expected}`; update driftguard, or write the document again", .path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// The format found.
        found: String,
        /// The format known.
        expected: &'static str,
    },
    /// A document that could not be written.
    #[error("{} cannot be written: {source}; check the folder and its permissions", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
