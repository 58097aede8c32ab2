//! Files that are no plugins, and what a plugin says of itself.

use std::time::Duration;

use driftguard_sandbox::budget::MAX_WASM_BYTES;
use driftguard_sandbox::{Budget, Origin, Plugin, SandboxError as E};
use driftguard_test_plugins::plugin;
use insta::assert_snapshot;

use crate::support::{budget, engine, hostile, lines, others_live};

fn load(bytes: &[u8]) -> Result<Plugin, E> {
    let budget = Budget {
        call: Duration::from_millis(500),
        ..budget()
    };
    engine().load(bytes, &Origin::File("evil.wasm".into()), &budget)
}

fn refused(bytes: &[u8]) -> E {
    let error = load(bytes).unwrap_err();
    others_live(hostile());
    error
}

/// Magic, version and layer of a component.
const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [&[id, u8::try_from(body.len()).unwrap()], body].concat()
}

fn name(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// A component that imports an interface and nothing else. With `function`
/// the interface holds a function of that name, without parameters.
fn importing(interface: &str, function: Option<&str>) -> Vec<u8> {
    // Type section: one instance type.
    let mut instance = vec![1, 0x42];
    match function {
        None => instance.push(0),
        // Two declarations: a function type, and an export of that type.
        Some(function) => {
            instance.extend([2, 0x01, 0x40, 0, 0x01, 0, 0x04, 0x00]);
            instance.extend(name(function));
            instance.extend([0x01, 0]);
        }
    }
    // Import section: one instance of type 0.
    let import = [&[1, 0x00], name(interface).as_slice(), &[0x05, 0]].concat();
    [
        COMPONENT.to_vec(),
        section(7, &instance),
        section(10, &import),
    ]
    .concat()
}

#[test]
fn files_that_are_no_components() {
    let core_module = b"\0asm\x01\0\0\0";
    let errors = [
        refused(b""),
        refused(b"\0asm"),
        refused(b"MZ\x90 not WebAssembly at all"),
        refused(core_module),
    ];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::NotAComponent { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    plugin evil.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component
    plugin evil.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component
    plugin evil.wasm is not a WebAssembly component: it does not begin with the WebAssembly magic number; build it with the driftguard SDK and turn the module into a component
    plugin evil.wasm is not a WebAssembly component: it is a core module; build it with the driftguard SDK and turn the module into a component
    "#);
}

#[test]
fn a_file_that_is_too_large() {
    let error = refused(&vec![0; MAX_WASM_BYTES + 1]);
    assert!(matches!(error, E::TooLarge { .. }));
    assert_snapshot!(error, @r#"plugin evil.wasm has 67108865 bytes, the limit is 67108864; build it with optimisation and without debug information"#);
}

#[test]
fn damaged_components_do_not_compile() {
    let whole = plugin("hostile");
    let cut = &whole[..whole.len() / 2];
    let mut noise = whole.to_vec();
    noise
        .iter_mut()
        .skip(8)
        .step_by(97)
        .for_each(|byte| *byte = !*byte);
    let errors = [
        refused(cut),
        refused(&noise),
        refused(&[&COMPONENT[..], &[0xff; 9]].concat()),
    ];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::Compile { .. })),
        "{errors:?}"
    );
}

#[test]
fn imports_beyond_the_world_are_refused() {
    let errors = [
        refused(&importing("wasi:filesystem/types@0.2.0", None)),
        refused(&importing("wasi:clocks/wall-clock@0.2.0", Some("now"))),
        refused(&importing("driftguard:check/data@0.2.0", None)),
        refused(&importing("driftguard:check/secrets@0.1.0", None)),
        refused(&importing("exit", None)),
    ];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::ForbiddenImport { .. })),
        "{errors:?}"
    );
    assert_snapshot!(lines(&errors), @r#"
    plugin evil.wasm imports `wasi:filesystem/types@0.2.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    plugin evil.wasm imports `wasi:clocks/wall-clock@0.2.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    plugin evil.wasm imports `driftguard:check/data@0.2.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    plugin evil.wasm imports `driftguard:check/secrets@0.1.0`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    plugin evil.wasm imports `exit`, which driftguard does not offer; a plugin may import only driftguard:check@0.1.0 (`data`, `types`, `log`): no files, network, clock or environment
    "#);
}

#[test]
fn a_function_that_is_not_in_the_interface_is_refused() {
    let error = refused(&importing("driftguard:check/log@0.1.0", Some("open-file")));
    assert!(matches!(error, E::OtherWorld { .. }), "{error:?}");
    assert_snapshot!(error, @r#"plugin evil.wasm is not made for the world driftguard:check@0.1.0/plugin: component imports instance `driftguard:check/log@0.1.0`, but a matching implementation was not found in the linker: instance export `open-file` has the wrong type: function implementation is missing"#);
}

#[test]
fn a_component_without_a_check_is_refused() {
    let error = refused(&COMPONENT);
    assert!(matches!(error, E::OtherWorld { .. }), "{error:?}");
    assert_snapshot!(error, @r#"plugin evil.wasm is not made for the world driftguard:check@0.1.0/plugin: no exported instance named `driftguard:check/check@0.1.0`"#);
}

/// The hostile plugin with another mode of describing itself.
fn described(mode: &str) -> Result<Plugin, E> {
    let mark = b"describe-mode:calm";
    let mut bytes = plugin("hostile").to_vec();
    let found: Vec<usize> = bytes
        .windows(mark.len())
        .enumerate()
        .filter_map(|(position, window)| (window == mark).then_some(position))
        .collect();
    let [position] = found[..] else {
        panic!("the mode is {} times in the plugin", found.len());
    };
    bytes[position + mark.len() - 4..position + mark.len()].copy_from_slice(mode.as_bytes());
    load(&bytes)
}

#[test]
fn descriptions_that_are_not_usable() {
    let modes = ["name", "long", "none", "many", "same", "wide", "nans"];
    let errors = modes.map(|mode| described(mode).unwrap_err());
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::BadDescriptor { .. })),
        "{errors:?}"
    );
    assert_snapshot!(lines(&errors), @r#"
    plugin evil.wasm describes itself wrongly: id `Hostile �[2J�../../etc` is not kebab case of at most 64 letters
    plugin evil.wasm describes itself wrongly: id `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is not kebab case of at most 64 letters
    plugin evil.wasm describes itself wrongly: id `` is not kebab case of at most 64 letters
    plugin evil.wasm describes itself wrongly: references has 129 entries, the limit is 128
    plugin evil.wasm describes itself wrongly: setting `attack` is not a unique name in kebab case
    plugin evil.wasm describes itself wrongly: setting `attack` has 10000 choices, the limit is 128
    plugin evil.wasm describes itself wrongly: setting `attack` has a bound that is not a number
    "#);
    others_live(hostile());
}

#[test]
fn describing_is_a_call_like_every_other() {
    let errors = ["spin", "fall", "bomb", "huge"].map(|mode| described(mode).unwrap_err());
    assert!(
        matches!(
            errors,
            [
                E::TimedOut { .. },
                E::Panicked { .. },
                E::OutOfMemory { .. },
                E::Unreadable { .. }
            ]
        ),
        "{errors:?}"
    );
    assert_snapshot!(errors[0], @r#"check `evil.wasm` was stopped in `describe`: it ran longer than 0.5 s; raise `call-seconds` in [checks.evil.wasm.budget] if that is too little"#);
    others_live(hostile());
}

#[test]
fn a_description_is_cleaned() {
    let plugin = described("evil").unwrap();
    assert_snapshot!(plugin.descriptor.title, @r#"title�[2J�verdict: pass"#);
}
