use driftguard_verdict::Reason;
use driftguard_verdict::history::{HISTORY_FORMAT, IncidentEntry, IncidentReport};
use driftguard_verdict::incident::Family;

use super::*;

fn entry(id: i64, verdict: Level, reason: Reason, growing: f64) -> Entry {
    Entry {
        id,
        at: "2013-04-01 06:00".into(),
        model: "flights".into(),
        period: Some(format!("2013-03-{id:02}")),
        rows: 900,
        verdict,
        reason,
        suspects: vec![],
        effect: Some(0.04),
        p: Some(0.41),
        rank: Some((25, 60 + id as u64)),
        growing: Some(growing),
        anchored: Some(growing / 3.0),
        alarm: Alarm::None,
        repeats: None,
        incidents: vec![],
        policy: "p".into(),
        data: "d".into(),
        document: "d".into(),
        baseline: None,
        anchor: None,
    }
}

fn incident(state: State, seen: u64) -> IncidentReport {
    IncidentReport {
        id: 3,
        key: "k".into(),
        state,
        family: Family::Drift,
        columns: vec!["temp (down)".into()],
        since: "2013-03-02".into(),
        seen,
        periods: 16,
        quiet: 2,
        escalate: true,
    }
}

fn overview() -> Overview {
    let mut records = vec![
        entry(1, Level::Pass, Reason::Stable, 0.3),
        entry(2, Level::Block, Reason::InputDrift, 17.2),
        entry(3, Level::Block, Reason::InputDrift, 160.0),
        entry(4, Level::Alert, Reason::SlowDrift, 1_420.0),
        entry(5, Level::Error, Reason::CheckFailed, 0.3),
    ];
    records[1].incidents = vec![(3, State::Opened)];
    records[1].suspects = vec!["temp".into(), "::error::x\u{1b}[2J".into()];
    records[2].incidents = vec![(3, State::Seen)];
    records[2].repeats = Some(2);
    records[3].incidents = vec![(3, State::Quiet)];
    let report = incident(State::Quiet, 5);
    Overview {
        format: HISTORY_FORMAT.into(),
        alarm_at: 365.0,
        records,
        incidents: vec![IncidentEntry {
            model: "flights".into(),
            open: true,
            words: report.standing(),
            report,
        }],
    }
}

#[test]
fn a_page() {
    insta::assert_snapshot!(render_history(
        &overview(),
        Shown::default(),
        &Style::default()
    ));
}

#[test]
fn any_width_in_ascii_and_nothing_hostile() {
    for width in [40, 60, 100] {
        let style = Style {
            width,
            unicode: false,
            ..Style::default()
        };
        let page = render_history(&overview(), Shown::default(), &style);
        assert!(page.is_ascii() && !page.contains('\u{1b}'), "{page}");
        assert!(page.lines().all(|line| line.len() <= width), "{page}");
    }
}

#[test]
fn a_part_of_it() {
    let last = Shown {
        last: Some(1),
        ..Shown::default()
    };
    let page = render_history(&overview(), last, &Style::default());
    assert!(
        page.contains("CHECK_FAILED") && !page.contains("STABLE"),
        "{page}"
    );
    let incidents = Shown {
        incidents: true,
        ..Shown::default()
    };
    let page = render_history(&overview(), incidents, &Style::default());
    assert!(
        page.contains("incident 3") && !page.contains("STABLE"),
        "{page}"
    );
}

#[test]
fn an_incident_in_words() {
    let words = [
        incident(State::Opened, 1),
        incident(State::Seen, 5),
        incident(State::Unsettled, 5),
        incident(State::Quiet, 5),
        incident(State::Closed, 5),
    ]
    .map(|incident| incident.words());
    insta::assert_snapshot!(words.join("\n"));
}
