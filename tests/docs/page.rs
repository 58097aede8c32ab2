//! One page on a check.

use serde_json::Value;

/// Says where a page comes from.
pub const MADE: &str = "<!-- Made from the plugin's documentation and descriptor by the test `docs`: change those. -->\n";

/// Sections of a crate's documentation that a page has no use for: the layout
/// of the source, and sources that the descriptor lists.
const LEFT_OUT: [&str; 2] = ["Layout", "References"];

/// The page, from an entry of `driftguard checks --json` and the source of the
/// plugin's crate.
pub fn of(check: &Value, source: &str) -> String {
    let word = |key: &str| check[key].as_str().unwrap_or_default();
    let id = word("id");
    let mut page = format!(
        "# `{id}`: {}\n\n{MADE}\n{}\n\n",
        word("title"),
        word("summary")
    );
    let rows = match word("order") {
        "any" => "in any order",
        _ => "in their order",
    };
    let scope = match word("scope") {
        "column" => "each column by itself",
        _ => "all its columns at once",
    };
    let runs = match check["opt-in"].as_str() {
        Some(why) => format!("when the policy has a table `[checks.{id}]`: {why}"),
        None => "by default".to_owned(),
    };
    let facts = [
        ("runs", runs),
        ("roles", list(&check["roles"])),
        ("kinds", list(&check["kinds"])),
        ("reads", format!("{scope}, rows {rows}")),
        ("risk", word("risk").to_owned()),
    ];
    page.push_str("| | |\n|---|---|\n");
    for (name, words) in facts {
        page.push_str(&format!("| {name} | {words} |\n"));
    }
    page.push_str(&settings(id, &check["settings"]));
    page.push_str(&sections(source));
    let references = check["references"].as_array().into_iter().flatten();
    let references: Vec<&str> = references.filter_map(Value::as_str).collect();
    if !references.is_empty() {
        page.push_str("\n## References\n\n");
        for reference in references {
            page.push_str(&format!("- {reference}\n"));
        }
    }
    page
}

/// Names, or `any`.
pub fn list(names: &Value) -> String {
    let names: Vec<&str> = names
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    match names.is_empty() {
        true => "any".into(),
        false => names.join(", "),
    }
}

/// From here on an end of a range stands for none.
const NO_END: f64 = 1e300;

fn settings(id: &str, settings: &Value) -> String {
    let settings = settings.as_array().map(Vec::as_slice).unwrap_or_default();
    if settings.is_empty() {
        return "\nNothing can be set.\n".into();
    }
    let mut text = format!(
        "\n## Settings\n\nIn the policy, under `[checks.{id}]`:\n\n| setting | default | allowed | |\n|---|---|---|---|\n"
    );
    for setting in settings {
        let word = |key: &str| setting[key].as_str().unwrap_or_default();
        text.push_str(&format!(
            "| `{}` | `{}` | {} | {} |\n",
            word("name"),
            setting["default"],
            allowed(setting),
            word("help").replace('|', "\\|")
        ));
    }
    text
}

fn allowed(setting: &Value) -> String {
    let choices = setting["choices"].as_array().map(Vec::as_slice);
    if let Some(choices @ [_, ..]) = choices {
        let choices: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
        return choices.join(", ");
    }
    let end = |key: &str| setting[key].as_f64();
    let words = |key: &str| end(key).filter(|end| end.abs() < NO_END).map(bound);
    match (words("minimum"), words("maximum")) {
        (Some(low), Some(high)) => format!("{low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) if end("minimum").is_some() => "any number".into(),
        (None, None) if setting["default"].is_boolean() => "true, false".into(),
        (None, None) => "any".into(),
    }
}

/// An end of a range: what has many digits as a power of ten.
fn bound(end: f64) -> String {
    match end != 0.0 && !(1e-4..1e7).contains(&end.abs()) {
        true => format!("{end:e}"),
        false => end.to_string(),
    }
}

/// The crate's documentation as a part of a page: headings a level lower,
/// links of rustdoc as names, hidden lines of examples left out.
fn sections(source: &str) -> String {
    let lines = source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| {
            line.trim_start_matches("//!")
                .strip_prefix(' ')
                .unwrap_or_default()
        });
    let mut text = String::from("\n");
    // What stands before the first heading, the summary has said.
    let (mut code, mut shown) = (false, false);
    for line in lines {
        let fence = line.starts_with("```");
        if let (Some(heading), false) = (line.strip_prefix("# "), code) {
            shown = !LEFT_OUT.contains(&heading);
            if shown {
                text.push_str(&format!("## {heading}\n"));
            }
            continue;
        }
        if !shown || code && (line == "#" || line.starts_with("# ")) {
            continue;
        }
        let line = match () {
            // A fence without a language is Rust to rustdoc.
            () if fence && !code && line == "```" => "```rust".to_owned(),
            () if code || fence => line.to_owned(),
            () => plain_links(line),
        };
        code ^= fence;
        text.push_str(line.trim_end());
        text.push('\n');
    }
    while text.ends_with("\n\n") {
        text.pop();
    }
    text
}

/// [`name`] and [`name`](place) as `name`; links to the web stay.
fn plain_links(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find("[`") {
        let (before, link) = rest.split_at(start);
        text.push_str(before);
        let Some(end) = link.find("`]") else {
            rest = link;
            break;
        };
        let after = &link[end + 2..];
        let target = after
            .strip_prefix('(')
            .and_then(|inside| inside.split_once(')'));
        match target {
            Some((place, _)) if place.contains("://") => {
                let whole = link.len() - after.len() + place.len() + 2;
                text.push_str(&link[..whole]);
                rest = &link[whole..];
            }
            Some((_, beyond)) => {
                text.push_str(&link[1..end + 1]);
                rest = beyond;
            }
            None => {
                text.push_str(&link[1..end + 1]);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_rustdoc_are_names() {
        assert_eq!(
            plain_links("see [`Profile`], [`compare`](mod@compare) and [`x`](https://a.b/c)."),
            "see `Profile`, `compare` and [`x`](https://a.b/c)."
        );
        assert_eq!(plain_links("an [`open one"), "an [`open one");
    }

    #[test]
    fn ranges_are_said_in_words() {
        let of = |low: f64, high: f64| {
            allowed(&serde_json::json!({"default": 0.5, "minimum": low, "maximum": high}))
        };
        assert_eq!(of(-1e300, 1e300), "any number");
        assert_eq!(of(0.0, 1e300), "at least 0");
        assert_eq!(of(20.0, 1e9), "20 to 1e9");
        assert_eq!(of(1e-6, 1_000_000.0), "1e-6 to 1000000");
    }

    #[test]
    fn hidden_lines_and_layout_are_left_out() {
        let source = "//! `x`: what?\n//!\n//! # Layout\n//!\n//! - [`a`]\n//!\n//! # Method\n//!\n//! ```\n//! let a = 1;\n//! # Ok::<(), ()>(())\n//! ```\n\nmod a;\n";
        assert_eq!(
            sections(source),
            "\n## Method\n\n```rust\nlet a = 1;\n```\n"
        );
    }
}
