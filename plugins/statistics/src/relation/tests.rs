use super::*;
use crate::special::normal_quantile;
use crate::testing::Rng;
use proptest::prelude::*;

/// What the tests draw.
trait Draw {
    fn table(&mut self, n: usize, cells: usize, correlation: f64, moved: f64) -> Vec<u64>;
}

impl Draw for Rng {
    /// Counts of a normal pair over even cells; `moved` shifts the first.
    fn table(&mut self, n: usize, cells: usize, correlation: f64, moved: f64) -> Vec<u64> {
        let edges: Vec<f64> = (1..cells)
            .map(|k| normal_quantile(k as f64 / cells as f64).unwrap())
            .collect();
        let cell = |value: f64| edges.partition_point(|edge| *edge <= value);
        let mut counts = vec![0; cells * cells];
        for _ in 0..n {
            let x = self.normal();
            let y = correlation * x + (1.0 - correlation * correlation).sqrt() * self.normal();
            counts[cell(x + moved) * cells + cell(y)] += 1;
        }
        counts
    }
}

fn shifted(a: &[u64], b: &[u64], cells: usize) -> RelationShift {
    shift(
        Table::new(a, cells, cells).unwrap(),
        Table::new(b, cells, cells).unwrap(),
    )
    .unwrap()
}

/// Mean and sd of the statistic are what simulation finds, and tails are not
/// light: cells, rows of both sides, correlation.
#[test]
fn noise_and_level_agree_with_simulation() {
    for (cells, n, m, correlation) in [
        (2, 300, 300, 0.3),
        (6, 1000, 1000, 0.0),
        (6, 6000, 800, 0.5),
        (6, 800, 5000, 0.5),
        (6, 2000, 300, 0.95),
        (8, 3000, 3000, 0.8),
    ] {
        let mut rng = Rng(cells as u64 * 77 + m as u64);
        let runs = 400;
        let (mut seen, mut squares, mut mean, mut sd, mut early) = (0.0, 0.0, 0.0, 0.0, 0);
        for _ in 0..runs {
            let reference = rng.table(n, cells, correlation, 0.0);
            let current = rng.table(m, cells, correlation, 0.0);
            let found = shifted(&reference, &current, cells);
            seen += found.statistic / f64::from(runs);
            squares += found.statistic.powi(2) / f64::from(runs);
            mean += found.noise.mean / f64::from(runs);
            sd += found.noise.sd / f64::from(runs);
            early += i32::from(found.p_value <= 0.05);
        }
        let actual = (squares - seen * seen).max(0.0).sqrt();
        let what = format!(
            "{cells} cells, {n} and {m} rows, {correlation}: mean {seen:.4} {mean:.4}, sd {actual:.4} {sd:.4}, {early}"
        );
        assert!((0.93..1.07).contains(&(seen / mean)), "{what}");
        assert!((0.8..1.25).contains(&(actual / sd)), "{what}");
        assert!((2..=38).contains(&early), "{what}");
    }
}

/// A margin that moved is no change of the relation: a normal pair with one
/// side moved by half a deviation keeps its odds ratios nearly.
#[test]
fn a_moved_margin_alone_is_little() {
    let mut rng = Rng(5);
    let reference = rng.table(20_000, 6, 0.6, 0.0);
    let moved = shifted(&reference, &rng.table(20_000, 6, 0.6, 0.5), 6);
    let broken = shifted(&reference, &rng.table(20_000, 6, 0.0, 0.0), 6);
    assert!(moved.effect < 0.06, "{moved:?}");
    assert!(broken.effect > 0.2 && broken.p_value < 1e-12, "{broken:?}");
}

/// Power: correlation 0.5 that became 0.3, 1000 rows a side (60 of 100).
#[test]
fn a_weakened_relation_is_found() {
    let mut rng = Rng(9);
    let found = (0..100).filter(|_| {
        let reference = rng.table(1000, 6, 0.5, 0.0);
        shifted(&reference, &rng.table(1000, 6, 0.3, 0.0), 6).p_value < 0.01
    });
    let found = found.count();
    assert!(found >= 50, "{found} of 100");
}

#[test]
fn oracle_numbers() {
    // numpy: t = [[30,10,5],[8,25,12],[2,9,40]]; one row number and column
    // number for each count into scipy.stats.spearmanr; V by Bergsma's formula;
    // p = t + outer(t.sum(1), t.sum(0)) / n^2, then 5000 turns of
    // p *= (q.sum(1) / p.sum(1))[:, None]; p *= q.sum(0) / p.sum(0); the
    // distance is abs(p - q).sum() / 2.
    let counts = [30, 10, 5, 8, 25, 12, 2, 9, 40];
    let table = Table::new(&counts, 3, 3).unwrap();
    assert!((rank_correlation(table).unwrap() - ORACLE_RANK).abs() < 1e-9);
    assert!((cramers_v(table).unwrap() - ORACLE_V).abs() < 1e-9);
    let now = [35, 15, 10, 8, 25, 17, 2, 5, 33];
    let found = shift(table, Table::new(&now, 3, 3).unwrap()).unwrap();
    assert!((found.statistic - ORACLE_SHIFT).abs() < 1e-8, "{found:?}");
}
const ORACLE_RANK: f64 = 0.652006862266;
const ORACLE_V: f64 = 0.517266872775;
const ORACLE_SHIFT: f64 = 0.020492271171;

#[test]
fn degenerate_tables() {
    assert!(Table::new(&[1, 2], 2, 2).is_none() && Table::new(&[], 0, 0).is_none());
    let empty = Table::new(&[0; 4], 2, 2).unwrap();
    let line = Table::new(&[3, 4, 0, 0], 2, 2).unwrap();
    let full = Table::new(&[30, 4, 5, 40], 2, 2).unwrap();
    assert_eq!(
        (strength(empty), rank_correlation(empty), cramers_v(empty)),
        (None, None, None)
    );
    assert_eq!((rank_correlation(line), cramers_v(line)), (None, None));
    assert_eq!(shift(empty, full), None);
    assert_eq!(shift(full, line), None);
    assert_eq!(shift(full, Table::new(&[1; 6], 2, 3).unwrap()), None);
    // Without exceptions on both sides: nothing can have changed.
    let strict = Table::new(&[50, 0, 0, 50], 2, 2).unwrap();
    let same = shift(strict, strict).unwrap();
    assert!(same.effect == 0.0 && same.p_value > 0.5, "{same:?}");
    let turned = shift(strict, Table::new(&[0, 50, 50, 0], 2, 2).unwrap()).unwrap();
    assert!(turned.effect > 0.8 && turned.p_value < 1e-6, "{turned:?}");
}

proptest! {
    #[test]
    fn laws(a in prop::collection::vec(0u64..60, 12), b in prop::collection::vec(0u64..60, 12)) {
        let (x, y) = (Table::new(&a, 3, 4).unwrap(), Table::new(&b, 3, 4).unwrap());
        if let Some(found) = shift(x, y) {
            prop_assert!((0.0..=1.0).contains(&found.effect) && (0.0..=1.0).contains(&found.p_value));
            prop_assert!(found.noise.mean.is_finite() && found.noise.sd.is_finite() && found.noise.sd > 0.0);
        }
        if let Some(same) = shift(x, x) {
            prop_assert!(same.effect == 0.0 && same.p_value > 0.5, "{same:?}");
        }
        // Twice as many of one row: another margin, the same relation.
        let tilted: Vec<u64> = a.iter().enumerate().map(|(at, count)| if at < 4 { count * 2 } else { *count }).collect();
        if let Some(tilted) = shift(x, Table::new(&tilted, 3, 4).unwrap()) {
            prop_assert!(tilted.effect < 0.02, "{tilted:?}");
        }
    }
}
