//! Builds the checks in `plugins/checks` and embeds them.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use driftguard_plugin_build::{build, write_table};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    for watched in ["plugins", "wit", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let checks = checks(&root)?;
    let packages: Vec<String> = checks
        .iter()
        .map(|check| format!("driftguard-check-{check}"))
        .collect();
    let files = build(&root, &packages)?;
    let entries: Vec<(String, PathBuf)> = checks.into_iter().zip(files).collect();
    write_table(
        "CHECKS",
        "Name and bytes of each built-in check, in order of name.",
        &entries,
    )?;
    Ok(())
}

/// Names of the folders in `plugins/checks`, sorted.
fn checks(root: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = vec![];
    for entry in fs::read_dir(root.join("plugins/checks"))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}
