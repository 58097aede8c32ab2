//! `driftguard replay` with scoring commands that every system has.
#![cfg(unix)]

use serde_json::Value;

use crate::support::random::normals;
use crate::support::{Folder, Ran, Table, fixture};

const ROWS: usize = 3_000;

/// Two inputs, of which `a` moved by so much.
fn table(seed: u64, a: f64) -> Table {
    Table::default()
        .floats("a", normals(seed, ROWS, a))
        .floats("b", normals(seed + 50, ROWS, 0.0))
}

/// A logistic model in awk: `sigma(2 a + b + intercept)`.
pub(super) fn model(folder: &Folder, name: &str, intercept: f64) {
    let script = format!(
        "BEGIN {{ FS = \",\" }}\nNR == 1 {{ print \"score\"; next }}\n{{ printf \"%.17g\\n\", 1 / (1 + exp(-(2 * $1 + $2 + {intercept}))) }}\n"
    );
    folder.write(name, script);
}

pub(super) fn folder(moved: f64) -> Folder {
    let folder = Folder::new();
    folder.sides(&table(1, 0.0), &table(2, moved));
    model(&folder, "old.awk", 0.0);
    model(&folder, "new.awk", 1.0);
    folder
}

const NEW: [&str; 6] = [
    "--model",
    "awk -f new.awk",
    "--stdin",
    "csv",
    "--inputs",
    "a,b",
];
pub(super) const SIDES: [&str; 4] = ["-r", "reference.parquet", "-c", "current.parquet"];
const OLD: [&str; 2] = ["--old-model", "awk -f old.awk"];

fn replay(folder: &Folder, arguments: &[&[&str]]) -> Ran {
    folder.run(&[&["replay", "--json"], arguments.concat().as_slice()].concat())
}

pub(super) fn number(document: &Value, pointer: &str) -> f64 {
    let found = document.pointer(pointer).and_then(Value::as_f64);
    found.unwrap_or_else(|| panic!("{pointer} in {document}"))
}

#[test]
fn data_and_code_are_told_apart_and_add_up_exactly() {
    let ran = replay(&folder(0.5), &[&NEW, &OLD, &SIDES]);
    let document = ran.document();
    assert_eq!(document["format"], "driftguard/replay/v1");
    assert_eq!(
        (ran.code, document["reason"].as_str()),
        (1, Some("CODE_AND_DATA_CHANGED_BEHAVIOUR"))
    );
    let part = |name: &str| number(&document, &format!("/metrics/0/{name}/value"));
    assert_eq!(part("data") + part("code"), part("total"));
    // sigma of a sum with standard deviation 5^.5: about .12 each.
    assert!((0.09..0.15).contains(&part("data")), "{}", part("data"));
    assert!((0.09..0.15).contains(&part("code")), "{}", part("code"));
    let first = &document["metrics"][0]["columns"]["groups"][0];
    assert_eq!(first["columns"], serde_json::json!(["a"]));
}

#[test]
fn what_did_not_change_is_said_to_be_still() {
    let same = ["--old-model", "awk -f new.awk"];
    let ran = replay(&folder(0.0), &[&NEW, &same, &SIDES]);
    assert_eq!(
        (ran.code, ran.document()["reason"].as_str()),
        (0, Some("STABLE"))
    );
    let ran = replay(&folder(0.5), &[&NEW, &same, &SIDES]);
    assert_eq!(
        (ran.code, ran.document()["reason"].as_str()),
        (1, Some("DATA_CHANGED_BEHAVIOUR"))
    );
    assert_eq!(number(&ran.document(), "/metrics/0/code/value"), 0.0);
    let ran = replay(&folder(0.0), &[&NEW, &OLD, &SIDES]);
    assert_eq!(
        (ran.code, ran.document()["reason"].as_str()),
        (1, Some("CODE_CHANGED_BEHAVIOUR"))
    );
    // One model: nothing is claimed of the code.
    let ran = replay(&folder(0.5), &[&NEW, &SIDES]);
    assert_eq!(ran.document()["reason"], "DATA_CHANGED_BEHAVIOUR");
    assert_eq!(ran.document().get("old-model"), None);
}

#[test]
fn the_report_says_it_in_a_paragraph() {
    let folder = folder(0.5);
    let ran = folder.run(&[&["replay"], NEW.as_slice(), &OLD, &SIDES].concat());
    insta::assert_snapshot!("replay_report", ran.stdout);
    let ran = folder.run(&[&["replay"], NEW.as_slice(), &SIDES].concat());
    assert!(ran.stdout.contains("0 by construction"), "{}", ran.stdout);
}

#[test]
fn a_canary_tells_the_same_model_from_another() {
    let folder = folder(0.0);
    let made = folder.run(
        &[
            &[
                "replay",
                "--make-canary",
                "c.arrow",
                "-r",
                "reference.parquet",
            ],
            NEW.as_slice(),
        ]
        .concat(),
    );
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    assert_eq!(
        made.stdout,
        "c.arrow: 500 rows of 2 columns, with the model's `score`\n"
    );
    let again = folder.run(
        &[
            &[
                "replay",
                "--make-canary",
                "c.arrow",
                "-r",
                "reference.parquet",
            ],
            NEW.as_slice(),
        ]
        .concat(),
    );
    assert_eq!(again.code, 3, "a canary is not overwritten");

    let canary = ["--canary", "c.arrow"];
    let same = replay(&folder, &[&NEW, &canary]);
    assert_eq!(
        (same.code, &same.document()["canary"]["same"]),
        (0, &Value::Bool(true))
    );
    // Only the 7th digit is another one: that is another compiler.
    model(&folder, "new.awk", 1.000_000_1);
    assert_eq!(replay(&folder, &[&NEW, &canary]).code, 0);
    model(&folder, "new.awk", 1.001);
    let other = replay(&folder, &[&NEW, &canary]);
    assert_eq!(
        (other.code, other.document()["reason"].as_str()),
        (1, Some("CODE_CHANGED_BEHAVIOUR"))
    );
    // A few answers are so near to 0 or 1 that even this moves them by nothing.
    assert!(number(&other.document(), "/canary/rows-different") > 450.0);

    // Digests of what lies beside it are the same: something is hidden.
    folder.write("model.bin", "weights");
    let parts = [
        "--code",
        "none",
        "--model",
        "model.bin",
        "--config",
        "none",
        "--deps",
        "none",
        "--features",
        "none",
    ];
    let made = folder.run(&[&["fingerprint", "--out", "f.json"], parts.as_slice()].concat());
    assert_eq!(made.code, 0);
    let prints = [
        "--fingerprint",
        "f.json",
        "--reference-fingerprint",
        "f.json",
    ];
    let hidden = replay(&folder, &[&NEW, &canary, &prints]);
    assert_eq!(
        (hidden.code, hidden.document()["reason"].as_str()),
        (1, Some("UNEXPLAINED_OUTPUT_CHANGE"))
    );
    let words = hidden.document()["summary"].to_string();
    assert!(
        words.contains("something that no fingerprint covers"),
        "{words}"
    );
}

/// Real flights whose temperature came in Celsius, under a model that uses it.
#[test]
fn the_faulty_column_is_named_first() {
    let folder = Folder::new();
    let script = "BEGIN { FS = \",\" }\nNR == 1 { print \"late\"; next }\n{ z = -1.2 - 0.03 * ($1 - 40) + 0.01 * $2 + 0.05 * $3; printf \"%.17g\\n\", 1 / (1 + exp(-z)) }\n";
    folder.write("late.awk", script);
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/celsius.parquet"),
    );
    let data = ["-r", reference.as_str(), "-c", current.as_str()];
    let model = [
        "--model",
        "awk -f late.awk",
        "--stdin",
        "csv",
        "--inputs",
        "temp,humid,wind_speed",
    ];
    let ran = replay(&folder, &[&model, &data]);
    let document = ran.document();
    assert_eq!(
        (ran.code, document["reason"].as_str()),
        (1, Some("DATA_CHANGED_BEHAVIOUR"))
    );
    let columns = &document["metrics"][0]["columns"];
    assert_eq!(columns["groups"][0]["columns"], serde_json::json!(["temp"]));
    let share =
        number(&columns["groups"][0], "/value") / number(&document, "/metrics/0/data/value");
    assert!((0.8..1.2).contains(&share), "{share}");
    // Other flights of the same months: nothing moved.
    let current = fixture("flights/unchanged.parquet");
    let ran = replay(
        &folder,
        &[&model, &["-r", reference.as_str(), "-c", current.as_str()]],
    );
    assert_eq!(
        (ran.code, ran.document()["reason"].as_str()),
        (0, Some("STABLE"))
    );
}

#[test]
fn a_policy_says_which_models() {
    let folder = folder(0.5);
    folder.write(
        "models/driftguard.toml",
        "[data]\nreference = \"../reference.parquet\"\ncurrent = \"../current.parquet\"\n\
         [model]\ncommand = [\"awk\", \"-f\", \"../new.awk\"]\nstdin = \"csv\"\ninputs = [\"a\", \"b\"]\n\
         metrics = [\"mean\", \"share>0.5\"]\nrows = 1000\ntimeout-seconds = 60\nmemory-mib = 4096\n\
         [model.old]\ncommand = \"awk -f ../old.awk\"\nstdin = \"csv\"\n",
    );
    let ran = replay(&folder, &[&["--policy", "models/driftguard.toml"]]);
    let document = ran.document();
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    assert_eq!(document["reference"]["replayed"], 1000);
    assert_eq!(document["metrics"][1]["metric"], "share>0.5");
    assert_eq!(document["reason"], "CODE_AND_DATA_CHANGED_BEHAVIOUR");
}

/// A model without an answer is never a pass: exit code 3, and what to do.
#[test]
fn a_model_that_fails_is_an_error() {
    let folder = folder(0.0);
    let fails = |model: &str, more: &[&str]| -> String {
        let model = ["--model", model, "--stdin", "csv", "--inputs", "a,b"];
        let ran = replay(&folder, &[&model, &SIDES, more]);
        assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "");
        ran.stderr
    };
    let answers = "awk 'NR == 1 { print \"score\"; next } { print 0.5 }'";
    insta::assert_snapshot!(fails("no-such-program", &[]), @"error: the scoring command `no-such-program` cannot be started: No such file or directory (os error 2); check the program's name, and the path, which is relative to the current folder");
    insta::assert_snapshot!(fails("sleep 600", &["--timeout", "0.5"]), @"error: `sleep 600` did not end within 0.5 s on 6000 rows and was killed; raise `timeout-seconds`, or replay fewer rows; it said nothing on standard error");
    insta::assert_snapshot!(fails("sh -c 'cat >/dev/null; echo boom >&2; exit 7'", &[]), @r"
    error: `sh -c cat >/dev/null; echo boom >&2; exit 7` ended with exit code 7 on 6000 rows (memory limit: 8192 MiB, `memory-mib`); run it by hand on one batch to see why; standard error ends with:
    boom
    ");
    insta::assert_snapshot!(fails("head -n 3", &[]), @"error: `head -n 3` ended before it had read all of its 6000 rows; read standard input to its end; it said nothing on standard error");
    insta::assert_snapshot!(fails(answers, &["--output-column", "y"]), @r#"error: `awk NR == 1 { print "score"; next } { print 0.5 }` answers the column `score`, and no column `y`; correct the model, or `output` in the policy"#);
    insta::assert_snapshot!(fails("sh -c 'cat >/dev/null; echo Loading the model'", &[]), @"error: `sh -c cat >/dev/null; echo Loading the model` answered 0 rows, it was given 6000; answer every row once, in order");
    insta::assert_snapshot!(fails("sed 's/.*/x/'", &["--metric", "mean"]), @r#"error: `sed s/.*/x/`, column `x`, row 0: the answer is "x", which is no number; ask for shares of classes (metric `share=...` or `classes`), or correct the model"#);
    insta::assert_snapshot!(fails("awk 'NR == 1 { print \"score\"; next } NR == 5 { print \"\"; next } { print 0.5 }'", &[]), @r#"error: `awk NR == 1 { print "score"; next } NR == 5 { print ""; next } { print 0.5 }` answered 5999 rows, it was given 6000; answer every row once, in order"#);
}

#[test]
fn wrong_usage_is_told() {
    let folder = folder(0.0);
    let usage = |arguments: &[&str]| folder.run(&[&["replay"], arguments].concat()).refusal();
    insta::assert_snapshot!(usage(&["--model", "cat"]), @r"
    exit 64
    error: nothing to replay: give --reference and --current, or --canary FILE
    ");
    insta::assert_snapshot!(usage(&["-r", "reference.parquet", "-c", "current.parquet"]), @r#"
    exit 3
    error: there is no model to replay: give --model "python score.py" or --onnx model.onnx, or [model] command or onnx in the policy
    "#);
    insta::assert_snapshot!(usage(&["--model", "cat 'x", "--canary", "c"]), @r"
    exit 64
    error: the scoring command `cat 'x` ends inside of ': close it, or give the command as a list of words
    ");
    insta::assert_snapshot!(usage(&["--model", "cat", "--canary", "c", "--metric", "median"]), @r"
    exit 64
    error: `median` is no metric: write `mean`, `share>0.5`, `share>=0.5`, `share=CLASS` or `classes`
    ");
    insta::assert_snapshot!(usage(&["--model", "cat", "--canary", "reference.parquet"]), @r"
    exit 3
    error: reference.parquet is no canary: it has no column whose name begins with `output:`; make one with `driftguard replay --make-canary FILE --reference DATA`
    ");
    insta::assert_snapshot!(usage(&["--model", "cat", "--inputs", "a,z", "-r", "reference.parquet", "-c", "current.parquet"]), @r"
    exit 3
    error: the model's input `z` is not in the data; correct `inputs`, or bring the column back
    ");
}

/// A model that draws lots: no canary can be made of it.
#[test]
fn a_model_that_does_not_repeat_itself() {
    let folder = folder(0.0);
    let lots = "sh -c 'cat >/dev/null; echo score; head -c 200 /dev/urandom | od -An -v -tu1 -w1'";
    let ran = folder.run(&[
        "replay",
        "--make-canary",
        "c.arrow",
        "--rows",
        "200",
        "-r",
        "reference.parquet",
        "--model",
        lots,
    ]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr.contains("differently when asked twice"),
        "{}",
        ran.stderr
    );
    assert!(!folder.path("c.arrow").exists());
}

/// A baseline holds no rows; a canary kept beside it does.
#[test]
fn replay_where_there_is_only_a_baseline() {
    let folder = folder(0.5);
    let refused = folder.run(&["replay", "--baseline", "b.dg", "-c", "current.parquet"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (64, ""));
    assert!(
        refused.stderr.contains("--make-canary"),
        "{}",
        refused.stderr
    );
    let make = [
        "replay",
        "--make-canary",
        "c.arrow",
        "--rows",
        "3000",
        "-r",
        "reference.parquet",
    ];
    assert_eq!(folder.run(&[make.as_slice(), &NEW].concat()).code, 0);
    let kept = ["-r", "c.arrow", "-c", "current.parquet"];
    let from_kept = replay(&folder, &[&NEW, &OLD, &kept]).document();
    let from_rows = replay(&folder, &[&NEW, &OLD, &SIDES]).document();
    for part in ["data", "code", "total"] {
        assert_eq!(from_kept["metrics"][0][part], from_rows["metrics"][0][part]);
    }
    assert_eq!(from_kept["reason"], "CODE_AND_DATA_CHANGED_BEHAVIOUR");
}
