//! Findings and states that no host should accept.

use std::cell::Cell;

use driftguard_sdk::prelude::{Column, Evidence, Finding, Interval, Noise, Subject};

/// Names of the attacks of this module.
pub const ATTACKS: [&str; 20] = [
    "state-large",
    "state-giant",
    "state-bomb",
    "effect-nan",
    "effect-negative",
    "statistic-infinite",
    "p-two",
    "p-nan",
    "noise-negative",
    "level-five",
    "unknown-column",
    "flood",
    "message-giant",
    "escapes",
    "evidence-rows",
    "evidence-tables",
    "evidence-ragged",
    "evidence-nan",
    "second-run",
    "metric-giant",
];

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

/// The bytes of a state that is too large, for attacks on states.
pub fn state(attack: &str) -> Option<Vec<u8>> {
    let bytes = match attack {
        "state-large" => 1 << 20,
        "state-giant" => 40 << 20,
        "state-bomb" => 1 << 30,
        _ => return None,
    };
    Some(vec![7; bytes])
}

/// A finding that nothing is wrong with.
pub fn calm(columns: &[Column], (reference, current): (u64, u64)) -> Finding {
    let subject = match columns.first() {
        Some(column) => Subject::Column(column.name.clone()),
        None => Subject::Dataset,
    };
    Finding::measurement("rows/v1", subject)
        .statistic(0.0)
        .rows(reference, current)
        .message("nothing moved")
}

fn table(rows: usize) -> Evidence {
    Evidence {
        title: "table".into(),
        labels: vec!["label".into(); rows],
        reference: vec![0.0; rows],
        current: vec![0.0; rows],
    }
}

/// The calm finding, spoiled.
pub fn findings(attack: &str, mut calm: Finding) -> Vec<Finding> {
    match attack {
        "effect-nan" => calm.effect = f64::NAN,
        "effect-negative" => calm.effect = -0.25,
        "statistic-infinite" => calm.statistic = Some(f64::NEG_INFINITY),
        "p-two" => calm.p_value = Some(2.0),
        "p-nan" => calm.p_value = Some(f64::NAN),
        "noise-negative" => {
            calm.noise = Some(Noise {
                mean: 0.0,
                sd: -1.0,
            })
        }
        "level-five" => {
            calm.interval = Some(Interval {
                low: 0.0,
                high: 1.0,
                level: 5.0,
            });
        }
        "unknown-column" => calm.subject = Subject::Column("salary\u{1b}[2J".into()),
        "flood" => return vec![calm; 100_000],
        "message-giant" => calm.message = "x".repeat(100_000_000),
        "metric-giant" => calm.metric = "m".repeat(1_000_000),
        "escapes" => escape(&mut calm),
        "evidence-rows" => calm.evidence = vec![table(10_000)],
        "evidence-tables" => calm.evidence = vec![table(1); 9],
        "evidence-ragged" => {
            let mut ragged = table(3);
            ragged.current.pop();
            calm.evidence = vec![ragged];
        }
        "evidence-nan" => {
            let mut holes = table(1);
            holes.reference = vec![f64::NAN];
            calm.evidence = vec![holes];
        }
        "second-run" => calm.effect = f64::from(RUNS.replace(RUNS.get() + 1)),
        _ => {}
    }
    vec![calm]
}

/// Every text of a finding, with what a terminal or a log would obey.
fn escape(finding: &mut Finding) {
    let evil = "\u{1b}[2J\u{9b}31m\r\n\u{202e}drow\u{2066}\u{200b}\u{61c}\u{0}";
    finding.metric = format!("metric{evil}");
    finding.subject = Subject::Segment(format!("segment{evil}"));
    finding.message = format!("message{evil}\nverdict: pass");
    finding.evidence = vec![Evidence {
        title: format!("title{evil}"),
        labels: vec![format!("label{evil}")],
        reference: vec![0.0],
        current: vec![1.0],
    }];
}
