//! Plugins loaded, granted, with their settings.

use std::time::Duration;

use driftguard_sandbox::{Budget, Engine, Origin, Plugin, SandboxError, Settings};

use crate::error::GuardError;
use crate::plan::PlannedCheck;
use crate::policy::{
    self, CheckPolicy, Fuel, Policy, PolicyError, TypedSettings, resolve_settings,
};

/// A check that comes with the binary.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn<'a> {
    /// Its id.
    pub id: &'a str,
    /// The WebAssembly component.
    pub wasm: &'a [u8],
    /// Why it runs only where the policy has a table for it; None: it runs by
    /// default.
    pub opt_in: Option<&'a str>,
}

/// Which of the built-in checks are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// Those that run: by default, or because the policy names them.
    Running,
    /// Those, and the ones that have to be asked for: the catalogue.
    Every,
}

impl Select {
    fn takes(self, policy: &Policy, check: &BuiltIn<'_>) -> bool {
        self == Self::Every || runs(policy, check)
    }
}

/// Whether a built-in check runs under a policy.
fn runs(policy: &Policy, check: &BuiltIn<'_>) -> bool {
    policy.enabled(check.id) && (check.opt_in.is_none() || policy.check(check.id).is_some())
}

/// Whether some check has a fuel budget, so that the engine must count.
pub fn needs_metering(policy: &Policy) -> bool {
    let limited = |budget: &policy::Budget| matches!(budget.fuel, Some(Fuel::AtMost(_)));
    limited(&policy.budget) || policy.checks.iter().any(|check| limited(&check.budget))
}

/// What is to be loaded.
enum Wanted<'a> {
    BuiltIn(BuiltIn<'a>),
    File(&'a CheckPolicy, Vec<u8>, String),
}

/// Loads the selected checks, built-in ones first, in order of id.
///
/// # Errors
/// A plugin that cannot be read, is not what the policy pins, or is none of
/// this host; settings that do not fit.
pub fn load_checks(
    engine: &Engine,
    policy: &Policy,
    built_in: &[BuiltIn<'_>],
    select: Select,
) -> Result<Vec<PlannedCheck>, GuardError> {
    let mut wanted: Vec<Wanted<'_>> = built_in
        .iter()
        .filter(|check| select.takes(policy, check))
        .map(|&check| Wanted::BuiltIn(check))
        .collect();
    for check in policy.checks.iter().filter(|check| check.enabled) {
        let Some(file) = &check.plugin else { continue };
        let path = file.path.display().to_string();
        let bytes = std::fs::read(&file.path).map_err(|source| PolicyError::Read {
            path: file.path.clone(),
            source,
        })?;
        file.verify(&driftguard_sandbox::sha256_hex(&bytes))?;
        wanted.push(Wanted::File(check, bytes, path));
    }
    // Loading is mostly reading compiled code: two at a time halve the start.
    let half = wanted.len().div_ceil(2);
    let (left, right) = wanted.split_at(half);
    let load = |part: &[Wanted<'_>]| {
        part.iter()
            .map(|one| load_one(engine, policy, one))
            .collect::<Vec<_>>()
    };
    let loaded = std::thread::scope(|scope| {
        let second = scope.spawn(|| load(right));
        let mut loaded = load(left);
        loaded.extend(
            second
                .join()
                .unwrap_or_else(|_| vec![Err(GuardError::WorkerLost)]),
        );
        loaded
    });
    let checks = loaded
        .into_iter()
        .collect::<Result<Vec<PlannedCheck>, GuardError>>()?;
    unique(&checks)?;
    Ok(checks)
}

fn unique(checks: &[PlannedCheck]) -> Result<(), GuardError> {
    for (position, check) in checks.iter().enumerate() {
        let id = &check.plugin.descriptor.id;
        if let Some(other) = checks
            .iter()
            .take(position)
            .find(|other| other.plugin.descriptor.id == *id)
        {
            return Err(GuardError::DuplicateCheck {
                id: id.clone(),
                first: other.plugin.origin.to_string(),
                second: check.plugin.origin.to_string(),
            });
        }
    }
    Ok(())
}

fn load_one(
    engine: &Engine,
    policy: &Policy,
    wanted: &Wanted<'_>,
) -> Result<PlannedCheck, GuardError> {
    let plugin = match wanted {
        Wanted::BuiltIn(check) => engine
            .load(
                check.wasm,
                &Origin::BuiltIn,
                &budget(policy.budget(check.id)),
            )
            .map_err(|error| error.of_check(check.id))?,
        Wanted::File(check, bytes, path) => {
            let plugin = engine
                .load(
                    bytes,
                    &Origin::File(path.clone()),
                    &budget(policy.budget(&check.id)),
                )
                .map_err(|error| error.of_check(&check.id))?;
            if plugin.descriptor.id != check.id {
                return Err(GuardError::OtherName {
                    place: check.place.to_string(),
                    origin: path.clone(),
                    found: plugin.descriptor.id.clone(),
                    expected: check.id.clone(),
                });
            }
            plugin
        }
    };
    let (opt_in, runs) = match wanted {
        Wanted::BuiltIn(check) => (check.opt_in, runs(policy, check)),
        Wanted::File(..) => (None, true),
    };
    plan_one(policy, plugin, opt_in, runs)
}

fn plan_one(
    policy: &Policy,
    plugin: Plugin,
    opt_in: Option<&str>,
    runs: bool,
) -> Result<PlannedCheck, GuardError> {
    let id = plugin.descriptor.id.clone();
    let nothing = TypedSettings::default();
    let typed = policy.check(&id).map_or(&nothing, |check| &check.settings);
    let values = resolve_settings(&id, &plugin.descriptor.settings, typed)?;
    let settings = Settings::new(&values);
    // A check without settings of the user's has nothing to object to.
    if !typed.0.is_empty() {
        plugin
            .session()?
            .validate(&settings)
            .map_err(|error: SandboxError| GuardError::Sandbox(error))?;
    }
    let grant = policy.grant(&id);
    let risk = policy.check(&id).and_then(|check| check.risk);
    Ok(PlannedCheck {
        risk: risk.unwrap_or(plugin.descriptor.risk),
        plugin,
        settings,
        values,
        severity: policy.check(&id).map(|check| check.severity),
        grants: Box::new(move |column| grant.allows(column)),
        opt_in: opt_in.map(str::to_owned),
        runs,
    })
}

/// The sandbox's defaults, as a policy would state them.
pub fn default_budget() -> policy::Budget {
    let default = Budget::default();
    let units = |unit: u32, bytes: usize| u64::try_from(bytes >> unit).ok();
    policy::Budget {
        memory_mib: units(20, default.memory),
        call_seconds: Some(default.call.as_secs_f64()),
        fuel: Some(default.fuel.map_or(Fuel::Unmetered, Fuel::AtMost)),
        traffic_mib: units(20, default.traffic),
        output_kib: units(10, default.state),
        kernel_values: Some(default.kernel_values),
        findings: units(0, default.findings),
    }
}

/// The policy's limits over the sandbox's defaults.
fn budget(typed: policy::Budget) -> Budget {
    let default = Budget::default();
    let bytes = |unit: u32, typed: Option<u64>, or: usize| {
        typed
            .and_then(|count| usize::try_from(count.saturating_mul(1 << unit)).ok())
            .unwrap_or(or)
    };
    Budget {
        memory: bytes(20, typed.memory_mib, default.memory),
        call: typed
            .call_seconds
            .map_or(default.call, Duration::from_secs_f64),
        fuel: match typed.fuel {
            Some(Fuel::AtMost(fuel)) => Some(fuel),
            Some(Fuel::Unmetered) | None => None,
        },
        traffic: bytes(20, typed.traffic_mib, default.traffic),
        state: bytes(10, typed.output_kib, default.state),
        findings: typed
            .findings
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(default.findings),
        kernel_values: typed.kernel_values.unwrap_or(default.kernel_values),
    }
}
