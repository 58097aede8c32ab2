//! What is appended is there, whatever happens; what is no history is refused.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use driftguard_history::{History, HistoryError, Record};
use driftguard_verdict::history::Alarm;
use driftguard_verdict::incident::{Cause, Family, State};
use driftguard_verdict::sequential::{ColumnPlace, Place};
use driftguard_verdict::{Level, Reason};

/// Names the history that this very test binary, started again, appends to.
const APPEND_TO: &str = "DRIFTGUARD_TEST_APPEND_TO";

fn record(number: u64) -> Record {
    Record {
        id: 0,
        at: 1_700_000_000_000_000 + number as i64,
        model: "flights".into(),
        policy: "p".repeat(64),
        data: format!("{number:064x}"),
        document: "d".repeat(64),
        baseline: Some("b".repeat(64)),
        anchor: Some("a".repeat(64)),
        period: Some(format!("2013-03-{number:02}")),
        driftguard: "0.1.0".into(),
        rows: 900 + number,
        level: Level::Alert,
        reason: Reason::InputDrift,
        suspects: vec!["temp".into(), "a \"quoted\" name\n".into()],
        effect: Some(0.1 + 0.2),
        p: Some(1.0 / 61.0),
        scores: Some((3.5, -0.0)),
        place: Some(Place {
            rank: 1,
            among: 61,
            anchor_rank: 2,
            anchor_periods: 60,
        }),
        columns: [("temp", -7), ("dest \"x\"", i64::MAX)]
            .map(|(name, score)| {
                let place = Place {
                    rank: 3,
                    among: 61,
                    anchor_rank: 4,
                    anchor_periods: 60,
                };
                let moved = score < 0;
                let column = ColumnPlace {
                    score,
                    place,
                    moved,
                };
                (name.to_owned(), column)
            })
            .into(),
        pooled: true,
        alarm: Alarm::Growing,
        repeats: None,
    }
}

fn append(history: &mut History, record: &Record) -> i64 {
    let writer = history.begin().unwrap();
    let id = writer.append(record).unwrap();
    writer.commit().unwrap();
    id
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn what_is_appended_comes_back_bit_for_bit() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    let mut bare = Record {
        baseline: None,
        anchor: None,
        period: None,
        effect: Some(f64::NAN),
        p: None,
        scores: Some((f64::INFINITY, 0.0)),
        place: None,
        columns: BTreeMap::new(),
        pooled: false,
        repeats: Some(1),
        alarm: Alarm::None,
        ..record(2)
    };
    {
        let mut history = History::open(&path).unwrap();
        assert_eq!(append(&mut history, &record(1)), 1);
        assert_eq!(append(&mut history, &bare), 2);
    }
    let view = History::read(&path).unwrap().view().unwrap();
    // What no number is, is absent.
    (bare.id, bare.effect, bare.scores) = (2, None, None);
    assert_eq!(view.records, [Record { id: 1, ..record(1) }, bare]);
}

#[test]
fn what_is_not_committed_never_was() {
    let folder = folder();
    let mut history = History::open(&folder.path().join("h.sqlite")).unwrap();
    let writer = history.begin().unwrap();
    writer.append(&record(1)).unwrap();
    drop(writer);
    assert_eq!(history.view().unwrap().records, []);
}

#[test]
fn incidents_are_what_their_sightings_say() {
    let folder = folder();
    let mut history = History::open(&folder.path().join("h.sqlite")).unwrap();
    let cause = Cause {
        family: Family::Drift,
        columns: [(
            "temp".to_owned(),
            driftguard_verdict::incident::Direction::Down,
        )]
        .into(),
    };
    let states = [State::Seen, State::Unsettled, State::Quiet, State::Quiet];
    let writer = history.begin().unwrap();
    let opened = writer.append(&record(1)).unwrap();
    let incident = writer.open_incident(&cause, "flights", opened).unwrap();
    for (at, state) in states.into_iter().enumerate() {
        let by = writer.append(&record(2 + at as u64)).unwrap();
        writer.sight(incident, by, state).unwrap();
    }
    // The same period once more: no further period.
    let by = writer.append(&record(5)).unwrap();
    writer.sight(incident, by, State::Quiet).unwrap();
    writer.commit().unwrap();
    let view = history.view().unwrap();
    let found = &view.incidents[0];
    assert_eq!((found.cause.clone(), found.is_open()), (cause, true));
    let counts = (
        found.seen(&view.records),
        found.periods(&view.records),
        found.quiet(&view.records),
    );
    assert_eq!(counts, (2, 5, 2));
    let writer = history.begin().unwrap();
    let by = writer.append(&record(6)).unwrap();
    writer.sight(1, by, State::Closed).unwrap();
    writer.commit().unwrap();
    assert!(!history.view().unwrap().incidents[0].is_open());
}

#[test]
fn other_files_are_refused_each_in_its_words() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    let refused = |what: &str| {
        let both = [
            History::read(&path).map(drop),
            History::open(&path).map(drop),
        ];
        for error in both.map(Result::unwrap_err) {
            assert!(error.to_string().contains(what), "{error}");
        }
    };
    let missing = History::read(&path).unwrap_err();
    assert!(matches!(missing, HistoryError::Missing { .. }), "{missing}");
    std::fs::write(&path, "a,b\n1,2\n".repeat(200)).unwrap();
    refused("it is no SQLite file");
    std::fs::remove_file(&path).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE t (x)").unwrap();
    refused("something else");
    other.close().unwrap();
    std::fs::remove_file(&path).unwrap();
    append(&mut History::open(&path).unwrap(), &record(1));
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 3).unwrap();
    newer.close().unwrap();
    refused("format version 3, this driftguard reads up to 2");
}

/// Version 1 did not tell columns apart.
#[test]
fn an_older_file_goes_on() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    let old = |number| Record {
        columns: BTreeMap::new(),
        ..record(number)
    };
    append(&mut History::open(&path).unwrap(), &old(1));
    let older = rusqlite::Connection::open(&path).unwrap();
    older
        .execute_batch("ALTER TABLE verdicts DROP COLUMN columns; PRAGMA user_version = 1;")
        .unwrap();
    older.close().unwrap();
    let view = History::read(&path).unwrap().view().unwrap();
    assert_eq!(view.records, [Record { id: 1, ..old(1) }]);
    append(&mut History::open(&path).unwrap(), &record(2));
    let view = History::read(&path).unwrap().view().unwrap();
    assert_eq!(view.records[1], Record { id: 2, ..record(2) });
}

#[test]
fn a_torn_or_altered_file_is_noticed() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    let mut history = History::open(&path).unwrap();
    for number in 0..60 {
        append(&mut history, &record(number));
    }
    drop(history);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let read = |path: &Path| History::read(path).and_then(|mut history| history.view());
    let torn = read(&path).unwrap_err();
    assert!(matches!(torn, HistoryError::Damaged { .. }), "{torn}");
    // A name in the middle, changed in place: SQLite sees nothing wrong.
    let at = whole
        .windows(10)
        .rposition(|bytes| bytes == b"2013-03-30")
        .unwrap();
    let mut altered = whole.clone();
    altered[at + 9] = b'1';
    std::fs::write(&path, &altered).unwrap();
    let found = read(&path).unwrap_err().to_string();
    assert!(found.contains("was altered"), "{found}");
    std::fs::write(&path, &whole).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    let refused = raw
        .execute("UPDATE verdicts SET level = 'pass'", [])
        .unwrap_err();
    assert!(
        refused.to_string().contains("records are final"),
        "{refused}"
    );
    assert!(
        raw.execute("DELETE FROM verdicts WHERE id = 60", [])
            .is_err()
    );
}

/// Two processes and more at once: nobody's record is lost, numbers have no
/// gaps.
#[test]
fn writers_wait_for_each_other() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut history = History::open(&path).unwrap();
                for number in 0..10 {
                    append(&mut history, &record(number));
                }
            });
        }
    });
    let records = History::read(&path).unwrap().view().unwrap().records;
    assert_eq!(records.len(), 40);
}

/// Appends until it is killed, and says so after each commit. Started by the
/// test below; by itself it does nothing.
#[test]
#[expect(clippy::print_stdout, reason = "read by the test that starts it")]
fn appender() {
    let Some(path) = std::env::var_os(APPEND_TO) else {
        return;
    };
    let mut history = History::open(Path::new(&path)).unwrap();
    let first = history.view().unwrap().records.len() as u64;
    for number in first.. {
        let writer = history.begin().unwrap();
        let id = writer.append(&record(number)).unwrap();
        let cause = Cause {
            family: Family::Drift,
            columns: [].into(),
        };
        writer.open_incident(&cause, "flights", id).unwrap();
        writer.commit().unwrap();
        println!("committed {id}");
    }
}

/// Killed at many points, none chosen: after 0 to 29 records, and then at
/// whatever moment the kill arrives, which is in the middle of the next append.
#[test]
fn a_killed_writer_loses_nothing_that_it_acknowledged() {
    let folder = folder();
    let path = folder.path().join("h.sqlite");
    let (mut acknowledged, mut in_flight) = (0_usize, 0);
    for point in 0..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["appender", "--exact", "--nocapture"])
            .env(APPEND_TO, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut read = 0;
        while read < point % 10 {
            let line = lines.next().unwrap().unwrap();
            if let Some(id) = line.split("committed ").nth(1) {
                acknowledged = id.trim().parse().unwrap();
                read += 1;
            }
        }
        // A little work of its own, a different amount each time, instead of a
        // sleep.
        let spin =
            (0..point * 20_000).fold(0_u64, |sum, one| sum.wrapping_mul(31).wrapping_add(one));
        assert!(spin != 1);
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            if let Some(id) = line.split("committed ").nth(1) {
                acknowledged = id.trim().parse().unwrap();
            }
        }
        in_flight += usize::from(folder.path().join("h.sqlite-journal").exists());
        if !path.exists() {
            continue;
        }
        let mut history = History::open(&path).unwrap();
        let view = history.view().unwrap();
        assert!(view.records.len() >= acknowledged, "point {point}");
        // A record and its incident are there together, or neither is.
        assert_eq!(view.records.len(), view.incidents.len(), "point {point}");
    }
    assert!(acknowledged >= 30, "{acknowledged}");
    assert!(in_flight > 0, "no kill came in the middle of an append");
}
