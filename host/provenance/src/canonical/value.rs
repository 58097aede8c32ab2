//! A value in canonical form.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The largest whole number up to which every one has its own 64-bit float.
const EXACT: u64 = 1 << 53;

/// What JSON can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Flag(bool),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// Keys with values.
    Table(BTreeMap<String, Value>),
}

impl Value {
    /// The canonical text by RFC 8785.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Flag(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => write_number(*number, out),
            Self::Text(text) => write_text(text, out),
            Self::List(list) => {
                out.push('[');
                for (position, value) in list.iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Table(table) => {
                // By UTF-16 code units, section 3.2.3; not by code points.
                let mut keys: Vec<_> = table.iter().collect();
                keys.sort_by_cached_key(|(key, _)| key.encode_utf16().collect::<Vec<u16>>());
                out.push('{');
                for (position, (key, value)) in keys.into_iter().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Section 3.2.2.2: the shortest escapes, everything else as it is.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => _ = write!(out, "\\u{:04x}", u32::from(control)),
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Section 3.2.2.3: as ECMAScript writes numbers, the shortest digits that read
/// back as the same float.
fn write_number(number: f64, out: &mut String) {
    if number == 0.0 {
        out.push('0');
        return;
    }
    if number < 0.0 {
        out.push('-');
    }
    let shortest = format!("{:e}", number.abs());
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits = nearest_even(digits.replace('.', ""), number.abs());
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (length, point) = (digits.len() as i32, exponent + 1);
    if (length..=21).contains(&point) {
        out.push_str(&digits);
        out.extend(std::iter::repeat_n('0', (point - length) as usize));
    } else if (1..length).contains(&point) {
        let (whole, rest) = digits.split_at(point as usize);
        _ = write!(out, "{whole}.{rest}");
    } else if (-5..=0).contains(&point) {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-point) as usize));
        out.push_str(&digits);
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        _ = write!(out, "{first}{dot}{rest}e{exponent:+}");
    }
}

/// Where two texts of shortest length are equally near, ECMAScript takes the
/// even one; Rust takes the larger one.
fn nearest_even(digits: String, number: f64) -> String {
    let Some(even) = digits
        .strip_suffix(['1', '3', '5', '7', '9'])
        .zip(digits.chars().last())
        .and_then(|(kept, last)| Some(format!("{kept}{}", last.to_digit(10)? - 1)))
    else {
        return digits;
    };
    // All digits that a float can have.
    let exact = format!("{number:.800e}");
    let exact = exact.split('e').next().unwrap_or_default().replace('.', "");
    match exact.strip_prefix(even.as_str()) {
        Some(rest) if rest.starts_with('5') && rest[1..].bytes().all(|digit| digit == b'0') => even,
        _ => digits,
    }
}

/// A whole number, if a float can hold it.
pub(super) fn whole(number: i128) -> Result<Value, String> {
    match u64::try_from(number.unsigned_abs()) {
        Ok(size) if size <= EXACT => Ok(Value::Number(number as f64)),
        _ => Err(format!("the whole number {number} has no exact float")),
    }
}

pub(super) fn of_toml(value: toml::Value) -> Result<Value, String> {
    let tagged = |tag: &str, text: String| {
        Value::Table(BTreeMap::from([(tag.to_owned(), Value::Text(text))]))
    };
    Ok(match value {
        toml::Value::String(text) => Value::Text(text),
        toml::Value::Integer(number) => whole(number.into())?,
        toml::Value::Float(number) if number.is_finite() => Value::Number(number),
        toml::Value::Float(number) if number.is_nan() => tagged("$float", "nan".into()),
        toml::Value::Float(number) => tagged("$float", number.to_string()),
        toml::Value::Boolean(flag) => Value::Flag(flag),
        toml::Value::Datetime(date) => tagged("$date", date.to_string()),
        toml::Value::Array(list) => {
            Value::List(list.into_iter().map(of_toml).collect::<Result<_, _>>()?)
        }
        toml::Value::Table(table) => {
            let entries = table
                .into_iter()
                .map(|(key, value)| Ok((key, of_toml(value)?)));
            Value::Table(entries.collect::<Result<_, String>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(bits: u64) -> String {
        Value::Number(f64::from_bits(bits)).to_text()
    }

    /// RFC 8785, appendix B, all rows that are numbers.
    #[test]
    fn the_numbers_of_the_standard() {
        for (bits, expected) in [
            (0x0000000000000000, "0"),
            (0x8000000000000000, "0"),
            (0x0000000000000001, "5e-324"),
            (0x8000000000000001, "-5e-324"),
            (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0xffefffffffffffff, "-1.7976931348623157e+308"),
            (0x4340000000000000, "9007199254740992"),
            (0xc340000000000000, "-9007199254740992"),
            (0x4430000000000000, "295147905179352830000"),
            (0x44b52d02c7e14af5, "9.999999999999997e+22"),
            (0x44b52d02c7e14af6, "1e+23"),
            (0x44b52d02c7e14af7, "1.0000000000000001e+23"),
            (0x444b1ae4d6e2ef4e, "999999999999999700000"),
            (0x444b1ae4d6e2ef4f, "999999999999999900000"),
            (0x444b1ae4d6e2ef50, "1e+21"),
            (0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"),
            (0x3eb0c6f7a0b5ed8d, "0.000001"),
            (0x41b3de4355555553, "333333333.3333332"),
            (0x41b3de4355555554, "333333333.33333325"),
            (0x41b3de4355555555, "333333333.3333333"),
            (0x41b3de4355555556, "333333333.3333334"),
            (0x41b3de4355555557, "333333333.33333343"),
            (0xbecbf647612f3696, "-0.0000033333333333333333"),
            (0x43143ff3c1cb0959, "1424953923781206.2"),
        ] {
            assert_eq!(number(bits), expected);
        }
    }

    /// RFC 8785, section 3.2.3: keys by UTF-16 code units.
    #[test]
    fn the_keys_of_the_standard() {
        let keys = [
            "\u{20ac}",
            "\r",
            "\u{fb33}",
            "1",
            "\u{1f600}",
            "\u{80}",
            "\u{f6}",
        ];
        let table = keys.map(|key| (key.to_owned(), Value::Null)).into();
        assert_eq!(
            Value::Table(table).to_text(),
            "{\"\\r\":null,\"1\":null,\"\u{80}\":null,\"\u{f6}\":null,\"\u{20ac}\":null,\"\u{1f600}\":null,\"\u{fb33}\":null}"
        );
    }

    proptest! {
        #[test]
        fn numbers_read_back_as_they_were(bits in any::<u64>()) {
            let float = f64::from_bits(bits);
            prop_assume!(float.is_finite());
            prop_assert_eq!(number(bits).parse::<f64>().unwrap(), float);
        }
    }
}
