//! Hypergeometric probabilities and Fisher's exact test.

use crate::special::binomial_pmf;

/// Two-by-two table: rows of each side, and how many of them are hits.
#[derive(Debug, Clone, Copy)]
struct Table {
    n: f64,
    m: f64,
    hits: f64,
}

impl Table {
    /// Probability of `x` hits among the first `n` rows, all margins fixed;
    /// three binomials in one ratio (Loader, "Fast and Accurate Computation
    /// of Binomial Probabilities", 2000).
    fn probability(&self, x: f64) -> f64 {
        let all = self.n + self.m;
        let (p, q) = (self.hits / all, (all - self.hits) / all);
        let joint = binomial_pmf(self.hits, all, p, q);
        binomial_pmf(x, self.n, p, q) / joint * binomial_pmf(self.hits - x, self.m, p, q)
    }

    /// Probability at `x + 1` over that at `x`.
    fn step_up(&self, x: f64) -> f64 {
        (self.n - x) * (self.hits - x) / ((x + 1.0) * (self.m - self.hits + x + 1.0))
    }

    fn lowest(&self) -> f64 {
        (self.hits - self.m).max(0.0)
    }

    fn highest(&self) -> f64 {
        self.hits.min(self.n)
    }

    fn mode(&self) -> f64 {
        ((self.n + 1.0) * (self.hits + 1.0) / (self.n + self.m + 2.0))
            .floor()
            .clamp(self.lowest(), self.highest())
    }

    /// Sum of probabilities from `x` down to the lowest.
    fn below(&self, mut x: f64) -> f64 {
        let (mut term, mut sum) = (self.probability(x), 0.0);
        while x >= self.lowest() && term > sum * 1e-18 {
            sum += term;
            x -= 1.0;
            term /= self.step_up(x);
        }
        sum
    }

    /// Sum of probabilities from `x` up to the highest.
    fn above(&self, mut x: f64) -> f64 {
        let (mut term, mut sum) = (self.probability(x), 0.0);
        while x <= self.highest() && term > sum * 1e-18 {
            sum += term;
            term *= self.step_up(x);
            x += 1.0;
        }
        sum
    }
}

/// Fisher's exact two-sided p-value of `a` hits in `n` rows against `b` hits
/// in `m`: the sum over all tables with the same margins that are no more
/// probable than this one. None when a side is empty or has more hits than
/// rows.
///
/// Fisher, "The Logic of Inductive Inference", 1935.
///
/// ```
/// use driftguard_statistics::hypergeometric::fisher_exact;
/// let p = fisher_exact(8, 10, 1, 6).unwrap();
/// assert!((p - 0.034965034965034975).abs() < 1e-12);
/// ```
pub fn fisher_exact(a: u64, n: u64, b: u64, m: u64) -> Option<f64> {
    if n == 0 || m == 0 || a > n || b > m {
        return None;
    }
    let table = Table {
        n: n as f64,
        m: m as f64,
        hits: a as f64 + b as f64,
    };
    let x = a as f64;
    // Ties differ by rounding only; count them as ties.
    let limit = table.probability(x) * (1.0 + 1e-9);
    if limit == 0.0 {
        return Some(0.0);
    }
    let mode = table.mode();
    if table.probability(mode) <= limit {
        // No table is more probable than this one.
        return Some(1.0);
    }
    let p = if x >= mode {
        table.above(x) + far_tail_below(&table, limit, mode)
    } else {
        table.below(x) + far_tail_above(&table, limit, mode)
    };
    Some(p.min(1.0))
}

/// Sum over the tables below the mode that are no more probable than `limit`.
fn far_tail_below(table: &Table, limit: f64, mode: f64) -> f64 {
    if table.probability(table.lowest()) > limit {
        return 0.0;
    }
    // Probabilities rise up to the mode: bisect for the last one within.
    let (mut within, mut beyond) = (table.lowest(), mode);
    while beyond - within > 1.0 {
        let middle = ((within + beyond) / 2.0).floor();
        if table.probability(middle) <= limit {
            within = middle
        } else {
            beyond = middle
        }
    }
    if within >= mode {
        0.0
    } else {
        table.below(within)
    }
}

fn far_tail_above(table: &Table, limit: f64, mode: f64) -> f64 {
    if table.probability(table.highest()) > limit {
        return 0.0;
    }
    let (mut beyond, mut within) = (mode, table.highest());
    while within - beyond > 1.0 {
        let middle = ((within + beyond) / 2.0).floor();
        if table.probability(middle) <= limit {
            within = middle
        } else {
            beyond = middle
        }
    }
    if within <= mode {
        0.0
    } else {
        table.above(within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn edges_of_the_table() {
        assert_eq!(fisher_exact(0, 0, 1, 2), None);
        assert_eq!(fisher_exact(3, 2, 1, 2), None);
        assert_eq!(fisher_exact(0, 5, 0, 9), Some(1.0));
        assert_eq!(fisher_exact(5, 5, 9, 9), Some(1.0));
        let all_apart = fisher_exact(0, 3, 3, 3).unwrap();
        assert!((all_apart - 0.1).abs() < 1e-12);
    }

    #[test]
    fn many_rows_are_no_trouble() {
        let p = fisher_exact(3, 10_000_000, 9, 10_000_000).unwrap();
        assert!(p > 0.1 && p < 0.2, "{p}");
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_sum(n in 1u64..15, m in 1u64..15, a in 0u64..15, b in 0u64..15) {
            let (a, b) = (a.min(n), b.min(m));
            let choose = |n: u64, k: u64| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
            let chance = |x: u64| choose(n, x) * choose(m, a + b - x) / choose(n + m, a + b);
            let lowest = (a + b).saturating_sub(m);
            let plain: f64 = (lowest..=(a + b).min(n)).map(chance).filter(|p| *p <= chance(a) * (1.0 + 1e-9)).sum();
            let p = fisher_exact(a, n, b, m).unwrap();
            prop_assert!((p - plain.min(1.0)).abs() < 1e-11, "{} {}", p, plain);
            prop_assert!((p - fisher_exact(b, m, a, n).unwrap()).abs() < 1e-11);
        }
    }
}
