//! Units of the reference, and of the current side, scored alike: each against
//! the others. What a plugin measures becomes a calibrated test by this.
//!
//! [`of_all`] has the current side among the others, so that all units are
//! treated alike and ranks are exact when nothing changed. [`of_reference`]
//! leaves it out: what it finds is kept in a baseline and is good enough to
//! see that a batch is an ordinary one.

use std::borrow::Cow;

use driftguard_sandbox::SandboxError;
use driftguard_verdict::calibration::{Score, UnitScores};

use super::Cutting;
use super::units::{self, Periods, Unit};
use crate::fold::Sessions;

/// What is scored, and how it is cut.
pub(crate) struct Scoring<'a> {
    pub(crate) cutting: &'a Cutting,
    /// Periods that make a unit.
    pub(crate) length: usize,
    /// Periods with fewer rows are part of what others are compared with and
    /// are not scored themselves.
    pub(crate) min_rows: u64,
    /// By check: it failed and is not asked.
    pub(crate) dead: &'a [bool],
    /// By job: it measures something that is ranked.
    pub(crate) measures: &'a dyn Fn(usize) -> bool,
}

/// Scores of a unit, each with the job that measured it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scored {
    pub(crate) unit: Unit,
    pub(crate) scores: Vec<(usize, Score)>,
}

impl From<Scored> for UnitScores {
    fn from(scored: Scored) -> Self {
        Self {
            name: scored.unit.name,
            phase: scored.unit.phase.map(|phase| phase.to_string()),
            rows: scored.unit.rows,
            scores: scored.scores.into_iter().map(|(_, score)| score).collect(),
        }
    }
}

/// The units of the reference, each against the others.
pub(crate) fn of_reference(
    sessions: &mut Sessions<'_>,
    reference: &Periods,
    scoring: &Scoring<'_>,
) -> Vec<Scored> {
    let Scoring {
        cutting,
        length,
        min_rows,
        ..
    } = scoring;
    let mut units = units::of_reference(reference, cutting, *length, *min_rows);
    let nothing = Periods::new();
    units::tell_phases(&mut units, reference, &mut [], &nothing, cutting);
    alike(sessions, [reference, &nothing], units, vec![], scoring)
}

/// The units of the reference and of the current side, each against all the
/// others, the current ones last.
pub(crate) fn of_all(
    sessions: &mut Sessions<'_>,
    [reference, now]: [&Periods; 2],
    mut current: Vec<Unit>,
    scoring: &Scoring<'_>,
) -> [Vec<UnitScores>; 2] {
    let Scoring {
        cutting,
        length,
        min_rows,
        ..
    } = scoring;
    let mut units = units::of_reference(reference, cutting, *length, *min_rows);
    let last = units.len();
    units::tell_phases(&mut units, reference, &mut current, now, cutting);
    let scored = alike(sessions, [reference, now], units, current, scoring);
    let mut all = scored.into_iter().map(UnitScores::from);
    [all.by_ref().take(last).collect(), all.collect()]
}

/// The units of the current side against pools that stand ready: that of their
/// phase, or the whole reference.
pub(crate) fn against<'p>(
    sessions: &mut Sessions<'_>,
    now: &Periods,
    current: &[Unit],
    pool: impl Fn(Option<u32>, usize) -> Option<&'p [u8]>,
    dead: &[bool],
    measures: &dyn Fn(usize) -> bool,
) -> Vec<UnitScores> {
    let plan = sessions.plan;
    let mut found = vec![];
    for unit in current {
        let mut scores = vec![];
        for (index, job) in plan.jobs.iter().enumerate() {
            if dead.get(job.check).copied().unwrap_or(true) || !measures(index) {
                continue;
            }
            let Some(pool) = pool(unit.phase, index) else {
                continue;
            };
            let found = state(sessions, index, now, unit)
                .and_then(|state| sessions.rank(index, [pool, &state]));
            // A check that cannot be compared stands outside of the ranks.
            scores.extend(found.unwrap_or_default());
        }
        found.push(UnitScores {
            name: unit.name.clone(),
            phase: unit.phase.map(|phase| phase.to_string()),
            rows: unit.rows,
            scores,
        });
    }
    found
}

/// The merged profile of a unit; that of a single period is what it is.
fn state<'p>(
    sessions: &mut Sessions<'_>,
    index: usize,
    periods: &'p Periods,
    unit: &Unit,
) -> Result<Cow<'p, [u8]>, SandboxError> {
    let bytes = |key| periods.get(key)?.saved.get(index)?.as_deref();
    let parts: Vec<&[u8]> = unit.keys.iter().filter_map(bytes).collect();
    match parts.as_slice() {
        [only] => Ok(Cow::Borrowed(*only)),
        parts => sessions.merge(index, parts).map(Cow::Owned),
    }
}

fn alike(
    sessions: &mut Sessions<'_>,
    sides: [&Periods; 2],
    units: Vec<Unit>,
    current: Vec<Unit>,
    scoring: &Scoring<'_>,
) -> Vec<Scored> {
    let last = units.len();
    let units: Vec<Unit> = units.into_iter().chain(current).collect();
    let mut all: Vec<Scored> = units
        .iter()
        .map(|unit| Scored {
            unit: unit.clone(),
            scores: vec![],
        })
        .collect();
    let plan = sessions.plan;
    for (index, job) in plan.jobs.iter().enumerate() {
        if scoring.dead.get(job.check).copied().unwrap_or(true) || !(scoring.measures)(index) {
            continue;
        }
        // A check that cannot be compared like this stands outside of the
        // calibration: its findings are weighed by their own p-values.
        let found = one_job(sessions, index, sides, &units, last).unwrap_or_default();
        for (scored, scores) in all.iter_mut().zip(found) {
            let scores = scores.into_iter().map(|score| (index, score));
            scored.scores.extend(scores);
        }
    }
    all
}

/// Scores of one job for every unit against the others of its phase; those
/// from `last` on are of the current side.
fn one_job(
    sessions: &mut Sessions<'_>,
    index: usize,
    [reference, now]: [&Periods; 2],
    units: &[Unit],
    last: usize,
) -> Result<Vec<Vec<Score>>, SandboxError> {
    let mut states: Vec<Cow<'_, [u8]>> = vec![];
    for (at, unit) in units.iter().enumerate() {
        let side = if at < last { reference } else { now };
        states.push(state(sessions, index, side, unit)?);
    }
    let mut found: Vec<Vec<Score>> = units.iter().map(|_| vec![]).collect();
    let mut phases: Vec<Option<u32>> = units.iter().map(|unit| unit.phase).collect();
    phases.sort_unstable();
    phases.dedup();
    // Rows beside the units are part of what everything is compared with,
    // unless phases are told apart.
    let beside: Vec<&[u8]> = if phases.len() == 1 {
        let scored = |key| units.iter().take(last).any(|unit| unit.keys.contains(key));
        let rest = reference.iter().filter(|(key, _)| !scored(key));
        rest.filter_map(|(_, period)| period.saved.get(index)?.as_deref())
            .collect()
    } else {
        vec![]
    };
    for phase in phases {
        let members: Vec<usize> = (0..units.len())
            .filter(|&at| units[at].phase == phase)
            .collect();
        let own: Vec<&[u8]> = members.iter().map(|&at| &*states[at]).collect();
        let pools = pools(sessions, index, &own, &beside)?;
        // Pool by pool: a plugin need not read the same one twice.
        for (group, pool) in pools.iter().enumerate() {
            for (&at, state) in members.iter().zip(&own).skip(group).step_by(pools.len()) {
                found[at] = sessions.rank(index, [pool, state])?;
            }
        }
    }
    Ok(found)
}

/// Groups of units that share one pool; of fewer units, each is its own.
const GROUPS: usize = 12;

/// By group, all states that are not of it, merged. Units are dealt round, so
/// the pool of a unit is the next in turn. Groups are as good as even, so every
/// unit is treated alike and ranks stay exact, at a few merges in all instead
/// of three for each unit: what comes before a group is what came before the
/// last one and that one, and so from the end.
fn pools(
    sessions: &mut Sessions<'_>,
    index: usize,
    states: &[&[u8]],
    beside: &[&[u8]],
) -> Result<Vec<Vec<u8>>, SandboxError> {
    let groups = GROUPS.min(states.len());
    let mut merged = vec![];
    for group in 0..groups {
        let members: Vec<&[u8]> = states.iter().skip(group).step_by(groups).copied().collect();
        merged.push(sessions.merge(index, &members)?);
    }
    let merged: Vec<&[u8]> = merged.iter().map(Vec::as_slice).collect();
    let beside = match beside {
        [] => None,
        parts => Some(sessions.merge(index, parts)?),
    };
    // Rows beside the groups come first, and are before every group.
    let first = beside.as_deref().into_iter();
    let skipped = first.len();
    let others = groups.saturating_sub(1);
    let before = first.chain(merged.iter().take(others).copied());
    let before = sessions.merge_on(index, before)?;
    let after = sessions.merge_on(index, merged.iter().rev().take(others).copied())?;
    let mut pools = vec![];
    for group in 0..groups {
        let parts = [
            merged_of(&before, group + skipped),
            merged_of(&after, others - group),
        ];
        let parts: Vec<&[u8]> = parts.into_iter().flatten().collect();
        pools.push(sessions.merge(index, &parts)?);
    }
    Ok(pools)
}

/// The first so many, merged; None of none.
fn merged_of(running: &[Vec<u8>], count: usize) -> Option<&[u8]> {
    running.get(count.checked_sub(1)?).map(Vec::as_slice)
}
