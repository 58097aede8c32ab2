use super::*;
use proptest::prelude::*;

fn letters(values: &[Option<u8>]) -> RunState {
    let texts: Vec<Option<String>> = values
        .iter()
        .map(|value| value.map(|v| v.to_string()))
        .collect();
    RunState::of(texts.iter().map(Option::as_deref))
}

fn repeated(value: &str, rows: usize) -> RunState {
    RunState::of(std::iter::repeat_n(Some(value), rows))
}

fn merged(parts: &[&RunState]) -> RunState {
    let mut all = RunState::default();
    parts.iter().for_each(|part| all.merge(part));
    all
}

#[test]
fn a_run_goes_on_across_many_batches() {
    let state = merged(&[
        &RunState::of([Some("x"), Some("y")]),
        &repeated("y", 3),
        &repeated("y", 4),
        &RunState::of([Some("y"), None]),
    ]);
    assert_eq!((state.rows(), state.longest_length()), (11, 9));
    state.validate().unwrap();
}

#[test]
fn no_rows_change_nothing() {
    let state = merged(&[
        &RunState::default(),
        &repeated("a", 2),
        &RunState::default(),
    ]);
    assert_eq!(state, repeated("a", 2));
    assert_eq!(RunState::default().longest_share(), 0.0);
    RunState::default().validate().unwrap();
}

#[test]
fn forged_lengths_are_refused() {
    let good = RunState::of([Some("a"), Some("b"), Some("b")]);
    let mut longer = good.clone();
    longer.longest.length = 9;
    let mut ends = good.clone();
    (ends.first.length, ends.last.length) = (2, 2);
    let mut empty = good.clone();
    empty.rows = 0;
    let mut overflow = good;
    (overflow.first.length, overflow.longest.length) = (u64::MAX, u64::MAX);
    for forged in [longer, ends, empty, overflow] {
        assert!(
            matches!(forged.validate(), Err(Error::State(_))),
            "{forged:?}"
        );
    }
}

#[test]
fn stuck_from_the_middle_on() {
    let lively: Vec<Option<u8>> = (0..200).map(|i| Some(i % 7)).collect();
    let (reference, half) = (letters(&lively), letters(&lively[..100]));
    let current = merged(&[&half, &repeated("0.5", 100)]);
    let run = current.stuck_against(&reference, |_| 0.01).unwrap();
    assert_eq!((run.value.as_deref(), run.length), (Some("0.5"), 100));
    // A value that fills nearly all of the reference comes in long runs.
    assert!(current.stuck_against(&reference, |_| 0.99).is_none());
    assert!(reference.stuck_against(&reference, |_| 0.01).is_none());
    assert!(
        merged(&[&half, &repeated("0.5", 49)])
            .stuck_against(&reference, |_| 0.0)
            .is_none()
    );
    let nulls = RunState::of(std::iter::repeat_n(None, 300));
    assert!(nulls.stuck_against(&reference, |_| 0.0).is_none());
}

#[test]
fn sorted_references_have_long_runs_too() {
    let reference = merged(&[&repeated("a", 40), &repeated("b", 60)]);
    let current = merged(&[&repeated("a", 100), &repeated("b", 140)]);
    assert!(current.stuck_against(&reference, |_| 0.5).is_none());
}

proptest! {
    #[test]
    fn merge_is_one_pass_and_associative(values in prop::collection::vec(prop::option::weighted(0.8, 0u8..3), 0..40), cuts in [0usize..40, 0usize..40]) {
        let (mut low, mut high) = (cuts[0].min(values.len()), cuts[1].min(values.len()));
        if low > high { std::mem::swap(&mut low, &mut high); }
        let parts = [&values[..low], &values[low..high], &values[high..]].map(letters);
        let whole = letters(&values);
        whole.validate().unwrap();
        let tail = merged(&[&parts[1], &parts[2]]);
        prop_assert_eq!(&merged(&[&parts[0], &parts[1], &parts[2]]), &whole);
        prop_assert_eq!(&merged(&[&parts[0], &tail]), &whole);
        let longest = values.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
        prop_assert_eq!(whole.longest_length(), longest as u64);
    }
}

#[test]
fn a_reference_that_holds_values_for_long_shows_how_long() {
    let dull = merged(&[&repeated("0", 300), &RunState::of([Some("1"), Some("0")])]);
    // Of 302 independent rows with a share of one half: ln 151 / ln 2 = 7.2.
    assert!((dull.rows_as_one(|_| 0.5) - 300.0 / 7.238).abs() < 0.1);
    assert!(!dull.never_held("0", 300, |_| 0.5) && !dull.never_held("1", 300, |_| 0.5));
    assert!(dull.never_held("0", 3_000, |_| 0.5) && dull.never_held("2", 1, |_| 0.0));
    let nulls = RunState::of([None, None, None, Some("1")]);
    assert_eq!(nulls.rows_as_one(|_| 0.5), 1.0);
    assert_eq!(RunState::default().rows_as_one(|_| 0.5), 1.0);
}
