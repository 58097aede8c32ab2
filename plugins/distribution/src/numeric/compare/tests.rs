use super::*;
use crate::testing::{Rng, ranks_are_those_reported};
use driftguard_sdk::prelude::Nature;

/// Compares with at most `k` values kept, so that both ways are tested.
fn compared(reference: &[f64], current: &[f64], k: usize) -> Vec<Finding> {
    let frame = NumericFrame::of_sample(reference.to_vec());
    let profile = |values: &[f64]| {
        let mut profile = NumericProfile::new(&frame, k);
        profile.add_values(&frame, 0, values).unwrap();
        profile
    };
    let (p, q) = (profile(reference), profile(current));
    let findings = compare("temp", &frame, &p, &q, 50).unwrap();
    let sides = Sides::new("temp", &frame, &p, &q).unwrap();
    ranks_are_those_reported(&sides.ranked(50).unwrap(), &findings);
    findings
}

fn find<'a>(findings: &'a [Finding], start: &str) -> &'a Finding {
    findings
        .iter()
        .find(|finding| finding.metric.starts_with(start))
        .unwrap()
}

fn alerts(finding: &Finding) -> bool {
    finding.effect >= 0.05 && finding.p_value.is_some_and(|p| p <= 1e-3)
}

const WAYS: [(usize, &str); 2] = [(8192, "exact"), (64, "edges64")];

#[test]
fn a_change_of_unit_in_words() {
    let mut rng = Rng::new(1);
    let fahrenheit = rng.normals(2000, 71.0, 8.0);
    let celsius: Vec<f64> = rng
        .normals(2000, 71.0, 8.0)
        .iter()
        .map(|f| (f - 32.0) / 1.8)
        .collect();
    for (k, way) in WAYS {
        let findings = compared(&fahrenheit, &celsius, k);
        let first = &findings[0];
        assert_eq!(first.metric, format!("ks/{way}/v1"));
        let ranges = ["21.5", "20.6"].iter().zip(["6.14", "6.36"]);
        let (median, range) = ranges
            .zip(["exact", "edges64"])
            .find(|(_, w)| *w == way)
            .unwrap()
            .0;
        assert_eq!(
            first.message,
            format!(
                "`temp`: median 70.7 -> {median}; 100 % of rows lie below the reference's 5 % quantile; \
                 the interquartile range went 10.5 -> {range}"
            ),
        );
        assert!(first.effect > 0.95 && first.p_value.unwrap() < 1e-12);
        let moved = first.unit_effect.as_ref().unwrap();
        assert!((moved.value - 49.3).abs() < 1.0, "{}", moved.value);
        assert!(first.evidence[0].labels.len() <= 20);
    }
}

#[test]
fn which_findings_there_are() {
    let mut rng = Rng::new(2);
    let (p, q) = (rng.normals(500, 0.0, 1.0), rng.normals(500, 0.0, 1.0));
    let findings = compared(&p, &q, 1024);
    let metrics: Vec<&str> = findings.iter().map(|f| f.metric.as_str()).collect();
    assert_eq!(
        metrics,
        [
            "ks/exact/v1",
            "tv/q10ref/v1",
            "psi/q10ref/eps1e-4/v1",
            "js-distance/q10ref/base2/v1",
            "hellinger/q10ref/v1",
            "w1/exact/v1",
            "mean-shift/sd/v1",
            "log-variance-ratio/v1",
        ]
    );
    let measured = |f: &&Finding| f.nature == Nature::Measurement;
    assert_eq!(findings.iter().filter(measured).count(), 2);
    assert!(findings.iter().all(|finding| !alerts(finding)));
    assert!(
        findings
            .iter()
            .all(|f| f.n_reference == 500 && f.n_current == 500)
    );
}

#[test]
fn one_outlier_neither_hides_nor_fakes_a_shift() {
    for (k, _) in WAYS {
        let mut rng = Rng::new(4);
        let (p, same) = (rng.normals(1000, 0.0, 1.0), rng.normals(1000, 0.0, 1.0));
        let shifted = rng.normals(1000, 0.5, 1.0);
        for outlier in [1e6, -1e9, f64::MAX] {
            let with = |values: &[f64]| [values, &[outlier]].concat();
            for (reference, current) in [(with(&p), shifted.clone()), (p.clone(), with(&shifted))] {
                let findings = compared(&reference, &current, k);
                for metric in ["ks", "tv"] {
                    let finding = find(&findings, metric);
                    assert!(alerts(finding) && finding.effect > 0.12, "{finding:?}");
                }
                let moved = findings[0].unit_effect.as_ref().unwrap().value;
                assert!((moved - 0.5).abs() < 0.15, "{moved}");
                assert!(find(&findings, "psi").statistic.unwrap() > 0.15);
            }
            for (reference, current) in [(with(&p), same.clone()), (p.clone(), with(&same))] {
                let findings = compared(&reference, &current, k);
                assert!(
                    findings
                        .iter()
                        .all(|f| f.nature == Nature::Supporting || f.effect < 0.03)
                );
            }
        }
    }
}

#[test]
fn what_is_not_finite_never_counts() {
    let mut rng = Rng::new(5);
    let (p, q) = (rng.normals(400, 0.0, 1.0), rng.normals(400, 2.0, 1.0));
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let clean = compared(&p, &q, 8192);
    let dirty = compared(&[&p[..], &odd].concat(), &[&q[..], &odd].concat(), 8192);
    assert_eq!(clean, dirty);
    assert!(alerts(&clean[0]));
}

#[test]
fn a_change_of_scale_is_seen_between_deciles() {
    let mut rng = Rng::new(6);
    let (p, q) = (rng.normals(3000, 0.0, 1.0), rng.normals(3000, 0.0, 2.0));
    for (k, _) in WAYS {
        let findings = compared(&p, &q, k);
        let (ks, tv) = (find(&findings, "ks"), find(&findings, "tv"));
        assert!(alerts(tv) && tv.effect > ks.effect + 0.1);
        assert!(
            ks.message.contains("the interquartile range went"),
            "{}",
            ks.message
        );
    }
}

#[test]
fn clean_columns_do_not_alarm() {
    let mut rng = Rng::new(7);
    let mut alarms = [0; 2];
    for run in 0..200 {
        let (n, m) = (300 + run, 150 + run);
        let (p, q) = (rng.normals(n, 5.0, 3.0), rng.normals(m, 5.0, 3.0));
        let findings = compared(&p, &q, WAYS[run % 2].0);
        for (metric, alarms) in ["ks", "tv"].iter().zip(&mut alarms) {
            let finding = find(&findings, metric);
            *alarms += i32::from(finding.p_value.unwrap() <= 0.05);
        }
    }
    assert!(
        alarms.iter().all(|alarms| *alarms <= 20),
        "{alarms:?} of 200"
    );
}

#[test]
fn discrete_and_constant_columns_work() {
    let p: Vec<f64> = (0..400).map(|i| f64::from(i % 4)).collect();
    let q: Vec<f64> = (0..400).map(|i| f64::from(i % 2)).collect();
    for (k, _) in WAYS {
        let findings = compared(&p, &q, k);
        assert_eq!(findings[0].statistic, Some(0.5));
        assert_eq!(findings[0].evidence[0].labels, ["0", "1", "2", "3"]);
        assert_eq!(findings[0].evidence[0].current, [0.5, 0.5, 0.0, 0.0]);
        let same = compared(&p, &p, k);
        assert!(same.iter().all(|finding| finding.effect == 0.0));
        let median = if k == 64 { "1" } else { "1.5" };
        let message = format!("`temp`: median {median} -> {median}");
        assert_eq!(same[0].message, message);

        let moved = compared(&[5.0; 100], &[7.0; 100], k);
        assert_eq!(moved[0].statistic, Some(1.0));
        assert_eq!(find(&moved, "tv").status, Status::Degenerate);
        let still = compared(&[5.0; 100], &[5.0; 100], k);
        assert_eq!((still.len(), still[0].status), (1, Status::Degenerate));
        let lively = compared(&[5.0; 400], &q, k);
        assert_eq!(
            (lively[0].statistic, lively[0].status),
            (Some(1.0), Status::Ok)
        );
    }
}

#[test]
fn missing_sides() {
    let some = vec![1.5; 100];
    let nan = vec![f64::NAN; 100];
    let status = |p: &[f64], q: &[f64]| {
        let findings = compared(p, q, 100);
        assert_eq!(findings.len(), 1);
        (findings[0].status, findings[0].message.clone())
    };
    assert_eq!(
        status(&[], &nan),
        (
            Status::NotApplicable,
            "`temp`: no finite values on either side".into()
        )
    );
    for (p, q) in [(&some, &nan), (&nan, &some), (&some, &vec![1.0])] {
        assert_eq!(status(p, q).0, Status::InsufficientData);
    }
}

#[test]
fn many_rows_have_the_law_of_few() {
    for (n, d) in [
        (4_100u64, 0.03),
        (4_100, 0.06),
        (60_000, 0.005),
        (60_000, 0.01),
        (90_000, 0.02),
    ] {
        let (quick, slow) = (ks_p_value(d, n, n).unwrap(), ks::p_value(d, n, n).unwrap());
        assert!((quick / slow - 1.0).abs() < 0.02, "{quick} {slow}");
    }
    assert_eq!(ks_p_value(0.0, 1 << 40, 1 << 40), Some(1.0));
}

#[test]
fn a_profile_of_another_frame_is_refused() {
    let (frame, other) = (
        NumericFrame::of_sample(vec![1.0, 2.0]),
        NumericFrame::of_sample(vec![]),
    );
    let (p, q) = (
        NumericProfile::new(&frame, 9),
        NumericProfile::new(&other, 9),
    );
    assert!(matches!(
        compare("x", &frame, &p, &q, 50),
        Err(Error::State(_))
    ));
}

/// Every number of a finding that the host requires to be finite.
fn numbers(finding: &Finding) -> Vec<f64> {
    let mut numbers = vec![finding.effect];
    numbers.extend(finding.statistic);
    numbers.extend(finding.p_value);
    numbers.extend(finding.unit_effect.as_ref().map(|unit| unit.value));
    numbers.extend(
        finding
            .noise
            .iter()
            .flat_map(|noise| [noise.mean, noise.sd]),
    );
    numbers.extend(
        finding
            .interval
            .iter()
            .flat_map(|i| [i.low, i.high, i.level]),
    );
    for table in &finding.evidence {
        numbers.extend(table.reference.iter().chain(&table.current));
    }
    numbers
}

#[test]
fn ranks_speak_where_moments_overflow() {
    let mut rng = Rng::new(9);
    let scaled = |values: Vec<f64>| values.iter().map(|x| x * 1e200).collect::<Vec<_>>();
    let (p, q) = (
        scaled(rng.normals(2000, 0.0, 1.0)),
        scaled(rng.normals(2000, 0.5, 1.0)),
    );
    for (k, _) in WAYS {
        let findings = compared(&p, &q, k);
        assert!(alerts(&findings[0]), "{:?}", findings[0]);
        let mean = find(&findings, "mean-shift");
        assert_eq!(mean.status, Status::NotApplicable);
        assert!(mean.message.contains("compared by ranks alone"));
        assert!(
            findings
                .iter()
                .all(|f| !f.metric.starts_with("log-variance"))
        );
    }
}

proptest::proptest! {
    #[test]
    fn no_values_make_a_finding_that_is_not_finite(
        reference in proptest::collection::vec(extreme(), 60..90),
        current in proptest::collection::vec(extreme(), 60..90),
    ) {
        for k in [8, 8192] {
            for finding in compared(&reference, &current, k) {
                proptest::prop_assert!(
                    numbers(&finding).iter().all(|number| number.is_finite()),
                    "{finding:?}"
                );
            }
        }
    }
}

fn extreme() -> impl proptest::strategy::Strategy<Value = f64> {
    use proptest::strategy::Just;
    proptest::prop_oneof![
        proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO,
        1e154f64..1e156,
        -1.0f64..1.0,
        Just(f64::MAX),
        Just(f64::MIN),
        Just(5e-324),
        Just(1e308),
    ]
}
