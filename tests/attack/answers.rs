//! Findings and states that are not acceptable.

use driftguard_sandbox::{Budget, Purpose, SandboxError as E};
use driftguard_verdict::Subject;
use insta::assert_snapshot;

use crate::support::{
    attack, budget, columns, hostile, lines, load, others_live, run_in, settings,
};

#[test]
fn findings_with_impossible_numbers_are_refused() {
    let attacks = [
        "effect-nan",
        "effect-negative",
        "statistic-infinite",
        "p-two",
        "p-nan",
        "noise-negative",
        "level-five",
        "unknown-column",
        "evidence-rows",
        "evidence-tables",
        "evidence-ragged",
        "evidence-nan",
    ];
    let errors = attacks.map(|name| attack(hostile(), name, "compare"));
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::BadAnswer { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` returned an unacceptable answer from `compare`: effect of metric `rows/v1` is NaN, not a finite number
    check `hostile` returned an unacceptable answer from `compare`: effect of metric `rows/v1` is -0.25, which is negative
    check `hostile` returned an unacceptable answer from `compare`: statistic of metric `rows/v1` is -inf, not a finite number
    check `hostile` returned an unacceptable answer from `compare`: p-value of metric `rows/v1` is 2, which is not between 0 and 1
    check `hostile` returned an unacceptable answer from `compare`: p-value of metric `rows/v1` is NaN, which is not between 0 and 1
    check `hostile` returned an unacceptable answer from `compare`: noise.sd of metric `rows/v1` is -1, which is negative
    check `hostile` returned an unacceptable answer from `compare`: interval.level of metric `rows/v1` is 5, which is not between 0 and 1
    check `hostile` returned an unacceptable answer from `compare`: subject of metric `rows/v1` is column `salary�[2J`, which was not granted
    check `hostile` returned an unacceptable answer from `compare`: evidence of metric `rows/v1` has a table of 10000 rows, the limit is 256
    check `hostile` returned an unacceptable answer from `compare`: evidence of metric `rows/v1` has 9 tables, the limit is 8
    check `hostile` returned an unacceptable answer from `compare`: evidence of metric `rows/v1` has 3 labels but 3 and 2 numbers
    check `hostile` returned an unacceptable answer from `compare`: evidence of metric `rows/v1` holds a number that is not finite
    "#);
}

#[test]
fn answers_beyond_the_traffic_are_not_read() {
    // Room for the flood in the plugin's memory, so that the host meets it.
    let roomy = load(
        "hostile",
        &Budget {
            memory: 512 << 20,
            ..budget()
        },
    );
    let errors = [
        attack(&roomy, "flood", "compare"),
        attack(&roomy, "message-giant", "compare"),
        attack(&roomy, "state-giant", "fit"),
        attack(&roomy, "state-giant", "save"),
    ];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::Unreadable { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` was stopped in `compare`: what it handed to the host cannot be read, or is more than the 16777216 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted
    check `hostile` was stopped in `compare`: what it handed to the host cannot be read, or is more than the 16777216 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted
    check `hostile` was stopped in `fit`: what it handed to the host cannot be read, or is more than the 16777216 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted
    check `hostile` was stopped in `profile.save`: what it handed to the host cannot be read, or is more than the 16777216 bytes of one call (`traffic-mib` in [checks.hostile.budget]): too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted
    "#);
}

#[test]
fn states_beyond_the_budget_are_refused() {
    let errors = [
        attack(hostile(), "state-large", "fit"),
        attack(hostile(), "state-large", "save"),
    ];
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::StateTooLarge { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` returned 1048576 bytes from `fit`, the limit is 65536; raise `output-kib` in [checks.hostile.budget] if that is too little
    check `hostile` returned 1048576 bytes from `profile.save`, the limit is 65536; raise `output-kib` in [checks.hostile.budget] if that is too little
    "#);
}

#[test]
fn texts_are_cleaned_and_cut() {
    let mut session = hostile().session().unwrap();
    let findings = run_in(&mut session, &settings("escapes", "compare")).unwrap();
    let finding = &findings[0];
    let Subject::Segment(segment) = &finding.subject else {
        panic!("{:?}", finding.subject);
    };
    let table = &finding.evidence[0];
    let texts = [
        &finding.metric,
        segment,
        &finding.message,
        &table.title,
        &table.labels[0],
    ];
    for text in texts {
        assert!(!text.chars().any(char::is_control), "{text:?}");
        assert!(
            !text.contains(['\u{202e}', '\u{2066}', '\u{200b}', '\u{61c}']),
            "{text:?}"
        );
    }
    assert_snapshot!(finding.message, @r#"message�[2J�31m���drow�����verdict: pass"#);
    let findings = run_in(&mut session, &settings("metric-giant", "compare")).unwrap();
    assert_eq!(findings[0].metric, "m".repeat(256));
}

#[test]
fn bytes_that_the_plugin_did_not_write_are_refused_by_it() {
    let mut session = hostile().session().unwrap();
    let calm = settings("none", "update");
    let profile = session.begin(&calm, &columns(), &[]).unwrap();
    let good = session.save(profile).unwrap();
    let strangers: [&[u8]; 4] = [
        b"",
        b"garbage",
        b"DGS1\x01\0\0\0\x04\0\0\0evil",
        &good[..good.len() - 1],
    ];
    let mut errors = vec![];
    for bytes in strangers {
        let profile = session.begin(&calm, &columns(), &[]).unwrap();
        errors.push(session.merge(&profile, bytes).unwrap_err());
        errors.push(
            session
                .compare(&calm, &columns(), &[], [&good, bytes], Purpose::Report)
                .unwrap_err(),
        );
    }
    assert!(
        errors
            .iter()
            .all(|error| matches!(error, E::Refused { .. }))
    );
    assert_snapshot!(lines(&errors), @r#"
    check `hostile` reports in `profile.merge`: bad state: not a state of `hostile`: it does not begin with DGS1
    check `hostile` reports in `compare`: bad state: not a state of `hostile`: it does not begin with DGS1
    check `hostile` reports in `profile.merge`: bad state: not a state of `hostile`: it does not begin with DGS1
    check `hostile` reports in `compare`: bad state: not a state of `hostile`: it does not begin with DGS1
    check `hostile` reports in `profile.merge`: bad state: not a state of `hostile`: it was written by `evil`
    check `hostile` reports in `compare`: bad state: not a state of `hostile`: it was written by `evil`
    check `hostile` reports in `profile.merge`: bad state: not a state of `hostile`: its body is damaged: Hit the end of buffer, expected more data
    check `hostile` reports in `compare`: bad state: not a state of `hostile`: its body is damaged: Hit the end of buffer, expected more data
    "#);
    others_live(hostile());
}

/// What a plugin remembers, it remembers in its store: a fresh one, which every
/// run begins with, gives the same answer.
#[test]
fn a_memory_between_runs_does_not_outlive_the_store() {
    let effects = |runs: usize| -> Vec<f64> {
        let mut session = hostile().session().unwrap();
        let run = |_| run_in(&mut session, &settings("second-run", "compare")).unwrap()[0].effect;
        (0..runs).map(run).collect()
    };
    assert_eq!(effects(2), [0.0, 1.0]);
    assert_eq!(effects(2), [0.0, 1.0]);
}
