//! The calibrated rule on simulated periods: how often unchanged data alarms,
//! and how often a change is found. Run with
//! `cargo run --release -p driftguard-verdict --example simulation -- 200`.
//!
//! K = 39 periods where nothing else is said, 50 columns at 64 quantile bins, alpha 5 %, alert at 0.05.
//! "wobble" is how far every column's mean moves from period to period, in
//! standard deviations: ordinary life. Seeded; no data is read.
//!
//! With `time` behind the number: the detector of slow drift over a year. With
//! `poison`: pools into which shifted periods were accepted.

mod chance;
mod poison;
mod pool;
mod rule;
mod scenario;
mod stream;
mod time;

use rule::run;
use scenario::SCENARIOS;

#[expect(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    let repetitions: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    match std::env::args().nth(2).as_deref() {
        Some("time") => return time::table(repetitions),
        Some("poison") => return poison::table(repetitions),
        _ => {}
    }
    println!(
        "| scenario | alerts or blocks | blocks | cannot tell | p <= 0.05 | wanted |\n|---|---|---|---|---|---|"
    );
    // Rows of the table by their letters, all without.
    let wanted: Vec<String> = std::env::args().skip(2).collect();
    let letter = |name: &str| name.split(' ').next().unwrap_or_default().to_owned();
    for scenario in &SCENARIOS {
        if !wanted.is_empty() && !wanted.contains(&letter(scenario.name)) {
            continue;
        }
        let found = run(scenario, repetitions);
        let share = |count: u64| 100.0 * count as f64 / repetitions as f64;
        println!(
            "| {} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {} |",
            scenario.name,
            share(found.alarms),
            share(found.blocks),
            share(found.cannot_tell),
            share(found.significant),
            scenario.wanted
        );
    }
}
