//! The model run again, to tell what it does from what it is given.
//!
//! # Layout
//!
//! - `sample`: rows of a side, the same on every run. `inputs`: what of them
//!   the model is given. `engine`: the model, from the policy.
//! - `metric`: what of the answers is compared.
//! - `canary`: frozen inputs with stored answers, made and replayed.
//! - `design`: old and new model on old and new rows.
//! - `groups`: columns that go together. `restore`: a column put back to how
//!   the reference has it. `columns`: Shapley values over groups.
//! - `error`: why there is no answer.

mod canary;
mod columns;
mod design;
mod engine;
mod error;
mod groups;
mod inputs;
mod metric;
mod restore;
mod sample;

use std::path::PathBuf;

use driftguard_model::Model;
use driftguard_verdict::cause::{Comparison, Sameness};
use driftguard_verdict::replay::document::FORMAT;
use driftguard_verdict::replay::{CanaryReport, ModelReport, ReplayDocument, Replayed, judge};

use crate::error::GuardError;
use crate::open::Sides;
use crate::policy::Policy;
use crate::provenance;

use canary::replay_canary;
pub use canary::{CANARY_ROWS, Made, make_canary};
pub use columns::{FACTORS, ROWS_OF_COLUMNS};
pub use error::ReplayError;
pub use metric::{BadMetric, Metric};

/// What to replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayRequest {
    /// Frozen inputs; None: none.
    pub canary: Option<PathBuf>,
    /// Players of the split by columns, the model among them where there are
    /// two; 0: no such split.
    pub factors: usize,
    /// Rows of it.
    pub column_rows: u64,
}

impl Default for ReplayRequest {
    fn default() -> Self {
        Self {
            canary: None,
            factors: FACTORS,
            column_rows: ROWS_OF_COLUMNS,
        }
    }
}

/// Replays what is there: the canary, and the model (with the one before it,
/// if the policy names it) on both sides of the data.
///
/// # Errors
/// No model, a model that fails, data that does not fit it. A model that
/// answers differently is no error: it is in the document.
pub fn replay(
    policy: &Policy,
    sides: Option<&Sides>,
    request: &ReplayRequest,
) -> Result<ReplayDocument, GuardError> {
    let said = &policy.model;
    let source = said.model.as_ref().ok_or(ReplayError::NoModel)?;
    let model = engine::open(source, said.limits)?;
    let old = said
        .old
        .as_ref()
        .map(|source| engine::open(source, said.limits));
    let old = old.transpose()?;
    replay_models(policy, sides, request, model.as_ref(), old.as_deref())
}

/// The canary of `driftguard check`, where the policy asks for it.
///
/// # Errors
/// As [`replay`], and a command in the policy that the check may not run.
pub(crate) fn checked_canary(policy: &Policy) -> Result<Option<CanaryReport>, GuardError> {
    let said = &policy.model;
    engine::may_run(said)?;
    match (&said.model, &said.canary) {
        (Some(source), Some(file)) if said.check_canary => {
            let model = engine::open(source, said.limits)?;
            Ok(Some(replay_canary(model.as_ref(), file, said.tolerance)?))
        }
        _ => Ok(None),
    }
}

/// Old and new model on old and new data, where the policy asks `driftguard
/// check` for it and another release is there to be told from the data.
pub(crate) fn checked_replay(
    policy: &Policy,
    sides: &Sides,
    fingerprints: Option<&Comparison>,
) -> Result<Option<ReplayDocument>, GuardError> {
    let changed = fingerprints.is_some_and(|both| both.code == Sameness::Different);
    if !policy.model.check_replay || !changed {
        return Ok(None);
    }
    replay(policy, Some(sides), &ReplayRequest::default()).map(Some)
}

/// A check against a baseline cannot do what [`checked_replay`] does: where the
/// policy asks for it and it is due, that is an error, not a shrug.
pub(crate) fn needs_rows(
    policy: &Policy,
    fingerprints: Option<&Comparison>,
) -> Result<(), GuardError> {
    let changed = fingerprints.is_some_and(|both| both.code == Sameness::Different);
    match policy.model.check_replay && changed {
        true => Err(ReplayError::BaselineWithoutRows.into()),
        false => Ok(()),
    }
}

/// [`replay`] with models that are at hand. The policy says which columns they
/// are given and which of their answers counts, if it says anything of them.
///
/// # Errors
/// As [`replay`].
pub fn replay_models(
    policy: &Policy,
    sides: Option<&Sides>,
    request: &ReplayRequest,
    model: &dyn Model,
    old: Option<&dyn Model>,
) -> Result<ReplayDocument, GuardError> {
    let canary = request.canary.as_deref();
    let canary = canary.map(|file| replay_canary(model, file, policy.model.tolerance));
    let canary = canary.transpose()?;
    let mut document = ReplayDocument {
        format: FORMAT.into(),
        verdict: driftguard_verdict::Level::Error,
        reason: driftguard_verdict::Reason::CheckFailed,
        summary: String::new(),
        model: ModelReport {
            name: model.name(),
            output: None,
        },
        old_model: None,
        canary,
        reference: None,
        current: None,
        metrics: vec![],
        fingerprints: None,
        rules: policy.rules.clone(),
        driftguard: env!("CARGO_PKG_VERSION").into(),
    };
    document.fingerprints = match sides {
        Some(sides) => provenance::compared(policy, sides.current.schema())?,
        None => provenance::compared_without_data(policy)?,
    };
    if let Some(sides) = sides {
        design::run(policy, sides, [Some(model), old], request, &mut document)?;
    }
    let judgement = judge(
        Replayed {
            metrics: &document.metrics,
            canary: document.canary.as_ref(),
            two_models: document.old_model.is_some(),
            code: document.fingerprints.as_ref().map(|both| both.code),
        },
        &policy.rules,
    );
    document.verdict = judgement.level;
    document.reason = judgement.reason;
    document.summary = judgement.summary;
    Ok(document)
}
