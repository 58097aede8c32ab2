//! Where something was typed, and how it is shown in messages.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where something was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of the policy file, from 1.
    Line(PathBuf, usize),
    /// The policy file as a whole.
    File(PathBuf),
    /// A flag of the command line, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(file, line) => write!(out, "{}, line {line}", file.display()),
            Self::File(file) => write!(out, "{}", file.display()),
            Self::Flag(flag) => write!(out, "{flag}"),
        }
    }
}

/// A value with the place it was typed at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// What was typed.
    pub value: T,
    /// Where.
    pub place: Place,
}

/// A policy file while it is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub file: &'a Path,
    pub text: &'a str,
}

impl Source<'_> {
    /// The place of a span of bytes.
    pub fn place(&self, span: Range<usize>) -> Place {
        let before = self.text.as_bytes().iter().take(span.start);
        Place::Line(
            self.file.to_owned(),
            1 + before.filter(|byte| **byte == b'\n').count(),
        )
    }

    /// The value out of its span, with its place.
    pub fn placed<T>(&self, spanned: toml::Spanned<T>) -> Placed<T> {
        let place = self.place(spanned.span());
        Placed {
            value: spanned.into_inner(),
            place,
        }
    }
}
