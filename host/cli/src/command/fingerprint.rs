//! `driftguard fingerprint`: what decides the model's answers, as digests.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use driftguard_guard::policy::{FingerprintPolicy, runtime_of, several};
use driftguard_guard::provenance::columns_of;
use driftguard_provenance::{Given, document, fingerprint, write};
use driftguard_verdict::cause::{Part, PartName};

use crate::arguments::Fingerprint;
use crate::exit::Failed;
use crate::{command, engine};

/// Computes and writes the document.
#[expect(clippy::print_stderr, reason = "the binary speaks to its user")]
pub fn run(arguments: &Fingerprint) -> anyhow::Result<ExitCode> {
    let policy = engine::policy(arguments.policy.as_deref())?;
    let FingerprintPolicy { mut request, .. } = policy.fingerprint;
    let here = Path::new("");
    if let Some(code) = &arguments.code {
        request.code = match several(here, vec![code.clone()]) {
            Given::This(_) => Given::This(PathBuf::from(code)),
            Given::Absent => Given::Absent,
            Given::Nothing => Given::Nothing,
        };
    }
    for (flag, part) in [
        (&arguments.model, &mut request.model),
        (&arguments.config, &mut request.config),
        (&arguments.deps, &mut request.deps),
        (&arguments.features, &mut request.features),
    ] {
        if !flag.is_empty() {
            *part = several(here, flag.clone());
        }
    }
    if !arguments.schema.is_empty() {
        request.schema = Given::This(columns_of(&arguments.schema, policy.data.delimiter)?);
    }
    let named = runtime_of(&arguments.runtime).map_err(|error| Failed::Usage(error.to_string()))?;
    request.runtime.extend(named);
    let document = fingerprint(&request)?;
    if arguments.out.as_os_str() == "-" {
        command::print(&document::to_text(&document))?;
    } else {
        write(&arguments.out, &document)?;
    }
    let unknown: Vec<&str> = PartName::ALL
        .into_iter()
        .filter(|name| matches!(document.part(*name), Part::Unknown { .. }))
        .map(PartName::name)
        .collect();
    if !unknown.is_empty() {
        eprintln!(
            "unknown: {}; unknown is never the same: name each, or say `none` of a part that does not exist",
            unknown.join(", ")
        );
    }
    Ok(ExitCode::SUCCESS)
}
