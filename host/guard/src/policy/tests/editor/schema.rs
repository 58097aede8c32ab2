//! The JSON Schema of the policy.

use super::*;

fn schema_of(checks: &[(&str, &[SettingSpec])]) -> jsonschema::Validator {
    jsonschema::validator_for(&policy_schema(checks)).unwrap()
}

fn as_json(text: &str) -> serde_json::Value {
    serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap()
}

#[test]
fn the_schema_knows_the_template() {
    let specs = specs();
    for schema in [
        schema_of(&[]),
        schema_of(&[("schema", &[]), ("numeric-drift", &specs)]),
    ] {
        for text in [template(&input()), switched_on(&template(&input()))] {
            let problems: Vec<_> = schema
                .iter_errors(&as_json(&text))
                .map(|error| error.to_string())
                .collect();
            assert!(problems.is_empty(), "{problems:?}");
        }
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let specs = [SettingSpec {
        maximum: Some(9.0),
        ..spec("n", SettingValue::Integer(1))
    }];
    let schema = schema_of(&[("schema", &[]), ("numeric-drift", &specs)]);
    for bad in [
        "version = 2",
        "alpha = 1",
        "[rules]\nalfa = 0.1",
        "[rules]\nalpha = 0",
        "[rules]\non-cannot-tell = 'maybe'",
        "[roles]\nids = 'a'",
        "[checks.fairness]",
        "[checks.schema]\nplugin = 'a.wasm'",
        "[checks.numeric-drift.settings]\nn = 10",
        "[checks.numeric-drift.settings]\nm = 1",
        "[budget]\nfuel = 0",
        "[history]\nclose-p = 0",
        "[gate]\nfail-on = 'never'",
    ] {
        assert!(!schema.is_valid(&as_json(bad)), "{bad}");
    }
    assert!(schema.is_valid(&as_json(
        "[checks.mine]\nplugin = 'a.wasm'\nsettings = { a = [1, 2] }"
    )));
}

#[test]
fn the_committed_schema_is_this_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/policy.v1.json");
    let wanted = serde_json::to_string_pretty(&policy_schema(&[])).unwrap() + "\n";
    if std::env::var_os("DRIFTGUARD_BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&file, &wanted).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == wanted,
        "docs/schema/policy.v1.json is not what the code says; look at the change, then run: \
         DRIFTGUARD_BLESS=1 cargo test --release -p driftguard-guard policy"
    );
}

proptest! {
    #[test]
    fn any_name_and_reason_gives_a_template(
        names in prop::collection::btree_set("\\PC{1,12}|(.|\n){1,6}", 1..6),
        reason in any::<String>(),
    ) {
        let columns = names.iter().map(|name| TemplateColumn {
            name: name.clone(), role: Role::Id, kind: Kind::Text, reason: reason.clone(),
        });
        let input = TemplateInput { columns: columns.collect(), ..TemplateInput::default() };
        let policy = parse(&template(&input)).unwrap();
        prop_assert!(policy.roles.columns(Slot::Id).eq(names.iter().map(String::as_str)));
    }
}
