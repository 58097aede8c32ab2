//! `driftguard baseline add`: a later period is accepted. The pool grows and
//! nothing ever leaves it: a sliding window would follow a slow drift.

use driftguard_data::{NO_PERIOD, Source};
use driftguard_verdict::Finding;
use driftguard_verdict::finding::{Nature, Status};

use super::check::fitted;
use super::create::{all_well, period_name};
use super::spread::{Spread, spread};
use super::{Baseline, BaselineError, PeriodEntry, failed, file, units};
use crate::error::GuardError;
use crate::fold::{Fold, FoldSide, PeriodProfiles, Sessions};
use crate::periods::Cutting;
use crate::periods::score::Scoring;
use crate::periods::units::Periods;
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
    let data = &baseline.hide(data, policy)?;
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
    let mut all = baseline.periods()?;
    let fresh = renumbered(std::mem::take(&mut folded.sides[1]), &all, &cutting)?;
    let mut known: Periods = all
        .iter()
        .map(|(key, period)| (*key, fit.in_plan_order(period.clone())))
        .collect();
    let mut sessions = Sessions::new(&fit.plan, checks, &fit.frames);
    let ranked: Vec<bool> = fit
        .pick(&baseline.anchor)
        .iter()
        .map(Option::is_none)
        .collect();
    let is_ranked = |index: usize| ranked.get(index).copied().unwrap_or(true);
    let min_rows = baseline.manifest.min_rows;
    // Effects against the periods that the baseline was created with.
    let wrong = |error| failed(&fit.plan, checks, &error);
    let anchor = baseline.anchor_of(known.clone(), &fit);
    let whole = anchor.whole(&mut sessions).map_err(wrong)?;
    folded.sides[1] = fresh.clone();
    folded.whole = Some(whole.clone());
    let findings = sessions.findings(&mut folded);
    all_well(&folded.failures)?;
    let mut accepted = anchor.accepted;
    accepted.extend(fresh.clone());
    let scoring = Scoring {
        cutting: &cutting,
        length: 1,
        min_rows,
        dead: &vec![false; checks.len()],
        measures: &is_ranked,
    };
    let sides = [&anchor.periods, &accepted];
    let spread = spread(
        &mut sessions,
        sides,
        &whole,
        &scoring,
        policy.rules.alert_at,
    );
    let spread = spread.map_err(wrong)?;
    let periods: Vec<PeriodEntry> = fresh
        .iter()
        .map(|(key, period)| PeriodEntry {
            key: *key,
            name: period_name(&cutting, *key),
            rows: period.rows,
            added: true,
        })
        .collect();
    let mut trimmed = fresh.clone();
    units::drop_unranked(&mut trimmed, &ranked);
    known.extend(trimmed.clone());
    let mut prepared = units::prepare(&mut sessions, &known, &cutting, min_rows, &is_ranked);
    // What is kept as a whole grows by what is new.
    let before = baseline.whole().map(|whole| fit.pick(whole));
    if let (Some(before), Some(whole)) = (before, prepared.whole()) {
        for index in (0..whole.len()).filter(|index| !is_ranked(*index)) {
            let new = fresh.values().map(|period| period.saved.get(index));
            let parts: Vec<&[u8]> = [before.get(index)]
                .into_iter()
                .chain(new)
                .filter_map(|state| state?.as_deref())
                .collect();
            whole[index] = Some(
                sessions
                    .merge(index, &parts)
                    .map_err(|error| wrong((index, error)))?,
            );
        }
    }
    for (key, PeriodProfiles { rows, saved }) in trimmed {
        let saved = fit.in_baseline_order(saved);
        all.insert(key, PeriodProfiles { rows, saved });
    }
    baseline.packed = file::pack(&all)?;
    let stored = prepared.store(&mut baseline.manifest, |index| fit.place(index));
    (baseline.pools, baseline.table) = stored;
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
    fresh: Periods,
    known: &Periods,
    cutting: &Cutting,
) -> Result<Periods, BaselineError> {
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
