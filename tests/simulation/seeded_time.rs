//! A few repetitions of the simulation over time, always the same ones, held
//! against the reference implementation's figures (365 days, 60 periods: 0.32
//! false alarms a year by the growing pool, 0.019 by the anchor; a shift found
//! after 6, 2 and 2 days, or 10, 4 and 4 by the anchor).

use crate::stream::{Course, Pool, Width, World};

/// The rate of a year is Poisson: of 100 years 32 alarms, more than 50 are less
/// likely than 1 in 500, fewer than 17, too. The guarantee is one a year.
#[test]
fn a_year_of_nothing_is_quiet() {
    let found = World::of(Course::Still, 365).run(100);
    assert!((17..=50).contains(&found.alarms[0]), "{}", found.alarms[0]);
    assert!(found.alarms[1] <= 8, "{}", found.alarms[1]);
}

/// Why no flagged day is left out of the pool: without them ordinary days look
/// odd.
#[test]
fn a_pool_without_the_flagged_days_cries_wolf() {
    let world = World {
        pool: Pool::Unflagged,
        ..World::of(Course::Still, 365)
    };
    let found = world.run(40);
    assert!(found.alarms[0] > 40, "{}", found.alarms[0]);
}

#[test]
fn a_shift_is_found_within_days() {
    for (by, growing, anchored) in [
        (1.5, 4..=8, 7..=13),
        (3.0, 2..=3, 3..=5),
        (6.0, 2..=2, 3..=4),
    ] {
        let found = World::of(Course::Shift { day: 30, by }, 90).run(100);
        let median = [0, 1].map(|which| found.median(which, 100).unwrap_or(usize::MAX));
        assert!(growing.contains(&median[0]), "{by}: {median:?}");
        assert!(anchored.contains(&median[1]), "{by}: {median:?}");
    }
}

/// The boiling frog: 0.01 sd a day, found within 180 days by the anchor in
/// 99 % and by the growing pool in 93 %; median days 113 and 100.
#[test]
fn a_slow_drift_is_found() {
    let found = World::of(Course::Slope(0.01), 180).run(100);
    let within = [0, 1].map(|which| found.within(which, 180));
    assert!(within[0] >= 85 && within[1] >= 95, "{within:?}");
    let median = found.median(1, 100).unwrap_or(usize::MAX);
    assert!((95..=130).contains(&median), "{median}");
    let still = World::of(Course::Slope(0.0), 180).run(100);
    assert!(still.within(1, 180) <= 5, "{}", still.within(1, 180));
}

/// One column of thirty moves by 0.03 sd a day: hardly ever the farthest one
/// of its day, it is found by its own sum, at no more false alarms.
#[test]
fn a_slow_drift_of_one_column_of_many_is_found() {
    let world = |course, apart, days| World {
        width: Width::Columns { count: 30, apart },
        ..World::of(course, days)
    };
    let found = |apart| world(Course::Slope(0.03), apart, 120).run(10);
    let (together, by_itself) = (found(false), found(true));
    for which in [0, 1] {
        let [together, by_itself] =
            [&together, &by_itself].map(|found| found.median(which, 10).unwrap_or(usize::MAX));
        assert!(by_itself + 10 < together, "{by_itself} {together}");
    }
    // 0.24 and 0.01 a year.
    let still = world(Course::Still, true, 180).run(10);
    assert!(still.alarms[0] <= 6, "{}", still.alarms[0]);
    assert!(still.alarms[1] <= 2, "{}", still.alarms[1]);
}
