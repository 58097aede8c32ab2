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
    for outlier in [1e155, 1e300, f64::MAX] {
        let ran = compare(
            &with_one(1, 0.0, Some(0.0)),
            &with_one(2, 0.5, Some(outlier)),
        );
        // Never a pass; that it is a failure of the check could be better.
        assert!(matches!(ran.code, 1 | 3), "{outlier:e}: {}", ran.code);
    }
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
