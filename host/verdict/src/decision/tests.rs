use super::*;
use crate::finding::{Interval, Noise};

/// A measurement that could be made, on plenty of rows.
pub(crate) fn finding(check: &str, column: &str, effect: f64, p: Option<f64>) -> Finding {
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
        p_value: p,
        noise: None,
        n_reference: 10_000,
        n_current: 10_000,
        evidence: vec![],
        message: format!("{column} moved"),
    }
}

fn case(findings: Vec<Finding>) -> Case {
    let roles = [
        ("x", Role::Feature),
        ("z", Role::Feature),
        ("score", Role::Score),
        ("late", Role::Label),
    ];
    Case {
        findings,
        roles: roles
            .into_iter()
            .map(|(name, role)| (name.to_owned(), role))
            .collect(),
        rows_reference: 10_000,
        rows_current: 10_000,
        ..Case::default()
    }
}

fn decide(case: &Case) -> Verdict {
    Materiality::default().decide(case).0
}

#[test]
fn effects_decide_and_p_values_only_excuse() {
    let level = |effect, p| decide(&case(vec![finding("numeric-drift", "x", effect, p)])).level;
    assert_eq!(level(0.04, Some(0.0)), Level::Pass);
    assert_eq!(level(0.06, Some(1e-9)), Level::Alert);
    assert_eq!(level(0.2, Some(1e-9)), Level::Block);
    assert_eq!(level(0.2, Some(0.2)), Level::Pass);
    assert_eq!(level(0.2, None), Level::Block);
}

#[test]
fn p_values_are_corrected_over_everything_measured() {
    let mut findings = vec![finding("numeric-drift", "x", 0.2, Some(0.01))];
    assert_eq!(decide(&case(findings.clone())).level, Level::Block);
    findings.extend((0..9).map(|_| finding("numeric-drift", "z", 0.0, Some(0.9))));
    assert_eq!(decide(&case(findings)).level, Level::Pass);
}

#[test]
fn a_check_of_few_measurements_is_not_drowned_by_one_of_many() {
    let many = (0..300).map(|_| finding("segments", "z", 0.0, Some(0.9)));
    let with = |checks: &[&str]| {
        let own = checks
            .iter()
            .map(|check| finding(check, "x", 0.2, Some(0.001)));
        decide(&case(own.chain(many.clone()).collect())).level
    };
    assert_eq!(with(&["timeliness"]), Level::Block);
    // A share of alpha for each of 51 checks is too little for it.
    let names: Vec<String> = (0..50).map(|at| format!("own-{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(with(&names), Level::Pass);
}

#[test]
fn a_noise_floor_stands_in_for_a_p_value() {
    let mut far = finding("own", "x", 0.3, None);
    far.noise = Some(Noise {
        mean: 0.0,
        sd: 0.01,
    });
    assert_eq!(decide(&case(vec![far.clone()])).level, Level::Block);
    far.noise = Some(Noise {
        mean: 0.25,
        sd: 0.1,
    });
    assert_eq!(decide(&case(vec![far])).level, Level::Pass);
}

#[test]
fn few_rows_are_no_pass() {
    let mut few = case(vec![finding("numeric-drift", "x", 0.0, Some(0.9))]);
    (few.rows_reference, few.rows_current) = (50, 50);
    let verdict = decide(&few);
    assert_eq!(
        (verdict.level, verdict.reason),
        (Level::Alert, Reason::CannotTell)
    );
}

/// Fifty rows: what is significant is large, and must be far beyond chance to
/// block; a unit that changed still is.
#[test]
fn few_rows_block_only_far_beyond_chance() {
    let level = |p, nature| {
        let mut finding = finding("numeric-drift", "x", 0.4, p);
        (finding.n_reference, finding.n_current) = (50, 50);
        finding.nature = nature;
        let mut case = case(vec![finding]);
        (case.rows_reference, case.rows_current) = (50, 50);
        decide(&case).level
    };
    assert_eq!(level(Some(0.02), Nature::Measurement), Level::Alert);
    assert_eq!(level(None, Nature::Measurement), Level::Alert);
    assert_eq!(level(Some(1e-9), Nature::Measurement), Level::Block);
    assert_eq!(level(None, Nature::Fault), Level::Block);
}

/// Copies of rows weigh rows differently. With a column that moved, or an
/// output, or without any output to look at, they block as before.
#[test]
fn repeated_rows_that_move_nothing_alert_only() {
    let mut copies = finding("uniqueness", "", 0.3, Some(1e-30));
    copies.subject = Subject::Dataset;
    copies.metric = "repeated-rows/v1".into();
    let still = finding("output-drift", "score", 0.0, Some(0.9));
    let moved = |name| finding("completeness", name, 0.07, Some(1e-9));
    let level = |findings: &[&Finding]| {
        let findings = findings.iter().map(|&finding| finding.clone()).collect();
        decide(&case(findings)).level
    };
    assert_eq!(level(&[&copies, &still]), Level::Alert);
    assert_eq!(level(&[&copies, &still, &moved("x")]), Level::Block);
    assert_eq!(level(&[&copies, &still, &moved("score")]), Level::Block);
    assert_eq!(level(&[&copies]), Level::Block);
    let mut volume = copies.clone();
    volume.metric = "rows-per-period/v1".into();
    assert_eq!(level(&[&volume, &still]), Level::Block);
}

#[test]
fn nothing_measured_is_no_pass() {
    assert_eq!(decide(&case(vec![])).reason, Reason::CannotTell);
}

#[test]
fn a_failed_check_is_an_error_whatever_else_was_found() {
    let mut failed = case(vec![finding("numeric-drift", "x", 0.9, Some(0.0))]);
    failed.failures.push(Failure {
        check: "own".into(),
        column: None,
        message: "trap".into(),
    });
    assert_eq!(decide(&failed).level, Level::Error);
}

#[test]
fn inputs_outrank_outcomes_and_faults_outrank_all() {
    let mut fault = finding("schema", "z", 0.3, None);
    fault.nature = Nature::Fault;
    let verdict = decide(&case(vec![
        finding("output-drift", "score", 0.9, Some(0.0)),
        finding("numeric-drift", "x", 0.5, Some(0.0)),
        fault,
    ]));
    let names: Vec<&str> = verdict
        .suspects
        .iter()
        .map(|suspect| suspect.name.as_str())
        .collect();
    assert_eq!(names, ["z", "x", "score"]);
    assert_eq!(verdict.reason, Reason::DataQuality);
}

#[test]
fn inputs_that_move_under_still_outputs_alert_only() {
    let moved = finding("numeric-drift", "x", 0.5, Some(0.0));
    let still = finding("output-drift", "score", 0.01, Some(0.5));
    let verdict = decide(&case(vec![moved.clone(), still]));
    assert_eq!(
        (verdict.level, verdict.reason),
        (Level::Alert, Reason::InputDrift)
    );
    let verdict = decide(&case(vec![
        moved,
        finding("output-drift", "score", 0.2, Some(0.0)),
    ]));
    assert_eq!(
        (verdict.level, verdict.reason),
        (Level::Block, Reason::InputAndOutputDrift)
    );
}

/// How right the answers are, where it was measured: effect and the upper end
/// of its interval.
fn answers(effect: f64, high: f64, labelled: u64) -> Finding {
    let mut found = finding("performance", "", effect, Some(1e-9));
    found.subject = Subject::Pair("late".into(), "score".into());
    found.n_current = labelled;
    found.interval = Some(Interval {
        low: 0.0,
        high,
        level: 0.95,
    });
    found
}

/// Labels that show what a move did to the answers decide instead of it: only
/// if nearly all rows have them, and precisely enough.
#[test]
fn moves_under_right_answers_alert_only() {
    let moved = || {
        [
            finding("numeric-drift", "x", 0.5, Some(0.0)),
            finding("output-drift", "score", 0.3, Some(0.0)),
        ]
    };
    let level = |answers: Finding| {
        let findings = moved().into_iter().chain([answers]).collect();
        decide(&case(findings)).level
    };
    assert_eq!(level(answers(0.0, 0.02, 10_000)), Level::Alert);
    assert_eq!(level(answers(0.07, 0.09, 10_000)), Level::Alert);
    assert_eq!(level(answers(0.12, 0.14, 10_000)), Level::Block);
    // Too wide, and too few labels.
    assert_eq!(level(answers(0.0, 0.2, 10_000)), Level::Block);
    assert_eq!(level(answers(0.0, 0.02, 4_000)), Level::Block);
    let mut unknown = answers(0.0, 0.02, 10_000);
    unknown.status = Status::InsufficientData;
    assert_eq!(level(unknown), Level::Block);
    let mut unbounded = answers(0.0, 0.02, 10_000);
    unbounded.interval = None;
    assert_eq!(level(unbounded), Level::Block);
}

#[test]
fn right_answers_excuse_no_broken_data() {
    let broken = finding("completeness", "x", 0.3, Some(0.0));
    let held = answers(0.0, 0.02, 10_000);
    assert_eq!(decide(&case(vec![broken, held])).level, Level::Block);
}

#[test]
fn the_policy_caps_a_check() {
    let mut capped = case(vec![finding("numeric-drift", "x", 0.5, Some(0.0))]);
    capped
        .severity
        .insert("numeric-drift".into(), Severity::Alert);
    assert_eq!(decide(&capped).level, Level::Alert);
    capped
        .severity
        .insert("numeric-drift".into(), Severity::Ignore);
    assert_eq!(decide(&capped).level, Level::Pass);
}

#[test]
fn missing_labels_are_ordinary() {
    let mut gone = finding("schema", "late", 1.0, None);
    (gone.nature, gone.metric) = (Nature::Fault, "column-gone/v1".into());
    let still = finding("numeric-drift", "x", 0.0, Some(0.5));
    assert_eq!(decide(&case(vec![gone.clone(), still])).level, Level::Pass);
    gone.subject = Subject::Column("x".into());
    assert_eq!(decide(&case(vec![gone])).level, Level::Block);
}

/// Answers may get worse under still outputs; inputs that moved do not block
/// for that, the answers do.
#[test]
fn worse_answers_are_no_output_that_moved() {
    let answers = |effect| {
        let mut answers = finding("performance", "score", effect, Some(1e-12));
        answers.subject = Subject::Pair("late".into(), "score".into());
        answers
    };
    let still = finding("output-drift", "score", 0.0, Some(0.9));
    let moved = finding("numeric-drift", "x", 0.5, Some(0.0));
    let decided = |findings: &[&Finding]| {
        let findings = findings.iter().map(|&finding| finding.clone()).collect();
        let verdict = decide(&case(findings));
        (verdict.level, verdict.reason)
    };
    let (small, large) = (answers(0.07), answers(0.2));
    let worse = |level| (level, Reason::AnswersWorse);
    assert_eq!(decided(&[&still, &large]), worse(Level::Block));
    assert_eq!(decided(&[&still, &small]), worse(Level::Alert));
    assert_eq!(decided(&[&moved, &still, &small]), worse(Level::Alert));
    assert_eq!(decided(&[&moved, &still, &large]), worse(Level::Block));
    let output = finding("output-drift", "score", 0.5, Some(0.0));
    let both = (Level::Block, Reason::InputAndOutputDrift);
    assert_eq!(decided(&[&moved, &output, &large]), both);
    // Labels that moved are one side of it; by themselves they are outcomes.
    let label = finding("label-drift", "late", 0.2, Some(1e-12));
    assert_eq!(decided(&[&still, &label, &large]), worse(Level::Block));
    let outcome = (Level::Block, Reason::OutputDrift);
    assert_eq!(decided(&[&still, &label]), outcome);
    let verdict = decide(&case(vec![still, large]));
    assert_eq!(
        verdict.summary,
        "The answers got worse, as labels say; look first at late, score."
    );
}
