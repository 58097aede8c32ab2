//! Runs the binary in a folder of the test's own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::Table;

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    let root = root.canonicalize().expect("the fixtures are there");
    root.join(name).display().to_string()
}

/// Files of one test; the binary runs in here, so relative names do.
pub struct Folder(TempDir);

impl Folder {
    /// An empty one.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder can be made"))
    }

    /// Where a file of this name is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        let above = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(above).expect("the test folder can be written");
        std::fs::write(&path, bytes).expect("the test folder can be written");
        self
    }

    /// Writes `reference.parquet` and `current.parquet`.
    pub fn sides(&self, reference: &Table, current: &Table) -> &Self {
        self.write("reference.parquet", reference.parquet())
            .write("current.parquet", current.parquet())
    }

    /// The binary with these arguments, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_driftguard"));
        // One cache for all tests: plugins are compiled once.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("DRIFTGUARD_CACHE", cache);
        for changes_the_output in ["COLUMNS", "NO_COLOR", "CLICOLOR_FORCE", "LC_CTYPE", "LANG"] {
            command.env_remove(changes_the_output);
        }
        command.env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        self.ran(command.output().expect("the binary can be run"))
    }

    /// Writes fingerprints of a model of which nothing else is known.
    pub fn fingerprint(&self, out: &str, model: &str) -> &Self {
        let mut arguments = vec!["fingerprint", "--out", out, "--model", model];
        for other in ["--code", "--config", "--deps", "--features"] {
            arguments.extend([other, "none"]);
        }
        let ran = self.run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        self
    }

    /// Runs the binary with bytes on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        let pipes = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = pipes.spawn().expect("the binary can be run");
        let mut pipe = child.stdin.take().expect("standard input is a pipe");
        std::thread::scope(|scope| {
            // A binary that refuses its arguments reads nothing: the pipe breaks.
            scope.spawn(move || pipe.write_all(input).ok());
            self.ran(child.wait_with_output().expect("the binary ends"))
        })
    }

    /// `check --json` with these arguments.
    pub fn check(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["check", "--json"], arguments].concat())
    }

    /// `check --json` of `reference.parquet` and `current.parquet`.
    pub fn check_sides(&self, arguments: &[&str]) -> Ran {
        let sides = ["-r", "reference.parquet", "-c", "current.parquet"];
        self.check(&[&sides, arguments].concat())
    }

    fn ran(&self, output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).expect("the output is UTF-8");
        let folder = format!("{}/", self.0.path().display());
        let ran = Ran {
            code: output.status.code().expect("the binary ends by itself"),
            stdout: text(output.stdout),
            stderr: text(output.stderr).replace(&folder, "FOLDER/"),
        };
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        ran
    }
}

/// What a run left.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    /// With the path of the test's folder replaced.
    pub stderr: String,
}

impl Ran {
    /// Exit code and standard error of a run that must have printed no verdict.
    pub fn refusal(&self) -> String {
        assert_eq!(self.stdout, "", "{}", self.stderr);
        format!("exit {}\n{}", self.code, self.stderr)
    }

    /// The document on standard output.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// The verdict's word.
    pub fn verdict(&self) -> String {
        let word = self.document()["verdict"].as_str().map(str::to_owned);
        word.expect("the verdict is a word")
    }

    /// Suspects, the likeliest culprit first.
    pub fn suspects(&self) -> Vec<String> {
        serde_json::from_value(self.document()["suspects"].clone()).expect("suspects are names")
    }

    /// The report on a column.
    pub fn role(&self, column: &str) -> Value {
        let document = self.document();
        let roles = document["roles"].as_array().expect("roles are a list");
        let found = roles.iter().find(|role| role["name"] == column);
        found.expect("the column is there").clone()
    }
}
