//! A rank as a bet against "nothing changed": an e-value, of mean at most 1 if
//! nothing did.

use crate::calibration::{beta_inverse, joint_ranks};

/// Ranks that are bet on: the period is among the 1, 2, 4, 8 or 16 farthest.
pub const RANKS: [u64; 5] = [1, 2, 4, 8, 16];

/// What is kept back, and what is put on each of [`RANKS`].
const KEPT: f64 = 0.3;
const STAKE: f64 = 0.14;

/// Chance that any of the bounds of [`Anchored`] is wrong.
const DOUBT: f64 = 0.05;

/// The bet on a period that is the `rank`-th farthest (1 is the farthest) of
/// `among`, itself included: 0.3 + sum of 0.14 (N / r) [rank <= r]. At most
/// mean 1 for a uniform rank.
pub fn growing(rank: u64, among: u64) -> f64 {
    RANKS.iter().fold(KEPT, |sum, &r| {
        let odds = if among > r {
            among as f64 / r as f64
        } else {
            1.0
        };
        sum + if rank <= r || among <= r {
            STAKE * odds
        } else {
            0.0
        }
    })
}

/// Bets on ranks among a fixed reference. The same reference is used over and
/// over, so its luck of the draw is bounded: with 95 % confidence no chance of
/// a rank is above its bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchored {
    bounds: [f64; 5],
}

impl Anchored {
    /// For a reference of K periods: p_r = BetaInv(1 - 0.05 / 5; r, K + 1 - r).
    pub fn new(periods: u64) -> Self {
        let bound = |r: u64| {
            if r > periods {
                return 1.0;
            }
            let (r, k) = (r as f64, periods as f64);
            beta_inverse(1.0 - DOUBT / RANKS.len() as f64, r, k + 1.0 - r)
        };
        Self {
            bounds: RANKS.map(bound),
        }
    }

    /// Upper bounds of the chance of a rank of at most each of [`RANKS`].
    pub fn bounds(&self) -> [f64; 5] {
        self.bounds
    }

    /// The bet on a period that is the `rank`-th farthest of the reference and
    /// itself.
    pub fn bet(&self, rank: u64) -> f64 {
        let stakes = RANKS.iter().zip(self.bounds);
        stakes.fold(KEPT, |sum, (&r, bound)| {
            sum + if rank <= r { STAKE / bound } else { 0.0 }
        })
    }
}

/// The place of `own` among `others` and itself, 1 the farthest out, by two
/// scores (the largest over columns; the mean over all): the rank of
/// [`crate::calibration::calibrate`]. Ties count against an alarm.
pub fn joint_rank(others: &[(f64, f64)], own: (f64, f64)) -> u64 {
    let (sparse, dense): (Vec<f64>, Vec<f64>) = [own].iter().chain(others).copied().unzip();
    let ranks = joint_ranks(&sparse, &dense);
    let as_small = |own: &[usize; 2]| ranks.iter().filter(|rank| *rank <= own).count();
    ranks.first().map_or(1, as_small) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Methods 2.3: K = 60.
    #[test]
    fn the_anchored_bounds_are_as_published() {
        let found = Anchored::new(60).bounds();
        for (found, wanted) in found.iter().zip([0.074, 0.106, 0.158, 0.247, 0.402]) {
            assert!((found - wanted).abs() < 6e-4, "{found} {wanted}");
        }
        // seq.py: r > K has the bound 1.
        assert_eq!(Anchored::new(3).bounds()[2..], [1.0, 1.0, 1.0]);
    }

    /// seq.py, `evec_online` and `evec_fixed`.
    #[test]
    fn bets_are_those_of_the_reference_implementation() {
        let close = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-9, "{found}");
        close(growing(1, 61), 16.84625);
        close(growing(3, 61), 0.3 + 0.14 * 61.0 * (0.25 + 0.125 + 0.0625));
        close(growing(17, 61), 0.3);
        close(growing(5, 10), 0.3 + 0.14 * (1.25 + 1.0));
        let sum: f64 = Anchored::new(60).bounds().iter().map(|p| 0.14 / p).sum();
        close(Anchored::new(60).bet(1), 0.3 + sum);
        close(Anchored::new(60).bet(17), 0.3);
    }

    /// The rank of `calibrate` on the same two scores.
    #[test]
    fn either_score_may_stand_out() {
        let others: Vec<(f64, f64)> = (0..9).map(|at| (f64::from(at), f64::from(at))).collect();
        assert_eq!(joint_rank(&others, (9.0, 0.5)), 2, "the farthest by one");
        assert_eq!(joint_rank(&others, (9.0, 9.0)), 1);
        assert_eq!(
            joint_rank(&[(9.0, 0.0), (1.0, 1.0)], (8.0, 9.0)),
            1,
            "and not far by the other"
        );
        assert_eq!(joint_rank(&[(8.0, 9.0), (8.5, 5.0)], (9.0, 0.0)), 2);
        assert_eq!(joint_rank(&others, (-1.0, -1.0)), 10);
        assert_eq!(joint_rank(&[], (1.0, 1.0)), 1);
        assert_eq!(joint_rank(&[(1.0, 1.0)], (1.0, 1.0)), 2, "ties are no news");
    }

    proptest! {
        /// A fair game: the mean over all ranks is at most 1.
        #[test]
        fn nobody_wins_when_nothing_changed(among in 1_u64..2_000) {
            let mean = (1..=among).map(|rank| growing(rank, among)).sum::<f64>() / among as f64;
            prop_assert!(mean <= 1.0 + 1e-9, "{mean}");
            prop_assert!(mean > 0.99, "{mean}");
        }
    }
}
