//! A decoder that panics on a damaged file must not take the process along.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `decode`; a panic inside comes back as its message.
///
/// The state that `decode` touched must not be used again after an error.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(decode)).map_err(|panic| {
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
    use super::*;

    #[test]
    fn a_panic_becomes_words() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let caught = guarded(|| -> u8 { panic!("index 3 of 2") });
        std::panic::set_hook(quiet);
        assert_eq!(caught.unwrap_err(), "the decoder gave up: index 3 of 2");
        assert_eq!(guarded(|| 7), Ok(7));
    }
}
