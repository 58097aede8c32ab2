//! Snapshots of whole reports over hand-made documents, and what must hold for
//! every report whatever the document. Review changed snapshots with
//! `cargo insta review`, or accept them with `INSTA_UPDATE=always`.

mod sample;

use driftguard_report::{Style, render, to_json, to_markdown};
use driftguard_verdict::document::Document;

/// Removes our own colours.
fn without_colour(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// Columns of a line; the samples use East Asian names, which are twice as wide.
fn columns(line: &str) -> usize {
    line.chars()
        .map(|c| {
            if ('\u{3000}'..='\u{9fff}').contains(&c) {
                2
            } else {
                1
            }
        })
        .sum()
}

fn every_style() -> impl Iterator<Item = Style> {
    let flags = [false, true];
    [0, 40, 60, 80, 120, 400]
        .into_iter()
        .flat_map(move |width| {
            flags.into_iter().flat_map(move |unicode| {
                flags.into_iter().flat_map(move |verbose| {
                    flags.map(|color| Style {
                        color,
                        width,
                        unicode,
                        verbose,
                    })
                })
            })
        })
}

#[test]
fn reports_at_80_columns() {
    for (name, document) in sample::all() {
        insta::assert_snapshot!(format!("{name}_80"), render(&document, &Style::default()));
    }
}

#[test]
fn reports_at_other_widths() {
    for width in [60, 120] {
        for (name, document) in [("alert", sample::alert()), ("block", sample::block())] {
            let style = Style {
                width,
                ..Style::default()
            };
            insta::assert_snapshot!(format!("{name}_{width}"), render(&document, &style));
        }
    }
}

#[test]
fn reports_without_unicode() {
    let style = Style {
        unicode: false,
        ..Style::default()
    };
    insta::assert_snapshot!("alert_ascii", render(&sample::alert(), &style));
    insta::assert_snapshot!("block_ascii", render(&sample::block(), &style));
}

#[test]
fn reports_in_full() {
    let style = Style {
        verbose: true,
        ..Style::default()
    };
    insta::assert_snapshot!("block_verbose", render(&sample::block(), &style));
    insta::assert_snapshot!(
        "hostile_verbose_60",
        render(&sample::hostile(), &Style { width: 60, ..style })
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    let style = Style {
        color: true,
        ..Style::default()
    };
    insta::assert_snapshot!(
        "block_colour",
        render(&sample::block(), &style).replace('\u{1b}', "ESC")
    );
    for (name, document) in sample::all() {
        let plain = render(&document, &Style::default());
        assert_eq!(without_colour(&render(&document, &style)), plain, "{name}");
    }
}

#[test]
fn markdown() {
    insta::assert_snapshot!("block_markdown", to_markdown(&sample::block()));
    insta::assert_snapshot!("hostile_markdown", to_markdown(&sample::hostile()));
    insta::assert_snapshot!("error_markdown", to_markdown(&sample::error()));
}

/// What no reader of a report must ever be sent.
fn assert_harmless(text: &str, context: &str) {
    for line in text.lines() {
        assert!(
            !line.chars().any(char::is_control),
            "{context}: control character in {line:?}"
        );
        assert!(
            !line.contains(['\u{202e}', '\u{200b}', '\u{2066}']),
            "{context}: bidirectional in {line:?}"
        );
        assert!(
            !line.trim_start().starts_with("::"),
            "{context}: a command in {line:?}"
        );
        assert!(
            !line.contains("##vso[") && !line.contains("##["),
            "{context}: a command in {line:?}"
        );
    }
}

#[test]
fn every_report_fits_and_is_harmless() {
    for (name, document) in sample::all() {
        for style in every_style() {
            let context = format!("{name} {style:?}");
            let text = without_colour(&render(&document, &style));
            assert_harmless(&text, &context);
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{context}");
            assert!(style.unicode || text.is_ascii(), "{context}");
            let width = style.width.clamp(40, 120);
            for line in text.lines() {
                assert!(
                    columns(line) <= width,
                    "{context}: {} columns in {line:?}",
                    columns(line)
                );
                assert_eq!(line.trim_end(), line, "{context}: trailing blanks");
            }
        }
        assert_harmless(&to_json(&document, true), name);
        assert_harmless(&to_markdown(&document), name);
    }
}

#[test]
fn the_report_says_what_was_decided() {
    for (name, document) in sample::all() {
        let text = render(&document, &Style::default());
        let headline = text.lines().next().unwrap_or_default();
        assert!(
            headline.starts_with(&document.verdict.name().to_ascii_uppercase()),
            "{name}: {headline}"
        );
        assert!(
            headline.contains(document.reason.name()),
            "{name}: {headline}"
        );
        assert_eq!(
            text.contains("`driftguard explain"),
            name != "pass",
            "{name}"
        );
    }
}

/// A guessed role that the name contradicts is worth a hint; names that a shell
/// would read as more than a name are never put into a command.
#[test]
fn commands_name_only_harmless_columns() {
    let with_suspect = |name: &str| -> String {
        let mut document: Document = sample::alert();
        document.suspects = vec![name.to_owned()];
        for column in &mut document.roles {
            if column.name == "wind_speed" {
                column.name = name.to_owned();
            }
        }
        render(
            &document,
            &Style {
                width: 120,
                ..Style::default()
            },
        )
    };
    assert!(with_suspect("customer_id").contains("`--id customer_id`"));
    assert!(with_suspect("target").contains("`--label target`"));
    for name in ["$(reboot)_id", "a b_id", "-x_id", "a;b_id"] {
        assert!(!with_suspect(name).contains("--id"), "{name}");
    }
}
