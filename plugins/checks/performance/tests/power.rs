//! Measured: how often answers that did not change seem to have got worse, and
//! how small a fall is found.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

mod answers;

use answers::{binary, compared, measured, sample};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::Finding;

/// Whether the rule of the host would alert on this alone.
fn alarms(finding: &&&Finding) -> bool {
    finding.effect >= 0.05 && finding.p_value.is_some_and(|p| p < 0.05)
}

#[test]
fn equal_answers_rarely_seem_worse() {
    for n in [150, 1000] {
        let (mut small_p, mut alarmed) = ([0_u32; 2], 0);
        for seed in 0..300 {
            let mut rng = Rng::new(seed * 7919 + n as u64);
            let sides = (binary(&mut rng, n, 0.3, 0.8), binary(&mut rng, n, 0.3, 0.8));
            let findings = compared(&sides.0, &sides.1);
            let decides = measured(&findings);
            for (count, finding) in small_p.iter_mut().zip(&decides) {
                *count += u32::from(finding.p_value.unwrap() < 0.05);
            }
            alarmed += u32::from(decides.iter().any(|finding| alarms(&finding)));
        }
        println!("n {n}: p < 0.05 in {small_p:?} of 300, worse beyond it in {alarmed}");
        // Two-sided, 5 %: 15 of 300; half of them are worse.
        assert!(small_p.iter().all(|count| *count <= 27), "{small_p:?}");
        assert!(alarmed <= 21, "{alarmed}");
    }
}

#[test]
fn a_material_fall_is_found() {
    let mut found = 0;
    for seed in 0..50 {
        let mut rng = Rng::new(seed);
        // Area 0.871 and 0.802 by the normal law; accuracy 0.79 and 0.73.
        let (before, now) = (
            binary(&mut rng, 3000, 0.3, 0.8),
            binary(&mut rng, 3000, 0.3, 0.6),
        );
        let findings = compared(&before, &now);
        let decides = measured(&findings);
        found += u32::from(
            decides
                .iter()
                .all(|f| f.effect >= 0.10 && f.p_value < Some(1e-3)),
        );
    }
    println!("found in {found} of 50");
    assert!(found >= 47, "{found}");
}

#[test]
fn an_error_that_grew_by_a_half_is_found() {
    let mut found = 0;
    for seed in 0..50 {
        let mut rng = Rng::new(seed);
        let mut side = |noise: f64| {
            let truth = rng.normals(400, 50.0, 10.0);
            let said = truth.iter().map(|y| y + noise * rng.normal()).collect();
            sample(truth, Some(said), None)
        };
        let findings = compared(&side(1.0), &side(1.5));
        found += u32::from(findings[0].effect >= 0.10 && findings[0].p_value < Some(1e-3));
    }
    println!("found in {found} of 50");
    assert!(found >= 47, "{found}");
}
