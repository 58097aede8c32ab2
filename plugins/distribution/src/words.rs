//! Numbers and names as they stand in messages.

/// Longest name or value shown in a message, in characters.
const LONGEST: usize = 60;

/// A number with three significant digits: `71.1`, `-0.0123`, `12300`,
/// `1.2e9`. What is not finite is `?`.
pub fn number(value: f64) -> String {
    significant(value, 3)
}

/// Two numbers with three significant digits, or as many more (at most
/// eight) as it takes to tell them apart: `2013`, `2014`.
///
/// ```
/// use driftguard_distribution::words::pair;
/// assert_eq!(pair(71.13, 21.74), ("71.1".into(), "21.7".into()));
/// assert_eq!(pair(2013.0, 2014.0), ("2013".into(), "2014".into()));
/// ```
pub fn pair(left: f64, right: f64) -> (String, String) {
    let write = |digits| (significant(left, digits), significant(right, digits));
    (3..8)
        .map(write)
        .find(|(left, right)| left != right)
        .unwrap_or_else(|| if left == right { write(3) } else { write(8) })
}

fn significant(value: f64, digits: i32) -> String {
    if !value.is_finite() {
        return "?".into();
    }
    let size = value.abs();
    if size == 0.0 {
        return "0".into();
    }
    if !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.*e}", (digits - 1).max(0) as usize);
        return match text.split_once('e') {
            Some((mantissa, exponent)) => format!("{}e{exponent}", trimmed(mantissa)),
            None => text,
        };
    }
    let decimals = digits - 1 - size.log10().floor() as i32;
    if decimals > 0 {
        return trimmed(&format!("{value:.*}", decimals as usize)).to_owned();
    }
    let step = 10f64.powi(-decimals);
    format!("{:.0}", (value / step).round() * step)
}

/// Without zeros at the end of its decimals.
fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// A share as per cent: `98 %`, `4.2 %`, `0.031 %`. What is nearly nothing or
/// nearly all is not rounded to it.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        "? %".into()
    } else if percent > 99.5 && percent < 100.0 {
        format!("{} %", significant(percent.min(99.99), 4))
    } else if percent >= 9.95 {
        format!("{percent:.0} %")
    } else if percent > 0.0 && percent < 0.01 {
        "< 0.01 %".into()
    } else {
        format!("{} %", significant(percent, 2))
    }
}

/// Two shares as per cent, with up to five digits where it takes them to tell
/// the two apart.
///
/// ```
/// use driftguard_distribution::words::percent_pair;
/// assert_eq!(percent_pair(0.31, 0.12), ("31 %".into(), "12 %".into()));
/// assert_eq!(percent_pair(0.311, 0.312), ("31.1 %".into(), "31.2 %".into()));
/// ```
pub fn percent_pair(left: f64, right: f64) -> (String, String) {
    let short = (percent(left), percent(right));
    if short.0 != short.1 || left == right {
        return short;
    }
    let write = |share: f64, digits| format!("{} %", significant(share * 100.0, digits));
    (3..=5)
        .map(|digits| (write(left, digits), write(right, digits)))
        .find(|(left, right)| left != right)
        .unwrap_or(short)
}

/// A name or value cut to a readable length; an empty one is shown as such.
pub fn short(text: &str) -> String {
    if text.is_empty() {
        return "(empty)".into();
    }
    if text.chars().count() <= LONGEST {
        return text.into();
    }
    let start: String = text.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}

/// A column's name in a message.
pub fn column(name: &str) -> String {
    format!("`{}`", short(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_significant_digits() {
        for (value, text) in [
            (71.13, "71.1"),
            (-0.012_345, "-0.0123"),
            (12_345.0, "12300"),
            (1_234_567_890.0, "1.23e9"),
            (0.000_001, "1e-6"),
            (100.0, "100"),
            (0.5, "0.5"),
            (999.9, "1000"),
            (0.0, "0"),
            (-0.0, "0"),
            (f64::NAN, "?"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn pairs_can_be_told_apart() {
        assert_eq!(pair(0.5, 0.5), ("0.5".into(), "0.5".into()));
        assert_eq!(
            pair(1_000_001.0, 1_000_002.0),
            ("1.000001e6".into(), "1.000002e6".into())
        );
        assert_eq!(pair(0.1, 0.1 + 1e-15), ("0.1".into(), "0.1".into()));
    }

    #[test]
    fn shares() {
        for (share, text) in [
            (0.98, "98 %"),
            (0.042_4, "4.2 %"),
            (0.000_001, "< 0.01 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
            (0.999_9, "99.99 %"),
            (0.099_9, "10 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(short(&"ä".repeat(70)).chars().count(), 60);
        assert_eq!(column(""), "`(empty)`");
    }
}
