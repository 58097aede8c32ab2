//! Did what comes true for equal answers change? Outcomes of two sides compared
//! within bins, weighted by the rows of the current side: where rows alone
//! moved between bins, nothing changes.
//!
//! A group is what came true among the rows of one bin: its mean `m`, and the
//! variance of a row. With `q` the share of the current rows in a bin, the
//! statistic is `sum q |m' - m|` for outcomes that are 0 or 1, the share of rows
//! whose outcome moved given the bin; for numbers each bin gives the total
//! variation of two normal laws as far apart as the means,
//! `2 Phi(|m' - m| / (2 s)) - 1`.

use std::collections::BTreeMap;

use crate::noise::Noise;
use crate::special::{chi_square_sf, normal_sf};

/// Outcomes of the rows of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Group {
    /// Rows.
    pub n: u64,
    /// Mean outcome.
    pub mean: f64,
    /// Variance of one row's outcome.
    pub variance: f64,
}

impl Group {
    /// Of `hits` in `n` rows.
    pub fn of_rate(hits: u64, n: u64) -> Self {
        let mean = hits as f64 / n.max(1) as f64;
        Self {
            n,
            mean,
            variance: mean * (1.0 - mean),
        }
    }
}

/// What an outcome is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 0 or 1.
    Event,
    /// A number.
    Number,
}

/// Two sides compared within bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditional {
    /// Share of the current rows whose outcome moved, given their bin.
    pub statistic: f64,
    /// Mean and spread of the statistic when nothing changed.
    pub noise: Noise,
    /// Mean move of the outcome given the bin, with its deviation.
    pub mean_move: (f64, f64),
    /// Probability of such different groups if nothing changed.
    pub p_value: f64,
    /// Share of the current rows in bins that both sides have rows in.
    pub compared: f64,
    /// The bin that adds most beyond its noise, and how far its mean moved.
    pub largest: Option<(usize, f64)>,
}

impl Conditional {
    /// The statistic without what is there when nothing changed.
    pub fn effect(&self) -> f64 {
        self.noise.corrected(self.statistic)
    }
}

/// One bin on both sides.
struct Pair {
    bin: usize,
    weight: f64,
    gap: f64,
    /// Variance of the move when nothing changed.
    variance: f64,
    /// Variance of `gap`: less, where it is what the move differs by from others.
    left: f64,
    /// Deviation of one row.
    deviation: f64,
}

/// Compares groups bin by bin. None when bins differ in number, or no bin has
/// two rows on both sides.
///
/// The p-value is that of `sum (m' - m)^2 / v` against the chi-square law of as
/// many degrees as there are bins, `v` from both sides together; for events with
/// one row more of each kind, so that few rows are never certain.
///
/// ```
/// use driftguard_statistics::conditional::{Group, Outcome, compare};
/// let side = |rates: [u64; 2]| rates.map(|hits| Group::of_rate(hits, 1000));
/// let moved = compare(&side([100, 800]), &side([200, 800]), Outcome::Event).unwrap();
/// assert!((moved.statistic - 0.05).abs() < 1e-12);
/// assert!(moved.p_value < 1e-8 && moved.largest.is_some_and(|(bin, _)| bin == 0));
/// ```
pub fn compare(reference: &[Group], current: &[Group], outcome: Outcome) -> Option<Conditional> {
    if reference.len() != current.len() {
        return None;
    }
    let all: f64 = current.iter().map(|group| group.n as f64).sum();
    let sides = reference.iter().zip(current).enumerate();
    let pairs: Vec<Pair> = sides
        .filter(|(_, (before, now))| before.n > 1 && now.n > 1)
        .map(|(bin, (before, now))| pair(bin, before, now, outcome))
        .collect();
    let rows: f64 = pairs.iter().map(|pair| pair.weight).sum();
    if pairs.is_empty() || rows <= 0.0 {
        return None;
    }
    let degrees = pairs.len() as f64;
    summed(&pairs, rows / all, degrees, outcome)
}

/// The same for cells that share bands, without what moved in all cells of a
/// band alike: what is invisible in the bands, because it goes up in some cells
/// and down in others. `bands` has the band of each cell. The common move of a
/// band is the mean of its cells' weighted by their precision, so the p-value is
/// that of Cochran's Q over all bands.
///
/// Cochran, "The Combination of Estimates from Different Experiments", 1954.
///
/// ```
/// use driftguard_statistics::conditional::{Group, Outcome, beyond};
/// let side = |rates: [u64; 4]| rates.map(|hits| Group::of_rate(hits, 1000));
/// let before = side([300, 300, 700, 700]);
/// // All of one band alike: no difference between its cells.
/// let alike = beyond(&before, &side([400, 400, 700, 700]), &[0, 0, 1, 1], Outcome::Event);
/// assert!(alike.is_some_and(|found| found.p_value > 0.99));
/// let apart = beyond(&before, &side([400, 200, 700, 700]), &[0, 0, 1, 1], Outcome::Event).unwrap();
/// assert!((apart.statistic - 0.05).abs() < 0.002 && apart.p_value < 1e-9);
/// ```
pub fn beyond(
    reference: &[Group],
    current: &[Group],
    bands: &[usize],
    outcome: Outcome,
) -> Option<Conditional> {
    if reference.len() != current.len() || bands.len() != current.len() {
        return None;
    }
    let all: f64 = current.iter().map(|group| group.n as f64).sum();
    let sides = reference.iter().zip(current).enumerate();
    let mut pairs: Vec<Pair> = sides
        .filter(|(_, (before, now))| before.n > 1 && now.n > 1)
        .map(|(bin, (before, now))| pair(bin, before, now, outcome))
        .filter(|pair| pair.variance > 0.0)
        .collect();
    let mut centres: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for pair in &pairs {
        let Some(band) = bands.get(pair.bin) else {
            continue;
        };
        let centre = centres.entry(*band).or_default();
        centre.0 += pair.gap / pair.variance;
        centre.1 += 1.0 / pair.variance;
    }
    let degrees = pairs.len().checked_sub(centres.len()).filter(|d| *d > 0)?;
    for pair in &mut pairs {
        let band = bands.get(pair.bin);
        if let Some((sum, precision)) = band.and_then(|band| centres.get(band)) {
            pair.gap -= sum / precision;
            // What is left of a cell's variance beside its band's mean.
            pair.left = (pair.variance - 1.0 / precision).max(0.0);
        }
    }
    let rows: f64 = pairs.iter().map(|pair| pair.weight).sum();
    summed(&pairs, rows / all, degrees as f64, outcome)
}

fn summed(pairs: &[Pair], compared: f64, degrees: f64, outcome: Outcome) -> Option<Conditional> {
    let rows: f64 = pairs.iter().map(|pair| pair.weight).sum();
    let half_normal = (2.0 / std::f64::consts::PI).sqrt();
    let (mut statistic, mut mean, mut spread) = (0.0, 0.0, 0.0);
    let (mut chi, mut moved, mut moved_variance) = (0.0, 0.0, 0.0);
    let mut largest: Option<(usize, f64, f64)> = None;
    for pair in pairs {
        let share = pair.weight / rows;
        let sd = pair.left.sqrt();
        // How much of a row's law a gap moves, and at first order.
        let (of_gap, slope) = match outcome {
            Outcome::Event => (pair.gap.abs(), 1.0),
            Outcome::Number => overlap_lost(pair.gap, pair.deviation),
        };
        statistic += share * of_gap;
        mean += share * (sd * half_normal * slope).min(1.0);
        spread += (share * sd * slope).powi(2) * (1.0 - half_normal * half_normal);
        chi += if pair.variance > 0.0 {
            pair.gap * pair.gap / pair.variance
        } else {
            0.0
        };
        moved += share * pair.gap;
        moved_variance += share * share * pair.left;
        let beyond = share * (of_gap - 2.0 * sd * slope);
        if largest.is_none_or(|(_, _, most)| beyond > most) {
            largest = Some((pair.bin, pair.gap, beyond));
        }
    }
    Some(Conditional {
        statistic,
        noise: Noise {
            mean,
            sd: spread.sqrt(),
        },
        mean_move: (moved, moved_variance.sqrt()),
        p_value: chi_square_sf(chi, degrees).clamp(0.0, 1.0),
        compared,
        largest: largest.map(|(bin, gap, _)| (bin, gap)),
    })
}

fn pair(bin: usize, before: &Group, now: &Group, outcome: Outcome) -> Pair {
    let (n, m) = (before.n as f64, now.n as f64);
    let of_row = match outcome {
        Outcome::Event => {
            let share = (before.mean * n + now.mean * m + 1.0) / (n + m + 2.0);
            share * (1.0 - share)
        }
        Outcome::Number => ((n - 1.0) * before.variance + (m - 1.0) * now.variance) / (n + m - 2.0),
    };
    let variance = of_row.max(0.0) * (1.0 / n + 1.0 / m);
    Pair {
        bin,
        weight: m,
        gap: now.mean - before.mean,
        variance,
        left: variance,
        deviation: of_row.max(0.0).sqrt(),
    }
}

/// Total variation of two normal laws of one deviation, and its slope at 0.
fn overlap_lost(gap: f64, deviation: f64) -> (f64, f64) {
    if deviation <= 0.0 {
        return (f64::from(u8::from(gap != 0.0)), 0.0);
    }
    let lost = 1.0 - 2.0 * normal_sf(gap.abs() / (2.0 * deviation));
    let slope = 1.0 / (deviation * (2.0 * std::f64::consts::PI).sqrt());
    (lost, slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rates(pairs: &[(u64, u64)]) -> Vec<Group> {
        pairs
            .iter()
            .map(|(hits, n)| Group::of_rate(*hits, *n))
            .collect()
    }

    #[test]
    fn degenerate() {
        let one = rates(&[(5, 10)]);
        assert_eq!(compare(&one, &rates(&[(1, 1)]), Outcome::Event), None);
        assert_eq!(
            compare(&one, &rates(&[(1, 9), (1, 9)]), Outcome::Event),
            None
        );
        assert_eq!(compare(&[], &[], Outcome::Event), None);
        let still = Group {
            n: 5,
            mean: 1.0,
            variance: 0.0,
        };
        let same = compare(&[still], &[still], Outcome::Number).unwrap();
        assert_eq!((same.statistic, same.effect()), (0.0, 0.0));
    }

    /// Rows that move between bins are no change of what comes true in them.
    #[test]
    fn other_shares_of_bins_are_no_change() {
        let before = rates(&[(100, 1000), (900, 1000)]);
        let now = rates(&[(10, 100), (1710, 1900)]);
        let found = compare(&before, &now, Outcome::Event).unwrap();
        assert!(found.statistic < 1e-12 && found.p_value > 0.99);
        assert_eq!(found.compared, 1.0);
    }

    #[test]
    fn bins_without_a_reference_are_not_compared() {
        let before = rates(&[(100, 1000), (0, 0)]);
        let now = rates(&[(10, 100), (300, 300)]);
        let found = compare(&before, &now, Outcome::Event).unwrap();
        assert_eq!((found.compared, found.statistic), (0.25, 0.0));
    }

    /// A shift of one deviation: total variation 0.383.
    #[test]
    fn numbers_move_as_normal_laws_do() {
        let side = |mean| Group {
            n: 10_000,
            mean,
            variance: 4.0,
        };
        let found = compare(&[side(0.0)], &[side(2.0)], Outcome::Number).unwrap();
        assert!((found.statistic - 0.382_924_922_548_026).abs() < 1e-9);
        assert!(found.p_value < 1e-12 && (found.mean_move.0 - 2.0).abs() < 1e-12);
    }

    /// Noise and p-value are right when nothing changed.
    #[test]
    fn noise_agrees_with_simulation() {
        let mut state = 1_u64;
        let mut uniform = || {
            state = crate::thinned::row_hash(state);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let (mut seen, mut told, mut small) = (0.0, 0.0, 0);
        for _ in 0..400 {
            let mut side = |n: u64| -> Vec<Group> {
                let bins = (0..12).map(|bin| {
                    let rate = (f64::from(bin) + 0.5) / 12.0;
                    let hits = (0..n).filter(|_| uniform() < rate).count();
                    Group::of_rate(hits as u64, n)
                });
                bins.collect()
            };
            let (before, now) = (side(150), side(60));
            let found = compare(&before, &now, Outcome::Event).unwrap();
            seen += found.statistic / 400.0;
            told += found.noise.mean / 400.0;
            small += u32::from(found.p_value < 0.05);
        }
        assert!((seen / told - 1.0).abs() < 0.05, "{seen} {told}");
        assert!((8..=32).contains(&small), "{small} of 400 below 0.05");
    }

    proptest! {
        #[test]
        fn laws(cells in prop::collection::vec((0u64..50, 0u64..50, 0u64..50, 0u64..50), 1..9)) {
            let before: Vec<Group> = cells.iter().map(|(a, b, _, _)| Group::of_rate(*a, a + b)).collect();
            let now: Vec<Group> = cells.iter().map(|(_, _, a, b)| Group::of_rate(*a, a + b)).collect();
            if let Some(found) = compare(&before, &now, Outcome::Event) {
                prop_assert!((0.0..=1.0).contains(&found.statistic) && (0.0..=1.0).contains(&found.effect()));
                prop_assert!((0.0..=1.0).contains(&found.p_value) && found.noise.sd.is_finite());
                prop_assert!(found.mean_move.0.abs() <= found.statistic + 1e-12);
                prop_assert!(found.compared > 0.0 && found.compared <= 1.0);
            }
            if let Some(same) = compare(&now, &now, Outcome::Event) {
                prop_assert!(same.effect() == 0.0 && same.p_value > 0.99);
            }
        }
    }
}
