//! `driftguard replay`: the model run again, to tell code from data.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use driftguard_guard::policy::{
    Answering, FailOn, ModelPolicy, ModelSource, Overrides, Policy, Stdin, model_of,
};
use driftguard_guard::replay::{BadMetric, CANARY_ROWS};
use driftguard_guard::{ReplayRequest, make_canary, open, open_reference, replay};
use driftguard_report::{render_replay, replay_to_json};
use driftguard_verdict::replay::ReplayDocument;

use super::check::both_sides;
use crate::arguments::{Replay, StdinFormat, overrides};
use crate::exit::Failed;
use crate::terminal::style;
use crate::{command, engine};

/// Longest time that one run may be given, in seconds.
const LONGEST: f64 = 86_400.0;

/// Replays, reports, and ends with the verdict's exit code.
pub fn run(arguments: &Replay) -> anyhow::Result<ExitCode> {
    if let Some(file) = &arguments.baseline {
        return Err(Failed::Usage(without_rows(file)).into());
    }
    let mut policy = engine::policy(arguments.data.policy.as_deref())?;
    policy
        .merge_flags(Overrides {
            fingerprint: arguments.fingerprint.clone(),
            reference_fingerprint: arguments.reference_fingerprint.clone(),
            ..overrides(&arguments.data, &arguments.columns, arguments.fail_on)
        })
        .map_err(|error| Failed::Usage(error.to_string()))?;
    models(arguments, &mut policy.model)?;
    if let Some(file) = &arguments.make_canary {
        return make(arguments, &policy, file);
    }
    let canary = arguments
        .canary
        .clone()
        .or_else(|| policy.model.canary.clone());
    let data = &policy.data;
    let has_data = !data.reference.is_empty() || !data.current.is_empty() || data.split.is_some();
    if !has_data && canary.is_none() {
        return Err(Failed::Usage(
            "nothing to replay: give --reference and --current, or --canary FILE".into(),
        )
        .into());
    }
    let sides = if has_data {
        both_sides(&policy)?;
        Some(open(&policy)?)
    } else {
        None
    };
    let request = ReplayRequest {
        canary,
        factors: usize::from(arguments.factors),
        ..ReplayRequest::default()
    };
    let document = replay(&policy, sides.as_ref(), &request)?;
    deliver(arguments, &document)?;
    Ok(ExitCode::from(
        document.verdict.exit_code(policy.fail_on == FailOn::Alert),
    ))
}

/// Flags over what the policy says of the model.
fn models(arguments: &Replay, model: &mut ModelPolicy) -> anyhow::Result<()> {
    let usage = |error: String| Failed::Usage(error);
    let typed = |text: &String| -> Result<ModelSource, Failed> {
        model_of(text).map_err(|error| usage(error.to_string()))
    };
    let given = |text: &Option<String>, file: &Option<PathBuf>| match (text, file) {
        (Some(text), _) => typed(text).map(Some),
        (None, Some(file)) => Ok(Some(ModelSource::new(Answering::Onnx(file.clone())))),
        (None, None) => Ok(None),
    };
    if let Some(source) = given(&arguments.model, &arguments.onnx)? {
        let said = model.model.take();
        model.model = Some(like(source, said.as_ref()));
    }
    if let Some(source) = given(&arguments.old_model, &arguments.old_onnx)? {
        let said = model.old.take().or_else(|| model.model.clone());
        model.old = Some(like(source, said.as_ref()));
    }
    for source in model.model.iter_mut().chain(&mut model.old) {
        if !arguments.inputs.is_empty() {
            source.inputs.clone_from(&arguments.inputs);
        }
        if let Some(stdin) = arguments.stdin {
            source.stdin = match stdin {
                StdinFormat::Arrow => Stdin::Arrow,
                StdinFormat::Csv => Stdin::Csv,
            };
        }
        if arguments.output_column.is_some() {
            source.output.clone_from(&arguments.output_column);
        }
    }
    if !arguments.metric.is_empty() {
        let metrics = arguments.metric.iter().map(|text| text.parse());
        let metrics: Result<_, BadMetric> = metrics.collect();
        model.metrics = metrics.map_err(|error| usage(error.to_string()))?;
    }
    if let Some(rows) = arguments.rows {
        model.rows = rows;
    }
    if let Some(seconds) = arguments.timeout {
        if !(seconds > 0.0 && seconds <= LONGEST) {
            let words =
                format!("--timeout must be above 0 and at most {LONGEST} seconds, found {seconds}");
            return Err(usage(words).into());
        }
        model.limits.time = Duration::from_secs_f64(seconds);
    }
    Ok(())
}

/// What a flag does not say stays as it was said.
fn like(source: ModelSource, said: Option<&ModelSource>) -> ModelSource {
    let same = said.filter(|said| said.is_command() == source.is_command());
    ModelSource {
        stdin: said.map(|said| said.stdin).unwrap_or_default(),
        // What a command was given a file may not take, and the reverse.
        inputs: same.map(|said| said.inputs.clone()).unwrap_or_default(),
        output: same.and_then(|said| said.output.clone()),
        ..source
    }
}

/// What to do where there is only a baseline.
fn without_rows(baseline: &Path) -> String {
    format!(
        "a baseline holds no rows, so no model can be run on what {} was made of; while its reference is at hand keep rows beside it, if they may be kept: `driftguard replay --make-canary canary.arrow --reference DATA --rows 20000`; then `driftguard replay --canary canary.arrow` tells whether the model is the same, and `driftguard replay --reference canary.arrow --current DATA` what moved its answers",
        baseline.display()
    )
}

fn make(arguments: &Replay, policy: &Policy, file: &Path) -> anyhow::Result<ExitCode> {
    if policy.data.reference.is_empty() {
        return Err(Failed::Usage(
            "nothing to freeze: give --reference PATH, or [data] reference in the policy".into(),
        )
        .into());
    }
    let reference = open_reference(policy)?;
    let rows = arguments.rows.unwrap_or(CANARY_ROWS);
    let made = make_canary(policy, &reference, rows, file, arguments.force)?;
    if !arguments.quiet {
        command::print(&format!(
            "{}: {} rows of {} columns, with the model's `{}`\n",
            file.display(),
            made.rows,
            made.inputs,
            made.outputs.join("`, `"),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn deliver(arguments: &Replay, document: &ReplayDocument) -> Result<(), Failed> {
    let failed = |target: String| {
        move |source| Failed::NotDelivered {
            verdict: document.verdict.name(),
            target,
            source,
        }
    };
    let json = || replay_to_json(document) + "\n";
    if let Some(path) = &arguments.output {
        std::fs::write(path, json()).map_err(failed(path.display().to_string()))?;
    }
    let page = if arguments.json {
        json()
    } else if arguments.quiet {
        return Ok(());
    } else {
        render_replay(document, &style(arguments.color, arguments.verbose))
    };
    command::print(&page).map_err(failed("standard output".into()))
}
