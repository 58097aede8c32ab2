//! Settings of a check.

use driftguard_verdict::{SettingSpec, SettingValue};
use insta::assert_snapshot;
use serde_json::json;

use super::super::{TypedSettings, resolve_settings, setting_schema};
use super::*;

pub(super) fn spec(name: &str, default: SettingValue) -> SettingSpec {
    let help = format!("Help of {name}.");
    SettingSpec {
        name: name.into(),
        help,
        default,
        minimum: None,
        maximum: None,
        choices: vec![],
    }
}

/// One of each type.
pub(super) fn specs() -> Vec<SettingSpec> {
    vec![
        SettingSpec {
            minimum: Some(16.0),
            maximum: Some(4096.0),
            ..spec("sample-rows", SettingValue::Integer(512))
        },
        SettingSpec {
            minimum: Some(0.0),
            ..spec("epsilon", SettingValue::Number(1e-4))
        },
        spec("trim", SettingValue::Flag(false)),
        SettingSpec {
            choices: vec!["psi".into(), "ks".into()],
            ..spec("metric", SettingValue::Text("psi".into()))
        },
        spec("units", SettingValue::Texts(vec!["a \"b\"\n".into()])),
        SettingSpec {
            maximum: Some(1.0),
            ..spec("levels", SettingValue::Numbers(vec![0.5, 1.0]))
        },
    ]
}

fn typed(settings: &str) -> TypedSettings {
    let policy = parse(&format!("[checks.numeric-drift.settings]\n{settings}")).unwrap();
    policy.check("numeric-drift").unwrap().settings.clone()
}

fn resolve(settings: &str) -> Result<Vec<(String, SettingValue)>, PolicyError> {
    resolve_settings("numeric-drift", &specs(), &typed(settings))
}

#[test]
fn defaults_fill_in() {
    let defaults: Vec<_> = specs()
        .into_iter()
        .map(|spec| (spec.name, spec.default))
        .collect();
    assert_eq!(resolve("").unwrap(), defaults);
    let some =
        resolve("units = []\nlevels = [1, 0.25]\nepsilon = 1\nmetric = 'ks'\nsample-rows = 16")
            .unwrap();
    let values: Vec<_> = some.into_iter().map(|(_, value)| value).collect();
    assert_eq!(
        values,
        [
            SettingValue::Integer(16),
            SettingValue::Number(1.0),
            SettingValue::Flag(false),
            SettingValue::Text("ks".into()),
            SettingValue::Texts(vec![]),
            SettingValue::Numbers(vec![1.0, 0.25]),
        ]
    );
}

#[test]
fn refusals() {
    let said = |settings| resolve(settings).unwrap_err().to_string();
    let all = [
        said("sample-row = 100"),
        said("colour = 100"),
        said("\nsample-rows = 5000"),
        said("sample-rows = 512.0"),
        said("epsilon = -0.5"),
        said("epsilon = nan"),
        said("trim = 1"),
        said("metric = \"kss\""),
        said("units = [\"a\", 1]"),
        said("levels = [0.5, 2]"),
        said("levels = {}"),
        resolve_settings("schema", &[], &typed("x = 1"))
            .unwrap_err()
            .to_string(),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    driftguard.toml, line 2: the check `numeric-drift` has no setting `sample-row`: did you mean `sample-rows`?
    driftguard.toml, line 2: the check `numeric-drift` has no setting `colour`: there are `sample-rows`, `epsilon`, `trim`, `metric`, `units`, `levels`
    driftguard.toml, line 3: `checks.numeric-drift.settings.sample-rows` must be a whole number between 16 and 4096, found 5000
    driftguard.toml, line 2: `checks.numeric-drift.settings.sample-rows` must be a whole number between 16 and 4096, found 512.0
    driftguard.toml, line 2: `checks.numeric-drift.settings.epsilon` must be a number of at least 0, found -0.5
    driftguard.toml, line 2: `checks.numeric-drift.settings.epsilon` must be a number of at least 0, found NaN
    driftguard.toml, line 2: `checks.numeric-drift.settings.trim` must be true or false, found 1
    driftguard.toml, line 2: `checks.numeric-drift.settings.metric` cannot be `kss`: did you mean `ks`?
    driftguard.toml, line 2: `checks.numeric-drift.settings.units` must be a list of texts, found a list with something else in it
    driftguard.toml, line 2: `checks.numeric-drift.settings.levels` must be a list of numbers of at most 1, found 2
    driftguard.toml, line 2: `checks.numeric-drift.settings.levels` must be a list of numbers of at most 1, found a table
    driftguard.toml, line 2: the check `schema` has no setting `x`: there are none
    "#);
}

#[test]
fn a_plugin_that_describes_itself_wrongly() {
    let said = |specs: &[SettingSpec]| {
        resolve_settings("mine", specs, &TypedSettings::default())
            .unwrap_err()
            .to_string()
    };
    let far = SettingSpec {
        maximum: Some(1.0),
        ..spec("far", SettingValue::Integer(2))
    };
    let all = [
        said(&[far]),
        said(&[
            spec("a", SettingValue::Flag(true)),
            spec("a", SettingValue::Integer(1)),
        ]),
        said(&[spec("", SettingValue::Flag(true))]),
    ];
    assert_snapshot!(all.join("\n"), @r#"
    the plugin of the check `mine` describes its setting `far` wrongly: its default is outside its own bounds or choices; this is a fault of the plugin: report it to its author, or switch the check off with `enabled = false`
    the plugin of the check `mine` describes its setting `a` wrongly: there are two of that name; this is a fault of the plugin: report it to its author, or switch the check off with `enabled = false`
    the plugin of the check `mine` describes its setting `` wrongly: it has no name; this is a fault of the plugin: report it to its author, or switch the check off with `enabled = false`
    "#);
}

#[test]
fn the_schema_of_settings() {
    let schema = setting_schema(&specs());
    let item = |name: &str| schema["properties"][name].clone();
    let rows = json!({
        "type": "integer", "minimum": 16, "maximum": 4096, "description": "Help of sample-rows.", "default": 512,
    });
    assert_eq!(item("sample-rows"), rows);
    assert_eq!(item("metric")["enum"], json!(["psi", "ks"]));
    let levels = json!({
        "type": "array", "items": { "type": "number", "maximum": 1 },
        "description": "Help of levels.", "default": [0.5, 1.0],
    });
    assert_eq!(item("levels"), levels);
    assert_eq!(schema["additionalProperties"], json!(false));
}
