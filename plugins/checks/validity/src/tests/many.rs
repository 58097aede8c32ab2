//! Columns of so many values that only a sample of them is kept.

use std::collections::BTreeMap;

use driftguard_statistics::exchangeable::one_sided;

use super::*;

/// Rows of names, each drawn from `kinds` ones, `new` of them from as many
/// others.
fn names(rng: &mut Rng, rows: usize, kinds: u64, new: f64) -> Vec<String> {
    (0..rows)
        .map(|_| {
            let start = if rng.uniform() < new { "new" } else { "c" };
            format!("{start}{:05}", rng.below(kinds))
        })
        .collect()
}

fn compared(reference: &[String], current: &[String]) -> Vec<Finding> {
    let reference: Vec<&str> = reference.iter().map(String::as_str).collect();
    let current: Vec<&str> = current.iter().map(String::as_str).collect();
    texts(&reference, &current)
}

/// Share of rows that are new beyond chance, counted over all values.
fn excess(reference: &[String], current: &[String]) -> f64 {
    let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    current
        .iter()
        .for_each(|name| counts.entry(name).or_default().0 += 1);
    reference
        .iter()
        .for_each(|name| counts.entry(name).or_default().1 += 1);
    let (m, n) = (current.len() as u64, reference.len() as u64);
    let found = one_sided(counts.into_values(), m, n).unwrap();
    (found.rows as f64 - found.noise.mean) / m as f64
}

/// The share that decides is below the truth in nearly all draws, and near it.
#[test]
fn new_values_among_thousands_have_their_share() {
    let mut rng = Rng::new(31);
    let mut above = 0;
    for kinds in [800, 1500, 4000] {
        for new in [0.0, 0.15, 0.3] {
            for _ in 0..5 {
                let before = names(&mut rng, 20_000, kinds, 0.0);
                let now = names(&mut rng, 20_000, kinds, new);
                let truth = excess(&before, &now);
                let findings = compared(&before, &now);
                let found = metric(&findings, "new-values/v1").unwrap();
                above += usize::from(found.effect > truth.max(0.0));
                let near = found.effect > truth - 0.08 && found.effect < truth + 0.02;
                assert!(near, "{truth}: {found:?}");
                let range = found.interval.unwrap();
                assert!(range.low <= found.effect && found.effect <= range.high);
                let alarm = alarms(&findings).contains(&"new-values/v1".to_owned());
                assert!(alarm || truth < 0.12, "{kinds} {new}: {found:?}");
                assert!(!alarm || new > 0.0, "{kinds} {new}: {found:?}");
            }
        }
    }
    assert!(above <= 4, "{above} of 45");
}

#[test]
fn the_words_of_an_estimate() {
    let mut rng = Rng::new(32);
    let before = names(&mut rng, 20_000, 1500, 0.0);
    let now = names(&mut rng, 20_000, 1500, 0.3);
    let found = compared(&before, &now);
    insta::assert_snapshot!(metric(&found, "new-values/v1").unwrap().message);
    let back = compared(&now, &before);
    insta::assert_snapshot!(metric(&back, "vanished-values/v1").unwrap().message);
}

/// Columns that are open-ended: ids, free text, names of which ever new ones
/// arrive and old ones leave. None is a fault of the data.
#[test]
fn open_ended_columns_do_not_alarm() {
    let mut rng = Rng::new(33);
    for draw in 0..12 {
        let first = draw * 1_000_000;
        let ids = |from: usize, rows: usize| -> Vec<String> {
            (from..from + rows)
                .map(|id| format!("id-{}", first + id))
                .collect()
        };
        for (n, m) in [(20_000, 20_000), (20_000, 3_000), (4_000, 30_000)] {
            let findings = compared(&ids(0, n), &ids(n, m));
            assert_eq!(alarms(&findings), [""; 0], "ids {n} {m}");
            // Each name is in use for some rows: customers who come and leave.
            let stay = 2_000 + rng.below(8_000);
            let mut row = 0;
            let mut customers = |rows: usize, rng: &mut Rng| -> Vec<String> {
                let named = (0..rows).map(|_| {
                    row += 1;
                    format!("customer {}", first as u64 + (row + rng.below(stay)) / 5)
                });
                named.collect()
            };
            let (before, now) = (customers(n, &mut rng), customers(m, &mut rng));
            let findings = compared(&before, &now);
            assert_eq!(alarms(&findings), [""; 0], "customers {n} {m} {stay}");
        }
    }
}

/// The yardstick is the reference's own: the same customers where they come
/// and leave slowly, and then all at once.
#[test]
fn more_than_the_references_own_turnover_is_found() {
    let mut rng = Rng::new(34);
    let before: Vec<String> = (0..20_000u64)
        .map(|row| format!("customer {}", (row + rng.below(60_000)) / 40))
        .collect();
    let findings = compared(&before, &names(&mut rng, 20_000, 1500, 0.0));
    let found = metric(&findings, "new-values/v1").unwrap();
    assert!(
        alarms(&findings).contains(&"new-values/v1".to_owned()),
        "{found:?}"
    );
    assert!(found.effect < 0.95, "{found:?}");
}
