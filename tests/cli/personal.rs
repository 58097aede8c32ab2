//! `[roles] personal`: values that must not be found in anything that is kept
//! or shown.

use crate::support::random::normals;
use crate::support::{Folder, Table};

/// One name is frequent, one rare, and one is new on the current side.
const CANARIES: [&str; 3] = ["CANARY-anna", "CANARY-rare", "CANARY-new"];

fn table(seed: u64, blocks: usize, new: usize) -> Table {
    let rows = blocks * 200;
    let name = |row: usize| match row % 200 {
        0 => CANARIES[1].to_owned(),
        at if at <= new => CANARIES[2].to_owned(),
        at if at % 2 == 0 => CANARIES[0].to_owned(),
        at => format!("CANARY-{}", at % 7),
    };
    Table::default()
        .floats("x", normals(seed, rows, 0.0))
        .with("who", crate::support::Values::texts((0..rows).map(name)))
}

fn folder(policy: &str) -> Folder {
    let folder = Folder::new();
    folder.write("p.toml", policy);
    folder.sides(&table(1, 30, 0), &table(2, 1, 60));
    folder.write("later.parquet", table(3, 1, 0).parquet());
    folder
}

fn create(folder: &Folder) -> crate::support::Ran {
    let words =
        "baseline create --data reference.parquet --by rows:200 --out m.baseline --policy p.toml";
    folder.run(&words.split(' ').collect::<Vec<_>>())
}

/// Everything that is kept or shown, as bytes with what they are.
fn traces(folder: &Folder) -> Vec<(String, Vec<u8>)> {
    let made = create(folder);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut found = vec![];
    let words = |text: &str| folder.run(&text.split(' ').collect::<Vec<_>>());
    let file = std::fs::read(folder.path("m.baseline")).unwrap();
    found.extend(unpacked(&file));
    found.push(("create".into(), (made.stdout + &made.stderr).into_bytes()));
    for text in [
        "baseline show m.baseline",
        "baseline show m.baseline --json",
        "check --baseline m.baseline -c current.parquet --policy p.toml --verbose --markdown found.md",
        "check --baseline m.baseline -c current.parquet --policy p.toml --json",
        "check -r reference.parquet -c current.parquet --policy p.toml --json",
        "check -r reference.parquet -c current.parquet --policy p.toml --verbose",
        "baseline add m.baseline --data later.parquet --policy p.toml",
    ] {
        let ran = words(text);
        assert!(ran.code <= 1, "{text}: {}", ran.stderr);
        found.push((text.into(), (ran.stdout + &ran.stderr).into_bytes()));
    }
    found.push((
        "markdown".into(),
        std::fs::read(folder.path("found.md")).unwrap(),
    ));
    let grown = std::fs::read(folder.path("m.baseline")).unwrap();
    found.extend(unpacked(&grown));
    found
}

/// The manifest and the two packed parts of a baseline.
fn unpacked(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut parts = vec![];
    let mut rest = &file[8..];
    for part in ["manifest", "head", "periods"] {
        let (length, after) = rest.split_at(8);
        let length = u64::from_le_bytes(length.try_into().unwrap()) as usize;
        let mut bytes = after[..length].to_vec();
        if part != "manifest" {
            bytes = zstd::decode_all(&after[..length]).unwrap();
        }
        assert!(bytes.len() > 100, "{part}");
        parts.push((part.to_owned(), bytes));
        rest = &after[length..];
    }
    parts
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window == b"CANARY-")
}

#[test]
fn values_of_personal_columns_are_nowhere() {
    let marked = folder("version = 1\n[roles]\npersonal = [\"who\"]\n");
    for (what, bytes) in traces(&marked) {
        assert!(
            !holds(&bytes),
            "{what}: {}",
            String::from_utf8_lossy(&bytes)
        );
    }
    // The move is seen all the same.
    let found = marked.check(&[
        "--baseline",
        "m.baseline",
        "-c",
        "current.parquet",
        "--policy",
        "p.toml",
    ]);
    assert_eq!((found.code, found.suspects()), (1, vec!["who".to_owned()]));
    assert!(found.stdout.contains("0 % -> 30 %"), "{}", found.stdout);
    // Without the mark the same traces do hold them.
    let open = folder("version = 1\n");
    let leaks: Vec<String> = traces(&open)
        .into_iter()
        .filter(|(_, bytes)| holds(bytes))
        .map(|(what, _)| what)
        .collect();
    assert!(leaks.len() > 4, "{leaks:?}");
}

#[test]
fn the_same_data_has_the_same_hashes_and_a_baseline_keeps_its_own() {
    let folder = folder("version = 1\n[roles]\npersonal = [\"who\"]\n");
    assert_eq!(create(&folder).code, 0);
    let first = std::fs::read(folder.path("m.baseline")).unwrap();
    std::fs::remove_file(folder.path("m.baseline")).unwrap();
    assert_eq!(create(&folder).code, 0);
    assert!(first == std::fs::read(folder.path("m.baseline")).unwrap());
    // The baseline knows what is personal, whatever the policy says now.
    let check = ["--baseline", "m.baseline", "-c", "later.parquet"];
    let plain = folder.check(&check);
    assert_eq!(plain.code, 0, "{}", plain.document()["summary"]);
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let open = folder("version = 1\n");
    assert_eq!(create(&open).code, 0);
    open.write("p.toml", "version = 1\n[roles]\npersonal = [\"who\"]\n");
    let late = open.check(&[
        "--baseline",
        "m.baseline",
        "-c",
        "current.parquet",
        "--policy",
        "p.toml",
    ]);
    assert_eq!(
        late.refusal(),
        "exit 3\nerror: the policy marks column `who` as personal, but the baseline was made without that and holds \
         its values: create the baseline again, and delete this one\n"
    );
    let numbers = folder("version = 1\n[roles]\npersonal = [\"x\"]\n");
    assert_eq!(
        create(&numbers).refusal(),
        "exit 3\nerror: column `x` is marked personal and holds Float64, but only text can be hashed: ignore it, or \
         store it as text\n"
    );
}
