//! The noise that the crate predicts against the noise that seeded samples of
//! one law show. Five bins, of which one holds half of the rows.

use driftguard_statistics::wasserstein::{self, Binned};
use driftguard_statistics::{Counts, Noise, divergence, ks};

const REPETITIONS: usize = 4000;
const EDGES: [f64; 4] = [0.5, 0.6, 0.8, 0.9];
const ROWS: (u64, u64) = (900, 600);

/// SplitMix64 (Steele, Lea and Flood, 2014), as a number from 0 to 1.
fn uniform(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

fn sides(state: &mut u64) -> (Vec<f64>, Vec<f64>) {
    let mut side = |rows| {
        let mut values: Vec<f64> = (0..rows).map(|_| uniform(state)).collect();
        values.sort_by(f64::total_cmp);
        values
    };
    (side(ROWS.0), side(ROWS.1))
}

/// Compares mean and deviation of `statistic` over the repetitions with the
/// average of what `noise` predicted, to within a share of them.
fn agrees(name: &str, tolerance: f64, measure: impl Fn(&[f64], &[f64]) -> (f64, Noise)) {
    let mut state = 42;
    let pairs: Vec<(f64, Noise)> = (0..REPETITIONS)
        .map(|_| {
            let (a, b) = sides(&mut state);
            measure(&a, &b)
        })
        .collect();
    let n = REPETITIONS as f64;
    let mean = pairs.iter().map(|(s, _)| s).sum::<f64>() / n;
    let sd = (pairs.iter().map(|(s, _)| (s - mean).powi(2)).sum::<f64>() / n).sqrt();
    let expected = pairs.iter().map(|(_, noise)| noise.mean).sum::<f64>() / n;
    let expected_sd = pairs.iter().map(|(_, noise)| noise.sd).sum::<f64>() / n;
    assert!(
        (expected / mean - 1.0).abs() < tolerance,
        "{name}: mean {mean}, predicted {expected}"
    );
    assert!(
        (expected_sd / sd - 1.0).abs() < tolerance,
        "{name}: sd {sd}, predicted {expected_sd}"
    );
}

type Distance = fn(&[u64], &[u64]) -> Option<f64>;
type Predicted = fn(&[u64], &[u64]) -> Option<Noise>;

#[test]
fn distances_over_bins() {
    let all: [(&str, f64, Distance, Predicted); 7] = [
        ("psi", 0.08, divergence::psi, divergence::psi_noise),
        (
            "kl",
            0.08,
            divergence::kullback_leibler,
            divergence::kullback_leibler_noise,
        ),
        (
            "jsd",
            0.08,
            divergence::jensen_shannon_bits,
            divergence::jensen_shannon_bits_noise,
        ),
        (
            "sqrt jsd",
            0.08,
            divergence::jensen_shannon_distance,
            divergence::jensen_shannon_distance_noise,
        ),
        (
            "hellinger",
            0.08,
            divergence::hellinger,
            divergence::hellinger_noise,
        ),
        (
            "total variation",
            0.08,
            divergence::total_variation,
            divergence::total_variation_noise,
        ),
        (
            "largest change",
            0.12,
            divergence::largest_change,
            divergence::largest_change_noise,
        ),
    ];
    for (name, tolerance, distance, noise) in all {
        agrees(name, tolerance, |a, b| {
            let (p, q) = (Counts::of_values(&EDGES, a), Counts::of_values(&EDGES, b));
            (
                distance(p.as_slice(), q.as_slice()).unwrap(),
                noise(p.as_slice(), q.as_slice()).unwrap(),
            )
        });
    }
}

#[test]
fn exact_kolmogorov_smirnov() {
    agrees("ks", 0.08, |a, b| {
        (
            ks::from_sorted(a, b).unwrap().statistic,
            ks::noise(ROWS.0, ROWS.1).unwrap(),
        )
    });
}

#[test]
fn wasserstein_over_bins() {
    let edges: Vec<f64> = (1..40).map(|i| f64::from(i) / 40.0).collect();
    agrees("wasserstein", 0.08, |a, b| {
        let (p, q) = (Counts::of_values(&edges, a), Counts::of_values(&edges, b));
        let left = Binned {
            counts: p.as_slice(),
            min: a[0],
            max: a[a.len() - 1],
        };
        let right = Binned {
            counts: q.as_slice(),
            min: b[0],
            max: b[b.len() - 1],
        };
        let moved = wasserstein::from_counts(&edges, left, right).unwrap();
        (moved, wasserstein::noise(&edges, left, right).unwrap())
    });
}
