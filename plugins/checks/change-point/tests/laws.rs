//! Merging, chunking, degenerate and forged inputs.

mod stream;

use driftguard_check_change_point::frame::Frame;
use driftguard_check_change_point::profile::Profile;
use driftguard_check_change_point::{ChangePoint, compare};
use driftguard_distribution::coding::Values;
use driftguard_sdk::prelude::{Check, Error, Kind, Nature, Order, Role, Status};
use proptest::prelude::*;
use stream::{column, compared, numbers, profile};

#[test]
fn the_description_holds_together() {
    let descriptor = ChangePoint::describe();
    assert_eq!(
        (descriptor.id.as_str(), descriptor.order),
        ("change-point", Order::Sequence)
    );
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
}

#[test]
fn degenerate_inputs() {
    let some = numbers(1, 600, 0.0);
    for (p, q, status) in [
        (vec![], vec![], Status::NotApplicable),
        (some.clone(), vec![], Status::NotApplicable),
        (some.clone(), vec![1.0], Status::InsufficientData),
        (some.clone(), some[..100].to_vec(), Status::InsufficientData),
        (vec![2.0; 600], vec![2.0; 600], Status::Degenerate),
        (vec![f64::NAN; 600], vec![f64::NAN; 600], Status::Degenerate),
    ] {
        let findings = compared(&p, &q);
        assert_eq!(
            (findings.len(), findings[0].status),
            (1, status),
            "{findings:?}"
        );
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
    // A constant that comes alive, infinities, one that goes.
    for (p, q) in [
        (vec![2.0; 600], some.clone()),
        (some.clone(), vec![2.0; 600]),
        (some.clone(), vec![f64::INFINITY; 600]),
        (vec![f64::NAN; 600], some.clone()),
    ] {
        for finding in compared(&p, &q) {
            assert!(
                finding.effect.is_finite() && finding.nature != Nature::Fault,
                "{finding:?}"
            );
        }
    }
}

#[test]
fn a_column_that_is_gone_is_not_applicable() {
    let some = Values::Numbers(numbers(1, 600, 0.0));
    let columns = ["x", "y"].map(|name| column(name, Role::Feature, Kind::Numeric));
    let frame = Frame::of_sample(&columns, &[some.clone(), some.clone()], 6);
    let before = profile(&frame, vec![some.clone(), some.clone()]);
    let mut now = Profile::default();
    now.add(&frame, 0, &[None, Some(some)], None).unwrap();
    let findings = compare(&frame, &before, &now, 200).unwrap();
    let statuses: Vec<Status> = findings.iter().map(|finding| finding.status).collect();
    assert_eq!(statuses, [Status::NotApplicable, Status::Ok]);
}

#[test]
fn forged_states_are_refused() {
    let values = Values::Numbers(numbers(1, 600, 0.0));
    let frame = Frame::of_sample(
        &[column("x", Role::Feature, Kind::Numeric)],
        std::slice::from_ref(&values),
        6,
    );
    let good = profile(&frame, vec![values.clone()]);
    let other = Frame::of_sample(
        &[column("x", Role::Feature, Kind::Numeric)],
        std::slice::from_ref(&values),
        3,
    );
    let wrong = profile(&other, vec![values]);
    let mut torn = good.clone();
    torn.stream
        .at(5, |block| block.counts[0] = u64::MAX)
        .unwrap();
    let mut empty = good.clone();
    empty.stream.at(1 << 40, |_| ()).unwrap();
    for forged in [wrong, torn, empty] {
        let mut merged = good.clone();
        assert!(matches!(
            merged.merge(&forged, &frame),
            Err(Error::State(_))
        ));
        assert_eq!(merged, good);
        assert!(matches!(
            compare(&frame, &good, &forged, 200),
            Err(Error::State(_))
        ));
    }
}

/// Words and numbers with gaps and instants, of rows from `first` on.
fn rows(first: usize, values: &[(u8, u8)]) -> (Vec<Option<Values>>, Values) {
    let number = |code: u8| if code == 7 { f64::NAN } else { f64::from(code) };
    let words = (0..4).map(|word| format!("w{word}")).collect();
    let numbers = Values::Numbers(values.iter().map(|row| number(row.0)).collect());
    let codes = values.iter().map(|row| {
        if row.1 == 4 {
            u32::MAX
        } else {
            u32::from(row.1)
        }
    });
    let instants = (0..values.len()).map(|row| Some((first + row) as i64 * 40_000_000));
    (
        vec![Some(numbers), Some(Values::Words(codes.collect(), words))],
        Values::Instants(instants.collect()),
    )
}

proptest! {
    /// However rows are cut and in whatever order parts are merged.
    #[test]
    fn cutting_and_merging_leave_no_trace(
        values in prop::collection::vec((0_u8..8, 0_u8..5), 1..700), cuts in [0_usize..700, 0_usize..700],
    ) {
        let columns = [column("x", Role::Feature, Kind::Numeric), column("w", Role::Feature, Kind::Categorical)];
        let (sample, _) = rows(0, &[(0, 0), (1, 1), (2, 2), (3, 1), (5, 0), (6, 3)].repeat(9));
        let sample: Vec<Values> = sample.into_iter().flatten().collect();
        let frame = Frame::of_sample(&columns, &sample, 4);
        let (mut low, mut high) = (cuts[0].min(values.len()), cuts[1].min(values.len()));
        if low > high { std::mem::swap(&mut low, &mut high); }
        let part = |from: usize, to: usize| {
            let mut profile = Profile::default();
            if from < to {
                let (columns, times) = rows(from, &values[from..to]);
                profile.add(&frame, from as u64, &columns, Some(&times)).unwrap();
            }
            profile
        };
        let merged = |mut left: Profile, right: &Profile| { left.merge(right, &frame).unwrap(); left };
        let [a, b, c] = [part(0, low), part(low, high), part(high, values.len())];
        let whole = part(0, values.len());
        whole.validate(&frame).unwrap();
        prop_assert_eq!(&merged(merged(a.clone(), &b), &c), &whole);
        prop_assert_eq!(&merged(a.clone(), &merged(b.clone(), &c)), &whole);
        prop_assert_eq!(&merged(merged(c, &a), &b), &whole);
    }
}
