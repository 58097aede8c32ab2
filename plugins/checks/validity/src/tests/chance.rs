//! How often it alarms when nothing changed, and when something did. The
//! numbers in the crate's documentation are from here.

use super::*;

/// Names with frequencies like one over rank.
fn zipf(rng: &mut Rng, rows: usize, kinds: usize, names: &[String]) -> Vec<usize> {
    let weights: Vec<f64> = (1..=kinds).map(|rank| 1.0 / rank as f64).collect();
    let total: f64 = weights.iter().sum();
    let cumulated: Vec<f64> = weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight / total;
            Some(*sum)
        })
        .collect();
    (0..rows)
        .map(|_| {
            let place = rng.uniform();
            cumulated
                .partition_point(|sum| *sum < place)
                .min(names.len() - 1)
        })
        .collect()
}

/// A short reference has not seen every value; nor have 2,000 names fewer than
/// the sample keeps.
#[test]
fn unseen_by_chance_stays_within_the_level() {
    let names: Vec<String> = (0..5000).map(|i| format!("name {i}")).collect();
    let mut rng = Rng::new(11);
    for (kinds, n, m) in [
        (30, 100, 1000),
        (300, 200, 2000),
        (300, 2000, 100),
        (3000, 1000, 1000),
        (5000, 3000, 500),
    ] {
        let (mut low, draws) = (0, 60);
        for _ in 0..draws {
            let rows = zipf(&mut rng, n + m, kinds, &names);
            let rows: Vec<&str> = rows.iter().map(|place| names[*place].as_str()).collect();
            let findings = texts(&rows[..n], &rows[n..]);
            assert_eq!(alarms(&findings), [""; 0], "{kinds} {n} {m}");
            low += ["new-values/v1", "vanished-values/v1"]
                .iter()
                .filter_map(|name| metric(&findings, name)?.p_value)
                .filter(|p| *p < 0.05)
                .count();
        }
        assert!(
            low <= 2 * draws / 10,
            "{kinds} {n} {m}: {low} of {}",
            2 * draws
        );
    }
}

/// One more name with a tenth of the rows is seen in nearly every draw.
#[test]
fn a_new_name_among_many_is_found() {
    let names: Vec<String> = (0..300).map(|i| format!("name {i}")).collect();
    let mut rng = Rng::new(12);
    let (mut found, draws) = (0, 40);
    for _ in 0..draws {
        let rows = zipf(&mut rng, 1000, 300, &names);
        let rows: Vec<&str> = rows.iter().map(|place| names[*place].as_str()).collect();
        let mut current = rows[500..].to_vec();
        current
            .iter_mut()
            .step_by(10)
            .for_each(|value| *value = "new");
        let findings = texts(&rows[..500], &current);
        found += usize::from(alarms(&findings).contains(&"new-values/v1".to_owned()));
    }
    assert!(found >= 38, "{found} of {draws}");
}

/// Tails as open as one over x, Cauchy's: the next side always leaves the
/// range, and never by so many rows.
#[test]
fn open_tails_leave_the_range_and_do_not_alarm() {
    let mut rng = Rng::new(13);
    let cauchy = |rng: &mut Rng, rows: usize| -> Vec<f64> {
        (0..rows)
            .map(|_| (std::f64::consts::PI * (rng.uniform() - 0.5)).tan())
            .collect()
    };
    let mut out = 0.0;
    let draws = 200;
    for _ in 0..draws {
        let findings = numbers(&cauchy(&mut rng, 60), &cauchy(&mut rng, 600));
        assert_eq!(alarms(&findings), [""; 0]);
        let share = metric(&findings, "out-of-range/v1")
            .unwrap()
            .statistic
            .unwrap();
        out += share / f64::from(draws);
    }
    // 2 / (n + 1), whatever the law.
    assert!((out - 2.0 / 61.0).abs() < 0.006, "{out}");
}
