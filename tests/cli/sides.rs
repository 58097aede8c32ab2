//! One table cut into the two sides.

use crate::support::random::normals;
use crate::support::{Folder, Ran, Table, Values};

const HALF: usize = 1500;
/// 1970-01-11T10:00:00Z: rows are ten minutes apart.
const MIDDLE: &str = "1970-01-11T10:00:00Z";

/// Rows over three weeks; from the middle on `x` is another.
fn both() -> Table {
    let numbers = [normals(1, HALF, 0.0), normals(2, HALF, 1.0)].concat();
    let still = normals(3, 2 * HALF, 0.0);
    let side = (0..2 * HALF).map(|row| if row < HALF { "old" } else { "new" }.to_owned());
    Table::default()
        .with(
            "time",
            Values::Times((0..2 * HALF as i64).map(|row| row * 600).collect()),
        )
        .floats("x", numbers)
        .floats("still", still)
        .with("side", Values::texts(side.collect::<Vec<_>>()))
}

fn rows(document: &serde_json::Value) -> [u64; 2] {
    ["reference", "current"].map(|side| document[side]["rows"].as_u64().expect("a count"))
}

#[test]
fn by_time() {
    let folder = Folder::new();
    folder
        .write("both.parquet", both().parquet())
        .write("both.csv", both().csv());
    for name in ["both.parquet", "both.csv"] {
        let ran = folder.check(&["-r", name, "--split", MIDDLE, "--ignore", "side"]);
        assert_eq!((ran.code, ran.suspects()[0].as_str()), (1, "x"), "{name}");
        assert_eq!(rows(&ran.document()), [HALF as u64; 2], "{name}");
    }
}

fn by_side() -> Ran {
    let folder = Folder::new();
    folder.write("both.parquet", both().parquet());
    folder.check(&["-r", "both.parquet", "--split-by", "side=new"])
}

#[test]
fn by_a_value() {
    let ran = by_side();
    assert_eq!(ran.code, 1);
    assert!(ran.suspects().contains(&"x".to_owned()));
    assert_eq!(rows(&ran.document()), [HALF as u64; 2]);
}

#[test]
fn what_a_table_was_cut_by_is_not_to_blame() {
    assert_eq!(by_side().suspects(), ["x"]);
}

#[test]
fn a_split_that_leaves_one_side_empty() {
    let folder = Folder::new();
    folder.write("both.parquet", both().parquet());
    let after = folder.run(&["check", "-r", "both.parquet", "--split", "1971-01-01"]);
    insta::assert_snapshot!(after.refusal(), @"
    exit 3
    error: the current side (both.parquet (Parquet, 3000 rows, 4 columns, the current side of a split)) has no rows: there is nothing to compare; check the split
    ");
    let nobody = folder.run(&["check", "-r", "both.parquet", "--split-by", "side=newer"]);
    insta::assert_snapshot!(nobody.refusal(), @"
    exit 3
    error: the current side (both.parquet (Parquet, 3000 rows, 4 columns, the current side of a split)) has no rows: there is nothing to compare; check the split
    ");
}

#[test]
fn a_policy_names_the_sides_relative_to_itself() {
    let folder = Folder::new();
    folder.write("data/both.parquet", both().parquet());
    let policy = "[data]\nreference = \"../data/both.parquet\"\nsplit = 1970-01-11T10:00:00Z\n";
    folder.write("guard/driftguard.toml", policy);
    let ran = folder.check(&["-p", "guard/driftguard.toml"]);
    assert_eq!(rows(&ran.document()), [HALF as u64; 2]);
    // A flag replaces what the policy says.
    let same = ["-p", "guard/driftguard.toml", "-c", "data/both.parquet"];
    assert_eq!(rows(&folder.check(&same).document()), [2 * HALF as u64; 2]);
}
