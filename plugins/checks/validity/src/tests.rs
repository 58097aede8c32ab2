use super::*;
use driftguard_distribution::testing::{Rng, ranks_are_those_reported};
use driftguard_sdk::prelude::{Column, Nature, Purpose, Role, Status, Value};
use proptest::prelude::*;

mod chance;
mod many;
mod still;

pub(super) fn context(kind: Kind, role: Role) -> Context {
    let column = Column {
        name: "x".into(),
        role,
        kind,
        storage: "Utf8".into(),
        nullable: true,
        dimension: 0,
    };
    Context::new(vec![], &Validity::describe().settings, vec![column])
}

/// The findings for a report; those for ranks have the same numbers.
fn compared(context: Context, frame: &Frame, sides: [&Profile; 2]) -> Vec<Finding> {
    let [reference, current] = sides;
    let reported = Validity::compare(&context, frame, reference, current).unwrap();
    let context = context.for_purpose(Purpose::Rank);
    let ranked = Validity::compare(&context, frame, reference, current).unwrap();
    ranks_are_those_reported(&ranked, &reported);
    reported
}

/// Numbers against numbers; the frame is of all of the reference.
pub(super) fn numbers(reference: &[f64], current: &[f64]) -> Vec<Finding> {
    let frame = Frame::Numbers(Numbers::of_sample(reference));
    let profile = |values: &[f64]| {
        let values: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        Profile::of_numbers(&frame, &values).unwrap()
    };
    let context = context(Kind::Numeric, Role::Feature);
    compared(context, &frame, [&profile(reference), &profile(current)])
}

/// Categories against categories.
pub(super) fn texts(reference: &[&str], current: &[&str]) -> Vec<Finding> {
    let reference: Vec<Option<&str>> = reference.iter().copied().map(Some).collect();
    let current: Vec<Option<&str>> = current.iter().copied().map(Some).collect();
    optional(&reference, &current)
}

fn optional(reference: &[Option<&str>], current: &[Option<&str>]) -> Vec<Finding> {
    let frame = Frame::Values(Values::of_sample(reference));
    let profile = |values: &[Option<&str>]| Profile::of_values(&frame, values).unwrap();
    let context = context(Kind::Categorical, Role::Feature);
    compared(context, &frame, [&profile(reference), &profile(current)])
}

pub(super) fn metric<'a>(findings: &'a [Finding], metric: &str) -> Option<&'a Finding> {
    findings.iter().find(|finding| finding.metric == metric)
}

/// What would move a verdict by itself: faults, and measurements that are far
/// beyond chance, with an effect of 5 % and more.
pub(super) fn alarms(findings: &[Finding]) -> Vec<String> {
    let alarm = |finding: &&Finding| {
        let sure = finding.p_value.is_some_and(|p| p < 1e-3);
        finding.status == Status::Ok
            && finding.effect >= 0.05
            && (finding.nature == Nature::Fault || finding.nature == Nature::Measurement && sure)
    };
    let alarms = findings.iter().filter(alarm);
    alarms.map(|finding| finding.metric.clone()).collect()
}

/// Values in random order with these weights.
pub(super) fn drawn<'a>(rng: &mut Rng, rows: usize, weighted: &[(&'a str, u64)]) -> Vec<&'a str> {
    let total = weighted.iter().map(|(_, weight)| weight).sum();
    (0..rows)
        .map(|_| {
            let mut place = rng.below(total);
            for (value, weight) in weighted {
                if place < *weight {
                    return *value;
                }
                place -= weight;
            }
            weighted[0].0
        })
        .collect()
}

#[test]
fn the_description_holds_together() {
    let descriptor = Validity::describe();
    assert_eq!(descriptor.id, "validity");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    for setting in &descriptor.settings {
        let default = match setting.default {
            Value::Integer(default) => default as f64,
            Value::Number(default) => default,
            _ => panic!("{}", setting.name),
        };
        let bounds = (setting.minimum.unwrap(), setting.maximum.unwrap());
        assert!(bounds.0 <= default && default <= bounds.1);
    }
}

#[test]
fn a_sentinel_is_far_out_and_a_season_is_not() {
    let mut rng = Rng::new(1);
    let reference = rng.normals(2000, 38.0, 8.0);
    let mut sentinel = rng.normals(1000, 38.0, 8.0);
    sentinel[..120].fill(-9999.0);
    let findings = numbers(&reference, &sentinel);
    let far = metric(&findings, "far-out/v1").unwrap();
    assert!((far.effect - 0.12).abs() < 2e-3 && far.p_value.unwrap() < 1e-30);
    assert_eq!(far.nature, Nature::Measurement);
    assert!(
        far.message
            .contains("lie far outside of the reference's range")
    );
    assert!(far.message.contains("(-9999 to 6"), "{}", far.message);
    // A summer after a winter: most of it is warmer than anything before.
    let summer = rng.normals(1000, 78.0, 8.0);
    let findings = numbers(&reference, &summer);
    let out = metric(&findings, "out-of-range/v1").unwrap();
    assert!(out.effect > 0.7 && out.nature == Nature::Supporting);
    assert_eq!(alarms(&findings), [""; 0]);
}

#[test]
fn a_column_that_grows_has_no_range_that_binds() {
    let counter = |from: u32| -> Vec<f64> { (from..from + 1000).map(f64::from).collect() };
    assert_eq!(alarms(&numbers(&counter(0), &counter(50_000))), [""; 0]);
    let mut rng = Rng::new(5);
    let mut shuffled = counter(0);
    for place in (1..shuffled.len()).rev() {
        shuffled.swap(place, rng.below(place as u64 + 1) as usize);
    }
    assert_eq!(
        alarms(&numbers(&shuffled, &counter(50_000))),
        ["far-out/v1"]
    );
}

#[test]
fn a_new_value_is_named_with_its_share() {
    let mut rng = Rng::new(2);
    let reference = drawn(&mut rng, 3000, &[("JFK", 36), ("LGA", 31), ("EWR", 33)]);
    let current = drawn(
        &mut rng,
        1000,
        &[("JFK", 30), ("LGA", 26), ("EWR", 28), ("SWF", 16)],
    );
    let findings = texts(&reference, &current);
    let new = metric(&findings, "new-values/v1").unwrap();
    assert!((new.effect - 0.16).abs() < 0.03 && new.p_value.unwrap() < 1e-60);
    assert!(
        new.message
            .contains("of the rows have 1 value that is never seen in the reference (SWF 1"),
        "{}",
        new.message
    );
    assert_eq!(alarms(&findings), ["new-values/v1"]);
    let back = texts(&current, &reference);
    assert_eq!(alarms(&back), ["vanished-values/v1"]);
}

#[test]
fn renames_by_share_and_by_name() {
    let mut rng = Rng::new(3);
    let before = [
        ("UA", 17),
        ("B6", 15),
        ("DL", 14),
        ("AA", 10),
        ("MQ", 7),
        ("US", 6),
        ("9E", 5),
    ];
    let reference = drawn(&mut rng, 8000, &before);
    let renamed = before.map(|(value, weight)| match value {
        "UA" => ("United", weight),
        "AA" => ("American", weight),
        other => (other, weight),
    });
    let findings = texts(&reference, &drawn(&mut rng, 8000, &renamed));
    let found = metric(&findings, "renamed-values/v1").unwrap();
    assert_eq!(found.nature, Nature::Fault);
    assert!((found.effect - 27.0 / 74.0).abs() < 0.02);
    assert!(found.message.contains("UA -> United (") && found.message.contains("AA -> American ("));
    // The same names in another spelling, whatever their shares.
    let lower = [
        ("ua", 3),
        ("b6", 15),
        ("dl", 14),
        ("aa", 20),
        ("mq", 7),
        ("us", 6),
        ("9e", 5),
    ];
    let findings = texts(&reference, &drawn(&mut rng, 8000, &lower));
    assert_eq!(
        metric(&findings, "renamed-values/v1").unwrap().statistic,
        Some(7.0)
    );
    let numbers = texts(
        &drawn(&mut rng, 900, &[("1", 2), ("2", 1)]),
        &drawn(&mut rng, 900, &[("1.0", 1), ("2.0", 1)]),
    );
    assert!(
        metric(&numbers, "renamed-values/v1")
            .unwrap()
            .message
            .contains("1 -> 1.0")
    );
}

/// Values of nearly the same share: renamed they are, and which is which
/// their shares do not tell.
#[test]
fn renames_of_values_that_are_alike() {
    let mut rng = Rng::new(14);
    let before = [("UA", 17), ("B6", 16), ("EV", 16), ("DL", 14), ("AA", 10)];
    let after = [
        ("United", 17),
        ("JetBlue", 16),
        ("ExpressJet", 16),
        ("DL", 14),
        ("AA", 10),
    ];
    let findings = texts(
        &drawn(&mut rng, 8000, &before),
        &drawn(&mut rng, 8000, &after),
    );
    let found = metric(&findings, "renamed-values/v1").unwrap();
    assert_eq!((found.nature, found.statistic), (Nature::Fault, Some(3.0)));
    assert!(
        found
            .message
            .ends_with("which is which their shares do not tell")
    );
    // One of them split in two: as many must be new as are gone.
    let after = [
        ("United", 17),
        ("JetBlue", 16),
        ("Express", 8),
        ("Jet", 8),
        ("DL", 14),
        ("AA", 10),
    ];
    let findings = texts(
        &drawn(&mut rng, 8000, &before),
        &drawn(&mut rng, 8000, &after),
    );
    assert!(metric(&findings, "renamed-values/v1").is_none());
}

/// Three values of a third each for three others, and nothing stayed.
#[test]
fn what_could_be_any_of_several_is_no_rename() {
    let mut rng = Rng::new(4);
    let reference = drawn(&mut rng, 6000, &[("1", 1), ("2", 1), ("3", 1)]);
    let current = drawn(&mut rng, 6000, &[("4", 1), ("5", 1), ("6", 1)]);
    let findings = texts(&reference, &current);
    assert!(metric(&findings, "renamed-values/v1").is_none());
    assert_eq!(alarms(&findings), ["new-values/v1", "vanished-values/v1"]);
}

#[test]
fn texts_that_are_no_numbers() {
    let frame = Frame::Numbers(Numbers::of_sample(&[1.0, 2.0, 3.0]));
    let profile = |rows: u64, nulls: u64, unparsed: u64| {
        let values: Vec<Option<f64>> = (0..rows - nulls - unparsed)
            .map(|i| Some((i % 3) as f64 + 1.0))
            .collect();
        let mut profile = Profile::of_numbers(&frame, &values).unwrap();
        let mut rest =
            Profile::of_numbers(&frame, &vec![None; (nulls + unparsed) as usize]).unwrap();
        (rest.nulls, rest.unparsed) = (nulls, unparsed);
        profile.merge(&rest, &frame).unwrap();
        profile
    };
    let compare = |p: &Profile, q: &Profile| {
        Validity::compare(&context(Kind::Numeric, Role::Label), &frame, p, q).unwrap()
    };
    let findings = compare(&profile(1000, 0, 0), &profile(1000, 0, 80));
    assert_eq!(
        findings[0].message,
        "`x`: 0 % -> 8 % of the rows are not readable as numbers"
    );
    assert!(findings[0].effect > 0.07 && findings[0].p_value.unwrap() < 1e-15);
    let findings = compare(&profile(1000, 100, 0), &profile(40, 10, 30));
    assert_eq!(findings[1].nature, Nature::Fault);
    assert_eq!(
        findings[1].message,
        "`x`: no value can be read as a number, 90 % of the reference's rows can"
    );
    // One row may be chance, and a reference that could not be read either is none.
    assert!(
        metric(
            &compare(&profile(1000, 0, 0), &profile(1, 0, 1)),
            "all-unparsed/v1"
        )
        .is_none()
    );
    assert!(
        metric(
            &compare(&profile(90, 0, 90), &profile(90, 0, 90)),
            "all-unparsed/v1"
        )
        .is_none()
    );
}

#[test]
fn degenerate_inputs() {
    let full: Vec<f64> = (0..200).map(f64::from).collect();
    for (p, q) in [
        (&[][..], &[][..]),
        (&full, &[]),
        (&[], &full),
        (&full, &[1.0]),
        (&[f64::INFINITY, f64::NAN], &full),
        (&full[..49], &full),
    ] {
        let findings = numbers(p, q);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_ne!(findings[0].status, Status::Ok);
        assert_eq!(findings[0].effect, 0.0);
    }
    assert_eq!(
        optional(&[None; 99], &[None; 99])[0].status,
        Status::NotApplicable
    );
    let huge = numbers(
        &[f64::MIN, f64::MAX].repeat(50),
        &[f64::MAX, 0.0].repeat(50),
    );
    assert_eq!(alarms(&huge), [""; 0]);
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let frame = Frame::Values(Values::of_sample(&[Some("a"), Some("b")]));
    let good = Profile::of_values(&frame, &[Some("a"), None, Some("z")]).unwrap();
    let mut torn = good.clone();
    torn.usable = 1;
    let numbers = Frame::Numbers(Numbers::of_sample(&[1.0, 2.0]));
    for (frame, forged) in [
        (&frame, &torn),
        (&numbers, &good),
        (&Frame::Values(Values::of_sample(&[Some("a")])), &good),
    ] {
        let mut profile = Profile::begin(frame);
        let before = profile.clone();
        assert!(matches!(profile.merge(forged, frame), Err(Error::State(_))));
        assert_eq!(profile, before);
    }
}

proptest! {
    /// Profiles of parts, merged in order, are the profile of one pass.
    #[test]
    fn merging_is_one_pass(values in prop::collection::vec(prop::option::of(0usize..6), 0..90), cuts in [0usize..90, 0usize..90]) {
        const TEXTS: [&str; 6] = ["a", "b", "x", "", "zz", "q"];
        let (low, high) = (cuts[0].min(cuts[1]).min(values.len()), cuts[0].max(cuts[1]).min(values.len()));
        let texts: Vec<Option<&str>> = values.iter().map(|value| value.map(|v| TEXTS[v])).collect();
        let frame = Frame::Values(Values::of_sample(&[Some("a"), Some("b"), Some("a")]));
        let whole = Profile::of_values(&frame, &texts).unwrap();
        let parts = [&texts[..low], &texts[low..high], &texts[high..]].map(|part| Profile::of_values(&frame, part).unwrap());
        assert_merged(&frame, &whole, parts)?;
        let numbers: Vec<Option<f64>> = values.iter().map(|value| value.map(|v| [1.0, -3.0, 99.0, 0.5, f64::NAN, 2e9][v])).collect();
        let frame = Frame::Numbers(Numbers::of_sample(&[0.0, 1.0, 5.0]));
        let whole = Profile::of_numbers(&frame, &numbers).unwrap();
        let parts = [&numbers[..low], &numbers[low..high], &numbers[high..]].map(|part| Profile::of_numbers(&frame, part).unwrap());
        assert_merged(&frame, &whole, parts)?;
    }
}

fn assert_merged(frame: &Frame, whole: &Profile, parts: [Profile; 3]) -> Result<(), TestCaseError> {
    whole.validate(frame).unwrap();
    let mut left = Profile::begin(frame);
    for part in &parts {
        left.merge(part, frame).unwrap();
    }
    let mut tail = parts[1].clone();
    tail.merge(&parts[2], frame).unwrap();
    let mut right = parts[0].clone();
    right.merge(&tail, frame).unwrap();
    prop_assert_eq!(&left, whole);
    prop_assert_eq!(&right, whole);
    Ok(())
}
