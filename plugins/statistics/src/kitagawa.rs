//! Why did a mean move: because rows moved between bins, or because the mean
//! within bins moved?
//!
//! Kitagawa, "Components of a Difference Between Two Rates", 1955; for
//! regression Oaxaca and Blinder, 1973. With shares `p -> q` of the rows in bin
//! b and means `m -> m'` of the output in it:
//!
//! - composition `sum (q - p) (m + m') / 2`: what moving rows explain;
//! - rate `sum (p + q) / 2 (m' - m)`: what they do not;
//! - both add up to the move of the mean exactly.
//!
//! A bin that is empty on one side has no mean there; it takes that of the
//! other side, so that its whole part counts as composition.
//!
//! Outputs are counted in whole units ([`Units`]), so that cells merge exactly
//! in whatever order rows come.

use serde::{Deserialize, Serialize};

use crate::StateError;

/// Units that the largest output of the sample has, to the power of 2.
const RESOLUTION: i32 = 20;
/// An output beyond this many units counts as this many.
const MOST_UNITS: f64 = (1_u64 << 30) as f64;

/// How large one unit is: a power of 2, so that nothing is lost by scaling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Units {
    power: i32,
}

impl Units {
    /// Units of one: for outcomes that are 0 or 1.
    pub const ONE: Self = Self { power: 0 };

    /// Units in which the largest finite value has 20 to 21 bits. Values 512
    /// times that large, and larger ones, count as 1024 times as large.
    pub fn for_sample(values: &[f64]) -> Self {
        let finite = values.iter().filter(|value| value.is_finite());
        let largest = finite.fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if largest == 0.0 {
            return Self::ONE;
        }
        let power = largest.log2().floor() as i32 - RESOLUTION;
        Self {
            power: power.clamp(-1_000, 1_000),
        }
    }

    /// The size of one unit.
    pub fn size(self) -> f64 {
        2_f64.powi(self.power)
    }

    /// A value in units; none unless it is finite.
    pub fn of(self, value: f64) -> Option<i64> {
        let units = (value / self.size()).round();
        value
            .is_finite()
            .then_some(units.clamp(-MOST_UNITS, MOST_UNITS) as i64)
    }

    /// Checks a state that came from outside.
    ///
    /// # Errors
    /// [`StateError::Invalid`] for a size that no sample leads to.
    pub fn validate(self) -> Result<(), StateError> {
        match (-1_000..=1_000).contains(&self.power) {
            true => Ok(()),
            false => Err(StateError::Invalid {
                what: "units",
                problem: "the size is out of range",
            }),
        }
    }
}

/// The outputs of the rows in one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Rows.
    pub n: u64,
    /// Sum of their outputs, in units.
    pub sum: i128,
    /// Sum of squares, in squared units.
    pub squares: u128,
}

impl Cell {
    /// Adds one row.
    pub fn push(&mut self, units: i64) {
        self.n += 1;
        self.sum += i128::from(units);
        // A product that is checked for overflow takes a call in WebAssembly.
        let size = units.unsigned_abs();
        let square = match u32::try_from(size) {
            Ok(_) => size * size,
            Err(_) => size.saturating_mul(size),
        };
        self.squares += u128::from(square);
    }

    /// Adds the rows of another cell.
    ///
    /// # Errors
    /// [`StateError::Overflow`] for sums that no rows lead to.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        let overflow = StateError::Overflow { what: "outputs" };
        let merged = || {
            Some(Self {
                n: self.n.checked_add(other.n)?,
                sum: self.sum.checked_add(other.sum)?,
                squares: self.squares.checked_add(other.squares)?,
            })
        };
        *self = merged().ok_or(overflow)?;
        Ok(())
    }

    /// Mean in units; none without rows.
    pub fn mean(&self) -> Option<f64> {
        (self.n > 0).then(|| self.sum as f64 / self.n as f64)
    }

    /// Variance in squared units, divisor n - 1; none with fewer than two rows.
    pub fn variance(&self) -> Option<f64> {
        let n = self.n as f64;
        let about = self.squares as f64 - self.sum as f64 * self.mean()?;
        (self.n > 1).then(|| (about / (n - 1.0)).max(0.0))
    }

    /// All rows of some cells.
    ///
    /// # Errors
    /// [`StateError::Overflow`] for sums that no rows lead to.
    pub fn total(cells: &[Self]) -> Result<Self, StateError> {
        let mut total = Self::default();
        cells.iter().try_for_each(|cell| total.merge(cell))?;
        Ok(total)
    }
}

/// Merges cells bin by bin.
///
/// # Errors
/// [`StateError`] for another number of bins, or sums that no rows lead to.
pub fn merge(into: &mut [Cell], other: &[Cell]) -> Result<(), StateError> {
    if into.len() != other.len() {
        return Err(StateError::Mismatch {
            what: "bins",
            left: into.len() as u64,
            right: other.len() as u64,
        });
    }
    into.iter_mut()
        .zip(other)
        .try_for_each(|(mine, theirs)| mine.merge(theirs))
}

/// One bin's part, means in units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinPart {
    /// Share of the reference's rows.
    pub share_reference: f64,
    /// Share of the current rows.
    pub share_current: f64,
    /// Mean output in the reference; that of the current rows if it had none.
    pub mean_reference: f64,
    /// Mean output now; that of the reference if there are no rows now.
    pub mean_current: f64,
    /// What its rows, more or fewer, do to the mean, measured against the
    /// overall mean; over all bins this adds up to the composition.
    pub composition: f64,
    /// What its own mean does.
    pub rate: f64,
}

/// Why a mean moved, in units.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// The move of the mean; composition plus rate up to rounding.
    pub delta: f64,
    /// Explained by rows that moved between bins.
    pub composition: f64,
    /// Not explained by them.
    pub rate: f64,
    /// Standard error of `delta` for independent rows.
    pub delta_sd: f64,
    /// Standard error of `rate` for independent rows, given the shares.
    pub rate_sd: f64,
    /// Standard deviation of the reference's outputs.
    pub sd: f64,
    /// Rows of the reference.
    pub n_reference: u64,
    /// Rows now.
    pub n_current: u64,
    /// Every bin.
    pub bins: Vec<BinPart>,
}

/// Splits the move of the mean. None with fewer than two rows on a side, with
/// cells of different frames, or with sums that no rows lead to.
pub fn decompose(reference: &[Cell], current: &[Cell]) -> Option<Decomposition> {
    if reference.len() != current.len() {
        return None;
    }
    let (before, after) = (Cell::total(reference).ok()?, Cell::total(current).ok()?);
    let (n, m) = (before.n as f64, after.n as f64);
    let (mean_before, mean_after) = (before.mean()?, after.mean()?);
    let middle = (mean_before + mean_after) / 2.0;
    let mut rate_variance = 0.0;
    let bins: Vec<BinPart> = reference
        .iter()
        .zip(current)
        .map(|(old, new)| {
            let (p, q) = (old.n as f64 / n, new.n as f64 / m);
            let old_mean = old.mean().or(new.mean()).unwrap_or(middle);
            let new_mean = new.mean().or(old.mean()).unwrap_or(middle);
            let weight = (p + q) / 2.0;
            if let (Some(_), Some(_)) = (old.mean(), new.mean()) {
                rate_variance += weight * weight * (error_of(old) + error_of(new));
            }
            BinPart {
                share_reference: p,
                share_current: q,
                mean_reference: old_mean,
                mean_current: new_mean,
                composition: (q - p) * ((old_mean + new_mean) / 2.0 - middle),
                rate: weight * (new_mean - old_mean),
            }
        })
        .collect();
    Some(Decomposition {
        delta: mean_after - mean_before,
        composition: bins.iter().map(|bin| bin.composition).sum(),
        rate: bins.iter().map(|bin| bin.rate).sum(),
        delta_sd: (before.variance()? / n + after.variance()? / m).sqrt(),
        rate_sd: rate_variance.sqrt(),
        sd: before.variance()?.sqrt(),
        n_reference: before.n,
        n_current: after.n,
        bins,
    })
}

/// Squared standard error of a cell's mean. A single row says nothing of its
/// own spread; it stands for no certainty, so it takes its square.
fn error_of(cell: &Cell) -> f64 {
    let variance = cell.variance().unwrap_or(cell.squares as f64);
    variance / cell.n.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(values: &[i64]) -> Cell {
        let mut cell = Cell::default();
        values.iter().for_each(|value| cell.push(*value));
        cell
    }

    /// python3 -c "
    /// p=[.5,.5]; q=[.25,.75]; m=[1,3]; k=[1,4]
    /// print(sum((b-a)*(x+y)/2 for a,b,x,y in zip(p,q,m,k)), sum((a+b)/2*(y-x) for a,b,x,y in zip(p,q,m,k)))"
    /// 0.625 0.625
    #[test]
    fn a_hand_count() {
        let reference = [cell(&[0, 2]), cell(&[2, 4])];
        let current = [cell(&[1]), cell(&[4, 4, 4])];
        let split = decompose(&reference, &current).unwrap();
        assert_eq!(split.delta, 1.25);
        assert_eq!(split.composition, 0.625);
        assert_eq!(split.rate, 0.625);
        // numpy: var([0,2,2,4], ddof=1)/4 + var([1,4,4,4], ddof=1)/4
        assert!((split.delta_sd.powi(2) - (8.0 / 3.0 / 4.0 + 2.25 / 4.0)).abs() < 1e-12);
    }

    #[test]
    fn a_bin_that_is_new_counts_as_composition() {
        let split = decompose(
            &[cell(&[1, 1]), Cell::default()],
            &[cell(&[1, 1]), cell(&[9, 9])],
        )
        .unwrap();
        assert_eq!(
            (split.delta, split.composition, split.rate),
            (4.0, 4.0, 0.0)
        );
    }

    #[test]
    fn nothing_to_compare() {
        assert_eq!(decompose(&[Cell::default()], &[cell(&[1, 2])]), None);
        assert_eq!(decompose(&[cell(&[1, 2])], &[]), None);
        let full = Cell {
            n: u64::MAX,
            ..Cell::default()
        };
        assert!(cell(&[1]).merge(&full).is_err());
        assert_eq!(decompose(&[full, full], &[full, full]), None);
    }

    #[test]
    fn units_keep_what_matters() {
        let units = Units::for_sample(&[0.25, -0.9, f64::NAN]);
        assert_eq!(units.of(0.5).map(|n| n as f64 * units.size()), Some(0.5));
        assert_eq!(units.of(f64::INFINITY), None);
        assert_eq!(units.of(f64::NAN), None);
        assert_eq!(units.of(1e300), Some(1 << 30));
        assert_eq!(Units::for_sample(&[]), Units::ONE);
        for extreme in [f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            let units = Units::for_sample(&[extreme]);
            assert!(units.validate().is_ok() && units.of(extreme).is_some());
        }
        assert!(Units { power: 2_000 }.validate().is_err());
    }

    type Rows = Vec<(usize, i64)>;

    fn cells(rows: &[(usize, i64)]) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); 4];
        rows.iter()
            .for_each(|(bin, value)| cells[*bin].push(*value));
        cells
    }

    fn rows() -> impl Strategy<Value = Rows> {
        proptest::collection::vec((0_usize..4, -(1_i64 << 30)..(1 << 30)), 2..60)
    }

    proptest! {
        #[test]
        fn the_parts_add_up(before in rows(), after in rows()) {
            let split = decompose(&cells(&before), &cells(&after)).unwrap();
            let scale = 1e9;
            prop_assert!((split.composition + split.rate - split.delta).abs() < 1e-12 * scale * 10.0);
        }

        #[test]
        fn the_same_rows_have_nothing_to_explain(rows in rows()) {
            let split = decompose(&cells(&rows), &cells(&rows)).unwrap();
            prop_assert_eq!((split.delta, split.composition, split.rate), (0.0, 0.0, 0.0));
        }

        #[test]
        fn merged_is_counted_together(rows in rows(), cut in 0_usize..60) {
            let cut = cut.min(rows.len());
            let mut left = cells(&rows[..cut]);
            merge(&mut left, &cells(&rows[cut..])).unwrap();
            prop_assert_eq!(left, cells(&rows));
        }
    }
}
