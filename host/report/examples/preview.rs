//! Shows the report of hand-made runs, to be judged by eye:
//! `cargo run --release -p driftguard-report --example preview -- block 80 color`.
//! Arguments, in any order: a sample (or `all`), a width, `color`, `ascii`,
//! `verbose`, `markdown`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use driftguard_report::{Style, render, to_markdown};

#[expect(clippy::print_stdout, reason = "an example that shows text")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let style = Style {
        color: has("color"),
        width: arguments
            .iter()
            .find_map(|argument| argument.parse().ok())
            .unwrap_or(80),
        unicode: !has("ascii"),
        verbose: has("verbose"),
    };
    for (name, document) in sample::all() {
        if has(name) || has("all") {
            let text = if has("markdown") {
                to_markdown(&document)
            } else {
                render(&document, &style)
            };
            println!("{text}{}", "=".repeat(style.width));
        }
    }
}
