//! Attacks that need nothing but a call.

use std::hint::black_box;
use std::sync::Once;

use driftguard_sdk::bindings::driftguard::check::log;

/// Names of the attacks of this module.
pub const ATTACKS: [&str; 11] = [
    "spin",
    "memory",
    "refused-memory",
    "refused-memory-then-spin",
    "refused-memory-then-panic",
    "recursion",
    "panic",
    "index",
    "abort",
    "log-flood",
    "log-giant",
];

/// As the SDK's, without the place in the source.
pub fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let words = info.payload_as_str().unwrap_or("no words");
            log::log(log::Level::Error, &format!("panic: {words}"));
        }));
    });
}

/// Carries out an attack of this module; does nothing for any other name.
pub fn strike(attack: &str) {
    match attack {
        "spin" => spin(),
        "memory" => memory(),
        "refused-memory" => refused_memory(),
        "refused-memory-then-spin" => {
            refused_memory();
            spin();
        }
        "refused-memory-then-panic" => {
            refused_memory();
            panic!("got over the refusal, then fell");
        }
        "recursion" => {
            black_box(dive(0));
        }
        "panic" => panic!("last words \u{1b}[31min red\u{1b}[0m\nand \u{202e}more"),
        "index" => {
            let three = black_box(vec![1, 2, 3]);
            black_box(three[black_box(10)]);
        }
        "abort" => std::process::abort(),
        "log-flood" => log_flood(),
        "log-giant" => log::log(log::Level::Error, &"x".repeat(20 << 20)),
        _ => {}
    }
}

fn spin() {
    let mut turns = 0_u64;
    loop {
        turns = black_box(turns.wrapping_add(1));
    }
}

fn memory() {
    loop {
        std::mem::forget(black_box(vec![1_u8; 1 << 20]));
    }
}

/// Asks for a gibibyte and takes no for an answer.
fn refused_memory() {
    let mut bytes: Vec<u8> = vec![];
    let refused = bytes.try_reserve_exact(black_box(1 << 30)).is_err();
    assert!(refused, "a gibibyte was granted");
}

fn dive(depth: u64) -> u64 {
    let pad = black_box([depth; 64]);
    if pad[0] == u64::MAX {
        return 0;
    }
    dive(depth + 1).wrapping_add(pad[63])
}

fn log_flood() {
    let line = "flood ".repeat(1000);
    for _ in 0..2_000 {
        log::log(log::Level::Error, &line);
        log::log(log::Level::Info, &line);
    }
    panic!("after the flood");
}
