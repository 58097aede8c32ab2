//! What the terminal can show.

use std::io::IsTerminal;
use std::time::Duration;

use driftguard_guard::Progress;
use driftguard_report::Style;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Colour;

/// Width of the report where there is no terminal to ask.
const PLAIN_WIDTH: usize = 100;

/// Colour, width and letters of standard output.
pub fn style(colour: Colour, verbose: bool) -> Style {
    let terminal = std::io::stdout().is_terminal();
    let wanted = match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    };
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let size = terminal
        .then(terminal_size::terminal_size)
        .flatten()
        .map(|(width, _)| usize::from(width.0));
    let width = columns.or(size).unwrap_or(PLAIN_WIDTH);
    Style {
        color: wanted,
        width,
        unicode: unicode(),
        verbose,
    }
}

/// A locale that says nothing is taken for UTF-8, as most are.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// A bar on standard error, if that is a terminal.
pub struct Bar(ProgressBar);

impl Bar {
    pub fn new(quiet: bool) -> Self {
        let bar = ProgressBar::no_length();
        if quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn begin(&self, rows: Option<u64>) {
        let template = match rows {
            Some(_) => "{bar:30} {human_pos} of {human_len} rows, {eta} left",
            None => "{spinner} {human_pos} rows, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        if let Some(rows) = rows {
            self.0.set_length(rows);
        }
        self.0.enable_steady_tick(Duration::from_millis(200));
    }

    fn advance(&self, rows: u64) {
        self.0.inc(rows);
    }

    fn finish(&self) {
        self.0.finish_and_clear();
    }
}
