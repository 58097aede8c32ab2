//! From two sides and a list of checks to the document.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use driftguard_data::{ColumnRole, Source, resolve, schema_words};
use driftguard_sandbox::SharedBatch;
use driftguard_verdict::Failure;
use driftguard_verdict::document::{ColumnReport, Document, SideReport};

use crate::conclude::{Evaluation, conclude};
use crate::error::GuardError;
use crate::fold::{self, Fold, FoldSide, SessionPool};
use crate::open::{PILOT_ROWS, Sides, on_reference, overrides};
use crate::periods;
use crate::plan::{Plan, PlannedCheck, with_current_only};
use crate::policy::Policy;
use crate::progress::Progress;
use crate::track::Outcome;
use crate::{provenance, replay};

/// Rows of the sample that says which time the current side spans.
const PERIOD_SAMPLE: usize = 4_096;

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

/// The sample of a reference; columns that the policy names must be there, or
/// among those that are `elsewhere`.
fn reference_sample<'a>(
    source: &'a Source,
    elsewhere: impl Iterator<Item = &'a str>,
    policy: &Policy,
) -> Result<RecordBatch, GuardError> {
    let fields = source.schema().fields().iter();
    let names: Vec<&str> = fields
        .map(|field| field.name().as_str())
        .chain(elsewhere)
        .collect();
    policy.check_columns(&names)?;
    let pilot = source.pilot(PILOT_ROWS)?;
    if pilot.num_rows() == 0 {
        return Err(no_rows("reference", source, policy));
    }
    Ok(pilot)
}

/// The sample of a reference alone, and the roles it suggests under the policy.
pub(crate) fn reference_roles(
    source: &Source,
    policy: &Policy,
) -> Result<(RecordBatch, Vec<ColumnRole>), GuardError> {
    let pilot = reference_sample(source, std::iter::empty(), policy)?;
    let roles = resolve(&pilot, source.rows(), &overrides(policy))?;
    Ok((pilot, roles))
}

/// The sample of the reference, and the roles it suggests under the policy.
///
/// # Errors
/// A reference that cannot be read, or a column named that is not there.
pub fn pilot_roles(
    sides: &Sides,
    policy: &Policy,
) -> Result<(RecordBatch, Vec<ColumnRole>), GuardError> {
    let reference = sides.reference.schema();
    let current = sides.current.schema().fields().iter();
    let only_current = current
        .map(|field| field.name().as_str())
        .filter(|name| reference.field_with_name(name).is_err());
    let pilot = reference_sample(&sides.reference, only_current, policy)?;
    let named = on_reference(overrides(policy), &sides.reference);
    let mut roles = resolve(&pilot, sides.reference.rows(), &named)?;
    // What the table was cut by differs between the sides because of the cut.
    if let Some(crate::policy::Split::Value { column, .. }) =
        policy.data.split.as_ref().map(|split| &split.value)
        && let Some(role) = roles.iter_mut().find(|role| role.name == *column)
    {
        role.role = driftguard_verdict::Role::Ignore;
        role.why = "the sides were cut by it".into();
    }
    Ok((pilot, with_current_only(roles, sides.current.schema())))
}

pub(crate) fn no_rows(side: &'static str, source: &Source, policy: &Policy) -> GuardError {
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
/// See [`evaluate`].
pub fn check(
    sides: &Sides,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Document, GuardError> {
    evaluate(sides, policy, checks, options, progress).map(|outcome| outcome.document)
}

/// Runs the checks on both sides and decides, with what a history needs.
///
/// # Errors
/// Data that cannot be read, a side without rows, nothing to check. A check
/// that fails is no error here: it is in the document, with verdict `error`.
pub fn evaluate(
    sides: &Sides,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Outcome, GuardError> {
    let rows = sides
        .reference
        .rows()
        .zip(sides.current.rows())
        .map(|(reference, current)| reference + current);
    let (pilot, roles) = pilot_roles(sides, policy)?;
    let mut plan = Plan::new(
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
    let chosen = periods::for_two_sides(
        &pilot,
        || sides.current.pilot(PERIOD_SAMPLE),
        &roles,
        [sides.reference.rows(), sides.current.rows()],
    )?;
    let fingerprints = provenance::compared(policy, sides.current.schema())?;
    let canary = replay::checked_canary(policy)?;
    let replay = replay::checked_replay(policy, sides, fingerprints.as_ref())?;
    progress.begin(rows);
    let (frames, unfit) = fit(&plan, checks, &pilot);
    drop(pilot);
    let cutters = [0, 1].map(|side| chosen.cutting.cutter(&mut plan.sides[side]));
    let [reference, current] = cutters;
    let fold = Fold {
        plan: &plan,
        checks,
        frames: &frames,
        sides: vec![
            FoldSide {
                side: 0,
                source: &sides.reference,
                cutter: reference,
            },
            FoldSide {
                side: 1,
                source: &sides.current,
                cutter: current,
            },
        ],
        threads: options.threads,
        progress,
    };
    let mut folded = fold.run()?;
    for (side, source) in [(0, &sides.reference), (1, &sides.current)] {
        if folded.rows(side) == 0 {
            return Err(no_rows(["reference", "current"][side], source, policy));
        }
    }
    folded.failures.extend(unfit);
    conclude(Evaluation {
        policy,
        checks,
        plan: &plan,
        frames: &frames,
        roles: &roles,
        columns: column_reports([sides.reference.schema(), sides.current.schema()], &roles),
        sides: [
            side(&sides.reference, folded.rows(0)),
            side(&sides.current, folded.rows(1)),
        ],
        chosen: &chosen,
        stored: None,
        anchor: None,
        fingerprints,
        canary,
        replay,
        folded,
        options,
    })
}

/// One frame for each job, and the failures of those that have none.
pub(crate) fn fit(
    plan: &Plan,
    checks: &[PlannedCheck],
    pilot: &RecordBatch,
) -> (Vec<Option<Vec<u8>>>, Vec<Failure>) {
    let sample = Arc::new(SharedBatch::new(0, pilot, &plan.sides[0].infos));
    let mut sessions = SessionPool::new(checks);
    let mut failed: BTreeMap<usize, Failure> = BTreeMap::new();
    let mut frames = vec![];
    for job in &plan.jobs {
        if failed.contains_key(&job.check) {
            frames.push(None);
            continue;
        }
        let fitted = sessions
            .get(checks, job.check)
            .and_then(|session| session.fit(&checks[job.check].settings, &sample, &job.granted[0]));
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

pub(crate) fn side(source: &Source, rows: u64) -> SideReport {
    SideReport {
        source: source.describe(),
        files: source.files() as u64,
        rows,
    }
}

/// Every column with its role and how it is stored on either side.
pub(crate) fn column_reports(schemas: [&Schema; 2], roles: &[ColumnRole]) -> Vec<ColumnReport> {
    let stored = |schema: &Schema, name: &str| {
        schema
            .field_with_name(name)
            .ok()
            .map(|field| schema_words(field.data_type()))
    };
    let report = |role: &ColumnRole| ColumnReport {
        name: role.name.clone(),
        role: role.role,
        kind: role.kind,
        why: role.why.clone(),
        storage_reference: stored(schemas[0], &role.name),
        storage_current: stored(schemas[1], &role.name),
    };
    roles.iter().map(report).collect()
}
