//! From what ended a call to the error that names it: by type, and never by
//! the words of a message.

use wasmtime::component::ResourceTableError;
use wasmtime::{Store, Trap};

use crate::bindings::driftguard::check::types::PluginError;
use crate::budget::{Budget, MAX_KEPT_BATCHES, MAX_TEXT_BYTES};
use crate::error::SandboxError;
use crate::output;
use crate::store::{KernelBudgetSpent, StoreData};

/// The step before the first call, in errors.
pub(crate) const INSTANTIATE: &str = "instantiate";

/// Why the plugin itself says that it cannot.
pub(crate) fn reason(error: PluginError) -> String {
    let (kind, text) = match error {
        PluginError::BadSetting(text) => ("bad setting", text),
        PluginError::BadData(text) => ("bad data", text),
        PluginError::BadState(text) => ("bad state", text),
        PluginError::Internal(text) => ("fault of its own", text),
    };
    format!("{kind}: {}", output::clean(&text, MAX_TEXT_BYTES))
}

/// What went wrong, by type: the engine's trap, our own typed errors, and the
/// limiter's memory of what it refused.
pub(crate) fn classify(
    store: &Store<StoreData>,
    check: &str,
    call: &'static str,
    budget: &Budget,
    error: wasmtime::Error,
) -> SandboxError {
    let check = check.to_owned();
    let data = store.data();
    if error.downcast_ref::<KernelBudgetSpent>().is_some() {
        return SandboxError::KernelWork {
            check,
            call,
            actual: data.kernel_values,
            limit: budget.kernel_values,
        };
    }
    if matches!(error.downcast_ref(), Some(ResourceTableError::Full)) {
        return SandboxError::TooManyBatches {
            check,
            call,
            limit: MAX_KEPT_BATCHES,
        };
    }
    let trap = error.downcast_ref::<Trap>();
    // Out of memory shows as an abort of the guest, or as a store that cannot
    // begin. Any other end came after the guest got over the refusal.
    let aborted = matches!(trap, Some(Trap::UnreachableCodeReached));
    if let Some(wanted) = data.limiter.refused
        && (aborted || call == INSTANTIATE)
    {
        return SandboxError::OutOfMemory {
            check,
            call,
            wanted,
            limit: budget.memory,
        };
    }
    let panic = data.errors.last().cloned();
    match trap {
        Some(Trap::Interrupt) => SandboxError::TimedOut {
            check,
            call,
            limit_seconds: budget.call.as_secs_f64(),
        },
        Some(Trap::OutOfFuel) => SandboxError::OutOfFuel {
            check,
            call,
            limit: budget.fuel.unwrap_or(0),
        },
        Some(Trap::UnreachableCodeReached) if panic.is_some() => SandboxError::Panicked {
            check,
            call,
            message: panic.unwrap_or_default(),
        },
        Some(trap) => SandboxError::Trapped {
            check,
            call,
            trap: trap.to_string(),
        },
        None => SandboxError::Unreadable {
            check,
            call,
            limit: budget.traffic,
            // The root: the rest is a backtrace of addresses.
            detail: output::clean(&error.root_cause().to_string(), MAX_TEXT_BYTES),
        },
    }
}
