use super::*;
use driftguard_distribution::CategoricalFrame;
use driftguard_distribution::testing::Rng;
use driftguard_sdk::bindings::driftguard::check::types;
use driftguard_sdk::prelude::{Column, Kind, Nature, Order, Role, Status, Value};
use proptest::prelude::*;

mod classes;

fn context_with(kind: Kind, settings: Vec<(&str, Value)>) -> Context {
    let column = Column {
        name: "score".into(),
        role: Role::Score,
        kind,
        storage: "Float64".into(),
        nullable: true,
        dimension: 0,
    };
    let settings = settings.into_iter().map(|(name, value)| types::Setting {
        name: name.into(),
        value,
    });
    Context::new(
        settings.collect(),
        &OutputDrift::describe().settings,
        vec![column],
    )
}

fn context() -> Context {
    context_with(Kind::Numeric, vec![])
}

fn compared_with(context: &Context, reference: &[f64], current: &[f64]) -> Vec<Finding> {
    let frame = OutputFrame::of_numbers(context, reference.to_vec()).unwrap();
    let profile = |values: &[f64]| OutputProfile::of_numbers(context, &frame, values).unwrap();
    OutputDrift::compare(context, &frame, &profile(reference), &profile(current)).unwrap()
}

fn compared(reference: &[f64], current: &[f64]) -> Vec<Finding> {
    compared_with(&context(), reference, current)
}

fn find<'a>(findings: &'a [Finding], metric: &str) -> Option<&'a Finding> {
    findings.iter().find(|finding| finding.metric == metric)
}

fn scores(seed: u64, n: usize) -> Vec<f64> {
    let mut rng = Rng::new(seed);
    (0..n).map(|_| rng.uniform()).collect()
}

#[test]
fn the_description_holds_together() {
    let descriptor = OutputDrift::describe();
    assert_eq!(
        (descriptor.id.as_str(), descriptor.order),
        ("output-drift", Order::Sequence)
    );
    assert!(descriptor.summary.len() > 100 && descriptor.settings.len() == 10);
}

#[test]
fn a_moved_score_fires_and_says_how() {
    let (p, q) = (scores(1, 2000), scores(2, 2000));
    let q: Vec<f64> = q.iter().map(|score| score.sqrt()).collect();
    let findings = compared(&p, &q);
    assert!(findings[0].effect > 0.2 && findings[0].p_value.unwrap() < 1e-9);
    let rate = find(&findings, "positive-rate/v1").unwrap();
    assert_eq!(
        rate.message,
        "`score`: rows at or above 0.5 went 49 % -> 75 %"
    );
    assert_eq!(rate.nature, Nature::Measurement);
    assert!(rate.effect > 0.2 && rate.p_value.unwrap() < 1e-12);
    let interval = rate.interval.as_ref().unwrap();
    assert!(interval.low < rate.effect && rate.effect < interval.high);
    let near = find(&findings, "near-threshold/v1").unwrap();
    assert_eq!(
        near.message,
        "`score`: rows nearer than 0.05 to the threshold 0.5 went 9.8 % -> 9.7 %"
    );
    let mean = find(&findings, "mean-output/v1").unwrap();
    assert_eq!(mean.message, "`score`: mean output 0.488 -> 0.665");
    assert!(
        findings
            .iter()
            .all(|finding| finding.nature != Nature::Fault)
    );
}

#[test]
fn counts_around_the_threshold_are_exact() {
    let p = [0.45, 0.450_1, 0.5, 0.549_9, 0.55, 0.0, 0.499_9].repeat(20);
    let findings = compared(&p, &p);
    let near = find(&findings, "near-threshold/v1").unwrap();
    assert!(
        near.message.ends_with("went 57 % -> 57 %"),
        "{}",
        near.message
    );
    let rate = find(&findings, "positive-rate/v1").unwrap();
    assert!(
        rate.message.ends_with("went 43 % -> 43 %"),
        "{}",
        rate.message
    );
}

#[test]
fn an_unchanged_score_is_quiet() {
    let findings = compared(&scores(3, 3000), &scores(4, 3000));
    assert!(
        findings
            .iter()
            .all(|f| f.nature == Nature::Supporting || f.effect < 0.03)
    );
    assert!(findings.iter().all(|f| f.nature != Nature::Fault));
}

#[test]
fn a_regression_has_no_positive_rate() {
    let p: Vec<f64> = scores(5, 500).iter().map(|score| score * 300.0).collect();
    assert!(find(&compared(&p, &p), "positive-rate/v1").is_none());
    let own = context_with(Kind::Numeric, vec![("threshold", Value::Number(150.0))]);
    let findings = compared_with(&own, &p, &p);
    assert!(find(&findings, "positive-rate/v1").is_some());
    let zero = context_with(Kind::Numeric, vec![("near", Value::Number(0.0))]);
    let findings = compared_with(&zero, &scores(5, 500), &scores(6, 500));
    assert!(find(&findings, "positive-rate/v1").is_some());
    assert!(find(&findings, "near-threshold/v1").is_none());
}

#[test]
fn stuck_from_the_middle_on() {
    let p = scores(7, 3000);
    let mut q = scores(8, 3000);
    q[1500..].fill(0.5);
    let findings = compared(&p, &q);
    let stuck = find(&findings, "stuck-output/v1").unwrap();
    assert_eq!((stuck.nature, stuck.effect), (Nature::Fault, 0.5));
    assert_eq!(
        stuck.message,
        "`score`: 0.5 in 1500 rows one after the other (50 % of all); the longest run of the reference has 1"
    );
}

/// Days of 400 rows of which one in ten holds no row of the rare class, and
/// the others 15 %.
fn days() -> Vec<f64> {
    let score = scores(11, 20_000);
    let of = |(row, score): (usize, &f64)| row / 400 % 10 != 9 && *score >= 0.85;
    let classes = score.iter().enumerate().map(of);
    classes.map(|yes| f64::from(u8::from(yes))).collect()
}

#[test]
fn a_day_such_as_the_reference_has_is_no_fault() {
    // Taken row by row, 0.865^400 is 1e-25.
    let findings = compared(&days(), &[0.0; 400]);
    let constant = find(&findings, "constant-output/v1").unwrap();
    assert_eq!(
        (constant.nature, constant.effect),
        (Nature::Supporting, 0.0)
    );
    let start = "`score`: all 400 rows are 0; the reference has one value for up to 4";
    assert!(constant.message.starts_with(start), "{}", constant.message);
    // What it never held so long is: ten such days, or one of the rare class.
    for (value, rows) in [(0.0, 4_000), (1.0, 400)] {
        let findings = compared(&days(), &vec![value; rows]);
        let constant = find(&findings, "constant-output/v1").unwrap();
        assert_eq!(constant.nature, Nature::Fault, "{}", constant.message);
    }
}

#[test]
fn a_constant_output_is_a_fault() {
    let findings = compared(&scores(9, 3000), &[0.25; 200]);
    let constant = find(&findings, "constant-output/v1").unwrap();
    assert_eq!(
        constant.message,
        "`score`: all 200 rows are 0.25; the reference has several values"
    );
    assert!(constant.effect > 0.95);
    assert!(find(&findings, "stuck-output/v1").is_none());
    // Nearly always 0 before: 60 zeros in a row are no wonder.
    let rare: Vec<f64> = (0..1000)
        .map(|i| f64::from(u8::from(i % 100 == 50)))
        .collect();
    let findings = compared(&rare, &[0.0; 60]);
    assert!(
        findings
            .iter()
            .all(|finding| finding.nature != Nature::Fault)
    );
    // A never-seen value is a fault whatever else the reference held for long.
    let dull = [vec![0.0; 900], rare.clone()].concat();
    let findings = compared(&dull, &[0.75; 60]);
    let constant = find(&findings, "constant-output/v1").unwrap();
    assert_eq!(constant.nature, Nature::Fault);
    // A constant before is no news.
    let findings = compared(&[0.5; 100], &[0.5; 100]);
    assert_eq!(
        (findings[0].status, findings.len()),
        (Status::Degenerate, 1)
    );
}

#[test]
fn degenerate_inputs() {
    for (p, q, status) in [
        (vec![], vec![], Status::NotApplicable),
        (
            vec![f64::NAN; 99],
            vec![f64::NAN; 99],
            Status::NotApplicable,
        ),
        (vec![0.3; 99], vec![0.3], Status::InsufficientData),
        (scores(1, 99), vec![], Status::InsufficientData),
    ] {
        let findings = compared(&p, &q);
        assert_eq!((findings.len(), findings[0].status), (1, status));
    }
}

#[test]
fn states_that_do_not_fit_are_refused() {
    let context = context();
    let frame = OutputFrame::of_numbers(&context, scores(1, 100)).unwrap();
    let good = OutputProfile::of_numbers(&context, &frame, &scores(2, 80)).unwrap();
    let known = CategoricalFrame::of_values(vec![("a".into(), 1)], 1, 10);
    let other_frame = OutputFrame::of_classes(&context, known).unwrap();
    let classes = OutputProfile::of_classes(&context, &other_frame, &[Some("a")]).unwrap();
    let mut torn = good.clone();
    torn.runs = Default::default();
    let mut counts = good.clone();
    counts.around = driftguard_statistics::Counts::new(4);
    for forged in [OutputProfile::default(), classes, torn, counts] {
        let mut merged = good.clone();
        let answer = OutputDrift::merge(&mut merged, forged.clone(), &context, &frame);
        assert!(matches!(answer, Err(Error::State(_))));
        assert_eq!(merged, good);
        let answer = OutputDrift::compare(&context, &frame, &good, &forged);
        assert!(matches!(answer, Err(Error::State(_))));
    }
    let moved = context_with(Kind::Numeric, vec![("threshold", Value::Number(0.7))]);
    assert!(matches!(
        OutputDrift::begin(&moved, &frame),
        Err(Error::Setting(_))
    ));
}

proptest! {
    /// Merging in order is one pass, whatever the grouping.
    #[test]
    fn merge_is_associative(values in prop::collection::vec((0u8..4).prop_map(|v| f64::from(v) / 4.0), 0..60), cuts in [0usize..60, 0usize..60]) {
        let frame = OutputFrame::of_numbers(&context(), scores(1, 100)).unwrap();
        let (mut low, mut high) = (cuts[0].min(values.len()), cuts[1].min(values.len()));
        if low > high { std::mem::swap(&mut low, &mut high); }
        let profile = |values: &[f64]| OutputProfile::of_numbers(&context(), &frame, values).unwrap();
        let merged = |mut left: OutputProfile, right: OutputProfile| {
            OutputDrift::merge(&mut left, right, &context(), &frame).unwrap();
            left
        };
        let [a, b, c] = [&values[..low], &values[low..high], &values[high..]].map(profile);
        let left = merged(merged(a.clone(), b.clone()), c.clone());
        let right = merged(a, merged(b, c));
        let whole = profile(&values);
        prop_assert_eq!(&left.runs, &right.runs);
        prop_assert_eq!(&left.runs, &whole.runs);
        prop_assert_eq!(&left.around, &whole.around);
        let (Body::Numbers(left), Body::Numbers(right)) = (&left.body, &right.body) else { panic!() };
        prop_assert_eq!(left.counts(), right.counts());
        prop_assert_eq!(left.sample(), right.sample());
    }
}
