//! P-values of many tests at once, adjusted so that each can be compared with
//! the error wanted for all. None when a p-value is NaN or outside 0 to 1: a
//! test that failed must not count as one that passed.

/// Times the number of tests. Controls the chance of any false alarm.
///
/// Dunn, "Multiple Comparisons Among Means", 1961.
pub fn bonferroni(p: &[f64]) -> Option<Vec<f64>> {
    let order = ranked(p)?;
    let tests = order.len() as f64;
    Some(p.iter().map(|p| (p * tests).min(1.0)).collect())
}

/// As Bonferroni, uniformly better.
///
/// Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979.
///
/// ```
/// use driftguard_statistics::multiple::holm;
/// assert_eq!(holm(&[0.01, 0.5, 0.02]), Some(vec![0.03, 0.5, 0.04]));
/// ```
pub fn holm(p: &[f64]) -> Option<Vec<f64>> {
    let order = ranked(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut highest = 0.0f64;
    for (rank, (position, value)) in order.iter().enumerate() {
        highest = highest.max(value * (order.len() - rank) as f64).min(1.0);
        put(&mut adjusted, *position, highest);
    }
    Some(adjusted)
}

/// Controls the expected share of false alarms among the alarms, when tests
/// are independent or positively dependent.
///
/// Benjamini and Hochberg, "Controlling the False Discovery Rate", 1995.
pub fn benjamini_hochberg(p: &[f64]) -> Option<Vec<f64>> {
    let order = ranked(p)?;
    let mut adjusted = vec![0.0; p.len()];
    let mut lowest = 1.0f64;
    for (rank, (position, value)) in order.iter().enumerate().rev() {
        lowest = lowest.min(value * order.len() as f64 / (rank + 1) as f64);
        put(&mut adjusted, *position, lowest);
    }
    Some(adjusted)
}

/// Positions and values, smallest value first.
fn ranked(p: &[f64]) -> Option<Vec<(usize, f64)>> {
    if p.iter().any(|p| !(0.0..=1.0).contains(p)) {
        return None;
    }
    let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    Some(order)
}

fn put(values: &mut [f64], position: usize, value: f64) {
    if let Some(slot) = values.get_mut(position) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn failed_tests_are_refused() {
        assert_eq!(bonferroni(&[0.1, f64::NAN]), None);
        assert_eq!(holm(&[1.1]), None);
        assert_eq!(benjamini_hochberg(&[]), Some(vec![]));
    }

    proptest! {
        #[test]
        fn ordered_by_strictness(p in prop::collection::vec(0.0f64..=1.0, 1..20)) {
            let (strict, holm, loose) = (bonferroni(&p).unwrap(), holm(&p).unwrap(), benjamini_hochberg(&p).unwrap());
            for i in 0..p.len() {
                prop_assert!(p[i] <= loose[i] + 1e-15 && loose[i] <= holm[i] + 1e-15 && holm[i] <= strict[i] + 1e-15);
                prop_assert!(strict[i] <= 1.0);
            }
        }
    }
}
