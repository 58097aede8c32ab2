//! What can be wrong with a policy. Every message says where, what, and what
//! would be right.

use std::fmt;
use std::path::PathBuf;

use super::nearest::nearest;
use super::place::Place;
use super::text::{listed, shown};

/// Newest version of the policy format that this driftguard reads.
pub const NEWEST_VERSION: i64 = 1;
/// Greatest size of a policy file, in bytes.
pub const LARGEST_FILE: u64 = 1024 * 1024;

/// What is wrong with a policy, or with the flags laid over it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("{}: the policy cannot be read: {source}; check the path given with --policy, or write one with `driftguard init`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than any policy.
    #[error("{}: the policy has {size} bytes, at most {LARGEST_FILE} are read; is this a data file?", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
    },
    /// The file is not UTF-8.
    #[error("{place}: the policy is not UTF-8 text; save it as UTF-8")]
    NotText {
        /// The line of the first bad byte.
        place: Place,
    },
    /// The file is not TOML.
    #[error("{place}: not valid TOML: {message}")]
    Syntax {
        /// The line.
        place: Place,
        /// What the parser said.
        message: String,
    },
    /// Written for a newer driftguard.
    #[error(
        "{place}: `version` is {found}, this driftguard reads policies up to version {NEWEST_VERSION}; update driftguard"
    )]
    Version {
        /// Where the version is written.
        place: Place,
        /// The version found.
        found: i64,
    },
    /// A key that does not exist.
    #[error("{place}: unknown key `{}` {}: {}", shown(.key), in_table(.table), .names)]
    UnknownKey {
        /// Where.
        place: Place,
        /// The table it stands in, dotted; empty at the top level.
        table: String,
        /// The key.
        key: String,
        /// The key that was probably meant, and all keys of that table.
        names: Box<Names>,
    },
    /// A value of the wrong type.
    #[error("{place}: {}must be {expected}, found {found}", subject(.place, .key))]
    WrongType {
        /// Where.
        place: Place,
        /// The key, dotted; not shown where the place is a flag.
        key: String,
        /// What would be right, in words.
        expected: String,
        /// What was found, in words.
        found: String,
    },
    /// A value outside its range.
    #[error("{place}: {}must be {expected}, found {found}", subject(.place, .key))]
    OutOfRange {
        /// Where.
        place: Place,
        /// The key, dotted; not shown where the place is a flag.
        key: String,
        /// What would be right, in words.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A word that is not among those allowed.
    #[error("{place}: {}cannot be `{}`: {}", subject(.place, .key), shown(.found), .names)]
    NotAChoice {
        /// Where.
        place: Place,
        /// The key, dotted; not shown where the place is a flag.
        key: String,
        /// The word found.
        found: String,
        /// The word that was probably meant, and the words allowed.
        names: Box<Names>,
    },
    /// A check that is neither built in nor comes with a plugin.
    #[error("{place}: there is no check `{}`: {} (a check of your own needs `plugin = \"path/to/file.wasm\"`)", shown(.id), .names)]
    UnknownCheck {
        /// Where.
        place: Place,
        /// The id.
        id: String,
        /// The check that was probably meant, and all known checks.
        names: Box<Names>,
    },
    /// The id of an own check is not kebab case.
    #[error("{place}: `{}` cannot be the id of a check: use up to 64 lower-case letters, digits and single hyphens, a letter first (`my-check`)", shown(.id))]
    BadCheckId {
        /// Where.
        place: Place,
        /// The id.
        id: String,
    },
    /// A plugin under the id of a built-in check.
    #[error(
        "{place}: `{id}` is built in and cannot be replaced: give your plugin an id of its own, and switch the built-in off with `enabled = false`"
    )]
    BuiltInCheck {
        /// Where.
        place: Place,
        /// The id.
        id: String,
    },
    /// Two checks name the same plugin file.
    #[error("{place}: the plugin `{}` is already that of the check `{first}`: a plugin holds one check; remove one of the two", shown(.path))]
    DuplicatePlugin {
        /// Where the second stands.
        place: Place,
        /// The path as typed.
        path: String,
        /// The check that names it first.
        first: String,
    },
    /// A plugin file that is not there.
    #[error("{place}: there is no plugin file `{}` (looked for {}): build it, or correct the path, which is relative to the policy file", shown(.path), .looked.display())]
    MissingPlugin {
        /// Where.
        place: Place,
        /// The path as typed.
        path: String,
        /// The path that was tried.
        looked: PathBuf,
    },
    /// A digest without a plugin.
    #[error(
        "{place}: `sha256` of the check `{id}` pins a plugin file, but there is no `plugin`: add it, or remove `sha256`"
    )]
    PinWithoutPlugin {
        /// Where.
        place: Place,
        /// The check.
        id: String,
    },
    /// A plugin file that is not the one that was pinned.
    #[error("{place}: the plugin `{}` has sha256 {found}, the policy pins {pinned}: someone changed the file; if that was you, write the new digest", shown(.path))]
    WrongPin {
        /// Where the pin is written.
        place: Place,
        /// The path as typed.
        path: String,
        /// The digest in the policy.
        pinned: String,
        /// The digest of the file.
        found: String,
    },
    /// Two things that exclude each other.
    #[error("{place}: {what}")]
    Conflict {
        /// Where the second stands.
        place: Place,
        /// Both, and what to do.
        what: String,
    },
    /// A column that is on neither side of the data.
    #[error("{place}: the column `{}` is on neither side of the data: {}", shown(.column), .names)]
    UnknownColumn {
        /// Where.
        place: Place,
        /// The column.
        column: String,
        /// The column that was probably meant, and the columns there are.
        names: Box<Names>,
    },
    /// A pattern in a grant that fits no column.
    #[error("{place}: the pattern `{}` fits no column of the data, so `{check}` would look at nothing through it: correct or remove it; the columns are {}", shown(.pattern), listed(.columns.iter().map(String::as_str)))]
    NoColumnFits {
        /// Where.
        place: Place,
        /// The check.
        check: String,
        /// The pattern.
        pattern: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A setting that the check does not have.
    #[error("{place}: the check `{check}` has no setting `{}`: {}", shown(.name), .names)]
    UnknownSetting {
        /// Where.
        place: Place,
        /// The check.
        check: String,
        /// The setting.
        name: String,
        /// The setting that was probably meant, and all settings of the check.
        names: Box<Names>,
    },
    /// The plugin describes one of its own settings wrongly.
    #[error("the plugin of the check `{}` describes its setting `{}` wrongly: {message}; this is a fault of the plugin: report it to its author, or switch the check off with `enabled = false`", shown(.check), shown(.name))]
    BadSpec {
        /// The check.
        check: String,
        /// The setting.
        name: String,
        /// What is wrong.
        message: String,
    },
}

/// The key in backticks; with a flag the place says it all.
fn subject(place: &Place, key: &str) -> String {
    match place {
        Place::Flag(_) => String::new(),
        Place::Line(..) | Place::File(_) => format!("`{key}` "),
    }
}

/// The name that was probably meant among those there are; in a message: "did
/// you mean `x`?", or what there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The name that was probably meant.
    pub nearest: Option<String>,
    /// All names there are.
    pub known: Vec<String>,
}

impl Names {
    pub(super) fn new<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Box<Self> {
        let nearest = nearest(typed, known.clone()).map(str::to_owned);
        Box::new(Self {
            nearest,
            known: known.map(str::to_owned).collect(),
        })
    }
}

impl fmt::Display for Names {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = || listed(self.known.iter().map(String::as_str));
        match (&self.nearest, self.known.len()) {
            (Some(nearest), _) => write!(out, "did you mean `{}`?", shown(nearest)),
            (None, 0) => write!(out, "there are none"),
            (None, 1) => write!(out, "there is only {}", known()),
            (None, _) => write!(out, "there are {}", known()),
        }
    }
}

fn in_table(table: &str) -> String {
    match table {
        "" => "at the top level".to_owned(),
        _ => format!("in [{table}]"),
    }
}
