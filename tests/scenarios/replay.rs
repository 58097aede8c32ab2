//! A scikit-learn model of the car loans, trained here: the model changed, the
//! data changed, both, neither.
//!
//! Needs a Python with scikit-learn, pandas, pyarrow and skl2onnx:
//! `DRIFTGUARD_PYTHON`, or `python3`. Where there is none the tests say so and do nothing, but not
//! in CI (`CI=true`), where `.ci/run` installs one.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use crate::support::{Folder, Ran, fixture};

/// The Python to use. None: skipped.
fn python() -> Option<String> {
    let python = std::env::var("DRIFTGUARD_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let tried = Command::new(&python)
        .args(["-c", "import sklearn, pandas, pyarrow, skl2onnx"])
        .output();
    if tried.as_ref().is_ok_and(|output| output.status.success()) {
        return Some(python);
    }
    let why =
        format!("{python} with scikit-learn, pandas, pyarrow and skl2onnx is needed: {tried:?}");
    assert!(std::env::var("CI").is_err(), "{why}");
    #[expect(clippy::print_stderr, reason = "who runs the tests must know")]
    {
        eprintln!("SKIPPED, set DRIFTGUARD_PYTHON: {why}");
    }
    None
}

struct Trained {
    folder: Folder,
    python: String,
}

/// Trained once for all tests.
fn trained() -> Option<&'static Trained> {
    static TRAINED: OnceLock<Option<Trained>> = OnceLock::new();
    let train = || {
        let python = python()?;
        let folder = Folder::new();
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/scenarios/replay");
        folder.write(
            "score.py",
            std::fs::read(here.join("score.py")).expect("a file of the repository"),
        );
        let output = Command::new(&python)
            .arg(here.join("train.py"))
            .arg(fixture("car_loan/reference.parquet"))
            .arg(folder.path(""))
            .output()
            .expect("Python runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Some(Trained { folder, python })
    };
    TRAINED.get_or_init(train).as_ref()
}

impl Trained {
    fn model(&self, name: &str) -> String {
        format!("'{}' score.py {name}.pkl", self.python)
    }

    fn replay(&self, old: &str, new: &str, current: &str) -> Ran {
        let (old, new) = (self.model(old), self.model(new));
        let ran = self.folder.run(&[
            "replay",
            "--json",
            "--old-model",
            &old,
            "--model",
            &new,
            "-r",
            "reference.parquet",
            "-c",
            current,
        ]);
        assert_eq!(ran.stderr, "");
        ran
    }
}

fn part(ran: &Ran, name: &str) -> f64 {
    let document = ran.document();
    let value = document["metrics"][0][name]["value"].as_f64();
    value.unwrap_or_else(|| panic!("{name} in {document}"))
}

fn reason(ran: &Ran) -> String {
    assert_eq!(
        part(ran, "data") + part(ran, "code"),
        part(ran, "total"),
        "exactly"
    );
    ran.document()["reason"]
        .as_str()
        .expect("a reason")
        .to_owned()
}

#[test]
fn neither_changed() {
    let Some(trained) = trained() else { return };
    let ran = trained.replay("old", "old", "unchanged.parquet");
    assert_eq!((reason(&ran).as_str(), ran.code), ("STABLE", 0));
    assert_eq!(part(&ran, "code"), 0.0);
}

#[test]
fn the_model_changed() {
    let Some(trained) = trained() else { return };
    let ran = trained.replay("old", "new", "unchanged.parquet");
    assert_eq!(
        (reason(&ran).as_str(), ran.code),
        ("CODE_CHANGED_BEHAVIOUR", 0)
    );
    assert!(part(&ran, "code") < -0.03, "{}", part(&ran, "code"));
}

#[test]
fn the_data_changed() {
    let Some(trained) = trained() else { return };
    let ran = trained.replay("old", "old", "richer.parquet");
    assert_eq!(reason(&ran), "DATA_CHANGED_BEHAVIOUR");
    assert_eq!(part(&ran, "code"), 0.0);
    // The column by which rows were chosen, or one that goes with it.
    let groups = ran.document()["metrics"][0]["columns"]["groups"].clone();
    let names = [0, 1].map(|at| groups[at]["columns"][0].clone());
    assert!(names.contains(&Value::from("salary_range")), "{groups}");
}

#[test]
fn both_changed() {
    let Some(trained) = trained() else { return };
    let ran = trained.replay("old", "new", "richer.parquet");
    assert_eq!(reason(&ran), "CODE_AND_DATA_CHANGED_BEHAVIOUR");
    assert!(
        part(&ran, "code") < 0.0 && part(&ran, "data") > 0.0,
        "{}",
        ran.stdout
    );
}

/// The canary knows its own model from the next one.
#[test]
fn the_canary() {
    let Some(trained) = trained() else { return };
    let old = trained.model("old");
    let made = trained.folder.run(&[
        "replay",
        "--make-canary",
        "canary.arrow",
        "--force",
        "-r",
        "reference.parquet",
        "--model",
        &old,
    ]);
    assert_eq!((made.code, made.stderr.as_str()), (0, ""));
    for (model, same) in [("old", true), ("new", false)] {
        let model = trained.model(model);
        let ran = trained.folder.run(&[
            "replay",
            "--json",
            "--canary",
            "canary.arrow",
            "--model",
            &model,
        ]);
        assert_eq!(
            ran.document()["canary"]["same"],
            Value::Bool(same),
            "{}",
            ran.stderr
        );
    }
}

/// Both releases in the process, four ways, as with the commands.
#[test]
fn onnx_tells_what_the_command_tells() {
    let Some(trained) = trained() else { return };
    for (old, new, current, reason) in [
        ("old", "old", "unchanged", "STABLE"),
        ("old", "new", "unchanged", "CODE_CHANGED_BEHAVIOUR"),
        ("old", "old", "richer", "DATA_CHANGED_BEHAVIOUR"),
        ("old", "new", "richer", "CODE_AND_DATA_CHANGED_BEHAVIOUR"),
    ] {
        let current = format!("{current}.parquet");
        // Without the split by columns, for which Python is started often.
        let replay = |models: [&str; 4]| {
            let sides = ["-r", "reference.parquet", "-c", &current];
            let how = ["replay", "--json", "--factors", "0"];
            let ran = trained.folder.run(&[how, models, sides].concat());
            assert_eq!(ran.stderr, "");
            assert_eq!(self::reason(&ran), reason);
            ran
        };
        let (before, now) = (format!("{old}.onnx"), format!("{new}.onnx"));
        let in_process = replay(["--old-onnx", &before, "--onnx", &now]);
        let output = &in_process.document()["model"]["output"];
        assert_eq!(*output, "probabilities[1]");
        let (before, now) = (trained.model(old), trained.model(new));
        let by_command = replay(["--old-model", &before, "--model", &now]);
        for name in ["data", "code", "total"] {
            let apart = part(&in_process, name) - part(&by_command, name);
            assert!(apart.abs() < 1e-5, "{name} of {new} on {current}: {apart}");
        }
    }
}

/// Row by row: the canary is what the file answered, and scikit-learn answers
/// the same.
#[test]
fn onnx_answers_what_scikit_learn_answers() {
    let Some(trained) = trained() else { return };
    let numbers =
        "car_value,debt_to_income_ratio,loan_length,driver_tenure,repaid_loan_on_prev_car";
    let mut worst: f64 = 0.0;
    for (name, inputs) in [
        ("old", &[][..]),
        ("new", &[]),
        ("matrix", &["--inputs", numbers]),
    ] {
        let canary = format!("{name}.arrow");
        let file = format!("{name}.onnx");
        let make = [
            "replay",
            "--rows",
            "1000",
            "-r",
            "reference.parquet",
            "--make-canary",
        ];
        let made = trained.folder.run(
            &[
                make.as_slice(),
                &[&canary, "--force", "--onnx", &file],
                inputs,
            ]
            .concat(),
        );
        assert_eq!((made.code, made.stderr.as_str()), (0, ""));
        let command = format!("{} --all", trained.model(name));
        let asked = ["replay", "--json", "--canary", &canary, "--model", &command];
        let ran = trained.folder.run(&asked);
        let canary = ran.document()["canary"].clone();
        assert_eq!(
            (&canary["same"], &canary["rows"]),
            (&Value::Bool(true), &Value::from(1000))
        );
        worst = worst.max(canary["largest"].as_f64().expect("a number"));
    }
    assert!(worst < 1e-5, "{worst}");
}
