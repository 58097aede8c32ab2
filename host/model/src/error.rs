//! Everything that can be wrong with a model. Each message says which model,
//! what happened, the limit and the actual value, and what to do.

use thiserror::Error;

/// Why a model gave no answer that can be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A command without a word.
    #[error("the scoring command is empty: name a program, as in `python score.py`")]
    NoCommand,
    /// A quote or backslash without its end.
    #[error(
        "the scoring command `{command}` ends inside of {open}: close it, or give the command as a list of words"
    )]
    Unclosed {
        /// As typed.
        command: String,
        /// What was opened.
        open: char,
    },
    /// No such program, or it may not be run.
    #[error(
        "the scoring command `{command}` cannot be started: {reason}; check the program's name, and the path, which is relative to {folder}"
    )]
    NotStarted {
        /// The command.
        command: String,
        /// What the system said.
        reason: String,
        /// Where it was to run.
        folder: String,
    },
    /// It did not end in time; it was killed with all that it started.
    #[error(
        "`{command}` did not end within {seconds} s on {rows} rows and was killed; raise `timeout-seconds`, or replay fewer rows{}", tail(.stderr)
    )]
    TimedOut {
        /// The command.
        command: String,
        /// The limit.
        seconds: f64,
        /// Rows that it was given.
        rows: u64,
        /// The end of its standard error.
        stderr: String,
    },
    /// It ended with a failure.
    #[error(
        "`{command}` ended with {status} on {rows} rows (memory limit: {memory}); run it by hand on one batch to see why{}", tail(.stderr)
    )]
    Died {
        /// The command.
        command: String,
        /// Exit code or signal.
        status: String,
        /// Rows that it was given.
        rows: u64,
        /// The memory limit in words.
        memory: String,
        /// The end of its standard error.
        stderr: String,
    },
    /// It printed more than it may.
    #[error(
        "`{command}` printed more than {limit_mib} MiB for {rows} rows and was killed; print one value a row, or raise `output-mib`"
    )]
    TooMuch {
        /// The command.
        command: String,
        /// The limit.
        limit_mib: u64,
        /// Rows that it was given.
        rows: u64,
    },
    /// It ended well without having read its rows.
    #[error(
        "`{command}` ended before it had read all of its {rows} rows; read standard input to its end{}", tail(.stderr)
    )]
    Unread {
        /// The command.
        command: String,
        /// Rows that it was given.
        rows: u64,
        /// The end of its standard error.
        stderr: String,
    },
    /// It printed nothing.
    #[error(
        "`{command}` printed nothing for {rows} rows; print CSV with a header, or an Arrow IPC stream, on standard output{}", tail(.stderr)
    )]
    Nothing {
        /// The command.
        command: String,
        /// Rows that it was given.
        rows: u64,
        /// The end of its standard error.
        stderr: String,
    },
    /// What it printed is no table.
    #[error(
        "`{command}`: what it printed cannot be read: {reason}; it begins with {beginning}; print CSV with a header, or an Arrow IPC stream, and nothing else, on standard output"
    )]
    Unreadable {
        /// The command.
        command: String,
        /// What the reader said.
        reason: String,
        /// The first bytes.
        beginning: String,
    },
    /// Too few or too many answers.
    #[error(
        "`{model}` answered {actual} rows, it was given {expected}; answer every row once, in order"
    )]
    Rows {
        /// The model.
        model: String,
        /// Rows that it was given.
        expected: u64,
        /// Rows that came back.
        actual: u64,
    },
    /// The column that is looked for is not among the answers.
    #[error(
        "`{model}` answers {}, and no column `{wanted}`; correct the model, or `output` in the policy", columns(.found)
    )]
    NoColumn {
        /// The model.
        model: String,
        /// The column.
        wanted: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// Several columns, and nobody said which.
    #[error("`{model}` answers {}; say with `output` (or --output-column) which one is meant", columns(.found))]
    WhichColumn {
        /// The model.
        model: String,
        /// The columns there are.
        found: Vec<String>,
    },
    /// An answer that is none.
    #[error(
        "`{model}`, column `{column}`, row {row}: the answer is {found}; answer every row with a finite number or a class"
    )]
    NoAnswer {
        /// The model.
        model: String,
        /// The column.
        column: String,
        /// The row, from 0.
        row: u64,
        /// What was found.
        found: String,
    },
    /// Text where a number is needed.
    #[error(
        "`{model}`, column `{column}`, row {row}: the answer is {found}, which is no number; ask for shares of classes (metric `share=...` or `classes`), or correct the model"
    )]
    NoNumber {
        /// The model.
        model: String,
        /// The column.
        column: String,
        /// The row, from 0.
        row: u64,
        /// What was found.
        found: String,
    },
    /// An ONNX file that cannot be read.
    #[error("the ONNX model `{model}` cannot be read: {reason}")]
    OnnxFile {
        /// The file.
        model: String,
        /// Why.
        reason: String,
    },
    /// An ONNX file that cannot be run, or that failed on these rows.
    #[error("the ONNX model `{model}`: {error}")]
    Onnx {
        /// The file.
        model: String,
        /// What is wrong.
        error: Box<driftguard_onnx::OnnxError>,
    },
    /// Inputs of an ONNX file that do not go with the columns.
    #[error("the ONNX model `{model}`: {reason}")]
    OnnxInputs {
        /// The file.
        model: String,
        /// What does not go together, and what to do.
        reason: String,
    },
    /// A value that an ONNX file's input cannot take.
    #[error("the ONNX model `{model}`, input `{column}`{place}: {reason}")]
    OnnxValue {
        /// The file.
        model: String,
        /// The column.
        column: String,
        /// `, row N`, from 0; empty: all of the column.
        place: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// An output of an ONNX file that is no answer to its rows.
    #[error("the ONNX model `{model}`, output `{output}`: {reason}")]
    OnnxOutput {
        /// The file.
        model: String,
        /// The output.
        output: String,
        /// What came back, and what should.
        reason: String,
    },
    /// A bug that an ONNX file has met.
    #[error(
        "the ONNX model `{model}` cannot be run in the process ({reason}); please report it, and score the model with a command around its own runtime (`command`)"
    )]
    OnnxGaveUp {
        /// The file.
        model: String,
        /// What was caught.
        reason: String,
    },
    /// Rows that cannot be handed over.
    #[error("`{model}`: the rows cannot be written for it: {reason}")]
    Encode {
        /// The model.
        model: String,
        /// Why.
        reason: String,
    },
    /// The operating system refused what a process needs.
    #[error("`{command}`: {what}: {reason}")]
    System {
        /// The command.
        command: String,
        /// What was being done.
        what: &'static str,
        /// What the system said.
        reason: String,
    },
}

/// The end of standard error as a sentence's tail.
fn tail(stderr: &str) -> String {
    match stderr.trim() {
        "" => "; it said nothing on standard error".to_owned(),
        text => format!("; standard error ends with:\n{text}"),
    }
}

fn columns(names: &[String]) -> String {
    let shown: Vec<String> = names
        .iter()
        .take(12)
        .map(|name| format!("`{name}`"))
        .collect();
    let more = match names.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names.len() {
        0 => "no columns".to_owned(),
        1 => format!("the column {}", shown.concat()),
        _ => format!("the columns {}{more}", shown.join(", ")),
    }
}
