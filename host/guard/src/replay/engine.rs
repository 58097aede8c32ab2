//! A model as the policy names it, ready to answer.

use driftguard_model::{Limits, Model, ModelError, OnnxModel, ScoringCommand};

use super::error::ReplayError;
use crate::error::GuardError;
use crate::policy::{Answering, ModelPolicy, ModelSource};

/// Makes the model ready: a command is started only when it is asked, an ONNX
/// file is read at once.
pub(super) fn open(source: &ModelSource, limits: Limits) -> Result<Box<dyn Model>, ModelError> {
    let ModelSource {
        by,
        folder,
        stdin,
        inputs,
        output: _,
    } = source;
    Ok(match by {
        Answering::Command(words) => {
            let command = ScoringCommand::new(words.clone(), folder.clone(), *stdin, limits)?;
            Box::new(command)
        }
        Answering::Onnx(file) => Box::new(OnnxModel::open(file, inputs, limits)?),
    })
}

/// A policy's command is run by a check only if whoever runs the check said so:
/// else whoever writes the policy could run any program there. Asked of every
/// check whose policy may want it, not only when it comes to it.
pub(super) fn may_run(said: &ModelPolicy) -> Result<(), GuardError> {
    let new = said
        .model
        .iter()
        .filter(|_| said.check_canary || said.check_replay);
    let old = said.old.iter().filter(|_| said.check_replay);
    for model in new.chain(old) {
        if let Answering::Command(words) = &model.by
            && !said.allow_commands
        {
            let command = words.join(" ");
            return Err(ReplayError::NotAllowed { command }.into());
        }
    }
    Ok(())
}
