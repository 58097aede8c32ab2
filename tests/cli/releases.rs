//! What `driftguard check` replays: the canary, and two releases.
#![cfg(unix)]

use super::replay::{model, number};
use crate::support::random::normals;
use crate::support::{Folder, Table};

const ROWS: usize = 3_000;

/// Inputs with the score that was logged: `sigma(2 a + b + intercept)`.
fn logged(seed: u64, moved: f64, intercept: f64) -> Table {
    let (a, b) = (normals(seed, ROWS, moved), normals(seed + 50, ROWS, 0.0));
    let score = a.iter().zip(&b).map(|(a, b)| {
        let z = 2.0 * a.unwrap_or(0.0) + b.unwrap_or(0.0) + intercept;
        Some(1.0 / (1.0 + (-z).exp()))
    });
    let score = score.collect();
    Table::default()
        .floats("a", a)
        .floats("b", b)
        .floats("score", score)
}

/// Two releases with their fingerprints, and a policy that asks for so much.
fn releases(moved: f64, asked: &str) -> Folder {
    let folder = Folder::new();
    folder.sides(&logged(1, 0.0, 0.0), &logged(2, moved, 1.0));
    model(&folder, "old.awk", 0.0);
    model(&folder, "new.awk", 1.0);
    let common = "stdin = \"csv\"\ninputs = [\"a\", \"b\"]\n";
    folder.write(
        "driftguard.toml",
        format!(
            "[roles]\nscore = \"score\"\nnumeric = [\"a\", \"b\"]\n\
             [model]\ncommand = \"awk -f new.awk\"\n{common}{asked}\n\
             [model.old]\ncommand = \"awk -f old.awk\"\n{common}"
        ),
    );
    for (out, model) in [("old.json", "old.awk"), ("new.json", "new.awk")] {
        folder.fingerprint(out, model);
    }
    folder
}

const RELEASES: [&str; 7] = [
    "--allow-commands",
    "--policy",
    "driftguard.toml",
    "--reference-fingerprint",
    "old.json",
    "--fingerprint",
    "new.json",
];

/// Code and data both changed: logs cannot tell them apart, a replay can.
#[test]
fn check_resolves_what_is_confounded() {
    let without = releases(0.5, "").check_sides(&RELEASES);
    assert_eq!(without.document()["reason"], "CONFOUNDED");
    assert_eq!(without.document().get("replay"), None);

    let folder = releases(0.5, "check-replay = true");
    let with = folder.check_sides(&RELEASES).document();
    assert_eq!(with["reason"], "CODE_AND_DATA_CHANGED_BEHAVIOUR");
    let part = |name: &str| number(&with, &format!("/replay/metrics/0/{name}/value"));
    assert_eq!(part("data") + part("code"), part("total"));
    let sides = ["check", "-r", "reference.parquet", "-c", "current.parquet"];
    let page = folder.run(&[&sides, RELEASES.as_slice()].concat()).stdout;
    assert!(page.contains("it is the data's part"), "{page}");
}

/// The canary of a check: other bytes and the same answers are no change, equal
/// digests and other answers are one.
#[test]
fn check_replays_the_canary() {
    let folder = releases(0.5, "canary = \"c.arrow\"\ncheck-canary = true");
    let made = folder.run(&[
        "replay",
        "--policy",
        "driftguard.toml",
        "-r",
        "reference.parquet",
        "--make-canary",
        "c.arrow",
    ]);
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    // A release by its digests; the function is the one that answered.
    let same = folder.check_sides(&RELEASES).document();
    assert_eq!(same["canary"]["same"], true);
    assert_eq!(same["reason"], "DATA_CHANGED_BEHAVIOUR");
    let digests = [
        "--allow-commands",
        "--policy",
        "driftguard.toml",
        "--reference-fingerprint",
        "new.json",
        "--fingerprint",
        "new.json",
    ];
    model(&folder, "new.awk", 1.5);
    let hidden = folder.check_sides(&digests);
    assert_eq!(
        (hidden.code, hidden.document()["reason"].as_str()),
        (1, Some("UNEXPLAINED_OUTPUT_CHANGE"))
    );
    // A model that fails is no verdict.
    folder.write("new.awk", "BEGIN { exit 1 }");
    assert_eq!(folder.check_sides(&digests).code, 3);
}

/// Who writes the policy must not run programs on the machine of who checks.
#[test]
fn a_check_runs_no_command_that_it_was_not_allowed_to() {
    let stamp = "command = \"sh -c 'touch ran; cat'\"";
    for asked in [
        "check-replay = true",
        "canary = \"c.arrow\"\ncheck-canary = true",
    ] {
        let folder = releases(0.5, asked);
        let policy = std::fs::read_to_string(folder.path("driftguard.toml")).expect("written");
        folder.write(
            "driftguard.toml",
            policy.replace("command = \"awk -f new.awk\"", stamp),
        );
        // Also where it would not come to it: nothing hangs on the fingerprints.
        let refused = folder.check_sides(&["--policy", "driftguard.toml"]);
        assert_eq!(refused.code, 3);
        assert!(
            refused.stderr.contains("--allow-commands"),
            "{}",
            refused.stderr
        );
        assert!(!folder.path("ran").exists());
    }
    // A policy that only names a command wants nothing to be run.
    let folder = releases(0.5, "");
    assert_ne!(folder.check_sides(&["--policy", "driftguard.toml"]).code, 3);
}

/// A check against a baseline cannot run models on old rows, and says so where
/// it would have to.
#[test]
fn a_check_against_a_baseline_cannot_replay() {
    let folder = releases(0.5, "check-replay = true");
    let base = [
        "baseline",
        "create",
        "--quiet",
        "--data",
        "reference.parquet",
        "--policy",
        "driftguard.toml",
        "--out",
        "b.dg",
    ];
    let made = folder.run(&base);
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    let check = ["check", "--baseline", "b.dg", "-c", "current.parquet"];
    let ran = folder.run(&[check.as_slice(), &RELEASES].concat());
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("a baseline holds none"),
        "{}",
        ran.stderr
    );
}
