//! The plugin engine of this process, and the checks that come with it.

use std::path::{Path, PathBuf};

use driftguard_bundle::{CHECKS, OPT_IN};
use driftguard_guard::policy::Policy;
use driftguard_guard::{BuiltIn, PlannedCheck, Select, load_checks, needs_metering};
use driftguard_sandbox::{Engine, EngineOptions};

use crate::arguments::Machine;

/// Ids of the built-in checks.
pub fn built_in_ids() -> Vec<&'static str> {
    CHECKS.iter().map(|(id, _)| *id).collect()
}

/// The policy in the file, or an empty one.
pub fn policy(file: Option<&Path>) -> anyhow::Result<Policy> {
    Ok(match file {
        Some(file) => Policy::load(file, &built_in_ids())?,
        None => Policy::default(),
    })
}

/// Every check that is to run, loaded.
pub fn checks(policy: &Policy, machine: &Machine) -> anyhow::Result<Vec<PlannedCheck>> {
    load(policy, machine, Select::Running)
}

/// Every check there is, loaded: also those that have to be asked for.
pub fn catalogue(policy: &Policy, machine: &Machine) -> anyhow::Result<Vec<PlannedCheck>> {
    load(policy, machine, Select::Every)
}

fn load(policy: &Policy, machine: &Machine, select: Select) -> anyhow::Result<Vec<PlannedCheck>> {
    let options = EngineOptions {
        cache: cache(machine),
        metered: needs_metering(policy),
    };
    let engine = Engine::new(&options)?;
    let built_in: Vec<BuiltIn<'_>> = CHECKS
        .iter()
        .map(|&(id, wasm)| BuiltIn {
            id,
            wasm,
            opt_in: OPT_IN
                .iter()
                .find(|(other, _)| *other == id)
                .map(|&(_, why)| why),
        })
        .collect();
    Ok(load_checks(&engine, policy, &built_in, select)?)
}

/// Worker threads.
pub fn threads(machine: &Machine) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, usize::from);
    machine.threads.map_or_else(processors, usize::from)
}

/// Folder of compiled plugins, made private. None: do without.
fn cache(machine: &Machine) -> Option<PathBuf> {
    if machine.no_cache {
        return None;
    }
    let folder = machine.cache.clone().or_else(default_cache)?;
    private_folder(&folder).ok()?;
    // The engine wants an absolute path.
    folder.canonicalize().ok()
}

fn default_cache() -> Option<PathBuf> {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("driftguard"))
}

/// What lies in the cache is run as machine code: nobody else may write there.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700);
        builder.create(folder)?;
        let mode = std::fs::metadata(folder)?.permissions().mode();
        if mode & 0o022 != 0 {
            return Err(std::io::Error::from(std::io::ErrorKind::PermissionDenied));
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(folder)
}
