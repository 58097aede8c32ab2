//! Builds the plugins that only tests load.

use std::error::Error;
use std::path::PathBuf;

use driftguard_plugin_build::{build, write_table};

/// Name in the table, and package.
const PLUGINS: [(&str, &str); 2] = [
    ("hostile", "driftguard-test-hostile"),
    ("zero-share", "driftguard-example-zero-share"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    for watched in ["plugins", "tests/plugins", "wit", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let packages = PLUGINS.map(|(_, package)| package.to_owned());
    let files = build(&root, &packages)?;
    let names = PLUGINS.map(|(name, _)| name.to_owned());
    let entries: Vec<(String, PathBuf)> = names.into_iter().zip(files).collect();
    write_table("PLUGINS", "Name and bytes of each test plugin.", &entries)?;
    Ok(())
}
