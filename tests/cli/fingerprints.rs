//! `driftguard fingerprint`, and what `check` makes of it.

use crate::support::random::normals;
use crate::support::{Folder, Table};

const ROWS: usize = 4_000;

/// An input and a score that follows it, each moved by so much.
fn table(seed: u64, input: f64, score: f64) -> Table {
    let squash = |x: Option<f64>| x.map(|x| 1.0 / (1.0 + (-x).exp()));
    let scores = normals(seed + 100, ROWS, score).into_iter().map(squash);
    Table::default()
        .floats("x", normals(seed, ROWS, input))
        .floats("score", scores.collect())
}

/// Sources, a model, and a configuration.
fn release(folder: &Folder, model: &str) {
    folder
        .write("src/score.py", "print(1)\n")
        .write("model.bin", model)
        .write("config.json", "{\"depth\": 3}")
        .write("deps.lock", "numpy==2.0\n");
}

const PARTS: [&str; 10] = [
    "--code",
    "src",
    "--model",
    "model.bin",
    "--config",
    "config.json",
    "--deps",
    "deps.lock",
    "--features",
    "none",
];

fn fingerprint(folder: &Folder, out: &str) {
    let made = folder.run(&[&["fingerprint", "--out", out], &PARTS[..]].concat());
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(
        made.stderr,
        "unknown: schema; unknown is never the same: name each, or say `none` of a part that does not exist\n"
    );
}

const COMPARE: [&str; 8] = [
    "--score",
    "score",
    "--reproducible",
    "--numeric",
    "x",
    "--reference-fingerprint",
    "g.json",
    "--fingerprint",
];

/// Reason and exit code under the fingerprints in this file.
fn reason(folder: &Folder, current: &str) -> (String, i32) {
    let ran = folder.check_sides(&[&COMPARE[..], &[current]].concat());
    let reason = ran.document()["reason"].as_str().map(str::to_owned);
    (reason.unwrap_or_default(), ran.code)
}

#[test]
fn the_same_move_of_the_data_under_the_same_another_and_unknown_code() {
    let folder = Folder::new();
    release(&folder, "weights");
    fingerprint(&folder, "g.json");
    // What means the same is the same.
    folder.write("config.json", "{ \"depth\":3.0 }\n");
    fingerprint(&folder, "same.json");
    release(&folder, "other weights");
    fingerprint(&folder, "other.json");
    let some = folder.run(&["fingerprint", "--code", "src", "--out", "some.json"]);
    assert_eq!(some.code, 0, "{}", some.stderr);
    let expect = |file: &str, reason_wanted: &str, code: i32| {
        assert_eq!(
            reason(&folder, file),
            (reason_wanted.into(), code),
            "{file}"
        );
    };
    let reference = table(1, 0.0, 0.0);

    folder.sides(&reference, &table(2, 1.0, 1.0));
    expect("same.json", "DATA_CHANGED_BEHAVIOUR", 1);
    expect("other.json", "CONFOUNDED", 1);
    expect("some.json", "PROVENANCE_MISSING", 1);

    folder.sides(&reference, &table(2, 0.0, 1.0));
    expect("same.json", "UNEXPLAINED_OUTPUT_CHANGE", 1);
    expect("other.json", "CODE_CHANGED_BEHAVIOUR", 1);

    folder.sides(&reference, &table(2, 1.0, 0.0));
    expect("same.json", "DATA_DRIFT_BENIGN", 0);
    expect("some.json", "INPUT_DRIFT", 0);

    folder.sides(&reference, &table(2, 0.0, 0.0));
    expect("same.json", "STABLE", 0);
    expect("other.json", "RELEASE_NEUTRAL", 0);
}

#[test]
fn without_fingerprints_nothing_is_claimed_about_the_code() {
    let folder = Folder::new();
    folder.sides(&table(1, 0.0, 0.0), &table(2, 1.0, 1.0));
    let document = folder.check_sides(&["--score", "score"]).document();
    assert_eq!(document["reason"], "INPUT_AND_OUTPUT_DRIFT");
    assert!(document.get("fingerprints").is_none());
}

/// A move of the outputs that by itself only alerts.
#[test]
fn missing_fingerprints_block_where_the_policy_says_production() {
    let folder = Folder::new();
    release(&folder, "weights");
    fingerprint(&folder, "g.json");
    folder.sides(&table(1, 0.0, 0.0), &table(2, 0.0, 0.2));
    let policy = |gate: &str| {
        format!(
            "{gate}[fingerprint]\nreference = \"g.json\"\ncode = \"src\"\nmodel = \"model.bin\"\n\
             deps = \"deps.lock\"\nfeatures = \"none\"\n"
        )
    };
    for (gate, level) in [
        ("", "alert"),
        ("[gate]\nenvironment = \"production\"\n", "block"),
    ] {
        folder.write("driftguard.toml", policy(gate));
        let ran = folder.check_sides(&["--policy", "driftguard.toml", "--score", "score"]);
        let document = ran.document();
        assert_eq!(document["reason"], "PROVENANCE_MISSING", "{document}");
        assert_eq!(document["verdict"], level);
        let parts = document["fingerprints"]["parts"].as_array().cloned();
        let states: Vec<String> = parts
            .unwrap_or_default()
            .iter()
            .map(|part| format!("{} {}", part["part"], part["state"]).replace('"', ""))
            .collect();
        assert_eq!(
            states,
            [
                "code same",
                "model same",
                "config unknown",
                "deps same",
                "features same",
                "schema unknown",
                "runtime same"
            ]
        );
    }
    // Named in the policy, it is known, and the verdict is another one.
    let whole = policy("") + "config = \"config.json\"\n";
    folder.write("driftguard.toml", whole);
    let ran = folder.check_sides(&["--policy", "driftguard.toml", "--score", "score"]);
    assert_eq!(ran.document()["reason"], "UNEXPLAINED_OUTPUT_CHANGE");
    assert_eq!(ran.document()["verdict"], "block");
}

#[test]
fn the_document_goes_to_standard_output_and_keeps_to_its_schema() {
    let folder = Folder::new();
    release(&folder, "weights");
    folder.write("data.parquet", table(1, 0.0, 0.0).parquet());
    let more = ["--schema", "data.parquet", "--runtime", "onnxruntime=1.20"];
    let made = folder.run(&[&["fingerprint"], &PARTS[..], &more[..]].concat());
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    let document = made.document();
    assert_eq!(document["format"], "driftguard/fingerprints/v1");
    assert_eq!(document["features"]["absent"], "said with `features none`");
    assert_eq!(document["schema"]["of"], "2 columns");
    let runtime = document["runtime"]["of"].as_str().unwrap_or_default();
    assert!(runtime.ends_with("onnxruntime 1.20"), "{runtime}");
    let schema = folder.run(&["schema", "fingerprints"]);
    assert!(schema.stdout == include_str!("../../docs/schema/fingerprints.v1.json"));
}

#[test]
fn what_is_wrong_is_said_and_never_a_pass() {
    let folder = Folder::new();
    release(&folder, "weights");
    folder.sides(&table(1, 0.0, 0.0), &table(2, 0.0, 0.0));
    folder.write("bad.json", "{\"format\": \"driftguard/fingerprints/v9\"}");
    for (arguments, code, error) in [
        (
            &["fingerprint", "--model", "gone.bin"][..],
            3,
            "error: model: gone.bin cannot be read: No such file or directory (os error 2); check the path and its permissions\n",
        ),
        (
            &["fingerprint", "--runtime", "onnxruntime"],
            64,
            "error: --runtime: must be a name and its value, as \"onnxruntime=1.20\", found the text `onnxruntime`\n",
        ),
        (
            &[
                "check",
                "-r",
                "reference.parquet",
                "-c",
                "current.parquet",
                "--fingerprint",
                "gone.json",
            ],
            3,
            "error: fingerprints: gone.json cannot be read: No such file or directory (os error 2); check the path and its permissions\n",
        ),
        (
            &[
                "check",
                "-r",
                "reference.parquet",
                "-c",
                "current.parquet",
                "--reference-fingerprint",
                "bad.json",
            ],
            3,
            "error: bad.json: the format is `driftguard/fingerprints/v9`, this driftguard reads `driftguard/fingerprints/v1`; update driftguard, or write the document again\n",
        ),
    ] {
        let ran = folder.run(arguments);
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (code, error),
            "{arguments:?}"
        );
        assert_eq!(ran.stdout, "");
    }
}
