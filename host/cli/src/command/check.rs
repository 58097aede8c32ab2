//! `driftguard check`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use driftguard_guard::policy::{FailOn, Overrides, Policy};
use driftguard_guard::{
    Baseline, BaselineError, Outcome, RunOptions, evaluate, evaluate_against, open, open_current,
    record,
};
use driftguard_report::{render, to_json, to_markdown};
use driftguard_verdict::document::Document;

use crate::arguments::{Check, overrides};
use crate::exit::Failed;
use crate::terminal::{Bar, style};
use crate::{command, engine};

/// Compares, reports, and ends with the verdict's exit code.
pub fn run(arguments: &Check) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let mut policy = engine::policy(arguments.data.policy.as_deref())?;
    policy
        .merge_flags(Overrides {
            fingerprint: arguments.fingerprint.clone(),
            reference_fingerprint: arguments.reference_fingerprint.clone(),
            history: arguments.history.clone(),
            ..overrides(&arguments.data, &arguments.columns, arguments.fail_on)
        })
        .map_err(|error| Failed::Usage(error.to_string()))?;
    policy.model.allow_commands = arguments.allow_commands;
    let outcome = match &arguments.baseline {
        Some(file) => against_baseline(arguments, &policy, file, started)?,
        None => two_sides(arguments, &policy, started)?,
    };
    // Recorded before it is shown: a verdict that nobody will know of later is
    // none.
    let document = match &policy.history.file {
        Some(file) => {
            record(outcome, &policy, file, arguments.reproducible).map_err(Failed::from)?
        }
        None => outcome.document,
    };
    deliver(arguments, &document)?;
    Ok(ExitCode::from(
        document.verdict.exit_code(policy.fail_on == FailOn::Alert),
    ))
}

fn two_sides(arguments: &Check, policy: &Policy, started: Instant) -> anyhow::Result<Outcome> {
    both_sides(policy)?;
    let sides = open(policy)?;
    let before = Instant::now();
    let checks = engine::checks(policy, &arguments.machine)?;
    let options = options(arguments, before, started);
    let bar = Bar::new(arguments.quiet);
    Ok(evaluate(&sides, policy, &checks, &options, &bar)?)
}

fn against_baseline(
    arguments: &Check,
    policy: &Policy,
    file: &Path,
    started: Instant,
) -> anyhow::Result<Outcome> {
    if arguments.columns.any() {
        return Err(BaselineError::FixedRoles {
            what: "the role or kind of a column".into(),
        }
        .into());
    }
    if policy.data.current.is_empty() {
        return Err(Failed::Usage("nothing to judge: give --current PATH".into()).into());
    }
    let baseline = Baseline::read(file)?;
    let current = open_current(policy)?;
    let before = Instant::now();
    let checks = engine::checks(policy, &arguments.machine)?;
    let options = options(arguments, before, started);
    let bar = Bar::new(arguments.quiet);
    Ok(evaluate_against(
        &baseline, &current, policy, &checks, &options, &bar,
    )?)
}

fn options(arguments: &Check, before: Instant, started: Instant) -> RunOptions {
    RunOptions {
        threads: engine::threads(&arguments.machine),
        reproducible: arguments.reproducible,
        load: before.elapsed(),
        started,
    }
}

/// Both sides must be named, by flags or policy.
pub fn both_sides(policy: &Policy) -> Result<(), Failed> {
    let data = &policy.data;
    if data.reference.is_empty() {
        return Err(Failed::Usage(
            "nothing to compare with: give --reference PATH, or [data] reference in the policy"
                .into(),
        ));
    }
    if data.current.is_empty() && data.split.is_none() {
        return Err(Failed::Usage(
            "nothing to judge: give --current PATH, or cut the reference in two with --split TIME or --split-by COLUMN=VALUE".into(),
        ));
    }
    let streams = data
        .reference
        .iter()
        .chain(&data.current)
        .filter(|path| *path == "-")
        .count();
    if streams > 1 {
        return Err(Failed::Usage(
            "standard input can be one side only: `-` was given more than once".into(),
        ));
    }
    Ok(())
}

fn deliver(arguments: &Check, document: &Document) -> Result<(), Failed> {
    let failed = |target: String| {
        move |source| Failed::NotDelivered {
            verdict: document.verdict.name(),
            target,
            source,
        }
    };
    let json = || to_json(document, true) + "\n";
    if let Some(path) = &arguments.output {
        std::fs::write(path, json()).map_err(failed(path.display().to_string()))?;
    }
    if let Some(path) = &arguments.markdown {
        append(path, &to_markdown(document)).map_err(failed(path.display().to_string()))?;
    }
    let page = if arguments.json {
        json()
    } else if arguments.quiet {
        return Ok(());
    } else {
        render(document, &style(arguments.machine.color, arguments.verbose))
    };
    command::print(&page).map_err(failed("standard output".into()))
}

fn append(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)?;
    file.write_all(text.as_bytes())
}
