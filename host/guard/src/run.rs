//! From two sides and a list of checks to the document.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use driftguard_data::{ColumnRole, Source, resolve, schema_words};
use driftguard_sandbox::SharedBatch;
use driftguard_verdict::decision::{Case, Decide, Materiality};
use driftguard_verdict::document::{
    ColumnReport, Document, FORMAT, FailureReport, JudgedFinding, PluginReport, SideReport, Timings,
};
use driftguard_verdict::{Failure, Finding};

use crate::error::GuardError;
use crate::fold::{self, Fold, Folded};
use crate::open::{PILOT_ROWS, Sides, on_reference, overrides};
use crate::plan::{Plan, PlannedCheck, with_current_only};
use crate::policy::Policy;
use crate::progress::Progress;

/// What may differ between runs on the same inputs.
#[derive(Debug, Clone, Copy)]
pub struct RunOptions {
    /// Worker threads.
    pub threads: usize,
    /// Leave out everything that differs from run to run.
    pub reproducible: bool,
    /// Time already spent on loading plugins.
    pub load: Duration,
    /// When the run began.
    pub started: Instant,
}

/// The sample of the reference, and the roles it suggests under the policy.
///
/// # Errors
/// A reference that cannot be read, or a column named that is not there.
pub fn pilot_roles(
    sides: &Sides,
    policy: &Policy,
) -> Result<(RecordBatch, Vec<ColumnRole>), GuardError> {
    let (reference, current) = (sides.reference.schema(), sides.current.schema());
    let on_both = |name: &str| reference.field_with_name(name).is_ok();
    let names: Vec<&str> = reference
        .fields()
        .iter()
        .chain(
            current
                .fields()
                .iter()
                .filter(|field| !on_both(field.name())),
        )
        .map(|field| field.name().as_str())
        .collect();
    policy.check_columns(&names)?;
    let pilot = sides.reference.pilot(PILOT_ROWS)?;
    if pilot.num_rows() == 0 {
        return Err(no_rows("reference", &sides.reference, policy));
    }
    let named = on_reference(overrides(policy), &sides.reference);
    let roles = resolve(&pilot, sides.reference.rows(), &named)?;
    Ok((pilot, with_current_only(roles, sides.current.schema())))
}

fn no_rows(side: &'static str, source: &Source, policy: &Policy) -> GuardError {
    let hint = if policy.data.split.is_some() {
        "check the split"
    } else {
        "check the path, or the job that writes it"
    };
    GuardError::NoRows {
        side,
        source_name: source.describe(),
        hint,
    }
}

/// Runs the checks on both sides and decides.
///
/// # Errors
/// Data that cannot be read, a side without rows, nothing to check. A check
/// that fails is no error here: it is in the document, with verdict `error`.
pub fn check(
    sides: &Sides,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Document, GuardError> {
    let rows = sides
        .reference
        .rows()
        .zip(sides.current.rows())
        .map(|(reference, current)| reference + current);
    let (pilot, roles) = pilot_roles(sides, policy)?;
    let plan = Plan::new(
        &roles,
        [sides.reference.schema(), sides.current.schema()],
        checks,
    );
    if plan.jobs.is_empty() {
        return Err(GuardError::NothingToCheck {
            columns: roles.len(),
            checks: checks.len(),
        });
    }
    progress.begin(rows);
    let (frames, unfit) = fit(&plan, checks, &pilot);
    drop(pilot);
    let fold = Fold {
        plan: &plan,
        checks,
        frames: &frames,
        sources: [&sides.reference, &sides.current],
        threads: options.threads,
        progress,
    };
    let mut folded = fold.run()?;
    for (side, source) in [(0, &sides.reference), (1, &sides.current)] {
        if folded.rows[side] == 0 {
            return Err(no_rows(["reference", "current"][side], source, policy));
        }
    }
    folded.failures.extend(unfit);
    folded
        .failures
        .sort_by(|left, right| (&left.check, &left.column).cmp(&(&right.check, &right.column)));
    Ok(document(
        sides, policy, checks, &plan, &roles, folded, options,
    ))
}

/// One frame for each job, and the failures of those that have none.
fn fit(
    plan: &Plan,
    checks: &[PlannedCheck],
    pilot: &RecordBatch,
) -> (Vec<Option<Vec<u8>>>, Vec<Failure>) {
    let sample = Arc::new(SharedBatch::new(0, pilot, &plan.sides[0].infos));
    let mut sessions: Vec<_> = checks
        .iter()
        .map(|check| Some(check.plugin.session()))
        .collect();
    let mut failed: BTreeMap<usize, Failure> = BTreeMap::new();
    let mut frames = vec![];
    for job in &plan.jobs {
        if failed.contains_key(&job.check) {
            frames.push(None);
            continue;
        }
        let fitted = match &mut sessions[job.check] {
            Some(Ok(session)) => session.fit(&checks[job.check].settings, &sample, &job.granted[0]),
            broken => match broken.take() {
                Some(Err(error)) => Err(error),
                _ => Err(driftguard_sandbox::SandboxError::Poisoned {
                    check: String::new(),
                }),
            },
        };
        match fitted {
            Ok(frame) => frames.push(Some(frame)),
            Err(error) => {
                failed.insert(job.check, fold::failure(checks, job, &error));
                frames.push(None);
            }
        }
    }
    // A check that failed on one column must not be taken for done on others.
    for (job, frame) in plan.jobs.iter().zip(&mut frames) {
        if failed.contains_key(&job.check) {
            *frame = None;
        }
    }
    (frames, failed.into_values().collect())
}

fn document(
    sides: &Sides,
    policy: &Policy,
    checks: &[PlannedCheck],
    plan: &Plan,
    roles: &[ColumnRole],
    folded: Folded,
    options: &RunOptions,
) -> Document {
    let case = Case {
        findings: in_order(folded.findings, roles),
        failures: folded.failures,
        roles: roles
            .iter()
            .map(|role| (role.name.clone(), role.role))
            .collect(),
        severity: checks
            .iter()
            .filter_map(|check| Some((check.plugin.descriptor.id.clone(), check.severity?)))
            .collect(),
        rows_reference: folded.rows[0],
        rows_current: folded.rows[1],
    };
    let (verdict, judged) = Materiality {
        rules: policy.rules.clone(),
    }
    .decide(&case);
    let judged = case.findings.into_iter().zip(judged);
    let findings: Vec<JudgedFinding> = judged
        .map(|(finding, judged)| JudgedFinding {
            level: judged.level,
            judgement: judged.why,
            finding,
        })
        .collect();
    let failures = case.failures.into_iter().map(|failure| FailureReport {
        check: failure.check,
        column: failure.column,
        message: failure.message,
    });
    let seconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e6;
    let plugins = checks
        .iter()
        .enumerate()
        .map(|(index, check)| PluginReport {
            check: check.plugin.descriptor.id.clone(),
            version: check.plugin.descriptor.version.clone(),
            sha256: check.plugin.sha256.clone(),
            origin: check.plugin.origin.to_string(),
            columns: granted_names(plan, index),
            fuel: folded
                .usage
                .get(index)
                .and_then(|usage| usage.fuel)
                .filter(|fuel| *fuel > 0),
            seconds: folded
                .usage
                .get(index)
                .filter(|_| !options.reproducible)
                .map(|usage| seconds(usage.total)),
        });
    let kernels: Duration = folded.usage.iter().map(|usage| usage.kernels).sum();
    let total: Duration = folded.usage.iter().map(|usage| usage.total).sum();
    Document {
        format: FORMAT.into(),
        verdict: verdict.level,
        reason: verdict.reason,
        suspects: verdict
            .suspects
            .iter()
            .map(|suspect| suspect.name.clone())
            .collect(),
        summary: verdict.summary,
        guarantee: verdict.guarantee,
        detectable: verdict.detectable,
        reference: side(&sides.reference, folded.rows[0]),
        current: side(&sides.current, folded.rows[1]),
        suspect_details: verdict.suspects,
        findings,
        failures: failures.collect(),
        roles: column_reports(sides, roles),
        plugins: plugins.collect(),
        rules: policy.rules.clone(),
        driftguard: env!("CARGO_PKG_VERSION").into(),
        timings: (!options.reproducible).then(|| Timings {
            wall: seconds(options.started.elapsed()),
            load: seconds(options.load),
            decode: seconds(folded.decode),
            kernels: seconds(kernels),
            plugins: seconds(total.saturating_sub(kernels)),
        }),
    }
}

/// Findings by check, then by column in the order of the data.
fn in_order(mut findings: Vec<Finding>, roles: &[ColumnRole]) -> Vec<Finding> {
    let place: BTreeMap<&str, usize> = roles
        .iter()
        .enumerate()
        .map(|(position, role)| (role.name.as_str(), position))
        .collect();
    findings.sort_by_cached_key(|finding| {
        let column = finding
            .subject
            .columns()
            .first()
            .and_then(|name| place.get(name))
            .copied();
        (finding.check.clone(), column)
    });
    findings
}

fn granted_names(plan: &Plan, check: usize) -> Vec<String> {
    let mut seen = HashSet::new();
    let jobs = plan.jobs.iter().filter(|job| job.check == check);
    let names = jobs
        .flat_map(|job| &job.columns)
        .map(|column| column.name.clone());
    names.filter(|name| seen.insert(name.clone())).collect()
}

fn side(source: &Source, rows: u64) -> SideReport {
    SideReport {
        source: source.describe(),
        files: source.files() as u64,
        rows,
    }
}

fn column_reports(sides: &Sides, roles: &[ColumnRole]) -> Vec<ColumnReport> {
    let stored = |source: &Source, name: &str| {
        source
            .schema()
            .field_with_name(name)
            .ok()
            .map(|field| schema_words(field.data_type()))
    };
    let report = |role: &ColumnRole| ColumnReport {
        name: role.name.clone(),
        role: role.role,
        kind: role.kind,
        why: role.why.clone(),
        storage_reference: stored(&sides.reference, &role.name),
        storage_current: stored(&sides.current, &role.name),
    };
    roles.iter().map(report).collect()
}
