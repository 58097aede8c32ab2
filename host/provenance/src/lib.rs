//! Fingerprints of what decides a model's answers: files in, digests out. No
//! network, no git program, no Arrow, no WebAssembly.
//!
//! # Layout
//!
//! - this file: what to fingerprint, [`Request`], and [`fingerprint`].
//! - [`tree`]: a folder as one digest. `git_index`: which files git tracks.
//! - [`canonical`]: configurations that mean the same have one digest.
//! - [`document`]: writing the document, and reading it with suspicion.
//! - `digest`: bytes and lists of files.
//! - [`error`]: everything that can be wrong.
//!
//! # Rules
//!
//! | part | given | method | digest of |
//! |---|---|---|---|
//! | any | a file | `bytes/v1` | its bytes, as `sha256sum` has it |
//! | any | several files | `files/v1` | their sorted names and digests |
//! | any | a folder | `git-tracked/v1`, `walked/v1` | see [`tree`] |
//! | config | `.json`, `.toml` | `json/rfc8785/v1`, `toml/rfc8785/v1` | the canonical form; see [`canonical`] |
//! | config | another file, or one that has no canonical form | `bytes/v1` | its bytes |
//! | schema | columns | `columns/v1` | the canonical JSON of names and types, in their order |
//! | runtime | | `runtime/v1` | the canonical JSON of processor, system and what the user names |

pub mod canonical;
mod digest;
pub mod document;
pub mod error;
mod git_index;
pub mod tree;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use driftguard_verdict::cause::{Fingerprints, Part, PartName};

pub use digest::hex;
pub use document::{read, write};
pub use error::ProvenanceError;

use digest::{Digested, hex_of};

/// What is said of one part.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Given<T> {
    /// Nothing: it will be unknown.
    #[default]
    Nothing,
    /// There is no such part.
    Absent,
    /// This.
    This(T),
}

/// What to fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// A folder of source code, or one file.
    pub code: Given<PathBuf>,
    /// Files or folders of the model.
    pub model: Given<Vec<PathBuf>>,
    /// Configuration files.
    pub config: Given<Vec<PathBuf>>,
    /// Lock files.
    pub deps: Given<Vec<PathBuf>>,
    /// Files or folders that define features.
    pub features: Given<Vec<PathBuf>>,
    /// Names and types of the data's columns, in their order.
    pub schema: Given<Vec<(String, String)>>,
    /// Versions and the like that the user names.
    pub runtime: BTreeMap<String, String>,
}

/// Computes every part that is given. Processor and system are those of the
/// machine this runs on.
///
/// # Errors
/// A file or folder that cannot be read, or holds nothing.
pub fn fingerprint(request: &Request) -> Result<Fingerprints, ProvenanceError> {
    let mut document = Fingerprints::unknown(env!("CARGO_PKG_VERSION"), "");
    let code = match &request.code {
        Given::Nothing => Given::Nothing,
        Given::Absent => Given::Absent,
        Given::This(path) => Given::This(vec![path.clone()]),
    };
    for (name, given) in [
        (PartName::Code, &code),
        (PartName::Model, &request.model),
        (PartName::Config, &request.config),
        (PartName::Deps, &request.deps),
        (PartName::Features, &request.features),
    ] {
        *document.part_mut(name) = part(name, given, |paths| files(name, paths))?;
    }
    document.schema = part(PartName::Schema, &request.schema, |columns| {
        Ok(columns_digest(columns))
    })?;
    document.runtime = runtime(&request.runtime).part();
    Ok(document)
}

fn part<T>(
    name: PartName,
    given: &Given<T>,
    digest: impl Fn(&T) -> Result<Digested, ProvenanceError>,
) -> Result<Part, ProvenanceError> {
    Ok(match given {
        Given::Nothing => Part::Unknown {
            unknown: match name {
                PartName::Schema => "not given: name data with --schema".into(),
                _ => format!(
                    "not given: name it with --{0}, or in [fingerprint] {0}",
                    name.name()
                ),
            },
        },
        Given::Absent => Part::Absent {
            absent: format!("said with `{} none`", name.name()),
        },
        Given::This(what) => digest(what)?.part(),
    })
}

fn files(name: PartName, paths: &[PathBuf]) -> Result<Digested, ProvenanceError> {
    let one = |path: &PathBuf| one(name, path);
    match paths {
        [] => Err(ProvenanceError::Nothing { part: name.name() }),
        [path] => one(path),
        _ => digest::list(paths, paths.iter().map(one).collect::<Result<_, _>>()?),
    }
}

fn one(name: PartName, path: &Path) -> Result<Digested, ProvenanceError> {
    let kind = std::fs::metadata(path).map_err(|source| ProvenanceError::Unreadable {
        part: name.name(),
        path: path.to_owned(),
        source,
    })?;
    if kind.is_dir() {
        tree::digest(name.name(), path)
    } else if !kind.is_file() {
        // A pipe would be waited for without end.
        Err(ProvenanceError::NotAFile {
            part: name.name(),
            path: path.to_owned(),
        })
    } else if name == PartName::Config {
        canonical::digest(path)
    } else {
        digest::file(name.name(), path)
    }
}

fn columns_digest(columns: &[(String, String)]) -> Digested {
    let list = columns.iter().map(|(name, kind)| {
        let pair = [name, kind].map(|text| canonical::Value::Text(text.clone()));
        canonical::Value::List(pair.into())
    });
    Digested {
        sha256: hex_of(canonical::Value::List(list.collect()).to_text().as_bytes()),
        method: "columns/v1".into(),
        of: format!("{} columns", columns.len()),
    }
}

fn runtime(named: &BTreeMap<String, String>) -> Digested {
    let text = |text: &str| canonical::Value::Text(text.to_owned());
    let (processor, system) = (std::env::consts::ARCH, std::env::consts::OS);
    let named_too = named
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
        .collect();
    let whole = canonical::Value::Table(BTreeMap::from([
        ("arch".to_owned(), text(processor)),
        ("os".to_owned(), text(system)),
        ("named".to_owned(), canonical::Value::Table(named_too)),
    ]));
    let mut of = vec![processor.to_owned(), system.to_owned()];
    of.extend(named.iter().map(|(name, value)| format!("{name} {value}")));
    Digested {
        sha256: hex_of(whole.to_text().as_bytes()),
        method: "runtime/v1".into(),
        of: of.join(", "),
    }
}
