//! What does not depend on the current data: how long a unit is, how each unit
//! scores against the others, and the profiles that current data is compared
//! with. Made when a baseline is made or added to, so that a check is short.
//!
//! A job that measures nothing on any unit (`schema` finds faults alone) is
//! kept as one profile of everything, and one of the anchor: the periods that
//! the baseline was created with.

use driftguard_verdict::calibration::{UnitScores, choose_unit};

use super::Manifest;
use super::scores::{self, Table};
use crate::fold::Sessions;
use crate::periods::score::{self, Scored, Scoring};
use crate::periods::units::{Periods, lengths};
use crate::periods::{Cutting, MIN_PERIODS};

/// All of it, in the order of jobs of the sessions' plan.
pub(super) struct Prepared {
    length: usize,
    scored: Vec<Scored>,
    pools: Vec<(Option<u32>, States)>,
}

/// Saved states by job; none where there is nothing to keep.
pub(crate) type States = Vec<Option<Vec<u8>>>;

/// Scores the units of a reference on jobs that are `ranked`. Every job of the
/// plan must have a frame.
pub(super) fn prepare(
    sessions: &mut Sessions<'_>,
    periods: &Periods,
    cutting: &Cutting,
    min_rows: u64,
    ranked: &dyn Fn(usize) -> bool,
) -> Prepared {
    let dead = vec![false; sessions.checks.len()];
    let mut length = 1;
    let mut scored = vec![];
    if *cutting != Cutting::Whole {
        // The scores of the length that is chosen, and of single periods.
        let mut known: Vec<(usize, Vec<Scored>)> = vec![];
        let chosen = choose_unit(lengths(cutting), |length| {
            let scoring = Scoring {
                cutting,
                length,
                min_rows,
                dead: &dead,
                measures: ranked,
            };
            let enough = length == 1 || periods.len() / length >= MIN_PERIODS;
            let found = if enough {
                score::of_reference(sessions, periods, &scoring)
            } else {
                vec![]
            };
            known.push((length, found.clone()));
            Ok::<_, std::convert::Infallible>(found.into_iter().map(UnitScores::from).collect())
        });
        if let Ok(Some(chosen)) = chosen {
            length = chosen.length;
            let found = known.into_iter().find(|(known, _)| *known == length);
            scored = found.map(|(_, scored)| scored).unwrap_or_default();
        }
    }
    let pools = pools(sessions, periods, &scored);
    Prepared {
        length,
        scored,
        pools,
    }
}

/// The whole reference as one profile for each job, and each phase by itself.
fn pools(
    sessions: &mut Sessions<'_>,
    periods: &Periods,
    scored: &[Scored],
) -> Vec<(Option<u32>, States)> {
    let mut phases: Vec<Option<u32>> = scored.iter().map(|scored| scored.unit.phase).collect();
    phases.push(None);
    phases.sort_unstable();
    phases.dedup();
    let plan = sessions.plan;
    let mut pool = |phase: Option<u32>| {
        let inside = |key| {
            let own = |scored: &&Scored| scored.unit.keys.contains(key);
            phase.is_none() || scored.iter().find(own).and_then(|own| own.unit.phase) == phase
        };
        let merged = (0..plan.jobs.len()).map(|index| {
            let parts: Vec<&[u8]> = periods
                .iter()
                .filter(|(key, _)| inside(key))
                .filter_map(|(_, period)| period.saved.get(index)?.as_deref())
                .collect();
            if parts.is_empty() {
                return None;
            }
            // Where profiles do not merge, a check finds out by itself.
            sessions.merge(index, &parts).ok()
        });
        (phase, merged.collect())
    };
    phases.into_iter().map(&mut pool).collect()
}

impl Prepared {
    /// By job: it measured something, or nothing was cut into units.
    pub(super) fn ranked(&self, jobs: usize) -> Vec<bool> {
        let mut ranked = vec![self.scored.is_empty(); jobs];
        for (job, _) in self.scored.iter().flat_map(|scored| &scored.scores) {
            if let Some(ranked) = ranked.get_mut(*job) {
                *ranked = true;
            }
        }
        ranked
    }

    /// The whole reference by job.
    pub(super) fn whole(&mut self) -> Option<&mut States> {
        let whole = self.pools.iter_mut().find(|(phase, _)| phase.is_none());
        whole.map(|(_, states)| states)
    }

    /// Into a baseline whose job at `place(index)` is the plan's at `index`.
    /// Gives the pools and the table of scores.
    pub(super) fn store(
        self,
        manifest: &mut Manifest,
        place: impl Fn(usize) -> usize,
    ) -> (Vec<States>, Table) {
        let table;
        (manifest.units, manifest.measures, table) = scores::table(&self.scored, &place);
        manifest.unit_periods = self.length;
        let mut pools = vec![];
        manifest.pools.clear();
        for (phase, merged) in self.pools {
            manifest.pools.push(phase);
            pools.push(placed(merged, &place));
        }
        (pools, table)
    }
}

/// States of the plan's jobs in the order of a baseline.
pub(super) fn placed(states: States, place: impl Fn(usize) -> usize) -> States {
    let mut placed: Vec<(usize, Option<Vec<u8>>)> = states
        .into_iter()
        .enumerate()
        .map(|(index, state)| (place(index), state))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.into_iter().map(|(_, state)| state).collect()
}

/// Takes out of every period what is not ranked.
pub(crate) fn drop_unranked(periods: &mut Periods, ranked: &[bool]) {
    for period in periods.values_mut() {
        for (state, ranked) in period.saved.iter_mut().zip(ranked) {
            if !ranked {
                *state = None;
            }
        }
    }
}
