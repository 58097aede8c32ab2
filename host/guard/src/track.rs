//! What a history needs to know of a run beside its document.

use std::collections::BTreeSet;

use driftguard_data::{NO_PERIOD, PeriodKey};
use driftguard_provenance::hex;
use driftguard_sandbox::sha256_hex;
use driftguard_verdict::Subject;
use driftguard_verdict::calibration::{Calibrated, SubjectScore};
use driftguard_verdict::document::Document;
use driftguard_verdict::rank::ROWS;
use driftguard_verdict::sequential::{ColumnStanding, Standing};
use sha2::{Digest, Sha256};

use crate::fold::PeriodProfiles;
use crate::periods::units::Periods;

/// Scored no further out than this, a subject is what periods are like: the
/// largest of a few subjects lies there on an ordinary day.
const ORDINARY: f64 = 3.0;

/// What a run leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The document.
    pub document: Document,
    /// For a history.
    pub track: Track,
}

/// What a history needs to know of a run beside its document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    /// SHA-256 of thresholds, checks and settings.
    pub policy: String,
    /// SHA-256 of what the checks saw of the current data.
    pub data: String,
    /// SHA-256 of the baseline, where the verdict is to be recorded.
    pub baseline: Option<String>,
    /// SHA-256 of what was in the baseline when it was created.
    pub anchor: Option<String>,
    /// The period that most rows belong to, where periods have names.
    pub period: Option<String>,
    /// Subjects that are as far out as periods are anyway.
    pub ordinary: BTreeSet<Subject>,
    /// Subjects further out than the middle period, farthest first.
    pub outlying: Vec<Subject>,
    /// Against a baseline: the place among its periods.
    pub ranked: Option<Ranked>,
}

/// Scores beside those of a baseline's periods.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Beside all of the baseline's periods.
    pub beside: Standing,
    /// Beside those alone that the baseline was created with.
    pub anchor: Standing,
    /// Names, and digests of what the checks saw, of periods accepted later:
    /// if they were checked before, they are in the history, too.
    pub accepted: BTreeSet<String>,
}

/// Scores of the current data and of all periods, as a rule ranked them.
pub(crate) fn scores(rule: &Calibrated) -> Standing {
    let found = rule.calibration();
    let periods = found.period_scores.iter().zip(&found.period_dense);
    let column = |score: &SubjectScore| {
        let standing = ColumnStanding::new(score.z, &score.periods);
        (name(&score.subject), standing)
    };
    Standing {
        own: (found.sparse, found.dense),
        pool: periods.map(|(sparse, dense)| (*sparse, *dense)).collect(),
        columns: found.subjects.iter().map(column).collect(),
    }
}

/// What a subject is called in records.
pub(crate) fn name(subject: &Subject) -> String {
    match subject {
        Subject::Dataset => ROWS.to_owned(),
        Subject::Segment(text) => text.clone(),
        Subject::Column(_) | Subject::Pair(_, _) => subject.columns().join(" and "),
    }
}

/// Subjects that are ordinary, and those that are further out than the middle.
pub(crate) fn subjects(rule: &Calibrated) -> (BTreeSet<Subject>, Vec<Subject>) {
    let subjects = &rule.calibration().subjects;
    let ordinary = subjects.iter().filter(|score| score.z < ORDINARY);
    let outlying = subjects.iter().filter(|score| score.z > 0.0);
    (
        ordinary.map(|score| score.subject.clone()).collect(),
        outlying.map(|score| score.subject.clone()).collect(),
    )
}

/// Names of periods, and digests of what the checks saw of them.
pub(crate) fn names(periods: &Periods, name: impl Fn(PeriodKey) -> String) -> BTreeSet<String> {
    periods
        .iter()
        .flat_map(|(key, period)| [name(*key), digest([period])])
        .collect()
}

/// SHA-256 of what the checks saw of some periods, in hexadecimal: their rows
/// and profiles.
pub(crate) fn digest<'a>(periods: impl IntoIterator<Item = &'a PeriodProfiles>) -> String {
    let mut hash = Sha256::new();
    for period in periods {
        hash.update(period.rows.to_le_bytes());
        parts(&mut hash, &period.saved);
    }
    hex(hash.finalize().as_slice())
}

/// Parts with their lengths, so that none can pass for two.
pub(crate) fn parts(hash: &mut Sha256, saved: &[Option<Vec<u8>>]) {
    for state in saved {
        let length = state.as_ref().map_or(0, |bytes| bytes.len() as u64 + 1);
        hash.update(length.to_le_bytes());
        hash.update(state.as_deref().unwrap_or_default());
    }
}

/// SHA-256 of any value, by its JSON.
pub(crate) fn digest_of(value: &serde_json::Value) -> String {
    sha256_hex(value.to_string().as_bytes())
}

/// The period that most rows belong to.
pub(crate) fn main_period(periods: &Periods) -> Option<PeriodKey> {
    let named = periods.iter().filter(|(key, _)| **key != NO_PERIOD);
    named
        .max_by_key(|(key, period)| (period.rows, std::cmp::Reverse(**key)))
        .map(|(key, _)| *key)
}
