//! Was it a change of unit? Compares quantiles of both sides under the maps
//! that engineers make by accident.
//!
//! A map is believed when it carries all five quantiles of the reference onto
//! those of current, with the right spread, far better than no change does.
//! Ordinary drift moves a column but seldom stretches it by the same factor.
//! Factors below 5 (miles, pounds, inches) are also what growth looks like:
//! they have to fit within a per cent unless the two sides hardly overlap.

use serde::Serialize;

/// Quantiles at 0.10, 0.25, 0.50, 0.75 and 0.90.
pub type Quantiles = [f64; 5];

/// The probabilities of [`Quantiles`].
pub const PROBABILITIES: [f64; 5] = [0.10, 0.25, 0.50, 0.75, 0.90];

/// A suspected change of unit: `current = scale * reference + offset`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitChange {
    /// In words, `Fahrenheit -> Celsius`.
    pub words: String,
    /// Factor.
    pub scale: f64,
    /// Offset, in the unit of current.
    pub offset: f64,
    /// Mean distance of mapped from current quantiles, as a share of the
    /// wider 10-to-90 % range of the two; 0 is perfect.
    pub misfit: f64,
    /// The same with no map at all.
    pub misfit_unchanged: f64,
}

/// A pair of units: `there = scale * here + offset`.
struct Pair {
    here: &'static str,
    there: &'static str,
    scale: f64,
    offset: f64,
}

const fn pair(here: &'static str, there: &'static str, scale: f64, offset: f64) -> Pair {
    Pair {
        here,
        there,
        scale,
        offset,
    }
}

/// Each is tried both ways.
const PAIRS: [Pair; 17] = [
    pair("Celsius", "Fahrenheit", 1.8, 32.0),
    pair("Celsius", "Kelvin", 1.0, 273.15),
    pair("Fahrenheit", "Kelvin", 5.0 / 9.0, 273.15 - 160.0 / 9.0),
    pair("miles", "kilometres", 1.609_344, 0.0),
    pair("kilograms", "pounds", 1.0 / 0.453_592_37, 0.0),
    pair("inches", "centimetres", 2.54, 0.0),
    pair("metres", "feet", 1.0 / 0.3048, 0.0),
    pair("unit", "a tenth of it", 10.0, 0.0),
    pair("inches of mercury", "hectopascals", 33.863_9, 0.0),
    pair("minutes", "seconds (or hours -> minutes)", 60.0, 0.0),
    pair("dollars", "cents (or fraction -> percent)", 100.0, 0.0),
    pair("seconds", "milliseconds (or kilo -> unit)", 1e3, 0.0),
    pair("hours", "seconds", 3600.0, 0.0),
    pair("unit", "a ten-thousandth of it", 1e4, 0.0),
    pair("unit", "a hundred-thousandth of it", 1e5, 0.0),
    pair("seconds", "microseconds (or mega -> unit)", 1e6, 0.0),
    pair("days", "hours", 24.0, 0.0),
];

/// Factors from here on seldom come about by drift.
const LARGE_FACTOR: f64 = 5.0;

/// The map that explains current best, if it is believable. None when either
/// side is constant between its 10 and 90 % quantiles, or not finite.
///
/// ```
/// use driftguard_statistics::units::recognise;
/// let fahrenheit = [61.0, 66.0, 72.0, 79.0, 85.0];
/// let celsius = [16.0, 19.0, 22.0, 26.0, 29.5];
/// assert_eq!(recognise(&fahrenheit, &celsius).unwrap().words, "Fahrenheit -> Celsius");
/// assert_eq!(recognise(&fahrenheit, &fahrenheit), None);
/// ```
pub fn recognise(reference: &Quantiles, current: &Quantiles) -> Option<UnitChange> {
    let rising = |q: &Quantiles| {
        q.iter().all(|x| x.is_finite()) && q.iter().zip(q.iter().skip(1)).all(|(a, b)| a <= b)
    };
    if !rising(reference) || !rising(current) || span(reference) <= 0.0 || span(current) <= 0.0 {
        return None;
    }
    let unchanged = misfit(reference, current);
    let candidates = PAIRS.iter().flat_map(|pair| {
        let forth = (
            pair.scale,
            pair.offset,
            format!("{} -> {}", pair.here, pair.there),
        );
        let back = (
            1.0 / pair.scale,
            -pair.offset / pair.scale,
            format!("{} -> {}", pair.there, pair.here),
        );
        [forth, back]
    });
    candidates
        .filter_map(|(scale, offset, words)| {
            let mapped = reference.map(|x| scale * x + offset);
            let change = UnitChange {
                words,
                scale,
                offset,
                misfit: misfit(&mapped, current),
                misfit_unchanged: unchanged,
            };
            believable(reference, &mapped, current, &change).then_some(change)
        })
        .min_by(|a, b| a.misfit.total_cmp(&b.misfit))
}

/// Range from the 10 % to the 90 % quantile.
fn span(q: &Quantiles) -> f64 {
    let [low, .., high] = q;
    high - low
}

/// Mean distance of quantiles over the wider of the two ranges.
fn misfit(a: &Quantiles, b: &Quantiles) -> f64 {
    let distance: f64 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
    distance / 5.0 / span(a).max(span(b))
}

/// How good a fit has to be, and how bad "no change".
struct Tolerance {
    misfit: f64,
    stretch: f64,
    unchanged: f64,
}

fn believable(
    reference: &Quantiles,
    mapped: &Quantiles,
    current: &Quantiles,
    change: &UnitChange,
) -> bool {
    let tolerance = tolerance(reference, current, change);
    let stretch = (span(current) / span(mapped)).ln().abs();
    tolerance.is_some_and(|tolerance| {
        change.misfit <= tolerance.misfit
            && stretch <= tolerance.stretch
            && change.misfit_unchanged >= tolerance.unchanged
            && change.misfit_unchanged >= 5.0 * change.misfit
    })
}

fn tolerance(reference: &Quantiles, current: &Quantiles, change: &UnitChange) -> Option<Tolerance> {
    let factor = change.scale.max(1.0 / change.scale);
    let pure = change.offset == 0.0;
    // A factor shows only on values away from zero: ask for three of them.
    if pure && (informative(reference) < 3 || informative(current) < 3) {
        return None;
    }
    let one_sign = |q: &Quantiles| q.iter().all(|x| *x > 0.0) || q.iter().all(|x| *x < 0.0);
    let apart = change.misfit_unchanged >= 2.0;
    if pure && factor >= LARGE_FACTOR {
        return Some(Tolerance {
            misfit: 0.08,
            stretch: 0.25,
            unchanged: 0.2,
        });
    }
    if pure {
        // Spread alone, around zero, is volatility and not a unit.
        let close = if apart { 0.03 } else { 0.01 };
        return one_sign(reference).then_some(Tolerance {
            misfit: close * 2.0,
            stretch: close,
            unchanged: 0.12,
        });
    }
    // Offsets: the level itself moves to an unlikely place.
    Some(if apart {
        Tolerance {
            misfit: 0.25,
            stretch: 0.35,
            unchanged: 2.0,
        }
    } else {
        Tolerance {
            misfit: 0.04,
            stretch: 0.05,
            unchanged: 0.25,
        }
    })
}

/// Distinct quantiles that are not zero.
fn informative(q: &Quantiles) -> usize {
    let mut values: Vec<f64> = q.iter().copied().filter(|x| *x != 0.0).collect();
    values.dedup();
    values.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FEBRUARY_F: Quantiles = [28.0, 33.0, 39.0, 45.0, 51.0];
    const JULY_F: Quantiles = [71.0, 75.0, 80.0, 84.0, 89.0];
    const SYMMETRIC: Quantiles = [-1.28, -0.67, 0.0, 0.67, 1.28];
    const FARES: Quantiles = [5.5, 7.5, 11.0, 18.0, 33.0];
    const WEIGHTS_KG: Quantiles = [54.0, 62.0, 72.0, 83.0, 95.0];

    fn words(reference: &Quantiles, current: &Quantiles) -> Option<String> {
        recognise(reference, current).map(|change| change.words)
    }

    fn fits(reference: &Quantiles, current: &Quantiles, expected: &str) {
        let found = words(reference, current).unwrap_or_default();
        assert!(
            found.contains(expected),
            "found {found:?}, not {expected:?}"
        );
    }

    fn map(q: &Quantiles, scale: f64, offset: f64) -> Quantiles {
        q.map(|x| scale * x + offset)
    }

    #[test]
    fn temperatures() {
        // A different week, measured in Celsius.
        fits(
            &JULY_F,
            &[20.0, 22.5, 25.5, 28.0, 30.5],
            "Fahrenheit -> Celsius",
        );
        fits(
            &[-5.0, 4.0, 14.0, 24.0, 31.0],
            &[23.5, 39.0, 57.5, 75.0, 88.0],
            "Celsius -> Fahrenheit",
        );
        fits(
            &[12.0, 15.0, 18.0, 22.0, 26.0],
            &[285.0, 288.5, 291.0, 295.0, 299.0],
            "Celsius -> Kelvin",
        );
        fits(
            &JULY_F,
            &map(&JULY_F, 5.0 / 9.0, 273.15 - 160.0 / 9.0),
            "Fahrenheit -> Kelvin",
        );
    }

    #[test]
    fn factors() {
        fits(
            &FARES,
            &[560.0, 740.0, 1090.0, 1830.0, 3290.0],
            "dollars -> cents",
        );
        fits(&map(&FARES, 1e3, 0.0), &FARES, "milliseconds");
        fits(
            &WEIGHTS_KG,
            &map(&WEIGHTS_KG, 2.2046, 0.0),
            "kilograms -> pounds",
        );
        fits(
            &map(&WEIGHTS_KG, 2.2046, 0.0),
            &WEIGHTS_KG,
            "pounds -> kilograms",
        );
        fits(&FARES, &map(&FARES, 1.6093, 0.0), "miles -> kilometres");
        fits(
            &WEIGHTS_KG,
            &map(&WEIGHTS_KG, 2.541, 0.0),
            "inches -> centimetres",
        );
        fits(
            &[29.6, 29.8, 30.0, 30.1, 30.3],
            &[1002.0, 1009.0, 1015.5, 1019.0, 1026.0],
            "hectopascals",
        );
        fits(&SYMMETRIC, &map(&SYMMETRIC, 1e3, 0.0), "milliseconds");
        fits(&FARES, &map(&FARES, 60.0, 0.0), "minutes -> seconds");
    }

    #[test]
    fn seasons_are_not_units() {
        assert_eq!(words(&FEBRUARY_F, &JULY_F), None);
        assert_eq!(words(&JULY_F, &FEBRUARY_F), None);
        let celsius = |q: &Quantiles| map(q, 5.0 / 9.0, -160.0 / 9.0);
        assert_eq!(words(&celsius(&FEBRUARY_F), &celsius(&JULY_F)), None);
        assert_eq!(words(&celsius(&JULY_F), &celsius(&FEBRUARY_F)), None);
        // A continental July and January.
        assert_eq!(
            words(
                &[64.0, 68.0, 74.0, 80.0, 86.0],
                &[-4.0, 4.0, 14.0, 24.0, 33.0]
            ),
            None
        );
    }

    #[test]
    fn ordinary_drift_is_not_a_unit() {
        assert_eq!(words(&FARES, &[6.0, 8.5, 13.0, 22.0, 41.0]), None);
        assert_eq!(words(&FARES, &[8.0, 12.0, 19.0, 30.0, 50.0]), None);
        for volatility in [1.3, 1.609, 1.8, 2.2046, 2.54, 3.281] {
            assert_eq!(words(&SYMMETRIC, &map(&SYMMETRIC, volatility, 0.0)), None);
        }
        assert_eq!(words(&SYMMETRIC, &map(&SYMMETRIC, 1.0, 3.0)), None);
        assert_eq!(
            words(
                &[1e6, 1.2e6, 1.5e6, 1.7e6, 1.9e6],
                &[2e6, 2.2e6, 2.5e6, 2.7e6, 2.9e6]
            ),
            None
        );
    }

    #[test]
    fn columns_of_zeros_and_small_integers_are_not_units() {
        assert_eq!(
            words(&[0.0, 0.0, 0.0, 0.0, 2.0], &[0.0, 0.0, 0.0, 1.0, 20.0]),
            None
        );
        assert_eq!(
            words(&[0.0, 0.0, 0.0, 0.0, 1.0], &[0.0, 0.0, 0.0, 0.0, 10.0]),
            None
        );
        assert_eq!(words(&[0.0; 5], &[0.0; 5]), None);
        assert_eq!(
            words(&[1.0, 1.0, 1.0, 2.0, 3.0], &[1.0, 1.0, 2.0, 3.0, 5.0]),
            None
        );
        assert_eq!(
            words(&[0.0, 0.0, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 5.0, 7.0]),
            None
        );
        assert_eq!(
            words(&[2.0, 4.0, 6.0, 8.0, 10.0], &[5.0, 10.0, 15.0, 20.0, 25.0]),
            None
        );
    }

    #[test]
    fn degenerate_quantiles_are_none() {
        assert_eq!(words(&[5.0; 5], &[500.0; 5]), None);
        assert_eq!(words(&[f64::NAN; 5], &FARES), None);
        assert_eq!(words(&[5.0, 4.0, 3.0, 2.0, 1.0], &FARES), None);
        assert_eq!(words(&FARES, &[-f64::MAX, 0.0, 1.0, 2.0, f64::MAX]), None);
    }

    proptest! {
        #[test]
        fn shifts_below_a_span_and_modest_stretching_never_fire(centre in -100.0f64..100.0, shift in -0.9f64..0.9, stretch in 0.7f64..1.4) {
            let reference = map(&SYMMETRIC, 3.0, centre);
            let current = map(&SYMMETRIC, 3.0 * stretch, centre + shift * 7.7);
            prop_assert_eq!(words(&reference, &current), None);
        }
    }
}
