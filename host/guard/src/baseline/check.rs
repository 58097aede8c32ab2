//! Current data against a baseline: no reference data is read.

use std::collections::BTreeMap;

use driftguard_data::{PeriodKey, Source};
use driftguard_verdict::document::{Document, SideReport};

use super::{Baseline, BaselineError, JobEntry, manifest};
use crate::conclude::{Evaluation, conclude};
use crate::error::GuardError;
use crate::fold::{Fold, FoldSide, Folded, PeriodProfiles};
use crate::periods::Chosen;
use crate::plan::{Plan, PlannedCheck, with_current_only};
use crate::policy::Policy;
use crate::progress::Progress;
use crate::provenance;
use crate::run::{RunOptions, column_reports, no_rows, side};
use crate::track::Outcome;

/// A plan for some current data, with what the baseline holds in the plan's
/// order of jobs.
pub(super) struct Fitted {
    pub(super) plan: Plan,
    /// For each job of the plan its place in the baseline.
    at: Vec<usize>,
    pub(super) frames: Vec<Option<Vec<u8>>>,
    pub(super) periods: BTreeMap<PeriodKey, PeriodProfiles>,
    pub(super) roles: Vec<driftguard_data::ColumnRole>,
    pub(super) schema: arrow_schema::Schema,
}

impl Fitted {
    /// States in the plan's order of jobs, as the baseline orders them. All
    /// jobs of the baseline must be in the plan.
    pub(super) fn in_baseline_order(&self, states: Vec<Option<Vec<u8>>>) -> Vec<Option<Vec<u8>>> {
        let mut placed: Vec<_> = self.at.iter().zip(states).collect();
        placed.sort_by_key(|(at, _)| **at);
        placed.into_iter().map(|(_, state)| state).collect()
    }
}

/// Lays a baseline over current data.
pub(super) fn fitted(
    baseline: &Baseline,
    current: &Source,
    checks: &[PlannedCheck],
) -> Result<Fitted, GuardError> {
    same_checks(baseline, checks)?;
    let schema = baseline.manifest.schema()?;
    let roles = with_current_only(baseline.manifest.roles(), current.schema());
    let plan = Plan::new(&roles, [&schema, current.schema()], checks);
    let known: BTreeMap<(&str, &[String]), usize> = baseline
        .manifest
        .jobs
        .iter()
        .enumerate()
        .map(|(at, job)| ((job.check.as_str(), job.columns.as_slice()), at))
        .collect();
    let mut at = vec![];
    for JobEntry { check, columns } in manifest::jobs(&plan, checks) {
        let found = known.get(&(check.as_str(), columns.as_slice()));
        at.push(*found.ok_or_else(|| BaselineError::OtherCheck {
            what: format!("it was not run on {}", columns.join(", ")),
            check: check.clone(),
        })?);
    }
    let pick = |states: &[Option<Vec<u8>>]| -> Vec<Option<Vec<u8>>> {
        at.iter()
            .map(|&at| states.get(at).cloned().flatten())
            .collect()
    };
    let periods = baseline.periods.iter().map(|(key, period)| {
        let saved = pick(&period.saved);
        let rows = period.rows;
        (*key, PeriodProfiles { rows, saved })
    });
    Ok(Fitted {
        frames: pick(&baseline.frames),
        periods: periods.collect(),
        at,
        plan,
        roles,
        schema,
    })
}

/// The same plugins with the same settings, no more and no fewer: anything
/// else could let a check read a profile that means something else.
fn same_checks(baseline: &Baseline, checks: &[PlannedCheck]) -> Result<(), BaselineError> {
    let now = manifest::checks(checks);
    for check in &now {
        let other = |what: &str| BaselineError::OtherCheck {
            check: check.id.clone(),
            what: what.to_owned(),
        };
        let then = baseline
            .manifest
            .checks
            .iter()
            .find(|then| then.id == check.id)
            .ok_or_else(|| other("it was not enabled"))?;
        if then.sha256 != check.sha256 {
            return Err(other(&format!(
                "another plugin: version {} then, {} now",
                then.version, check.version
            )));
        }
        if then.settings != check.settings {
            return Err(other("other settings"));
        }
    }
    let gone = baseline
        .manifest
        .checks
        .iter()
        .find(|then| now.iter().all(|now| now.id != then.id));
    match gone {
        Some(check) => Err(BaselineError::MissingCheck {
            check: check.id.clone(),
        }),
        None => Ok(()),
    }
}

/// Checks current data against a baseline and decides.
///
/// # Errors
/// See [`evaluate_against`].
pub fn check_against(
    baseline: &Baseline,
    current: &Source,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Document, GuardError> {
    let outcome = evaluate_against(baseline, current, policy, checks, options, progress);
    outcome.map(|outcome| outcome.document)
}

/// Checks current data against a baseline and decides, with what a history
/// needs.
///
/// # Errors
/// Data that cannot be read, a baseline made with other checks.
pub fn evaluate_against(
    baseline: &Baseline,
    current: &Source,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Outcome, GuardError> {
    let Fitted {
        mut plan,
        frames,
        periods,
        roles,
        schema,
        ..
    } = fitted(baseline, current, checks)?;
    if plan.jobs.is_empty() {
        return Err(GuardError::NothingToCheck {
            columns: roles.len(),
            checks: checks.len(),
        });
    }
    let fingerprints = provenance::compared(policy, current.schema())?;
    progress.begin(current.rows());
    let chosen = Chosen {
        cutting: baseline.manifest.cutting.clone(),
        why: baseline.manifest.why.clone(),
    };
    let cutter = match &chosen.cutting {
        // Blocks are of the reference; what is judged is one unit.
        crate::periods::Cutting::Blocks { .. } => driftguard_data::Cutter::Whole,
        cutting => cutting.cutter(&mut plan.sides[1]),
    };
    let fold = Fold {
        plan: &plan,
        checks,
        frames: &frames,
        sides: vec![FoldSide {
            side: 1,
            source: current,
            cutter,
        }],
        threads: options.threads,
        progress,
    };
    let mut folded: Folded = fold.run()?;
    if folded.rows(1) == 0 {
        return Err(no_rows("current", current, policy));
    }
    let anchor = baseline.accepts().then(|| baseline.anchor_of(&periods));
    folded.sides[0] = periods;
    let columns = column_reports([&schema, current.schema()], &roles);
    let reference = SideReport {
        source: format!("baseline of {}", baseline.manifest.source),
        files: 1,
        rows: folded.rows(0),
    };
    let sides = [reference, side(current, folded.rows(1))];
    Ok(conclude(Evaluation {
        policy,
        checks,
        plan: &plan,
        frames: &frames,
        roles: &roles,
        columns,
        sides,
        chosen: &chosen,
        always_calibrate: true,
        anchor,
        fingerprints,
        folded,
        options,
    }))
}
