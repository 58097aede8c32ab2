//! A poisoned pool hides a shift, a clean anchor lets few pass: a few
//! repetitions, always the same ones.

use crate::pool;

const REPETITIONS: u64 = 20;

#[test]
fn a_clean_anchor_sees_what_a_poisoned_pool_hides() {
    for poisoned in [0.05, 0.2, 0.5, 1.0] {
        let found = pool::run(poisoned, 0.5, REPETITIONS);
        assert!(found.with_anchor >= 16, "{poisoned}: {}", found.with_anchor);
    }
    // What the pool alone makes of it: else this test would show nothing.
    let alone = pool::run(0.5, 0.5, REPETITIONS).by_pool;
    assert!(alone <= 10, "{alone}");
}

#[test]
fn clean_data_passes_beside_a_poisoned_pool() {
    let found = pool::run(0.2, 0.0, REPETITIONS);
    assert!(found.with_anchor <= 4, "{}", found.with_anchor);
}
