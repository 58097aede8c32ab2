//! Grants, windows, kernels, handles.

use std::sync::Arc;

use driftguard_sandbox::SandboxError as E;
use driftguard_sandbox::budget::MAX_KEPT_BATCHES;
use insta::assert_snapshot;

use crate::support::{attack, batch, columns, granted, hostile, others_live, settings};

/// The plugin's report, one answer on a line.
fn report(name: &str, call: &str) -> String {
    let error = attack(hostile(), name, call);
    assert!(matches!(error, E::Refused { .. }), "{error}");
    error.to_string().replace(" | ", "\n")
}

#[test]
fn a_column_beyond_the_grant_does_not_exist() {
    let in_update = report("beyond-grant", "update");
    let in_fit = report("beyond-grant", "fit");
    assert_eq!(in_fit, in_update.replace("`profile.update`", "`fit`"));
    assert_snapshot!(in_update, @r#"
    check `hostile` reports in `profile.update`: bad data: validity: no column 1
    floats: no column 1
    integers: no column 1
    booleans: no column 1
    strings: no column 1
    dictionary: no column 1
    timestamps: no column 1
    embedding: no column 1
    ipc: no column 1
    summary: no column 1
    histogram: no column 1
    bins: no column 1
    categories: no column 1
    runs: no column 1
    sample: no column 1
    row-hashes: no column 1
    "#);
}

#[test]
fn a_batch_is_dead_after_its_call() {
    assert_snapshot!(report("keep-batch", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: rows: 0
    first-row: 0
    columns: 0
    validity: no column 0
    floats: no column 0
    integers: no column 0
    booleans: no column 0
    strings: no column 0
    dictionary: no column 0
    timestamps: no column 0
    embedding: no column 0
    ipc: no column 0
    summary: no column 0
    histogram: no column 0
    bins: no column 0
    categories: no column 0
    runs: no column 0
    sample: no column 0
    row-hashes: no column 0
    "#);
}

#[test]
fn rows_beyond_the_batch_do_not_exist() {
    assert_snapshot!(report("window", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: validity: out of range, rows 1000 to 1001 of a batch of 1000
    floats: out of range, rows 999 to 1001 of a batch of 1000
    integers: out of range, rows 4294967295 to 8589934590 of a batch of 1000
    booleans: out of range, rows 0 to 1001 of a batch of 1000
    strings: out of range, rows 4294967295 to 4294967296 of a batch of 1000
    dictionary: out of range, rows 1 to 4294967296 of a batch of 1000
    timestamps: out of range, rows 1001 to 1001 of a batch of 1000
    embedding: out of range, rows 0 to 4294967295 of a batch of 1000
    "#);
}

#[test]
fn a_column_of_another_kind_is_refused_with_its_kind() {
    assert_snapshot!(report("kinds", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: validity: answered
    floats: answered
    integers: wrong kind, column `amount` is Float64, not integer
    booleans: wrong kind, column `amount` is Float64, not boolean
    strings: wrong kind, column `amount` is Float64, not text
    dictionary: answered
    timestamps: wrong kind, column `amount` is Float64, not a timestamp
    embedding: wrong kind, column `amount` is Float64, not an embedding
    ipc: answered
    summary: answered
    histogram: answered
    bins: answered
    categories: answered
    runs: answered
    sample: answered
    row-hashes: answered
    "#);
}

#[test]
fn edges_must_rise_and_be_few() {
    assert_snapshot!(report("edges", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: NaN: bad argument, edges must be finite and strictly rising
    infinite: bad argument, edges must be finite and strictly rising
    falling: bad argument, edges must be finite and strictly rising
    equal: bad argument, edges must be finite and strictly rising
    many: bad argument, 1000000 edges; the limit is 65536
    bins, falling: bad argument, edges must be finite and strictly rising
    bins, 254: answered
    bins, 255: bad argument, 255 edges for the bin of each row; the limit is 254
    bins, many: bad argument, 1000000 edges; the limit is 65536
    "#);
}

#[test]
fn ten_million_edges_are_more_than_a_call_may_carry() {
    let error = attack(hostile(), "edges-giant", "update");
    // 80 MB do not even fit into the plugin's own memory.
    assert!(matches!(error, E::OutOfMemory { .. }), "{error}");
}

#[test]
fn samples_and_categories_have_limits() {
    assert_snapshot!(report("sample", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: 8193: bad argument, a sample of 8193 rows; the limit is 8192
    all: bad argument, a sample of 4294967295 rows; the limit is 8192
    "#);
    assert_snapshot!(report("categories", "update"), @r#"check `hostile` reports in `profile.update`: bad data: all: answered"#);
    assert_snapshot!(report("categories-wide", "update"), @r#"check `hostile` reports in `profile.update`: bad data: wide: bad argument, 100000 known values; the limit is 65536"#);
}

#[test]
fn a_column_repeated_a_million_times_is_refused() {
    assert_snapshot!(report("repeat-columns", "update"), @r#"
    check `hostile` reports in `profile.update`: bad data: row-hashes: bad argument, 1000000 columns of 1
    ipc: bad argument, 1000000 columns of 1
    "#);
}

#[test]
fn kernels_without_end_are_stopped() {
    let error = attack(hostile(), "kernels-without-end", "update");
    assert!(matches!(error, E::KernelWork { limit, .. } if limit == 1 << 24));
    assert_snapshot!(error, @"check `hostile` was stopped in `profile.update`: host kernels touched 16778000 values for it, the limit of one call is 16777216; raise `kernel-values` in [checks.hostile.budget] if that is too little");
}

#[test]
fn leaked_batches_hold_no_rows_and_are_counted() {
    let mut session = hostile().session().unwrap();
    let leak = settings("leak-batches", "update");
    let profile = session.begin(&leak, &columns(), &[]).unwrap();
    for _ in 0..MAX_KEPT_BATCHES {
        let lent = batch(10);
        session.update(&profile, &lent, &granted()).unwrap();
        assert_eq!(
            Arc::strong_count(&lent),
            1,
            "a leaked handle keeps its batch"
        );
    }
    let error = session
        .update(&profile, &batch(10), &granted())
        .unwrap_err();
    assert!(matches!(error, E::TooManyBatches { .. }));
    assert_snapshot!(error, @r#"check `hostile` was stopped in `profile.update`: it keeps 4096 batches that it was lent, the most there may be; drop each before the call returns"#);
    let error = session.save(profile).unwrap_err();
    assert!(matches!(error, E::Poisoned { .. }));
    assert_snapshot!(error, @r#"check `hostile` failed before and is not called again"#);
    others_live(hostile());
}
