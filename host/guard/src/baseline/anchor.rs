//! The anchor: the periods that a baseline was created with. What is accepted
//! later joins the pool and never the anchor.

use std::collections::BTreeMap;

use driftguard_data::PeriodKey;
use sha2::{Digest, Sha256};

use super::Baseline;
use crate::fold::PeriodProfiles;
use crate::track::{hex, parts};

impl Baseline {
    /// Whether periods were accepted after it was created.
    pub(crate) fn accepts(&self) -> bool {
        self.manifest.periods.iter().any(|period| period.added)
    }

    /// Of these periods those of the anchor.
    pub(crate) fn anchor_of(
        &self,
        periods: &BTreeMap<PeriodKey, PeriodProfiles>,
    ) -> BTreeMap<PeriodKey, PeriodProfiles> {
        let mut anchor = periods.clone();
        for period in self.manifest.periods.iter().filter(|period| period.added) {
            anchor.remove(&period.key);
        }
        anchor
    }

    /// SHA-256 of everything that was there when it was created: checks,
    /// columns, cutting, frames and the anchor's profiles. `baseline add` does
    /// not change it.
    pub fn anchor_digest(&self) -> String {
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
        for period in self.manifest.periods.iter().filter(|period| !period.added) {
            hash.update(period.key.to_le_bytes());
            hash.update(period.rows.to_le_bytes());
            if let Some(profiles) = self.periods.get(&period.key) {
                parts(&mut hash, &profiles.saved);
            }
        }
        hex(hash.finalize().as_slice())
    }
}
