//! One numeric column beside one that stands still.

use crate::scenarios::compare;
use crate::support::random::normals;
use crate::support::{Folder, Ran, Table};

type Numbers = Vec<Option<f64>>;

/// A table with `x`, and a column that never moves.
fn table(seed: u64, x: Numbers) -> Table {
    let still = normals(seed + 1000, x.len(), 0.0);
    Table::default().floats("x", x).floats("still", still)
}

/// 2,000 rows of `x`, with one value put in.
fn with_one(seed: u64, mean: f64, value: Option<f64>) -> Table {
    let mut x = normals(seed, 2000, mean);
    x[777] = value;
    table(seed, x)
}

fn names_x(ran: &Ran) -> bool {
    ran.code == 1 && ran.suspects() == ["x"]
}

/// Equal-width bins between the extremes put everything but the outlier into
/// one bin: in such a tool the shift is gone.
#[test]
fn one_outlier_on_either_side_does_not_hide_a_shift() {
    let plain = || (with_one(1, 0.0, Some(0.0)), with_one(2, 0.5, Some(0.5)));
    assert!(names_x(&compare(&plain().0, &plain().1)));
    for outlier in [1e6, -1e6, 1e100] {
        let ran = compare(&plain().0, &with_one(2, 0.5, Some(outlier)));
        assert!(names_x(&ran), "current {outlier}: {:?}", ran.suspects());
        let ran = compare(&with_one(1, 0.0, Some(outlier)), &plain().1);
        assert!(names_x(&ran), "reference {outlier}: {:?}", ran.suspects());
    }
}

#[test]
fn one_outlier_is_no_shift() {
    let plain = |seed| with_one(seed, 0.0, Some(0.0));
    for outlier in [1e6, -1e6, 1e100] {
        let ran = compare(&plain(1), &with_one(2, 0.0, Some(outlier)));
        assert_eq!(ran.code, 0, "current {outlier}: {:?}", ran.suspects());
        let ran = compare(&with_one(1, 0.0, Some(outlier)), &plain(2));
        assert_eq!(ran.code, 0, "reference {outlier}: {:?}", ran.suspects());
    }
}

/// A statistic that is NaN is below every threshold: the gate stands open.
#[test]
fn what_is_no_number_does_not_open_the_gate() {
    for value in [
        Some(f64::NAN),
        Some(f64::INFINITY),
        Some(f64::NEG_INFINITY),
        None,
    ] {
        let ran = compare(&with_one(1, 0.0, Some(0.0)), &with_one(2, 0.5, value));
        assert!(names_x(&ran), "current {value:?}: {:?}", ran.suspects());
        let ran = compare(&with_one(1, 0.0, value), &with_one(2, 0.5, Some(0.0)));
        assert!(names_x(&ran), "reference {value:?}: {:?}", ran.suspects());
        let ran = compare(&with_one(1, 0.0, value), &with_one(2, 0.0, value));
        assert_eq!(ran.code, 0, "both {value:?}: {:?}", ran.suspects());
    }
}

#[test]
fn nor_does_it_in_csv() {
    for word in ["NaN", "nan", "inf", "-Infinity", "n/a"] {
        let folder = Folder::new();
        let mut current = table(2, normals(2, 2000, 0.5)).csv();
        let line = current.find("\n0.").expect("some value begins with 0") + 1;
        let cell = current[line..].find(',').expect("two columns");
        current.replace_range(line..line + cell, word);
        folder.write("current.csv", current);
        folder.write("reference.csv", table(1, normals(1, 2000, 0.0)).csv());
        let ran = folder.check(&["-r", "reference.csv", "-c", "current.csv", "--numeric", "x"]);
        assert!(names_x(&ran), "{word}: {:?}", ran.suspects());
    }
}

/// At this size every p-value is small; the shift still does not matter.
#[test]
fn a_tiny_shift_in_a_large_table_passes() {
    let side = |seed, mean| Table::default().floats("x", normals(seed, 200_000, mean));
    let ran = compare(&side(1, 0.0), &side(2, 0.005));
    assert_eq!(ran.code, 0, "{:?}", ran.suspects());
}

/// Sums of squares of such values are infinite.
#[test]
fn no_value_is_too_large_to_be_judged() {
    let plain = |seed, mean| with_one(seed, mean, Some(mean));
    for outlier in [1e155, -1e300, f64::MAX] {
        let ran = compare(&plain(1, 0.0), &with_one(2, 0.5, Some(outlier)));
        assert!(names_x(&ran), "current {outlier:e}: {}", ran.stdout);
        let ran = compare(&with_one(1, 0.0, Some(outlier)), &plain(2, 0.5));
        assert!(names_x(&ran), "reference {outlier:e}: {}", ran.stdout);
        let ran = compare(&plain(1, 0.0), &with_one(2, 0.0, Some(outlier)));
        assert_eq!((ran.code, ran.suspects()), (0, vec![]), "{outlier:e}");
    }
}

/// A whole column of them: mean and variance are out of reach and said to be,
/// ranks decide.
#[test]
fn a_column_of_huge_values_is_compared_by_ranks() {
    let huge = |seed, mean| {
        let scaled = normals(seed, 2000, mean);
        table(seed, scaled.iter().map(|x| x.map(|x| x * 1e200)).collect())
    };
    let ran = compare(&huge(1, 0.0), &huge(2, 0.5));
    assert!(names_x(&ran), "{}", ran.stdout);
    assert!(ran.stdout.contains("compared by ranks alone"));
    let ran = compare(&huge(1, 0.0), &huge(2, 0.0));
    assert_eq!((ran.code, ran.suspects()), (0, vec![]));
}

/// Every check there is, the dear ones too, on both ends of what a float holds.
#[test]
fn no_check_fails_on_extreme_values() {
    let extremes = [f64::MAX, f64::MIN, 1e155, -1e160, 5e-324, 0.0, 1e308, -0.0];
    let side = |seed: u64| {
        let spread = |seed| {
            let values = normals(seed, 3000, 0.0).into_iter().enumerate();
            let value = |(row, x): (usize, Option<f64>)| {
                let extreme = extremes[row * 31 % extremes.len()];
                if row % 3 == 0 { Some(extreme) } else { x }
            };
            values.map(value).collect::<Numbers>()
        };
        let cycle = (0..3000).map(|row| Some(extremes[row % extremes.len()]));
        table(seed, normals(seed, 3000, 0.0))
            .floats("spread", spread(seed + 10))
            .floats("other", spread(seed + 20))
            .floats("cycle", cycle.collect())
            .floats("score", spread(seed + 30))
            .floats("prediction", spread(seed + 40))
    };
    let folder = Folder::new();
    folder.sides(&side(1), &side(2));
    let listed = folder.run(&["checks", "--json"]).document();
    let checks = listed["checks"].as_array().expect("a list of checks");
    let asked: String = checks
        .iter()
        .map(|check| format!("[checks.{}]\n", check["id"].as_str().expect("an id")))
        .collect();
    folder.write("all.toml", asked);
    let outputs = ["--score", "score", "--prediction", "prediction"];
    let ran = folder.check_sides(&[&["-p", "all.toml"], &outputs[..]].concat());
    let document = ran.document();
    assert_eq!(document["failures"], serde_json::json!([]));
    assert_eq!(ran.code, 0, "{:?}", ran.suspects());
}

/// At fifty rows only large effects are significant, and large effects block:
/// the rule promises at most 5 % of false alarms, one of these twenty.
#[test]
fn fifty_rows_with_nothing_wrong_block_no_more_often_than_promised() {
    let mut blocked = 0;
    for seed in 0..20 {
        let side = |seed| table(seed, normals(seed, 50, 0.0));
        let ran = compare(&side(2 * seed), &side(2 * seed + 1));
        assert!(matches!(ran.code, 1 | 2), "seed {seed}: {}", ran.code);
        blocked += u32::from(ran.code == 1);
    }
    assert!(blocked <= 1, "{blocked} of 20");
}

/// Too few rows to see anything is an answer of its own, and no pass.
#[test]
fn ten_rows_cannot_tell() {
    let side = |seed| table(seed, normals(seed, 10, 0.0));
    let ran = compare(&side(1), &side(2));
    assert_eq!(
        (ran.code, &ran.document()["reason"]),
        (2, &"CANNOT_TELL".into())
    );
}

/// Thirty tests at 5 % each alarm in three of four runs where nobody corrects
/// for their number.
#[test]
fn thirty_clean_columns_do_not_alarm() {
    let side = |seed: u64| {
        (0..30).fold(Table::default(), |table, column| {
            table.floats(
                &format!("x{column:02}"),
                normals(seed * 101 + column, 500, 0.0),
            )
        })
    };
    let mut alarms = 0;
    for seed in 0..10 {
        alarms += u32::from(compare(&side(2 * seed + 1), &side(2 * seed + 2)).code != 0);
    }
    // Promised are at most 5 % of runs.
    assert!(alarms <= 1, "{alarms} of 10");
}

/// Distances grow when the current side is small: thresholds on the bare
/// distance alarm on nearly every small batch.
#[test]
fn a_small_batch_against_a_large_reference_does_not_block() {
    let mut blocked = 0;
    for seed in 0..10 {
        for rows in [100, 300] {
            let (reference, current) = (
                table(2 * seed, normals(2 * seed, 5000, 0.0)),
                table(2 * seed + 1, normals(2 * seed + 1, rows, 0.0)),
            );
            let ran = compare(&reference, &current);
            assert_ne!(ran.code, 3, "seed {seed}, {rows} rows");
            blocked += u32::from(ran.code == 1);
        }
    }
    assert!(blocked <= 1, "{blocked} of 20");
}

/// Tests that want equal sizes refuse, or see a shift that is none.
#[test]
fn sides_of_unequal_size_are_compared() {
    let side = |seed, rows, mean| table(seed, normals(seed, rows, mean));
    let ran = compare(&side(1, 6000, 0.0), &side(2, 1500, 0.0));
    assert_eq!((ran.code, ran.suspects()), (0, vec![]));
    let ran = compare(&side(1, 1500, 0.0), &side(2, 6000, 0.5));
    assert!(names_x(&ran), "{:?}", ran.suspects());
}
