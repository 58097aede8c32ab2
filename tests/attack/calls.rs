//! Time, memory, stack, panics, logs.

use driftguard_sandbox::SandboxError as E;
use insta::assert_snapshot;

use crate::support::{attack, columns, hostile, hurried, lines, others_live, settings};

const CALLS: [&str; 8] = [
    "validate", "fit", "begin", "update", "merge", "save", "drop", "compare",
];

#[test]
fn a_loop_without_end_is_stopped_in_every_call() {
    let errors = CALLS.map(|call| attack(hurried(), "spin", call));
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::TimedOut { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` was stopped in `validate`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `fit`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `profile.begin`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `profile.update`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `profile.merge`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `profile.save`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `profile.drop`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` was stopped in `compare`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    "#);
}

#[test]
fn memory_without_end_is_refused_in_every_call() {
    let errors = CALLS.map(|call| attack(hostile(), "memory", call));
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::OutOfMemory { limit, .. } if *limit == 64 << 20))
    );
    for (error, call) in errors.iter().zip(CALLS) {
        let E::OutOfMemory { wanted, .. } = error else {
            panic!("{call}: {error}");
        };
        assert!((64 << 20..66 << 20).contains(wanted), "{call}: {wanted}");
    }
}

#[test]
fn words_of_a_memory_refusal() {
    let error = attack(hostile(), "state-bomb", "save");
    let E::OutOfMemory { wanted, .. } = error else {
        panic!("{error}");
    };
    // What the plugin has before depends on the compiler.
    assert!((1 << 30..1100 << 20).contains(&wanted), "{wanted}");
    let words = error.to_string().replace(&wanted.to_string(), "[wanted]");
    assert_snapshot!(words, @r#"check `hostile` failed in `profile.save`: it wanted [wanted] bytes of memory, the limit is 67108864; raise `memory-mib` in [checks.hostile.budget] if that is too little"#);
}

/// A plugin may live with a refusal; what ends it later has its own name.
#[test]
fn a_refusal_that_was_survived_is_not_blamed() {
    let errors = [
        attack(hurried(), "refused-memory-then-spin", "update"),
        attack(hostile(), "refused-memory-then-panic", "update"),
    ];
    assert!(matches!(errors, [E::TimedOut { .. }, E::Panicked { .. }]));
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` was stopped in `profile.update`: it ran longer than 0.15 s; raise `call-seconds` in [checks.hostile.budget] if that is too little
    check `hostile` panicked in `profile.update`: panic: got over the refusal, then fell
    "#);
}

#[test]
fn a_refusal_in_an_earlier_call_is_not_blamed() {
    let mut session = hostile().session().unwrap();
    let columns = columns();
    let refused = settings("refused-memory", "begin");
    session.begin(&refused, &columns, &[]).unwrap();
    let error = session
        .begin(&settings("abort", "begin"), &columns, &[])
        .unwrap_err();
    assert!(matches!(error, E::Trapped { .. }));
    assert_snapshot!(error, @r#"check `hostile` trapped in `profile.begin`: wasm trap: wasm `unreachable` instruction executed"#);
    others_live(hostile());
}

#[test]
fn a_panic_comes_with_its_last_words() {
    let errors = CALLS.map(|call| attack(hostile(), "panic", call));
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::Panicked { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` panicked in `validate`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `fit`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `profile.begin`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `profile.update`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `profile.merge`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `profile.save`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `profile.drop`: panic: last words �[31min red�[0m�and �more
    check `hostile` panicked in `compare`: panic: last words �[31min red�[0m�and �more
    "#);
}

#[test]
fn other_falls_are_told_apart() {
    let errors = ["index", "abort", "recursion"].map(|name| attack(hostile(), name, "update"));
    assert!(matches!(
        errors,
        [E::Panicked { .. }, E::Trapped { .. }, E::Trapped { .. }]
    ));
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` panicked in `profile.update`: panic: index out of bounds: the len is 3 but the index is 10
    check `hostile` trapped in `profile.update`: wasm trap: wasm `unreachable` instruction executed
    check `hostile` trapped in `profile.update`: wasm trap: out of bounds memory access
    "#);
}

/// Words of an earlier call are not the words of this one.
#[test]
fn an_abort_without_words_has_none() {
    let mut session = hostile().session().unwrap();
    let error = session
        .validate(&settings("abort", "validate"))
        .unwrap_err();
    assert_snapshot!(error, @r#"check `hostile` trapped in `validate`: wasm trap: wasm `unreachable` instruction executed"#);
}

#[test]
fn a_flood_in_the_log_does_not_drown_the_panic() {
    let error = attack(hostile(), "log-flood", "update");
    assert!(matches!(error, E::Panicked { .. }));
    assert_snapshot!(error, @r#"check `hostile` panicked in `profile.update`: panic: after the flood"#);
}

#[test]
fn a_line_longer_than_the_traffic_ends_the_call() {
    let error = attack(hostile(), "log-giant", "update");
    assert!(matches!(error, E::Unreadable { .. }));
    assert_snapshot!(error, @r#"check `hostile` was stopped in `profile.update`: what it handed to the host cannot be read, or is more than the 16777216 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted"#);
}
