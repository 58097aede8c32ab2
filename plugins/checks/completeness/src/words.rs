//! Numbers in messages: three significant digits, no trailing zeros.

/// `71.1`, `0.00123`, `12300`, `1.23e9`.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 {
            "0".into()
        } else {
            value.to_string()
        };
    }
    let rounded = format!("{value:.2e}");
    let (digits, exponent) = rounded.split_once('e').unwrap_or((&rounded, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        // Rounded once, so that 999.9 becomes 1000 and not 1e3.
        let plain: f64 = rounded.parse().unwrap_or(value);
        let decimals = usize::try_from(2 - exponent).unwrap_or(0);
        trimmed(&format!("{plain:.decimals$}"))
    } else {
        format!("{}e{exponent}", trimmed(digits))
    }
}

fn trimmed(text: &str) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text.to_owned()
    }
}

/// A share as `28.6 %`. What is not all is never written as 100 %.
pub(crate) fn percent(share: f64) -> String {
    let text = number(share * 100.0);
    if share < 1.0 && text == "100" {
        "almost 100 %".into()
    } else {
        format!("{text} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_significant_digits() {
        let written = [
            (0.0, "0"),
            (71.06, "71.1"),
            (2.0, "2"),
            (999.9, "1000"),
            (12_345.0, "12300"),
            (-0.001_234, "-0.00123"),
            (1.5e9, "1.5e9"),
            (3.14e-7, "3.14e-7"),
            (f64::INFINITY, "inf"),
        ];
        for (value, text) in written {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn percentages() {
        assert_eq!(percent(0.286_4), "28.6 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.999_99), "almost 100 %");
        assert_eq!(percent(0.0), "0 %");
    }
}
