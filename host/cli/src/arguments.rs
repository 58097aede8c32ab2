//! What can be typed. `baseline`, `replay`: after that verb.

mod baseline;
mod replay;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use driftguard_guard::policy::{FailOn, Overrides};

pub use baseline::{BaselineAdd, BaselineCommand, BaselineCreate, BaselineDiff, BaselineShow};
pub use replay::{Replay, StdinFormat};

/// The code did not change, but what it does changed, because the data
/// changed: find out, say why, and stop it.
#[derive(Debug, Parser)]
#[command(name = "driftguard", version, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare current data with a reference and reach a verdict
    Check(Box<Check>),
    /// Keep a reference as profiles of its periods, without its rows
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Show the verdicts, slow drift and incidents in a history
    History(History),
    /// Write digests of code, model, configuration and whatever else decides the
    /// model's answers
    Fingerprint(Box<Fingerprint>),
    /// Run the model again: on stored inputs, and old and new model on old and
    /// new data, to tell code from data
    Replay(Box<Replay>),
    /// Explain a reason code (DATA_QUALITY) or a check (numeric-drift)
    Explain(Explain),
    /// List the checks, with what they look at
    Checks(Checks),
    /// Write a commented driftguard.toml from the data
    Init(Box<Init>),
    /// Print the JSON Schema of the verdict or of the policy
    Schema(Schema),
}

/// Which files, and how to read them.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Data")]
pub struct Data {
    /// What is known to be good: Parquet, CSV, JSON lines or Arrow IPC; files,
    /// globs or folders; `-` is a stream on standard input
    #[arg(long, short, value_name = "PATH", num_args = 1..)]
    pub reference: Vec<String>,
    /// What is to be judged
    #[arg(long, short, value_name = "PATH", num_args = 1..)]
    pub current: Vec<String>,
    /// Cut the reference in two by time: rows from here on are current
    #[arg(long, value_name = "TIME", conflicts_with_all = ["current", "split_by"])]
    pub split: Option<String>,
    /// Cut the reference in two: rows with this value are current
    #[arg(long, value_name = "COLUMN=VALUE", conflicts_with = "current")]
    pub split_by: Option<String>,
    /// What separates the fields of CSV files
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<String>,
    /// Rules, roles, grants and settings
    #[arg(long, short, value_name = "FILE")]
    pub policy: Option<PathBuf>,
}

/// What columns are for, where inference is wrong.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Columns")]
pub struct Columns {
    /// The column that says when
    #[arg(long, value_name = "COLUMN")]
    pub timestamp: Option<String>,
    /// The truth
    #[arg(long, value_name = "COLUMN")]
    pub label: Option<String>,
    /// What the model decided
    #[arg(long, value_name = "COLUMN")]
    pub prediction: Option<String>,
    /// The model's probability or score; one column for each of several classes
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub score: Vec<String>,
    /// Its values are groups that are looked at one by one
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub segment: Vec<String>,
    /// Names a row or an entity
    #[arg(long, value_name = "COLUMN")]
    pub id: Vec<String>,
    /// Read as numbers
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub numeric: Vec<String>,
    /// Read as categories
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub categorical: Vec<String>,
    /// Read as free text
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub text: Vec<String>,
    /// Read as vectors
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub embedding: Vec<String>,
    /// Left alone by all checks but the schema's
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub ignore: Vec<String>,
}

impl Columns {
    /// Whether any was given.
    pub fn any(&self) -> bool {
        let one = [&self.timestamp, &self.label, &self.prediction];
        let many = [
            &self.score,
            &self.segment,
            &self.id,
            &self.numeric,
            &self.categorical,
            &self.text,
            &self.embedding,
            &self.ignore,
        ];
        one.iter().any(|column| column.is_some()) || many.iter().any(|columns| !columns.is_empty())
    }
}

#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    pub data: Data,
    /// Compare with a baseline instead of reference data
    #[arg(
        long,
        short,
        value_name = "FILE",
        help_heading = "Data",
        conflicts_with_all = ["reference", "split", "split_by"]
    )]
    pub baseline: Option<PathBuf>,
    /// Append the verdict to a history, which adds slow drift and incidents
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub history: Option<PathBuf>,
    #[command(flatten)]
    pub columns: Columns,
    /// Fingerprints of the current side, from `driftguard fingerprint --out FILE`
    #[arg(long, value_name = "FILE", help_heading = "Code")]
    pub fingerprint: Option<PathBuf>,
    /// Fingerprints of the reference
    #[arg(long, value_name = "FILE", help_heading = "Code")]
    pub reference_fingerprint: Option<PathBuf>,
    /// Run the scoring commands that the policy names, with your rights and
    /// without a sandbox (`check-canary`, `check-replay`)
    #[arg(long, help_heading = "Code")]
    pub allow_commands: bool,
    /// The mildest verdict that fails the pipeline
    #[arg(long, value_enum, value_name = "LEVEL", help_heading = "Output")]
    pub fail_on: Option<Failing>,
    /// Print the document as JSON instead of the report
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Write the JSON document to a file, too
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Append the report as Markdown to a file (a CI job's summary)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub markdown: Option<PathBuf>,
    /// Leave out times, so that equal inputs give equal bytes
    #[arg(long, help_heading = "Output")]
    pub reproducible: bool,
    /// Show all roles and plugins, too
    #[arg(long, short, help_heading = "Output")]
    pub verbose: bool,
    /// Print nothing but errors: the exit code says it
    #[arg(long, short, help_heading = "Output", conflicts_with = "json")]
    pub quiet: bool,
    #[command(flatten)]
    pub machine: Machine,
}

/// How the machine is used.
#[derive(Debug, Args)]
#[command(next_help_heading = "Machine")]
pub struct Machine {
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Worker threads; by default as many as there are processors
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Folder of the compiled plugins (default: driftguard in the user's cache
    /// folder); it must belong to you alone
    #[arg(long, value_name = "FOLDER", env = "DRIFTGUARD_CACHE")]
    pub cache: Option<PathBuf>,
    /// Compile plugins anew in every run
    #[arg(long)]
    pub no_cache: bool,
}

#[derive(Debug, Args)]
pub struct History {
    /// The history; by default that of the policy
    pub file: Option<PathBuf>,
    /// The policy that it was made with: when incidents are over and what alarms
    #[arg(long, short, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Show the last so many verdicts
    #[arg(long, value_name = "N")]
    pub last: Option<usize>,
    /// Show all incidents and no verdicts
    #[arg(long)]
    pub incidents: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// Each part: a path, or `none` if there is no such part.
#[derive(Debug, Args)]
pub struct Fingerprint {
    /// Folder of the source code; of a git work tree what git tracks
    #[arg(long, value_name = "DIR")]
    pub code: Option<String>,
    /// Files or folders of the model
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub model: Vec<String>,
    /// Configuration; of .json and .toml the meaning counts, of others the bytes
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub config: Vec<String>,
    /// Lock files of the dependencies
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub deps: Vec<String>,
    /// Files or folders that define how features are made
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub features: Vec<String>,
    /// Data whose column names and types are taken
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub schema: Vec<String>,
    /// A version to note beside processor and system, as onnxruntime=1.20
    #[arg(long, value_name = "NAME=VALUE")]
    pub runtime: Vec<String>,
    /// Take what the flags do not say from [fingerprint] in here
    #[arg(long, short, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Where to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// A reason code or the name of a check; nothing: all codes
    pub name: Option<String>,
    /// Look at the policy's own plugins, too
    #[arg(long, short, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Args)]
pub struct Checks {
    /// Print the catalogue as JSON
    #[arg(long)]
    pub json: bool,
    /// Look at the policy's own plugins, too
    #[arg(long, short, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub columns: Columns,
    /// Where to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "driftguard.toml")]
    pub output: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Args)]
pub struct Schema {
    /// Which one
    #[arg(value_enum)]
    pub which: Which,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Which {
    /// The document of `driftguard check --json`
    Verdict,
    /// The document of `driftguard fingerprint`
    Fingerprints,
    /// The document of `driftguard replay --json`
    Replay,
    /// driftguard.toml, with the settings of the built-in checks
    Policy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Failing {
    Block,
    Alert,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    Auto,
    Always,
    Never,
}

/// Flags as the policy takes them.
pub fn overrides(data: &Data, columns: &Columns, fail_on: Option<Failing>) -> Overrides {
    Overrides {
        reference: data.reference.clone(),
        current: data.current.clone(),
        split: data.split.clone(),
        split_by: data.split_by.clone(),
        delimiter: data.delimiter.clone(),
        timestamp: columns.timestamp.clone(),
        label: columns.label.clone(),
        prediction: columns.prediction.clone(),
        score: columns.score.clone(),
        segment: columns.segment.clone(),
        ids: columns.id.clone(),
        numeric: columns.numeric.clone(),
        categorical: columns.categorical.clone(),
        text: columns.text.clone(),
        embedding: columns.embedding.clone(),
        ignore: columns.ignore.clone(),
        fingerprint: None,
        reference_fingerprint: None,
        history: None,
        fail_on: fail_on.map(|level| match level {
            Failing::Block => FailOn::Block,
            Failing::Alert => FailOn::Alert,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
