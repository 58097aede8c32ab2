//! Faults that other tools were measured to have, as tests.

use crate::support::{Random, check, csv, write};

fn normals(seed: u64, rows: usize, shift: f64) -> Vec<f64> {
    let mut random = Random(seed);
    (0..rows).map(|_| random.normal() + shift).collect()
}

fn texts(values: &[f64]) -> Vec<String> {
    values.iter().map(f64::to_string).collect()
}

/// Exit code and suspects of a comparison of one numeric column.
fn compare(reference: Vec<String>, current: Vec<String>) -> (i32, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let reference = write(folder.path(), "reference.csv", &csv(&[("x", reference)]));
    let current = write(folder.path(), "current.csv", &csv(&[("x", current)]));
    let (code, document) = check(&[
        "-r",
        &reference,
        "-c",
        &current,
        "--numeric",
        "x",
        "--fail-on",
        "alert",
    ]);
    (
        code,
        serde_json::from_value(document["suspects"].clone()).unwrap(),
    )
}

#[test]
fn one_outlier_on_either_side_does_not_hide_a_shift() {
    let (mut reference, mut current) = (normals(1, 2000, 0.0), normals(2, 2000, 0.5));
    current[7] = 1e6;
    assert_eq!(
        compare(texts(&reference), texts(&current)),
        (1, vec!["x".to_owned()])
    );
    current[7] = 0.5;
    reference[7] = 1e6;
    assert_eq!(
        compare(texts(&reference), texts(&current)),
        (1, vec!["x".to_owned()])
    );
}

#[test]
fn one_outlier_is_no_shift() {
    let (reference, mut current) = (normals(1, 2000, 0.0), normals(2, 2000, 0.0));
    current[7] = 1e6;
    assert_eq!(compare(texts(&reference), texts(&current)).0, 0);
}

#[test]
fn a_nan_does_not_open_the_gate() {
    let (reference, mut current) = (normals(1, 2000, 0.0), normals(2, 2000, 2.0));
    current[7] = f64::NAN;
    assert_eq!(
        compare(texts(&reference), texts(&current)),
        (1, vec!["x".to_owned()])
    );
}

#[test]
fn a_rising_null_rate_is_found() {
    let with_nulls = |seed, share| {
        let mut random = Random(seed);
        let value = |value: f64| {
            if random.uniform() < share {
                String::new()
            } else {
                value.to_string()
            }
        };
        normals(seed + 10, 5000, 0.0)
            .into_iter()
            .map(value)
            .collect::<Vec<_>>()
    };
    // A second column keeps rows of nulls from being blank lines.
    let folder = tempfile::tempdir().unwrap();
    let table = |seed, share| {
        csv(&[
            ("x", with_nulls(seed, share)),
            ("y", texts(&normals(seed + 20, 5000, 0.0))),
        ])
    };
    let reference = write(folder.path(), "reference.csv", &table(1, 0.02));
    let current = write(folder.path(), "current.csv", &table(2, 0.10));
    let (code, document) = check(&["-r", &reference, "-c", &current, "--fail-on", "alert"]);
    assert_eq!(
        (code, &document["suspects"]),
        (2, &serde_json::json!(["x"]))
    );
}

#[test]
fn fifty_clean_categories_do_not_alarm() {
    for seed in 0..5 {
        let side = |seed| {
            let mut random = Random(seed);
            (0..1000)
                .map(|_| format!("c{}", (random.uniform() * 50.0) as u32))
                .collect::<Vec<_>>()
        };
        let folder = tempfile::tempdir().unwrap();
        let reference = write(
            folder.path(),
            "reference.csv",
            &csv(&[("c", side(2 * seed))]),
        );
        let current = write(
            folder.path(),
            "current.csv",
            &csv(&[("c", side(2 * seed + 1))]),
        );
        let (code, document) = check(&[
            "-r",
            &reference,
            "-c",
            &current,
            "--categorical",
            "c",
            "--fail-on",
            "alert",
        ]);
        assert_eq!(
            (code, &document["suspects"]),
            (0, &serde_json::json!([])),
            "seed {seed}"
        );
    }
}

#[test]
fn a_tiny_shift_in_a_large_table_passes() {
    let (reference, current) = (normals(1, 100_000, 0.0), normals(2, 100_000, 0.005));
    assert_eq!(compare(texts(&reference), texts(&current)).0, 0);
}

#[test]
fn fifty_rows_with_nothing_wrong_never_block() {
    for seed in 0..10 {
        let code = compare(
            texts(&normals(seed, 50, 0.0)),
            texts(&normals(seed + 100, 50, 0.0)),
        )
        .0;
        assert!(code == 0 || code == 2, "seed {seed}: {code}");
    }
}
