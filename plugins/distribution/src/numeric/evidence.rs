//! The histogram in the report: at most twenty bins that a human can read.

use driftguard_sdk::prelude::Evidence;

use super::{NumericFrame, Side};

/// Bins between the two open tails, about.
const BINS: f64 = 16.0;
/// How far the picture reaches beyond the reference, in widths of it.
const REACH: f64 = 3.0;
const TITLE: &str = "share of rows by value";

/// Shares of both sides: by value where the reference has few of them,
/// otherwise over bins with round borders. None if the reference has no width.
pub(super) fn histogram(
    frame: &NumericFrame,
    reference: &Side<'_>,
    current: &Side<'_>,
) -> Option<Evidence> {
    if frame.few_values().is_empty() {
        by_bin(frame, reference, current)
    } else {
        Some(by_value(frame.few_values(), reference, current))
    }
}

fn by_value(values: &[f64], reference: &Side<'_>, current: &Side<'_>) -> Evidence {
    let shares = |side: &Side<'_>| -> Vec<f64> {
        let mut shares: Vec<f64> = values
            .iter()
            .map(|value| side.share_between(*value, value.next_up()))
            .collect();
        shares.push((1.0 - shares.iter().sum::<f64>()).max(0.0));
        shares
    };
    let (mut reference, mut current) = (shares(reference), shares(current));
    let mut labels: Vec<String> = values.iter().map(|value| label(*value, 0.0)).collect();
    let rest = |shares: &[f64]| shares.last().copied().unwrap_or(0.0);
    if rest(&reference).max(rest(&current)) > 1e-9 {
        labels.push("(other)".into());
    } else {
        reference.pop();
        current.pop();
    }
    Evidence {
        title: TITLE.into(),
        labels,
        reference,
        current,
    }
}

fn by_bin(frame: &NumericFrame, reference: &Side<'_>, current: &Side<'_>) -> Option<Evidence> {
    let quantiles = frame.quantiles()?;
    let (mut low, mut high) = (quantiles.q01, quantiles.q99);
    if low == high {
        (low, high) = reference.extremes()?;
    }
    let reach = REACH * (high - low);
    let far_low = current.quantile(0.05).unwrap_or(low).max(low - reach);
    let far_high = current.quantile(0.95).unwrap_or(high).min(high + reach);
    let (low, high) = (low.min(far_low), high.max(far_high));
    let step = round_step((high - low) / BINS)?;
    let first = (low / step).floor();
    let bins = ((high / step).ceil() - first).clamp(1.0, BINS + 2.0) as u32;
    let borders: Vec<f64> = (0..=bins)
        .map(|i| (first + f64::from(i)) * step + 0.0)
        .collect();
    let rising = borders
        .iter()
        .zip(borders.iter().skip(1))
        .all(|(left, right)| left < right && right.is_finite());
    rising.then(|| over(&borders, step, reference, current))
}

fn over(borders: &[f64], step: f64, reference: &Side<'_>, current: &Side<'_>) -> Evidence {
    let (lows, highs) = (borders.iter(), borders.iter().skip(1));
    let mut rows: Vec<(String, f64, f64)> = lows
        .zip(highs)
        .map(|(low, high)| {
            let name = format!("{}..{}", label(*low, step), label(*high, step));
            let share = |side: &Side<'_>| side.share_between(*low, *high);
            (name, share(reference), share(current))
        })
        .collect();
    if let (Some(low), Some(high)) = (borders.first(), borders.last()) {
        let below = |side: &Side<'_>| side.share_below(*low);
        let above = |side: &Side<'_>| 1.0 - side.share_below(*high);
        let low = format!("<{}", label(*low, step));
        let high = format!(">={}", label(*high, step));
        rows.insert(0, (low, below(reference), below(current)));
        rows.push((high, above(reference), above(current)));
    }
    // A tail without rows on either side tells nothing.
    let last = rows.len().saturating_sub(1);
    let mut position = 0;
    rows.retain(|(_, p, q)| {
        let tail = position == 0 || position == last;
        position += 1;
        !tail || p.max(*q) > 1e-12
    });
    Evidence {
        title: TITLE.into(),
        labels: rows.iter().map(|row| row.0.clone()).collect(),
        reference: rows.iter().map(|row| row.1).collect(),
        current: rows.iter().map(|row| row.2).collect(),
    }
}

/// The next of 1, 2, 2.5, 5 times a power of ten; None without a width.
fn round_step(width: f64) -> Option<f64> {
    if !(width > 0.0 && width.is_finite()) {
        return None;
    }
    let power = 10f64.powf(width.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
    steps
        .into_iter()
        .find(|step| *step >= width && step.is_finite())
}

/// A border with as many decimals as its step has; a value as it is.
fn label(value: f64, step: f64) -> String {
    let large = value != 0.0 && !(1e-6..1e9).contains(&value.abs());
    if step == 0.0 {
        return if large {
            format!("{value:e}")
        } else {
            format!("{value}")
        };
    }
    let decimals = (1.0 - step.log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" {
        "0".into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::NumericProfile;
    use super::*;

    fn draw(reference: &[f64], current: &[f64], k: usize) -> Option<Evidence> {
        let frame = NumericFrame::of_sample(reference.to_vec());
        let profile = |values: &[f64]| {
            let mut profile = NumericProfile::new(&frame, k);
            profile.add_values(&frame, 0, values).unwrap();
            profile
        };
        let (p, q) = (profile(reference), profile(current));
        histogram(
            &frame,
            &Side::new(&frame, &p).unwrap(),
            &Side::new(&frame, &q).unwrap(),
        )
    }

    fn ramp(n: u32, low: f64, high: f64) -> Vec<f64> {
        (0..n)
            .map(|i| low + (high - low) * f64::from(i) / f64::from(n))
            .collect()
    }

    #[test]
    fn bins_are_round_and_shares_add_up() {
        for k in [10, 8192] {
            for current in [ramp(500, 50.0, 130.0), ramp(500, 5e4, 6e4), vec![70.0]] {
                let drawn = draw(&ramp(1000, 60.0, 100.0), &current, k).unwrap();
                assert!(drawn.labels.len() <= 20, "{:?}", drawn.labels);
                for shares in [&drawn.reference, &drawn.current] {
                    assert_eq!(shares.len(), drawn.labels.len());
                    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
                }
            }
        }
        let drawn = draw(&ramp(1000, 60.0, 100.0), &ramp(1000, 60.0, 100.0), 10).unwrap();
        assert_eq!(drawn.labels[0], "60..62.5");
        assert_eq!(drawn.labels.last().unwrap(), "97.5..100");
    }

    #[test]
    fn few_values_are_shown_one_by_one() {
        let drawn = draw(&[0.0, 1.0, 1.0, 2.0], &[1.0, 7.5], 3).unwrap();
        assert_eq!(drawn.labels, ["0", "1", "2", "(other)"]);
        assert_eq!(drawn.current, [0.0, 0.5, 0.0, 0.5]);
    }

    #[test]
    fn nothing_to_draw() {
        assert_eq!(draw(&[], &[1.0], 10), None);
        assert_eq!(round_step(0.0), None);
        assert_eq!(round_step(f64::INFINITY), None);
    }
}
