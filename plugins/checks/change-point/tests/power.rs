//! How often the check alarms when nothing changed, and what it finds.

mod stream;

use driftguard_sdk::prelude::{Finding, Nature, Role};
use stream::{compared, compared_as, numbers, row_in};

fn alarm(findings: &[Finding], at: f64) -> bool {
    findings[0].p_value.is_some_and(|p| p < at)
}

/// Independent rows, and rows of a day with weather that lasts.
#[test]
fn false_alarms() {
    for (memory, most) in [(0.0, 12), (0.9, 18), (0.98, 24)] {
        let mut alarms = 0;
        for seed in 0..200 {
            let reference = numbers(seed, 6_000, memory);
            let current = numbers(1_000 + seed, 3_000, memory);
            alarms += u32::from(alarm(&compared(&reference, &current), 0.05));
        }
        assert!(alarms <= most, "memory {memory}: {alarms} of 200");
    }
}

/// Nulls, a move of the mean and a spell, in independent rows and in a day.
#[test]
fn power() {
    let change = |kind: usize, x: f64, row: usize| match kind {
        0 if row >= 2_000 && row.is_multiple_of(5) => f64::NAN,
        1 if row >= 2_250 => x + 1.0,
        2 if (1_000..1_600).contains(&row) && row.is_multiple_of(3) => f64::NAN,
        3 if (600..1_500).contains(&row) => x - 1.5,
        _ => x,
    };
    for (kind, memory, starts, least) in [
        (0, 0.0, 2_000, 40),
        (0, 0.9, 2_000, 40),
        (1, 0.0, 2_250, 40),
        (2, 0.9, 1_000, 40),
        (3, 0.0, 600, 40),
        (3, 0.9, 600, 12),
    ] {
        let (mut found, mut near) = (0, 0);
        for seed in 0..40 {
            let reference = numbers(seed, 6_000, memory);
            let current = numbers(1_000 + seed, 3_000, memory);
            let current: Vec<f64> = current
                .into_iter()
                .enumerate()
                .map(|(row, x)| change(kind, x, row))
                .collect();
            let findings = compared(&reference, &current);
            if alarm(&findings, 0.01) {
                found += 1;
                near += u32::from(row_in(&findings[0].message).abs_diff(starts) <= 64);
            }
        }
        assert!(
            found >= least,
            "kind {kind}, memory {memory}: {found} of 40"
        );
        assert!(
            f64::from(near) >= 0.95 * f64::from(found),
            "kind {kind}, memory {memory}: {near} of {found} near"
        );
    }
}

#[test]
fn frozen_from_the_middle_on() {
    let reference = numbers(1, 6_000, 0.9);
    let mut current = numbers(2, 3_000, 0.9);
    current[1_500..].fill(9.25);
    let findings = compared(&reference, &current);
    let fault = findings
        .iter()
        .find(|finding| finding.nature == Nature::Fault)
        .unwrap();
    assert!((fault.effect - 0.5).abs() < 0.01, "{fault:?}");
    assert!(
        fault.message.starts_with("`x`: froze at 9.25 from row 15"),
        "{}",
        fault.message
    );
    // What an output does is judged by `output-drift`.
    let findings = compared_as(Role::Score, &reference, &current);
    assert!(
        findings
            .iter()
            .all(|finding| finding.nature != Nature::Fault)
    );
    assert!(
        findings
            .iter()
            .any(|finding| finding.metric == "frozen/blocks/v1")
    );
    // A column that stands still for long in the reference, too.
    let slow: Vec<f64> = numbers(3, 6_000, 0.0)
        .chunks(500)
        .flat_map(|x| vec![x[0]; x.len()])
        .collect();
    let findings = compared(&slow, &slow[..3_000]);
    assert!(
        findings
            .iter()
            .all(|finding| finding.nature != Nature::Fault)
    );
}

#[test]
fn messages() {
    let (reference, current) = (numbers(5, 6_000, 0.0), numbers(6, 3_000, 0.0));
    let shifted: Vec<f64> = current
        .iter()
        .enumerate()
        .map(|(row, x)| if row < 800 { x + 2.0 } else { *x })
        .collect();
    let findings = compared(&reference, &shifted);
    assert!(row_in(&findings[0].message).abs_diff(801) <= 32);
    insta::assert_snapshot!("a_spell_from_the_start", findings[0].message);
    insta::assert_snapshot!("what_the_detectors_say", findings[1].message);
    let since = |start: usize, change: fn(f64) -> f64| {
        let rows = current.iter().enumerate();
        let changed: Vec<f64> = rows
            .map(|(row, x)| if row < start { *x } else { change(*x) })
            .collect();
        compared(&reference, &changed)
    };
    insta::assert_snapshot!("a_step", since(2_250, |x| x + 1.0)[0].message);
    insta::assert_snapshot!(
        "missing_from_a_row_on",
        since(1_200, |_| f64::NAN)[0].message
    );
    let frozen = since(1_500, |_| 9.25);
    let fault = frozen
        .iter()
        .find(|finding| finding.nature == Nature::Fault);
    insta::assert_snapshot!("frozen", fault.expect("a fault").message);
    let few = compared(&reference, &current[..100]);
    insta::assert_snapshot!("too_few_rows", few[0].message);
    let quiet = compared(&reference, &current);
    insta::assert_snapshot!("nothing_changed", quiet[0].message);
    assert_eq!(quiet.len(), 1);
}
