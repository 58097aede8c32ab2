//! How numbers are written in reports.

/// A count with thousands apart: `1,234,567`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 file`, `2 files`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(number))
}

/// A share as percent with a sensible number of digits: `0.4 %`, `12 %`. What
/// is nearly nothing or nearly all is not rounded to nothing or all.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        "?".to_owned()
    } else if percent == 0.0 {
        "0 %".to_owned()
    } else if percent > 0.0 && percent < 0.1 {
        "<0.1 %".to_owned()
    } else if percent > 99.9 && percent < 100.0 {
        ">99.9 %".to_owned()
    } else if percent.abs() < 10.0 || (percent > 99.0 && percent < 100.0) {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}

/// A share as percent with one decimal, for columns of numbers to be compared.
pub(crate) fn percent_fine(share: f64) -> String {
    match share.is_finite() && share > 0.0 && share < 0.001 {
        true => percent(share),
        false if share.is_finite() => format!("{:.1} %", share * 100.0),
        false => "?".to_owned(),
    }
}

/// A number with four significant digits, and no more than it needs.
pub(crate) fn plain(number: f64) -> String {
    let size = number.abs();
    if !number.is_finite() {
        "?".to_owned()
    } else if number == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e9).contains(&size) {
        format!("{number:.3e}")
    } else if size >= 1000.0 {
        let sign = if number < 0.0 { "-" } else { "" };
        format!("{sign}{}", count(size.round() as u64))
    } else {
        let decimals = (3 - size.log10().floor() as i32).clamp(0, 8) as usize;
        let text = format!("{number:.decimals$}");
        match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
            false => text,
        }
    }
}

/// An end of a range, exact: `16,384`, `0.05`, `1e9`.
pub(crate) fn bound(number: f64) -> String {
    let size = number.abs();
    match number != 0.0 && !(1e-4..1e9).contains(&size) {
        true => format!("{number:e}"),
        false if size >= 1000.0 && number.fract() == 0.0 => plain(number),
        false => number.to_string(),
    }
}

/// Seconds: `12 ms`, `0.41 s`, `75 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        "?".to_owned()
    } else if seconds < 0.1 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 10.0 {
        format!("{seconds:.2} s")
    } else {
        format!("{seconds:.0} s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            ["0", "999", "1,000", "1,234,567"],
            [0, 999, 1000, 1_234_567]
                .map(count)
                .each_ref()
                .map(|s| s.as_str())
        );
        assert_eq!(counted(1, "file"), "1 file");
        let shares = [0.0, 0.0004, 0.034, 0.126, 0.9995, 1.0, f64::NAN].map(percent);
        assert_eq!(shares.join("|"), "0 %|<0.1 %|3.4 %|13 %|>99.9 %|100 %|?");
        assert_eq!(
            [0.0, 0.0004, 0.171, f64::NAN].map(percent_fine).join("|"),
            "0.0 %|<0.1 %|17.1 %|?"
        );
        let numbers = [
            0.0,
            71.1,
            -49.4,
            0.012_345,
            1234.5,
            -98_765.0,
            3e12,
            1e-7,
            f64::INFINITY,
            100.0,
        ]
        .map(plain);
        assert_eq!(
            numbers.join("|"),
            "0|71.1|-49.4|0.01235|1,235|-98,765|3.000e12|1.000e-7|?|100"
        );
        assert_eq!(
            [0.004, 0.41, 75.2, -1.0].map(seconds).join("|"),
            "4 ms|0.41 s|75 s|?"
        );
    }
}
