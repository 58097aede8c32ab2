//! How a terminal wants its text.

/// Width, colours and characters of a terminal, and how much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use ANSI colours. Nothing is said by colour alone.
    pub color: bool,
    /// Columns of the terminal. Less than 40 is taken as 40, more than 120 as
    /// 120: longer lines are hard to read.
    pub width: usize,
    /// Whether the terminal shows Unicode; otherwise all output is ASCII.
    pub unicode: bool,
    /// Whether to list all suspects, roles and plugins in full.
    pub verbose: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            color: false,
            width: 80,
            unicode: true,
            verbose: false,
        }
    }
}

impl Style {
    /// The columns that are used.
    pub(crate) fn columns(&self) -> usize {
        self.width.clamp(40, 120)
    }
}
