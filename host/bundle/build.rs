//! Builds the checks in `plugins/checks` for WebAssembly, turns each module
//! into a component and writes a table of their bytes.
//!
//! A second cargo is run with a target folder of its own: the outer one holds
//! the lock of the usual folder.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";

/// Small, fast plugins: one link step over everything, no unwinding.
const PROFILE: [&str; 5] = [
    "profile.release.lto=\"fat\"",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=true",
    "profile.release.opt-level=3",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../..").canonicalize()?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    for watched in ["plugins", "wit", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    let checks = checks(&root)?;
    ensure_target()?;
    let modules = compile(&root, &out.join("wasm"), &checks)?;
    let mut table = String::from("/// Name and bytes of each built-in check, in order of name.\n");
    writeln!(table, "pub const CHECKS: [(&str, &[u8]); {}] = [", checks.len())?;
    for check in &checks {
        let file = modules.join(format!("driftguard_check_{}.wasm", check.replace('-', "_")));
        let component = component(&file).map_err(|error| format!("check `{check}`: {error}"))?;
        let target = out.join(format!("{check}.wasm"));
        fs::write(&target, component)?;
        writeln!(table, "    ({check:?}, include_bytes!({target:?})),")?;
    }
    table.push_str("];\n");
    fs::write(out.join("bundle.rs"), table)?;
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
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

/// Installs the WebAssembly target where it is missing and rustup is there.
fn ensure_target() -> Result<(), Box<dyn Error>> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let printed = Command::new(rustc).args(["--print", "sysroot"]).output()?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&printed.stdout).trim());
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if library.is_dir() {
        return Ok(());
    }
    let added = Command::new("rustup").args(["target", "add", TARGET]).status();
    if added.is_ok_and(|status| status.success()) && library.is_dir() {
        return Ok(());
    }
    Err(format!(
        "the built-in checks are compiled to WebAssembly, and this Rust has no target {TARGET}.\n\
         It could not be installed by itself. Run:\n\n    rustup target add {TARGET}\n\n\
         or install your distribution's package for it, and build again."
    )
    .into())
}

fn compile(root: &Path, target_dir: &Path, checks: &[String]) -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo.current_dir(root).args(["build", "--release", "--lib", "--target", TARGET, "--target-dir"]).arg(target_dir);
    for check in checks {
        cargo.arg("-p").arg(format!("driftguard-check-{check}"));
    }
    for setting in PROFILE {
        cargo.arg("--config").arg(setting);
    }
    // What is meant for the host must not reach the plugins.
    for leaked in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"] {
        cargo.env_remove(leaked);
    }
    for (name, _) in env::vars() {
        if name.starts_with("CARGO_CFG_") || name.starts_with("CARGO_FEATURE_") || name.starts_with("CARGO_PROFILE_") {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+simd128");
    let built = cargo.output()?;
    if !built.status.success() {
        return Err(format!("the checks do not compile for {TARGET}:\n{}", String::from_utf8_lossy(&built.stderr)).into());
    }
    Ok(target_dir.join(TARGET).join("release"))
}

fn component(module: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let bytes = fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    Ok(wit_component::ComponentEncoder::default().module(&bytes)?.validate(true).encode()?)
}
