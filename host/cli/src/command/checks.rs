//! `driftguard checks`: the catalogue.

use std::process::ExitCode;

use driftguard_guard::PlannedCheck;
use driftguard_report::{CheckEntry, SettingEntry, catalogue_json, render_catalogue};
use driftguard_sandbox::{Order, Scope};

use crate::arguments::Checks;
use crate::terminal::style;
use crate::{command, engine};

/// Lists every check, and says which would not run.
pub fn run(arguments: &Checks) -> anyhow::Result<ExitCode> {
    let policy = engine::policy(arguments.policy.as_deref())?;
    let entries: Vec<CheckEntry> = engine::catalogue(&policy, &arguments.machine)?
        .iter()
        .map(entry)
        .collect();
    let page = if arguments.json {
        catalogue_json(&entries, true)
    } else {
        render_catalogue(&entries, &style(arguments.machine.color, false))
    };
    command::print(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// What the catalogue says of a check.
pub fn entry(check: &PlannedCheck) -> CheckEntry {
    let descriptor = check.plugin.descriptor.clone();
    let setting = |spec: driftguard_verdict::SettingSpec| SettingEntry {
        name: spec.name,
        help: spec.help,
        default: serde_json::to_value(spec.default).unwrap_or_default(),
        minimum: spec.minimum,
        maximum: spec.maximum,
        choices: spec.choices,
    };
    CheckEntry {
        id: descriptor.id,
        version: descriptor.version,
        title: descriptor.title,
        summary: descriptor.summary,
        scope: match descriptor.scope {
            Scope::Column => "column".into(),
            Scope::Dataset => "dataset".into(),
        },
        order: match descriptor.order {
            Order::Any => "any".into(),
            Order::Sequence => "sequence".into(),
        },
        roles: descriptor.roles,
        kinds: descriptor.kinds,
        settings: descriptor.settings.into_iter().map(setting).collect(),
        risk: check.risk.name().into(),
        risk_by_policy: check.risk != descriptor.risk,
        references: descriptor.references,
        origin: check.plugin.origin.to_string(),
        sha256: check.plugin.sha256.clone(),
        opt_in: check.opt_in.clone(),
        runs: check.runs,
    }
}
