//! Labels say how good the answers are: what the verdict makes of it.

use crate::support::random::normals;
use crate::support::{Folder, Ran, Random, Table, Values};

const ROWS: usize = 12_000;

/// How labels follow the input, which the score takes to follow at a slope of
/// one.
#[derive(Clone, Copy)]
struct World {
    /// Mean and deviation of the input.
    centre: f64,
    spread: f64,
    /// Slope at which labels follow the input.
    slope: f64,
    /// Share of the labels that are flipped.
    flipped: f64,
    /// Labels that have arrived.
    labels: usize,
}

const SAME: World = World {
    centre: 0.0,
    spread: 1.5,
    slope: 1.0,
    flipped: 0.0,
    labels: ROWS,
};

fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn table(seed: u64, world: World) -> Table {
    let mut random = Random(seed * 7919);
    let inputs: Vec<f64> = normals(seed, ROWS, 0.0)
        .into_iter()
        .map(|x| world.centre + x.unwrap_or(0.0) * world.spread)
        .collect();
    let label = |(row, x): (usize, &f64)| {
        let positive = random.uniform() < squash(2.0 * world.slope * x);
        let flip = random.uniform() < world.flipped;
        (row < world.labels).then_some(f64::from(u8::from(positive != flip)))
    };
    let labels = inputs.iter().enumerate().map(label).collect();
    let scores: Vec<Option<f64>> = inputs.iter().map(|x| Some(squash(2.0 * x))).collect();
    Table::default()
        .floats("x", inputs.iter().copied().map(Some).collect())
        .floats("score", scores)
        .floats("paid", labels)
}

const ROLES: [&str; 6] = ["--numeric", "x", "--score", "score", "--label", "paid"];

/// A folder with fingerprints of one release.
fn folder() -> Folder {
    let folder = Folder::new();
    folder
        .write("model.bin", "weights")
        .write("score.py", "1\n");
    let parts = [
        "fingerprint",
        "--out",
        "f.json",
        "--code",
        "score.py",
        "--model",
        "model.bin",
        "--config",
        "none",
        "--deps",
        "none",
        "--features",
        "none",
    ];
    let made = folder.run(&parts);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder
}

fn run(folder: &Folder, fingerprints: bool) -> Ran {
    let same = [
        "--reference-fingerprint",
        "f.json",
        "--fingerprint",
        "f.json",
    ];
    let same = if fingerprints { &same[..] } else { &[] };
    folder.check_sides(&[&ROLES[..], same].concat())
}

/// Reason and exit code under the same fingerprints on both sides, then the
/// reason without any.
fn reasons(current: World) -> (String, i32, String) {
    reasons_from(SAME, current)
}

fn reasons_from(reference: World, current: World) -> (String, i32, String) {
    let folder = folder();
    folder.sides(&table(1, reference), &table(2, current));
    let word = |ran: &Ran| ran.document()["reason"].as_str().unwrap_or("").to_owned();
    let (with, without) = (run(&folder, true), run(&folder, false));
    (word(&with), with.code, word(&without))
}

#[test]
fn nothing_changed() {
    assert_eq!(reasons(SAME), ("STABLE".into(), 0, "STABLE".into()));
}

#[test]
fn answers_that_got_worse_by_themselves() {
    let concept = World { slope: 0.2, ..SAME };
    assert_eq!(
        reasons(concept),
        ("CONCEPT_DRIFT".into(), 1, "ANSWERS_WORSE".into())
    );
}

#[test]
fn answers_that_got_worse_where_inputs_moved() {
    let harmful = World {
        spread: 0.8,
        ..SAME
    };
    let (with, code, without) = reasons(harmful);
    assert_eq!((with.as_str(), code), ("DATA_DRIFT_HARMFUL", 1));
    assert_eq!(without, "INPUT_AND_OUTPUT_DRIFT");
}

/// The model is as right on the new rows, or more so: an alert, and no block.
#[test]
fn answers_that_are_shown_to_be_as_good() {
    let adapted = World {
        spread: 2.5,
        ..SAME
    };
    let (with, code, _) = reasons(adapted);
    assert_eq!((with.as_str(), code), ("DATA_DRIFT_ADAPTED", 0));
    // Labels move with the inputs.
    let moved = World {
        centre: 0.6,
        ..SAME
    };
    let (with, code, _) = reasons(moved);
    assert_eq!((with.as_str(), code), ("DATA_DRIFT_ADAPTED", 0));
}

/// A move with so few labels that worse answers could have been missed.
#[test]
fn few_labels_show_nothing() {
    let few = World {
        labels: 150,
        ..SAME
    };
    let moved = |world| World {
        centre: 0.6,
        ..world
    };
    let (with, code, _) = reasons_from(few, moved(few));
    assert_eq!((with.as_str(), code), ("DATA_CHANGED_BEHAVIOUR", 1));
    let none = World { labels: 0, ..SAME };
    assert_eq!(reasons(moved(none)).0, "DATA_CHANGED_BEHAVIOUR");
}

#[test]
fn labels_that_have_not_arrived_are_ordinary() {
    let none = World { labels: 0, ..SAME };
    assert_eq!(reasons(none), ("STABLE".into(), 0, "STABLE".into()));
}

#[test]
fn flipped_labels_are_named() {
    let folder = folder();
    folder.sides(
        &table(1, SAME),
        &table(
            2,
            World {
                flipped: 0.2,
                ..SAME
            },
        ),
    );
    let ran = run(&folder, false);
    assert_eq!((ran.code, ran.verdict().as_str()), (1, "block"));
    assert_eq!(ran.suspects()[0], "paid");
    let document = ran.document();
    let findings = document["findings"]
        .as_array()
        .expect("findings are a list");
    let found = findings
        .iter()
        .find(|finding| finding["check"] == "label-drift")
        .expect("labels are looked at");
    assert_eq!(found["level"], "block");
    let message = found["message"].as_str().expect("a message");
    assert!(
        message.ends_with("both kinds of label do, as flipped labels would"),
        "{message}"
    );
}

/// Three classes with a score each; `sharp` tells how well those of red rank.
fn colours(seed: u64, sharp: f64) -> Table {
    const NAMES: [&str; 3] = ["red", "green", "blue"];
    let mut random = Random(seed * 7919);
    let (mut truth, mut said) = (vec![], vec![]);
    let mut scores = vec![vec![]; 3];
    for _ in 0..6_000 {
        let class = random.below(3) as usize;
        let lean = if class == 0 { sharp } else { 2.0 };
        let odds: Vec<f64> = (0..3)
            .map(|of| (random.normal() + if of == class { lean } else { 0.0 }).exp())
            .collect();
        let sum: f64 = odds.iter().sum();
        let best = (0..3)
            .max_by(|a, b| odds[*a].total_cmp(&odds[*b]))
            .unwrap_or(0);
        truth.push(Some(NAMES[class].to_owned()));
        said.push(Some(NAMES[best].to_owned()));
        for (list, odds) in scores.iter_mut().zip(odds) {
            list.push(Some(odds / sum));
        }
    }
    let table = Table::default()
        .with("colour", Values::Texts(truth))
        .with("said", Values::Texts(said));
    let columns = NAMES.iter().zip(scores);
    columns.fold(table, |table, (name, scores)| {
        table.floats(&format!("proba_{name}"), scores)
    })
}

#[test]
fn scores_of_several_classes_are_ranked() {
    let folder = Folder::new();
    folder.write(
        "p.toml",
        "[roles]\nlabel = \"colour\"\nprediction = \"said\"\nscore = [\"proba_red\", \"proba_green\", \"proba_blue\"]\n",
    );
    folder.sides(&colours(1, 2.0), &colours(2, 2.0));
    let same = folder.check_sides(&["-p", "p.toml", "--fail-on", "alert"]);
    assert_eq!((same.code, same.suspects()), (0, vec![]), "{}", same.stdout);
    folder.sides(&colours(1, 2.0), &colours(2, 1.2));
    let worse = folder.check_sides(&["-p", "p.toml"]);
    assert_eq!((worse.code, worse.verdict().as_str()), (1, "block"));
    // Names like these are scores without being told.
    let inferred = folder.check_sides(&["--label", "colour", "--prediction", "said"]);
    for ran in [&worse, &inferred] {
        let document = ran.document();
        let findings = document["findings"].as_array().expect("a list");
        let pairs = findings
            .iter()
            .find(|one| one["metric"] == "auc/pairs/hand-till/v1");
        let message = pairs.expect("it is measured")["message"].as_str();
        assert!(
            message.is_some_and(|words| words.contains("most for red")),
            "{message:?}"
        );
    }
}

/// Labels that trickle in: those that are there are judged, and how many is said.
#[test]
fn labels_that_come_late_are_no_fault() {
    let folder = Folder::new();
    let part = |world: World| World {
        labels: ROWS / 4,
        ..world
    };
    let said = |ran: &Ran, metric: &str| {
        let document = ran.document();
        let findings = document["findings"].as_array().expect("a list");
        let found = findings.iter().find(|one| one["metric"] == metric);
        let message = |found: &serde_json::Value| found["message"].as_str().map(str::to_owned);
        found.and_then(message).unwrap_or_default()
    };
    let paid = |ran: &Ran, metric: &str| {
        let document = ran.document();
        let findings = document["findings"].as_array().expect("a list");
        let of_paid = |one: &&serde_json::Value| {
            one["metric"] == metric && one["subject"]["column"] == "paid"
        };
        findings.iter().find(of_paid).cloned().unwrap_or_default()
    };
    folder.sides(&table(1, SAME), &table(2, part(SAME)));
    let late = run(&folder, false);
    assert_eq!(late.verdict(), "pass", "{}", late.document()["summary"]);
    let nulls = paid(&late, "null-rate/v1");
    assert_eq!(nulls["nature"], "supporting", "{nulls}");
    assert!(
        said(&late, "labelled-answers/v1")
            .contains("labels are there for 3000 of 12000 answers (25 %)")
    );
    // What is there is judged.
    let worse = World { slope: 0.2, ..SAME };
    folder.sides(&table(1, SAME), &table(2, part(worse)));
    let worse = run(&folder, false);
    assert_eq!(
        (worse.code, worse.document()["reason"].as_str()),
        (1, Some("ANSWERS_WORSE"))
    );
    // Where labels must come with their rows, missing ones are a fault.
    folder.sides(&table(1, SAME), &table(2, part(SAME)));
    folder.write(
        "p.toml",
        "[checks.completeness]\nsettings = { late-labels = false }\n",
    );
    let ran = folder.check_sides(&[&ROLES[..], &["-p", "p.toml"]].concat());
    assert_eq!((ran.code, ran.suspects()), (1, vec!["paid".to_owned()]));
    assert_eq!(ran.document()["reason"], "DATA_QUALITY");
}
