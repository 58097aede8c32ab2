//! Sessions, one for each check, opened when first asked for.

use driftguard_sandbox::{SandboxError, Session, Usage};

use crate::plan::PlannedCheck;

/// Sessions by check.
pub(crate) struct SessionPool(Vec<Option<Session>>);

impl SessionPool {
    pub(crate) fn new(checks: &[PlannedCheck]) -> Self {
        Self(checks.iter().map(|_| None).collect())
    }

    /// The session of a check.
    pub(crate) fn get(
        &mut self,
        checks: &[PlannedCheck],
        check: usize,
    ) -> Result<&mut Session, SandboxError> {
        let slot = &mut self.0[check];
        match slot {
            Some(session) => Ok(session),
            None => Ok(slot.insert(checks[check].plugin.session()?)),
        }
    }

    /// Adds what the calls cost to the usage of each check.
    pub(crate) fn add_usage(&self, usage: &mut [Usage]) {
        for (total, session) in usage.iter_mut().zip(&self.0) {
            if let Some(session) = session {
                total.add(&session.usage());
            }
        }
    }
}
