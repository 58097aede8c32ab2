//! A program as the model: rows in as an Arrow IPC stream or CSV on standard input,
//! answers out as an Arrow IPC stream (or file) or CSV with a header on
//! standard output, told apart by their first bytes.

use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_ipc::writer::StreamWriter;
use driftguard_data::{DataError, OpenOptions, ReadRequest, Source};
use tempfile::NamedTempFile;

use crate::Model;
use crate::answers::Answers;
use crate::error::ModelError;
use crate::process::{self, Job};

/// What one run of a command may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// From its start to its end.
    pub time: Duration,
    /// Address space in MiB (RLIMIT_AS, on Linux); None: not limited. Set just
    /// after the start, for the program and what it starts later.
    pub memory_mib: Option<u64>,
    /// What it may print, in MiB.
    pub output_mib: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(300),
            memory_mib: Some(8192),
            output_mib: 1024,
        }
    }
}

/// What the rows look like on standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stdin {
    /// An uncompressed Arrow IPC stream.
    #[default]
    Arrow,
    /// CSV with a header, as in RFC 4180: for programs without an Arrow library.
    Csv,
}

/// A scoring command.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoringCommand {
    /// Program and arguments, at least the program.
    words: Vec<String>,
    /// Where it runs; None: here.
    folder: Option<PathBuf>,
    stdin: Stdin,
    limits: Limits,
}

impl ScoringCommand {
    /// A command of these words, which runs in `folder`.
    ///
    /// # Errors
    /// No word.
    pub fn new(
        words: Vec<String>,
        folder: Option<PathBuf>,
        stdin: Stdin,
        limits: Limits,
    ) -> Result<Self, ModelError> {
        if words.first().is_none_or(String::is_empty) {
            return Err(ModelError::NoCommand);
        }
        Ok(Self {
            words,
            folder: folder.filter(|folder| !folder.as_os_str().is_empty()),
            stdin,
            limits,
        })
    }
}

impl Model for ScoringCommand {
    fn name(&self) -> String {
        self.words.join(" ")
    }

    fn answer(&self, batches: &[RecordBatch]) -> Result<Answers, ModelError> {
        let name = self.name();
        let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
        let system = |what| {
            let command = name.clone();
            move |error: std::io::Error| ModelError::System {
                command,
                what,
                reason: error.to_string(),
            }
        };
        let mut printed = tempfile::Builder::new()
            .prefix("driftguard-answers")
            .tempfile()
            .map_err(system("no temporary file for its answers"))?;
        let job = Job {
            words: &self.words,
            folder: self.folder.as_deref(),
            limits: self.limits,
            rows,
        };
        let (copies, stdin) = (batches.to_vec(), self.stdin);
        process::run(
            &job,
            move |pipe| match stdin {
                Stdin::Arrow => write_rows(&copies, pipe),
                Stdin::Csv => write_csv(&copies, pipe),
            },
            printed
                .as_file()
                .try_clone()
                .map_err(system("no temporary file for its answers"))?,
        )?;
        printed
            .as_file_mut()
            .seek(SeekFrom::Start(0))
            .map_err(system("its answers"))?;
        let read = read_answers(printed.path()).map_err(|error| {
            let beginning = beginning(&mut printed);
            let reason = error
                .to_string()
                .replace(&printed.path().display().to_string(), "the output");
            ModelError::Unreadable {
                command: name.clone(),
                reason,
                beginning,
            }
        })?;
        Answers::read(&name, rows, &read)
    }
}

/// Rows as an uncompressed Arrow IPC stream.
fn write_rows(batches: &[RecordBatch], pipe: &mut dyn Write) -> std::io::Result<()> {
    let Some(first) = batches.first() else {
        return Ok(());
    };
    let failed = |error: arrow_schema::ArrowError| match error {
        arrow_schema::ArrowError::IoError(_, error) => error,
        other => std::io::Error::other(other.to_string()),
    };
    let mut writer =
        StreamWriter::try_new(BufWriter::with_capacity(1 << 16, pipe), &first.schema())
            .map_err(failed)?;
    for batch in batches {
        writer.write(batch).map_err(failed)?;
    }
    writer.finish().map_err(failed)?;
    writer.get_mut().flush()
}

/// Rows as CSV: nulls are empty, what would end a field is quoted.
fn write_csv(batches: &[RecordBatch], pipe: &mut dyn Write) -> std::io::Result<()> {
    let other = |error: arrow_schema::ArrowError| std::io::Error::other(error.to_string());
    let mut out = BufWriter::with_capacity(1 << 16, pipe);
    if let Some(first) = batches.first() {
        let schema = first.schema();
        let names = schema.fields().iter().map(|field| quoted(field.name()));
        writeln!(out, "{}", names.collect::<Vec<_>>().join(","))?;
    }
    let options = FormatOptions::default();
    for batch in batches {
        let columns = batch.columns().iter();
        let columns = columns.map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(other)?;
        for row in 0..batch.num_rows() {
            for (at, column) in columns.iter().enumerate() {
                let comma = if at > 0 { "," } else { "" };
                let cell = column.value(row).try_to_string().map_err(other)?;
                write!(out, "{comma}{}", quoted(&cell))?;
            }
            out.write_all(b"\n")?;
        }
    }
    out.flush()
}

fn quoted(text: &str) -> std::borrow::Cow<'_, str> {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")).into(),
        false => text.into(),
    }
}

/// The readers of data files read what a model prints, too: their caps hold
/// against forged bytes.
fn read_answers(path: &Path) -> Result<Vec<RecordBatch>, DataError> {
    let source = match Source::open(&[path.display().to_string()], &OpenOptions::default()) {
        // A header without rows is an answer to no row.
        Err(DataError::NoRows { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let fields = source.schema().fields().iter();
    let request = ReadRequest {
        columns: fields.map(|field| field.name().clone()).collect(),
        ..ReadRequest::default()
    };
    let mut batches = Vec::new();
    for task in source.tasks() {
        for rows in source.read(&task, &request)? {
            batches.push(rows?.batch);
        }
    }
    Ok(batches)
}

/// The first bytes of what was printed, to recognise a stray line by.
fn beginning(file: &mut NamedTempFile) -> String {
    let mut bytes = [0; 60];
    let read = file
        .as_file_mut()
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.as_file_mut().read(&mut bytes));
    let length = read.unwrap_or(0);
    format!(
        "{:?}",
        String::from_utf8_lossy(bytes.get(..length).unwrap_or_default())
    )
}
