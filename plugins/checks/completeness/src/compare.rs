//! Two profiles of a column into findings.

use driftguard_distribution::Rate;
use driftguard_sdk::prelude::{Finding, Nature, Role, Status, Subject};

use crate::profile::Profile;
use crate::words::percent;

/// A reference with a smaller share of zeros than this has none to speak of.
const HARDLY_ANY_ZEROS: f64 = 0.005;

/// All values being null is a fault when chance would do it less often.
const CHANCE_OF_ALL_NULL: f64 = 1e-6;

/// Rates of one column, reference against current. See the crate for what
/// each metric means.
pub fn compare(
    column: &str,
    role: Role,
    min_rows: u64,
    reference: &Profile,
    current: &Profile,
) -> Vec<Finding> {
    let nulls = null_rate(column, reference, current);
    if let Some((status, message)) = why_not(column, role, min_rows, reference, current) {
        return vec![
            Finding::measurement(nulls.metric, nulls.subject())
                .status(status)
                .rows(reference.rows, current.rows)
                .message(message),
        ];
    }
    if role == Role::Label {
        return labels(&nulls, reference, current);
    }
    let mut findings = vec![];
    findings.extend(nulls.finding(Nature::Measurement));
    findings.extend(all_null(column, reference, current));
    let odd = odd_values(column, reference, current);
    findings.extend(odd.filter_map(|(rate, nature)| rate.finding(nature)));
    findings
}

/// The measurements of [`compare`] with the numbers by which periods are
/// ranked, and nothing else.
pub fn ranked(
    column: &str,
    role: Role,
    min_rows: u64,
    reference: &Profile,
    current: &Profile,
) -> Vec<Finding> {
    if role == Role::Label || why_not(column, role, min_rows, reference, current).is_some() {
        return vec![];
    }
    let nulls = null_rate(column, reference, current);
    let odd = odd_values(column, reference, current);
    let odd = odd.filter(|(_, nature)| *nature == Nature::Measurement);
    let rates = std::iter::once(nulls).chain(odd.map(|(rate, _)| rate));
    rates.filter_map(|rate| rate.ranked()).collect()
}

fn null_rate<'a>(column: &'a str, reference: &Profile, current: &Profile) -> Rate<'a> {
    rate(column, "null-rate/v1", "null", reference, current, |p| {
        p.nulls
    })
}

/// Labels trickle in after the rows that they belong to: how many are there is
/// said, and is no matter of quality. What stands in their place (NaN, empty
/// text) is as late.
fn labels(nulls: &Rate<'_>, reference: &Profile, current: &Profile) -> Vec<Finding> {
    let missing = |profile: &Profile| profile.nulls + profile.nans + profile.empty;
    let rate = Rate {
        property: "without a label",
        reference: (missing(reference), reference.rows),
        current: (missing(current), current.rows),
        ..*nulls
    };
    let Some(finding) = rate.finding(Nature::Supporting) else {
        return vec![];
    };
    let words = match rate.after() > rate.before() {
        true => "; labels may come late, and what is judged by them is judged on the others",
        false => "",
    };
    let message = format!("{}{words}", finding.message);
    vec![finding.message(message)]
}

fn rate<'a>(
    column: &'a str,
    metric: &'a str,
    property: &'a str,
    reference: &Profile,
    current: &Profile,
    hits: impl Fn(&Profile) -> u64,
) -> Rate<'a> {
    Rate {
        column,
        metric,
        property,
        reference: (hits(reference), reference.rows),
        current: (hits(current), current.rows),
    }
}

/// Why no rate can be compared, if so.
fn why_not(
    column: &str,
    role: Role,
    min_rows: u64,
    reference: &Profile,
    current: &Profile,
) -> Option<(Status, String)> {
    let smallest = reference.rows.min(current.rows);
    if smallest == 0 {
        let message = format!("`{column}`: the column has no rows on one side");
        return Some((Status::NotApplicable, message));
    }
    let all_null = |profile: &Profile| profile.nulls == profile.rows;
    if all_null(reference) && all_null(current) {
        let message = format!("`{column}`: every row is null on both sides");
        return Some((Status::NotApplicable, message));
    }
    // Labels arrive later than the rows they belong to.
    if role == Role::Label && all_null(current) {
        let message = format!("`{column}`: no label of the current rows has arrived yet");
        return Some((Status::NotApplicable, message));
    }
    if smallest < min_rows && all_null_by_chance(reference, current) > CHANCE_OF_ALL_NULL {
        let message = format!(
            "`{column}`: {} reference and {} current rows, at least {min_rows} are needed on either side",
            reference.rows, current.rows
        );
        return Some((Status::InsufficientData, message));
    }
    None
}

/// Bound on the probability that all current rows are null if nothing
/// changed; 1 when some are not.
fn all_null_by_chance(reference: &Profile, current: &Profile) -> f64 {
    if current.nulls < current.rows {
        return 1.0;
    }
    let rate = (reference.nulls as f64 + 1.0) / (reference.rows as f64 + 2.0);
    (current.rows as f64 * rate.min(1.0).ln()).exp()
}

fn all_null(column: &str, reference: &Profile, current: &Profile) -> Option<Finding> {
    if all_null_by_chance(reference, current) > CHANCE_OF_ALL_NULL {
        return None;
    }
    let filled = 1.0 - reference.nulls as f64 / reference.rows as f64;
    let message = format!(
        "`{column}`: every current row is null, {} of the reference's rows hold a value",
        percent(filled)
    );
    Some(
        Finding::fault("all-null/v1", Subject::Column(column.to_owned()))
            .statistic(1.0)
            .effect(filled)
            .rows(reference.rows, current.rows)
            .message(message),
    )
}

/// Rates of values that most columns never have; nothing where neither side
/// has one, so that the correction for many tests is not spent on them.
fn odd_values<'a>(
    column: &'a str,
    reference: &Profile,
    current: &Profile,
) -> impl Iterator<Item = (Rate<'a>, Nature)> {
    let make = |metric, property, hits: fn(&Profile) -> u64| {
        rate(column, metric, property, reference, current, hits)
    };
    let zeros = make("zero-rate/v1", "zero", |p| p.zeros);
    // Where zeros are ordinary, drift of the values says more than they do.
    let new = zeros.before() < HARDLY_ANY_ZEROS && zeros.after() > zeros.before();
    let of_zeros = match new {
        true => Nature::Measurement,
        false => Nature::Supporting,
    };
    let all = [
        (make("nan-rate/v1", "NaN", |p| p.nans), Nature::Measurement),
        (
            make("infinity-rate/v1", "infinite", |p| p.infinities),
            Nature::Measurement,
        ),
        (
            make("empty-rate/v1", "empty text", |p| p.empty),
            Nature::Measurement,
        ),
        (zeros, of_zeros),
    ];
    all.into_iter()
        .filter(|(rate, _)| rate.reference.0 > 0 || rate.current.0 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::numeric;
    use driftguard_distribution::testing::ranks_are_those_reported;

    fn run(reference: &Profile, current: &Profile) -> Vec<Finding> {
        let findings = compare("temp", Role::Feature, 50, reference, current);
        let ranked = ranked("temp", Role::Feature, 50, reference, current);
        ranks_are_those_reported(&ranked, &findings);
        findings
    }

    fn metrics(findings: &[Finding]) -> Vec<&str> {
        findings
            .iter()
            .map(|finding| finding.metric.as_str())
            .collect()
    }

    #[test]
    fn two_per_cent_to_ten_is_found() {
        let findings = run(&numeric(10_000, 200, 0, 0), &numeric(10_000, 1_000, 0, 0));
        let [nulls] = findings.as_slice() else {
            panic!("{findings:?}")
        };
        assert!(nulls.effect > 0.07 && nulls.p_value.unwrap() < 1e-50);
        assert_eq!(nulls.nature, Nature::Measurement);
    }

    #[test]
    fn chance_stays_quiet() {
        let findings = run(&numeric(1_000, 20, 0, 0), &numeric(1_000, 26, 0, 0));
        assert!(findings[0].effect < 0.01 && findings[0].p_value.unwrap() > 0.2);
    }

    #[test]
    fn a_column_gone_null_is_a_fault() {
        let findings = run(&numeric(1_000, 100, 0, 0), &numeric(800, 800, 0, 0));
        assert_eq!(metrics(&findings), ["null-rate/v1", "all-null/v1"]);
        assert_eq!(findings[1].nature, Nature::Fault);
        assert!((findings[1].effect - 0.9).abs() < 1e-12);
        assert_eq!(
            findings[1].message,
            "`temp`: every current row is null, 90 % of the reference's rows hold a value"
        );
        // Few rows are enough where the reference has no null at all.
        assert_eq!(
            metrics(&run(&numeric(5_000, 0, 0, 0), &numeric(20, 20, 0, 0)))[1],
            "all-null/v1"
        );
        // One null row may be chance.
        let one = run(&numeric(5_000, 0, 0, 0), &numeric(1, 1, 0, 0));
        assert_eq!(one[0].status, Status::InsufficientData);
    }

    #[test]
    fn degenerate_sides() {
        let full = numeric(1_000, 0, 0, 0);
        let null = numeric(1_000, 1_000, 0, 0);
        for (reference, current, status) in [
            (
                &Profile::default(),
                &Profile::default(),
                Status::NotApplicable,
            ),
            (&full, &Profile::default(), Status::NotApplicable),
            (&Profile::default(), &full, Status::NotApplicable),
            (&null, &null, Status::NotApplicable),
            (&full, &numeric(1, 0, 0, 0), Status::InsufficientData),
            (&numeric(49, 0, 0, 0), &full, Status::InsufficientData),
        ] {
            let findings = run(reference, current);
            assert_eq!(findings.len(), 1);
            assert_eq!(findings[0].status, status, "{}", findings[0].message);
            assert_eq!(findings[0].effect, 0.0);
        }
        // A column that is filled at last is a change of its null rate.
        assert!(run(&null, &full)[0].effect > 0.98);
    }

    #[test]
    fn labels_may_come_late() {
        let (reference, current) = (numeric(900, 0, 0, 0), numeric(900, 900, 0, 0));
        let findings = compare("late", Role::Label, 50, &reference, &current);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].status, Status::NotApplicable);
        // Some of them are there: as late, in whatever way it is written.
        for current in [numeric(900, 600, 0, 0), numeric(900, 0, 600, 0)] {
            let findings = compare("late", Role::Label, 50, &reference, &current);
            let [part] = findings.as_slice() else {
                panic!("{findings:?}")
            };
            assert_eq!(part.nature, Nature::Supporting);
            assert_eq!(
                part.message,
                "`late`: 0 % -> 67 % of the rows are without a label; labels may come late, and what is judged by \
                 them is judged on the others"
            );
        }
    }

    #[test]
    fn odd_values_only_where_there_are_some() {
        let findings = run(&numeric(1_000, 0, 0, 2), &numeric(1_000, 0, 300, 400));
        assert_eq!(
            metrics(&findings),
            ["null-rate/v1", "nan-rate/v1", "zero-rate/v1"]
        );
        assert!(findings[1].effect > 0.25);
        assert_eq!(findings[2].nature, Nature::Measurement);
        assert_eq!(
            findings[1].message,
            "`temp`: 0 % -> 30 % of the rows are NaN"
        );
    }

    #[test]
    fn ordinary_zeros_only_support() {
        let nature = |reference: u64, current: u64| {
            let findings = run(
                &numeric(1_000, 0, 0, reference),
                &numeric(1_000, 0, 0, current),
            );
            findings[1].nature
        };
        assert_eq!(nature(5, 400), Nature::Supporting);
        assert_eq!(nature(4, 0), Nature::Supporting);
        assert_eq!(nature(4, 5), Nature::Measurement);
    }

    #[test]
    fn empty_text_and_infinities() {
        let with = |empty, infinities| Profile {
            rows: 1_000,
            usable: 1_000 - infinities,
            empty,
            infinities,
            ..Profile::default()
        };
        let findings = run(&with(0, 1), &with(250, 0));
        assert_eq!(
            metrics(&findings),
            ["null-rate/v1", "infinity-rate/v1", "empty-rate/v1"]
        );
        assert_eq!(
            findings[2].message,
            "`temp`: 0 % -> 25 % of the rows are empty text"
        );
    }
}
