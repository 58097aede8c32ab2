//! `driftguard baseline`, and `check --baseline`.

use std::process::Stdio;

use crate::support::random::normals;
use crate::support::{Folder, Table};

/// A column that wobbles from block to block (200 rows each) by up to
/// 2 * `wobble` sd, and one that stands still.
fn table(seed: u64, blocks: usize, wobble: f64, shift: f64) -> Table {
    let mut wild = vec![];
    for block in 0..blocks {
        let mean = wobble * (4.0 * (block as f64 * 0.618_033_988_75).fract() - 2.0);
        wild.extend(normals(seed * 1_000 + block as u64, 200, mean));
    }
    let calm = normals(seed * 1_000 + 999, blocks * 200, shift);
    Table::default().floats("wild", wild).floats("calm", calm)
}

/// A folder with a baseline of 60 blocks.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("reference.parquet", table(1, 60, 0.5, 0.0).parquet());
    let made = folder.run(&[
        "baseline",
        "create",
        "--data",
        "reference.parquet",
        "--by",
        "rows:200",
        "--out",
        "m.baseline",
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(
        made.stdout
            .contains("12000 rows in 60 periods by block of 200 rows"),
        "{}",
        made.stdout
    );
    folder
}

const CHECK: [&str; 5] = [
    "--baseline",
    "m.baseline",
    "--current",
    "now.parquet",
    "--reproducible",
];

fn check(folder: &Folder, now: &Table) -> crate::support::Ran {
    folder.write("now.parquet", now.parquet());
    folder.check(&CHECK)
}

#[test]
fn what_periods_differ_by_is_no_alarm_and_a_smaller_move_of_a_calm_column_is() {
    let folder = folder();
    // An ordinary block: `wild` is off by one sd, as many blocks are.
    let usual = check(&folder, &table(2, 1, 0.5, 0.0));
    assert_eq!(usual.code, 0, "{:?}", usual.document()["summary"]);
    let guarantee = usual.document()["guarantee"].to_string();
    assert!(
        guarantee.contains("K = 60 (each a block of 200 rows)"),
        "{guarantee}"
    );
    let moved = check(&folder, &table(2, 1, 0.5, 0.8));
    assert_eq!((moved.code, moved.suspects()), (1, vec!["calm".to_owned()]));
    let again = check(&folder, &table(2, 1, 0.5, 0.8));
    assert_eq!(moved.stdout, again.stdout, "byte for byte");
}

#[test]
fn no_reference_data_is_read_and_no_rows_are_kept() {
    let folder = folder();
    std::fs::remove_file(folder.path("reference.parquet")).unwrap();
    assert_eq!(check(&folder, &table(2, 1, 0.5, 0.0)).code, 0);
}

#[test]
fn a_baseline_is_shown_grows_and_differs() {
    let folder = folder();
    let before = std::fs::read(folder.path("m.baseline")).unwrap();
    folder.write("before.baseline", &before);
    let same = folder.run(&["baseline", "diff", "m.baseline", "before.baseline"]);
    assert_eq!((same.code, same.stdout.as_str()), (0, "the same\n"));
    folder.write("later.parquet", table(3, 2, 0.0, 0.0).parquet());
    let added = folder.run(&["baseline", "add", "m.baseline", "--data", "later.parquet"]);
    assert_eq!(added.code, 0, "{}", added.stderr);
    assert!(
        added
            .stdout
            .contains("accepted block 61 (200 rows)\naccepted block 62"),
        "{}",
        added.stdout
    );
    assert!(
        added
            .stdout
            .contains("effect against the periods that the baseline was created with")
    );
    let shown = folder.run(&["baseline", "show", "m.baseline"]);
    assert!(
        shown.stdout.contains("12400 rows in 62 periods"),
        "{}",
        shown.stdout
    );
    let diff = folder.run(&["baseline", "diff", "before.baseline", "m.baseline"]);
    assert_eq!(diff.code, 1);
    assert!(
        diff.stdout.contains("block 62: new (200 rows"),
        "{}",
        diff.stdout
    );
}

#[test]
fn what_is_no_baseline_or_not_whole_is_refused() {
    let folder = folder();
    folder.write("now.parquet", table(2, 1, 0.5, 0.0).parquet());
    let whole = std::fs::read(folder.path("m.baseline")).unwrap();
    let refusal = |bytes: &[u8]| {
        folder.write("m.baseline", bytes);
        folder.check(&CHECK).refusal()
    };
    assert_eq!(
        refusal(&whole[..whole.len() / 2]),
        "exit 3\nerror: baseline m.baseline is damaged: its checksum does not match, so it was cut short or altered; \
         take it from a backup, or create it again\n"
    );
    assert_eq!(
        refusal(b"a,b\n1,2\n"),
        "exit 3\nerror: m.baseline is not a baseline: it does not begin with the mark of one; \
         make one with `driftguard baseline create`\n"
    );
    folder.write("m.baseline", &whole);
    folder.write(
        "p.toml",
        "version = 1\n[checks.numeric-drift]\nenabled = false\n",
    );
    let other = folder.check(&[&CHECK[..], &["--policy", "p.toml"]].concat());
    assert_eq!(
        other.refusal(),
        "exit 3\nerror: the baseline was made with check `numeric-drift`, which is not enabled now: enable it, \
         or create the baseline again without it\n"
    );
    let exists = folder.run(&[
        "baseline",
        "create",
        "--data",
        "reference.parquet",
        "--out",
        "m.baseline",
    ]);
    assert_eq!(
        exists.refusal(),
        "exit 3\nerror: m.baseline exists already: choose another name, or use --force to replace it\n"
    );
}

#[test]
fn show_says_what_the_periods_are_worth_and_what_they_let_be_seen() {
    let folder = folder();
    let shown = folder.run(&["baseline", "show", "m.baseline", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let calibration = &found["calibration"];
    assert_eq!(calibration["state"], "calibrated");
    assert_eq!(
        (
            &calibration["units"],
            &calibration["unit-periods"],
            &calibration["phases"]
        ),
        (&60.into(), &1.into(), &1.into())
    );
    let bound = calibration["conditional-upper"].as_f64().unwrap();
    assert!((bound - 0.101).abs() < 2e-3, "Beta(3, 58): {bound}");
    let smallest = |name: &str| {
        let columns = found["columns"].as_array().unwrap();
        let column = columns
            .iter()
            .find(|column| column["name"] == name)
            .unwrap();
        let checks = column["smallest"].as_array().unwrap();
        let drift = checks.iter().find(|one| one["check"] == "numeric-drift");
        drift.unwrap()["effect"].as_f64().unwrap()
    };
    // `wild` moves by up to one sd from block to block, which is 0.38 of rows.
    assert!(smallest("wild") > 0.3 && smallest("calm") < 0.3, "{found}");
    // What is well beyond (three times the noise of 200 rows, and what alerts)
    // stands out.
    let moved = check(&folder, &table(2, 1, 0.5, 2.6 * (smallest("calm") + 0.15)));
    assert_eq!(moved.suspects(), ["calm"]);
    let page = folder.run(&["baseline", "show", "m.baseline"]).stdout;
    for words in [
        "calibration: calibrated (what is measured may block)",
        "K = 60, each a block of 200 rows",
        "(lag 1; alike above 0.26)",
        "with these very units at most 10.",
        " numeric-drift",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// Levels that hold for four blocks: neighbours are alike, runs of four are not.
fn slow(seed: u64, blocks: usize, shift: f64) -> Table {
    let mut wild = vec![];
    for block in 0..blocks {
        let level = 4.0 * ((block / 4 + 7 * seed as usize) as f64 * 0.618_033_988_75).fract() - 2.0;
        wild.extend(normals(seed * 1_000 + block as u64, 200, level));
    }
    let calm = normals(seed * 1_000 + 999, blocks * 200, shift);
    Table::default().floats("wild", wild).floats("calm", calm)
}

#[test]
fn where_neighbours_are_alike_units_are_longer() {
    let folder = Folder::new();
    folder.write("reference.parquet", slow(1, 96, 0.0).parquet());
    let create = "baseline create --data reference.parquet --by rows:200 --out m.baseline";
    let made = folder.run(&create.split(' ').collect::<Vec<_>>());
    assert_eq!(made.code, 0, "{}", made.stderr);
    let shown = folder.run(&["baseline", "show", "m.baseline", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    let calibration = &found["calibration"];
    assert_eq!(calibration["state"], "calibrated");
    let unit = calibration["unit-periods"].as_u64().unwrap() as usize;
    assert!(unit == 2 || unit == 4, "{calibration}");
    assert_eq!(calibration["units"], 96 / unit);
    // As long as a unit: it may block. Shorter: it is said, and alerts at most.
    let usual = check(&folder, &slow(2, unit, 0.0));
    assert_eq!(usual.code, 0, "{:?}", usual.document()["summary"]);
    let moved = check(&folder, &slow(2, unit, 0.8));
    assert_eq!((moved.code, moved.suspects()), (1, vec!["calm".to_owned()]));
    let short = check(&folder, &slow(2, unit - 1, 0.8));
    assert_eq!(short.document()["verdict"], "alert");
    let guarantee = short.document()["guarantee"].to_string();
    let words = format!(
        "spans less than a unit of the reference (run of {unit} blocks of 200 rows, K = {})",
        96 / unit
    );
    assert!(guarantee.contains(&words), "{guarantee}");
}

#[test]
fn current_data_of_many_periods_is_ranked_among_runs_of_as_many() {
    let folder = folder();
    let usual = check(&folder, &table(2, 20, 0.5, 0.0));
    assert_eq!(usual.code, 0, "{:?}", usual.document()["summary"]);
    let document = usual.document();
    assert_eq!(document["calibration"]["current-units"], 6);
    let guarantee = document["guarantee"].to_string();
    assert!(
        guarantee.contains("the current data is 6 of them, ranked among all runs of 6"),
        "{guarantee}"
    );
    // Each is about as far out as the farthest blocks of `wild` are; so many of
    // them in a row are rare.
    let mut aside = vec![];
    for block in 0..20 {
        aside.extend(normals(9_000 + block, 200, 1.15));
    }
    let calm = normals(9_999, 4_000, 0.0);
    let moved = Table::default().floats("wild", aside).floats("calm", calm);
    let moved = check(&folder, &moved);
    assert_eq!(
        moved.suspects(),
        ["wild"],
        "{}",
        moved.document()["summary"]
    );
}

/// Killed while the new file is being written, or at whatever moment comes
/// before the process ends: the old file or the new one is there, whole.
#[test]
fn a_killed_writer_leaves_a_baseline_that_can_be_read() {
    let folder = folder();
    folder.write("later.parquet", table(3, 1, 0.0, 0.0).parquet());
    let add = "baseline add m.baseline --data later.parquet --quiet";
    let create =
        "baseline create --data reference.parquet --by rows:300 --out m.baseline --force --quiet";
    for point in 0..24_u32 {
        let verb = if point < 12 { add } else { create };
        let words: Vec<&str> = verb.split(' ').collect();
        killed(&folder, &words, point);
        let shown = folder.run(&["baseline", "show", "m.baseline"]);
        assert_eq!(shown.code, 0, "{verb} at point {point}: {}", shown.stderr);
    }
    // A file that is not there yet is there whole or not at all.
    std::fs::remove_file(folder.path("m.baseline")).unwrap();
    let fresh = create.replace(" --force", "");
    for point in 0..12_u32 {
        killed(&folder, &fresh.split(' ').collect::<Vec<_>>(), point);
        if folder.path("m.baseline").exists() {
            let shown = folder.run(&["baseline", "show", "m.baseline"]);
            assert_eq!(shown.code, 0, "point {point}: {}", shown.stderr);
            std::fs::remove_file(folder.path("m.baseline")).unwrap();
        }
    }
}

/// Runs a writer and kills it: at even points while its new file is there, at
/// odd ones after so many looks.
fn killed(folder: &Folder, words: &[&str], point: u32) {
    let mut child = folder
        .command(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut looks = 0;
    loop {
        let ended = child.try_wait().unwrap().is_some();
        let mut files = std::fs::read_dir(folder.path("")).unwrap();
        let writing = files.any(|file| {
            let name = file.unwrap().file_name();
            name.to_string_lossy().starts_with(".driftguard-baseline-")
        });
        looks += 1;
        if ended
            || (point.is_multiple_of(2) && writing)
            || (point % 2 == 1 && looks > point % 12 * 40)
        {
            break;
        }
    }
    child.kill().ok();
    child.wait().unwrap();
    // What the killed one left is not taken for the next one's.
    for file in std::fs::read_dir(folder.path("")).unwrap() {
        let file = file.unwrap();
        if file
            .file_name()
            .to_string_lossy()
            .starts_with(".driftguard-baseline-")
        {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
}
