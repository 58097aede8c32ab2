//! The outside view: the binary as its users run it. One test binary, so that
//! it links once.

#[path = "cli/mod.rs"]
mod cli;
#[path = "docs/mod.rs"]
mod docs;
#[path = "scenarios/mod.rs"]
mod scenarios;
#[path = "support/mod.rs"]
mod support;
