//! Runs the binary and writes small tables.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    root.join(name).display().to_string()
}

/// Runs the binary with a cache of compiled plugins that the tests share.
pub fn driftguard(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_driftguard"))
        .args(arguments)
        .env(
            "DRIFTGUARD_CACHE",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"),
        )
        .output()
        .expect("the binary can be run")
}

/// Runs the binary and gives its exit code and its document.
pub fn check(arguments: &[&str]) -> (i32, Value) {
    let output = driftguard(&[&["check", "--json"], arguments].concat());
    let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
    let errors = String::from_utf8_lossy(&output.stderr);
    let document =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{errors}"));
    (output.status.code().expect("an exit code"), document)
}

/// Runs the binary where it must fail: exit code and standard error, with the
/// folder of the test replaced.
pub fn refused(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = driftguard(arguments);
    let text = String::from_utf8(output.stderr).expect("messages are UTF-8");
    assert!(!text.contains("panicked"), "{text}");
    (
        output.status.code().expect("an exit code"),
        text.replace(&folder.display().to_string(), "FOLDER"),
    )
}

/// Writes a text file.
pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, text).expect("the test folder can be written");
    path.display().to_string()
}

/// A CSV table from columns of equal length.
pub fn csv(columns: &[(&str, Vec<String>)]) -> String {
    let header: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let rows = columns.first().map_or(0, |(_, values)| values.len());
    let mut text = header.join(",") + "\n";
    for row in 0..rows {
        let cells: Vec<&str> = columns
            .iter()
            .map(|(_, values)| values[row].as_str())
            .collect();
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// SplitMix64 with normal deviates: the same numbers on every machine.
pub struct Random(pub u64);

impl Random {
    /// Between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Mean 0, standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}
