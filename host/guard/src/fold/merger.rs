//! Profiles of tasks, merged in the order of the stream as far as they are
//! there.

use std::collections::BTreeMap;
use std::time::Duration;

use driftguard_data::PeriodKey;
use driftguard_sandbox::{Profile, SandboxError, Session, Usage};
use driftguard_verdict::Failure;

use super::{Fold, Folded, Item, MAX_PERIODS, PeriodProfiles, Place, Shared, too_many};
use crate::error::GuardError;
use crate::plan::Job;

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
    sessions: Vec<Option<Session>>,
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
            sessions: fold.checks.iter().map(|_| None).collect(),
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

    fn session(&mut self, fold: &Fold<'_>, job: &Job) -> Result<&mut Session, SandboxError> {
        let slot = &mut self.sessions[job.check];
        if slot.is_none() {
            *slot = Some(fold.checks[job.check].plugin.session()?);
        }
        slot.as_mut().ok_or(SandboxError::Poisoned {
            check: String::new(),
        })
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
        let session = self.session(fold, job)?;
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
                    let bytes = match merged {
                        None => None,
                        Some(Merged::Bytes(bytes)) => Some(bytes),
                        Some(Merged::Live(profile)) => {
                            match self
                                .session(fold, job)
                                .and_then(|session| session.save(profile))
                            {
                                Ok(bytes) => Some(bytes),
                                Err(error) => {
                                    dead[job.check] = true;
                                    failures.entry(job.check).or_insert_with(|| {
                                        let place = (usize::MAX, index);
                                        (place, super::failure(fold.checks, job, &error))
                                    });
                                    None
                                }
                            }
                        }
                    };
                    saved.push(bytes);
                }
                let rows = period.rows;
                sides[read.side].insert(key, PeriodProfiles { rows, saved });
            }
        }
        for (check, session) in self.sessions.iter().enumerate() {
            if let Some(session) = session {
                self.usage[check].add(&session.usage());
            }
        }
        Ok(Folded {
            sides,
            failures: failures.into_values().map(|(_, failure)| failure).collect(),
            dead,
            usage: self.usage,
            decode: self.decode,
        })
    }
}
