//! ONNX files in place of a scoring command.
#![cfg(unix)]

use super::replay::{SIDES, folder};
use crate::support::Folder;

/// A file of the interpreter's tests: `x <= 1 ? 10 : 20`, and others.
fn onnx(folder: &Folder, name: &str) {
    let models = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx/tests/models");
    let bytes =
        std::fs::read(models.join(format!("{name}.onnx"))).expect("a file of the repository");
    folder.write(&format!("{name}.onnx"), bytes);
}

/// A model in a file is data: a check may ask it, and no program is started.
#[test]
fn check_replays_the_canary_of_an_onnx_file() {
    let folder = folder(0.0);
    onnx(&folder, "tree");
    folder.write(
        "driftguard.toml",
        "[model]\nonnx = \"tree.onnx\"\ninputs = [\"a\"]\ncanary = \"c.arrow\"\ncheck-canary = true\n",
    );
    let policy = ["--policy", "driftguard.toml"];
    let make = [
        "replay",
        "--make-canary",
        "c.arrow",
        "-r",
        "reference.parquet",
    ];
    let made = folder.run(&[make.as_slice(), &policy].concat());
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    assert_eq!(
        made.stdout,
        "c.arrow: 500 rows of 1 columns, with the model's `y`\n"
    );
    let checked = folder.check_sides(&policy).document();
    assert_eq!(checked["canary"]["same"], true);
    // Another file in its place.
    onnx(&folder, "one_row");
    std::fs::rename(folder.path("one_row.onnx"), folder.path("tree.onnx")).expect("there");
    let checked = folder.check_sides(&policy).document();
    assert_eq!(checked["canary"]["same"], false);
    assert_eq!(checked["verdict"], "block");
}

/// None of these is a pass.
#[test]
fn onnx_files_that_cannot_be_asked() {
    let folder = folder(0.0);
    for name in [
        "tree",
        "bad_operator",
        "bad_cycle",
        "run_log",
        "run_memory",
        "columns_boosting",
    ] {
        onnx(&folder, name);
    }
    let whole = std::fs::read(folder.path("tree.onnx")).expect("written");
    folder.write("cut.onnx", &whole[..whole.len() / 2]);
    folder.write("foreign.onnx", "{\"not\": \"a model\"}");
    let inputs = ["--inputs", "a"];
    let mut page = String::new();
    for (file, more) in [
        ("tree.onnx", &[][..]),
        ("tree.onnx", &["--inputs", "a,b"]),
        ("tree.onnx", &["--inputs", "z"]),
        ("tree.onnx", &["--inputs", "a", "--output-column", "score"]),
        ("columns_boosting.onnx", &[]),
        ("cut.onnx", &inputs),
        ("foreign.onnx", &inputs),
        ("absent.onnx", &inputs),
        ("bad_operator.onnx", &inputs),
        ("bad_cycle.onnx", &inputs),
        ("run_log.onnx", &inputs),
        ("run_memory.onnx", &inputs),
    ] {
        let ran = folder.run(&[&["replay", "--onnx", file], more, &SIDES].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""), "{file}");
        page += &format!("{file} {more:?}\n{}\n", ran.stderr);
    }
    insta::assert_snapshot!("onnx_refused", page);
}

#[test]
fn a_policy_names_one_model() {
    let folder = folder(0.0);
    folder.write(
        "driftguard.toml",
        "[model]\nonnx = \"tree.onnx\"\ncommand = \"awk -f new.awk\"\n",
    );
    let ran = folder.run(&[&["replay", "--policy", "driftguard.toml"], SIDES.as_slice()].concat());
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("names two models"), "{}", ran.stderr);
    let both = ["replay", "--onnx", "tree.onnx", "--model", "cat"];
    assert_eq!(folder.run(&[&both, SIDES.as_slice()].concat()).code, 64);
}
