//! Every limit by itself, and what the host's memory shows.

use std::time::Duration;

use driftguard_sandbox::{
    Budget, Engine, EngineOptions, Origin, Plugin, SandboxError as E, Settings,
};
use driftguard_test_plugins::plugin;
use insta::assert_snapshot;

use crate::support::{
    attack, batch, budget, columns, engine, granted, hostile, load, others_live, peak_memory,
    run_in, settings,
};

fn hostile_with(change: impl FnOnce(&mut Budget)) -> Plugin {
    let mut budget = budget();
    change(&mut budget);
    load("hostile", &budget)
}

#[test]
fn memory_too_small_to_begin_with() {
    let tiny = Budget {
        memory: 1 << 16,
        ..budget()
    };
    let error = engine()
        .load(plugin("hostile"), &Origin::BuiltIn, &tiny)
        .unwrap_err();
    assert!(
        matches!(error, E::OutOfMemory { limit, .. } if limit == 1 << 16),
        "{error}"
    );
}

#[test]
fn call_is_the_time_of_one_call_and_not_of_all() {
    let short = hostile_with(|budget| budget.call = Duration::from_millis(200));
    let mut session = short.session().unwrap();
    // Spends nearly no time in many calls; the clock starts again for each.
    for _ in 0..20 {
        run_in(&mut session, &settings("none", "update")).unwrap();
    }
    assert!(matches!(
        attack(&short, "spin", "update"),
        E::TimedOut { .. }
    ));
}

#[test]
fn fuel_ends_a_loop_at_the_same_place_every_time() {
    let metered = Engine::new(&EngineOptions {
        cache: None,
        metered: true,
    })
    .unwrap();
    let budget = Budget {
        fuel: Some(20_000_000),
        ..budget()
    };
    let plugin = metered
        .load(plugin("hostile"), &Origin::BuiltIn, &budget)
        .unwrap();
    let error = attack(&plugin, "spin", "update");
    assert!(matches!(
        error,
        E::OutOfFuel {
            limit: 20_000_000,
            ..
        }
    ));
    assert_snapshot!(error, @r#"check `hostile` was stopped in `profile.update`: it used up its fuel of 20000000; raise `fuel` in [checks.hostile.budget] if that is too little"#);
    let used = || {
        let mut session = plugin.session().unwrap();
        run_in(&mut session, &settings("none", "update")).unwrap();
        session.usage().fuel.unwrap()
    };
    assert_eq!(used(), used());
    assert!((1..20_000_000).contains(&used()));
}

#[test]
fn fuel_is_not_counted_by_an_engine_that_does_not_meter() {
    let plugin = hostile_with(|budget| budget.fuel = Some(1));
    let mut session = plugin.session().unwrap();
    run_in(&mut session, &settings("none", "update")).unwrap();
    assert_eq!(session.usage().fuel, None);
}

#[test]
fn traffic_limits_both_directions() {
    let narrow = hostile_with(|budget| budget.traffic = 40_000);
    let out = attack(&narrow, "state-large", "save");
    assert!(matches!(out, E::Unreadable { limit: 40_000, .. }));
    assert_snapshot!(out, @r#"check `hostile` was stopped in `profile.save`: what it handed to the host cannot be read, or is more than the 40000 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted"#);
    // 50,000 floats on the way in.
    let mut session = narrow.session().unwrap();
    let ask = settings("ipc", "update");
    let profile = session.begin(&ask, &columns(), &[]).unwrap();
    let error = session
        .update(&profile, &batch(50_000), &granted())
        .unwrap_err();
    assert!(matches!(error, E::Refused { .. }), "{error}");
    let named =
        "the limit is 40000; raise `traffic-mib` in [checks.hostile.budget] if that is too little)";
    assert!(error.to_string().ends_with(named), "{error}");
}

#[test]
fn kernel_values_are_those_of_one_call() {
    // Three passes over 1,000 rows at most; a run asks for none of them.
    let plugin = hostile_with(|budget| budget.kernel_values = 3_000);
    let error = attack(&plugin, "kernels-without-end", "update");
    assert!(
        matches!(
            error,
            E::KernelWork {
                actual: 4_000,
                limit: 3_000,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn state_holds_what_it_may_hold() {
    let exact = hostile_with(|budget| budget.state = 1 << 20);
    let mut session = exact.session().unwrap();
    let state = session
        .fit(&settings("state-large", "fit"), &batch(10), &granted())
        .unwrap();
    assert_eq!(state.len(), 1 << 20);
    let less = hostile_with(|budget| budget.state = (1 << 20) - 1);
    assert!(matches!(
        attack(&less, "state-large", "fit"),
        E::StateTooLarge { .. }
    ));
}

#[test]
fn findings_are_counted() {
    let none = hostile_with(|budget| budget.findings = 0);
    let mut session = none.session().unwrap();
    let error = run_in(&mut session, &settings("none", "update")).unwrap_err();
    assert!(matches!(
        error,
        E::TooManyFindings {
            actual: 1,
            limit: 0,
            ..
        }
    ));
    assert_snapshot!(error, @r#"check `hostile` returned 1 findings from `compare`, the limit is 0; raise `findings` in [checks.hostile.budget] if that is too little"#);
    let wide = hostile_with(|budget| {
        budget.memory = 512 << 20;
        budget.traffic = 256 << 20;
    });
    let error = attack(&wide, "flood", "compare");
    assert!(matches!(
        error,
        E::TooManyFindings {
            actual: 100_000,
            limit: 100,
            ..
        }
    ));
}

/// The host's memory under the attacks on it, all in one process: without the
/// limits each of them alone would take gibibytes.
#[test]
fn the_host_stays_small() {
    const BOUND: u64 = 768 << 20;
    for (name, call) in [
        ("memory", "update"),
        ("state-bomb", "save"),
        ("message-giant", "compare"),
        ("edges-giant", "update"),
    ] {
        assert!(
            matches!(attack(hostile(), name, call), E::OutOfMemory { .. }),
            "{name}"
        );
    }
    // 2,500 indexes of 60,000 edges, of a megabyte each.
    let patient = hostile_with(|budget| budget.kernel_values = 150_000_000);
    let error = attack(&patient, "edges-without-end", "update");
    assert!(matches!(error, E::KernelWork { .. }), "{error}");
    if let Some(peak) = peak_memory() {
        assert!(peak < BOUND, "the peak is {} MiB", peak >> 20);
    }
}

#[test]
fn settings_that_are_not_declared_do_no_harm() {
    let mut session = hostile().session().unwrap();
    let findings = run_in(&mut session, &Settings::default()).unwrap();
    assert_eq!(findings.len(), 1);
    others_live(hostile());
}
