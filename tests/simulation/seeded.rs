//! A few repetitions of the simulation, always the same ones: unchanged data
//! stays quiet, and what changed is found.

mod chance;
#[allow(dead_code, reason = "its table needs more")]
mod pool;
mod rule;
mod scenario;
mod seeded_poison;
mod seeded_time;
#[allow(dead_code, reason = "its table needs more")]
mod stream;

use rule::run;
use scenario::SCENARIOS;

const REPETITIONS: u64 = 40;

/// Alarms of a row of the table, by its letter.
#[expect(clippy::print_stdout, reason = "shown where a test fails")]
fn alarms(letter: &str) -> u64 {
    let named = |name: &str| name.split(' ').next() == Some(letter);
    let scenario = SCENARIOS.iter().find(|scenario| named(scenario.name));
    let scenario = scenario.expect("a row of the table");
    let found = run(scenario, REPETITIONS);
    println!(
        "{}: {} alarms, {} blocks, {} cannot tell, {} by rank; wanted {}",
        scenario.name,
        found.alarms,
        found.blocks,
        found.cannot_tell,
        found.significant,
        scenario.wanted
    );
    found.alarms
}

/// At 5 % more than 6 of 40 are less likely than 1 %.
#[test]
fn unchanged_data_stays_quiet() {
    for letter in ["A", "B", "C", "E", "F", "N2"] {
        let alarms = alarms(letter);
        assert!(alarms <= 6, "{letter}: {alarms}");
    }
}

#[test]
fn what_does_not_matter_never_alarms() {
    assert_eq!(alarms("J"), 0);
}

#[test]
fn what_changed_is_found() {
    for letter in ["H2", "C2", "F2", "K"] {
        let alarms = alarms(letter);
        assert!(alarms >= 38, "{letter}: {alarms}");
    }
}
