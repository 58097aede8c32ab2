//! `driftguard baseline create`: one pass over the reference.

use driftguard_data::{NO_PERIOD, Source};
use driftguard_verdict::Failure;

use super::manifest::PersonalEntry;
use super::{Baseline, BaselineError, FORMAT, Manifest, PeriodEntry, file, manifest, units};
use crate::error::GuardError;
use crate::fold::{Fold, FoldSide, Folded, Sessions};
use crate::periods::{self, By, Cutting};
use crate::plan::{Plan, PlannedCheck};
use crate::policy::Policy;
use crate::progress::Progress;
use crate::run::{RunOptions, fit, reference_roles};

/// Profiles a reference period by period.
///
/// # Errors
/// Data that cannot be read or cut as asked, a check that fails.
pub fn create(
    source: &Source,
    policy: &Policy,
    checks: &[PlannedCheck],
    by: By,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Baseline, GuardError> {
    let (pilot, roles) = reference_roles(source, policy)?;
    let mut plan = Plan::new(&roles, [source.schema(), source.schema()], checks);
    if plan.jobs.is_empty() {
        return Err(GuardError::NothingToCheck {
            columns: roles.len(),
            checks: checks.len(),
        });
    }
    let chosen = periods::for_baseline(by, &pilot, &roles, source.rows())?;
    progress.begin(source.rows());
    let (frames, unfit) = fit(&plan, checks, &pilot);
    all_well(&unfit)?;
    drop(pilot);
    let cutter = chosen.cutting.cutter(&mut plan.sides[0]);
    let fold = Fold {
        plan: &plan,
        checks,
        frames: &frames,
        sides: vec![FoldSide {
            side: 0,
            source,
            cutter,
        }],
        threads: options.threads,
        progress,
    };
    let Folded {
        sides: [mut periods, _],
        failures,
        ..
    } = fold.run()?;
    all_well(&failures)?;
    let entries = periods.iter().map(|(key, period)| PeriodEntry {
        key: *key,
        name: period_name(&chosen.cutting, *key),
        rows: period.rows,
        added: false,
    });
    let mut manifest = Manifest {
        format: FORMAT.into(),
        driftguard: env!("CARGO_PKG_VERSION").into(),
        source: source.describe(),
        cutting: chosen.cutting.clone(),
        why: chosen.why.clone(),
        columns: manifest::columns(&roles, source.schema()),
        checks: manifest::checks(checks),
        jobs: manifest::jobs(&plan, checks),
        periods: entries.collect(),
        unit_periods: 1,
        min_rows: policy.rules.min_rows,
        units: vec![],
        measures: vec![],
        pools: vec![],
        personal: source.hidden().map(PersonalEntry::of),
        fingerprints: None,
    };
    let mut sessions = Sessions::new(&plan, checks, &frames);
    let mut prepared = units::prepare(
        &mut sessions,
        &periods,
        &chosen.cutting,
        manifest.min_rows,
        &|_| true,
    );
    let ranked = prepared.ranked(plan.jobs.len());
    let mut anchor = prepared.whole().cloned().unwrap_or_default();
    for (state, ranked) in anchor.iter_mut().zip(&ranked) {
        if *ranked {
            *state = None;
        }
    }
    units::drop_unranked(&mut periods, &ranked);
    let (pools, table) = prepared.store(&mut manifest, |index| index);
    Ok(Baseline {
        manifest,
        digest: String::new(),
        frames,
        pools,
        anchor,
        table,
        packed: file::pack(&periods)?,
    })
}

pub(super) fn period_name(cutting: &Cutting, key: i64) -> String {
    match key {
        NO_PERIOD => "rows of no period".into(),
        key => cutting.name(key),
    }
}

/// A baseline with a hole in it would pass what the hole should have seen.
pub(super) fn all_well(failures: &[Failure]) -> Result<(), BaselineError> {
    match failures.first() {
        None => Ok(()),
        Some(failure) => Err(BaselineError::CheckFailed {
            check: failure.check.clone(),
            at: failure
                .column
                .as_ref()
                .map(|column| format!(" on column `{column}`"))
                .unwrap_or_default(),
            message: failure.message.clone(),
        }),
    }
}
