//! What can be typed after `driftguard baseline`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{Columns, Machine};

#[derive(Debug, Subcommand)]
pub enum BaselineCommand {
    /// Profile a reference period by period
    Create(Box<BaselineCreate>),
    /// What a baseline holds
    Show(BaselineShow),
    /// Accept a later period into the pool; nothing ever leaves it
    Add(Box<BaselineAdd>),
    /// How two baselines differ (exit code 1 if they do)
    Diff(BaselineDiff),
}

#[derive(Debug, Args)]
pub struct BaselineCreate {
    /// What is known to be good: files, globs or folders
    #[arg(long, short, value_name = "PATH", num_args = 1.., help_heading = "Data")]
    pub data: Vec<String>,
    /// What separates the fields of CSV files
    #[arg(long, value_name = "CHARACTER", help_heading = "Data")]
    pub delimiter: Option<String>,
    /// Checks, roles, grants and settings
    #[arg(long, short, value_name = "FILE", help_heading = "Data")]
    pub policy: Option<PathBuf>,
    /// One period: auto, hour, day, week, month (by the timestamp column) or
    /// rows:N (blocks in the order of the files)
    #[arg(long, value_name = "UNIT", default_value = "auto")]
    pub by: String,
    /// Where to write
    #[arg(long, short, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub force: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub columns: Columns,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Args)]
pub struct BaselineShow {
    /// The baseline
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct BaselineAdd {
    /// The baseline, which is replaced
    pub file: PathBuf,
    /// Data of later periods
    #[arg(long, short, value_name = "PATH", num_args = 1.., help_heading = "Data")]
    pub data: Vec<String>,
    /// What separates the fields of CSV files
    #[arg(long, value_name = "CHARACTER", help_heading = "Data")]
    pub delimiter: Option<String>,
    /// The policy that the baseline was created with
    #[arg(long, short, value_name = "FILE", help_heading = "Data")]
    pub policy: Option<PathBuf>,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
    #[command(flatten)]
    pub machine: Machine,
}

#[derive(Debug, Args)]
pub struct BaselineDiff {
    /// One baseline
    pub left: PathBuf,
    /// Another
    pub right: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
