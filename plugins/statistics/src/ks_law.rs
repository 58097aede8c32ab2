//! The exact law of the one-sample Kolmogorov-Smirnov distance at `n` rows.
//!
//! No single formula is both exact and quick everywhere, so the plane of
//! (n, d) is divided as in Simard and L'Ecuyer, "Computing the Two-Sided
//! Kolmogorov-Smirnov Distribution", 2011, which is also what SciPy's `kstwo`
//! does. Agrees with it to 1e-9.

use std::f64::consts::PI;

use crate::special::{binomial_pmf, ln_gamma};

/// Above this many rows the one-sided sum is replaced by its limit.
const LARGEST_SUM: f64 = 1e6;

/// `P(D_n >= d)` for a sample of `n` rows (a whole number, at least 1).
pub fn kolmogorov_sf_at(n: f64, d: f64) -> f64 {
    let (scaled, square) = (n * d, n * d * d);
    if scaled <= 0.5 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let probability = if scaled <= 1.0 {
        // Ruben and Gambino, 1982: n!/n^n (2nd - 1)^n is the lower tail.
        1.0 - (ln_gamma(n + 1.0) - n * n.ln() + n * (2.0 * scaled - 1.0).ln()).exp()
    } else if scaled >= n - 1.0 {
        2.0 * (n * (-d).ln_1p()).exp()
    } else if d >= 0.5 || square >= one_sided_from(n) {
        2.0 * one_sided_sf(n, d)
    } else if square < 0.04 {
        // The lower tail is below 1e-11 here.
        1.0
    } else if n <= 140.0 || (n <= 1e5 && n * d.powf(1.5) <= 1.4) {
        1.0 - matrix_cdf(n, d)
    } else {
        1.0 - pelz_good_cdf(n, d)
    };
    probability.clamp(0.0, 1.0)
}

/// From this `n d^2` on both sides are not exceeded at once (to 1e-10).
fn one_sided_from(n: f64) -> f64 {
    if n <= 140.0 { 4.0 } else { 2.2 }
}

/// `P(D_n^+ >= d)`, exact: `sum_j C(n,j) d (d + j/n)^(j-1) (1 - d - j/n)^(n-j)`
/// (Birnbaum and Tingey, "One-Sided Confidence Contours for Probability
/// Distribution Functions", 1951), each term written as a binomial
/// probability. Above a million rows `exp(-(6nd + 1)^2 / 18n)` (Maag and
/// Dicaire, "On Kolmogorov-Smirnov type one-sample statistics", 1971).
fn one_sided_sf(n: f64, d: f64) -> f64 {
    if n > LARGEST_SUM {
        return (-(6.0 * n * d + 1.0).powi(2) / (18.0 * n)).exp();
    }
    let last = (n * (1.0 - d)).floor() as u64;
    let mut sum = 0.0;
    for j in 0..=last {
        let k = j as f64;
        let above = d + k / n;
        let below = ((n - k) - n * d) / n;
        if below <= 0.0 {
            continue;
        }
        sum += d / above * binomial_pmf(k, n, above, below);
    }
    sum
}

/// Lower tail by a power of a matrix: exact, for few rows or small `n d`.
///
/// Marsaglia, Tsang and Wang, "Evaluating Kolmogorov's Distribution", 2003.
fn matrix_cdf(n: f64, d: f64) -> f64 {
    let k = (n * d).ceil();
    let h = k - n * d;
    let size = 2 * k as usize - 1;
    let mut power = Scaled::identity(size);
    let mut base = Scaled {
        cells: start_matrix(size, h),
        exponent: 0,
    };
    let mut left = n as u64;
    while left > 0 {
        if left % 2 == 1 {
            power = power.times(&base, size);
        }
        base = base.times(&base, size);
        left /= 2;
    }
    let centre = (k as usize - 1) * (size + 1);
    let mut value = power.cells.get(centre).copied().unwrap_or(0.0);
    let mut exponent = power.exponent;
    for i in 1..=n as u64 {
        value *= i as f64 / n;
        if value < 1e-140 {
            value *= 1e140;
            exponent -= 140;
        }
    }
    value * 10f64.powi(exponent)
}

fn start_matrix(size: usize, h: f64) -> Vec<f64> {
    let last = size - 1;
    // Powers of h at the edges, 1 on and below the first superdiagonal.
    let entry = |i: usize, j: usize| {
        let mut value = if i + 1 >= j { 1.0 } else { 0.0 };
        if j == 0 {
            value -= h.powi(i as i32 + 1);
        }
        if i == last {
            value -= h.powi((size - j) as i32);
        }
        if i == last && j == 0 && 2.0 * h > 1.0 {
            value += (2.0 * h - 1.0).powi(size as i32);
        }
        let factorial: f64 = (1..=(i + 1).saturating_sub(j)).map(|g| g as f64).product();
        value / factorial
    };
    (0..size * size)
        .map(|cell| entry(cell / size, cell % size))
        .collect()
}

/// A square matrix times a power of ten.
struct Scaled {
    cells: Vec<f64>,
    exponent: i32,
}

impl Scaled {
    fn identity(size: usize) -> Self {
        let cells = (0..size * size).map(|cell| if cell / size == cell % size { 1.0 } else { 0.0 });
        Self {
            cells: cells.collect(),
            exponent: 0,
        }
    }

    fn times(&self, other: &Self, size: usize) -> Self {
        let mut cells = vec![0.0; size * size];
        for (row, out) in self.cells.chunks(size).zip(cells.chunks_mut(size)) {
            for (factor, line) in row.iter().zip(other.cells.chunks(size)) {
                for (sum, cell) in out.iter_mut().zip(line) {
                    *sum += factor * cell;
                }
            }
        }
        let mut exponent = self.exponent + other.exponent;
        if cells
            .get(size / 2 * (size + 1))
            .is_some_and(|centre| *centre > 1e140)
        {
            cells.iter_mut().for_each(|cell| *cell *= 1e-140);
            exponent += 140;
        }
        Self { cells, exponent }
    }
}

/// Lower tail by an expansion in `1 / sqrt(n)`, for many rows.
///
/// Pelz and Good, "Approximating the Lower Tail-areas of the
/// Kolmogorov-Smirnov One-sample Statistic", 1976.
fn pelz_good_cdf(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let [z2, z4, z6, z8] = [2, 4, 6, 8].map(|power| z.powi(power));
    let [pi2, pi4, pi6] = [2, 4, 6].map(|power| PI.powi(power));
    let mut sums = [0.0; 4];
    for k in 1..=20 {
        let m2 = f64::from((2 * k - 1) * (2 * k - 1));
        let weight = (-pi2 * m2 / (8.0 * z2)).exp();
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let terms = [
            1.0,
            -z2 + pi2 / 4.0 * m2,
            6.0 * z6
                + 2.0 * z4
                + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2
                + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4,
            -30.0 * z6 - 90.0 * z8
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (-60.0 * z2 + 212.0 * z4) / 16.0 * m4
                + pi6 * (5.0 - 30.0 * z2) / 64.0 * m6,
        ];
        sums.iter_mut()
            .zip(terms)
            .for_each(|(sum, term)| *sum += weight * term);
    }
    let [mut k0, mut k1, mut k2, mut k3] = sums;
    let root = (2.0 * PI).sqrt();
    k0 *= root / z;
    k1 *= root / (6.0 * z4);
    k2 *= root / (72.0 * z.powi(7));
    k3 *= root / (6480.0 * z.powi(10));
    for k in 1..=20 {
        let k_square = f64::from(k * k);
        let weight = k_square * (-pi2 * k_square / (2.0 * z2)).exp();
        k2 -= weight * pi2 * root / (36.0 * z.powi(3));
        k3 += weight * (3.0 * z2 - pi2 * k_square) * pi2 * root / (216.0 * z6);
    }
    k0 + k1 / n.sqrt() + k2 / n + k3 / (n * n.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::kolmogorov_sf;

    #[test]
    fn one_row_is_uniform() {
        assert!((kolmogorov_sf_at(1.0, 0.75) - 0.5).abs() < 1e-14);
        assert_eq!(kolmogorov_sf_at(1.0, 0.5), 1.0);
        assert_eq!(kolmogorov_sf_at(7.0, 1.0), 0.0);
    }

    #[test]
    fn methods_meet_at_their_borders() {
        for (n, d) in [
            (140.0, 0.12f64),
            (100.0, 0.15),
            (500.0, 0.0198),
            (3000.0, 0.006),
        ] {
            let (matrix, expansion) = (matrix_cdf(n, d), pelz_good_cdf(n, d));
            assert!(
                (matrix - expansion).abs() < 2e-5,
                "{matrix} and {expansion} at {n} {d}"
            );
        }
        let (n, d) = (5000.0f64, (2.2f64 / 5000.0).sqrt());
        let (sum, expansion) = (2.0 * one_sided_sf(n, d), 1.0 - pelz_good_cdf(n, d));
        assert!((sum - expansion).abs() < 1e-7, "{sum} and {expansion}");
    }

    #[test]
    fn the_limit_is_kolmogorovs() {
        let n = 4e8f64;
        for z in [0.5, 0.9, 1.4, 3.0] {
            assert!((kolmogorov_sf_at(n, z / n.sqrt()) - kolmogorov_sf(z)).abs() < 1e-4);
        }
    }
}
