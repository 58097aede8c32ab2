//! Old and new code on old and new data: who moved the number, exactly.
//!
//! Shapley values of a game whose players are what changed (Shapley, "A value
//! for n-person games", 1953): with two players the half sums of the 2x2
//! design, with k players the weighted mean over all coalitions.

use thiserror::Error;

/// Players an exact split takes: 2^8 = 256 cells to measure.
pub const MOST_FACTORS: usize = 8;

/// The interaction's share from which on the report says that the change of
/// the code matters on the new data only.
pub const LARGE_INTERACTION: f64 = 0.3;

/// A number measured in four cells; the first word is the code, the second
/// the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cells {
    /// Old code, old data.
    pub old_old: f64,
    /// Old code, new data.
    pub old_new: f64,
    /// New code, old data.
    pub new_old: f64,
    /// New code, new data.
    pub new_new: f64,
}

/// Who moved the number, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// The part of the data; with [`Self::code`] the total.
    pub data: f64,
    /// The part of the code.
    pub code: f64,
    /// What both do together beyond what each does alone; half of it is in
    /// each of the two parts.
    pub interaction: f64,
    /// The whole move, new on new less old on old.
    pub total: f64,
}

/// The 2x2 split with the interaction as a player of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Separate {
    /// What the data does under the old code.
    pub data: f64,
    /// What the code does on the old data.
    pub code: f64,
    /// What both do together beyond that.
    pub interaction: f64,
}

/// Bits of a cell on a common grid: differences, sums of two of them and
/// halves of those still fit the 53 bits of a number.
const GRID_BITS: i32 = 48;

impl Cells {
    /// The cells rounded to a grid that they share, by less than 2^-48 of the
    /// largest: on it [`Self::split`] is exact, bit by bit.
    pub fn on_grid(&self) -> Self {
        let cells = [self.old_old, self.old_new, self.new_old, self.new_new];
        let largest = cells
            .iter()
            .fold(0.0_f64, |most, cell| most.max(cell.abs()));
        // The smallest power of two above all of them.
        let power = largest.log2().floor() + 1.0 - f64::from(GRID_BITS);
        let unit = power.exp2();
        if !unit.is_normal() || !largest.is_finite() {
            return *self;
        }
        let on = |cell: f64| (cell / unit).round() * unit;
        Self {
            old_old: on(self.old_old),
            old_new: on(self.old_new),
            new_old: on(self.new_old),
            new_new: on(self.new_new),
        }
    }

    /// Splits the move between data and code. `data + code` is the total up to
    /// rounding (at most 4 units in the last place of the largest cell), and
    /// exact where the cells are exact in floating point.
    pub fn split(&self) -> Split {
        let Self {
            old_old,
            old_new,
            new_old,
            new_new,
        } = *self;
        Split {
            data: 0.5 * ((old_new - old_old) + (new_new - new_old)),
            code: 0.5 * ((new_old - old_old) + (new_new - old_new)),
            interaction: (new_new - new_old) - (old_new - old_old),
            total: new_new - old_old,
        }
    }

    /// The same move with three parts, which add up to it.
    pub fn separate(&self) -> Separate {
        Separate {
            data: self.old_new - self.old_old,
            code: self.new_old - self.old_old,
            interaction: self.split().interaction,
        }
    }
}

impl Split {
    /// The interaction against both parts, `|I| / (|data| + |code|)`; `None`
    /// where neither moved anything.
    pub fn interaction_share(&self) -> Option<f64> {
        let whole = self.data.abs() + self.code.abs();
        (whole > 0.0).then(|| self.interaction.abs() / whole)
    }

    /// Whether the change of the code matters on the new data only.
    pub fn is_entangled(&self) -> bool {
        self.interaction_share()
            .is_some_and(|share| share > LARGE_INTERACTION)
    }
}

/// Why a split could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FactorialError {
    /// None, or too many players.
    #[error(
        "{actual} factors, between 1 and {MOST_FACTORS} can be split exactly; join factors that changed together"
    )]
    Factors {
        /// How many were given.
        actual: usize,
    },
    /// Not one number for each combination.
    #[error(
        "{actual} cells for {factors} factors, expected {expected}: one for every combination of old and new"
    )]
    Cells {
        /// How many were given.
        actual: usize,
        /// Factors.
        factors: usize,
        /// `2^factors`.
        expected: usize,
    },
    /// A cell that is no number.
    #[error(
        "cell {cell} is not a finite number: the model failed on that combination of old and new"
    )]
    NotFinite {
        /// Its position: bit i is set where factor i is new.
        cell: usize,
    },
}

/// Shapley values of `factors` players, from the number measured for every
/// coalition: `cells[s]` is the number with factor i new where bit i of `s`
/// is set. They add up to `cells[2^k - 1] - cells[0]` up to rounding.
///
/// # Errors
/// No player or more than [`MOST_FACTORS`], a missing cell, a cell that is not
/// finite.
pub fn shapley(factors: usize, cells: &[f64]) -> Result<Vec<f64>, FactorialError> {
    if !(1..=MOST_FACTORS).contains(&factors) {
        return Err(FactorialError::Factors { actual: factors });
    }
    let expected = 1_usize << factors;
    if cells.len() != expected {
        return Err(FactorialError::Cells {
            actual: cells.len(),
            factors,
            expected,
        });
    }
    if let Some(cell) = cells.iter().position(|value| !value.is_finite()) {
        return Err(FactorialError::NotFinite { cell });
    }
    let weights: Vec<f64> = (0..factors).map(|size| weight(size, factors)).collect();
    let value = |player: usize| {
        let without = (0..expected).filter(|set| set & (1 << player) == 0);
        without
            .map(|set| {
                let gain = cells[set | 1 << player] - cells[set];
                weights[set.count_ones() as usize] * gain
            })
            .sum()
    };
    Ok((0..factors).map(value).collect())
}

/// `|S|! (k - |S| - 1)! / k!`
fn weight(size: usize, players: usize) -> f64 {
    let factorial = |n: usize| (1..=n).map(|i| i as f64).product::<f64>();
    factorial(size) * factorial(players - size - 1) / factorial(players)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ORACLE: Cells = Cells {
        old_old: 0.10,
        old_new: 0.16,
        new_old: 0.12,
        new_new: 0.25,
    };

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-15, "{left} {right}");
    }

    #[test]
    fn the_oracle_of_two_factors() {
        let split = ORACLE.split();
        near(split.data, 0.095);
        near(split.code, 0.055);
        near(split.interaction, 0.07);
        near(split.total, 0.15);
        let parts = ORACLE.separate();
        near(parts.data, 0.06);
        near(parts.code, 0.02);
        near(parts.interaction, 0.07);
        near(split.interaction_share().unwrap(), 0.07 / 0.15);
        assert!(split.is_entangled());
    }

    #[test]
    fn two_players_are_the_half_sums() {
        // Bit 0: data is new. Bit 1: code is new.
        let values = shapley(2, &[0.10, 0.16, 0.12, 0.25]).unwrap();
        near(values[0], 0.095);
        near(values[1], 0.055);
    }

    /// The definition by orders: the mean of what a player adds when all come
    /// in one after the other.
    #[test]
    fn three_players_against_all_orders() {
        let cells = [0.0, 1.0, 2.0, 4.0, 3.0, 8.0, 5.0, 20.0];
        let values = shapley(3, &cells).unwrap();
        let orders: [[usize; 3]; 6] = [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ];
        let mut sums = [0.0; 3];
        for order in orders {
            let mut set = 0;
            for player in order {
                sums[player] += cells[set | 1 << player] - cells[set];
                set |= 1 << player;
            }
        }
        for (value, sum) in values.iter().zip(sums) {
            assert!((value - sum / 6.0).abs() < 1e-12);
        }
        assert!((values.iter().sum::<f64>() - 20.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_moved_has_no_share() {
        let flat = Cells {
            old_old: 1.0,
            old_new: 1.0,
            new_old: 1.0,
            new_new: 1.0,
        };
        assert_eq!(flat.split().interaction_share(), None);
        assert!(!flat.split().is_entangled());
    }

    #[test]
    fn what_cannot_be_split_is_refused() {
        assert_eq!(
            shapley(0, &[1.0]),
            Err(FactorialError::Factors { actual: 0 })
        );
        assert_eq!(
            shapley(9, &[0.0; 512]),
            Err(FactorialError::Factors { actual: 9 })
        );
        let short = FactorialError::Cells {
            actual: 3,
            factors: 2,
            expected: 4,
        };
        assert_eq!(shapley(2, &[0.0; 3]), Err(short));
        assert_eq!(
            shapley(1, &[0.0, f64::NAN]),
            Err(FactorialError::NotFinite { cell: 1 })
        );
    }

    proptest! {
        // Whole numbers up to 2^40: halves are exact, so the law is exact.
        #[test]
        fn data_and_code_are_the_total_exactly(cells in proptest::array::uniform4(-(1_i64 << 40)..(1_i64 << 40))) {
            let [a, b, c, d] = cells.map(|cell| cell as f64);
            let split = Cells { old_old: a, old_new: b, new_old: c, new_new: d }.split();
            prop_assert_eq!(split.data + split.code, split.total);
            prop_assert_eq!(split.data, (b - a) + split.interaction / 2.0);
        }

        #[test]
        fn on_the_grid_data_and_code_are_the_total_exactly(cells in proptest::array::uniform4(-1e6_f64..1e6), size in -200_i32..200) {
            let [a, b, c, d] = cells.map(|cell| cell * f64::from(size).exp2());
            let cells = Cells { old_old: a, old_new: b, new_old: c, new_new: d }.on_grid();
            let split = cells.split();
            prop_assert_eq!(split.data + split.code, split.total);
            let largest = [a, b, c, d].iter().fold(0.0_f64, |most, cell| most.max(cell.abs()));
            prop_assert!((cells.new_new - d).abs() <= largest * (-47_f64).exp2());
        }

        #[test]
        fn data_and_code_are_the_total_within_4_ulp(cells in proptest::array::uniform4(0.0_f64..1.0)) {
            let [a, b, c, d] = cells;
            let split = Cells { old_old: a, old_new: b, new_old: c, new_new: d }.split();
            let largest = cells.iter().fold(0.0_f64, |most, cell| most.max(*cell));
            prop_assert!((split.data + split.code - split.total).abs() <= 4.0 * f64::EPSILON * largest);
        }

        #[test]
        fn the_players_share_the_whole(factors in 1_usize..=8, seed in proptest::collection::vec(-1.0_f64..1.0, 256)) {
            let cells = &seed[..1 << factors];
            let values = shapley(factors, cells).unwrap();
            let total = cells[cells.len() - 1] - cells[0];
            prop_assert!((values.iter().sum::<f64>() - total).abs() < 1e-12);
        }

        // A factor that changes nothing gets nothing.
        #[test]
        fn an_idle_player_gets_nothing(half in proptest::collection::vec(-1.0_f64..1.0, 8)) {
            let cells: Vec<f64> = half.iter().chain(&half).copied().collect();
            prop_assert_eq!(shapley(4, &cells).unwrap()[3], 0.0);
        }
    }
}
