//! A plugin that attacks its host, one way at a time. Two settings choose:
//! `attack` is what it does, `call` is where. Without them it counts rows.
//!
//! It speaks the contract without the SDK's adapter, because the SDK keeps an
//! author from most of what is done here. All of it is safe Rust: what a
//! plugin can do wrong needs no trick.
//!
//! # Layout
//!
//! - [`burn`]: attacks that need nothing: time, memory, stack, panics, logs.
//! - [`read`]: attacks through a batch: grants, windows, kernels, handles.
//! - [`answer`]: findings and states that no host should accept.
//! - [`describe`]: what it says about itself; a test edits the bytes of its
//!   mode, since this call has no settings.

pub mod answer;
pub mod burn;
pub mod describe;
pub mod read;

use std::cell::Cell;

use driftguard_sdk::bindings::driftguard::check::types::{PluginError, Setting};
use driftguard_sdk::bindings::exports::driftguard::check::check as exports;
use driftguard_sdk::prelude::{Batch, Column, Descriptor, Finding, Value};
use driftguard_sdk::state;

/// The plugin.
#[derive(Debug)]
pub struct Hostile;

/// What is done, and in which call.
#[derive(Debug, Clone)]
struct Plan {
    attack: String,
    call: String,
}

impl Plan {
    fn new(settings: &[Setting]) -> Self {
        burn::install_panic_hook();
        let text = |name: &str| {
            let found = settings.iter().find(|setting| setting.name == name);
            match found.map(|setting| &setting.value) {
                Some(Value::Text(text)) => text.clone(),
                _ => String::new(),
            }
        };
        Self {
            attack: text("attack"),
            call: text("call"),
        }
    }

    /// The attack, if it is due in this call.
    fn due(&self, call: &str) -> Option<&str> {
        (self.call == call).then_some(&self.attack)
    }

    fn strike(&self, call: &str, batch: Option<Batch>) -> Result<(), PluginError> {
        let Some(attack) = self.due(call) else {
            return Ok(());
        };
        burn::strike(attack);
        batch.map_or(Ok(()), |batch| read::strike(attack, batch))
    }
}

/// Rows that were seen.
#[derive(Debug)]
pub struct Profile {
    plan: Plan,
    rows: Cell<u64>,
}

fn write(rows: u64) -> Result<Vec<u8>, PluginError> {
    Ok(state::encode(describe::ID, 1, &rows)?)
}

fn read_state(bytes: &[u8]) -> Result<u64, PluginError> {
    Ok(state::decode(describe::ID, 1, bytes)?)
}

impl exports::Guest for Hostile {
    type Profile = Profile;

    fn describe() -> Descriptor {
        burn::install_panic_hook();
        describe::descriptor()
    }

    fn validate(settings: Vec<Setting>) -> Result<(), PluginError> {
        Plan::new(&settings).strike("validate", None)
    }

    fn fit(settings: Vec<Setting>, _: Vec<Column>, sample: Batch) -> Result<Vec<u8>, PluginError> {
        let plan = Plan::new(&settings);
        let rows = u64::from(sample.rows());
        plan.strike("fit", Some(sample))?;
        match plan.due("fit").and_then(answer::state) {
            Some(state) => Ok(state),
            None => write(rows),
        }
    }

    fn compare(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        _: Vec<u8>,
        reference: Vec<u8>,
        current: Vec<u8>,
        _: exports::Purpose,
    ) -> Result<Vec<Finding>, PluginError> {
        let plan = Plan::new(&settings);
        plan.strike("compare", None)?;
        let rows = (read_state(&reference)?, read_state(&current)?);
        let calm = answer::calm(&columns, rows);
        Ok(match plan.due("compare") {
            Some(attack) => answer::findings(attack, calm),
            None => vec![calm],
        })
    }
}

impl exports::GuestProfile for Profile {
    fn begin(
        settings: Vec<Setting>,
        _: Vec<Column>,
        _: Vec<u8>,
    ) -> Result<exports::Profile, PluginError> {
        let plan = Plan::new(&settings);
        plan.strike("begin", None)?;
        let rows = Cell::new(0);
        Ok(exports::Profile::new(Self { plan, rows }))
    }

    fn update(&self, batch: Batch) -> Result<(), PluginError> {
        self.rows.set(self.rows.get() + u64::from(batch.rows()));
        self.plan.strike("update", Some(batch))
    }

    fn merge(&self, state: Vec<u8>) -> Result<(), PluginError> {
        self.plan.strike("merge", None)?;
        self.rows.set(self.rows.get() + read_state(&state)?);
        Ok(())
    }

    fn save(&self) -> Result<Vec<u8>, PluginError> {
        self.plan.strike("save", None)?;
        match self.plan.due("save").and_then(answer::state) {
            Some(state) => Ok(state),
            None => write(self.rows.get()),
        }
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        // A destructor cannot fail: whatever else the attack does is lost.
        let _ = self.plan.strike("drop", None);
    }
}

/// The exported functions, whose names native linkers refuse.
#[cfg(target_family = "wasm")]
#[allow(missing_docs, unsafe_code)]
mod driftguard_exports {
    type Exported = crate::Hostile;
    driftguard_sdk::bindings::export_plugin!(Exported with_types_in driftguard_sdk::bindings);
}
