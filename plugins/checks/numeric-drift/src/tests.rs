use super::*;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Column, Kind, Nature, Role, SettingSpec, Status, Value};
use proptest::prelude::*;

fn context() -> Context {
    let column = Column {
        name: "temp".into(),
        role: Role::Feature,
        kind: Kind::Numeric,
        storage: "Float64".into(),
        nullable: true,
        dimension: 0,
    };
    Context::new(vec![], &NumericDrift::describe().settings, vec![column])
}

/// A profile as the host would make it of these rows.
fn profile(frame: &NumericFrame, values: &[f64]) -> NumericProfile {
    let mut profile = NumericDrift::begin(&context(), frame).unwrap();
    profile.add_values(frame, 0, values).unwrap();
    profile
}

fn compared(reference: &[f64], current: &[f64]) -> Vec<Finding> {
    let frame = NumericFrame::of_sample(reference.to_vec());
    let (p, q) = (profile(&frame, reference), profile(&frame, current));
    NumericDrift::compare(&context(), &frame, &p, &q).unwrap()
}

#[test]
fn the_description_holds_together() {
    let descriptor = NumericDrift::describe();
    assert_eq!(descriptor.id, "numeric-drift");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    let is_own = |setting: &&SettingSpec| !setting.name.starts_with("convention");
    for setting in descriptor.settings.iter().filter(is_own) {
        let Value::Integer(default) = setting.default else {
            panic!("{} is not an integer", setting.name)
        };
        let bounds = (setting.minimum.unwrap(), setting.maximum.unwrap());
        assert!(bounds.0 <= default as f64 && default as f64 <= bounds.1);
        assert!(setting.help.len() > 20);
    }
}

#[test]
fn a_moved_column_fires_and_says_how() {
    let mut rng = Rng::new(11);
    let (p, q) = (rng.normals(900, 10.0, 2.0), rng.normals(700, 13.0, 2.0));
    let findings = compared(&p, &q);
    assert!(findings[0].effect > 0.4 && findings[0].p_value.unwrap() < 1e-12);
    assert_eq!(
        findings[0].message,
        "`temp`: median 9.93 -> 12.9; 44 % of rows lie above the reference's 95 % quantile"
    );
    assert_eq!(
        findings[1].message,
        "`temp`: 48 % of rows moved between the reference's deciles"
    );
}

#[test]
fn an_unchanged_column_is_quiet() {
    let mut rng = Rng::new(12);
    let (p, q) = (rng.normals(5000, 0.0, 1.0), rng.normals(5000, 0.0, 1.0));
    let findings = compared(&p, &q);
    assert_eq!(findings[0].metric, "ks/edges64/v1");
    assert!(
        findings
            .iter()
            .all(|f| f.nature == Nature::Supporting || f.effect < 0.02)
    );
}

#[test]
fn degenerate_inputs() {
    for (p, q, status) in [
        (vec![], vec![], Status::NotApplicable),
        (
            vec![f64::NAN; 99],
            vec![f64::NAN; 99],
            Status::NotApplicable,
        ),
        (vec![3.0; 99], vec![3.0; 99], Status::Degenerate),
        (vec![3.0; 99], vec![3.0], Status::InsufficientData),
        (vec![], vec![3.0; 99], Status::InsufficientData),
    ] {
        let findings = compared(&p, &q);
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
}

#[test]
fn a_state_of_wrong_length_is_refused() {
    let frame = NumericFrame::of_sample(vec![1.0, 2.0, 3.0]);
    let mut good = profile(&frame, &[1.0]);
    let wrong = NumericProfile::new(&NumericFrame::default(), 1024);
    let merged = NumericDrift::merge(&mut good, wrong.clone(), &context(), &frame);
    assert!(matches!(merged, Err(Error::State(_))));
    let findings = NumericDrift::compare(&context(), &frame, &good, &wrong);
    assert!(matches!(findings, Err(Error::State(_))));
}

proptest! {
    /// Merged profiles give the findings of one pass, and nothing is ever NaN.
    #[test]
    fn cutting_rows_changes_no_finding(values in prop::collection::vec(prop_oneof![-50.0f64..50.0, (-3i8..3).prop_map(f64::from), Just(1e300), Just(f64::NAN)], 60..200), cut in 0usize..200) {
        let reference: Vec<f64> = (0..120).map(|i| f64::from(i % 60)).collect();
        let frame = NumericFrame::of_sample(reference.clone());
        let cut = cut.min(values.len());
        let mut left = NumericDrift::begin(&context(), &frame).unwrap();
        let mut right = left.clone();
        left.add_values(&frame, 0, &values[..cut]).unwrap();
        right.add_values(&frame, cut as u64, &values[cut..]).unwrap();
        NumericDrift::merge(&mut left, right, &context(), &frame).unwrap();
        let p = profile(&frame, &reference);
        let merged = NumericDrift::compare(&context(), &frame, &p, &left).unwrap();
        let whole = NumericDrift::compare(&context(), &frame, &p, &profile(&frame, &values)).unwrap();
        prop_assert_eq!(merged.len(), whole.len());
        for (merged, whole) in merged.iter().zip(&whole) {
            prop_assert_eq!(&merged.metric, &whole.metric);
            prop_assert!((merged.effect - whole.effect).abs() <= 1e-6 * (1.0 + whole.effect.abs()));
            prop_assert!(merged.effect.is_finite() && merged.effect >= 0.0);
            prop_assert!(merged.statistic.is_none_or(f64::is_finite));
            if merged.nature == Nature::Measurement {
                prop_assert!(merged.effect <= 1.0);
            }
        }
    }
}
