use super::*;
use crate::sequential::{ColumnStanding, growing};

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
        columns: BTreeMap::new(),
        alarmed,
    }
}

/// This score beside 0 to 59.
fn beside(own: f64) -> Standing {
    Standing {
        own: (own, own),
        pool: (0..60).map(|at| (f64::from(at), f64::from(at))).collect(),
        columns: BTreeMap::new(),
    }
}

#[test]
fn the_sum_begins_again_after_an_alarm() {
    let odd = growing(1, 61);
    let steps = trace(&[past("a", 1, false), past("b", 1, true), past("c", 1, false)]);
    let values: Vec<f64> = steps
        .iter()
        .flatten()
        .map(|steps| steps.joint.growing)
        .collect();
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
    let (here, unit) = (beside(99.0), Unit::Named("a".into()));
    let again = look(&twice, &here, &here, &unit);
    let first = look(&twice[1..2], &here, &here, &unit);
    assert_eq!(again, first);
    assert_eq!((first.place.rank, first.place.among), (1, 62));
}

#[test]
fn what_is_known_to_be_broken_is_in_no_pool() {
    let mut broken = past("a", 1, false);
    broken.scores = None;
    let (here, unit) = (beside(59.5), Unit::Data("now".into()));
    let place = look(&[broken], &here, &here, &unit).place;
    assert_eq!((place.rank, place.among, place.anchor_rank), (1, 61, 1));
}

#[test]
fn without_an_anchor_nothing_is_bet_on_it() {
    let alone = Standing {
        own: (1.0, 1.0),
        ..Standing::default()
    };
    let found = look(&[], &alone, &alone, &Unit::Data("now".into()));
    assert_eq!((found.place.rank, found.place.among), (1, 1));
    let step = found.steps.all();
    assert!(
        step.growing <= 1.0 + 1e-9 && step.anchored <= 1.0 + 1e-9,
        "{step:?}"
    );
}

/// A column that is the farthest of its own every day, on days that are
/// ordinary in all.
#[test]
fn a_column_adds_up_by_itself() {
    let here = |day: i64| Standing {
        columns: [("slow", 60 + day), ("still", 7)]
            .map(|(name, own)| {
                let pool = (0..60).collect();
                let moved = true;
                (name.to_owned(), ColumnStanding { own, pool, moved })
            })
            .into(),
        ..beside(30.0)
    };
    let mut past: Vec<Past> = vec![];
    for day in 0..8 {
        let (here, unit) = (here(day), Unit::Named(day.to_string()));
        let found = look(&past, &here, &here, &unit);
        assert_eq!(found.columns["slow"].place.rank, 1);
        assert_eq!(found.columns["slow"].place.among, 61 + day as u64);
        assert_eq!(found.columns["still"].place.rank, 54 + day as u64);
        past.push(Past {
            unit,
            scores: Some(here.own),
            place: found.place,
            columns: found.columns,
            alarmed: false,
        });
    }
    let sums = trace(&past);
    let last = sums.last().cloned().flatten().unwrap().all();
    assert!(last.growing > 1e4 && last.anchored > 365.0, "{last:?}");
    let joint: Vec<Past> = past
        .iter()
        .map(|one| Past {
            columns: BTreeMap::new(),
            ..one.clone()
        })
        .collect();
    let alone = trace(&joint).last().cloned().flatten().unwrap().all();
    assert!(alone.growing < 1.0 && alone.anchored < 1.0, "{alone:?}");
}
