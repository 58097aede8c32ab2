//! How many vectors repeat another, at equal numbers of vectors.

/// Expected share of `n` of the vectors that are not the first of their kind,
/// for hashes in order; None without vectors or with fewer than `n`.
///
/// Of a kind with `c` of `N` vectors none is among the `n` with probability
/// `C(N - c, n) / C(N, n)`. Hurlbert, "The Nonconcept of Species Diversity",
/// 1971.
pub fn repeated_share(sorted: &[u32], n: u64) -> Option<f64> {
    let all = sorted.len() as u64;
    if n == 0 || n > all {
        return None;
    }
    let kinds: f64 = sorted
        .chunk_by(|a, b| a == b)
        .map(|kind| 1.0 - absent(all, kind.len() as u64, n))
        .sum();
    Some((1.0 - kinds / n as f64).clamp(0.0, 1.0))
}

fn absent(all: u64, kind: u64, n: u64) -> f64 {
    let mut probability = 1.0;
    for i in 0..kind {
        let rest = all - i;
        if rest <= n {
            return 0.0;
        }
        probability *= (rest - n) as f64 / rest as f64;
    }
    probability
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shares() {
        assert_eq!(repeated_share(&[], 0), None);
        assert_eq!(repeated_share(&[1, 2], 3), None);
        assert_eq!(repeated_share(&[1, 2, 3], 3), Some(0.0));
        assert!((repeated_share(&[1, 1, 2, 2], 4).unwrap() - 0.5).abs() < 1e-12);
        // Of the six pairs of rows two are equal.
        assert!((repeated_share(&[1, 1, 2, 2], 2).unwrap() - 1.0 / 6.0).abs() < 1e-12);
        assert!((repeated_share(&[7; 10], 5).unwrap() - 0.8).abs() < 1e-12);
    }
}
