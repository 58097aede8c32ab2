//! Tests of the comparison on made instants.

use driftguard_sdk::prelude::{Finding, Nature, Status};

use crate::profile::tests::of;
use crate::profile::{HOUR, Profile};
use crate::{Options, compare};

/// 2013-04-01T00:00Z in hours.
const START: i64 = 1_364_774_400 / 3600;

const OPTIONS: Options = Options {
    min_rows: 50,
    measure_volume: false,
};

/// `days` days of working hours (most rows at noon), `per_hour` rows at most.
fn feed(days: i64, per_hour: i64, keep: impl Fn(i64) -> bool, shift: i64) -> Profile {
    let mut instants = vec![];
    for hour in (0..days * 24).filter(|hour| keep(*hour)) {
        let of_day = hour % 24;
        let rows = if (8..20).contains(&of_day) {
            per_hour * (7 - (of_day - 13).abs().min(6)) / 7
        } else {
            1
        };
        instants.extend((0..rows).map(|i| (START + hour + shift) * HOUR + i));
    }
    of(&instants)
}

fn usual() -> Profile {
    feed(20, 20, |_| true, 0)
}

fn named<'a>(findings: &'a [Finding], metric: &str) -> &'a Finding {
    findings
        .iter()
        .find(|finding| finding.metric == metric)
        .unwrap()
}

#[test]
fn the_next_weeks_are_quiet() {
    let findings = compare("time", OPTIONS, &usual(), &feed(20, 20, |_| true, 480));
    let metrics: Vec<&str> = findings
        .iter()
        .map(|finding| finding.metric.as_str())
        .collect();
    assert_eq!(metrics, ["time-range/v1", "rows-per-period/v1", "gaps/v1"]);
    assert!(findings.iter().all(|finding| finding.effect == 0.0));
    assert!(
        findings
            .iter()
            .all(|finding| finding.nature == Nature::Supporting)
    );
    assert_eq!(
        findings[0].message,
        "`time`: 2013-04-01T00:00Z to 2013-04-20T23:00Z in the reference, \
         2013-04-21T00:00Z to 2013-05-10T23:00Z now; they do not overlap"
    );
    assert_eq!(
        findings[2].message,
        "`time`: no day without rows on either side"
    );
    let same = compare("time", OPTIONS, &usual(), &usual());
    assert!(same[0].message.ends_with("they overlap"));
}

#[test]
fn an_outage_of_days_is_measured() {
    let outage = feed(20, 20, |hour| !(29..150).contains(&hour), 0);
    let findings = compare("time", OPTIONS, &usual(), &outage);
    let gaps = named(&findings, "gaps/v1");
    assert_eq!(gaps.nature, Nature::Measurement);
    assert!(gaps.effect > 0.1, "{}", gaps.effect);
    assert!(
        gaps.p_value.unwrap() > 1e-3,
        "four days of eighteen are weak evidence by count alone"
    );
    assert_eq!(
        gaps.message,
        "`time`: 0 % -> 22.2 % of the days have no rows; the longest gap is 5.04 days from 2013-04-02T05:00Z"
    );
    // Ordinary gaps are ordinary, and fewer of them are no harm.
    let nights = |hour: i64| hour % 24 > 5;
    let both = compare(
        "time",
        OPTIONS,
        &feed(3, 20, nights, 0),
        &feed(3, 20, nights, 72),
    );
    assert_eq!(named(&both, "gaps/v1").effect, 0.0);
    let fewer = compare(
        "time",
        OPTIONS,
        &feed(3, 20, nights, 0),
        &feed(3, 20, |_| true, 72),
    );
    assert_eq!(named(&fewer, "gaps/v1").effect, 0.0);
}

#[test]
fn hours_are_counted_where_days_are_few() {
    let half = feed(2, 20, |hour| !(10..=25).contains(&hour), 0);
    let findings = compare("time", OPTIONS, &usual(), &half);
    let gaps = named(&findings, "gaps/v1");
    assert!(
        gaps.message
            .contains("of the hours have no rows; the longest gap is 16 hours"),
        "{}",
        gaps.message
    );
    assert!(gaps.effect > 0.25 && gaps.p_value.unwrap() < 1e-6);
}

#[test]
fn a_clock_that_moved() {
    let findings = compare("time", OPTIONS, &usual(), &feed(20, 20, |_| true, 485));
    let clock = named(&findings, "clock-moved/v1");
    assert_eq!(clock.nature, Nature::Fault);
    assert!(clock.effect > 0.3);
    assert!(
        clock
            .message
            .starts_with("`time`: the clock moved by +5 h; "),
        "{}",
        clock.message
    );
    let back = compare("time", OPTIONS, &usual(), &feed(20, 20, |_| true, 477));
    assert!(named(&back, "clock-moved/v1").message.contains("by -3 h"));
    assert_eq!(
        named(&back, "clock-moved/v1")
            .unit_effect
            .as_ref()
            .unwrap()
            .value,
        -3.0
    );
    // A night shift that works at all hours is no clock that moved.
    let round = feed(20, 1, |_| true, 0);
    let flat = compare("time", OPTIONS, &usual(), &round);
    assert!(
        flat.iter()
            .all(|finding| finding.metric != "clock-moved/v1")
    );
}

#[test]
fn volume_measures_only_when_asked() {
    let thin = feed(20, 5, |_| true, 0);
    let supporting = compare("time", OPTIONS, &usual(), &thin);
    let found = named(&supporting, "rows-per-period/v1");
    assert_eq!((found.nature, found.effect), (Nature::Supporting, 0.0));
    assert!(
        found
            .message
            .starts_with("`time`: 144 -> 41 rows per day (median)"),
        "{}",
        found.message
    );
    let options = Options {
        measure_volume: true,
        ..OPTIONS
    };
    let measured = compare("time", options, &usual(), &thin);
    let found = named(&measured, "rows-per-period/v1");
    assert_eq!(found.nature, Nature::Measurement);
    assert!(
        found.effect > 0.5 && found.p_value.unwrap() < 1e-6,
        "{found:?}"
    );
    let same = compare("time", options, &usual(), &usual());
    let found = named(&same, "rows-per-period/v1");
    assert!(found.effect == 0.0 && found.p_value.unwrap() > 0.9);
    let short = compare("time", options, &usual(), &feed(2, 40, |_| true, 0));
    assert_eq!(
        named(&short, "rows-per-period/v1").status,
        Status::InsufficientData
    );
}

#[test]
fn degenerate_sides() {
    let (none, one) = (of(&[]), of(&[START * HOUR]));
    let null = of(&[0; 100]);
    for (reference, current) in [(&none, &none), (&usual(), &none), (&null, &usual())] {
        let findings = compare("time", OPTIONS, reference, current);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].status, Status::NotApplicable);
    }
    let few = compare("time", OPTIONS, &usual(), &one);
    assert_eq!(named(&few, "gaps/v1").status, Status::InsufficientData);
    let constant = of(&[START * HOUR; 100]);
    for findings in [
        compare("time", OPTIONS, &constant, &constant),
        compare("time", OPTIONS, &usual(), &constant),
    ] {
        assert_eq!(named(&findings, "gaps/v1").status, Status::NotApplicable);
        assert!(findings.iter().all(|finding| finding.effect == 0.0));
    }
}

#[test]
fn the_ends_of_time_neither_panic_nor_hang() {
    let mut wild = vec![i64::MIN, i64::MAX];
    wild.extend([START * HOUR; 100]);
    let findings = compare("time", OPTIONS, &of(&wild), &of(&wild));
    assert_eq!(named(&findings, "gaps/v1").effect, 0.0);
    let findings = compare("time", OPTIONS, &usual(), &of(&wild));
    assert!(findings.iter().all(|finding| finding.effect.is_finite()));
}
