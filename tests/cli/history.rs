//! `check --history`, and `driftguard history`.

use std::fs::File;
use std::process::Stdio;

use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::random::normals;
use crate::support::{Folder, Ran, Table, fixture};

/// Every `of`-th row of a fixture, from row `which` on, as a file of its own:
/// rows are in order of time, and a season is no fault.
fn part(name: &str, which: usize, of: usize) -> Vec<u8> {
    let file = File::open(fixture(name)).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let mut reader = reader.with_batch_size(100_000).build().unwrap();
    let batch = reader.next().unwrap().unwrap();
    let mut bytes = vec![];
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    for row in (which..batch.num_rows()).step_by(of) {
        writer.write(&batch.slice(row, 1)).unwrap();
    }
    writer.close().unwrap();
    bytes
}

fn records(folder: &Folder) -> Vec<Value> {
    let shown = folder.run(&["history", "h.sqlite", "--json"]);
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    let document: Value = serde_json::from_str(&shown.stdout).unwrap();
    document["records"].as_array().unwrap().clone()
}

fn states(ran: &Ran) -> Vec<(i64, String, u64)> {
    let document = ran.document();
    let incidents = document["history"]["incidents"].as_array().unwrap().clone();
    incidents
        .iter()
        .map(|one| {
            let state = one["state"].as_str().unwrap().to_owned();
            (
                one["id"].as_i64().unwrap(),
                state,
                one["seen"].as_u64().unwrap(),
            )
        })
        .collect()
}

fn state(id: i64, state: &str, seen: u64) -> (i64, String, u64) {
    (id, state.to_owned(), seen)
}

/// Real flights whose temperature goes from Fahrenheit to Celsius for a while.
#[test]
fn one_incident_for_a_broken_feed_closed_when_it_is_repaired() {
    let folder = Folder::new();
    folder.write(
        "p.toml",
        "version = 1\n[history]\nfile = \"h.sqlite\"\nmodel = \"flights\"\nclose-after = 2\n",
    );
    let reference = fixture("flights/reference.parquet");
    let check = |feed: &str, which: usize| {
        let name = format!("flights/{feed}.parquet");
        folder.write("now.parquet", part(&name, which, 2));
        folder.check(&["-p", "p.toml", "-r", &reference, "-c", "now.parquet"])
    };
    let fine = check("unchanged", 0);
    assert_eq!((fine.code, states(&fine)), (0, vec![]));
    let broken = check("celsius", 0);
    assert_eq!(
        (broken.code, states(&broken)),
        (1, vec![state(1, "opened", 1)])
    );
    // The same data and policy: told the same, counted once.
    let again = check("celsius", 0);
    assert_eq!(
        (again.code, states(&again)),
        (1, vec![state(1, "opened", 1)])
    );
    assert_eq!(again.document()["history"]["repeats"], 2);
    let still = check("celsius", 1);
    assert_eq!(states(&still), [state(1, "seen", 2)]);
    let words = folder.run(&[
        "check",
        "-p",
        "p.toml",
        "-r",
        &reference,
        "-c",
        "now.parquet",
    ]);
    assert!(
        words.stdout.contains("incident 1, open since"),
        "{}",
        words.stdout
    );
    assert!(words.stdout.contains("seen 2 times"), "{}", words.stdout);
    let repaired = check("unchanged", 1);
    assert_eq!(states(&repaired), [state(1, "quiet", 2)]);
    folder.write("now.parquet", part("flights/unchanged.parquet", 2, 3));
    let closed = folder.check(&["-p", "p.toml", "-r", &reference, "-c", "now.parquet"]);
    assert_eq!(states(&closed), [state(1, "closed", 2)]);
    let open = folder.run(&["history", "-p", "p.toml"]);
    assert!(
        open.stdout.contains("No open incidents."),
        "{}",
        open.stdout
    );
    assert!(open.stdout.contains("DATA_QUALITY"), "{}", open.stdout);
    let all = folder.run(&["history", "h.sqlite", "--incidents"]);
    assert!(
        all.stdout.starts_with("closed  incident 1"),
        "{}",
        all.stdout
    );
    assert_eq!(records(&folder).len(), 7);
    assert_eq!(records(&folder)[2]["repeats"], 2);
}

/// Blocks of 200 rows in which one column moves by `shift` sd.
fn blocks(seed: u64, blocks: usize, shift: f64) -> Table {
    Table::default()
        .floats("calm", normals(seed * 1_000 + 1, blocks * 200, 0.0))
        .floats("frog", normals(seed * 1_000 + 2, blocks * 200, shift))
}

fn with_baseline() -> Folder {
    let folder = Folder::new();
    folder.write("reference.parquet", blocks(1, 60, 0.0).parquet());
    let create = [
        "baseline",
        "create",
        "-d",
        "reference.parquet",
        "--by",
        "rows:200",
        "-o",
        "m.baseline",
    ];
    let made = folder.run(&create);
    assert_eq!(made.code, 0, "{}", made.stderr);
    folder
}

const AGAINST: [&str; 6] = [
    "--baseline",
    "m.baseline",
    "--current",
    "now.parquet",
    "--history",
    "h.sqlite",
];

fn look(folder: &Folder, seed: u64, shift: f64) -> Ran {
    folder.write("now.parquet", blocks(seed, 1, shift).parquet());
    folder.check(&AGAINST)
}

#[test]
fn many_small_moves_are_slow_drift() {
    let folder = with_baseline();
    // 60 periods cannot tell anything at 1 % by themselves.
    folder.write(
        "p.toml",
        "version = 1\n[rules]\nalpha = 0.01\nmust-see = 0.3\n[history]\nfile = \"h.sqlite\"\n",
    );
    let against = [&AGAINST[..4], &["--policy", "p.toml"]].concat();
    let look = |folder: &Folder, seed, shift| {
        folder.write("now.parquet", blocks(seed, 1, shift).parquet());
        folder.check(&against)
    };
    for seed in 100..106 {
        let ran = look(&folder, seed, 0.0);
        assert_ne!(ran.document()["reason"], "SLOW_DRIFT", "{}", ran.stdout);
    }
    let mut reasons = vec![];
    for seed in 200..230 {
        let ran = look(&folder, seed, 0.25);
        let document = ran.document();
        reasons.push(document["reason"].as_str().unwrap().to_owned());
        if document["reason"] == "SLOW_DRIFT" {
            assert_eq!((ran.code, ran.verdict().as_str()), (0, "alert"));
            assert_eq!(ran.suspects().first().map(String::as_str), Some("frog"));
            assert_ne!(document["history"]["detector"]["alarm"], "none");
            let incidents = &document["history"]["incidents"];
            assert!(incidents.to_string().contains("slow-drift"), "{incidents}");
            // The same run again says the same and moves nothing.
            let again = folder.check(&against).document();
            assert_eq!(again["reason"], "SLOW_DRIFT");
            assert_eq!(
                again["history"]["detector"],
                document["history"]["detector"]
            );
            let shown = folder.run(&["history", "h.sqlite", "--last", "3"]);
            assert!(shown.stdout.contains("SLOW_DRIFT"), "{}", shown.stdout);
            assert!(shown.stdout.contains("(again:"), "{}", shown.stdout);
            return;
        }
    }
    panic!("no slow drift in 30 periods: {reasons:?}");
}

/// Somebody accepted shifted periods until the shift was ordinary.
#[test]
fn what_the_pool_takes_for_ordinary_the_first_anchor_does_not() {
    let folder = with_baseline();
    folder.write("poison.parquet", blocks(2, 40, 0.6).parquet());
    let added = folder.run(&["baseline", "add", "m.baseline", "--data", "poison.parquet"]);
    assert!(
        added.stdout.contains("accepted later: 40 of 40 (100 %)"),
        "{}",
        added.stdout
    );
    assert!(
        added.stdout.contains("of those themselves: "),
        "{}",
        added.stdout
    );
    for seed in [300, 301, 302] {
        let ran = look(&folder, seed, 0.6);
        let document = ran.document();
        assert!(
            document["calibration"]["p-value"].as_f64().unwrap() > 0.05,
            "{}",
            ran.stdout
        );
        assert_eq!(ran.verdict(), "alert", "{}", document["summary"]);
        assert_eq!(document["anchor"]["accepted"], 40);
        let far = &document["anchor"]["far"][0];
        assert_eq!(far["subject"], "frog", "{far}");
    }
    // What is like the anchor passes beside the poison.
    let ran = look(&folder, 310, 0.0);
    assert_eq!(ran.verdict(), "pass", "{}", ran.document()["summary"]);
    assert_eq!(
        ran.document()["anchor"]["far"].as_array().map(Vec::len),
        Some(0)
    );
}

/// A period that was checked and then accepted is in the pool once, and the
/// stream goes on.
#[test]
fn an_accepted_period_is_not_counted_twice() {
    let folder = with_baseline();
    let detector = |ran: &Ran| ran.document()["history"]["detector"].clone();
    assert_eq!(detector(&look(&folder, 400, 0.0))["among"], 61);
    assert_eq!(detector(&look(&folder, 401, 0.0))["among"], 62);
    let added = folder.run(&["baseline", "add", "m.baseline", "--data", "now.parquet"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    let next = detector(&look(&folder, 402, 0.0));
    assert_eq!(next["among"], 63);
    assert_eq!(next["anchor-periods"], 60);
}

#[test]
fn a_verdict_that_is_not_recorded_is_not_shown() {
    let folder = with_baseline();
    folder.write("now.parquet", blocks(500, 1, 0.0).parquet());
    folder.write("h.sqlite", "a,b\n1,2\n".repeat(100));
    let ran = folder.check(&[&AGAINST[..], &["-o", "verdict.json"]].concat());
    assert_eq!(
        ran.refusal(),
        "exit 4\nerror: the verdict could not be recorded, so it is not shown: h.sqlite is not a history of driftguard \
         (it is no SQLite file): name another file with --history\n"
    );
    assert!(!folder.path("verdict.json").exists());
    let shown = folder.run(&["history", "nowhere.sqlite"]);
    assert_eq!(
        shown.refusal(),
        "exit 3\nerror: there is no history nowhere.sqlite: `driftguard check --history nowhere.sqlite` begins one\n"
    );
    let none = folder.run(&["history"]);
    assert_eq!(
        none.refusal(),
        "exit 64\nerror: no history: name its file, or a policy with [history] file\n"
    );
}

/// Killed while checks run: what ended with a verdict is in the history, and
/// the history can be read.
#[test]
fn killed_checks_leave_a_history_that_can_be_read() {
    let folder = with_baseline();
    look(&folder, 600, 0.0);
    let mut ended = 1;
    for point in 0..10_u64 {
        folder.write("now.parquet", blocks(601 + point, 1, 0.0).parquet());
        let mut child = folder
            .command(&[&["check", "--quiet"], &AGAINST[..]].concat())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut looks = 0_u64;
        loop {
            let done = child.try_wait().unwrap();
            ended += usize::from(done.is_some_and(|status| status.success()));
            looks += 1;
            // Even points kill while the journal is there, odd ones anywhere.
            let appending = folder.path("h.sqlite-journal").exists();
            if done.is_some()
                || (point % 2 == 0 && appending)
                || (point % 2 == 1 && looks > point * 40)
            {
                break;
            }
        }
        child.kill().ok();
        child.wait().unwrap();
        assert!(records(&folder).len() >= ended, "killed at point {point}");
    }
}
