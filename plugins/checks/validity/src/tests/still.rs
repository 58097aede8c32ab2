//! Columns that stand still, and those that may.

use super::*;

/// A sensor at its most usual value for 80 % of the rows, in random order.
fn visibility(seed: u64, rows: usize) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    let value = |rng: &mut Rng| match rng.below(10) {
        0..8 => 10.0,
        _ => rng.below(10) as f64,
    };
    (0..rows).map(|_| value(&mut rng)).collect()
}

#[test]
fn nearly_constant_gone_constant_is_a_fault() {
    let reference = visibility(1, 5000);
    let findings = numbers(&reference, &[10.0; 3000]);
    let found = metric(&findings, "constant/v1").unwrap();
    assert_eq!(found.nature, Nature::Fault);
    assert!((found.effect - 0.19).abs() < 0.03, "{}", found.effect);
    assert!(
        found
            .message
            .starts_with("`x`: all 3000 values are 10; it was 79 % of the reference"),
        "{}",
        found.message
    );
    // Outputs and labels are asked by others.
    let frame = Frame::Numbers(Numbers::of_sample(&reference));
    let profile = |values: &[f64]| {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        Profile::of_numbers(&frame, &values).unwrap()
    };
    let (p, q) = (profile(&reference), profile(&[10.0; 3000]));
    for role in [Role::Label, Role::Score] {
        let findings = Validity::compare(&context(Kind::Numeric, role), &frame, &p, &q).unwrap();
        assert!(metric(&findings, "constant/v1").is_none());
    }
}

#[test]
fn few_rows_are_constant_by_chance() {
    for rows in [50, 55, 60] {
        // 0.8^50 is once in 70,000 columns, and the share is an estimate.
        assert_eq!(
            alarms(&numbers(&visibility(2, 400), &vec![10.0; rows])),
            [""; 0]
        );
        assert_eq!(
            alarms(&numbers(&visibility(2, 60), &vec![10.0; rows])),
            [""; 0]
        );
    }
    let rare = [&[1.0; 4999][..], &[2.0]].concat();
    assert_eq!(alarms(&numbers(&rare, &[1.0; 4000])), [""; 0]);
    // Nothing is lost where there was one value only.
    assert_eq!(alarms(&numbers(&[1.0; 500], &[1.0; 500])), [""; 0]);
    assert_eq!(alarms(&numbers(&[1.0; 500], &[7.0; 500])), [""; 0]);
}

/// A month's number, rows in the order of time: the next month has another.
#[test]
fn what_holds_for_long_stretches_may_do_so_now() {
    let months: Vec<f64> = (0..9000).map(|row| f64::from(row / 3000 + 1)).collect();
    for rows in [900, 3000, 9000, 27_000] {
        assert_eq!(alarms(&numbers(&months, &vec![4.0; rows])), [""; 0]);
        assert_eq!(alarms(&numbers(&months, &vec![3.0; rows])), [""; 0]);
    }
    let days: Vec<f64> = (0..9000).map(|row| f64::from(row / 100 % 31)).collect();
    for rows in [60, 100, 250] {
        assert_eq!(alarms(&numbers(&days, &vec![3.0; rows])), [""; 0]);
    }
    let names = ["1", "2", "3"];
    let months: Vec<&str> = (0..9000).map(|row| names[row / 3000]).collect();
    assert_eq!(alarms(&texts(&months, &["4"; 3000])), [""; 0]);
    assert_eq!(alarms(&texts(&["2013"; 3000], &["2014"; 3000])), [""; 0]);
}

#[test]
fn a_sensor_that_froze_in_between() {
    let mut rng = Rng::new(9);
    let reference = rng.normals(3000, 0.0, 1.0);
    let mut current = rng.normals(3000, 0.0, 1.0);
    current[1000..1600].fill(0.25);
    let findings = numbers(&reference, &current);
    let found = metric(&findings, "frozen/v1").unwrap();
    assert!((found.effect - 0.2).abs() < 2e-3 && found.nature == Nature::Fault);
    assert_eq!(
        found.message,
        "`x`: 0.25 in 600 rows one after the other (20 % of all); the longest run of the reference has 1"
    );
}

/// A table that was only put in order has long runs and the same shares.
#[test]
fn sorted_rows_did_not_freeze() {
    let mut rng = Rng::new(10);
    let weights = [("a", 5), ("b", 3), ("c", 2)];
    let reference = drawn(&mut rng, 3000, &weights);
    let mut current = drawn(&mut rng, 3000, &weights);
    current.sort_unstable();
    assert_eq!(alarms(&texts(&reference, &current)), [""; 0]);
    assert_eq!(alarms(&texts(&current, &reference)), [""; 0]);
    let mut sorted = visibility(4, 3000);
    sorted.sort_by(f64::total_cmp);
    assert_eq!(alarms(&numbers(&visibility(3, 3000), &sorted)), [""; 0]);
}
