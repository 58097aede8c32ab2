//! `driftguard explain`.

use std::process::ExitCode;

use driftguard_report::{explain_reason, explain_reasons, render_check};
use driftguard_verdict::Reason;

use crate::arguments::Explain;
use crate::command::checks::entry;
use crate::exit::Failed;
use crate::terminal::style;
use crate::{command, engine};

/// Explains a code or a check; without a name, lists the codes.
pub fn run(arguments: &Explain) -> anyhow::Result<ExitCode> {
    let style = style(arguments.machine.color, false);
    let Some(name) = &arguments.name else {
        command::print(&explain_reasons(&style))?;
        return Ok(ExitCode::SUCCESS);
    };
    // `output-drift` is a check, and read leniently a code, too.
    let is_check = engine::built_in_ids().contains(&name.as_str());
    if let Some(reason) = Reason::parse(name).filter(|_| !is_check) {
        command::print(&explain_reason(reason, &style))?;
        return Ok(ExitCode::SUCCESS);
    }
    let policy = engine::policy(arguments.policy.as_deref())?;
    let checks = engine::catalogue(&policy, &arguments.machine)?;
    let Some(check) = checks
        .iter()
        .find(|check| check.plugin.descriptor.id == *name)
    else {
        let known: Vec<&str> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        let ids: Vec<&str> = checks
            .iter()
            .map(|check| check.plugin.descriptor.id.as_str())
            .collect();
        let near = driftguard_data::schema::nearest(name, known.iter().chain(&ids).copied());
        let near = near
            .map(|near| format!("; did you mean `{near}`?"))
            .unwrap_or_default();
        return Err(Failed::Usage(format!(
            "`{name}` is neither a reason code ({}) nor a check ({}){near}",
            known.join(", "),
            ids.join(", ")
        ))
        .into());
    };
    command::print(&render_check(&entry(check), &style))?;
    Ok(ExitCode::SUCCESS)
}
