//! The text of every refusal: users read these.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

#[test]
fn not_a_policy() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("driftguard.toml");
    let load = || {
        let said = Policy::load(&file, BUILT_IN).unwrap_err().to_string();
        said.replace(&format!("{}/", folder.path().display()), "")
    };
    let missing = load();
    std::fs::write(&file, b"version = 1\n# caf\xe9").unwrap();
    let latin = load();
    std::fs::write(&file, vec![b'#'; 2 << 20]).unwrap();
    let large = load();
    let all = [missing, latin, large].join("\n");
    assert_snapshot!(all, @r#"
    driftguard.toml: the policy cannot be read: No such file or directory (os error 2); check the path given with --policy, or write one with `driftguard init`
    driftguard.toml, line 2: the policy is not UTF-8 text; save it as UTF-8
    driftguard.toml: the policy has 2097152 bytes, at most 1048576 are read; is this a data file?
    "#);
}

#[test]
fn syntax_and_version() {
    assert_snapshot!(all_refused(&[
        "[rules]\nalpha = = 1",
        "[rules]\nalpha = 0.1\nalpha = 0.2",
        "[gate\n",
        "version = 2\nnew-key = true",
        "version = 0",
    ]), @r#"
    driftguard.toml, line 2: not valid TOML: extra `=`, expected nothing
    driftguard.toml, line 3: not valid TOML: duplicate key
    driftguard.toml, line 1: not valid TOML: unclosed table, expected `]`
    driftguard.toml, line 1: `version` is 2, this driftguard reads policies up to version 1; update driftguard
    driftguard.toml, line 1: `version` must be a whole number of at least 1, found 0
    "#);
}

#[test]
fn unknown_keys() {
    assert_snapshot!(all_refused(&[
        "[rules]\nalert-at = 0.1\n\nalfa = 0.1",
        "[ruels]\nalpha = 0.1",
        "[roles]\ntime-stamp = \"t\"",
        "[checks.schema]\nseverty = \"alert\"",
        "[checks.schema.budget]\nmemory = 3",
        "[gate]\nfrequency = 1",
        "[rules]\n\"a\\u001b[31m\\nb\" = 1",
    ]), @r#"
    driftguard.toml, line 4: unknown key `alfa` in [rules]: did you mean `alpha`?
    driftguard.toml, line 1: unknown key `ruels` at the top level: did you mean `rules`?
    driftguard.toml, line 2: unknown key `time-stamp` in [roles]: did you mean `timestamp`?
    driftguard.toml, line 2: unknown key `severty` in [checks.schema]: did you mean `severity`?
    driftguard.toml, line 2: unknown key `memory` in [checks.schema.budget]: did you mean `memory-mib`?
    driftguard.toml, line 2: unknown key `frequency` in [gate]: there are `fail-on`, `environment`
    driftguard.toml, line 2: unknown key `a\u{1b}[31m\nb` in [rules]: there are `alpha`, `alert-at`, `block-at`, `must-see`, `min-rows`, `on-cannot-tell`
    "#);
}

#[test]
fn wrong_types() {
    assert_snapshot!(all_refused(&[
        "version = \"1\"",
        "rules = 3",
        "[rules]\nalpha = \"low\"",
        "[rules]\nmin-rows = 10.5",
        "[roles]\nlabel = [\"a\"]",
        "[roles]\nids = \"a\"",
        "[roles]\nids = [\n  \"a\",\n  1,\n]",
        "[data]\nreference = 1",
        "[data]\nsplit = 2013",
        "[checks]\nschema = true",
        "[checks.schema]\nenabled = \"yes\"",
        "[checks.schema]\nseverity = 1",
        "[checks.schema]\nsettings = []",
        "[budget]\nfuel = 1.5",
        "[budget]\nmemory-mib = \"1 GiB\"",
        "[budget]\ncall-seconds = true",
    ]), @r#"
    driftguard.toml, line 1: `version` must be a whole number of at least 1, found the text `1`
    driftguard.toml, line 1: `rules` must be a table, found 3
    driftguard.toml, line 2: `rules.alpha` must be a number above 0 and at most 0.5, found the text `low`
    driftguard.toml, line 2: `rules.min-rows` must be a whole number of at least 2 and at most 1000000000, found 10.5
    driftguard.toml, line 2: `roles.label` must be a text in quotes, found a list
    driftguard.toml, line 2: `roles.ids` must be a list of texts, as ["a", "b"], found the text `a`
    driftguard.toml, line 4: `roles.ids` must be a text in quotes, found 1
    driftguard.toml, line 2: `data.reference` must be a text in quotes, or a list of texts, found 1
    driftguard.toml, line 2: `data.split` must be a date or time, as "2013-04-01", found 2013
    driftguard.toml, line 2: `checks.schema` must be a table, found true
    driftguard.toml, line 2: `checks.schema.enabled` must be true or false, found the text `yes`
    driftguard.toml, line 2: `checks.schema.severity` must be one of "block", "alert", "ignore", found 1
    driftguard.toml, line 2: `checks.schema.settings` must be a table, found a list
    driftguard.toml, line 2: `budget.fuel` must be a whole number of at least 1, or "none", found 1.5
    driftguard.toml, line 2: `budget.memory-mib` must be a whole number between 1 and 4096, found the text `1 GiB`
    driftguard.toml, line 2: `budget.call-seconds` must be a number above 0 and at most 86400, found true
    "#);
}

#[test]
fn out_of_range() {
    assert_snapshot!(all_refused(&[
        "[rules]\nalpha = 0",
        "[rules]\nalpha = 0.51",
        "[rules]\nalpha = nan",
        "[rules]\nblock-at = 1.5",
        "[rules]\nmin-rows = 1",
        "[rules]\nalert-at = 0.2",
        "[rules]\nalert-at = 0.3\nblock-at = 0.3",
        "[roles]\nlabel = \"\"",
        "[roles]\nids = [\"\"]",
        "[budget]\nmemory-mib = 0",
        "[budget]\ncall-seconds = inf",
        "[budget]\nfuel = 99999999999999999999",
        "[rules]\nmin-rows = 99999999999999999999",
        "[checks.schema.settings]\na = [1, 99999999999999999999]",
        "[data]\nsplit = \"01/04/2013\"",
        "[data]\nsplit = 06:00:00",
        "[data]\nsplit-by = \"side\"",
        "[data]\ndelimiter = \"||\"",
        "[checks.mine]\nplugin = \"m.wasm\"\nsha256 = \"abc\"",
    ]), @r#"
    driftguard.toml, line 2: `rules.alpha` must be a number above 0 and at most 0.5, found 0
    driftguard.toml, line 2: `rules.alpha` must be a number above 0 and at most 0.5, found 0.51
    driftguard.toml, line 2: `rules.alpha` must be a number above 0 and at most 0.5, found NaN
    driftguard.toml, line 2: `rules.block-at` must be a number above 0 and at most 1, found 1.5
    driftguard.toml, line 2: `rules.min-rows` must be a whole number of at least 2 and at most 1000000000, found 1
    driftguard.toml, line 2: `rules.alert-at` (0.2) must be below `rules.block-at` (0.1, the default)
    driftguard.toml, line 2: `rules.alert-at` (0.3) must be below `rules.block-at` (0.3)
    driftguard.toml, line 2: `roles.label` must be a text that is not empty, found an empty text
    driftguard.toml, line 2: `roles.ids` must be a text that is not empty, found an empty text
    driftguard.toml, line 2: `budget.memory-mib` must be a whole number between 1 and 4096, found 0
    driftguard.toml, line 2: `budget.call-seconds` must be a number above 0 and at most 86400, found inf
    driftguard.toml, line 2: `budget.fuel` must be a whole number of at least 1, found 99999999999999999999
    driftguard.toml, line 2: `rules.min-rows` must be a whole number of at most 64 bits, found 99999999999999999999
    driftguard.toml, line 2: `checks.schema.settings.a` must be a whole number of at most 64 bits, found 99999999999999999999
    driftguard.toml, line 2: `data.split` must be a date or time, as "2013-04-01" or "2013-04-01T06:00:00Z", found the text `01/04/2013`
    driftguard.toml, line 2: `data.split` must be a date or time, as "2013-04-01" or "2013-04-01T06:00:00Z", found the text `06:00:00`
    driftguard.toml, line 2: `data.split-by` must be a column and its value on the current side, as "side=new", found the text `side`
    driftguard.toml, line 2: `data.delimiter` must be one ASCII character, as "," or ";", or "tab", found the text `||`
    driftguard.toml, line 3: `checks.mine.sha256` must be 64 hexadecimal digits, as `sha256sum` prints them, found the text `abc`
    "#);
}

#[test]
fn not_a_choice() {
    assert_snapshot!(all_refused(&[
        "[rules]\non-cannot-tell = \"blok\"",
        "[checks.schema]\nseverity = \"warning\"",
        "[checks.schema]\nrisk = \"Brand\"",
        "[gate]\nfail-on = \"alerts\"",
        "[budget]\nfuel = \"lots\"",
    ]), @r#"
    driftguard.toml, line 2: `rules.on-cannot-tell` cannot be `blok`: did you mean `block`?
    driftguard.toml, line 2: `checks.schema.severity` cannot be `warning`: there are `block`, `alert`, `ignore`
    driftguard.toml, line 2: `checks.schema.risk` cannot be `Brand`: did you mean `brand`?
    driftguard.toml, line 2: `gate.fail-on` cannot be `alerts`: did you mean `alert`?
    driftguard.toml, line 2: `budget.fuel` cannot be `lots`: there is only `none`
    "#);
}

#[test]
fn checks_that_are_not_there() {
    assert_snapshot!(all_refused(&[
        "\n[checks.numeric-drfit]",
        "[checks.fairness]",
        "[checks.MyCheck]\nplugin = \"m.wasm\"",
        "[checks.schema]\nplugin = \"m.wasm\"",
        "[checks.schema]\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"",
        "[checks.mine]\nplugin = \"no/such.wasm\"",
        "[checks.a]\nenabled = false\nplugin = \"m.wasm\"\n[checks.b]\nenabled = false\nplugin = \"m.wasm\"",
    ]), @r#"
    driftguard.toml, line 2: there is no check `numeric-drfit`: did you mean `numeric-drift`? (a check of your own needs `plugin = "path/to/file.wasm"`)
    driftguard.toml, line 1: there is no check `fairness`: there are `schema`, `completeness`, `numeric-drift` (a check of your own needs `plugin = "path/to/file.wasm"`)
    driftguard.toml, line 1: `MyCheck` cannot be the id of a check: use up to 64 lower-case letters, digits and single hyphens, a letter first (`my-check`)
    driftguard.toml, line 2: `schema` is built in and cannot be replaced: give your plugin an id of its own, and switch the built-in off with `enabled = false`
    driftguard.toml, line 2: `sha256` of the check `schema` pins a plugin file, but there is no `plugin`: add it, or remove `sha256`
    driftguard.toml, line 2: there is no plugin file `no/such.wasm` (looked for no/such.wasm): build it, or correct the path, which is relative to the policy file
    driftguard.toml, line 6: the plugin `m.wasm` is already that of the check `a`: a plugin holds one check; remove one of the two
    "#);
}

#[test]
fn what_excludes_each_other() {
    assert_snapshot!(all_refused(&[
        "[data]\nsplit = 2013-04-01\nsplit-by = \"a=b\"",
        "[data]\nreference = \"a\"\ncurrent = \"b\"\nsplit = 2013-04-01",
        "[roles]\nlabel = \"x\"\nids = [\"x\"]",
        "[roles]\nnumeric = [\"x\"]\ncategorical = [\n  \"x\",\n]",
        "[roles]\ntext = [\"x\", \"x\"]",
        "[roles]\nlabel = \"x\"\nignore = [\"x\"]",
    ]), @r#"
    driftguard.toml, line 3: `data.split` and `data.split-by` exclude each other: remove one
    driftguard.toml, line 4: a split, which makes the current side, and `data.current` exclude each other: remove one
    driftguard.toml, line 3: the column `x` cannot be both `label` (driftguard.toml, line 2) and `ids`: remove one
    driftguard.toml, line 4: the column `x` cannot be both `numeric` (driftguard.toml, line 2) and `categorical`: remove one
    driftguard.toml, line 2: the column `x` stands twice under `text`: remove one
    driftguard.toml, line 3: the column `x` cannot be both `label` (driftguard.toml, line 2) and `ignore`: remove one
    "#);
}

#[test]
fn columns_that_are_not_there() {
    let said = |text: &str| {
        parse(text)
            .unwrap()
            .check_columns(&["time", "temp", "wind_speed"])
            .unwrap_err()
            .to_string()
    };
    let all = [
        said("[roles]\ntimestamp = \"tiem\""),
        said("[roles]\n\nids = [\n  \"passenger\",\n]"),
        said("[checks.schema]\ncolumns = [\"rain_*\"]"),
        said("[checks.schema]\ncolumns = [\"temp\", \"tmp\"]"),
        said("[checks.schema]\nexclude = [\"windspeed\"]"),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    driftguard.toml, line 2: the column `tiem` is on neither side of the data: did you mean `time`?
    driftguard.toml, line 4: the column `passenger` is on neither side of the data: there are `time`, `temp`, `wind_speed`
    driftguard.toml, line 2: the pattern `rain_*` fits no column of the data, so `schema` would look at nothing through it: correct or remove it; the columns are `time`, `temp`, `wind_speed`
    driftguard.toml, line 2: the column `tmp` is on neither side of the data: did you mean `temp`?
    driftguard.toml, line 2: the column `windspeed` is on neither side of the data: did you mean `wind_speed`?
    "#);
}

#[test]
fn a_plugin_that_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.wasm"), "").unwrap();
    let (pin, other) = ("AB".repeat(32), "00".repeat(32));
    let text = format!("[checks.mine]\nplugin = \"m.wasm\"\nsha256 = \"{pin}\"");
    let policy = Policy::parse(&text, &folder.path().join("p.toml"), BUILT_IN).unwrap();
    let plugin = policy.check("mine").unwrap().plugin.as_ref().unwrap();
    assert_eq!(plugin.path, folder.path().join("m.wasm"));
    plugin.verify(&"ab".repeat(32)).unwrap();
    let said = plugin.verify(&other).unwrap_err().to_string();
    let said = said.replace(&format!("{}/", folder.path().display()), "");
    assert_snapshot!(said, @r#"p.toml, line 3: the plugin `m.wasm` has sha256 0000000000000000000000000000000000000000000000000000000000000000, the policy pins abababababababababababababababababababababababababababababababab: someone changed the file; if that was you, write the new digest"#);
}

proptest! {
    /// Whatever the file holds, the answer is a policy or a message.
    #[test]
    fn never_a_panic(text in any::<String>()) {
        _ = parse(&text);
    }

    /// The same for files that are nearly right. What the shape check lets
    /// through, serde reads: its poorer messages are never seen.
    #[test]
    fn serde_has_nothing_to_add(
        table in prop::sample::select(vec!["data", "roles", "rules", "checks.schema", "checks", "budget", "gate", "checks.schema.budget"]),
        key in prop::sample::select(vec![
            "reference", "split", "label", "ids", "alpha", "min-rows", "schema", "enabled", "severity", "risk",
            "columns", "settings", "budget", "memory-mib", "call-seconds", "fuel", "fail-on", "on-cannot-tell",
        ]),
        value in prop::sample::select(vec![
            "1", "0x10", "-1", "0.2", "nan", "true", "'a'", "'alert'", "'none'", "''", "[]", "['a']", "[1]", "[['a']]",
            "{}", "{ a = 1 }", "2013-04-01", "99999999999999999999", "'''a\nb'''",
        ]),
    ) {
        let parsed = parse(&format!("[{table}]\n{key} = {value}\n"));
        prop_assert!(!matches!(parsed, Err(PolicyError::Syntax { .. })), "{:?}", parsed);
    }
}
