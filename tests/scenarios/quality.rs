//! Nulls and categories.

use crate::scenarios::compare;
use crate::support::random::normals;
use crate::support::{Random, Table, Values};

/// 5,000 rows, of which this share has no `x`.
fn with_nulls(seed: u64, share: f64) -> Table {
    let mut random = Random(seed);
    let mut x = normals(seed, 5000, 0.0);
    for value in x.iter_mut().filter(|_| random.uniform() < share) {
        *value = None;
    }
    Table::default()
        .floats("x", x)
        .floats("y", normals(seed + 50, 5000, 0.0))
}

/// Tools that drop nulls first compare what is left, which did not change.
#[test]
fn a_rising_null_rate_is_found() {
    let ran = compare(&with_nulls(1, 0.02), &with_nulls(2, 0.10));
    assert_eq!((ran.code, ran.suspects()), (2, vec!["x".to_owned()]));
    let ran = compare(&with_nulls(1, 0.02), &with_nulls(2, 0.30));
    assert_eq!((ran.code, ran.suspects()), (1, vec!["x".to_owned()]));
}

#[test]
fn a_null_rate_that_stays_is_none() {
    for seed in 0..5 {
        let ran = compare(&with_nulls(2 * seed, 0.1), &with_nulls(2 * seed + 1, 0.1));
        assert_eq!(ran.code, 0, "seed {seed}: {:?}", ran.suspects());
    }
}

fn categories(seed: u64, rows: usize, kinds: u32) -> Table {
    let mut random = Random(seed);
    let values = (0..rows).map(|_| format!("c{:02}", random.below(kinds)));
    Table::default().with("c", Values::texts(values.collect::<Vec<_>>()))
}

/// Distances between many small counts are large by chance alone.
#[test]
fn fifty_clean_categories_do_not_alarm() {
    for seed in 0..10 {
        let side = |seed: u64| categories(seed * 7919, 1000, 50);
        let ran = compare(&side(2 * seed), &side(2 * seed + 1));
        assert_eq!((ran.code, ran.suspects()), (0, vec![]), "seed {seed}");
    }
}

/// The more categories, the larger the distance that is chance alone.
#[test]
fn hundreds_of_clean_categories_do_not_alarm() {
    for (rows, kinds) in [(1001, 50), (5000, 300), (20_000, 1000)] {
        for seed in 0..3 {
            let side = |seed: u64| categories(seed * 7919 + u64::from(kinds), rows, kinds);
            let ran = compare(&side(2 * seed), &side(2 * seed + 1));
            let found = (ran.code, ran.suspects());
            assert_eq!(found, (0, vec![]), "{kinds} in {rows}, seed {seed}");
        }
    }
}

/// A histogram of the thousand most frequent values does not see those beyond.
#[test]
fn new_values_behind_a_thousand_known_ones_are_found() {
    let mut random = Random(11);
    let values = (0..20_000).map(|_| {
        let new = random.uniform() < 0.3;
        format!("{}{:04}", if new { "new" } else { "c" }, random.below(1500))
    });
    let current = Table::default().with("c", Values::texts(values.collect::<Vec<_>>()));
    let mut random = Random(12);
    let values = (0..20_000).map(|_| format!("c{:04}", random.below(1500)));
    let reference = Table::default().with("c", Values::texts(values.collect::<Vec<_>>()));
    let options = |folder: &crate::support::Folder| {
        folder.sides(&reference, &current);
        folder.check_sides(&["--categorical", "c"])
    };
    let ran = options(&crate::support::Folder::new());
    assert_eq!((ran.code, ran.suspects()), (1, vec!["c".to_owned()]));
    let document = ran.document();
    let findings = document["findings"].as_array().expect("findings");
    let new = findings
        .iter()
        .find(|finding| finding["metric"] == "new-values/v1")
        .expect("new values are measured");
    // 30 % are new; what decides is the lower end, and not far below.
    let effect = new["effect"].as_f64().expect("a number");
    assert!((0.22..=0.3).contains(&effect), "{new}");
    let share = new["statistic"].as_f64().expect("a number");
    assert!((share - 0.3).abs() < 0.06, "{new}");
}

/// Ids are new in every row, and customers come and leave as they did within
/// the reference: neither is a fault.
#[test]
fn open_ended_columns_do_not_alarm() {
    let mut random = Random(21);
    for (rows, stay) in [(12_000, 3_000), (12_000, 9_000), (3_000, 3_000)] {
        let mut row = 0;
        let mut side = |rows: u32| {
            let of_row = |_| {
                row += 1;
                (row, (row + random.below(stay)) / 5)
            };
            let drawn: Vec<(u32, u32)> = (0..rows).map(of_row).collect();
            let texts = |text: fn(&(u32, u32)) -> String| {
                Values::texts(drawn.iter().map(text).collect::<Vec<_>>())
            };
            Table::default()
                .with("ticket", texts(|one| format!("t-{}", one.0)))
                .with("customer", texts(|one| format!("customer {}", one.1)))
        };
        let (reference, current) = (side(12_000), side(rows));
        let folder = crate::support::Folder::new();
        folder.sides(&reference, &current);
        let ran = folder.check_sides(&["--categorical", "ticket,customer"]);
        let document = ran.document();
        let findings = document["findings"].as_array().expect("findings");
        let of = |metric: &str| {
            let mut found = findings
                .iter()
                .filter(|finding| finding["metric"] == metric);
            found
                .next()
                .unwrap_or_else(|| panic!("{metric}: {}", ran.stdout))
        };
        of("new-values/v1");
        let mut loud = findings
            .iter()
            .filter(|finding| finding["check"] == "validity" && finding["level"] != "pass");
        assert_eq!(loud.next(), None, "{rows} {stay}");
    }
}

/// The same table can alarm: a third of the rows went to one category.
#[test]
fn fifty_categories_of_which_one_grew_do_alarm() {
    let mut random = Random(5);
    let values = (0..1000).map(|_| {
        let grown = random.uniform() < 0.33;
        format!("c{:02}", if grown { 7 } else { random.below(50) })
    });
    let current = Table::default().with("c", Values::texts(values.collect::<Vec<_>>()));
    let ran = compare(&categories(1, 1000, 50), &current);
    assert_eq!((ran.code, ran.suspects()), (1, vec!["c".to_owned()]));
}
