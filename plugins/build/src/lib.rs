//! From plugin crates to WebAssembly components, for build scripts.
//!
//! A second cargo is run with a target folder of its own: the outer one holds
//! the lock of the usual folder.
//!
//! # Layout
//!
//! One file: [`build`] checks for the target, compiles, and turns each module
//! into a component; [`write_table`] makes them constants of a crate.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use thiserror::Error;

const TARGET: &str = "wasm32-unknown-unknown";

/// Small, fast plugins: one link step over everything, no unwinding.
const PROFILE: [&str; 5] = [
    "profile.release.lto=\"fat\"",
    "profile.release.codegen-units=1",
    "profile.release.panic=\"abort\"",
    "profile.release.strip=true",
    "profile.release.opt-level=3",
];

/// Why plugins could not be built.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The WebAssembly target is not there and cannot be installed.
    #[error(
        "plugins are compiled to WebAssembly, and this Rust has no target {TARGET}.\n\
         It could not be installed by itself. Run:\n\n    rustup target add {TARGET}\n\n\
         or install your distribution's package for it, and build again."
    )]
    NoTarget,
    /// A tool could not be run, or a file not be used.
    #[error("{what}: {source}")]
    Io {
        /// The tool or the file.
        what: String,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The crates do not compile.
    #[error("the plugins do not compile for {TARGET}:\n{0}")]
    Compile(String),
    /// The module is no component of our world.
    #[error("{package}: the module cannot be made a component: {detail}")]
    Component {
        /// The crate.
        package: String,
        /// What the encoder said.
        detail: String,
    },
    /// Not called from a build script.
    #[error("the variable {0} is not set: this is for build scripts")]
    NoVariable(&'static str),
}

fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> BuildError {
    let what = what.into();
    move |source| BuildError::Io { what, source }
}

/// Compiles packages of the workspace at `root` and returns the components'
/// files, in the same order.
///
/// # Errors
/// See [`BuildError`].
pub fn build(root: &Path, packages: &[String]) -> Result<Vec<PathBuf>, BuildError> {
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|_| BuildError::NoVariable("OUT_DIR"))?);
    ensure_target()?;
    let modules = compile(root, &shared(&out), packages)?;
    let mut files = vec![];
    for package in packages {
        let module = modules.join(format!("{}.wasm", package.replace('-', "_")));
        let bytes = fs::read(&module).map_err(io(module.display().to_string()))?;
        let encoded = wit_component::ComponentEncoder::default()
            .module(&bytes)
            .and_then(|encoder| encoder.validate(true).encode())
            .map_err(|error| BuildError::Component {
                package: package.clone(),
                detail: format!("{error:#}"),
            })?;
        let file = out.join(format!("{package}.wasm"));
        fs::write(&file, encoded).map_err(io(file.display().to_string()))?;
        files.push(file);
    }
    Ok(files)
}

/// Where all build scripts of this profile compile to, so that the second does
/// not compile again what the first did: `wasm` beside the folder `build`, two
/// above that of the script, which is `build/<package>/out`.
fn shared(out: &Path) -> PathBuf {
    out.ancestors().nth(3).unwrap_or(out).join("wasm")
}

/// Writes `bundle.rs` into the build script's folder: one constant with names
/// and bytes.
///
/// # Errors
/// [`BuildError::Io`].
pub fn write_table(
    constant: &str,
    doc: &str,
    entries: &[(String, PathBuf)],
) -> Result<(), BuildError> {
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|_| BuildError::NoVariable("OUT_DIR"))?);
    let mut table = format!(
        "/// {doc}\npub const {constant}: [(&str, &[u8]); {}] = [\n",
        entries.len()
    );
    for (name, file) in entries {
        // Writing to a String cannot fail.
        let _ = writeln!(table, "    ({name:?}, include_bytes!({file:?})),");
    }
    table.push_str("];\n");
    fs::write(out.join("bundle.rs"), table).map_err(io("bundle.rs"))
}

/// Installs the WebAssembly target where it is missing and rustup is there.
fn ensure_target() -> Result<(), BuildError> {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let printed = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .map_err(io(rustc))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&printed.stdout).trim());
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if library.is_dir() {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if added.is_ok_and(|status| status.success()) && library.is_dir() {
        return Ok(());
    }
    Err(BuildError::NoTarget)
}

fn compile(root: &Path, target_dir: &Path, packages: &[String]) -> Result<PathBuf, BuildError> {
    let mut cargo = Command::new(env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    cargo
        .current_dir(root)
        .args([
            "build",
            "--release",
            "--lib",
            "--target",
            TARGET,
            "--target-dir",
        ])
        .arg(target_dir);
    for package in packages {
        cargo.arg("-p").arg(package);
    }
    for setting in PROFILE {
        cargo.arg("--config").arg(setting);
    }
    // What is meant for the host must not reach the plugins.
    for leaked in [
        "RUSTFLAGS",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_TARGET",
        "CARGO_TARGET_DIR",
    ] {
        cargo.env_remove(leaked);
    }
    for (name, _) in env::vars() {
        if name.starts_with("CARGO_CFG_")
            || name.starts_with("CARGO_FEATURE_")
            || name.starts_with("CARGO_PROFILE_")
        {
            cargo.env_remove(name);
        }
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+simd128");
    let built = cargo.output().map_err(io("cargo"))?;
    if !built.status.success() {
        return Err(BuildError::Compile(
            String::from_utf8_lossy(&built.stderr).into_owned(),
        ));
    }
    Ok(target_dir.join(TARGET).join("release"))
}
