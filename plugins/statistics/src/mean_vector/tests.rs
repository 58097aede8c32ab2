use super::*;
use crate::testing::Rng;
use proptest::prelude::*;

/// What the tests draw.
trait Draw {
    fn rows(&mut self, n: usize, d: usize, shift: f64) -> Vec<f32>;
}

impl Draw for Rng {
    /// Rows whose coordinates share a factor and have falling deviations.
    fn rows(&mut self, n: usize, d: usize, shift: f64) -> Vec<f32> {
        let mut out = vec![];
        for _ in 0..n {
            let shared = self.normal();
            for j in 0..d {
                let sd = 1.0 / (1.0 + j as f64 / 8.0);
                out.push((sd * (0.5 * shared + self.normal() + shift)) as f32);
            }
        }
        out
    }
}

fn mean(rows: &[f32], d: usize) -> (u64, Vec<f64>) {
    let n = rows.len() / d;
    let mut sums = vec![0.0; d];
    for row in rows.chunks(d) {
        sums.iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += f64::from(*x) / n as f64);
    }
    (n as u64, sums)
}

fn compared(reference: &[f32], current: &[f32], d: usize) -> Difference {
    let spread = Spread::of_rows(reference, d).unwrap();
    let ((n, x), (m, y)) = (mean(reference, d), mean(current, d));
    compare(&spread, (n, &x), (m, &y)).unwrap()
}

fn close(left: f64, right: f64) {
    assert!((left - right).abs() < 1e-6, "{left} is not {right}");
}

/// numpy 2 and SciPy 1.16: `numpy.cov` of the rows, `stats.chi(h)` and
/// `stats.chi2(h)` with `h = tr(S)^2 / tr(S^2)`.
#[test]
fn oracle() {
    let rows = [1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 2.0, 5.0, 4.0, 1.0];
    let spread = Spread::of_rows(&rows, 2).unwrap();
    close(spread.trace(), 6.2);
    // The corrected estimate, 9.293, is less than any covariance can have.
    close(spread.trace_of_square, 19.22);
    close(spread.along(&[1.0, -2.0]).unwrap(), 3.26);
    let found = compare(&spread, (50, &[0.0, 0.0]), (80, &[0.5, -0.25])).unwrap();
    close(found.distance, 0.559_016_994_374_947_5);
    close(found.noise.mean, 0.397_816_201_184_147_2);
    close(found.noise.sd, 0.207_947_758_043_731_17);
    close(found.p_value, 0.212_063_719_380_976_32);
    close(found.separation, 0.101_146_373_480_443_38);
    close(found.effect, 0.040_334_370_643_060_335);
}

/// 400 pairs of equal law for each shape, more coordinates than rows among
/// them: the noise floor is right, false alarms are as rare as promised.
#[test]
fn noise_and_false_alarms() {
    for (n, m, d) in [(200, 300, 6), (150, 60, 40), (60, 60, 128)] {
        let mut rng = Rng(d as u64);
        let frame = rng.rows(400, d, 0.0);
        let spread = Spread::of_rows(&frame, d).unwrap();
        let (mut alarms, mut sum, mut square, mut noise) =
            (0, 0.0, 0.0, Noise { mean: 0.0, sd: 0.0 });
        for _ in 0..400 {
            let (p, q) = (rng.rows(n, d, 0.0), rng.rows(m, d, 0.0));
            let ((n, x), (m, y)) = (mean(&p, d), mean(&q, d));
            let found = compare(&spread, (n, &x), (m, &y)).unwrap();
            alarms += u32::from(found.p_value < 0.05);
            sum += found.distance / 400.0;
            square += found.distance.powi(2) / 400.0;
            noise = found.noise;
        }
        let sd = (square - sum * sum).sqrt();
        assert!(
            (8..=34).contains(&alarms),
            "{d}: {alarms} of 400, 20 expected"
        );
        assert!(
            (sum / noise.mean - 1.0).abs() < 0.05,
            "{d}: {sum} {noise:?}"
        );
        assert!((sd / noise.sd - 1.0).abs() < 0.2, "{d}: {sd} {noise:?}");
    }
}

#[test]
fn power() {
    let mut rng = Rng(5);
    for _ in 0..20 {
        let (p, q) = (rng.rows(300, 16, 0.0), rng.rows(300, 16, 0.3));
        let found = compared(&p, &q, 16);
        assert!(found.p_value < 1e-3 && found.effect > 0.05, "{found:?}");
    }
}

/// A shift of one standard deviation along one coordinate alone moves
/// `2 F(1/2) - 1` = 38.3 % of the rows.
#[test]
fn the_effect_is_a_share_of_rows() {
    let mut rng = Rng(7);
    let p: Vec<f32> = (0..60_000).map(|_| rng.normal() as f32).collect();
    let q: Vec<f32> = (0..60_000)
        .map(|i| (rng.normal() + f64::from(u8::from(i % 3 == 0))) as f32)
        .collect();
    let found = compared(&p, &q, 3);
    assert!((found.effect - 0.383).abs() < 0.01, "{found:?}");
}

#[test]
fn degenerate() {
    assert_eq!(Spread::of_rows(&[], 3), None);
    assert_eq!(Spread::of_rows(&[1.0, 2.0], 1), None);
    assert_eq!(Spread::of_rows(&[1.0; 30], 3), None);
    assert_eq!(Spread::of_rows(&[1.0; 31], 3), None);
    assert_eq!(Spread::of_rows(&[f32::NAN; 30], 3), None);
    assert_eq!(Spread::of_rows(&[1.0; 30], 0), None);
    let spread = Spread::of_rows(&[1.0, 2.0, 4.0], 1).unwrap();
    assert_eq!(compare(&spread, (0, &[1.0]), (3, &[1.0])), None);
    assert_eq!(compare(&spread, (3, &[1.0, 1.0]), (3, &[1.0])), None);
    let same = compare(&spread, (3, &[1.0]), (3, &[1.0])).unwrap();
    assert_eq!((same.effect, same.p_value), (0.0, 1.0));
    let mut forged = spread;
    forged.dimension = usize::MAX;
    assert!(forged.validate().is_err());
}

proptest! {
    #[test]
    fn laws(rows in prop::collection::vec(-9.0f32..9.0, 12..40), x in prop::array::uniform3(-9.0f64..9.0), y in prop::array::uniform3(-9.0f64..9.0), n in 1u64..900, m in 1u64..900) {
        let rows = &rows[..rows.len() / 3 * 3];
        if let Some(spread) = Spread::of_rows(rows, 3) {
            spread.validate().unwrap();
            let (there, back) = (compare(&spread, (n, &x), (m, &y)).unwrap(), compare(&spread, (m, &y), (n, &x)).unwrap());
            prop_assert!((there.distance - back.distance).abs() < 1e-9 && (there.p_value - back.p_value).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&there.effect) && (0.0..=1.0).contains(&there.p_value));
            prop_assert!(there.noise.mean.is_finite() && there.noise.sd.is_finite());
        }
    }
}
