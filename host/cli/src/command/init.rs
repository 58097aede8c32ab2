//! `driftguard init`: a commented policy from the data.

use std::fs::OpenOptions;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use driftguard_guard::policy::{TemplateCheck, TemplateColumn, TemplateInput, template};
use driftguard_guard::{default_budget, open, pilot_roles};

use crate::arguments::{Init, overrides};
use crate::exit::Failed;
use crate::{command, engine};

/// Looks at the data and writes the policy.
#[expect(clippy::print_stderr, reason = "the binary speaks to its user")]
pub fn run(arguments: &Init) -> anyhow::Result<ExitCode> {
    let mut policy = engine::policy(arguments.data.policy.as_deref())?;
    let mut flags = overrides(&arguments.data, &arguments.columns, None);
    if flags.current.is_empty() && flags.split.is_none() && flags.split_by.is_none() {
        // Roles come from the reference alone.
        flags.current = flags.reference.clone();
    }
    policy
        .merge_flags(flags)
        .map_err(|error| Failed::Usage(error.to_string()))?;
    command::check::both_sides(&policy).map_err(|error| match error {
        Failed::Usage(_) => Failed::Usage("nothing to look at: give --reference PATH".into()),
        other => other,
    })?;
    let sides = open(&policy)?;
    let (_, roles) = pilot_roles(&sides, &policy)?;
    let columns = roles.into_iter().map(|role| TemplateColumn {
        name: role.name,
        role: role.role,
        kind: role.kind,
        reason: role.why,
    });
    let checks = engine::catalogue(&policy, &arguments.machine)?
        .into_iter()
        .map(|check| TemplateCheck {
            id: check.plugin.descriptor.id.clone(),
            title: check.plugin.descriptor.title.clone(),
            settings: check.plugin.descriptor.settings.clone(),
            risk: check.plugin.descriptor.risk,
            opt_in: check.opt_in.clone(),
        });
    let text = template(&TemplateInput {
        reference: arguments.data.reference.clone(),
        current: arguments.data.current.clone(),
        columns: columns.collect(),
        checks: checks.collect(),
        budget: default_budget(),
    });
    if arguments.output.as_os_str() == "-" {
        command::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let path = arguments.output.display();
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .create_new(!arguments.force);
    let mut file = options.open(&arguments.output).with_context(|| {
        format!("{path} cannot be written; --force overwrites, --output names another file")
    })?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("{path} cannot be written"))?;
    eprintln!("wrote {path}: read it, then run `driftguard check --policy {path}`");
    Ok(ExitCode::SUCCESS)
}
