//! Seeded numbers and laws for tests of this crate and of the checks on it.

use driftguard_sdk::prelude::{Finding, Nature, Status};

/// SplitMix64: small, fixed, good enough for tests. Steele, Lea and Flood,
/// "Fast splittable pseudorandom number generators", 2014.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// A generator; equal seeds give equal numbers.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Evenly from 0 to below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.bits() % n.max(1)
    }

    /// Evenly from 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number.
    pub fn normal(&mut self) -> f64 {
        driftguard_statistics::special::normal_quantile(self.uniform().max(1e-12)).unwrap_or(0.0)
    }

    /// `n` normal numbers of this mean and deviation.
    pub fn normals(&mut self, n: usize, mean: f64, sd: f64) -> Vec<f64> {
        (0..n).map(|_| mean + sd * self.normal()).collect()
    }
}

/// The law of [`Purpose::Rank`]: measurements as in the report, by number.
///
/// # Panics
///
/// If they are not.
///
/// [`Purpose::Rank`]: driftguard_sdk::prelude::Purpose::Rank
pub fn ranks_are_those_reported(ranked: &[Finding], reported: &[Finding]) {
    let numbers = |finding: &Finding| {
        let noise = finding.noise.as_ref().map(|noise| (noise.mean, noise.sd));
        let rows = (finding.n_reference, finding.n_current);
        (
            finding.metric.clone(),
            finding.statistic,
            finding.effect,
            noise,
            rows,
        )
    };
    let counts =
        |finding: &&Finding| finding.nature == Nature::Measurement && finding.status == Status::Ok;
    let reported: Vec<_> = reported.iter().filter(counts).map(numbers).collect();
    let ranked: Vec<_> = ranked.iter().map(numbers).collect();
    assert_eq!(ranked, reported);
}
