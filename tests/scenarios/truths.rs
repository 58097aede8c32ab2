//! The six ground truths from logs alone, through the binary: f = sigma(2 x0 +
//! x1 x2), 6,000 rows a side, x4 a copy of x0 with correlation .9, x3 and x5
//! irrelevant; the new code adds .3 where x1 > .5. (With the model:
//! `host/guard/tests/truths.rs`.)

use crate::support::{Folder, Ran, Random, Table};

const ROWS: usize = 6_000;

#[derive(Clone, Copy, Default)]
struct Truth {
    x0: f64,
    x3: f64,
    correlation: f64,
    code: bool,
}

fn table(seed: u64, truth: Truth) -> Table {
    let mut random = Random(seed << 32);
    let mut columns = vec![Vec::new(); 7];
    for _ in 0..ROWS {
        let mut x = [(); 6].map(|()| random.normal());
        x[4] = 0.9 * x[0] + (1.0_f64 - 0.81).sqrt() * x[4];
        let c = truth.correlation;
        x[2] = c * x[1] + (1.0 - c * c).sqrt() * x[2];
        x[0] += truth.x0;
        x[4] += 0.9 * truth.x0;
        x[3] += truth.x3;
        let old = 1.0 / (1.0 + (-(2.0 * x[0] + x[1] * x[2])).exp());
        let score = old + if truth.code && x[1] > 0.5 { 0.3 } else { 0.0 };
        for (column, x) in columns
            .iter_mut()
            .zip(x.into_iter().chain([score.min(1.0)]))
        {
            column.push(Some(x));
        }
    }
    let names = ["x0", "x1", "x2", "x3", "x4", "x5", "score"];
    let named = names.into_iter().zip(columns);
    named.fold(Table::default(), |table, (name, values)| {
        table.floats(name, values)
    })
}

/// `check` with the cause, where the release is the same or another one.
fn checked(seed: u64, truth: Truth, same_release: bool) -> Ran {
    let folder = Folder::new();
    folder.sides(
        &table(2 * seed, Truth::default()),
        &table(2 * seed + 1, truth),
    );
    folder.write("driftguard.toml", "[checks.cause]\n");
    for (name, model) in [
        ("old", "weights"),
        ("new", if same_release { "weights" } else { "others" }),
    ] {
        folder.write("model.bin", model);
        let out = format!("{name}.json");
        folder.fingerprint(&out, "model.bin");
    }
    folder.check_sides(&[
        "--policy",
        "driftguard.toml",
        "--score",
        "score",
        "--numeric",
        "x0,x1,x2,x3,x4,x5",
        "--reference-fingerprint",
        "old.json",
        "--fingerprint",
        "new.json",
    ])
}

fn reason(ran: &Ran) -> String {
    ran.document()["reason"]
        .as_str()
        .expect("a reason")
        .to_owned()
}

/// What each column explains, in the score's unit, largest first.
fn by_column(ran: &Ran) -> Vec<(String, f64)> {
    let document = ran.document();
    let findings = document["findings"].as_array().expect("findings").clone();
    let own = findings.iter().filter(|finding| {
        finding["metric"]
            .as_str()
            .is_some_and(|metric| metric.starts_with("explained-by-column"))
    });
    let mut parts: Vec<(String, f64)> = own
        .map(|finding| {
            let name = finding["subject"]["column"]
                .as_str()
                .expect("a column")
                .to_owned();
            (
                name,
                finding["unit-effect"]["value"].as_f64().expect("a part"),
            )
        })
        .collect();
    parts.sort_by(|left, right| right.1.abs().total_cmp(&left.1.abs()));
    parts
}

/// The part that stays unexplained.
fn unexplained(ran: &Ran) -> f64 {
    let document = ran.document();
    let findings = document["findings"].as_array().expect("findings").clone();
    let found = findings.iter().find(|finding| {
        finding["metric"]
            .as_str()
            .is_some_and(|metric| metric.starts_with("unexplained-output"))
    });
    found.expect("a part")["unit-effect"]["value"]
        .as_f64()
        .expect("a number")
}

fn near(actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance,
        "{actual}, expected {expected} +- {tolerance}"
    );
}

#[test]
fn the_decoy_ranks_below_the_cause() {
    let ran = checked(
        1,
        Truth {
            x0: 0.5,
            x3: 2.0,
            ..Truth::default()
        },
        true,
    );
    assert_eq!(reason(&ran), "DATA_CHANGED_BEHAVIOUR");
    let parts = by_column(&ran);
    assert_eq!(parts[0].0, "x0", "{parts:?}");
    near(parts[0].1, 0.133, 0.02);
    let decoy = parts
        .iter()
        .find(|(name, _)| name == "x3")
        .map_or(0.0, |(_, part)| *part);
    near(decoy, 0.0, 0.02);
    near(unexplained(&ran), 0.0, 0.02);
}

#[test]
fn a_column_that_moves_nothing_is_benign() {
    let ran = checked(
        1,
        Truth {
            x3: 2.0,
            ..Truth::default()
        },
        true,
    );
    assert_eq!(reason(&ran), "DATA_DRIFT_BENIGN");
    assert!(by_column(&ran).iter().all(|(_, part)| part.abs() < 0.015));
}

#[test]
fn a_joint_shift_does_not_accuse_the_code() {
    let ran = checked(
        1,
        Truth {
            correlation: 0.8,
            ..Truth::default()
        },
        true,
    );
    assert!(by_column(&ran).iter().all(|(_, part)| part.abs() < 0.015));
    near(unexplained(&ran), 0.089, 0.02);
    let document = ran.document();
    assert_eq!(document["reason"], "UNEXPLAINED_OUTPUT_CHANGE");
    let words = document["summary"].to_string();
    assert!(!words.contains("code changed"), "{words}");
}

#[test]
fn a_change_of_the_code_alone() {
    let truth = Truth {
        code: true,
        ..Truth::default()
    };
    let ran = checked(1, truth, true);
    assert_eq!(reason(&ran), "UNEXPLAINED_OUTPUT_CHANGE");
    near(unexplained(&ran), 0.066, 0.02);
    assert!(by_column(&ran).iter().all(|(_, part)| part.abs() < 0.015));
    assert_eq!(reason(&checked(1, truth, false)), "CODE_CHANGED_BEHAVIOUR");
}

#[test]
fn a_change_of_both() {
    let truth = Truth {
        x0: 0.5,
        code: true,
        ..Truth::default()
    };
    let ran = checked(1, truth, false);
    assert_eq!(reason(&ran), "CONFOUNDED");
    near(by_column(&ran)[0].1, 0.131, 0.02);
    assert_eq!(by_column(&ran)[0].0, "x0");
    near(unexplained(&ran), 0.067, 0.02);
}

#[test]
fn where_nothing_changed_it_is_stable() {
    let ran = checked(1, Truth::default(), true);
    assert_eq!(reason(&ran), "STABLE");
    assert!(by_column(&ran).iter().all(|(_, part)| part.abs() < 0.015));
    near(unexplained(&ran), 0.0, 0.015);
}
