//! What columns are taken for, and columns that are unusual and ordinary.

use serde_json::Value;

use crate::support::random::normals;
use crate::support::{Folder, Random, Table, Values};

const ROWS: usize = 1000;

fn table(seed: u64) -> Table {
    let mut random = Random(seed);
    let mut whole = |limit| {
        (0..ROWS)
            .map(|_| Some(i64::from(random.below(limit))))
            .collect()
    };
    let (code, target, outcome) = (whole(4), whole(2), whole(2));
    let spread = whole(100_000);
    Table::default()
        .with(
            "when",
            Values::Times((0..ROWS as i64).map(|row| row * 1800).collect()),
        )
        .floats("number", normals(seed, ROWS, 0.0))
        .with("code", Values::Integers(code))
        .with("spread", Values::Integers(spread))
        .with("target", Values::Integers(target))
        .with("y_pred", Values::Integers(outcome))
}

fn role_and_kind(role: &Value) -> (&str, &str) {
    let word = |key: &str| role[key].as_str().expect("a word");
    (word("role"), word("kind"))
}

#[test]
fn inferred_with_a_reason() {
    let folder = Folder::new();
    folder.sides(&table(1), &table(2));
    let ran = folder.check_sides(&[]);
    for (column, expected) in [
        ("when", ("timestamp", "timestamp")),
        ("number", ("feature", "numeric")),
        ("code", ("feature", "categorical")),
        ("target", ("label", "categorical")),
        ("y_pred", ("prediction", "categorical")),
    ] {
        let role = ran.role(column);
        assert_eq!(role_and_kind(&role), expected, "{column}: {}", role["why"]);
        assert_ne!(role["why"], "", "{column}");
    }
}

#[test]
fn flags_say_it_better() {
    let folder = Folder::new();
    folder.sides(&table(1), &table(2));
    let flags = [
        &["--numeric", "code,target"][..],
        &["--categorical", "spread"],
        &["--prediction", "target", "--label", "y_pred"],
        &["--ignore", "when"],
        &["--id", "number"],
    ];
    let ran = folder.check_sides(&flags.concat());
    assert_eq!(role_and_kind(&ran.role("code")), ("feature", "numeric"));
    assert_eq!(
        role_and_kind(&ran.role("spread")),
        ("feature", "categorical")
    );
    assert_eq!(
        role_and_kind(&ran.role("target")),
        ("prediction", "numeric")
    );
    assert_eq!(role_and_kind(&ran.role("y_pred")).0, "label");
    assert_eq!(role_and_kind(&ran.role("when")).0, "ignore");
    assert_eq!(role_and_kind(&ran.role("number")).0, "id");
    assert!(
        ran.role("y_pred")["why"]
            .as_str()
            .expect("a reason")
            .contains("set as label")
    );
}

/// Of several classes each has its score; a column cannot be two things.
#[test]
fn several_scores_and_segments() {
    let folder = Folder::new();
    folder.sides(&table(1), &table(2));
    let ran = folder.check_sides(&["--score", "number,spread", "--segment", "code"]);
    for (column, role) in [
        ("number", "score"),
        ("spread", "score"),
        ("code", "segment"),
    ] {
        assert_eq!(role_and_kind(&ran.role(column)).0, role);
    }
    folder.write(
        "p.toml",
        "[roles]\nscore = [\"number\", \"spread\"]\nsegment = \"code\"\n",
    );
    let policy = folder.check_sides(&["-p", "p.toml"]);
    assert_eq!(role_and_kind(&policy.role("spread")).0, "score");
    assert_eq!(role_and_kind(&policy.role("code")).0, "segment");
    // The command line says all the scores there are.
    let one = folder.check_sides(&["-p", "p.toml", "--score", "number"]);
    assert_eq!(role_and_kind(&one.role("spread")).0, "feature");
    let both = folder.check_sides(&["--segment", "code", "--label", "code"]);
    assert_eq!(both.code, 64, "{both:?}");
}

#[test]
fn flags_go_before_the_policy() {
    let folder = Folder::new();
    folder.sides(&table(1), &table(2));
    folder.write(
        "driftguard.toml",
        "[roles]\nnumeric = [\"code\"]\nlabel = \"target\"\n",
    );
    let policy = ["-p", "driftguard.toml"];
    let ran = folder.check_sides(&policy);
    assert_eq!(role_and_kind(&ran.role("code")), ("feature", "numeric"));
    let ran = folder.check_sides(&[&policy[..], &["--categorical", "code"]].concat());
    assert_eq!(role_and_kind(&ran.role("code")), ("feature", "categorical"));
    assert_eq!(role_and_kind(&ran.role("target")).0, "label");
}

#[test]
fn an_ignored_column_cannot_block() {
    let folder = Folder::new();
    let side = |seed, mean| {
        let moved = normals(seed, ROWS, mean);
        Table::default()
            .floats("x", normals(seed + 5, ROWS, 0.0))
            .floats("moved", moved)
    };
    folder.sides(&side(1, 0.0), &side(2, 3.0));
    assert_eq!(folder.check_sides(&[]).code, 1);
    let ran = folder.check_sides(&["--ignore", "moved", "--fail-on", "alert"]);
    assert_eq!((ran.code, ran.suspects()), (0, vec![]), "{}", ran.stdout);
}

/// Constant, unique, all null: on both sides alike, nothing changed.
#[test]
fn unusual_columns_are_ordinary() {
    let folder = Folder::new();
    let side = |seed: u64| {
        let unique = (0..ROWS).map(|row| format!("{seed}-{row:04}-{:08x}", row * 7919));
        table(seed)
            .with("constant", Values::Integers(vec![Some(7); ROWS]))
            .with(
                "constant_text",
                Values::texts(vec!["same".to_owned(); ROWS]),
            )
            .with("unique", Values::texts(unique.collect::<Vec<_>>()))
            .with("empty", Values::Nulls(ROWS))
    };
    folder.sides(&side(1), &side(2));
    let ran = folder.check_sides(&["--fail-on", "alert"]);
    assert_eq!(
        (ran.code, ran.verdict().as_str()),
        (0, "pass"),
        "{:?}",
        ran.suspects()
    );
    folder
        .write("r.csv", side(1).csv())
        .write("c.csv", side(2).csv());
    let ran = folder.check(&["-r", "r.csv", "-c", "c.csv", "--fail-on", "alert"]);
    assert_eq!(
        (ran.code, ran.verdict().as_str()),
        (0, "pass"),
        "{:?}",
        ran.suspects()
    );
}

/// A column on one side only is the schema check's to judge, and no error.
#[test]
fn a_column_on_one_side_is_reported() {
    let folder = Folder::new();
    let more = |seed| table(seed).floats("extra", normals(seed + 9, ROWS, 0.0));
    folder.sides(&more(1), &table(2));
    let gone = folder.check_sides(&[]);
    assert_eq!((gone.code, gone.suspects()), (1, vec!["extra".to_owned()]));
    folder.sides(&table(1), &more(2));
    let added = folder.check_sides(&[]);
    assert_eq!((added.code, added.verdict().as_str()), (0, "alert"));
    assert_eq!(added.suspects(), ["extra"]);
    let role = added.role("extra");
    assert_eq!(
        (&role["storage-reference"], &role["storage-current"]),
        (&Value::Null, &"Float64".into())
    );
}

#[test]
fn a_column_that_came_alive_or_died_blocks() {
    let folder = Folder::new();
    let with = |seed, values| table(seed).with("extra", values);
    let alive = || Values::Floats(normals(5, ROWS, 0.0));
    folder.sides(&with(1, alive()), &with(2, Values::Nulls(ROWS)));
    let died = folder.check_sides(&[]);
    assert_eq!((died.code, died.suspects()), (1, vec!["extra".to_owned()]));
    folder.sides(&with(1, Values::Nulls(ROWS)), &with(2, alive()));
    let alive = folder.check_sides(&[]);
    assert_eq!(
        (alive.code, alive.suspects()),
        (1, vec!["extra".to_owned()])
    );
}
