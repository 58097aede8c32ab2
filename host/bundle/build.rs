//! Builds the checks in `plugins/checks` and embeds them.

use std::error::Error;
use std::fmt::Write as _;
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
    write_opt_in(&root, &checks)?;
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

/// Writes `opt_in.rs`: the checks that run only where a policy names them, and
/// why. A check says so in its own `Cargo.toml`, as
/// `[package.metadata.driftguard] opt-in = "why"`.
fn write_opt_in(root: &Path, checks: &[String]) -> Result<(), Box<dyn Error>> {
    let mut reasons = vec![];
    for check in checks {
        let manifest = root.join("plugins/checks").join(check).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(manifest)?.parse()?;
        let reason = ["package", "metadata", "driftguard", "opt-in"]
            .iter()
            .try_fold(&toml::Value::Table(manifest), |value, key| value.get(key))
            .and_then(toml::Value::as_str)
            .map(str::to_owned);
        reasons.extend(reason.map(|reason| (check, reason)));
    }
    let mut table = format!(
        "/// Name of each check that runs only where a policy names it, and why.\n\
         pub const OPT_IN: [(&str, &str); {}] = [\n",
        reasons.len()
    );
    for (check, reason) in reasons {
        writeln!(table, "    ({check:?}, {reason:?}),")?;
    }
    table.push_str("];\n");
    fs::write(
        PathBuf::from(std::env::var("OUT_DIR")?).join("opt_in.rs"),
        table,
    )?;
    Ok(())
}
