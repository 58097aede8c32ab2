//! Outcomes that move apart within equal answers: found where they do, quiet
//! where they do not.

#![expect(
    clippy::print_stdout,
    reason = "what was measured, for whoever runs it with --nocapture"
)]

use driftguard_answers::{OutcomeFrame, Sample, Values as Answers};
use driftguard_check_concept_drift::{ConceptDrift, Frame, Inputs, Profile, compare_all};
use driftguard_distribution::coding::Values;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{
    Check, Column, Context, Error, Finding, Kind, Nature, Role, Status, Subject,
};
use proptest::prelude::*;

const INPUTS: [&str; 4] = ["x", "age", "region", "noise"];

struct Side {
    inputs: Vec<Values>,
    sample: Sample,
}

fn squash(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Rows whose score is right; `apart` moves the logit of the outcome up in one
/// half of the regions and down in the other; `common` moves all alike;
/// `centre` moves an input.
fn side(rng: &mut Rng, n: usize, apart: f64, common: f64, centre: f64) -> Side {
    let x = rng.normals(n, centre, 1.5);
    let age = rng.normals(n, 40.0, 10.0);
    let noise = rng.normals(n, 0.0, 1.0);
    let region: Vec<u32> = (0..n).map(|_| (rng.uniform() * 4.0) as u32).collect();
    let truth = x.iter().zip(&region).map(|(x, region)| {
        let lean = if *region < 2 { apart } else { -apart };
        f64::from(u8::from(rng.uniform() < squash(x + lean + common)))
    });
    let truth = truth.collect();
    let words = ["n", "e", "s", "w"].map(str::to_owned).to_vec();
    Side {
        sample: Sample {
            label: Some(("paid".into(), Answers::Numbers(truth))),
            score: Some((
                "score".into(),
                Answers::Numbers(x.iter().map(|x| squash(*x)).collect()),
            )),
            ..Sample::default()
        },
        inputs: vec![
            Values::Numbers(x),
            Values::Numbers(age),
            Values::Words(region, words),
            Values::Numbers(noise),
        ],
    }
}

fn frame(side: &Side) -> Frame {
    let column = |(name, values): (&&str, &Values)| {
        let kind = match values {
            Values::Words(..) => Kind::Categorical,
            _ => Kind::Numeric,
        };
        let column = Column {
            name: (*name).into(),
            role: Role::Feature,
            kind,
            storage: String::new(),
            nullable: true,
            dimension: 0,
        };
        (column, values.clone())
    };
    let columns: Vec<_> = INPUTS.iter().zip(&side.inputs).map(column).collect();
    Frame {
        outcomes: OutcomeFrame::of(&side.sample, ""),
        inputs: Inputs::of(&columns),
    }
}

fn profile(frame: &Frame, side: &Side, rows: std::ops::Range<usize>) -> Profile {
    let picked: Vec<usize> = rows.clone().collect();
    let values: Vec<Values> = side
        .inputs
        .iter()
        .map(|values| values.picked(&picked))
        .collect();
    let placed = frame
        .outcomes
        .place(&frame.outcomes.question.rows(&side.sample));
    let mut profile = Profile::new(frame);
    profile
        .outcomes
        .add_placed(rows.len() as u64, &placed[rows.clone()]);
    profile
        .inputs
        .add((&frame.inputs, &frame.outcomes), &values, &placed[rows]);
    profile
}

fn rows(side: &Side) -> usize {
    side.inputs[0].len()
}

fn compared(before: &Side, now: &Side) -> Vec<Finding> {
    let frame = frame(before);
    let (p, q) = (
        profile(&frame, before, 0..rows(before)),
        profile(&frame, now, 0..rows(now)),
    );
    compare_all(&frame, &p, &q, 200).unwrap()
}

fn by_input(findings: &[Finding]) -> &Finding {
    findings
        .iter()
        .find(|finding| finding.metric == "outcome-given-answer-and-input/v1")
        .unwrap()
}

fn alarms(finding: &Finding) -> bool {
    finding.effect >= 0.05 && finding.p_value < Some(0.05)
}

/// In no bin of the score does the outcome move, and in every region it does.
#[test]
fn what_equal_answers_hide_is_found_and_named() {
    let (mut hidden, mut found) = (0, 0);
    for seed in 0..50 {
        let mut rng = Rng::new(seed);
        let (before, now) = (
            side(&mut rng, 4_000, 0.0, 0.0, 0.0),
            side(&mut rng, 4_000, 0.8, 0.0, 0.0),
        );
        let findings = compared(&before, &now);
        hidden += u32::from(!alarms(&findings[0]));
        let apart = by_input(&findings);
        let named = apart.message.contains("given the answer and `region`");
        found += u32::from(named && alarms(apart) && apart.p_value < Some(1e-6));
        let segment = findings
            .iter()
            .find(|finding| finding.nature == Nature::Supporting)
            .unwrap();
        assert!(
            matches!(&segment.subject, Subject::Segment(words) if words.starts_with("`region` is "))
        );
    }
    println!("hidden from bins of the score in {hidden} of 50, found by input in {found}");
    assert!(hidden >= 45 && found >= 48, "{hidden} {found}");
}

#[test]
fn quiet_where_nothing_moved_apart() {
    for (n, centre, common) in [
        (700, 0.0, 0.0),
        (4_000, 0.0, 0.0),
        (4_000, 1.0, 0.0),
        (4_000, 0.0, 0.8),
    ] {
        let (mut small, mut alarmed) = (0, 0);
        for seed in 0..100 {
            let mut rng = Rng::new(seed * 31 + 5);
            let (before, now) = (
                side(&mut rng, n, 0.0, 0.0, 0.0),
                side(&mut rng, n, 0.0, common, centre),
            );
            let findings = compared(&before, &now);
            let apart = by_input(&findings);
            small += u32::from(apart.p_value < Some(0.05));
            alarmed += u32::from(alarms(apart));
        }
        println!(
            "n {n}, inputs by {centre}, all outcomes by {common}: p < 0.05 in {small} of 100, alarms {alarmed}"
        );
        // Where every row's logit moved, rates move unequally within a band: that is no chance, and too little to
        // matter.
        let chance = common == 0.0;
        assert!(
            alarmed <= 3 && (small <= 11 || !chance),
            "{small} {alarmed}"
        );
    }
}

#[test]
fn too_few_rows_and_forged_states() {
    let mut rng = Rng::new(1);
    let before = side(&mut rng, 900, 0.0, 0.0, 0.0);
    let few = side(&mut rng, 400, 0.0, 0.0, 0.0);
    let findings = compared(&before, &few);
    assert_eq!(by_input(&findings).status, Status::InsufficientData);
    let frame = frame(&before);
    let good = profile(&frame, &before, 0..900);
    let other = Frame {
        inputs: Inputs::default(),
        ..frame.clone()
    };
    let forged = Profile {
        inputs: Profile::new(&other).inputs,
        ..good.clone()
    };
    let state = |result: Result<Vec<Finding>, Error>| matches!(result, Err(Error::State(_)));
    assert!(state(compare_all(&frame, &forged, &good, 200)));
    assert!(state(compare_all(&other, &good, &good, 200)));
    assert_eq!(compare_all(&other, &forged, &forged, 200).unwrap().len(), 1);
}

proptest! {
    #[test]
    fn merge_is_one_pass(seed in 0u64..200, cut in 0usize..600) {
        let mut rng = Rng::new(seed);
        let all = side(&mut rng, 600, 0.0, 0.0, 0.0);
        let frame = frame(&all);
        let context = Context::new(vec![], &ConceptDrift::describe().settings, vec![]);
        let mut merged = profile(&frame, &all, 0..cut);
        ConceptDrift::merge(&mut merged, profile(&frame, &all, cut..600), &context, &frame).unwrap();
        prop_assert_eq!(merged, profile(&frame, &all, 0..600));
    }
}
