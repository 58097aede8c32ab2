//! Groups that move alike, groups that do not, and states.

use driftguard_check_fairness_drift::frame::Frame;
use driftguard_check_fairness_drift::profile::Profile;
use driftguard_check_fairness_drift::{FairnessDrift, compare};
use driftguard_distribution::coding::Values;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::bindings::driftguard::check::types::Setting;
use driftguard_sdk::prelude::{
    Check, Column, Context, Error, Finding, Kind, Role, Status, Subject, Value,
};
use proptest::prelude::*;

fn context(settings: Vec<(&str, Value)>) -> Context {
    let settings = settings.into_iter().map(|(name, value)| Setting {
        name: name.into(),
        value,
    });
    Context::new(
        settings.collect(),
        &FairnessDrift::describe().settings,
        vec![],
    )
}

fn column(name: &str, role: Role, kind: Kind) -> Column {
    Column {
        name: name.into(),
        role,
        kind,
        storage: String::new(),
        nullable: true,
        dimension: 0,
    }
}

const GROUPS: [&str; 4] = ["a", "b", "c", "d"];

/// Group, decision and label of rows: `chance` of yes by group and merit.
#[derive(Debug, Clone)]
struct Rows {
    group: Values,
    decision: Values,
    label: Values,
}

fn rows(seed: u64, n: usize, chance: impl Fn(usize, bool) -> f64) -> Rows {
    let mut rng = Rng::new(seed);
    let (mut groups, mut decisions, mut labels) = (vec![], vec![], vec![]);
    for _ in 0..n {
        // d is a twentieth of all rows.
        let group =
            [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3][rng.below(20) as usize];
        let merit = rng.uniform() < 0.5;
        groups.push(group as u32);
        labels.push(f64::from(u8::from(merit)));
        decisions.push(f64::from(u8::from(rng.uniform() < chance(group, merit))));
    }
    Rows {
        group: Values::Words(groups, GROUPS.map(str::to_owned).to_vec()),
        decision: Values::Numbers(decisions),
        label: Values::Numbers(labels),
    }
}

fn frame(rows: &Rows) -> Frame {
    let sample = [
        (
            column("group", Role::Feature, Kind::Categorical),
            rows.group.clone(),
        ),
        (
            column("yes", Role::Prediction, Kind::Numeric),
            rows.decision.clone(),
        ),
        (
            column("merit", Role::Label, Kind::Numeric),
            rows.label.clone(),
        ),
    ];
    let groups = Value::Texts(vec!["group".into()]);
    Frame::of_sample(&context(vec![("groups", groups)]), &sample).unwrap()
}

fn profile(frame: &Frame, rows: &Rows) -> Profile {
    let mut profile = Profile::new(frame);
    profile.add(
        frame,
        std::slice::from_ref(&rows.group),
        &rows.decision,
        Some(&rows.label),
    );
    profile
}

fn compared(before: &Rows, now: &Rows) -> Vec<Finding> {
    let frame = frame(before);
    compare(&frame, &profile(&frame, before), &profile(&frame, now), 100).unwrap()
}

fn alike(_: usize, merit: bool) -> f64 {
    if merit { 0.8 } else { 0.2 }
}

/// All groups are decided more generously: nobody is treated otherwise.
#[test]
fn quiet_where_groups_move_alike() {
    let generous = |_: usize, merit: bool| if merit { 0.9 } else { 0.35 };
    let (mut tests, mut alarms, mut largest) = (0, 0, 0.0_f64);
    for seed in 0..60 {
        for finding in compared(
            &rows(seed, 6_000, alike),
            &rows(900 + seed, 6_000, generous),
        ) {
            tests += 1;
            alarms += u32::from(finding.p_value.is_some_and(|p| p < 0.05));
            if finding.p_value.is_some_and(|p| p < 0.001) {
                largest = largest.max(finding.effect);
            }
        }
    }
    assert!(
        tests > 600 && f64::from(alarms) < 0.07 * f64::from(tests),
        "{alarms} of {tests}"
    );
    assert!(largest < 0.2, "{largest}");
}

#[test]
fn a_small_group_that_is_turned_down_is_named() {
    let turned_down = |group: usize, merit: bool| {
        if group == 3 {
            alike(group, merit) * 0.4
        } else {
            alike(group, merit)
        }
    };
    let findings = compared(&rows(1, 20_000, alike), &rows(2, 20_000, turned_down));
    let strongest = findings
        .iter()
        .min_by(|a, b| a.p_value.partial_cmp(&b.p_value).unwrap())
        .unwrap();
    assert!(
        matches!(&strongest.subject, Subject::Segment(name) if name == "`group` = d"),
        "{strongest:?}"
    );
    let selection = findings
        .iter()
        .find(|one| one.message.starts_with("`group` = d: of all rows"))
        .unwrap();
    assert!(
        selection.effect > 0.2 && selection.p_value.unwrap() < 1e-12,
        "{selection:?}"
    );
    assert_eq!(
        selection.message,
        "`group` = d: of all rows 22 % are decided yes, 50 % of the others' (0.433 times, now below four fifths); \
         it was 50.3 % and 50 % (1.01 times), so 50 % if all had moved alike"
    );
    // The others are hardly touched by it.
    for one in findings.iter().filter(|one| !one.message.contains("= d:")) {
        assert!(one.effect < 0.05, "{one:?}");
    }
}

#[test]
fn without_labels_only_the_selection_is_compared() {
    let mut now = rows(2, 5_000, alike);
    now.label = Values::Numbers(vec![f64::NAN; 5_000]);
    let findings = compared(&rows(1, 5_000, alike), &now);
    assert_eq!(findings.len(), 4);
    assert!(
        findings
            .iter()
            .all(|one| one.metric == "selection-rate-gap/log-odds/v1")
    );
}

#[test]
fn too_few_rows_and_nothing_to_compare() {
    let few = compared(&rows(1, 5_000, alike), &rows(2, 60, alike));
    assert_eq!((few.len(), few[0].status), (1, Status::InsufficientData));
    let empty = Frame::default();
    let findings = compare(&empty, &Profile::new(&empty), &Profile::new(&empty), 100).unwrap();
    assert_eq!(
        (findings.len(), findings[0].status),
        (1, Status::NotApplicable)
    );
}

#[test]
fn settings_that_name_nothing_are_refused() {
    let rows = rows(1, 500, alike);
    let words = Values::Words(vec![0, 1], vec!["granted".into(), "refused".into()]);
    let sample = [
        (
            column("group", Role::Segment, Kind::Categorical),
            rows.group,
        ),
        (column("answer", Role::Prediction, Kind::Categorical), words),
    ];
    let named = |class: &str| {
        Frame::of_sample(
            &context(vec![("positive", Value::Text(class.into()))]),
            &sample,
        )
    };
    assert!(named("granted").unwrap().decision.is_some());
    assert!(matches!(named("grantd"), Err(Error::Setting(text)) if text.contains("`answer`")));
    let last = named("").unwrap().decision.unwrap();
    assert_eq!(last.reading.words(), "refused");
}

#[test]
fn forged_states_are_refused() {
    let some = rows(1, 500, alike);
    let frame = frame(&some);
    let good = profile(&frame, &some);
    let forgeries: [fn(&mut Profile); 3] = [
        |p| p.groups.truncate(0),
        |p| p.groups[0][0].chosen = u64::MAX,
        |p| p.groups[0][1].positives = 1 << 60,
    ];
    for forge in forgeries {
        let mut forged = good.clone();
        forge(&mut forged);
        let mut merged = good.clone();
        assert!(matches!(
            merged.merge(&forged, &frame),
            Err(Error::State(_))
        ));
        assert_eq!(merged, good);
        assert!(matches!(
            compare(&frame, &forged, &good, 100),
            Err(Error::State(_))
        ));
    }
}

proptest! {
    #[test]
    fn merging_is_one_pass_in_any_order(n in 0_usize..200, cut in 0_usize..200, seed in 0_u64..99) {
        let all = rows(seed, n, alike);
        let frame = frame(&rows(7, 500, alike));
        let cut = cut.min(n);
        let part = |range: std::ops::Range<usize>| {
            let places: Vec<usize> = range.collect();
            let pick = |values: &Values| values.picked(&places);
            profile(&frame, &Rows { group: pick(&all.group), decision: pick(&all.decision), label: pick(&all.label) })
        };
        let (left, right) = (part(0..cut), part(cut..n));
        let (mut merged, mut other_way) = (left.clone(), right.clone());
        merged.merge(&right, &frame).unwrap();
        other_way.merge(&left, &frame).unwrap();
        prop_assert_eq!(&merged, &part(0..n));
        prop_assert_eq!(&other_way, &merged);
    }
}
