//! `explain`, `checks`, `init` and `schema`.

use serde_json::Value;

use crate::support::{Folder, fixture};

const REASONS: [&str; 22] = [
    "STABLE",
    "RELEASE_NEUTRAL",
    "CANNOT_TELL",
    "SLOW_DRIFT",
    "FAR_FROM_ANCHOR",
    "INPUT_DRIFT",
    "OUTPUT_DRIFT",
    "INPUT_AND_OUTPUT_DRIFT",
    "ANSWERS_WORSE",
    "LABEL_SHIFT",
    "DATA_DRIFT_BENIGN",
    "DATA_DRIFT_ADAPTED",
    "DATA_CHANGED_BEHAVIOUR",
    "CODE_CHANGED_BEHAVIOUR",
    "CODE_AND_DATA_CHANGED_BEHAVIOUR",
    "DATA_DRIFT_HARMFUL",
    "CONCEPT_DRIFT",
    "CONFOUNDED",
    "UNEXPLAINED_OUTPUT_CHANGE",
    "PROVENANCE_MISSING",
    "DATA_QUALITY",
    "CHECK_FAILED",
];

/// Ids of the built-in checks, in the catalogue's order.
fn ids() -> Vec<String> {
    let catalogue = Folder::new().run(&["checks", "--json"]).document();
    let checks = catalogue["checks"]
        .as_array()
        .expect("a list of checks")
        .clone();
    checks
        .iter()
        .map(|check| check["id"].as_str().expect("an id").to_owned())
        .collect()
}

#[test]
fn the_catalogue_holds_the_first_checks() {
    let expected = [
        "categorical-drift",
        "change-point",
        "completeness",
        "domain-classifier",
        "embedding",
        "estimated-performance",
        "fairness-drift",
        "joint-drift",
        "numeric-drift",
        "output-drift",
        "reconstruction",
        "schema",
        "segments",
        "text",
        "timeliness",
        "uniqueness",
        "validity",
    ];
    let known = ids();
    assert!(known.is_sorted(), "{known:?}");
    assert!(
        expected
            .iter()
            .all(|id| known.iter().any(|known| known == id)),
        "{known:?}"
    );
    let page = Folder::new().run(&["checks"]);
    assert_eq!((page.code, page.stderr.as_str()), (0, ""));
    assert!(
        expected.iter().all(|id| page.stdout.contains(id)),
        "{}",
        page.stdout
    );
}

/// A dear check is in the catalogue and in `init`'s policy, runs only where a
/// policy asks for it, and says why.
#[test]
fn a_dear_check_has_to_be_asked_for() {
    let folder = Folder::new();
    let catalogue = folder.run(&["checks", "--json"]).document();
    let entry = |id: &str| {
        let checks = catalogue["checks"].as_array().expect("a list of checks");
        let found = checks.iter().find(|check| check["id"] == id);
        found.expect("in the catalogue").clone()
    };
    assert_eq!(entry("schema")["opt-in"], Value::Null);
    assert_eq!(entry("schema")["runs"], true);
    assert_eq!(entry("joint-drift")["runs"], false);
    let why = entry("joint-drift")["opt-in"]
        .as_str()
        .expect("a reason")
        .to_owned();
    let page = folder.run(&["explain", "joint-drift"]);
    let words = page.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&why), "{}", page.stdout);

    let (reference, current) = (
        fixture("flights_quickstart/reference_february.csv"),
        fixture("flights_quickstart/current_july.csv"),
    );
    let sides = ["--reference", &reference, "--current", &current];
    let ran = |more: &[&str]| {
        let arguments: Vec<&str> = [&["check", "--json"], &sides[..], more].concat();
        let document = folder.run(&arguments).document();
        let plugins = document["plugins"].as_array().expect("a list of plugins");
        plugins
            .iter()
            .any(|plugin| plugin["check"] == "joint-drift")
    };
    assert!(!ran(&[]));
    folder.write("ask.toml", "version = 1\n[checks.joint-drift]\n");
    assert!(ran(&["--policy", "ask.toml"]));
    folder.write(
        "off.toml",
        "version = 1\n[checks.joint-drift]\nenabled = false\n",
    );
    assert!(!ran(&["--policy", "off.toml"]));
}

#[test]
fn every_reason_and_every_check_is_explained() {
    let folder = Folder::new();
    let known = folder.run(&["explain"]);
    assert!(
        REASONS.iter().all(|code| known.stdout.contains(code)),
        "{}",
        known.stdout
    );
    assert_eq!(
        known.stdout.lines().count(),
        REASONS.len(),
        "{}",
        known.stdout
    );
    for name in REASONS.map(str::to_owned).into_iter().chain(ids()) {
        let page = folder.run(&["explain", &name]);
        assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{name}");
        assert!(
            page.stdout.contains(&name) && page.stdout.len() > 100,
            "{}",
            page.stdout
        );
    }
    assert_eq!(folder.run(&["explain", "stable"]).code, 0);
}

#[test]
fn the_policy_that_init_writes_gives_the_same_answer() {
    let folder = Folder::new();
    let reference = fixture("flights/reference.parquet");
    let wrote = folder.run(&["init", "-r", &reference]);
    insta::assert_snapshot!(format!("exit {}\n{}", wrote.code, wrote.stderr), @"
    exit 0
    wrote driftguard.toml: read it, then run `driftguard check --policy driftguard.toml`
    ");
    for current in ["celsius", "unchanged"] {
        let current = fixture(&format!("flights/{current}.parquet"));
        let plain = folder.check(&["--reproducible", "-r", &reference, "-c", &current]);
        let policy = ["--reproducible", "-p", "driftguard.toml", "-c", &current];
        let guarded = folder.check(&policy);
        assert_eq!(guarded.code, plain.code, "{}", guarded.stderr);
        let (mut guarded, mut plain) = (guarded.document(), plain.document());
        // Roles now stand in the policy; that is the only difference.
        for document in [&mut guarded, &mut plain] {
            for role in document["roles"].as_array_mut().expect("roles are a list") {
                role["why"] = Value::Null;
            }
        }
        assert_eq!(guarded, plain);
    }
}

#[test]
fn init_keeps_what_is_there() {
    let folder = Folder::new();
    folder.write("driftguard.toml", "version = 1\n");
    let reference = fixture("flights/reference.parquet");
    let init = ["init", "-r", &reference];
    insta::assert_snapshot!(folder.run(&init).refusal(), @"
    exit 3
    error: driftguard.toml cannot be written; --force overwrites, --output names another file: File exists (os error 17)
    ");
    let kept = std::fs::read_to_string(folder.path("driftguard.toml")).expect("it is there");
    assert_eq!(kept, "version = 1\n");
    assert_eq!(folder.run(&[&init[..], &["--force"]].concat()).code, 0);
    let written = std::fs::read_to_string(folder.path("driftguard.toml")).expect("it is there");
    let printed = folder.run(&[&init[..], &["-o", "-"]].concat());
    assert_eq!((printed.code, printed.stdout), (0, written));
}

#[test]
fn the_schema_of_the_verdict_is_the_committed_one() {
    let printed = Folder::new().run(&["schema", "verdict"]);
    assert_eq!(printed.code, 0);
    assert!(printed.stdout == include_str!("../../docs/schema/verdict.v1.json"));
}

/// What it takes and refuses is tested where it is made; here, that it knows
/// the settings of the plugins that were built.
#[test]
fn the_schema_of_the_policy_knows_every_check() {
    let schema = Folder::new().run(&["schema", "policy"]).document();
    assert!(schema["$schema"].is_string());
    let text = schema.to_string();
    for id in ids() {
        assert!(text.contains(&format!("\"{id}\"")), "{id}");
    }
    assert!(text.contains("sample-rows"));
}

#[test]
fn help_and_version_are_no_failure() {
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["init", "-h"],
    ] {
        let page = Folder::new().run(arguments);
        assert_eq!((page.code, page.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(page.stdout.contains("driftguard"), "{}", page.stdout);
    }
}
