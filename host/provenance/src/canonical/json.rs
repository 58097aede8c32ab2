//! JSON, strictly: what two readers could take in two ways is refused (a key
//! given twice, a number that no float holds).

use std::collections::BTreeMap;

use super::value::{Value, whole};

/// Lists and tables inside each other.
const DEPTH: usize = 128;

/// Parses one JSON value.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut parser = Parser {
        bytes: text.as_bytes(),
        text,
        at: 0,
    };
    let value = parser.value(DEPTH)?;
    parser.space();
    match parser.at == text.len() {
        true => Ok(value),
        false => parser.wrong("nothing more"),
    }
}

struct Parser<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn wrong<T>(&self, expected: &str) -> Result<T, String> {
        let at = self.at;
        Err(format!("not valid JSON: expected {expected} at byte {at}"))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let there = rest.starts_with(wanted.as_bytes());
        if there {
            self.at += wanted.len();
        }
        there
    }

    fn value(&mut self, depth: usize) -> Result<Value, String> {
        self.space();
        let deeper = depth.checked_sub(1);
        match self.peek() {
            Some(b'{' | b'[') if deeper.is_none() => {
                Err("lists and tables are nested too deeply".into())
            }
            Some(b'{') => self.table(deeper.unwrap_or(0)),
            Some(b'[') => self.list(deeper.unwrap_or(0)),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(Value::Flag(true)),
            _ if self.take("false") => Ok(Value::Flag(false)),
            _ if self.take("null") => Ok(Value::Null),
            _ => self.wrong("a value"),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut list = vec![];
        self.space();
        if self.take("]") {
            return Ok(Value::List(list));
        }
        loop {
            list.push(self.value(depth)?);
            self.space();
            if self.take("]") {
                return Ok(Value::List(list));
            }
            if !self.take(",") {
                return self.wrong("`,` or `]`");
            }
        }
    }

    fn table(&mut self, depth: usize) -> Result<Value, String> {
        self.at += 1;
        let mut table = BTreeMap::new();
        self.space();
        if self.take("}") {
            return Ok(Value::Table(table));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return self.wrong("a key in quotes");
            }
            let key = self.string()?;
            self.space();
            if !self.take(":") {
                return self.wrong("`:`");
            }
            let value = self.value(depth)?;
            if table.insert(key.clone(), value).is_some() {
                return Err(format!("the key {key:?} stands twice in one table"));
            }
            self.space();
            if self.take("}") {
                return Ok(Value::Table(table));
            }
            if !self.take(",") {
                return self.wrong("`,` or `}`");
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(self.text.get(start..self.at).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                _ => return self.wrong("the end of the text"),
            }
        }
    }

    fn escape(&mut self) -> Result<char, String> {
        let escaped = self.peek();
        self.at += 1;
        Ok(match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                let pair = (0xd800..0xdc00).contains(&first) && self.take("\\u");
                let units = if pair {
                    vec![first, self.unit()?]
                } else {
                    vec![first]
                };
                let mut letters = char::decode_utf16(units);
                match (letters.next(), letters.next()) {
                    (Some(Ok(letter)), None) => letter,
                    _ => return self.wrong("a whole surrogate pair"),
                }
            }
            _ => return self.wrong("an escape"),
        })
    }

    fn unit(&mut self) -> Result<u16, String> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u16::from_str_radix(digits, 16) {
            Ok(unit) if all => {
                self.at += 4;
                Ok(unit)
            }
            _ => self.wrong("four hexadecimal digits"),
        }
    }

    fn digits(&mut self) -> Result<(), String> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        match self.at > start {
            true => Ok(()),
            false => self.wrong("a digit"),
        }
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        let integer = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            _ = self.take("+") || self.take("-");
            self.digits()?;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let float = match text.parse::<f64>() {
            Ok(float) if float.is_finite() => float,
            _ => return Err("a number is larger than any float".into()),
        };
        match (integer, text.parse::<i128>()) {
            (false, _) => Ok(Value::Number(float)),
            (true, Ok(number)) => whole(number),
            (true, Err(_)) => Err("a whole number has no exact float".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn canonical(text: &str) -> String {
        parse(text).unwrap().to_text()
    }

    /// RFC 8785, section 3.2.2 and 3.2.4.
    #[test]
    fn the_example_of_the_standard() {
        let text = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let expected = "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}";
        assert_eq!(canonical(text), expected);
    }

    #[test]
    fn what_means_the_same_reads_the_same() {
        assert_eq!(
            canonical(r#"{"a":1.0,"b":[]}"#),
            canonical("{ \"b\" : [ ] ,\n\"a\" : 1 }")
        );
        assert_ne!(canonical("[1,2]"), canonical("[2,1]"));
        assert_ne!(canonical("\"1\""), canonical("1"));
        assert_eq!(canonical("\"\\ud83d\\ude00\""), canonical("\"\u{1f600}\""));
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (text, word) in [
            ("", "a value"),
            ("{\"a\":1,\"a\":2}", "twice"),
            ("9007199254740993", "exact float"),
            (
                "123456789012345678901234567890123456789012345678901",
                "exact",
            ),
            ("1e999", "larger than any float"),
            ("[1,]", "a value"),
            ("{\"a\" 1}", "`:`"),
            ("01", "nothing more"),
            ("1.", "a digit"),
            ("NaN", "a value"),
            ("\"\\ud800\"", "surrogate"),
            ("\"\\u+123\"", "hexadecimal"),
            ("\"a\nb\"", "end of the text"),
            ("// no\n{}", "a value"),
            ("{} x", "nothing more"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
        let deep = "[".repeat(100_000);
        assert!(parse(&deep).unwrap_err().contains("deeply"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]{}\",:0-9a-u\\\\ .eE+-]{0,40}") {
            _ = parse(&text);
        }

        #[test]
        fn the_canonical_form_is_its_own(text in "[a-z\\\\\"\u{e9}\u{1f600}\n]{0,12}", number in any::<f64>()) {
            prop_assume!(number.is_finite());
            let value = Value::Table([(text.clone(), Value::List(vec![Value::Text(text), Value::Number(number)]))].into());
            let once = value.to_text();
            // Whole numbers beyond 2^53 have no canonical form when read.
            if let Ok(read) = parse(&once) {
                prop_assert_eq!(read.to_text(), once);
            } else {
                prop_assert!(number.abs() > 9e15);
            }
        }
    }
}
