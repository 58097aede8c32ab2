//! Prints the roles of a table: `cargo run --release --example roles -- FILE...`

#![allow(clippy::print_stdout)]

use driftguard_data::{DataError, OpenOptions, RoleOverrides, Source, resolve};

fn main() -> Result<(), DataError> {
    let inputs: Vec<String> = std::env::args().skip(1).collect();
    let source = Source::open(&inputs, &OpenOptions::default())?;
    println!("{}", source.describe());
    let pilot = source.pilot(50_000)?;
    for column in resolve(&pilot, source.rows(), &RoleOverrides::default())? {
        println!(
            "{:30} {:11} {:12} {}",
            column.name,
            column.role.name(),
            column.kind.name(),
            column.why
        );
    }
    Ok(())
}
