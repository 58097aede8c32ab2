//! One store of one plugin, and the calls into it.
//!
//! A session belongs to one worker. After a failed call (other than the
//! plugin's own "I cannot") the store is poisoned: no cleanup ran inside the
//! guest, so nothing in it can be believed.

use std::sync::Arc;
use std::time::{Duration, Instant};

use driftguard_verdict::Finding;
use wasmtime::Store;
use wasmtime::component::{Resource, ResourceAny};

use crate::batch::{BatchView, ColumnInfo, Loan, SharedBatch};
use crate::bindings;
use crate::bindings::driftguard::check::types::{PluginError, Setting};
use crate::bindings::exports::driftguard::check::check;
use crate::budget::{Budget, MAX_HANDLES};
use crate::convert;
use crate::engine::ticks;
use crate::error::SandboxError;
use crate::faults::{INSTANTIATE, classify, reason};
use crate::output;
use crate::plugin::Settings;
use crate::store::StoreData;

/// A profile inside a session's store.
#[derive(Debug)]
pub struct Profile(ResourceAny);

/// What findings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// People read them.
    Report,
    /// Only the numbers of measurements are used; plugins may leave out the
    /// rest.
    Rank,
}

impl Purpose {
    fn wire(self) -> check::Purpose {
        match self {
            Self::Report => check::Purpose::Report,
            Self::Rank => check::Purpose::Rank,
        }
    }
}

/// What a session has cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Calls made.
    pub calls: u64,
    /// Time inside calls, kernels and copies included.
    pub total: Duration,
    /// Of it, time in the host: kernels and conversion.
    pub kernels: Duration,
    /// Fuel used, if metered.
    pub fuel: Option<u64>,
}

impl Usage {
    /// Adds what another session of the same plugin has cost.
    pub fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.total += other.total;
        self.kernels += other.kernels;
        self.fuel = self.fuel.zip(other.fuel).map(|(left, right)| left + right);
    }
}

/// One store of one plugin.
pub struct Session {
    store: Store<StoreData>,
    bindings: bindings::Plugin,
    check: String,
    budget: Budget,
    poisoned: bool,
    calls: u64,
    time: Duration,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("check", &self.check)
            .finish_non_exhaustive()
    }
}

type Called<T> = wasmtime::Result<Result<T, PluginError>>;

impl Session {
    pub(crate) fn new(
        engine: &wasmtime::Engine,
        pre: &bindings::PluginPre<StoreData>,
        check: &str,
        budget: &Budget,
    ) -> Result<Self, SandboxError> {
        let mut store = Store::new(engine, StoreData::new(budget));
        store.limiter(|data| &mut data.limiter);
        store.set_epoch_deadline(ticks(budget.call));
        store.set_hostcall_fuel(budget.traffic);
        store.set_max_component_handles(MAX_HANDLES);
        if let Some(fuel) = budget.fuel {
            store.set_fuel(fuel).map_err(SandboxError::Engine)?;
        }
        let bindings = pre.instantiate(&mut store);
        let mut session = match bindings {
            Ok(bindings) => Self {
                store,
                bindings,
                check: check.to_owned(),
                budget: budget.clone(),
                poisoned: false,
                calls: 0,
                time: Duration::ZERO,
            },
            Err(error) => return Err(classify(&store, check, INSTANTIATE, budget, error)),
        };
        session.store.data_mut().errors.clear();
        Ok(session)
    }

    /// What the session has cost so far.
    pub fn usage(&self) -> Usage {
        let fuel = self
            .budget
            .fuel
            .and_then(|fuel| Some(fuel - self.store.get_fuel().ok()?.min(fuel)));
        Usage {
            calls: self.calls,
            total: self.time,
            kernels: self.store.data().kernel_time,
            fuel,
        }
    }

    pub(crate) fn describe(&mut self) -> Result<check::Descriptor, SandboxError> {
        self.call("describe", |session| {
            Ok(Ok(session
                .bindings
                .driftguard_check_check()
                .call_describe(&mut session.store)?))
        })
    }

    /// What to do where the plugin may have given up because the host refused
    /// it an answer of that size; empty if it refused none.
    fn refused_traffic(&self) -> String {
        let data = self.store.data();
        data.too_large.map_or(String::new(), |actual| {
            format!(
                " (the host refused an answer of {actual} bytes, the limit is {}; raise `traffic-mib` in [checks.{}.budget] if that is too little)",
                data.traffic, self.check
            )
        })
    }

    /// Lets the plugin check settings against each other.
    ///
    /// # Errors
    /// [`SandboxError::Refused`] with the plugin's reason, or a failed call.
    pub fn validate(&mut self, settings: &Settings) -> Result<(), SandboxError> {
        self.call("validate", |session| {
            session
                .bindings
                .driftguard_check_check()
                .call_validate(&mut session.store, settings.wire())
        })
    }

    /// Freezes a frame from a sample of the reference. `granted` are positions
    /// of columns in the batch.
    ///
    /// # Errors
    /// A failed or refused call, or a frame larger than the budget.
    pub fn fit(
        &mut self,
        settings: &Settings,
        sample: &Arc<SharedBatch>,
        granted: &Arc<[usize]>,
    ) -> Result<Vec<u8>, SandboxError> {
        let columns = granted_columns(sample, granted);
        let frame = self.lend("fit", sample, granted, |session, batch| {
            session.bindings.driftguard_check_check().call_fit(
                &mut session.store,
                settings.wire(),
                &columns,
                batch,
            )
        })?;
        self.state_fits("fit", frame)
    }

    /// The profile of no rows.
    ///
    /// # Errors
    /// A failed or refused call.
    pub fn begin(
        &mut self,
        settings: &Settings,
        columns: &[ColumnInfo],
        frame: &[u8],
    ) -> Result<Profile, SandboxError> {
        let columns: Vec<_> = columns.iter().map(convert::column).collect();
        self.call("profile.begin", |session| {
            session
                .bindings
                .driftguard_check_check()
                .profile()
                .call_begin(&mut session.store, settings.wire(), &columns, frame)
        })
        .map(Profile)
    }

    /// Folds the granted columns of a batch into a profile.
    ///
    /// # Errors
    /// A failed or refused call.
    pub fn update(
        &mut self,
        profile: &Profile,
        batch: &Arc<SharedBatch>,
        granted: &Arc<[usize]>,
    ) -> Result<(), SandboxError> {
        self.lend("profile.update", batch, granted, |session, batch| {
            session
                .bindings
                .driftguard_check_check()
                .profile()
                .call_update(&mut session.store, profile.0, batch)
        })
    }

    /// Folds a saved profile into this one.
    ///
    /// # Errors
    /// A failed or refused call.
    pub fn merge(&mut self, profile: &Profile, saved: &[u8]) -> Result<(), SandboxError> {
        self.call("profile.merge", |session| {
            session
                .bindings
                .driftguard_check_check()
                .profile()
                .call_merge(&mut session.store, profile.0, saved)
        })
    }

    /// The bytes of a profile as it is so far.
    ///
    /// # Errors
    /// A failed or refused call, or bytes beyond the budget.
    pub fn snapshot(&mut self, profile: &Profile) -> Result<Vec<u8>, SandboxError> {
        let saved = self.saved(profile)?;
        self.state_fits("profile.save", saved)
    }

    /// The bytes of a profile, which is dropped.
    ///
    /// # Errors
    /// As [`Self::snapshot`].
    pub fn save(&mut self, profile: Profile) -> Result<Vec<u8>, SandboxError> {
        let saved = self.saved(&profile)?;
        self.discard(profile)?;
        self.state_fits("profile.save", saved)
    }

    /// Drops a profile.
    ///
    /// # Errors
    /// A failed call.
    pub fn discard(&mut self, profile: Profile) -> Result<(), SandboxError> {
        self.call("profile.drop", |session| {
            profile.0.resource_drop(&mut session.store)?;
            Ok(Ok(()))
        })
    }

    fn saved(&mut self, profile: &Profile) -> Result<Vec<u8>, SandboxError> {
        self.call("profile.save", |session| {
            session
                .bindings
                .driftguard_check_check()
                .profile()
                .call_save(&mut session.store, profile.0)
        })
    }

    /// Two profiles in, findings out, cleaned and capped.
    ///
    /// # Errors
    /// A failed or refused call, or findings that are not acceptable.
    pub fn compare(
        &mut self,
        settings: &Settings,
        columns: &[ColumnInfo],
        frame: &[u8],
        [reference, current]: [&[u8]; 2],
        purpose: Purpose,
    ) -> Result<Vec<Finding>, SandboxError> {
        let wire: Vec<_> = columns.iter().map(convert::column).collect();
        let raw = self.call("compare", |session| {
            session.bindings.driftguard_check_check().call_compare(
                &mut session.store,
                settings.wire(),
                &wire,
                frame,
                reference,
                current,
                purpose.wire(),
            )
        })?;
        if raw.len() > self.budget.findings {
            return Err(SandboxError::TooManyFindings {
                check: self.check.clone(),
                call: "compare",
                actual: raw.len(),
                limit: self.budget.findings,
            });
        }
        let names = output::names(columns);
        let cleaned: Result<Vec<Finding>, String> = raw
            .into_iter()
            .map(|finding| output::finding(&self.check, finding, &names))
            .collect();
        cleaned.map_err(|detail| self.bad_answer("compare", detail))
    }

    fn bad_answer(&self, call: &'static str, detail: String) -> SandboxError {
        SandboxError::BadAnswer {
            check: self.check.clone(),
            call,
            detail,
        }
    }

    fn state_fits(&self, call: &'static str, bytes: Vec<u8>) -> Result<Vec<u8>, SandboxError> {
        if bytes.len() > self.budget.state {
            return Err(SandboxError::StateTooLarge {
                check: self.check.clone(),
                call,
                actual: bytes.len(),
                limit: self.budget.state,
            });
        }
        Ok(bytes)
    }

    /// A call with a batch, which is dead when the call returns.
    fn lend<T>(
        &mut self,
        name: &'static str,
        batch: &Arc<SharedBatch>,
        granted: &Arc<[usize]>,
        act: impl FnOnce(&mut Self, Resource<BatchView>) -> Called<T>,
    ) -> Result<T, SandboxError> {
        let loan = Loan::new(batch, granted);
        let view = BatchView::new(&loan);
        let result = self.call(name, |session| {
            let handle = session.store.data_mut().table.push(view)?;
            act(session, handle)
        });
        // The loan ends here, whoever still holds the handle.
        drop(loan);
        result
    }

    fn call<T>(
        &mut self,
        name: &'static str,
        act: impl FnOnce(&mut Self) -> Called<T>,
    ) -> Result<T, SandboxError> {
        if self.poisoned {
            return Err(SandboxError::Poisoned {
                check: self.check.clone(),
            });
        }
        let started = Instant::now();
        self.store.set_epoch_deadline(ticks(self.budget.call));
        self.store.data_mut().begin_call(self.budget.call);
        let outcome = act(self);
        self.calls += 1;
        self.time += started.elapsed();
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(SandboxError::Refused {
                check: self.check.clone(),
                call: name,
                message: reason(error) + &self.refused_traffic(),
            }),
            Err(error) => {
                self.poisoned = true;
                Err(classify(
                    &self.store,
                    &self.check,
                    name,
                    &self.budget,
                    error,
                ))
            }
        }
    }
}

fn granted_columns(
    batch: &SharedBatch,
    granted: &[usize],
) -> Vec<bindings::driftguard::check::data::Column> {
    granted
        .iter()
        .filter_map(|&position| batch.column(position))
        .map(|column| convert::column(&column.info))
        .collect()
}

/// Settings in the form that crosses the boundary.
pub(crate) type Wire = Vec<Setting>;
