use super::*;

fn place(rank: u64) -> Place {
    Place {
        rank,
        among: 61,
        anchor_rank: rank,
        anchor_periods: 60,
    }
}

fn past(name: &str, rank: u64, alarmed: bool) -> Past {
    Past {
        unit: Unit::Named(name.into()),
        scores: Some((0.0, 0.0)),
        place: place(rank),
        alarmed,
    }
}

fn reference() -> Vec<(f64, f64)> {
    (0..60).map(|at| (f64::from(at), f64::from(at))).collect()
}

#[test]
fn the_sum_begins_again_after_an_alarm() {
    let odd = growing(1, 61);
    let steps = trace(&[past("a", 1, false), past("b", 1, true), past("c", 1, false)]);
    let values: Vec<f64> = steps.iter().flatten().map(|step| step.growing).collect();
    assert_eq!(values, [odd, (1.0 + odd) * odd, odd]);
}

/// The same period twice, with other data: the later record stands for both,
/// and even an alarm of the first is as if it had not been.
#[test]
fn a_period_counts_once() {
    let twice = [
        past("a", 1, true),
        past("b", 17, false),
        past("a", 17, false),
    ];
    let steps = trace(&twice);
    assert!(steps[0].is_none());
    let once = trace(&[past("b", 17, false), past("a", 17, false)]);
    assert_eq!(steps[1..], once);
    // The period that is looked at now is not in its own past.
    let anchor = reference();
    let again = look(
        &twice,
        &anchor,
        &anchor,
        &Unit::Named("a".into()),
        (99.0, 99.0),
        (99.0, 99.0),
    );
    let first = look(
        &twice[1..2],
        &anchor,
        &anchor,
        &Unit::Named("a".into()),
        (99.0, 99.0),
        (99.0, 99.0),
    );
    assert_eq!(again, first);
    assert_eq!((first.0.rank, first.0.among), (1, 62));
}

#[test]
fn what_is_known_to_be_broken_is_in_no_pool() {
    let mut broken = past("a", 1, false);
    broken.scores = None;
    let anchor = reference();
    let unit = Unit::Data("now".into());
    let (place, _) = look(
        &[broken],
        &anchor,
        &anchor,
        &unit,
        (59.5, 59.5),
        (59.5, 59.5),
    );
    assert_eq!((place.rank, place.among, place.anchor_rank), (1, 61, 1));
}

#[test]
fn without_an_anchor_nothing_is_bet_on_it() {
    let unit = Unit::Data("now".into());
    let (place, step) = look(&[], &[], &[], &unit, (1.0, 1.0), (1.0, 1.0));
    assert_eq!((place.rank, place.among), (1, 1));
    assert!(
        step.growing <= 1.0 + 1e-9 && step.anchored <= 1.0 + 1e-9,
        "{step:?}"
    );
}
