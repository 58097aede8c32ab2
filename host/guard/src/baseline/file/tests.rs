use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::baseline::{JobEntry, PeriodEntry};
use crate::periods::Cutting;

fn sample(states: Vec<Option<Vec<u8>>>) -> Baseline {
    let jobs = states.len();
    let job = |at: usize| JobEntry {
        check: format!("check-{at}"),
        columns: vec!["x".into()],
    };
    Baseline {
        manifest: Manifest {
            format: FORMAT.into(),
            driftguard: "0".into(),
            source: "made up".into(),
            cutting: Cutting::Whole,
            why: String::new(),
            columns: vec![],
            checks: vec![],
            jobs: (0..jobs).map(job).collect(),
            periods: vec![PeriodEntry {
                key: -3,
                name: "a".into(),
                rows: 7,
                added: false,
            }],
            unit_periods: 1,
            min_rows: 50,
            units: vec![],
            measures: vec![],
            pools: vec![None],
            personal: None,
            fingerprints: None,
        },
        digest: String::new(),
        frames: states.clone(),
        pools: vec![states.clone()],
        anchor: states.clone(),
        table: vec![],
        packed: pack(&BTreeMap::from([(
            -3,
            PeriodProfiles {
                rows: 7,
                saved: states,
            },
        )]))
        .unwrap(),
    }
}

fn read(bytes: &[u8]) -> Result<Baseline, BaselineError> {
    Baseline::from_bytes(bytes, Path::new("m.baseline"))
}

#[test]
fn other_files_are_told_apart() {
    let message = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert_eq!(
        message(b"PAR1 something"),
        "m.baseline is not a baseline: it does not begin with the mark of one; make one with `driftguard baseline create`"
    );
    assert_eq!(
        message(b"DGBASE2\nwhatever"),
        "baseline m.baseline has format version 2, this driftguard reads version 3: use the driftguard that wrote it, or create the baseline again"
    );
    assert_eq!(
        message(b"DGBASE3\n"),
        "baseline m.baseline is damaged: it ends too early; take it from a backup, or create it again"
    );
}

/// Whoever reads a file keeps reading that one, though it is replaced.
#[test]
fn periods_stay_those_of_the_file_that_was_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.baseline");
    let mut first = sample(vec![Some(vec![1, 2, 3])]);
    first.write(&path, false).unwrap();
    let opened = Baseline::read(&path).unwrap();
    sample(vec![Some(vec![9])]).write(&path, true).unwrap();
    assert_eq!(opened, first);
    assert_eq!(opened.periods().unwrap()[&-3].saved, [Some(vec![1, 2, 3])]);
    assert_eq!(opened.to_bytes().unwrap(), first.to_bytes().unwrap());
    assert_ne!(Baseline::read(&path).unwrap(), first);
}

proptest! {
    /// What was written is what is read, and equal content has equal bytes.
    #[test]
    fn bytes_and_back(states in prop::collection::vec(prop::option::of(prop::collection::vec(any::<u8>(), 0..40)), 0..6)) {
        let baseline = sample(states);
        let bytes = baseline.to_bytes().unwrap();
        prop_assert_eq!(&bytes, &baseline.to_bytes().unwrap());
        let mut found = read(&bytes).unwrap();
        found.digest.clear();
        let saved = &found.periods().unwrap()[&-3].saved;
        prop_assert_eq!(saved, &baseline.frames);
        prop_assert_eq!(found, baseline);
    }

    /// A torn or altered file is never taken for a whole one.
    #[test]
    fn damage_is_seen(cut in 8_usize..400, flip in 8_usize..400, bit in 0_u8..8) {
        let bytes = sample(vec![Some(vec![1, 2, 3]), None]).to_bytes().unwrap();
        let torn = &bytes[..cut.min(bytes.len() - 1)];
        let damaged = |found: Result<Baseline, BaselineError>| matches!(found, Err(BaselineError::Damaged { .. }));
        prop_assert!(damaged(read(torn)));
        let mut altered = bytes.clone();
        let at = flip.min(bytes.len() - 1);
        altered[at] ^= 1 << bit;
        prop_assert!(damaged(read(&altered)));
    }
}
