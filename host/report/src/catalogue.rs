//! The checks there are: a table of all (`driftguard checks`) and a page on
//! each (`driftguard explain CHECK`). The texts are the plugins' own.

use std::borrow::Cow;

use driftguard_verdict::{Kind, Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::page::{Ink, Line, Page};
use crate::style::Style;
use crate::{json, number, text};

/// What a plugin says about itself, with where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CheckEntry {
    /// Kebab case, `numeric-drift`.
    pub id: String,
    /// The plugin's own version.
    pub version: String,
    /// One line.
    pub title: String,
    /// A paragraph.
    pub summary: String,
    /// `column` (each by itself) or `dataset` (all granted columns at once).
    pub scope: String,
    /// `any` if rows may come in any order, `stream` if their order matters.
    pub order: String,
    /// It wants columns with one of these roles.
    pub roles: Vec<Role>,
    /// And one of these kinds.
    pub kinds: Vec<Kind>,
    /// What can be set in the policy.
    pub settings: Vec<SettingEntry>,
    /// `operational`, `brand` or `strategic`.
    pub risk: String,
    /// Whether the policy says so, and not the plugin.
    pub risk_by_policy: bool,
    /// Papers and documents behind the method.
    pub references: Vec<String>,
    /// `built-in`, or the path it was read from.
    pub origin: String,
    /// SHA-256 of the WebAssembly file, in hexadecimal.
    pub sha256: String,
    /// Why it runs only where the policy has a table for it; None: it runs by
    /// default.
    pub opt_in: Option<String>,
    /// Whether it runs under this policy.
    pub runs: bool,
}

/// One setting of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SettingEntry {
    /// Kebab case.
    pub name: String,
    /// A sentence.
    pub help: String,
    /// Used when the policy says nothing; its type is the setting's type.
    pub default: Value,
    /// Least value, included, of a number.
    pub minimum: Option<f64>,
    /// Greatest value, included, of a number.
    pub maximum: Option<f64>,
    /// The only texts allowed; empty: any.
    pub choices: Vec<String>,
}

/// Columns of a table's widest cell.
const WIDEST_ID: usize = 28;
const WIDEST_TITLE: usize = 60;
/// The origin of checks that have a page in the project's documentation.
const BUILT_IN: &str = "built-in";
/// From here on an end of a range stands for none.
const NO_END: f64 = 1e300;
/// Lines that a plugin's paragraph may take.
const PARAGRAPH: usize = 30;

/// A table of all checks in the order given: one line each, or two where the
/// terminal is narrow.
pub fn render_catalogue(entries: &[CheckEntry], style: &Style) -> String {
    let mut page = Page::new(style);
    if entries.is_empty() {
        page.line(Line::new().then(Ink::Plain, "No checks."));
        return page.finish();
    }
    let cell = |cells: fn(&CheckEntry) -> Cow<'_, str>, least: usize| {
        let widest = entries
            .iter()
            .map(|entry| text::width(&text::cut(&cells(entry), WIDEST_ID, style.unicode)))
            .max();
        widest.unwrap_or(0).max(least) + 2
    };
    let widths = [
        cell(|entry| Cow::from(&entry.id), 5),
        cell(|entry| Cow::from(&entry.scope), 5),
        cell(risk_of, 4),
    ];
    // Where an own plugin came from is a path: it is cut, and kept last.
    let origin = entries
        .iter()
        .map(|entry| text::width(&text::clean(origin_of(entry), style.unicode)))
        .max();
    let origin = origin.unwrap_or(0).clamp(6, 20);
    let longest = entries
        .iter()
        .map(|entry| text::width(&text::clean(&entry.title, style.unicode)))
        .max();
    let longest = longest.unwrap_or(0).clamp(12, WIDEST_TITLE);
    // Titles that do not fit beside the rest get a line of their own.
    let beside = widths.iter().sum::<usize>() + longest + 2 + origin <= style.columns();

    let row = |ink: Ink, cells: [&str; 5]| {
        let [id, title, scope, risk, from] = cells;
        let plain = if ink == Ink::Dim {
            Ink::Dim
        } else {
            Ink::Plain
        };
        let cut = |cell: &str| text::cut(cell, WIDEST_ID, style.unicode);
        let mut line = Line::new().cell(ink, cut(id), widths[0]);
        if beside {
            line = line.cell(plain, text::cut(title, longest, style.unicode), longest + 2);
        }
        line.cell(plain, cut(scope), widths[1])
            .cell(plain, cut(risk), widths[2])
            .then(plain, text::cut_start(from, origin, style.unicode))
    };
    page.line(row(
        Ink::Dim,
        ["check", "what it asks", "scope", "risk", "origin"],
    ));
    for entry in entries {
        let risk = risk_of(entry);
        let cells: [&str; 5] = [
            &entry.id,
            &entry.title,
            &entry.scope,
            &risk,
            origin_of(entry),
        ];
        page.line(row(Ink::Strong, cells));
        if !beside {
            page.wrapped(
                Line::new().then(Ink::Plain, "    "),
                Ink::Plain,
                &entry.title,
                2,
            );
        }
    }
    page.blank();
    let more = "`driftguard explain CHECK` says what a check does and what can be set.";
    page.wrapped(Line::new(), Ink::Dim, more, 2);
    page.finish()
}

/// The risk, and whether it is the policy's word.
fn risk_of(entry: &CheckEntry) -> Cow<'_, str> {
    if entry.risk_by_policy {
        format!("{}, policy", entry.risk).into()
    } else {
        entry.risk.as_str().into()
    }
}

/// Where a check came from, or why it does not run.
fn origin_of(entry: &CheckEntry) -> &str {
    match (entry.runs, &entry.opt_in) {
        (true, _) => &entry.origin,
        (false, Some(_)) => "off: opt-in",
        (false, None) => "off: policy",
    }
}

/// The page on one check.
pub fn render_check(entry: &CheckEntry, style: &Style) -> String {
    let mut page = Page::new(style);
    page.line(
        Line::new()
            .then(Ink::Strong, &entry.id)
            .then(Ink::Plain, ": ")
            .then(Ink::Plain, &entry.title),
    );
    page.blank();
    page.wrapped(Line::new(), Ink::Plain, &entry.summary, PARAGRAPH);
    page.blank();

    let names = |list: Vec<&str>| {
        if list.is_empty() {
            "any".to_owned()
        } else {
            list.join(", ")
        }
    };
    let scope = match entry.scope.as_str() {
        "column" => "column: each column by itself",
        "dataset" => "dataset: all its columns at once",
        other => other,
    };
    fact(
        &mut page,
        "roles",
        &names(entry.roles.iter().map(|role| role.name()).collect()),
    );
    fact(
        &mut page,
        "kinds",
        &names(entry.kinds.iter().map(|kind| kind.name()).collect()),
    );
    fact(&mut page, "scope", scope);
    fact(
        &mut page,
        "rows",
        if entry.order == "any" {
            "in any order"
        } else {
            "in their order"
        },
    );
    fact(&mut page, "risk", &risk_of(entry));
    if let Some(why) = &entry.opt_in {
        fact(&mut page, "opt-in", why);
    }
    if entry.origin == BUILT_IN {
        fact(&mut page, "page", &format!("docs/checks/{}.md", entry.id));
    }
    fact(&mut page, "version", &entry.version);
    fact(&mut page, "origin", &entry.origin);
    fact(&mut page, "sha256", &entry.sha256);

    if !entry.settings.is_empty() {
        page.blank();
        page.line(Line::new().then(Ink::Strong, "Settings"));
        for setting in &entry.settings {
            render_setting(&mut page, setting);
        }
    }
    if !entry.references.is_empty() {
        page.blank();
        page.line(Line::new().then(Ink::Strong, "References"));
        for reference in &entry.references {
            page.wrapped(
                Line::new().then(Ink::Plain, "  - "),
                Ink::Plain,
                reference,
                4,
            );
        }
    }
    page.finish()
}

/// All checks as JSON: `{"format": "driftguard/checks/v1", "checks": [...]}`.
pub fn catalogue_json(entries: &[CheckEntry], pretty: bool) -> String {
    json::write(
        &json!({ "format": "driftguard/checks/v1", "checks": entries }),
        pretty,
    )
}

/// A labelled line.
fn fact(page: &mut Page<'_>, label: &str, words: &str) {
    page.wrapped(Line::new().cell(Ink::Dim, label, 9), Ink::Plain, words, 3);
}

/// A setting as it would stand in the policy, then what it may be and does.
fn render_setting(page: &mut Page<'_>, setting: &SettingEntry) {
    let name = page.cut(&setting.name, 32);
    page.line(
        Line::new()
            .then(Ink::Plain, "  ")
            .then(Ink::Strong, name)
            .then(Ink::Plain, format!(" = {}", setting.default)),
    );
    let allowed = allowed(setting);
    let words = match (allowed.is_empty(), setting.help.is_empty()) {
        (true, _) => setting.help.clone(),
        (false, true) => allowed,
        (false, false) => format!("{} ({allowed})", setting.help.trim_end_matches('.')),
    };
    page.wrapped(
        Line::new().then(Ink::Plain, "      "),
        Ink::Plain,
        &words,
        6,
    );
}

/// Bounds and choices in words; empty if there are none.
fn allowed(setting: &SettingEntry) -> String {
    if !setting.choices.is_empty() {
        return format!("one of {}", setting.choices.join(", "));
    }
    let end = |end: Option<f64>| end.filter(|end| end.abs() < NO_END).map(number::bound);
    match (end(setting.minimum), end(setting.maximum)) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) if setting.minimum.is_some() => "any number".to_owned(),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> CheckEntry {
        let setting = |name: &str, default: Value| SettingEntry {
            name: name.to_owned(),
            help: "How many bins the reference is cut into.".to_owned(),
            default,
            minimum: None,
            maximum: None,
            choices: vec![],
        };
        CheckEntry {
            id: "numeric-drift".to_owned(),
            version: "0.1.0".to_owned(),
            title: "Has the distribution of a number moved?".to_owned(),
            summary: "Counts both sides over the edges that the reference's quantiles gave, and compares them by \
                      Kolmogorov-Smirnov, Wasserstein, PSI and Jensen-Shannon."
                .to_owned(),
            scope: "column".to_owned(),
            order: "any".to_owned(),
            roles: vec![Role::Feature, Role::Label],
            kinds: vec![Kind::Numeric],
            settings: vec![
                SettingEntry { minimum: Some(2.0), maximum: Some(256.0), ..setting("bins", json!(32)) },
                SettingEntry { choices: vec!["ks".to_owned(), "psi".to_owned()], ..setting("metrics", json!(["ks"])) },
                setting("open-tails", json!(true)),
            ],
            risk: "operational".to_owned(),
            risk_by_policy: false,
            references: vec!["Kolmogorov, Sulla determinazione empirica di una legge di distribuzione, 1933".to_owned()],
            origin: "built-in".to_owned(),
            sha256: "0123456789abcdef".repeat(4),
            opt_in: None,
            runs: true,
        }
    }

    fn hostile() -> CheckEntry {
        CheckEntry {
            id: "\u{1b}[2Jown".to_owned(),
            title: "::error::\u{202e}drift ".repeat(9),
            origin: "plugins/in/a/very/deep/folder/own.wasm".to_owned(),
            risk: "brand".to_owned(),
            risk_by_policy: true,
            ..entry()
        }
    }

    #[test]
    fn ranges_are_said_in_words() {
        let of = |minimum, maximum| {
            allowed(&SettingEntry {
                minimum,
                maximum,
                ..entry().settings.swap_remove(2)
            })
        };
        assert_eq!(of(Some(-1e300), Some(1e300)), "any number");
        assert_eq!(of(Some(0.0), Some(1e300)), "at least 0");
        assert_eq!(of(Some(-1e300), Some(5.0)), "at most 5");
        assert_eq!(of(Some(1e-6), Some(1e9)), "1e-6 to 1e9");
        assert_eq!(of(Some(20.0), Some(16_384.0)), "20 to 16,384");
        assert_eq!(of(None, None), "");
    }

    #[test]
    fn the_table() {
        let second = CheckEntry {
            id: "schema".to_owned(),
            scope: "dataset".to_owned(),
            opt_in: Some("reads every pair of columns".to_owned()),
            runs: false,
            ..entry()
        };
        let wide = Style {
            width: 100,
            ..Style::default()
        };
        let own_line = render_catalogue(&[entry(), hostile()], &Style::default());
        insta::assert_snapshot!("table_own_line", own_line);
        insta::assert_snapshot!("table_beside", render_catalogue(&[entry(), second], &wide));
        let narrow = render_catalogue(
            &[entry(), hostile()],
            &Style {
                width: 60,
                unicode: false,
                ..Style::default()
            },
        );
        assert!(
            narrow.is_ascii() && narrow.lines().all(|line| line.len() <= 60),
            "{narrow}"
        );
        assert_eq!(render_catalogue(&[], &Style::default()), "No checks.\n");
    }

    #[test]
    fn the_page_on_a_check() {
        let asked_for = CheckEntry {
            opt_in: Some("reads every pair of columns".to_owned()),
            ..entry()
        };
        insta::assert_snapshot!(render_check(&asked_for, &Style::default()));
    }

    #[test]
    fn the_catalogue_as_json_comes_back() {
        let entries = [entry(), hostile()];
        let value: Value = serde_json::from_str(&catalogue_json(&entries, false)).unwrap();
        let read: Vec<CheckEntry> = serde_json::from_value(value["checks"].clone()).unwrap();
        assert_eq!(read, entries);
    }
}
