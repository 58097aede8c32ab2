//! Pages in `docs/` that are made, and must not fall behind what they are
//! made from.
//!
//! # Layout
//!
//! - [`page`]: one page on a check, from its documentation and what it says
//!   of itself.
//! - this file: all of them and the index, compared with what is there.

mod page;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::Folder;

/// Set this to write the pages instead of comparing them.
const WRITE: &str = "DRIFTGUARD_WRITE_DOCS";
const COMMAND: &str =
    "DRIFTGUARD_WRITE_DOCS=1 cargo test --release -p driftguard --test outside docs::";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every page by the name of its file.
fn pages() -> BTreeMap<String, String> {
    let catalogue = Folder::new().run(&["checks", "--json"]).document();
    let checks = catalogue["checks"].as_array().expect("a list of checks");
    let mut pages = BTreeMap::new();
    for check in checks {
        let id = check["id"].as_str().expect("an id");
        let source = root().join("plugins/checks").join(id).join("src/lib.rs");
        let source = std::fs::read_to_string(&source).expect("a check has a lib.rs");
        pages.insert(format!("{id}.md"), page::of(check, &source));
    }
    pages.insert("README.md".into(), index(checks));
    pages
}

fn index(checks: &[Value]) -> String {
    let mut text = format!(
        "# The checks\n\n{}\nEach is a plugin in `plugins/checks/`. `driftguard explain CHECK` prints the short form.\n\
         What each costs: [cost.md](../cost.md).\n\n\
         | check | what it asks | roles | scope | runs |\n|---|---|---|---|---|\n",
        page::MADE
    );
    for check in checks {
        let word = |key: &str| check[key].as_str().unwrap_or_default();
        text.push_str(&format!(
            "| [`{id}`]({id}.md) | {} | {} | {} | {} |\n",
            word("title"),
            page::list(&check["roles"]),
            word("scope"),
            match check["opt-in"].as_str() {
                Some(_) => "when asked for",
                None => "by default",
            },
            id = word("id"),
        ));
    }
    text
}

#[test]
fn a_page_for_every_check_is_up_to_date() {
    let folder = root().join("docs/checks");
    let pages = pages();
    if std::env::var_os(WRITE).is_some() {
        std::fs::create_dir_all(&folder).expect("docs can be written");
        for (name, text) in &pages {
            std::fs::write(folder.join(name), text).expect("docs can be written");
        }
    }
    let old: Vec<&String> = pages
        .iter()
        .filter(|(name, text)| {
            let there = std::fs::read_to_string(folder.join(name));
            there.ok().as_ref() != Some(text)
        })
        .map(|(name, _)| name)
        .collect();
    assert!(
        old.is_empty(),
        "{old:?} in docs/checks are out of date; write them anew:\n\n    {COMMAND}\n"
    );
    let files = std::fs::read_dir(&folder).expect("docs/checks is there");
    let left: Vec<String> = files
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| !pages.contains_key(name))
        .collect();
    assert!(
        left.is_empty(),
        "{left:?} in docs/checks are pages of no check: delete them"
    );
}

/// The first command of the README shows what the README says it shows.
#[test]
fn the_screen_of_the_readme_is_that_of_the_binary() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("there is a README");
    let blocks: Vec<&str> = readme.split("```").collect();
    let (command, screen) = (blocks[1], blocks[3]);
    let (_, arguments) = command.trim().split_once(" -- ").expect("cargo run -- ...");
    let fixtures = root().join("tests/fixtures");
    let fixtures = format!("{}/", fixtures.display());
    let arguments: Vec<String> = arguments
        .split_whitespace()
        .map(|word| word.replace("tests/fixtures/", &fixtures))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = Folder::new().run(&arguments);
    let shown = ran.stdout.trim_start();
    assert!(
        shown.starts_with(screen.trim()),
        "the README says\n{screen}\nand the binary\n{shown}"
    );
}

#[test]
fn explain_names_the_page() {
    let ran = Folder::new().run(&["explain", "schema"]);
    assert!(
        ran.stdout.contains("docs/checks/schema.md"),
        "{}",
        ran.stdout
    );
}
