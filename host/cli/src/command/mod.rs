//! A file per verb.

pub mod baseline;
pub mod check;
pub mod checks;
pub mod explain;
pub mod fingerprint;
pub mod history;
pub mod init;
pub mod replay;
pub mod schema;

use std::io::Write;

/// Prints a page; a reader that went away is an error like any other.
pub fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}
