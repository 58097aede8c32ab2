//! Poisoned pools through the product's own decision.

use crate::pool;

/// Prints the table.
#[expect(clippy::print_stdout, reason = "its output is its purpose")]
pub fn table(repetitions: u64) {
    println!(
        "| accepted periods shifted by 0.5 sd | current data | blocks by the pool | no pass by the pool | no pass with the anchor |\n|---|---|---|---|---|"
    );
    for now in [0.5, 0.0] {
        for poisoned in [0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0] {
            let found = pool::run(poisoned, now, repetitions);
            let share = |count: u64| 100.0 * count as f64 / repetitions as f64;
            println!(
                "| {:.0} % | + {now} sd | {:.0} % | {:.0} % | {:.0} % |",
                100.0 * poisoned,
                share(found.blocks),
                share(found.by_pool),
                share(found.with_anchor)
            );
        }
    }
}
