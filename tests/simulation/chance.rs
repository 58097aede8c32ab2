//! Seeded random numbers, the same on every machine.

/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number
/// generators", 2014).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// In (0, 1).
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 + 1e-17
    }

    /// Standard normal (Box, Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }

    /// How many of `n` succeed with probability `p`: by counting for few, by
    /// the normal law for many, where it is indistinguishable here.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        if n == 0 || p <= 0.0 {
            return 0;
        }
        if p >= 1.0 {
            return n;
        }
        let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
        if variance > 400.0 {
            let drawn = (mean + variance.sqrt() * self.normal()).round();
            return drawn.clamp(0.0, n as f64) as u64;
        }
        if p > 0.5 {
            return n - self.binomial(n, 1.0 - p);
        }
        // Waiting times between successes (Devroye, "Non-Uniform Random
        // Variate Generation", 1986, X.4).
        let (mut count, mut at) = (0, 0.0);
        let base = (1.0 - p).ln();
        loop {
            at += (self.uniform().ln() / base).floor() + 1.0;
            if at > n as f64 {
                return count;
            }
            count += 1;
        }
    }
}
