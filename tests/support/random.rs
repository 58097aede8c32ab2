//! The same numbers on every machine.

/// SplitMix64 with normal deviates.
pub struct Random(pub u64);

impl Random {
    /// From 0 to below 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below `limit`.
    pub fn below(&mut self, limit: u32) -> u32 {
        (self.uniform() * f64::from(limit)) as u32
    }

    /// Mean 0, standard deviation 1.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Normal deviates around `mean`, with standard deviation 1.
pub fn normals(seed: u64, rows: usize, mean: f64) -> Vec<Option<f64>> {
    // Neighbouring seeds of SplitMix64 share most of their stream.
    let mut random = Random(seed.wrapping_mul(0xd134_2543_de82_ef95));
    (0..rows).map(|_| Some(random.normal() + mean)).collect()
}
