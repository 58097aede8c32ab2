//! The numbers of other tools on a categorical column.

use driftguard_sdk::prelude::Finding;
use driftguard_statistics::divergence::{
    hellinger, jensen_shannon_bits, jensen_shannon_distance, jensen_shannon_distance_nats,
    largest_change,
};
use driftguard_statistics::peers;

use super::{Convention, Number, Rule, Wanted, findings as findings_of};
use crate::categorical::Sides;

/// Evidently's threshold of p-values.
pub(super) const P_VALUE: f64 = 0.05;
/// Evidently: more reference rows than this and tests become distances.
const EVIDENTLY_ROWS: u64 = 1000;
/// TFDV compares the most frequent values of each side only.
const TFDV_VALUES: usize = 1000;

/// The findings of another tool; none if none is wanted.
pub fn findings(sides: &Sides<'_>, wanted: Wanted) -> Vec<Finding> {
    let about = sides.about();
    // Rows of values that are not known one by one have no value in their cell.
    let whole = sides.cells().all().iter().all(|cell| cell.value.is_some());
    let (p, q) = sides.cells().counts();
    let value_of = |value: Option<f64>| {
        match whole {
        _ if about.reference == 0 || about.current == 0 => Err("a side has no values".to_owned()),
        true => value.ok_or_else(|| "it is not defined here".to_owned()),
        false => Err(
            "a side has more values than are counted one by one, and all are needed: raise `categories`".to_owned(),
        ),
    }
    };
    let (mut numbers, default) = match wanted.convention {
        Convention::Driftguard => return vec![],
        Convention::Evidently => evidently(&p, &q, about.reference),
        Convention::Nannyml => nannyml(&p, &q),
        Convention::Tfdv => tfdv(&p, &q),
    };
    for number in &mut numbers {
        if number.value.is_ok() || !whole {
            number.value = value_of(number.value.as_ref().ok().copied());
        }
    }
    findings_of(&about, wanted, &numbers, default)
}

/// Evidently's tests on counts of values, in order of value.
pub(super) fn by_value(p: &[u64], q: &[u64]) -> Vec<Number> {
    let rows = |counts: &[u64]| counts.iter().copied().fold(0, u64::saturating_add);
    let (n, m) = (rows(p), rows(q));
    let first = |counts: &[u64]| counts.first().copied().unwrap_or(0);
    let mut tests = vec![Number::new(
        "chisquare-p",
        "p-value of chi-square",
        peers::goodness_of_fit(p, q),
        Rule::Below(P_VALUE),
    )];
    if p.len() <= 2 {
        tests.push(Number::new(
            "z-p",
            "p-value of the z test",
            peers::two_proportions(first(p), n, first(q), m),
            Rule::Below(P_VALUE),
        ));
    }
    tests
}

fn evidently(p: &[u64], q: &[u64], rows: u64) -> (Vec<Number>, &'static str) {
    let from = Rule::From(0.1);
    let mut numbers = vec![
        Number::new(
            "js",
            "Jensen-Shannon distance",
            jensen_shannon_distance_nats(p, q),
            from,
        ),
        Number::new(
            "psi",
            "population stability index",
            peers::evidently_psi(p, q),
            from,
        ),
        Number::new(
            "kl",
            "Kullback-Leibler divergence",
            peers::evidently_kl(p, q),
            from,
        ),
    ];
    numbers.extend(by_value(p, q));
    let default = match rows > EVIDENTLY_ROWS {
        true => "js",
        false if p.len() > 2 => "chisquare-p",
        false => "z-p",
    };
    (numbers, default)
}

/// Values that the reference lacks are one bin there; both distances are the
/// same as with a bin for each.
fn nannyml(p: &[u64], q: &[u64]) -> (Vec<Number>, &'static str) {
    let numbers = vec![
        Number::new(
            "js",
            "Jensen-Shannon distance",
            jensen_shannon_distance(p, q),
            Rule::Never,
        ),
        Number::new(
            "hellinger",
            "Hellinger distance",
            hellinger(p, q),
            Rule::Never,
        ),
        Number::new(
            "l-infinity",
            "L-infinity distance",
            largest_change(p, q),
            Rule::Never,
        ),
    ];
    (numbers, "js")
}

fn tfdv(p: &[u64], q: &[u64]) -> (Vec<Number>, &'static str) {
    let mut numbers = vec![
        Number::new(
            "l-infinity",
            "L-infinity distance",
            largest_change(p, q),
            Rule::Never,
        ),
        Number::new(
            "jensen-shannon",
            "Jensen-Shannon divergence",
            jensen_shannon_bits(p, q),
            Rule::Never,
        ),
    ];
    let held = |counts: &[u64]| counts.iter().filter(|rows| **rows > 0).count();
    if held(p).max(held(q)) > TFDV_VALUES {
        for number in &mut numbers {
            number.value = Err(format!(
                "it compares the {TFDV_VALUES} most frequent values of each side only"
            ));
        }
    }
    (numbers, "l-infinity")
}
