//! The anchor: the periods that a baseline was created with. What is accepted
//! later joins the pool and never the anchor.

use driftguard_provenance::hex;
use driftguard_sandbox::SandboxError;
use sha2::{Digest, Sha256};

use super::check::Fitted;
use super::{Baseline, BaselineError};
use crate::fold::{PeriodProfiles, Sessions};
use crate::periods::units::Periods;
use crate::plan::{Plan, PlannedCheck};
use crate::track::parts;

/// What the anchor is made of, in a plan's order of jobs, beside what was
/// accepted later.
pub(crate) struct Anchor {
    pub(crate) periods: Periods,
    /// Of jobs that periods hold no profile of, that of all of it.
    pub(crate) kept: Vec<Option<Vec<u8>>>,
    pub(crate) accepted: Periods,
}

impl Anchor {
    /// All of it as one. Fails at a job.
    pub(crate) fn whole(
        &self,
        sessions: &mut Sessions<'_>,
    ) -> Result<PeriodProfiles, (usize, SandboxError)> {
        let mut saved = self.kept.clone();
        for (index, state) in saved.iter_mut().enumerate() {
            if state.is_none() {
                let own = self.periods.values().map(|period| period.saved.get(index));
                let own: Vec<&[u8]> = own.filter_map(|state| state?.as_deref()).collect();
                let merged = sessions.merge(index, &own);
                *state = Some(merged.map_err(|error| (index, error))?);
            }
        }
        Ok(PeriodProfiles {
            rows: self.periods.values().map(|period| period.rows).sum(),
            saved,
        })
    }
}

/// A job that failed on what the baseline holds.
pub(crate) fn failed(
    plan: &Plan,
    checks: &[PlannedCheck],
    (index, error): &(usize, SandboxError),
) -> BaselineError {
    let check = plan.jobs.get(*index).and_then(|job| checks.get(job.check));
    BaselineError::CheckFailed {
        check: check
            .map(|check| check.plugin.descriptor.id.clone())
            .unwrap_or_default(),
        at: String::new(),
        message: error.to_string(),
    }
}

impl Baseline {
    /// Whether periods were accepted after it was created.
    pub(super) fn accepts(&self) -> bool {
        self.manifest.periods.iter().any(|period| period.added)
    }

    /// `known`: its periods in the plan's order of jobs.
    pub(super) fn anchor_of(&self, known: Periods, fit: &Fitted) -> Anchor {
        let added = |key| {
            let mut entries = self.manifest.periods.iter();
            entries.any(|period| period.key == key && period.added)
        };
        let (accepted, periods) = known.into_iter().partition(|(key, _)| added(*key));
        Anchor {
            periods,
            kept: fit.pick(&self.anchor),
            accepted,
        }
    }

    /// SHA-256 of everything that was there when it was created: checks,
    /// columns, cutting, frames and the anchor's profiles. `baseline add` does
    /// not change it.
    ///
    /// # Errors
    /// Profiles that cannot be unpacked.
    pub fn anchor_digest(&self) -> Result<String, BaselineError> {
        let manifest = &self.manifest;
        let mut hash = Sha256::new();
        let head = serde_json::json!([
            manifest.cutting,
            manifest.columns,
            manifest.checks,
            manifest.jobs,
        ]);
        hash.update(head.to_string());
        parts(&mut hash, &self.frames);
        parts(&mut hash, &self.anchor);
        let periods = self.periods()?;
        for period in manifest.periods.iter().filter(|period| !period.added) {
            hash.update(period.key.to_le_bytes());
            hash.update(period.rows.to_le_bytes());
            if let Some(profiles) = periods.get(&period.key) {
                parts(&mut hash, &profiles.saved);
            }
        }
        Ok(hex(hash.finalize().as_slice()))
    }
}
