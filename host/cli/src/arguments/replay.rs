//! What can be typed after `driftguard replay`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Colour, Columns, Data, Failing};

#[derive(Debug, Args)]
pub struct Replay {
    #[command(flatten)]
    pub data: Data,
    /// Refused, with what to do: a baseline holds no rows
    #[arg(long, short, value_name = "FILE", hide = true)]
    pub baseline: Option<PathBuf>,
    /// The model that is judged: a scoring command in one text
    #[arg(long, value_name = "COMMAND", help_heading = "Model")]
    pub model: Option<String>,
    /// The model before it
    #[arg(long, value_name = "COMMAND", help_heading = "Model")]
    pub old_model: Option<String>,
    /// The model that is judged: an ONNX file, run in the process
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Model",
        conflicts_with = "model"
    )]
    pub onnx: Option<PathBuf>,
    /// The model before it
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Model",
        conflicts_with = "old_model"
    )]
    pub old_onnx: Option<PathBuf>,
    /// What rows look like on the commands' standard input
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Model")]
    pub stdin: Option<StdinFormat>,
    /// Columns that the model is given, in its order (default: the inputs that an
    /// ONNX file names; for a command all but labels and outputs)
    #[arg(
        long,
        value_name = "COLUMNS",
        value_delimiter = ',',
        help_heading = "Model"
    )]
    pub inputs: Vec<String>,
    /// The column of its answers that counts
    #[arg(long, value_name = "COLUMN", help_heading = "Model")]
    pub output_column: Option<String>,
    /// What of the answers is compared: mean, share>0.5, share>=0.5,
    /// share=CLASS, classes
    #[arg(long, value_name = "METRIC", help_heading = "Model")]
    pub metric: Vec<String>,
    /// Seconds that one run of the model may take
    #[arg(long, value_name = "SECONDS", help_heading = "Model")]
    pub timeout: Option<f64>,
    /// Stored inputs with their answers, scored again
    #[arg(long, value_name = "FILE", help_heading = "Replay")]
    pub canary: Option<PathBuf>,
    /// Write such a file from rows of the reference, and do nothing else
    #[arg(long, value_name = "FILE", help_heading = "Replay", conflicts_with_all = ["canary", "current", "old_model", "old_onnx"])]
    pub make_canary: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, help_heading = "Replay", requires = "make_canary")]
    pub force: bool,
    /// Rows of each side, or of a canary that is made (default: 20000, 500)
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000_000), help_heading = "Replay")]
    pub rows: Option<u64>,
    /// Players of the split by columns, the model among them where there are
    /// two; 0: no such split
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=8), help_heading = "Replay")]
    pub factors: u16,
    /// Fingerprints of the current side, from `driftguard fingerprint --out FILE`
    #[arg(long, value_name = "FILE", help_heading = "Code")]
    pub fingerprint: Option<PathBuf>,
    /// Fingerprints of the reference
    #[arg(long, value_name = "FILE", help_heading = "Code")]
    pub reference_fingerprint: Option<PathBuf>,
    #[command(flatten)]
    pub columns: Columns,
    /// The mildest verdict that fails the pipeline
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Output")]
    pub fail_on: Option<Failing>,
    /// Print the document as JSON instead of the report
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Write the JSON document to a file, too
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Show all metrics
    #[arg(long, short, help_heading = "Output")]
    pub verbose: bool,
    /// Print nothing but errors: the exit code says it
    #[arg(long, short, help_heading = "Output", conflicts_with = "json")]
    pub quiet: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN", help_heading = "Output")]
    pub color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StdinFormat {
    /// An Arrow IPC stream
    Arrow,
    /// CSV with a header
    Csv,
}
