//! Merging, chunking, degenerate and forged inputs.

mod rows;

use driftguard_check_reconstruction::{Frame, Profile, Reconstruction, compare};
use driftguard_sdk::prelude::{Check, Error, Status};
use proptest::prelude::*;
use rows::{COLUMNS, frame, profile, rows};

#[test]
fn the_description_holds_together() {
    let descriptor = Reconstruction::describe();
    assert_eq!(descriptor.id, "reconstruction");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    assert_eq!(descriptor.settings.len(), 3);
}

#[test]
fn degenerate_inputs() {
    let some = rows(1, 300);
    let frame = frame(&some);
    let full = profile(&frame, &some, 4096);
    let none = Profile::new(4096);
    let mut lacking = full.clone();
    lacking.lacking = true;
    for (reference, current, status) in [
        (&none, &none, Status::NotApplicable),
        (&full, &none, Status::InsufficientData),
        (&full, &lacking, Status::NotApplicable),
    ] {
        let findings = compare(&frame, reference, current, 200).unwrap();
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
    // Two columns that vary, and one that does not, have no relation.
    let narrow: Vec<Vec<f64>> = some.iter().map(|row| vec![row[0], row[1], 7.0]).collect();
    let frame_of_two = rows::frame(&narrow);
    assert!(!frame_of_two.usable());
    let findings = compare(&frame_of_two, &none, &none, 200).unwrap();
    assert_eq!(findings[0].status, Status::NotApplicable);
    // Nothing but gaps: no panic, and the reference's own rows are the same.
    let gaps = vec![vec![f64::NAN; COLUMNS]; 300];
    let holes = profile(&frame, &gaps, 4096);
    assert!(compare(&frame, &full, &holes, 200).unwrap()[0].effect > 0.5);
    let same = &compare(&frame, &holes, &holes, 200).unwrap()[0];
    assert_eq!((same.effect, same.p_value), (0.0, Some(1.0)));
    assert!(same.noise.unwrap().sd > 0.0);
    let wild = vec![vec![f64::INFINITY; COLUMNS]; 300];
    assert!(compare(&frame, &full, &profile(&frame, &wild, 4096), 200).unwrap()[0].effect > 0.8);
    assert_eq!(rows::frame(&[]), Frame::default());
}

#[test]
fn columns_on_a_line_leave_rounding_only() {
    let line: Vec<Vec<f64>> = (0..300)
        .map(|i| vec![f64::from(i), f64::from(i) * 2.0, f64::from(i) * 3.0])
        .collect();
    let frame = frame(&line);
    let findings = compare(
        &frame,
        &profile(&frame, &line, 4096),
        &profile(&frame, &line[..250], 4096),
        200,
    )
    .unwrap();
    assert_eq!(findings[0].effect, 0.0, "{}", findings[0].message);
}

#[test]
fn forged_states_are_refused() {
    let some = rows(1, 300);
    let frame = frame(&some);
    let good = profile(&frame, &some, 4096);
    let mut small = Profile::new(512);
    assert!(matches!(small.merge(&good, &frame), Err(Error::State(_))));
    let mut zero = frame.clone();
    zero.columns[0].scale = 0.0;
    let mut fewer = frame.clone();
    fewer.columns.pop();
    for forged in [zero, fewer] {
        assert!(matches!(
            compare(&forged, &good, &good, 200),
            Err(Error::State(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn merge_is_one_pass(n in 0usize..200, cuts in prop::array::uniform2(0usize..200), cap in 20u64..150) {
        let all = rows(5, n);
        let frame = frame(&rows(6, 100));
        let whole = profile(&frame, &all, cap);
        let (low, high) = (cuts[0].min(cuts[1]).min(n), cuts[0].max(cuts[1]).min(n));
        let part = |range: std::ops::Range<usize>| {
            let mut part = Profile::new(cap);
            range.for_each(|row| part.add(&frame, row as u64, all[row].iter().copied()));
            part
        };
        let parts = [part(0..low), part(low..high), part(high..n)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = Profile::new(cap);
            order.iter().for_each(|place| merged.merge(&parts[*place], &frame).unwrap());
            prop_assert_eq!(&merged, &whole);
        }
    }
}
