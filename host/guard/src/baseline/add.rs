//! `driftguard baseline add`: a later period is accepted. The pool grows and
//! nothing ever leaves it: a sliding window would follow a slow drift.

use std::collections::BTreeMap;

use driftguard_data::{NO_PERIOD, PeriodKey, Source};
use driftguard_verdict::Finding;
use driftguard_verdict::finding::{Nature, Status};

use super::check::fitted;
use super::create::{all_well, period_name};
use super::spread::{Spread, spread};
use super::{Baseline, BaselineError, PeriodEntry};
use crate::error::GuardError;
use crate::fold::{Fold, FoldSide, PeriodProfiles, Sessions};
use crate::periods::{Chosen, Cutting};
use crate::plan::PlannedCheck;
use crate::policy::Policy;
use crate::progress::Progress;
use crate::run::{RunOptions, no_rows};

/// How far the new data is from the anchor in one measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The check.
    pub check: String,
    /// What moved, in words.
    pub subject: String,
    /// By how much (share of rows).
    pub effect: f64,
    /// The plugin's words.
    pub message: String,
}

/// What was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// New periods, with their rows.
    pub periods: Vec<PeriodEntry>,
    /// Effects against the first anchor (the periods that the baseline was
    /// created with), largest first.
    pub moved: Vec<Moved>,
    /// How many periods lie away from the anchor.
    pub spread: Spread,
}

/// Adds the periods of later data to the pool.
///
/// # Errors
/// Data that cannot be read, periods that are there already, other checks.
pub fn add(
    baseline: &mut Baseline,
    data: &Source,
    policy: &Policy,
    checks: &[PlannedCheck],
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Added, GuardError> {
    let mut fit = fitted(baseline, data, checks)?;
    if fit.plan.jobs.len() != baseline.manifest.jobs.len() {
        return Err(BaselineError::OtherCheck {
            check: "schema".into(),
            what: "columns of the baseline are gone from the new data".into(),
        }
        .into());
    }
    progress.begin(data.rows());
    let cutting = baseline.manifest.cutting.clone();
    let cutter = cutting.cutter(&mut fit.plan.sides[1]);
    let fold = Fold {
        plan: &fit.plan,
        checks,
        frames: &fit.frames,
        sides: vec![FoldSide {
            side: 1,
            source: data,
            cutter,
        }],
        threads: options.threads,
        progress,
    };
    let mut folded = fold.run()?;
    all_well(&folded.failures)?;
    if folded.rows(1) == 0 {
        return Err(no_rows("new", data, policy));
    }
    let fresh = renumbered(
        std::mem::take(&mut folded.sides[1]),
        &baseline.periods,
        &cutting,
    )?;
    // Effects against the periods that the baseline was created with.
    folded.sides = [baseline.anchor_of(&fit.periods), fresh.clone()];
    let mut sessions = Sessions::new(&fit.plan, checks, &fit.frames);
    let findings = sessions.findings(&mut folded);
    all_well(&folded.failures)?;
    let mut accepted = fit.periods.clone();
    accepted.retain(|key, _| !folded.sides[0].contains_key(key));
    accepted.extend(fresh.clone());
    let chosen = Chosen {
        cutting: cutting.clone(),
        why: baseline.manifest.why.clone(),
    };
    let spread = spread(&mut sessions, &mut folded, &accepted, &chosen, policy)?;
    all_well(&folded.failures)?;
    let periods: Vec<PeriodEntry> = fresh
        .iter()
        .map(|(key, period)| PeriodEntry {
            key: *key,
            name: period_name(&cutting, *key),
            rows: period.rows,
            added: true,
        })
        .collect();
    for (key, PeriodProfiles { rows, saved }) in fresh {
        let saved = fit.in_baseline_order(saved);
        baseline.periods.insert(key, PeriodProfiles { rows, saved });
    }
    baseline.manifest.periods.extend(periods.iter().cloned());
    baseline.manifest.periods.sort_by_key(|period| period.key);
    Ok(Added {
        periods,
        moved: moved(&findings),
        spread,
    })
}

/// Periods of time must be new. Blocks go behind those that are there.
fn renumbered(
    fresh: BTreeMap<PeriodKey, PeriodProfiles>,
    known: &BTreeMap<PeriodKey, PeriodProfiles>,
    cutting: &Cutting,
) -> Result<BTreeMap<PeriodKey, PeriodProfiles>, BaselineError> {
    if let Cutting::Time { .. } = cutting {
        let twice = fresh
            .keys()
            .find(|key| **key != NO_PERIOD && known.contains_key(key));
        if let Some(key) = twice {
            return Err(BaselineError::KnownPeriod {
                name: cutting.name(*key),
            });
        }
        return Ok(fresh
            .into_iter()
            .filter(|(key, _)| *key != NO_PERIOD)
            .collect());
    }
    let next = known.keys().next_back().map_or(0, |last| last + 1);
    let fresh = fresh.into_values().enumerate();
    Ok(fresh
        .map(|(offset, period)| (next + offset as i64, period))
        .collect())
}

fn moved(findings: &[Finding]) -> Vec<Moved> {
    let counts = |finding: &&Finding| {
        finding.nature != Nature::Supporting && finding.status == Status::Ok && finding.effect > 0.0
    };
    let mut moved: Vec<Moved> = findings
        .iter()
        .filter(counts)
        .map(|finding| Moved {
            check: finding.check.clone(),
            subject: match finding.subject.columns().as_slice() {
                [] => "rows".into(),
                names => names.join(" and "),
            },
            effect: finding.effect,
            message: finding.message.clone(),
        })
        .collect();
    moved.sort_by(|left, right| right.effect.total_cmp(&left.effect));
    moved
}
