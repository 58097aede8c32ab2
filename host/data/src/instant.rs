//! Dates and times as text.
//!
//! Only forms without doubt are read: `2013-04-01`, `2013-04-01 06:00`,
//! `2013-04-01T06:00:00.25Z`, `2013-04-01 06:00:00+02:00`. Day-first and
//! month-first forms cannot be told apart and stay text.

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, TimeUnit};

/// What a text says about time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instant {
    /// A day without a time; days since 1970-01-01.
    Day(i32),
    /// Microseconds since 1970-01-01T00:00Z; without a zone the text is
    /// taken as UTC.
    Time(i64),
}

impl Instant {
    /// Microseconds since 1970-01-01T00:00Z; a day is its first moment.
    pub fn micros(self) -> i64 {
        match self {
            Self::Day(day) => i64::from(day) * 86_400_000_000,
            Self::Time(micros) => micros,
        }
    }
}

/// Reads an instant; none if the text is anything else.
pub fn parse(text: &str) -> Option<Instant> {
    let bytes = text.trim_ascii().as_bytes();
    let (year, rest) = number(bytes, 4)?;
    let (month, rest) = number(after(rest, b"-")?, 2)?;
    let (day, rest) = number(after(rest, b"-")?, 2)?;
    let days = days(year, month, day)?;
    if rest.is_empty() {
        return Some(Instant::Day(days));
    }
    let (hour, rest) = number(after(rest, b"T ")?, 2)?;
    let (minute, rest) = number(after(rest, b":")?, 2)?;
    let (second, rest) = match after(rest, b":") {
        Some(rest) => number(rest, 2)?,
        None => (0, rest),
    };
    let (fraction, rest) = fraction(rest)?;
    // 24:00 and leap seconds do not occur in feeds; a second of 60 is refused.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = i64::from(days) * 86_400
        + i64::from(hour) * 3_600
        + i64::from(minute) * 60
        + i64::from(second);
    Some(Instant::Time(
        (seconds - zone(rest)?) * 1_000_000 + fraction,
    ))
}

/// Exactly `digits` digits.
fn number(bytes: &[u8], digits: usize) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_at_checked(digits)?;
    let mut value = 0;
    for byte in head {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u32::from(byte - b'0');
    }
    Some((value, rest))
}

fn after<'a>(bytes: &'a [u8], any: &[u8]) -> Option<&'a [u8]> {
    let (first, rest) = bytes.split_first()?;
    any.contains(first).then_some(rest)
}

/// Microseconds behind a point; further digits are cut off.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = after(bytes, b".,") else {
        return Some((0, bytes));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 9 {
        return None;
    }
    let (digits, rest) = rest.split_at(length);
    let micros = (0..6).fold(0, |sum, place| {
        sum * 10 + digits.get(place).map_or(0, |byte| i64::from(byte - b'0'))
    });
    Some((micros, rest))
}

/// Seconds east of Greenwich.
fn zone(bytes: &[u8]) -> Option<i64> {
    let Some((sign, rest)) = bytes.split_first() else {
        return Some(0);
    };
    let sign = match sign {
        b'Z' | b'z' => return rest.is_empty().then_some(0),
        b' ' if rest == b"UTC" => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = number(rest, 2)?;
    let minutes = match after(rest, b":").unwrap_or(rest) {
        [] => 0,
        rest => number(rest, 2).filter(|(_, rest)| rest.is_empty())?.0,
    };
    (hours < 24 && minutes < 60)
        .then(|| sign * (i64::from(hours) * 3_600 + i64::from(minutes) * 60))
}

/// Days since 1970-01-01 in the Gregorian calendar. Method: Howard Hinnant,
/// "chrono-Compatible Low-Level Date Algorithms", 2013.
fn days(year: u32, month: u32, day: u32) -> Option<i32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if day == 0 || day > length {
        return None;
    }
    let (year, month, day) = (
        i32::try_from(year).ok()?,
        i32::try_from(month).ok()?,
        i32::try_from(day).ok()?,
    );
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let in_era = year.rem_euclid(400);
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468)
}

/// Microseconds since 1970 of every row of a column of timestamps, dates or
/// text that holds them; none where there is no instant, or one so far away
/// that microseconds cannot hold it.
pub fn column_micros(column: &ArrayRef) -> Vec<Option<i64>> {
    if let Some(texts) = column.as_any().downcast_ref::<StringArray>() {
        let one = |text: Option<&str>| text.and_then(parse).map(Instant::micros);
        return texts.iter().map(one).collect();
    }
    if let DataType::Dictionary(_, _) = column.data_type() {
        return match cast(column, &DataType::Utf8) {
            Ok(texts) => column_micros(&texts),
            Err(_) => vec![None; column.len()],
        };
    }
    // A zone says how an instant is shown and not which it is.
    let zone = match column.data_type() {
        DataType::Timestamp(_, zone) => zone.clone(),
        _ => None,
    };
    let micros = cast(column, &DataType::Timestamp(TimeUnit::Microsecond, zone))
        .and_then(|instants| cast(&instants, &DataType::Int64));
    match micros {
        Ok(micros) => micros.as_primitive::<Int64Type>().iter().collect(),
        Err(_) => vec![None; column.len()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_without_doubt_are_read() {
        assert_eq!(parse("1970-01-01"), Some(Instant::Day(0)));
        assert_eq!(parse("2013-04-01"), Some(Instant::Day(15_796)));
        assert_eq!(parse("2000-02-29"), Some(Instant::Day(11_016)));
        assert_eq!(
            parse("1969-12-31 23:59:59.5"),
            Some(Instant::Time(-500_000))
        );
        assert_eq!(
            parse("2013-02-01 11:00:00"),
            Some(Instant::Time(1_359_716_400_000_000))
        );
        assert_eq!(
            parse("2013-02-01T12:00+01:00"),
            parse("2013-02-01 11:00:00Z")
        );
        assert_eq!(
            parse("2013-02-01T11:00:00.123456789Z"),
            Some(Instant::Time(1_359_716_400_123_456))
        );
    }

    #[test]
    fn anything_else_is_not_an_instant() {
        for text in [
            "",
            "2013",
            "2013-13-01",
            "2013-02-29",
            "01/02/2013",
            "2013-02-01x",
            "2013-02-01 25:00",
            "2013-02-01 11:00:00 CET",
            "20130201",
            "2013-02-01 11:00:00.",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
