//! Files that are no plugins of this host, and plugins that are not the ones
//! meant: exit code 3; and what a run says of a plugin that fails. Each way
//! to fail is tested in `tests/attack`.

use driftguard_test_plugins::plugin;
use insta::assert_snapshot;

use crate::support::{Folder, fixture};

/// Magic, version and layer of a component.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// What `check` says to a policy with a plugin file of these bytes.
fn refusal(bytes: &[u8]) -> String {
    refusal_of("[checks.own]\nplugin = \"own.wasm\"\n", bytes)
}

fn refusal_of(policy: &str, bytes: &[u8]) -> String {
    let folder = Folder::new();
    folder
        .write("driftguard.toml", policy)
        .write("own.wasm", bytes);
    let data = fixture("flights/reference.parquet");
    let arguments = ["check", "-r", &data, "-c", &data, "-p", "driftguard.toml"];
    folder.run(&arguments).refusal()
}

/// A component that imports one empty interface and exports nothing.
fn importing(interface: &str) -> Vec<u8> {
    let length = |bytes: &[u8]| u8::try_from(bytes.len()).expect("one byte of length");
    let section = |id: u8, body: &[u8]| [&[id, length(body)], body].concat();
    // One type: an instance without declarations.
    let types = section(7, &[1, 0x42, 0]);
    // One import: a name, and an instance of that type.
    let name = [&[1, 0, length(interface.as_bytes())], interface.as_bytes()].concat();
    let imports = section(10, &[&name[..], &[5, 0]].concat());
    [COMPONENT, &types, &imports].concat()
}

#[test]
fn no_components() {
    assert_snapshot!(refusal(b""), @"
    exit 3
    error: plugin own.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component
    ");
    assert_snapshot!(refusal(b"print('hello')\n"), @"
    exit 3
    error: plugin own.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component
    ");
    assert_snapshot!(refusal(b"\0asm\x01\0\0\0"), @"
    exit 3
    error: plugin own.wasm is not a WebAssembly component: it is a core module; build it with the driftguard SDK and turn the module into a component
    ");
    assert_snapshot!(refusal(&[COMPONENT, b"\xff\x01\x00"].concat()), @"
    exit 3
    error: plugin own.wasm cannot be compiled: failed to parse WebAssembly module: malformed section id (at offset 0x8)
    ");
}

#[test]
fn made_for_another_world() {
    assert_snapshot!(refusal(COMPONENT), @"
    exit 3
    error: plugin own.wasm is not made for the world driftguard:check@0.1.0/plugin: no exported instance named `driftguard:check/check@0.1.0`
    ");
    assert_snapshot!(refusal(&importing("wasi:cli/environment@0.2.0")), @"
    exit 3
    error: plugin own.wasm imports `wasi:cli/environment@0.2.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    ");
    assert_snapshot!(refusal(&importing("driftguard:check/data@0.9.0")), @"
    exit 3
    error: plugin own.wasm imports `driftguard:check/data@0.9.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    ");
}

#[test]
fn not_there() {
    assert_snapshot!(refusal_of("[checks.own]\nplugin = \"plugins/own.wasm\"\n", b""), @"
    exit 3
    error: driftguard.toml, line 2: there is no plugin file `plugins/own.wasm` (looked for plugins/own.wasm): build it, or correct the path, which is relative to the policy file
    ");
}

#[test]
fn pinned_to_another_file() {
    let pin = "ab".repeat(32);
    let policy = format!("[checks.own]\nplugin = \"own.wasm\"\nsha256 = \"{pin}\"\n");
    assert_snapshot!(refusal_of(&policy, b"text"), @"
    exit 3
    error: driftguard.toml, line 3: the plugin `own.wasm` has sha256 982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1, the policy pins abababababababababababababababababababababababababababababababab: someone changed the file; if that was you, write the new digest
    ");
}

#[test]
fn under_another_name() {
    assert_snapshot!(refusal(plugin("zero-share")), @"
    exit 3
    error: driftguard.toml, line 1: plugin own.wasm calls itself `zero-share`, the policy `own`: write [checks.zero-share]
    ");
}

#[test]
fn in_the_place_of_a_built_in_check() {
    assert_snapshot!(refusal_of("[checks.schema]\nplugin = \"own.wasm\"\n", b""), @"
    exit 3
    error: driftguard.toml, line 2: `schema` is built in and cannot be replaced: give your plugin an id of its own, and switch the built-in off with `enabled = false`
    ");
}

#[test]
fn a_plugin_runs_on_its_grant_alone() {
    let folder = Folder::new();
    let policy = "[checks.zero-share]\nplugin = \"own.wasm\"\ncolumns = [\"temp\", \"wind_*\"]\n";
    folder
        .write("driftguard.toml", policy)
        .write("own.wasm", plugin("zero-share"));
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/unchanged.parquet"),
    );
    let ran = folder.check(&["-r", &reference, "-c", &current, "-p", "driftguard.toml"]);
    let document = ran.document();
    assert_eq!(ran.code, 0);
    let plugins = document["plugins"].as_array().expect("a list of plugins");
    let own = plugins
        .iter()
        .find(|plugin| plugin["check"] == "zero-share")
        .expect("it ran");
    assert_eq!(own["columns"], serde_json::json!(["temp", "wind_speed"]));
}

/// A run with the hostile plugin: its exit code, verdict, reason, and failures.
fn failed(attack: &str, call: &str, budget: &str) -> String {
    let folder = Folder::new();
    let policy = format!(
        "[checks.hostile]\nplugin = \"own.wasm\"\ncolumns = [\"temp\"]\n\
         [checks.hostile.settings]\nattack = \"{attack}\"\ncall = \"{call}\"\n\
         [checks.hostile.budget]\n{budget}\n"
    );
    folder
        .write("driftguard.toml", policy)
        .write("own.wasm", plugin("hostile"));
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/unchanged.parquet"),
    );
    let ran = folder.check(&["-r", &reference, "-c", &current, "-p", "driftguard.toml"]);
    let document = ran.document();
    let mut lines = vec![format!(
        "exit {}\n{} {}",
        ran.code, document["verdict"], document["reason"]
    )];
    for failure in document["failures"].as_array().expect("a list") {
        lines.push(format!("{}: {}", failure["column"], failure["message"]));
    }
    lines.join("\n")
}

#[test]
fn a_plugin_that_traps() {
    for call in ["fit", "begin", "update", "save", "compare"] {
        let said = failed("abort", call, "");
        assert!(
            said.starts_with("exit 3\n\"error\" \"CHECK_FAILED\"\n"),
            "{said}"
        );
    }
    let said = [
        ("abort", "update"),
        ("index", "compare"),
        ("recursion", "fit"),
    ];
    let said = said.map(|(attack, call)| failed(attack, call, ""));
    assert_snapshot!(said.join("\n\n"), @r#"
    exit 3
    "error" "CHECK_FAILED"
    "temp": "check `hostile` trapped in `profile.update`: wasm trap: wasm `unreachable` instruction executed"

    exit 3
    "error" "CHECK_FAILED"
    "temp": "check `hostile` panicked in `compare`: panic: index out of bounds: the len is 3 but the index is 10"

    exit 3
    "error" "CHECK_FAILED"
    "temp": "check `hostile` trapped in `fit`: wasm trap: out of bounds memory access"
    "#);
}

#[test]
fn a_plugin_that_wants_too_much() {
    assert_snapshot!(failed("spin", "update", "call-seconds = 0.2"), @r#"
    exit 3
    "error" "CHECK_FAILED"
    "temp": "check `hostile` was stopped in `profile.update`: it ran longer than 0.2 s; raise `call-seconds` in [checks.hostile.budget] if that is too little"
    "#);
    // The exact sizes are those of the plugin's allocator.
    for (attack, call, key) in [
        ("memory", "update", "memory-mib = 16"),
        ("flood", "compare", "traffic-mib = 1"),
        ("refused-memory-then-panic", "update", ""),
    ] {
        let said = failed(attack, call, key);
        assert!(
            said.starts_with("exit 3\n\"error\" \"CHECK_FAILED\"\n"),
            "{said}"
        );
        let name = key.split(' ').next().unwrap_or_default();
        let named = format!("`{name}` in [checks.hostile.budget]");
        assert!(key.is_empty() || said.contains(&named), "{said}");
    }
}

/// A budget that is too small for a plugin to describe itself is told under
/// the name that the policy knows.
#[test]
fn a_plugin_that_cannot_describe_itself() {
    let policy =
        "[checks.zero-share]\nplugin = \"own.wasm\"\n[checks.zero-share.budget]\nfuel = 1\n";
    assert_snapshot!(refusal_of(policy, plugin("zero-share")), @"
    exit 3
    error: check `zero-share` was stopped in `instantiate`: it used up its fuel of 1; raise `fuel` in [checks.zero-share.budget] if that is too little
    ");
}
