//! `driftguard schema`: JSON Schemas for readers and editors.

use std::process::ExitCode;

use driftguard_guard::policy::policy_schema;
use driftguard_verdict::SettingSpec;

use crate::arguments::{Schema, Which};
use crate::{command, engine};

/// Prints a schema.
pub fn run(arguments: &Schema) -> anyhow::Result<ExitCode> {
    let text = match arguments.which {
        Which::Verdict => driftguard_report::schema_text(),
        Which::Fingerprints => driftguard_report::fingerprints_schema_text(),
        Which::Replay => driftguard_report::replay_schema_text(),
        Which::Policy => {
            let checks = engine::catalogue(&engine::policy(None)?, &arguments.machine)?;
            let specs: Vec<(String, Vec<SettingSpec>)> = checks
                .iter()
                .map(|check| {
                    (
                        check.plugin.descriptor.id.clone(),
                        check.plugin.descriptor.settings.clone(),
                    )
                })
                .collect();
            let borrowed: Vec<(&str, &[SettingSpec])> = specs
                .iter()
                .map(|(id, specs)| (id.as_str(), specs.as_slice()))
                .collect();
            serde_json::to_string_pretty(&policy_schema(&borrowed))?
        }
    };
    command::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
