use std::collections::BTreeMap;

use super::*;
use crate::cause::{Fingerprints, Part, PartName};
use crate::decision::{Decide, Materiality};
use crate::finding::{Interval, Nature, Status, Subject};

fn finding(check: &str, column: &str, effect: f64) -> Finding {
    Finding {
        check: check.into(),
        metric: "ks/v1".into(),
        subject: Subject::Column(column.into()),
        nature: Nature::Measurement,
        status: Status::Ok,
        statistic: Some(effect),
        effect,
        unit_effect: None,
        interval: None,
        p_value: Some(if effect > 0.0 { 1e-12 } else { 0.5 }),
        noise: None,
        n_reference: 10_000,
        n_current: 10_000,
        evidence: vec![],
        message: format!("{column} moved"),
    }
}

fn interval(low: f64, high: f64) -> Option<Interval> {
    Some(Interval {
        low,
        high,
        level: 0.95,
    })
}

fn case(findings: Vec<Finding>) -> Case {
    let roles = [
        ("x", Role::Feature),
        ("score", Role::Score),
        ("label", Role::Label),
    ];
    Case {
        findings,
        roles: roles.map(|(name, role)| (name.to_owned(), role)).into(),
        rows_reference: 10_000,
        rows_current: 10_000,
        ..Case::default()
    }
}

fn moved(x: f64, score: f64) -> Case {
    case(vec![
        finding("numeric-drift", "x", x),
        finding("output-drift", "score", score),
    ])
}

fn documents(model: char) -> Fingerprints {
    let mut document = Fingerprints::unknown("0", "not given");
    for name in PartName::ALL {
        let digit = if name == PartName::Model { model } else { 'a' };
        *document.part_mut(name) = Part::Known {
            sha256: digit.to_string().repeat(64),
            method: "bytes/v1".into(),
            of: name.name().into(),
        };
    }
    document
}

fn provenance(code: Sameness) -> Provenance {
    let reference = documents('a');
    let mut current = documents(if code == Sameness::Different {
        'b'
    } else {
        'a'
    });
    if code == Sameness::Unknown {
        current.model = Part::default();
    }
    let comparison = Comparison::new(&reference, &current);
    assert_eq!(comparison.code, code);
    Provenance {
        comparison,
        canary: None,
        replayed: None,
        production: false,
        ceiling: Level::Block,
        block_at: 0.1,
    }
}

fn refined(case: &Case, provenance: &Provenance) -> Verdict {
    let (verdict, judged) = Materiality::default().decide(case);
    refine(case, &judged, verdict, provenance)
}

fn answer(case: &Case, code: Sameness) -> (Level, Reason) {
    let verdict = refined(case, &provenance(code));
    assert!(verdict.summary.ends_with('.'), "{}", verdict.summary);
    (verdict.level, verdict.reason)
}

#[test]
fn the_headline() {
    let verdict = refined(&moved(0.08, 0.07), &provenance(Sameness::Same));
    assert_eq!(verdict.level, Level::Alert);
    assert_eq!(verdict.reason, Reason::DataChangedBehaviour);
    assert_eq!(
        verdict.summary,
        "Inputs moved and the outputs with them, while code, model, configuration, dependencies and features are \
         the same; look first at x, score."
    );
    let (level, _) = answer(&moved(0.3, 0.2), Sameness::Same);
    assert_eq!(level, Level::Block);
}

#[test]
fn the_same_data_under_other_fingerprints() {
    let both = moved(0.08, 0.07);
    assert_eq!(
        answer(&both, Sameness::Different),
        (Level::Block, Reason::Confounded)
    );
    assert_eq!(
        answer(&both, Sameness::Unknown),
        (Level::Alert, Reason::ProvenanceMissing)
    );
    let outputs = moved(0.0, 0.07);
    assert_eq!(
        answer(&outputs, Sameness::Same),
        (Level::Block, Reason::UnexplainedOutputChange)
    );
    assert_eq!(
        answer(&outputs, Sameness::Different),
        (Level::Alert, Reason::CodeChangedBehaviour)
    );
    let inputs = moved(0.3, 0.0);
    assert_eq!(
        answer(&inputs, Sameness::Same),
        (Level::Alert, Reason::DataDriftBenign)
    );
    assert_eq!(
        answer(&inputs, Sameness::Unknown),
        (Level::Alert, Reason::InputDrift)
    );
    let nothing = moved(0.0, 0.0);
    assert_eq!(
        answer(&nothing, Sameness::Same),
        (Level::Pass, Reason::Stable)
    );
    assert_eq!(
        answer(&nothing, Sameness::Different),
        (Level::Pass, Reason::ReleaseNeutral)
    );
}

#[test]
fn missing_fingerprints_block_in_production_and_are_named() {
    let production = Provenance {
        production: true,
        ..provenance(Sameness::Unknown)
    };
    let verdict = refined(&moved(0.08, 0.07), &production);
    assert_eq!(verdict.level, Level::Block);
    assert_eq!(verdict.reason, Reason::ProvenanceMissing);
    assert!(verdict.summary.contains("of model;"), "{}", verdict.summary);
}

#[test]
fn answers_come_from_the_checks_that_look_at_labels() {
    let with = |x, score, performance| {
        let mut case = moved(x, score);
        let mut answers = finding("performance", "score", performance);
        answers.interval = interval(0.0, performance + 0.03);
        case.findings.push(answers);
        case
    };
    let same = |case: &Case| answer(case, Sameness::Same);
    assert_eq!(
        same(&with(0.0, 0.0, 0.07)),
        (Level::Block, Reason::ConceptDrift)
    );
    assert_eq!(
        same(&with(0.3, 0.0, 0.07)),
        (Level::Block, Reason::DataDriftHarmful)
    );
    // Shown to be as good as before: the same move alerts and does not block.
    assert_eq!(
        same(&with(0.3, 0.3, 0.0)),
        (Level::Alert, Reason::DataDriftAdapted)
    );
    let mut labels = moved(0.0, 0.0);
    labels
        .findings
        .push(finding("categorical-drift", "label", 0.07));
    assert_eq!(same(&labels), (Level::Alert, Reason::LabelShift));
}

/// Too few labels to rule a material fall out are not good answers.
#[test]
fn good_answers_are_those_that_are_shown_to_be_good() {
    let with = |of: Vec<Finding>| {
        let mut case = moved(0.3, 0.3);
        case.findings.extend(of);
        answer(&case, Sameness::Same)
    };
    let answers = |high| {
        let mut answers = finding("performance", "score", 0.0);
        answers.interval = interval(0.0, high);
        answers
    };
    let adapted = (Level::Alert, Reason::DataDriftAdapted);
    let unknown = (Level::Block, Reason::DataChangedBehaviour);
    assert_eq!(with(vec![answers(0.09)]), adapted);
    // Labels that moved with inputs and outputs are no other case.
    let labels = || finding("numeric-drift", "label", 0.3);
    assert_eq!(with(vec![answers(0.09), labels()]), adapted);
    assert_eq!(with(vec![answers(0.11), labels()]), unknown);
    assert_eq!(with(vec![answers(0.11)]), unknown);
    assert_eq!(with(vec![answers(0.09), answers(0.11)]), unknown);
    let mut few = answers(0.0);
    few.status = Status::InsufficientData;
    assert_eq!(with(vec![few]), unknown);
    let mut part = answers(0.0);
    part.subject = Subject::Segment("a = b".into());
    assert_eq!(with(vec![part]), unknown);
    assert_eq!(with(vec![finding("performance", "score", 0.0)]), unknown);
}

/// An estimate without labels may raise suspicion and never lower it.
#[test]
fn an_estimate_does_not_vouch_for_the_answers() {
    let mut case = moved(0.3, 0.3);
    case.findings
        .push(finding("estimated-performance", "score", 0.0));
    assert_eq!(
        answer(&case, Sameness::Same),
        (Level::Block, Reason::DataChangedBehaviour)
    );
}

/// It sees harm that moved inputs do, yields to what is measured, and cannot
/// see a changed concept.
#[test]
fn an_estimate_tells_of_harm_and_of_no_concept() {
    let with = |x, measured: Option<f64>| {
        let mut case = moved(x, 0.0);
        case.findings
            .push(finding("estimated-performance", "score", 0.07));
        let measured = measured.map(|effect| Finding {
            interval: interval(0.0, effect + 0.03),
            ..finding("performance", "score", effect)
        });
        case.findings.extend(measured);
        answer(&case, Sameness::Same).1
    };
    assert_eq!(with(0.3, None), Reason::DataDriftHarmful);
    assert_eq!(with(0.3, Some(0.0)), Reason::DataDriftAdapted);
    assert_eq!(with(0.0, None), Reason::UnexplainedOutputChange);
}

#[test]
fn what_inputs_do_not_explain_counts_as_an_output_that_moved() {
    let mut case = moved(0.0, 0.0);
    let mut unexplained = finding("cause", "score", 0.07);
    unexplained.metric = format!("{UNEXPLAINED}/tree/v1");
    case.findings.push(unexplained);
    assert_eq!(
        answer(&case, Sameness::Same),
        (Level::Block, Reason::UnexplainedOutputChange)
    );
}

#[test]
fn broken_data_and_failed_checks_precede() {
    let mut broken = moved(0.3, 0.07);
    broken.findings.push(finding("completeness", "x", 0.4));
    for code in [Sameness::Same, Sameness::Different, Sameness::Unknown] {
        assert_eq!(answer(&broken, code), (Level::Block, Reason::DataQuality));
        let mut failed = moved(0.3, 0.07);
        failed.failures.push(crate::Failure {
            check: "schema".into(),
            column: None,
            message: "trapped".into(),
        });
        assert_eq!(answer(&failed, code), (Level::Error, Reason::CheckFailed));
    }
}

#[test]
fn too_little_data_stays_too_little() {
    let mut case = moved(0.0, 0.0);
    case.rows_current = 20;
    assert_eq!(
        answer(&case, Sameness::Different),
        (Level::Alert, Reason::CannotTell)
    );
}

#[test]
fn the_policy_and_a_learning_calibration_hold_the_table_down() {
    let mut held = moved(0.0, 0.07);
    held.severity = BTreeMap::from([("output-drift".to_owned(), Severity::Alert)]);
    assert_eq!(
        answer(&held, Sameness::Same),
        (Level::Alert, Reason::UnexplainedOutputChange)
    );
    let learning = Provenance {
        ceiling: Level::Alert,
        ..provenance(Sameness::Same)
    };
    assert_eq!(refined(&moved(0.0, 0.07), &learning).level, Level::Alert);
}

/// Digests differ, and the model is the same function: the data did it.
#[test]
fn a_canary_that_is_the_same_clears_the_code() {
    let with = |code, canary| Provenance {
        canary: Some(canary),
        ..provenance(code)
    };
    let case = moved(0.08, 0.07);
    assert_eq!(
        answer(&case, Sameness::Different),
        (Level::Block, Reason::Confounded)
    );
    for code in [Sameness::Same, Sameness::Different, Sameness::Unknown] {
        let verdict = refined(&case, &with(code, true));
        assert_eq!(
            (verdict.level, verdict.reason),
            (Level::Alert, Reason::DataChangedBehaviour)
        );
        assert!(
            verdict
                .summary
                .contains("stored inputs get the answers that were stored")
        );
    }
    let mut features = with(Sameness::Same, true);
    features.comparison.parts.iter_mut().for_each(|part| {
        if part.part == PartName::Features {
            part.state = Sameness::Different;
        }
    });
    features.comparison.code = Sameness::Different;
    assert_eq!(refined(&case, &features).reason, Reason::Confounded);
}

/// Stored inputs get other answers: with equal digests something is hidden,
/// whatever else moved or did not.
#[test]
fn a_canary_that_differs_is_a_change_of_the_code() {
    let with = |code| Provenance {
        canary: Some(false),
        ..provenance(code)
    };
    for case in [moved(0.0, 0.0), moved(0.08, 0.07)] {
        let verdict = refined(&case, &with(Sameness::Same));
        assert_eq!(
            (verdict.level, verdict.reason),
            (Level::Block, Reason::UnexplainedOutputChange)
        );
    }
    let silent = refined(&moved(0.0, 0.0), &with(Sameness::Unknown));
    assert_eq!(
        (silent.level, silent.reason),
        (Level::Block, Reason::CodeChangedBehaviour)
    );
    let announced = refined(&moved(0.0, 0.0), &with(Sameness::Different));
    assert_eq!(
        (announced.level, announced.reason),
        (Level::Pass, Reason::ReleaseNeutral)
    );
    let verdict = refined(&moved(0.08, 0.07), &with(Sameness::Unknown));
    assert_eq!(
        (verdict.level, verdict.reason),
        (Level::Block, Reason::Confounded)
    );
    assert!(
        verdict
            .summary
            .starts_with("The answers to stored inputs changed"),
        "{}",
        verdict.summary
    );
}

/// What both changed is told apart by a replay, and only by one that saw a move.
#[test]
fn a_replay_tells_code_from_data() {
    let after = |replayed| {
        let provenance = Provenance {
            replayed: Some(replayed),
            ..provenance(Sameness::Different)
        };
        let verdict = refined(&moved(0.08, 0.07), &provenance);
        (verdict.level, verdict.reason)
    };
    for reason in [
        Reason::DataChangedBehaviour,
        Reason::CodeChangedBehaviour,
        Reason::CodeAndDataChangedBehaviour,
    ] {
        assert_eq!(after(reason), (Level::Alert, reason));
    }
    for reason in [Reason::Stable, Reason::CannotTell, Reason::ReleaseNeutral] {
        assert_eq!(after(reason), (Level::Block, Reason::Confounded));
    }
}
