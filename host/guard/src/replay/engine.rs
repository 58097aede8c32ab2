//! A model as the policy names it, ready to answer.

use driftguard_model::{Limits, Model, ScoringCommand};

use super::error::ReplayError;
use crate::error::GuardError;
use crate::policy::{Engine, ModelSource};

/// Makes the model ready; a command is started only when it is asked.
pub(super) fn open(source: &ModelSource, limits: Limits) -> Result<Box<dyn Model>, GuardError> {
    match &source.engine {
        Engine::Command(words) => {
            let command =
                ScoringCommand::new(words.clone(), source.folder.clone(), source.stdin, limits)?;
            Ok(Box::new(command))
        }
        Engine::Onnx(file) => Err(ReplayError::NoOnnx {
            file: file.display().to_string(),
        }
        .into()),
    }
}
