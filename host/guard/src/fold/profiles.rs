//! What a fold leaves, and what can be done with it without data: merge and
//! compare.

use std::collections::BTreeMap;
use std::time::Duration;

use driftguard_data::PeriodKey;
use driftguard_sandbox::{Purpose, SandboxError, Usage};
use driftguard_verdict::calibration::Score;
use driftguard_verdict::{Failure, Finding};

use super::{SessionPool, failure};
use crate::plan::{Plan, PlannedCheck};

/// Saved profiles of one period by job; None where the check failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PeriodProfiles {
    pub(crate) rows: u64,
    pub(crate) saved: Vec<Option<Vec<u8>>>,
}

/// What the fold found.
pub(crate) struct Folded {
    /// Reference and current side, by period.
    pub(crate) sides: [BTreeMap<PeriodKey, PeriodProfiles>; 2],
    pub(crate) failures: Vec<Failure>,
    /// By check: it failed somewhere.
    pub(crate) dead: Vec<bool>,
    pub(crate) usage: Vec<Usage>,
    pub(crate) decode: Duration,
    /// The whole reference and its rows, where it was merged before; the
    /// reference's periods are not needed then.
    pub(crate) whole: Option<PeriodProfiles>,
}

impl Folded {
    /// Rows of a side, those outside of all periods included.
    pub(crate) fn rows(&self, side: usize) -> u64 {
        if let (0, Some(whole)) = (side, &self.whole) {
            return whole.rows;
        }
        self.sides[side].values().map(|period| period.rows).sum()
    }
}

/// Sessions for calls that need no data, one for each check, made on use.
pub(crate) struct Sessions<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) checks: &'a [PlannedCheck],
    pub(crate) frames: &'a [Option<Vec<u8>>],
    pub(crate) pool: SessionPool,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        checks: &'a [PlannedCheck],
        frames: &'a [Option<Vec<u8>>],
    ) -> Self {
        Self {
            plan,
            checks,
            frames,
            pool: SessionPool::new(checks),
        }
    }

    fn frame(&self, index: usize) -> &'a [u8] {
        self.frames
            .get(index)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }

    /// One profile out of several, in their order.
    pub(crate) fn merge(&mut self, index: usize, parts: &[&[u8]]) -> Result<Vec<u8>, SandboxError> {
        if let [only] = parts {
            return Ok(only.to_vec());
        }
        let (job, frame) = (&self.plan.jobs[index], self.frame(index));
        let settings = &self.checks[job.check].settings;
        let session = self.pool.get(self.checks, job.check)?;
        let profile = session.begin(settings, &job.columns, frame)?;
        for part in parts {
            session.merge(&profile, part)?;
        }
        session.save(profile)
    }

    /// The first, the first two, the first three ... of the parts, merged.
    pub(crate) fn merge_on<'p>(
        &mut self,
        index: usize,
        parts: impl Iterator<Item = &'p [u8]>,
    ) -> Result<Vec<Vec<u8>>, SandboxError> {
        let (job, frame) = (&self.plan.jobs[index], self.frame(index));
        let settings = &self.checks[job.check].settings;
        let session = self.pool.get(self.checks, job.check)?;
        let profile = session.begin(settings, &job.columns, frame)?;
        let mut merged = vec![];
        for part in parts {
            session.merge(&profile, part)?;
            merged.push(session.snapshot(&profile)?);
        }
        session.discard(profile)?;
        Ok(merged)
    }

    /// The findings of one job on two profiles, for a report.
    pub(crate) fn compare(
        &mut self,
        index: usize,
        sides: [&[u8]; 2],
    ) -> Result<Vec<Finding>, SandboxError> {
        self.compare_for(Purpose::Report, index, sides)
    }

    /// The scores of one job on two profiles.
    pub(crate) fn rank(
        &mut self,
        index: usize,
        sides: [&[u8]; 2],
    ) -> Result<Vec<Score>, SandboxError> {
        let found = self.compare_for(Purpose::Rank, index, sides)?;
        Ok(found.iter().filter_map(Score::of).collect())
    }

    fn compare_for(
        &mut self,
        purpose: Purpose,
        index: usize,
        sides: [&[u8]; 2],
    ) -> Result<Vec<Finding>, SandboxError> {
        let (job, frame) = (&self.plan.jobs[index], self.frame(index));
        let settings = &self.checks[job.check].settings;
        let session = self.pool.get(self.checks, job.check)?;
        session.compare(settings, &job.columns, frame, sides, purpose)
    }

    /// All findings of the current side against the whole reference. A check
    /// that fails here is added to the failures and is dead.
    pub(crate) fn findings(&mut self, folded: &mut Folded) -> Vec<Finding> {
        let mut findings = vec![];
        let plan = self.plan;
        for (index, job) in plan.jobs.iter().enumerate() {
            if folded.dead[job.check] {
                continue;
            }
            match self.whole(index, folded) {
                Ok(found) => findings.extend(found),
                Err(error) => {
                    folded.dead[job.check] = true;
                    folded.failures.push(failure(self.checks, job, &error));
                }
            }
        }
        findings
    }

    fn whole(&mut self, index: usize, folded: &Folded) -> Result<Vec<Finding>, SandboxError> {
        let mut sides = vec![];
        for (side, periods) in folded.sides.iter().enumerate() {
            if let (0, Some(whole)) = (side, &folded.whole) {
                let state = whole.saved.get(index).cloned().flatten();
                sides.push(match state {
                    Some(state) => state,
                    None => self.merge(index, &[])?,
                });
                continue;
            }
            let parts: Vec<&[u8]> = periods
                .values()
                .filter_map(|period| period.saved.get(index)?.as_deref())
                .collect();
            sides.push(self.merge(index, &parts)?);
        }
        match sides.as_slice() {
            [reference, current] => self.compare(index, [reference, current]),
            _ => Ok(vec![]),
        }
    }
}
