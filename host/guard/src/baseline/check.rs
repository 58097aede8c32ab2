//! Current data against a baseline: no reference data is read.

use std::collections::{BTreeMap, HashSet};

use driftguard_data::{Cutter, Source};
use driftguard_verdict::document::SideReport;

use super::{Baseline, BaselineError, JobEntry, States, manifest, scores};
use crate::conclude::{Evaluation, Stored, conclude};
use crate::error::GuardError;
use crate::fold::{Fold, FoldSide, Folded, PeriodProfiles};
use crate::periods::units::{MOST_CURRENT, Periods};
use crate::periods::{Chosen, Cutting};
use crate::plan::{Plan, PlannedCheck, SideColumns, with_current_only};
use crate::policy::Policy;
use crate::progress::Progress;
use crate::run::{RunOptions, column_reports, no_rows, side};
use crate::track::Outcome;
use crate::{provenance, replay};

/// A plan for some current data, with what the baseline holds in the plan's
/// order of jobs.
pub(super) struct Fitted {
    pub(super) plan: Plan,
    /// For each job of the plan its place in the baseline.
    at: Vec<usize>,
    pub(super) frames: Vec<Option<Vec<u8>>>,
    pub(super) roles: Vec<driftguard_data::ColumnRole>,
    pub(super) schema: arrow_schema::Schema,
}

impl Fitted {
    /// The place in the baseline of a job of the plan.
    pub(super) fn place(&self, index: usize) -> usize {
        self.at.get(index).copied().unwrap_or(index)
    }

    /// States in the plan's order of jobs, as the baseline orders them. All
    /// jobs of the baseline must be in the plan.
    pub(super) fn in_baseline_order(&self, states: Vec<Option<Vec<u8>>>) -> Vec<Option<Vec<u8>>> {
        let mut placed: Vec<_> = self.at.iter().zip(states).collect();
        placed.sort_by_key(|(at, _)| **at);
        placed.into_iter().map(|(_, state)| state).collect()
    }

    /// A period of the baseline in the plan's order of jobs.
    pub(super) fn in_plan_order(&self, mut period: PeriodProfiles) -> PeriodProfiles {
        // No two jobs have the same place.
        let place = |&at: &usize| period.saved.get_mut(at).and_then(Option::take);
        PeriodProfiles {
            rows: period.rows,
            saved: self.at.iter().map(place).collect(),
        }
    }

    pub(super) fn pick(&self, states: &[Option<Vec<u8>>]) -> Vec<Option<Vec<u8>>> {
        pick(&self.at, states)
    }
}

fn pick(at: &[usize], states: &[Option<Vec<u8>>]) -> Vec<Option<Vec<u8>>> {
    at.iter()
        .map(|&at| states.get(at).cloned().flatten())
        .collect()
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
    Ok(Fitted {
        frames: pick(&at, &baseline.frames),
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
    let current = &baseline.hide(current, policy)?;
    let mut fit = fitted(baseline, current, checks)?;
    if fit.plan.jobs.is_empty() {
        return Err(GuardError::NothingToCheck {
            columns: fit.roles.len(),
            checks: checks.len(),
        });
    }
    let fingerprints = provenance::compared(policy, current.schema())?;
    let canary = replay::checked_canary(policy)?;
    replay::needs_rows(policy, fingerprints.as_ref())?;
    progress.begin(current.rows());
    let chosen = Chosen {
        cutting: baseline.manifest.cutting.clone(),
        why: baseline.manifest.why.clone(),
    };
    let length = baseline.manifest.unit_periods as u64;
    let cutter = current_cutter(
        &chosen.cutting,
        length,
        &mut fit.plan.sides[1],
        current.rows(),
    );
    let fold = Fold {
        plan: &fit.plan,
        checks,
        frames: &fit.frames,
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
    let pools: Vec<(Option<u32>, States)> = baseline
        .manifest
        .pools
        .iter()
        .zip(&baseline.pools)
        .map(|(phase, pool)| (*phase, fit.pick(pool)))
        .collect();
    let whole = pools.iter().find(|(phase, _)| phase.is_none());
    folded.whole = whole.map(|(_, saved)| PeriodProfiles {
        rows: baseline.rows(),
        saved: saved.clone(),
    });
    let manifest = &baseline.manifest;
    let columns = column_reports([&fit.schema, current.schema()], &fit.roles);
    let reference = SideReport {
        source: format!("baseline of {}", manifest.source),
        files: 1,
        rows: folded.rows(0),
    };
    let sides = [reference, side(current, folded.rows(1))];
    let at: HashSet<usize> = fit.at.iter().copied().collect();
    let units = scores::units(
        &manifest.units,
        &manifest.measures,
        &baseline.table,
        |job| at.contains(&job),
    );
    let ranked: HashSet<usize> = manifest.measures.iter().map(|entry| entry.job).collect();
    let periods = || -> Result<Periods, BaselineError> {
        let all = baseline.periods()?.into_iter();
        Ok(all
            .map(|(key, period)| (key, fit.in_plan_order(period)))
            .collect())
    };
    let recorded = policy.history.file.is_some();
    let anchor = match baseline.accepts() {
        true => Some(baseline.anchor_of(periods()?, &fit)),
        false => None,
    };
    let mut outcome = conclude(Evaluation {
        policy,
        checks,
        plan: &fit.plan,
        frames: &fit.frames,
        roles: &fit.roles,
        columns,
        sides,
        chosen: &chosen,
        stored: Some(Stored {
            length: manifest.unit_periods,
            min_rows: manifest.min_rows,
            units,
            measures: (0..fit.at.len())
                .filter(|index| ranked.contains(&fit.place(*index)))
                .collect(),
            kept: fit
                .pick(&baseline.anchor)
                .iter()
                .map(Option::is_none)
                .collect(),
            pools,
            periods: &periods,
            exact: recorded,
        }),
        anchor,
        fingerprints,
        canary,
        // A baseline holds no rows that a model could be given.
        replay: None,
        folded,
        options,
    })?;
    if recorded {
        outcome.track.baseline = Some(baseline.digest.clone());
        outcome.track.anchor = Some(baseline.anchor_digest()?);
    }
    Ok(outcome)
}

/// The current side is cut as the reference is, so that like is compared with
/// like: by time into periods, else into blocks as long as a unit. Of blocks so
/// many are cut out as are scored, spread evenly.
fn current_cutter(
    cutting: &Cutting,
    length: u64,
    side: &mut SideColumns,
    rows: Option<u64>,
) -> Cutter {
    let Cutting::Blocks { rows: block, .. } = cutting else {
        return cutting.cutter(side);
    };
    let block = block.saturating_mul(length).max(1);
    let count = rows.map_or(1, |rows| rows / block);
    if count < 2 {
        return Cutter::Whole;
    }
    let kept = count.min(MOST_CURRENT as u64);
    Cutter::Blocks {
        rows: block,
        stride: block * (count / kept),
        count: kept,
    }
}
