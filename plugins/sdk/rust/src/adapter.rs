//! From the [`Check`] trait to the functions that the host calls.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::Once;

use crate::bindings::driftguard::check::log;
use crate::bindings::driftguard::check::types::{PluginError, Setting};
use crate::bindings::exports::driftguard::check::check as exports;
use crate::prelude::{Batch, Check, Column, Context, Descriptor, Error, Finding};
use crate::state;

/// Exports `C`; see [`crate::export_check!`].
#[derive(Debug)]
pub struct Adapter<C>(PhantomData<C>);

/// A profile with what it was begun with.
pub struct Running<C: Check> {
    context: Context,
    frame: C::Frame,
    profile: RefCell<C::Profile>,
}

/// A panic is a trap without words; the hook sends the words first.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            log::log(log::Level::Error, &format!("panic: {info}"))
        }));
    });
}

/// The descriptor with a context made of it.
fn enter<C: Check>(settings: Vec<Setting>, columns: Vec<Column>) -> (Descriptor, Context) {
    install_panic_hook();
    let descriptor = C::describe();
    let context = Context::new(settings, &descriptor.settings, columns);
    (descriptor, context)
}

fn decode<T: serde::de::DeserializeOwned>(
    descriptor: &Descriptor,
    bytes: &[u8],
) -> Result<T, Error> {
    state::decode(&descriptor.id, descriptor.state_format, bytes)
}

impl<C: Check + 'static> exports::Guest for Adapter<C> {
    type Profile = Running<C>;

    fn describe() -> Descriptor {
        install_panic_hook();
        C::describe()
    }

    fn validate(settings: Vec<Setting>) -> Result<(), PluginError> {
        let (_, context) = enter::<C>(settings, vec![]);
        Ok(C::validate(&context)?)
    }

    fn fit(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        sample: Batch,
    ) -> Result<Vec<u8>, PluginError> {
        let (descriptor, context) = enter::<C>(settings, columns);
        let frame = C::fit(&context, &sample)?;
        Ok(state::encode(
            &descriptor.id,
            descriptor.state_format,
            &frame,
        )?)
    }

    fn compare(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        frame: Vec<u8>,
        reference: Vec<u8>,
        current: Vec<u8>,
    ) -> Result<Vec<Finding>, PluginError> {
        let (descriptor, context) = enter::<C>(settings, columns);
        let frame = decode(&descriptor, &frame)?;
        let reference = decode(&descriptor, &reference)?;
        let current = decode(&descriptor, &current)?;
        Ok(C::compare(&context, &frame, &reference, &current)?)
    }
}

impl<C: Check + 'static> exports::GuestProfile for Running<C> {
    fn begin(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        frame: Vec<u8>,
    ) -> Result<exports::Profile, PluginError> {
        let (descriptor, context) = enter::<C>(settings, columns);
        let frame = decode(&descriptor, &frame)?;
        let profile = RefCell::new(C::begin(&context, &frame)?);
        Ok(exports::Profile::new(Self {
            context,
            frame,
            profile,
        }))
    }

    fn update(&self, batch: Batch) -> Result<(), PluginError> {
        Ok(C::update(
            &mut self.profile.borrow_mut(),
            &self.context,
            &self.frame,
            &batch,
        )?)
    }

    fn merge(&self, bytes: Vec<u8>) -> Result<(), PluginError> {
        let other = decode(&C::describe(), &bytes)?;
        Ok(C::merge(
            &mut self.profile.borrow_mut(),
            other,
            &self.context,
            &self.frame,
        )?)
    }

    fn save(&self) -> Result<Vec<u8>, PluginError> {
        let descriptor = C::describe();
        Ok(state::encode(
            &descriptor.id,
            descriptor.state_format,
            &*self.profile.borrow(),
        )?)
    }
}
