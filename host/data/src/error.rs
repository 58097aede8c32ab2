//! Everything that can be wrong with input data.
//!
//! Each message says which file, which place in it, what was expected and what
//! to do. Programs match on the variant, people read the text.

use thiserror::Error;

/// Why data could not be read or understood.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// No input was named.
    #[error("no input files were named; name a file, a folder, a glob, or - for standard input")]
    NoInput,
    /// A column whose values cannot be hidden.
    #[error(
        "column `{column}` is marked personal and holds {storage}, but only text can be hashed: ignore it, or store it as text"
    )]
    NotHidden {
        /// The column.
        column: String,
        /// How it is stored.
        storage: String,
    },
    /// A path that is not there.
    #[error(
        "{path}: no such file or folder; check the path (relative paths start at the current folder)"
    )]
    Missing {
        /// The path as given.
        path: String,
    },
    /// A glob that matches nothing.
    #[error(
        "{pattern}: the pattern matches no file; quote it so that the shell leaves it alone, and check it with ls"
    )]
    NoMatch {
        /// The pattern as given.
        pattern: String,
    },
    /// A glob that cannot be parsed.
    #[error(
        "{pattern}: not a valid pattern at character {position}: {reason}; patterns know *, ?, [abc] and **"
    )]
    BadPattern {
        /// The pattern as given.
        pattern: String,
        /// Position of the fault, from 0.
        position: usize,
        /// What the parser said.
        reason: String,
    },
    /// A folder in which nothing looks like data.
    #[error(
        "{path}: no data files in this folder ({skipped} other files skipped); \
         expected names ending in .parquet, .csv, .tsv, .jsonl, .json, .arrow, .ipc or .feather (text also with .gz)"
    )]
    EmptyFolder {
        /// The folder.
        path: String,
        /// How many files were passed over.
        skipped: usize,
    },
    /// The same file named twice on one side: its rows would count twice.
    #[error("{path}: named twice on one side, its rows would count twice; name it once")]
    DuplicateFile {
        /// The file.
        path: String,
    },
    /// More files than allowed.
    #[error(
        "{actual} files on one side, at most {limit} are read; join small files into larger ones"
    )]
    TooManyFiles {
        /// How many were found.
        actual: usize,
        /// The cap.
        limit: usize,
    },
    /// The operating system refused.
    #[error("{path}: cannot read: {reason}; check permissions and the disk")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Standard input could not be kept on disk.
    #[error(
        "standard input: cannot keep it in a temporary file: {reason}; free some space or set TMPDIR to a larger disk"
    )]
    Spool {
        /// What the system said.
        reason: String,
    },
    /// A file of zero bytes.
    #[error("{path}: the file is empty (0 bytes); expected a header or at least one record")]
    EmptyFile {
        /// The file.
        path: String,
    },
    /// All files of a side together hold no row.
    #[error("{what}: no rows; there is nothing to compare, check the job that wrote it")]
    NoRows {
        /// The file, or a description of the files.
        what: String,
    },
    /// Contents of no known format.
    #[error("{path}: unknown format: {found}; {advice}")]
    UnknownFormat {
        /// The file.
        path: String,
        /// What the first bytes look like.
        found: String,
        /// What to do.
        advice: String,
    },
    /// The name promises a binary format, the contents are something else.
    #[error(
        "{path}: not {format}: the file must begin with {expected}, it begins with {found}; it was renamed or damaged, write it again"
    )]
    WrongMagic {
        /// The file.
        path: String,
        /// The format that its name promises.
        format: &'static str,
        /// The bytes that must be there.
        expected: &'static str,
        /// The bytes that are there.
        found: String,
    },
    /// The end is missing.
    #[error(
        "{path}: truncated {format} file: {expected} expected at the end ({length} bytes are there); copy or write it again"
    )]
    Truncated {
        /// The file.
        path: String,
        /// Its format.
        format: &'static str,
        /// What must be at the end.
        expected: &'static str,
        /// Bytes of the file.
        length: u64,
    },
    /// The decoder failed.
    #[error("{path}: damaged {format} data at {place}: {reason}; copy or write the file again")]
    Damaged {
        /// The file.
        path: String,
        /// Its format.
        format: &'static str,
        /// Where in the file.
        place: String,
        /// What the decoder said.
        reason: String,
    },
    /// A cap of [`crate::limits`].
    #[error("{path}: {place}: {what} is {actual}, at most {limit} is read; {advice}")]
    TooLarge {
        /// The file.
        path: String,
        /// Where in the file.
        place: String,
        /// What is too large.
        what: &'static str,
        /// Its size.
        actual: u64,
        /// The cap.
        limit: u64,
        /// What to do.
        advice: &'static str,
    },
    /// The file was replaced or written to while it was read.
    #[error("{path}: the file changed while it was being read; wait until its writer is done")]
    Changed {
        /// The file.
        path: String,
    },
    /// A CSV row with too many or too few fields.
    #[error(
        "{path}: line {line}: expected {expected} fields as in the header, found {actual}; \
         look for a missing or stray delimiter, or an unclosed quote"
    )]
    FieldCount {
        /// The file.
        path: String,
        /// Line on which the row starts, from 1.
        line: u64,
        /// Fields of the header.
        expected: usize,
        /// Fields of this row.
        actual: usize,
    },
    /// A quoted field that goes on to the end of a CSV file.
    #[error(
        "{path}: line {line}: the quote that opens a field here is never closed; \
         close it, or double a quote that belongs to the text"
    )]
    UnclosedQuote {
        /// The file.
        path: String,
        /// Line of the quote, from 1.
        line: u64,
    },
    /// A quoted field of a CSV file that goes on after its closing quote.
    #[error(
        "{path}: line {line}: text follows the closing quote of the field that opens on line {opened}; \
         look for an unclosed quote there, and double a quote that belongs to the text"
    )]
    TextAfterQuote {
        /// The file.
        path: String,
        /// Line of the text, from 1.
        line: u64,
        /// Line of the opening quote, from 1.
        opened: u64,
    },
    /// The header holds another delimiter.
    #[error(
        "{path}: line 1: the header is one column, {header:?}, with the delimiter {delimiter:?}; \
         it looks as if {likely:?} is the delimiter: say --delimiter {likely:?}"
    )]
    WrongDelimiter {
        /// The file.
        path: String,
        /// The header line.
        header: String,
        /// The delimiter in use.
        delimiter: char,
        /// The one it probably is.
        likely: char,
    },
    /// Text in another encoding.
    #[error(
        "{path}: line {line}: not UTF-8; convert the file first, as with iconv -f latin1 -t utf-8"
    )]
    NotUtf8 {
        /// The file.
        path: String,
        /// Line on which the row starts, from 1.
        line: u64,
    },
    /// A line that is not one JSON object.
    #[error(
        "{path}: line {line}: expected one JSON object on the line: {reason}; correct or remove the line"
    )]
    BadJson {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What the parser said.
        reason: String,
    },
    /// One key with values that fit no common type.
    #[error(
        "{path}: line {line}: {key:?} is {found} here and {before} before; write one type for a key"
    )]
    JsonConflict {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// The key, with its parents.
        key: String,
        /// What it is on this line.
        found: &'static str,
        /// What it was before.
        before: &'static str,
    },
    /// Two columns of one name.
    #[error("{path}: two columns are named {name:?} (columns {first} and {second}); rename one")]
    DuplicateColumn {
        /// The file.
        path: String,
        /// The name.
        name: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// Two files of one side that do not fit together.
    #[error(
        "{first} and {second} have different schemas: {difference}; give files of one schema, or name them one by one"
    )]
    SchemasDiffer {
        /// The first file.
        first: String,
        /// The file that differs from it.
        second: String,
        /// The first difference, in words.
        difference: String,
    },
    /// A column that is asked for and not there.
    #[error("{asked}: there is no column {name:?}{}; the columns are {available}", nearest.as_ref().map(|n| format!(", did you mean {n:?}?")).unwrap_or_default())]
    UnknownColumn {
        /// Who asked: "--label", "the split".
        asked: String,
        /// The name asked for.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
        /// The first few names there are.
        available: String,
    },
    /// One column given two roles or kinds that exclude each other.
    #[error("column {column:?} is named both as {first} and as {second}; name it once")]
    RoleConflict {
        /// The column.
        column: String,
        /// The first use.
        first: String,
        /// The second use.
        second: String,
    },
    /// A role that the stored type cannot have.
    #[error("column {column:?} cannot be {role}: it is stored as {found}, expected {expected}")]
    RoleType {
        /// The column.
        column: String,
        /// The role or kind asked for.
        role: String,
        /// The stored type.
        found: String,
        /// What would do.
        expected: &'static str,
    },
    /// A split that does not fit its column.
    #[error("the split {split:?} does not fit column {column:?} ({found}); expected {expected}")]
    BadSplit {
        /// The split as given.
        split: String,
        /// The column.
        column: String,
        /// Its type.
        found: String,
        /// What would do.
        expected: &'static str,
    },
}
