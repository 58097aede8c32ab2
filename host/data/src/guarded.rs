//! A decoder that panics on a damaged file must not take the process along.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside of [`guarded`].
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread would come back as an error of the file
/// that is being decoded. For panic hooks, which are called before it is
/// caught.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Runs `decode`; a panic inside comes back as its message.
///
/// The state that `decode` touched must not be used again after an error.
///
/// # Errors
/// The panic's message.
pub fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    let outer = GUARDED.replace(true);
    let decoded = catch_unwind(AssertUnwindSafe(decode));
    GUARDED.set(outer);
    decoded.map_err(|panic| {
        let words = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown".to_owned());
        format!("the decoder gave up: {words}")
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    /// What the hook was told of the panic below.
    static TOLD: AtomicBool = AtomicBool::new(false);

    #[test]
    fn a_panic_becomes_words() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| TOLD.store(is_guarded(), Ordering::Relaxed)));
        let caught = guarded(|| -> u8 { panic!("index 3 of 2") });
        std::panic::set_hook(before);
        assert_eq!(caught.unwrap_err(), "the decoder gave up: index 3 of 2");
        assert!(TOLD.load(Ordering::Relaxed) && !is_guarded());
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
