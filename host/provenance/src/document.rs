//! The document of fingerprints as a file.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use driftguard_verdict::cause::fingerprint::{FORMAT, is_digest};
use driftguard_verdict::cause::{Fingerprints, Part, PartName};

use crate::ProvenanceError;

/// Bytes of a document that is read; one has about 2,000.
pub const LARGEST: u64 = 1 << 20;

/// The text of a document, with a line end.
pub fn to_text(document: &Fingerprints) -> String {
    let text = serde_json::to_string_pretty(document);
    // A struct of texts always has a form in JSON.
    text.unwrap_or_default() + "\n"
}

/// Writes a document, as a whole or not at all.
///
/// # Errors
/// A folder that cannot be written to.
pub fn write(path: &Path, document: &Fingerprints) -> Result<(), ProvenanceError> {
    let failed = |source| ProvenanceError::Unwritable {
        path: path.to_owned(),
        source,
    };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let draft = path.with_file_name(name);
    let written = File::create(&draft)
        .and_then(|mut file| {
            file.write_all(to_text(document).as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&draft, path));
    written.map_err(|source| {
        // Best effort: the error itself is what matters.
        _ = std::fs::remove_file(&draft);
        failed(source)
    })
}

/// Reads a document.
///
/// # Errors
/// A file that cannot be read, is no such document, or is one of another
/// version.
pub fn read(path: &Path) -> Result<Fingerprints, ProvenanceError> {
    let bad = |reason: String| ProvenanceError::BadDocument {
        path: path.to_owned(),
        reason,
    };
    let mut bytes = vec![];
    File::open(path)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
        .map_err(|source| ProvenanceError::Unreadable {
            part: "fingerprints",
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > LARGEST {
        return Err(bad(format!("it has more than {LARGEST} bytes")));
    }
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))?;
    // The version comes first: a newer document is not blamed for its keys.
    match value.get("format").and_then(serde_json::Value::as_str) {
        Some(FORMAT) => {}
        Some(found) => {
            return Err(ProvenanceError::OtherFormat {
                path: path.to_owned(),
                found: found.chars().take(80).collect(),
                expected: FORMAT,
            });
        }
        None => return Err(bad("there is no key `format`".into())),
    }
    let document: Fingerprints =
        serde_json::from_value(value).map_err(|error| bad(error.to_string()))?;
    for name in PartName::ALL {
        if let Part::Known { sha256, .. } = document.part(name)
            && !is_digest(sha256)
        {
            let name = name.name();
            return Err(bad(format!(
                "`{name}.sha256` is not 64 lower-case hexadecimal digits"
            )));
        }
    }
    Ok(document)
}
