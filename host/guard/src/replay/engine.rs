//! A model as the policy names it, ready to answer.

use driftguard_model::{Limits, Model, ModelError, ScoringCommand};

use crate::policy::ModelSource;

/// Makes the model ready; the command is started only when it is asked.
pub(super) fn open(source: &ModelSource, limits: Limits) -> Result<Box<dyn Model>, ModelError> {
    let ModelSource {
        command,
        folder,
        stdin,
        inputs: _,
        output: _,
    } = source;
    let command = ScoringCommand::new(command.clone(), folder.clone(), *stdin, limits)?;
    Ok(Box::new(command))
}
