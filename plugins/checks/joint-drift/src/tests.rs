use super::*;
use crate::coding::Coding;
use driftguard_sdk::prelude::{Column, Kind, Nature, Role, Status, Subject};
use proptest::prelude::*;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn noise(&mut self) -> f64 {
        (0..4).map(|_| self.uniform()).sum::<f64>() - 2.0
    }
}

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.into(),
        role: Role::Feature,
        kind,
        storage: String::new(),
        nullable: true,
        dimension: 0,
    }
}

fn context() -> Context {
    Context::new(vec![], &JointDrift::describe().settings, vec![])
}

/// Six columns: a, b, c hang on one source, d and e on another, f on nothing.
fn table(seed: u64, rows: usize) -> Vec<Vec<f64>> {
    let mut rng = Rng(seed);
    let mut columns = vec![vec![]; 6];
    for _ in 0..rows {
        let (x, y) = (rng.noise(), rng.noise());
        let row = [
            x + 0.3 * rng.noise(),
            x + 0.3 * rng.noise(),
            x + 0.3 * rng.noise(),
            y + 0.3 * rng.noise(),
            y + 0.3 * rng.noise(),
            rng.noise(),
        ];
        columns
            .iter_mut()
            .zip(row)
            .for_each(|(column, value)| column.push(value));
    }
    columns
}

fn columns() -> Vec<Column> {
    ["a", "b", "c", "d", "e", "f"]
        .map(|name| column(name, Kind::Numeric))
        .to_vec()
}

fn frame(reference: &[Vec<f64>]) -> Frame {
    let values: Vec<Values> = reference.iter().cloned().map(Values::Numbers).collect();
    let choice = Choice {
        pairs: 64,
        partners: 2,
        cells: 6,
        values: 6,
    };
    Frame::of_sample(&columns(), &values, choice)
}

fn profile(frame: &Frame, data: &[Vec<f64>]) -> Profile {
    let names = ["a", "b", "c", "d", "e", "f"];
    let codes = |coding: &Coding| {
        let at = names.iter().position(|name| *name == coding.name).unwrap();
        coding.codes(&Values::Numbers(data[at].clone()))
    };
    let codes: Vec<_> = frame.codings.iter().map(codes).collect();
    let mut profile = Profile::new(frame);
    profile.add(frame, &codes, data[0].len() as u64).unwrap();
    profile
}

fn compared(reference: &[Vec<f64>], current: &[Vec<f64>]) -> Vec<Finding> {
    let frame = frame(reference);
    let (p, q) = (profile(&frame, reference), profile(&frame, current));
    JointDrift::compare(&context(), &frame, &p, &q).unwrap()
}

/// Columns that some measurement with a material effect is about.
fn blamed(findings: &[Finding]) -> Vec<String> {
    let mut names: Vec<String> = (findings.iter())
        .filter(|finding| finding.nature == Nature::Measurement && finding.effect >= 0.05)
        .flat_map(|finding| match &finding.subject {
            Subject::Column(name) => vec![name.clone()],
            Subject::Pair((left, right)) => vec![left.clone(), right.clone()],
            _ => vec![],
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

#[test]
fn the_description_holds_together() {
    let descriptor = JointDrift::describe();
    assert_eq!(descriptor.id, "joint-drift");
    assert!(descriptor.summary.len() > 100 && descriptor.references.len() > 3);
    assert!(
        descriptor
            .settings
            .iter()
            .all(|setting| setting.help.len() > 20)
    );
}

#[test]
fn a_shuffled_column_is_named_alone() {
    let reference = table(1, 4000);
    let mut current = table(2, 4000);
    // The same values in other rows.
    current[1].rotate_left(1);
    let findings = compared(&reference, &current);
    assert_eq!(blamed(&findings), ["b"]);
    let column = findings
        .iter()
        .find(|finding| finding.subject == Subject::Column("b".into()))
        .unwrap();
    assert!(column.effect > 0.3 && column.p_value.unwrap() < 1e-12);
    assert!(
        column.message.starts_with("`b` left its partners: 2 of "),
        "{}",
        column.message
    );
    assert!(
        column.message.contains("rank correlation 0.89 -> 0.00"),
        "{}",
        column.message
    );
}

#[test]
fn two_exchanged_columns_are_named() {
    let reference = table(3, 4000);
    let mut current = table(4, 4000);
    current.swap(0, 3);
    let named = blamed(&compared(&reference, &current));
    assert!(
        named.contains(&"a".into()) && named.contains(&"d".into()),
        "{named:?}"
    );
    assert!(
        !named.contains(&"b".into()) && !named.contains(&"c".into()),
        "{named:?}"
    );
}

#[test]
fn a_pair_with_no_other_partners_is_named_as_a_pair() {
    let reference = table(5, 4000);
    let mut current = table(6, 4000);
    current[3].rotate_left(1);
    let findings = compared(&reference, &current);
    let pair = Subject::Pair(("d".into(), "e".into()));
    let found = findings
        .iter()
        .find(|finding| finding.subject == pair)
        .unwrap();
    assert!(
        found.effect > 0.3 && found.message.contains("out of step"),
        "{}",
        found.message
    );
}

/// Two columns that fit each other and nothing else any more.
#[test]
fn a_join_that_went_wrong_is_named_as_a_group() {
    let linked = |seed: u64| {
        let mut data = table(seed, 4000);
        let source = data[0].clone();
        let mut rng = Rng(seed + 99);
        for (at, x) in source.iter().enumerate() {
            // d and e follow a, and each other more closely.
            let common = 0.7 * x + 0.5 * rng.noise();
            data[3][at] = common + 0.1 * rng.noise();
            data[4][at] = common + 0.1 * rng.noise();
        }
        data
    };
    let reference = linked(21);
    let mut current = linked(22);
    current[3].rotate_left(1);
    current[4].rotate_left(1);
    let findings = compared(&reference, &current);
    assert_eq!(blamed(&findings), ["d", "e"]);
    let column = findings
        .iter()
        .find(|finding| finding.subject == Subject::Column("d".into()))
        .unwrap();
    assert!(
        column
            .message
            .contains("it still fits `e`: look for a join"),
        "{}",
        column.message
    );
}

#[test]
fn a_moved_margin_is_no_broken_relation() {
    let reference = table(7, 4000);
    let mut current = table(8, 4000);
    current[5].iter_mut().for_each(|value| *value += 1.0);
    current[3].iter_mut().for_each(|value| *value *= 1.2);
    let named = blamed(&compared(&reference, &current));
    assert!(named.is_empty(), "{named:?}");
}

/// False alarms of all findings together, corrected as the host does without
/// periods, at two very different sizes; and the power beside it.
#[test]
fn unchanged_tables_are_quiet_and_changed_ones_are_not() {
    let (mut alarms, mut found, runs) = (0, 0, 150);
    for run in 0..runs {
        let (n, m) = if run % 2 == 0 {
            (3000, 400)
        } else {
            (1000, 1000)
        };
        let reference = table(1000 + run, n);
        let mut current = table(5000 + run, m);
        let fires = |findings: &[Finding]| {
            let tests = findings
                .iter()
                .filter(|finding| finding.nature == Nature::Measurement)
                .count();
            findings.iter().any(|finding| {
                finding.nature == Nature::Measurement
                    && finding.p_value.unwrap_or(1.0) * tests as f64 <= 0.05
            })
        };
        alarms += u64::from(fires(&compared(&reference, &current)));
        current[1].rotate_left(1);
        found += u64::from(fires(&compared(&reference, &current)));
    }
    assert!(alarms <= 15, "{alarms} of {runs}");
    assert_eq!(found, runs);
}

#[test]
fn degenerate_inputs() {
    for (reference, current, status) in [
        (vec![vec![]; 6], vec![vec![]; 6], Status::NotApplicable),
        (
            vec![vec![1.0; 300]; 6],
            vec![vec![1.0; 300]; 6],
            Status::NotApplicable,
        ),
        (
            vec![vec![f64::NAN; 300]; 6],
            table(1, 300),
            Status::NotApplicable,
        ),
        (
            table(1, 300),
            vec![vec![f64::NAN; 300]; 6],
            Status::InsufficientData,
        ),
        (table(1, 300), table(2, 1), Status::InsufficientData),
        (
            table(1, 300),
            vec![vec![7.0; 300]; 6],
            Status::InsufficientData,
        ),
    ] {
        let findings = compared(&reference, &current);
        assert_eq!((findings.len(), findings[0].status), (1, status));
        assert_eq!((findings[0].effect, findings[0].p_value), (0.0, None));
    }
}

#[test]
fn forged_states_are_refused() {
    let reference = table(1, 300);
    let good = frame(&reference);
    let mut one = profile(&good, &reference);
    let merged = JointDrift::merge(&mut one, Profile::default(), &context(), &good);
    assert!(matches!(merged, Err(Error::State(_))));
    let mut few = one.clone();
    few.rows = 3;
    assert!(matches!(
        JointDrift::merge(&mut one, few, &context(), &good),
        Err(Error::State(_))
    ));
    let mut forged = good.clone();
    forged.ties[0].right = 999;
    assert!(matches!(
        JointDrift::begin(&context(), &forged),
        Err(Error::State(_))
    ));
    assert!(JointDrift::compare(&context(), &forged, &one, &one).is_err());
}

#[test]
fn what_is_watched_is_bounded() {
    let mut rng = Rng(3);
    let wide: Vec<Values> = (0..120)
        .map(|_| Values::Numbers((0..300).map(|_| rng.noise()).collect()))
        .collect();
    let columns: Vec<Column> = (0..120)
        .map(|at| column(&format!("c{at}"), Kind::Numeric))
        .collect();
    let choice = Choice {
        pairs: 64,
        partners: 2,
        cells: 6,
        values: 6,
    };
    let frame = Frame::of_sample(&columns, &wide, choice);
    assert!(frame.ties.len() <= 64 + 240, "{}", frame.ties.len());
    assert_eq!(frame.rows.every, 20);
}

proptest! {
    /// Rows cut anywhere, and merged in either order, make the same profile.
    #[test]
    fn cuts_and_merges_leave_no_trace(seed in 0u64..50, cut in 0usize..300) {
        let reference = table(seed, 300);
        let good = frame(&reference);
        let part = |range: std::ops::Range<usize>| -> Profile {
            let cut: Vec<Vec<f64>> = reference.iter().map(|column| column[range.clone()].to_vec()).collect();
            profile(&good, &cut)
        };
        let whole = part(0..300);
        let (mut left, right) = (part(0..cut), part(cut..300));
        let mut other_way = right.clone();
        JointDrift::merge(&mut other_way, left.clone(), &context(), &good).unwrap();
        JointDrift::merge(&mut left, right, &context(), &good).unwrap();
        prop_assert_eq!(&left, &whole);
        prop_assert_eq!(&other_way, &whole);
    }

    /// The same rows on both sides: nothing, whatever they hold.
    #[test]
    fn equal_sides_have_no_effect(seed in 0u64..200, rows in 200usize..400) {
        let data = table(seed, rows);
        for finding in compared(&data, &data) {
            prop_assert_eq!(finding.effect, 0.0);
            prop_assert!(finding.statistic.is_none_or(f64::is_finite));
        }
    }
}
