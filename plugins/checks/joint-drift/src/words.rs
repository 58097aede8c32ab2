//! Names and numbers as they stand in messages.

use crate::coding::{Coding, Part};

/// Longest name shown, in characters.
const LONGEST: usize = 60;

/// `temp`, or "the hour of `time`".
pub fn name(coding: &Coding) -> String {
    let name = format!("`{}`", short(&coding.name));
    match coding.part {
        Part::Value => name,
        part => format!("the {} of {name}", part.word()),
    }
}

/// The same for a table.
pub fn short_name(coding: &Coding) -> String {
    match coding.part {
        Part::Value => short(&coding.name),
        part => format!("{}({})", part.word(), short(&coding.name)),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.into();
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// A share as per cent.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent >= 9.95 {
        format!("{percent:.0} %")
    } else {
        format!("{percent:.1} %")
    }
}

/// A hint where the hour of a timestamp is one side of a broken relation.
pub fn clock(left: &Coding, right: &Coding) -> &'static str {
    if [left.part, right.part].contains(&Part::Hour) {
        "; look for a clock or time zone that moved"
    } else {
        ""
    }
}

/// At most four names, and how many more there are.
pub fn some(names: &[String]) -> String {
    let shown = names.iter().take(4).map(String::as_str);
    let text = shown.collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(4) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
