//! Every period of the reference, and the current side, scored alike: each
//! against all the others together (leave-one-out). Being alike is what makes
//! their ranks exact when nothing changed.

use std::collections::BTreeMap;

use driftguard_data::{NO_PERIOD, PeriodKey};
use driftguard_sandbox::SandboxError;
use driftguard_verdict::Finding;
use driftguard_verdict::calibration::{CalibrationInput, Score, UnitScores};

use super::{Chosen, Cutting};
use crate::fold::{Folded, Sessions};
use crate::track::main_period;

/// Fewest periods in a phase: three others to compare with.
const PHASE_PERIODS: usize = 4;

/// A period or, without a key, the current side.
struct Unit {
    key: Option<PeriodKey>,
    phase: Option<u32>,
}

/// Scores everything leave-one-out. Periods with fewer than `min_rows` rows are
/// part of what others are compared with and are not scored themselves.
pub(crate) fn score(
    sessions: &mut Sessions<'_>,
    folded: &Folded,
    chosen: &Chosen,
    min_rows: u64,
) -> Option<CalibrationInput> {
    let cutting = &chosen.cutting;
    let [reference, current] = &folded.sides;
    let scored = |(key, rows): (&PeriodKey, u64)| *key != NO_PERIOD && rows >= min_rows;
    let keys: Vec<PeriodKey> = reference
        .iter()
        .map(|(key, period)| (key, period.rows))
        .filter(|unit| scored(*unit))
        .map(|(key, _)| *key)
        .collect();
    let units = phased(&keys, main_period(current), cutting);
    let mut all: Vec<UnitScores> = units
        .iter()
        .map(|unit| UnitScores {
            name: unit.key.map_or("current".into(), |key| cutting.name(key)),
            phase: unit.phase.map(|phase| phase.to_string()),
            rows: match unit.key {
                Some(key) => reference.get(&key).map_or(0, |period| period.rows),
                None => current.values().map(|period| period.rows).sum(),
            },
            scores: vec![],
        })
        .collect();
    let plan = sessions.plan;
    for (index, job) in plan.jobs.iter().enumerate() {
        if folded.dead[job.check] {
            continue;
        }
        // A check that cannot be compared like this stands outside of the
        // calibration: its findings are weighed by their own p-values.
        let found = one_job(sessions, index, folded, &units).unwrap_or_default();
        for (unit, findings) in all.iter_mut().zip(found) {
            unit.scores.extend(findings.iter().filter_map(Score::of));
        }
    }
    // The current side is the last unit.
    let current = all.pop()?;
    Some(CalibrationInput {
        unit: cutting.words(),
        why: chosen.why.clone(),
        periods: all,
        current,
    })
}

/// Units with their phases, the current side last. Days are told apart by day
/// of the week if there are enough of each, else by weekend or not; hours by
/// hour of the day. Else there are no phases.
fn phased(keys: &[PeriodKey], current: Option<PeriodKey>, cutting: &Cutting) -> Vec<Unit> {
    let unit = cutting.unit();
    let fine = |key: PeriodKey| unit.and_then(|unit| unit.phase(key));
    let coarse = |key: PeriodKey| match unit {
        Some(driftguard_data::PeriodUnit::Day) => fine(key).map(|day| u32::from(day >= 5)),
        _ => None,
    };
    let enough = |phase: &dyn Fn(PeriodKey) -> Option<u32>| {
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for key in keys {
            *counts.entry(phase(*key)?).or_default() += 1;
        }
        let own = counts.get(&phase(current?)?).copied().unwrap_or(0);
        (counts.values().all(|count| *count >= PHASE_PERIODS) && own >= PHASE_PERIODS).then_some(())
    };
    let chosen: &dyn Fn(PeriodKey) -> Option<u32> = if enough(&fine).is_some() {
        &fine
    } else if enough(&coarse).is_some() {
        &coarse
    } else {
        &|_| None
    };
    let periods = keys.iter().map(|key| Unit {
        key: Some(*key),
        phase: chosen(*key),
    });
    let last = Unit {
        key: None,
        phase: current.and_then(chosen),
    };
    periods.chain([last]).collect()
}

/// Findings of one job for every unit against the others of its phase.
fn one_job(
    sessions: &mut Sessions<'_>,
    index: usize,
    folded: &Folded,
    units: &[Unit],
) -> Result<Vec<Vec<Finding>>, SandboxError> {
    let [reference, current] = &folded.sides;
    let bytes = |key: &PeriodKey| reference.get(key)?.saved.get(index)?.as_deref();
    let parts: Vec<&[u8]> = current
        .values()
        .filter_map(|period| period.saved.get(index)?.as_deref())
        .collect();
    let current = sessions.merge(index, &parts)?;
    let states: Vec<&[u8]> = units
        .iter()
        .map(|unit| match &unit.key {
            Some(key) => bytes(key).unwrap_or_default(),
            None => &current,
        })
        .collect();
    let mut found: Vec<Vec<Finding>> = units.iter().map(|_| vec![]).collect();
    let mut phases: Vec<Option<u32>> = units.iter().map(|unit| unit.phase).collect();
    phases.sort_unstable();
    phases.dedup();
    // Rows beside the periods are part of what everything is compared with,
    // unless phases are told apart.
    let beside = (phases.len() == 1).then(|| {
        let scored = |key: &PeriodKey| units.iter().any(|unit| unit.key == Some(*key));
        let rest = reference.keys().filter(|key| !scored(key));
        rest.filter_map(bytes).collect::<Vec<_>>()
    });
    for phase in phases {
        let members: Vec<usize> = (0..units.len())
            .filter(|&at| units[at].phase == phase)
            .collect();
        let own: Vec<&[u8]> = members.iter().map(|&at| states[at]).collect();
        let pools = pools(sessions, index, &own, beside.as_deref().unwrap_or_default())?;
        for ((&at, state), pool) in members.iter().zip(own).zip(pools.iter().cycle()) {
            found[at] = sessions.compare(index, pool, state)?;
        }
    }
    Ok(found)
}

/// Groups of units that share one pool; of fewer units, each is its own.
const GROUPS: usize = 12;

/// By group, all states that are not of it, merged. Units are dealt round, so
/// the pool of a unit is the next in turn. Groups are as good as even, so every
/// unit is treated alike and ranks stay exact, at a few merges in all instead
/// of three for each unit.
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
    let mut pools = vec![];
    for left_out in 0..groups {
        let others = merged.iter().enumerate().filter(|(at, _)| *at != left_out);
        let others = others.map(|(_, state)| state.as_slice());
        let parts: Vec<&[u8]> = beside.iter().copied().chain(others).collect();
        pools.push(sessions.merge(index, &parts)?);
    }
    Ok(pools)
}
