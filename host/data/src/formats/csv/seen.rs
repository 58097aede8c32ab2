//! Which type a column of texts has: decided by all its values.
//!
//! Every value of the file is looked at, so a number with a point in the last
//! row makes the column `Float64`, and a word in it makes it `Utf8`: no value
//! is ever lost to an early guess. What was seen is a set, so the order of
//! rows and files does not matter.
//!
//! | spelling | in numbers | in booleans, dates and times | in text |
//! |---|---|---|---|
//! | nothing | null | null | null |
//! | `NA`, `null`, `NULL` | null | null | kept as text |
//! | `NaN`, `nan` | not a number (counted apart from nulls) | null | kept as text |
//!
//! In text they are kept because `NA` is Namibia as often as it is nothing.
//! Any other word (`n/a`, `unknown`) makes the column text: a number that
//! comes as text is something a check must see. Digits with a leading zero
//! (`02134`) are text, and so are whole numbers beyond 64 bits (identifiers)
//! unless the column holds fractions.

use arrow_schema::{DataType, TimeUnit};

use crate::instant::{self, Instant};

/// A set of what occurred in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen(u16);

impl Seen {
    const NAN: Self = Self(1);
    const BOOLEAN: Self = Self(1 << 1);
    const INTEGER: Self = Self(1 << 2);
    /// A whole number beyond 64 bits.
    const LARGE: Self = Self(1 << 3);
    const FLOAT: Self = Self(1 << 4);
    const DAY: Self = Self(1 << 5);
    const TIME: Self = Self(1 << 6);
    const TEXT: Self = Self(1 << 7);

    /// Both.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Adds a value. Text stays text, so further values need no look.
    pub fn add(&mut self, field: &[u8]) {
        if self.0 & Self::TEXT.0 == 0 {
            self.0 |= class(field).0;
        }
    }

    fn within(self, others: &[Self]) -> bool {
        let all = others.iter().fold(0, |sum, other| sum | other.0);
        self.0 & !all == 0
    }

    /// The type that holds everything seen.
    pub fn data_type(self) -> DataType {
        if self.0 == 0 {
            return DataType::Null;
        }
        let without_nan = Self(self.0 & !Self::NAN.0);
        let numbers = [Self::INTEGER, Self::FLOAT, Self::NAN];
        let fractions = self.0 & Self::FLOAT.0 != 0;
        if self.within(&[Self::INTEGER]) {
            DataType::Int64
        } else if self.within(&numbers)
            || (fractions && without_nan.within(&[numbers[0], numbers[1], Self::LARGE]))
        {
            DataType::Float64
        } else if without_nan == Self::BOOLEAN {
            DataType::Boolean
        } else if without_nan == Self::DAY {
            DataType::Date32
        } else if without_nan.within(&[Self::DAY, Self::TIME]) {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        } else {
            DataType::Utf8
        }
    }
}

/// Whether the spelling stands for nothing outside of text.
pub(crate) fn is_null(field: &[u8]) -> bool {
    matches!(field, b"" | b"NA" | b"null" | b"NULL")
}

/// Whether the spelling stands for "not a number".
pub(crate) fn is_nan(field: &[u8]) -> bool {
    matches!(field, b"NaN" | b"nan")
}

fn class(field: &[u8]) -> Seen {
    let field = field.trim_ascii();
    match field {
        _ if is_null(field) => Seen::default(),
        _ if is_nan(field) => Seen::NAN,
        b"true" | b"false" | b"True" | b"False" | b"TRUE" | b"FALSE" => Seen::BOOLEAN,
        _ => number(field).unwrap_or_else(|| other(field)),
    }
}

fn number(field: &[u8]) -> Option<Seen> {
    let digits = field
        .strip_prefix(b"-")
        .or_else(|| field.strip_prefix(b"+"))
        .unwrap_or(field);
    let first = *digits.first()?;
    if digits.iter().all(u8::is_ascii_digit) {
        return Some(match digits.len() {
            2.. if first == b'0' => Seen::TEXT,
            ..=18 => Seen::INTEGER,
            _ if integer(field).is_some() => Seen::INTEGER,
            _ => Seen::LARGE,
        });
    }
    let plausible = first.is_ascii_digit() || matches!(first, b'.' | b'i' | b'I');
    (plausible && float(field).is_some()).then_some(Seen::FLOAT)
}

fn other(field: &[u8]) -> Seen {
    if !field.first().is_some_and(u8::is_ascii_digit) {
        return Seen::TEXT;
    }
    match std::str::from_utf8(field).ok().and_then(instant::parse) {
        Some(Instant::Day(_)) => Seen::DAY,
        Some(Instant::Time(_)) => Seen::TIME,
        None => Seen::TEXT,
    }
}

/// A whole number of 64 bits.
pub(crate) fn integer(field: &[u8]) -> Option<i64> {
    std::str::from_utf8(field.trim_ascii()).ok()?.parse().ok()
}

/// A floating point number, infinity included.
pub(crate) fn float(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&str]) -> DataType {
        let mut seen = Seen::default();
        for value in values {
            seen.add(value.as_bytes());
        }
        seen.data_type()
    }

    #[test]
    fn all_values_decide_the_type() {
        let time = DataType::Timestamp(TimeUnit::Microsecond, None);
        for (values, wanted) in [
            (&["1", "2", ""][..], DataType::Int64),
            (&["1", "2", "3.5"], DataType::Float64),
            (&["1", "n/a"], DataType::Utf8),
            (&["1", "NA", "null"], DataType::Int64),
            (&["1", "NaN"], DataType::Float64),
            (&["NaN", "inf", "-1e3"], DataType::Float64),
            (&["02134", "10001"], DataType::Utf8),
            (&["18446744073709551615", "7"], DataType::Utf8),
            (&["18446744073709551615", "7.5"], DataType::Float64),
            (&["true", "False", ""], DataType::Boolean),
            (&["true", "1"], DataType::Utf8),
            (&["2013-04-01", "NA"], DataType::Date32),
            (&["2013-04-01", "2013-04-01 06:00:00"], time),
            (&["2013-04-01", "3"], DataType::Utf8),
            (&["", "NA"], DataType::Null),
            (&["in", "ink"], DataType::Utf8),
        ] {
            assert_eq!(found(values), wanted, "{values:?}");
            let back: Vec<&str> = values.iter().rev().copied().collect();
            assert_eq!(found(&back), wanted, "order of {values:?}");
        }
    }
}
