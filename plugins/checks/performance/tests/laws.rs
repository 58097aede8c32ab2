//! Merging, chunking, degenerate and forged inputs, what findings carry.

mod answers;

use answers::{binary, compared, measured, profile, rows, sample};
use driftguard_answers::{ClassList, Sample, Values};
use driftguard_check_performance::{Frame, Limits, Performance, Profile, compare};
use driftguard_distribution::testing::Rng;
use driftguard_sdk::prelude::{Check, Context, Error, Finding, Status, Subject};
use proptest::prelude::*;

fn merged(frame: &Frame, parts: &[Profile]) -> Profile {
    let context = Context::new(vec![], &Performance::describe().settings, vec![]);
    let mut all = Profile::new(frame);
    for part in parts {
        Performance::merge(&mut all, part.clone(), &context, frame).unwrap();
    }
    all
}

#[test]
fn findings_have_all_that_the_host_weighs() {
    let mut rng = Rng::new(1);
    let (reference, current) = (
        binary(&mut rng, 900, 0.4, 1.0),
        binary(&mut rng, 700, 0.4, 0.9),
    );
    let findings = compared(&reference, &current);
    let names: Vec<&str> = findings.iter().map(|f| f.metric.as_str()).collect();
    assert_eq!(
        names,
        [
            "auc/binned/delong/v1",
            "accuracy/v1",
            "f1/positive/v1",
            "log-loss/clip1e-15/v1",
            "brier/v1",
            "labelled-answers/v1"
        ]
    );
    for finding in measured(&findings) {
        assert_eq!(finding.status, Status::Ok);
        assert_eq!(finding.subject, Subject::Pair(("y".into(), "s".into())));
        assert!(finding.noise.unwrap().sd > 0.0 && finding.p_value.is_some());
        assert_eq!((finding.n_reference, finding.n_current), (900, 700));
        let interval = finding.interval.unwrap();
        assert!(interval.low <= interval.high && finding.effect <= interval.high + 1e-9);
        assert!(finding.message.starts_with("`s` against `y`: "));
    }
    let table = &findings[0].evidence[0];
    assert_eq!(
        table.labels,
        ["AUC", "accuracy", "F1", "log-loss", "Brier score"]
    );
    let finite = table
        .reference
        .iter()
        .chain(&table.current)
        .all(|x| x.is_finite());
    assert!(finite);
}

#[test]
fn no_question_no_findings() {
    let mut without = binary(&mut Rng::new(1), 300, 0.5, 1.0);
    without.label = None;
    assert!(compared(&without, &without).is_empty());
    let mut unanswered = binary(&mut Rng::new(1), 300, 0.5, 1.0);
    (unanswered.prediction, unanswered.score) = (None, None);
    assert!(compared(&unanswered, &unanswered).is_empty());
}

#[test]
fn labels_that_have_not_arrived_are_no_pass() {
    let full = binary(&mut Rng::new(2), 400, 0.5, 1.0);
    let few = |kept: usize| {
        let Some((name, Values::Numbers(mut truth))) = full.label.clone() else {
            panic!("numbers")
        };
        truth[kept..].fill(f64::NAN);
        Sample {
            label: Some((name, Values::Numbers(truth))),
            ..full.clone()
        }
    };
    let mut absent = full.clone();
    absent.label = None;
    for (current, arrived) in [(few(0), 0), (few(99), 99), (absent, 0)] {
        let findings = compared(&full, &current);
        let decides = measured(&findings);
        assert_eq!(decides.len(), 1);
        assert_eq!(decides[0].status, Status::InsufficientData);
        assert_eq!(decides[0].n_current, arrived);
        assert!(
            decides[0]
                .message
                .contains(&format!("{arrived} of 400 now")),
            "{}",
            decides[0].message
        );
    }
    let findings = compared(&full, &few(100));
    assert_eq!(measured(&findings)[0].status, Status::Ok);
    let coverage = findings
        .iter()
        .find(|f| f.metric == "labelled-answers/v1")
        .unwrap();
    assert_eq!((coverage.statistic, coverage.effect), (Some(0.25), 0.75));
}

#[test]
fn one_class_has_no_area() {
    let reference = binary(&mut Rng::new(3), 400, 0.5, 1.0);
    let current = binary(&mut Rng::new(4), 400, 0.0, 1.0);
    let findings = compared(&reference, &current);
    assert_eq!(findings[0].status, Status::InsufficientData);
    assert_eq!(findings[1].status, Status::Ok);
}

#[test]
fn scores_that_mean_the_other_class_are_turned() {
    let mut rng = Rng::new(5);
    let turned = |sharp, rng: &mut Rng| {
        let mut sample = binary(rng, 3000, 0.5, sharp);
        let Some((_, Values::Numbers(scores))) = &mut sample.score else {
            panic!("numbers")
        };
        scores.iter_mut().for_each(|score| *score = 1.0 - *score);
        sample
    };
    let (good, worse) = (turned(1.0, &mut rng), turned(0.4, &mut rng));
    let findings = compared(&good, &worse);
    assert!(findings[0].effect > 0.3 && findings[0].message.contains("AUC fell"));
}

#[test]
fn numbers_relative_to_the_reference() {
    let mut rng = Rng::new(6);
    let truth: Vec<f64> = (0..800).map(f64::from).collect();
    let said = |noise: f64, rng: &mut Rng| -> Vec<f64> {
        truth.iter().map(|y| y + noise * rng.normal()).collect()
    };
    let side = |noise, rng: &mut Rng| sample(truth.clone(), Some(said(noise, rng)), None);
    let (one, two) = (side(1.0, &mut rng), side(2.0, &mut rng));
    let findings = compared(&one, &two);
    assert_eq!(findings[0].metric, "mean-absolute-error/relative/v1");
    // Twice the error: a rise of 1, four times what is material.
    assert!((findings[0].statistic.unwrap() - 1.0).abs() < 0.2);
    assert!((findings[0].effect - 0.4).abs() < 0.08, "{:?}", findings[0]);
    let back = compared(&two, &one);
    assert_eq!(back[0].effect, 0.0);
    assert!(back.iter().any(|f| f.metric == "improved/v1"));
    let exact = sample(truth.clone(), Some(truth.clone()), None);
    assert_eq!(compared(&exact, &exact)[0].status, Status::Degenerate);
    assert_eq!(compared(&exact, &one)[0].effect, 1.0);
}

fn in_segments(seed: u64, bad: &str) -> (Sample, Values) {
    let mut rng = Rng::new(seed);
    let good = binary(&mut rng, 1500, 0.5, 1.2);
    let poor = binary(&mut rng, 500, 0.5, if bad.is_empty() { 1.2 } else { 0.1 });
    let joined = |a: &Option<(String, Values)>, b: &Option<(String, Values)>| {
        let (Some((name, Values::Numbers(a))), Some((_, Values::Numbers(b)))) = (a, b) else {
            panic!("numbers")
        };
        Some((
            name.clone(),
            Values::Numbers([a.clone(), b.clone()].concat()),
        ))
    };
    let sample = Sample {
        label: joined(&good.label, &poor.label),
        prediction: joined(&good.prediction, &poor.prediction),
        score: joined(&good.score, &poor.score),
        ..Sample::default()
    };
    let names = ["north", "east", "south"];
    let texts: Vec<Option<&str>> = (0..1500)
        .map(|row| Some(names[row % 3]))
        .chain((0..500).map(|_| Some("west")))
        .collect();
    (sample, Values::of_texts(&texts))
}

fn segment_findings(bad: &str) -> Vec<Finding> {
    let ((before, levels), (now, levels_now)) = (in_segments(1, ""), in_segments(2, bad));
    let mut frame = Frame::of(&before, 0.5, "");
    frame.add_segment("region", &levels);
    let profile = |sample: &Sample, levels: &Values| {
        let mut profile = Profile::new(&frame);
        profile
            .add(&frame, 2000, sample, &[Some(levels.clone())])
            .unwrap();
        profile
    };
    let (p, q) = (profile(&before, &levels), profile(&now, &levels_now));
    let mut whole = p.clone();
    let context = Context::new(vec![], &Performance::describe().settings, vec![]);
    Performance::merge(&mut whole, q.clone(), &context, &frame).unwrap();
    assert_ne!(whole, p);
    let mut findings = compare(&frame, &p, &q, &Limits::default()).unwrap();
    findings.retain(|f| f.metric.starts_with("segment-"));
    findings
}

#[test]
fn the_segment_that_got_worse_is_named() {
    let found = segment_findings("west");
    let metrics: Vec<&str> = found.iter().map(|found| found.metric.as_str()).collect();
    assert_eq!(
        metrics,
        ["segment-accuracy/v1", "segment-auc/bins32/delong/v1"]
    );
    for found in found {
        assert_eq!(found.subject, Subject::Segment("region = west".into()));
        assert!(found.effect > 0.5 && found.p_value < Some(1e-9));
        assert!(
            found.message.starts_with("where region = west: "),
            "{}",
            found.message
        );
    }
    let quiet = segment_findings("");
    assert!(quiet.iter().all(|found| found.p_value > Some(0.05)));
}

#[test]
fn forged_states_are_refused() {
    let sample = binary(&mut Rng::new(7), 200, 0.5, 1.0);
    let frame = Frame::of(&sample, 0.5, "");
    let good = profile(&frame, &sample);
    let state = |result: Result<Vec<Finding>, Error>| matches!(result, Err(Error::State(_)));
    let limits = Limits::default();
    let other = Frame::of(
        &answers::sample(vec![1.0, 2.5, 9.0], Some(vec![1.0, 2.0, 3.0]), None),
        0.5,
        "",
    );
    assert!(state(compare(
        &frame,
        &good,
        &Profile::new(&other),
        &limits
    )));
    assert!(state(compare(&other, &good, &good, &limits)));
    let mut torn = good.clone();
    torn.labelled = 999;
    assert!(state(compare(&frame, &torn, &good, &limits)));
    let falling = Frame {
        edges: vec![0.5, 0.1],
        ..frame.clone()
    };
    assert!(state(compare(&falling, &good, &good, &limits)));
    let mut levels = frame.clone();
    levels.segments.push(("a".into(), ClassList::default()));
    assert!(state(compare(&levels, &good, &good, &limits)));
}

#[test]
fn settings_of_the_baseline_are_kept() {
    let sample = binary(&mut Rng::new(7), 200, 0.5, 1.0);
    let context = Context::new(vec![], &Performance::describe().settings, vec![]);
    let begin = |threshold| Performance::begin(&context, &Frame::of(&sample, threshold, ""));
    assert!(begin(0.5).is_ok());
    assert!(matches!(begin(0.4), Err(Error::Setting(_))));
}

proptest! {
    #[test]
    fn profiles_do_not_depend_on_how_rows_are_cut(seed in 0u64..1000, cut in 0usize..300) {
        let mut rng = Rng::new(seed);
        let mut all = binary(&mut rng, 300, 0.5, 0.7);
        if let Some((_, Values::Numbers(truth))) = &mut all.label {
            truth.iter_mut().step_by(7).for_each(|y| *y = f64::NAN);
        }
        let frame = Frame::of(&all, 0.5, "");
        let (left, right) = (part(&all, 0..cut), part(&all, cut..rows(&all)));
        let (left, right) = (profile(&frame, &left), profile(&frame, &right));
        let whole = profile(&frame, &all);
        prop_assert_eq!(&merged(&frame, &[left.clone(), right.clone()]), &whole);
        prop_assert_eq!(&merged(&frame, &[right, left]), &whole);
    }

    #[test]
    fn a_side_against_itself_has_no_effect(seed in 0u64..1000, rate in 0.1f64..0.9) {
        let all = binary(&mut Rng::new(seed), 400, rate, 0.7);
        for finding in compared(&all, &all) {
            prop_assert_eq!(finding.effect, 0.0);
        }
    }
}

/// Some of the rows.
fn part(sample: &Sample, range: std::ops::Range<usize>) -> Sample {
    let cut = |column: &Option<(String, Values)>| {
        column.as_ref().map(|(name, values)| {
            let Values::Numbers(values) = values else {
                panic!("numbers only")
            };
            (
                name.clone(),
                Values::Numbers(values[range.clone()].to_vec()),
            )
        })
    };
    Sample {
        label: cut(&sample.label),
        prediction: cut(&sample.prediction),
        score: cut(&sample.score),
        ..Sample::default()
    }
}
