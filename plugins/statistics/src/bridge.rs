//! Where in a stream of blocks did a rate change? The largest move of the
//! cumulative deviations from the overall rate, and how much such moves are
//! where nothing changed but rows follow each other.
//!
//! With `x_b` hits among `n_b` rows of block b and the overall rate r, the
//! deviations `S_b = sum_{i <= b} (x_i - n_i r)` begin and end at 0. Their range
//! `max S - min S` tells a change for good (one of the two is then at an end)
//! as well as a spell in the middle, and the two places delimit it (Page,
//! "Continuous inspection schemes", 1954; Csörgő and Horváth, "Limit Theorems
//! in Change-Point Analysis", 1997). Divided by `sqrt(n r (1 - r) f)` it is the
//! range of a Brownian bridge ([`crate::kuiper`]), where f is the variance of
//! sums of neighbouring rows over that of independent ones.

/// The largest move of one stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// `max S - min S`, in rows.
    pub range: f64,
    /// First block of the spell.
    pub from: usize,
    /// The block after its last.
    pub to: usize,
    /// Overall rate of hits, 0 to 1.
    pub rate: f64,
    /// Rows in all blocks.
    pub rows: u64,
}

/// Hits and rows of blocks in order, up to the shorter of the two. None where
/// there are no rows, or where all or none are hits.
///
/// ```
/// use driftguard_statistics::bridge::change;
/// let change = change(&[1, 0, 9, 8], &[10, 10, 10, 10]).unwrap();
/// assert_eq!((change.from, change.to), (2, 4));
/// assert_eq!(change.range, 8.0);
/// ```
pub fn change(hits: &[u64], rows: &[u64]) -> Option<Change> {
    let pairs = || hits.iter().zip(rows).map(|(x, n)| (*x as f64, *n as f64));
    let (all, of) = pairs().fold((0.0, 0.0), |(x, n), (hits, rows)| (x + hits, n + rows));
    if of <= 0.0 || all <= 0.0 || all >= of {
        return None;
    }
    let rate = all / of;
    let (mut low, mut high) = ((0.0, 0), (0.0, 0));
    let mut sum = 0.0;
    for (at, (hits, rows)) in pairs().enumerate() {
        sum += hits - rows * rate;
        if sum < low.0 {
            low = (sum, at + 1);
        }
        if sum > high.0 {
            high = (sum, at + 1);
        }
    }
    // A range that ends where it all ends goes on to the end.
    let blocks = hits.len().min(rows.len());
    let (from, to) = (low.1.min(high.1), low.1.max(high.1));
    let (from, to) = if from == 0 && to < blocks && to > 0 {
        (to, blocks)
    } else {
        (from, to)
    };
    Some(Change {
        range: high.0 - low.0,
        from,
        to,
        rate,
        rows: of as u64,
    })
}

/// How much more sums of neighbouring rows differ than sums of independent
/// ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inflation {
    /// Variance over the binomial one, at least 1.
    pub factor: f64,
    /// Independent squares that it was estimated from; infinite where 1 stands
    /// for want of anything better.
    pub dof: f64,
}

impl Default for Inflation {
    fn default() -> Self {
        Self {
            factor: 1.0,
            dof: f64::INFINITY,
        }
    }
}

/// Fewest windows to estimate a variance from.
const FEWEST: usize = 8;

/// The largest over windows of 1, 2, 4 ... blocks, as long as there are 8 of
/// them and they have at most `longest` rows on average: rows that follow each
/// other (weather) show in long windows only.
pub fn inflation(hits: &[u64], rows: &[u64], longest: f64) -> Inflation {
    let mut found = Inflation::default();
    let Some(Change {
        rate, rows: all, ..
    }) = change(hits, rows)
    else {
        return found;
    };
    let blocks = hits.len().min(rows.len());
    let deviations: Vec<f64> = hits
        .iter()
        .zip(rows)
        .map(|(x, n)| *x as f64 - *n as f64 * rate)
        .collect();
    let mut width = 1;
    while blocks / width >= FEWEST && width as f64 * all as f64 / blocks as f64 <= longest {
        let windows = blocks / width;
        let squares: f64 = deviations
            .chunks_exact(width)
            .map(|window| window.iter().sum::<f64>().powi(2))
            .sum();
        let held: u64 = rows.iter().take(windows * width).sum();
        let independent = held as f64 * rate * (1.0 - rate);
        let dof = windows as f64 - 1.0;
        let factor = squares / independent * windows as f64 / dof;
        if independent > 0.0 && factor > found.factor {
            found = Inflation { factor, dof };
        }
        width *= 2;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kuiper::range_sf_estimated;
    use crate::testing::Rng;

    #[test]
    fn spells_and_changes_for_good() {
        let rows = [10; 6];
        let at = |hits: [u64; 6]| change(&hits, &rows).map(|found| (found.from, found.to));
        assert_eq!(at([0, 0, 9, 9, 0, 0]), Some((2, 4)));
        assert_eq!(at([9, 9, 0, 0, 9, 9]), Some((2, 4)));
        assert_eq!(at([0, 0, 0, 0, 0, 9]), Some((5, 6)));
        // From the start until block 2: the other state lasts to the end.
        assert_eq!(at([9, 9, 0, 0, 0, 0]), Some((2, 6)));
        assert_eq!(
            (at([0; 6]), at([10; 6]), change(&[], &[])),
            (None, None, None)
        );
    }

    #[test]
    fn blocks_without_rows_do_not_move_it() {
        let found = change(&[0, 0, 5, 5], &[5, 0, 5, 5]).unwrap();
        assert_eq!((found.from, found.to, found.rows), (1, 4, 15));
    }

    /// Hits of rows whose chance follows a slow wave of this strength.
    fn stream(rng: &mut Rng, blocks: usize, wave: f64) -> (Vec<u64>, Vec<u64>) {
        let (mut state, mut hits) = (0.0, vec![]);
        for _ in 0..blocks {
            state = 0.8 * state + wave * rng.normal();
            let chance = 0.3 + f64::clamp(state, -0.25, 0.6);
            hits.push((0..64).filter(|_| rng.uniform() < chance).count() as u64);
        }
        (hits, vec![64; blocks])
    }

    /// False alarms of independent rows, and of rows that follow each other.
    #[test]
    fn quiet_where_nothing_changed() {
        for (wave, most) in [(0.0, 0.07), (0.05, 0.12)] {
            let (mut rng, mut alarms) = (Rng(3), 0);
            for _ in 0..300 {
                let (reference, rows) = stream(&mut rng, 128, wave);
                let (current, _) = stream(&mut rng, 64, wave);
                let spread = inflation(&reference, &rows, 64.0 * 16.0);
                let found = change(&current, &rows[..64]).unwrap();
                let scale =
                    (found.rows as f64 * found.rate * (1.0 - found.rate) * spread.factor).sqrt();
                alarms += u32::from(range_sf_estimated(found.range / scale, spread.dof) < 0.05);
            }
            assert!(
                f64::from(alarms) <= most * 300.0,
                "wave {wave}: {alarms} of 300"
            );
        }
    }

    #[test]
    fn inflation_of_rows_that_follow_each_other() {
        let mut rng = Rng(9);
        let (independent, rows) = stream(&mut rng, 128, 0.0);
        assert!(inflation(&independent, &rows, 1e9).factor < 2.5);
        let (wavy, rows) = stream(&mut rng, 128, 0.05);
        let found = inflation(&wavy, &rows, 1e9);
        assert!(found.factor > 3.0 && found.dof >= 7.0, "{found:?}");
        assert_eq!(inflation(&[0; 40], &[5; 40], 1e9), Inflation::default());
    }
}
