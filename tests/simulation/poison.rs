//! Poisoned pools through the product's own decision. Run with
//! `cargo run --release -p driftguard-verdict --example poison -- 100`.

mod chance;
mod pool;
mod rule;
mod scenario;

#[expect(clippy::print_stdout, reason = "its output is its purpose")]
fn main() {
    let typed = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let repetitions: u64 = typed.unwrap_or(100);
    println!("| accepted periods shifted by 0.5 sd | current data | blocks by the pool | no pass by the pool | no pass with the anchor |\n|---|---|---|---|---|");
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
