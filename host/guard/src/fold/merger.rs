//! Profiles of tasks, merged in the order of the stream as far as they are
//! there.

use std::collections::BTreeMap;
use std::time::Duration;

use driftguard_data::PeriodKey;
use driftguard_sandbox::{Profile, SandboxError, Usage};
use driftguard_verdict::Failure;

use super::{
    Fold, Folded, Item, MAX_PERIODS, PeriodProfiles, Place, SessionPool, Shared, too_many,
};
use crate::error::GuardError;

/// What one task found of one period: saved profiles by job.
pub(super) struct Portion {
    pub(super) saved: Vec<Option<Vec<u8>>>,
    pub(super) rows: u64,
}

/// A period that is being put together.
#[derive(Default)]
struct Period {
    rows: u64,
    /// By job: nothing yet, or the merged profile.
    profiles: Vec<Option<Merged>>,
}

/// Most periods are whole in one task: those stay the bytes they came as.
enum Merged {
    Bytes(Vec<u8>),
    Live(Profile),
}

/// By period, for one side.
type Periods = BTreeMap<PeriodKey, Period>;

pub(super) struct Merger {
    sessions: SessionPool,
    sides: Vec<Periods>,
    waiting: Vec<BTreeMap<usize, BTreeMap<PeriodKey, Portion>>>,
    next: Vec<usize>,
    pub(super) usage: Vec<Usage>,
    pub(super) decode: Duration,
    pub(super) error: Option<(usize, GuardError)>,
}

impl Merger {
    pub(super) fn new(fold: &Fold<'_>) -> Self {
        let sides = fold.sides.len();
        let nothing = Usage {
            fuel: Some(0),
            ..Usage::default()
        };
        Self {
            sessions: SessionPool::new(fold.checks),
            sides: (0..sides).map(|_| Periods::new()).collect(),
            waiting: (0..sides).map(|_| BTreeMap::new()).collect(),
            next: vec![0; sides],
            usage: vec![nothing; fold.checks.len()],
            decode: Duration::ZERO,
            error: None,
        }
    }

    pub(super) fn accept(
        &mut self,
        shared: &Shared<'_>,
        item: &Item,
        portions: BTreeMap<PeriodKey, Portion>,
    ) {
        self.waiting[item.side].insert(item.place, portions);
        while let Some(portions) = self.waiting[item.side].remove(&self.next[item.side]) {
            let place = self.next[item.side];
            self.next[item.side] += 1;
            for (key, portion) in portions {
                let periods = &mut self.sides[item.side];
                if periods.len() >= MAX_PERIODS && !periods.contains_key(&key) {
                    let source = shared.fold.sides[item.side].source;
                    self.error.get_or_insert((place, too_many(source)));
                    return;
                }
                self.add(shared, (item.side, place), key, portion);
            }
        }
    }

    fn add(
        &mut self,
        shared: &Shared<'_>,
        (side, place): (usize, usize),
        key: PeriodKey,
        portion: Portion,
    ) {
        let mut period = self.sides[side].remove(&key).unwrap_or_default();
        period.rows += portion.rows;
        period.profiles.resize_with(portion.saved.len(), || None);
        for (index, bytes) in portion.saved.into_iter().enumerate() {
            let Some(bytes) = bytes else { continue };
            let job = &shared.fold.plan.jobs[index];
            match self.merged(shared.fold, index, period.profiles[index].take(), bytes) {
                Ok(merged) => period.profiles[index] = Some(merged),
                Err(error) => shared.fail((place, index), job, &error),
            }
        }
        self.sides[side].insert(key, period);
    }

    fn merged(
        &mut self,
        fold: &Fold<'_>,
        index: usize,
        known: Option<Merged>,
        bytes: Vec<u8>,
    ) -> Result<Merged, SandboxError> {
        let job = &fold.plan.jobs[index];
        let known = match known {
            None => return Ok(Merged::Bytes(bytes)),
            Some(known) => known,
        };
        let session = self.sessions.get(fold.checks, job.check)?;
        let profile = match known {
            Merged::Live(profile) => profile,
            Merged::Bytes(first) => {
                let settings = &fold.checks[job.check].settings;
                let profile = session.begin(settings, &job.columns, fold.frame(index))?;
                session.merge(&profile, &first)?;
                profile
            }
        };
        session.merge(&profile, &bytes)?;
        Ok(Merged::Live(profile))
    }

    fn bytes(
        &mut self,
        fold: &Fold<'_>,
        check: usize,
        merged: Merged,
    ) -> Result<Vec<u8>, SandboxError> {
        match merged {
            Merged::Bytes(bytes) => Ok(bytes),
            Merged::Live(profile) => self.sessions.get(fold.checks, check)?.save(profile),
        }
    }

    /// Everything as bytes, by side and period.
    pub(super) fn into_folded(
        mut self,
        fold: &Fold<'_>,
        mut failures: BTreeMap<usize, (Place, Failure)>,
    ) -> Result<Folded, GuardError> {
        if let Some((_, error)) = self.error.take() {
            return Err(error);
        }
        let mut sides: [BTreeMap<PeriodKey, PeriodProfiles>; 2] = Default::default();
        let mut dead = vec![false; fold.checks.len()];
        for (read, periods) in fold.sides.iter().zip(std::mem::take(&mut self.sides)) {
            for (key, period) in periods {
                let mut saved = vec![];
                for (index, merged) in period.profiles.into_iter().enumerate() {
                    let job = &fold.plan.jobs[index];
                    let bytes = merged.map(|merged| self.bytes(fold, job.check, merged));
                    saved.push(bytes.transpose().unwrap_or_else(|error| {
                        dead[job.check] = true;
                        failures.entry(job.check).or_insert_with(|| {
                            let place = (usize::MAX, index);
                            (place, super::failure(fold.checks, job, &error))
                        });
                        None
                    }));
                }
                let rows = period.rows;
                sides[read.side].insert(key, PeriodProfiles { rows, saved });
            }
        }
        self.sessions.add_usage(&mut self.usage);
        Ok(Folded {
            sides,
            failures: failures.into_values().map(|(_, failure)| failure).collect(),
            dead,
            usage: self.usage,
            decode: self.decode,
            whole: None,
        })
    }
}
