//! From the [`Check`] trait to the functions that the host calls.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Once;

use crate::bindings::driftguard::check::log;
use crate::bindings::driftguard::check::types::{PluginError, Setting};
use crate::bindings::exports::driftguard::check::check as exports;
use crate::memory::Memory;
use crate::prelude::{Batch, Check, Column, Context, Descriptor, Finding, Purpose};

/// Exports `C`; see [`crate::export_check!`].
#[derive(Debug)]
pub struct Adapter<C>(PhantomData<C>);

/// A profile with what it was begun with.
pub struct Running<C: Check> {
    context: Context,
    memory: Rc<Memory<C>>,
    frame: Rc<C::Frame>,
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

/// What is remembered from earlier calls, and the context of this one.
fn enter<C: Check + 'static>(
    settings: Vec<Setting>,
    columns: Vec<Column>,
) -> (Rc<Memory<C>>, Context) {
    install_panic_hook();
    let memory = Memory::<C>::of_this_instance();
    let context = Context::new(settings, &memory.descriptor().settings, columns);
    (memory, context)
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
        let (memory, context) = enter::<C>(settings, columns);
        let frame = C::fit(&context, &sample)?;
        Ok(memory.encode(&frame)?)
    }

    fn compare(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        frame: Vec<u8>,
        reference: Vec<u8>,
        current: Vec<u8>,
        purpose: Purpose,
    ) -> Result<Vec<Finding>, PluginError> {
        let (memory, context) = enter::<C>(settings, columns);
        let context = context.for_purpose(purpose);
        let frame = memory.frame(frame)?;
        let reference = memory.reference(reference)?;
        let current = memory.decode(&current)?;
        Ok(C::compare(&context, &frame, &reference, &current)?)
    }
}

impl<C: Check + 'static> exports::GuestProfile for Running<C> {
    fn begin(
        settings: Vec<Setting>,
        columns: Vec<Column>,
        frame: Vec<u8>,
    ) -> Result<exports::Profile, PluginError> {
        let (memory, context) = enter::<C>(settings, columns);
        let frame = memory.frame(frame)?;
        let profile = RefCell::new(C::begin(&context, &frame)?);
        Ok(exports::Profile::new(Self {
            context,
            memory,
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
        let other = self.memory.decode(&bytes)?;
        Ok(C::merge(
            &mut self.profile.borrow_mut(),
            other,
            &self.context,
            &self.frame,
        )?)
    }

    fn save(&self) -> Result<Vec<u8>, PluginError> {
        Ok(self.memory.encode(&*self.profile.borrow())?)
    }
}
