//! Quotes that were opened and not closed.
//!
//! The tokeniser is lenient: the end of the text closes an open field, and
//! what follows a closing quote is taken for more of the field. A quote too
//! many would so swallow rows, without a word, up to the next quote or the
//! end. The survey runs this strict reader beside it and refuses both.

const QUOTE: u8 = b'"';
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Where in a field the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before its first byte.
    Start,
    /// In a field without quotes; quotes in it are letters.
    Plain,
    /// Behind an opening quote.
    Quoted,
    /// Behind a quote in a quoted field: the closing one, or the first of two.
    Closed,
}

/// Follows the quotes of one text.
#[derive(Debug, Clone)]
pub(crate) struct Quotes {
    delimiter: u8,
    state: State,
    /// Byte of the last opening quote.
    opened: u64,
}

/// Text behind a closing quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stray {
    /// Byte of the quote that opened the field.
    pub opened: u64,
    /// Byte of the text.
    pub byte: u64,
}

impl Quotes {
    /// At the start of a row.
    pub fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
            opened: 0,
        }
    }

    /// Follows further bytes, the first of which is at `position`.
    pub fn feed(&mut self, bytes: &[u8], position: u64) -> Result<(), Stray> {
        let outside = matches!(self.state, State::Start | State::Plain);
        if outside && !bytes.contains(&QUOTE) {
            // Most rows: only where their last field ends counts.
            if let Some(last) = bytes.last() {
                self.state = self.outside(*last);
            }
            return Ok(());
        }
        let skipped = match position {
            0 if bytes.starts_with(BYTE_ORDER_MARK) => BYTE_ORDER_MARK.len(),
            _ => 0,
        };
        for (byte, at) in bytes.iter().zip(position..).skip(skipped) {
            self.step(*byte, at)?;
        }
        Ok(())
    }

    /// The byte of the quote that is still open.
    pub fn open(&self) -> Option<u64> {
        (self.state == State::Quoted).then_some(self.opened)
    }

    fn step(&mut self, byte: u8, at: u64) -> Result<(), Stray> {
        self.state = match (self.state, byte) {
            (State::Start, QUOTE) => {
                self.opened = at;
                State::Quoted
            }
            (State::Quoted, QUOTE) => State::Closed,
            (State::Quoted, _) | (State::Closed, QUOTE) => State::Quoted,
            (State::Start | State::Plain, _) => self.outside(byte),
            (State::Closed, _) => match self.outside(byte) {
                State::Start => State::Start,
                // Blanks before the delimiter are harmless, and common.
                _ if matches!(byte, b' ' | b'\t') => State::Closed,
                _ => {
                    return Err(Stray {
                        opened: self.opened,
                        byte: at,
                    });
                }
            },
        };
        Ok(())
    }

    fn outside(&self, byte: u8) -> State {
        if byte == self.delimiter || matches!(byte, b'\n' | b'\r') {
            State::Start
        } else {
            State::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is wrong with a text, fed in two parts.
    fn fed(text: &[u8], cut: usize) -> (Result<(), Stray>, Option<u64>) {
        let mut quotes = Quotes::new(b',');
        let (left, right) = text.split_at(cut.min(text.len()));
        let result = quotes
            .feed(left, 0)
            .and_then(|()| quotes.feed(right, left.len() as u64));
        (result, quotes.open())
    }

    #[test]
    fn good_quotes() {
        for text in [
            "a,b\n1,2\n",
            "\"a\",\"b\"\r\n\"1,\n\"\"x\"\"\",2",
            "\u{feff}\"a\n\",b\n",
            "5\" pipe,6\"\n",
            "\"a\" ,\"b\"\t\n",
            "\"\",\"\"",
            "\"\"\"\"\n",
        ] {
            assert_eq!(fed(text.as_bytes(), 0), (Ok(()), None), "{text:?}");
        }
    }

    #[test]
    fn bad_quotes() {
        assert_eq!(fed(b"a,b\n1,\"2\n3,4\n", 0), (Ok(()), Some(6)));
        assert_eq!(fed(b"a\n\"\"\"", 0), (Ok(()), Some(2)));
        let stray = Stray {
            opened: 6,
            byte: 13,
        };
        assert_eq!(fed(b"a,b\n1,\"2\n3,4\"5\n", 0).0, Err(stray));
        let stray = Stray { opened: 3, byte: 7 };
        assert_eq!(fed(b"\xef\xbb\xbf\"a\" b\n", 0).0, Err(stray));
    }

    proptest! {
        #[test]
        fn what_a_csv_writer_writes_is_good(cells in prop::collection::vec("[a,\"\n\r ;]{0,6}", 1..6)) {
            let quoted: Vec<String> = cells.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
            prop_assert_eq!(fed(quoted.join(",").as_bytes(), 0), (Ok(()), None));
        }

        #[test]
        fn parts_do_not_matter(text in "[a,\"\n ]{0,12}", cut in 0usize..12) {
            prop_assert_eq!(fed(text.as_bytes(), cut), fed(text.as_bytes(), 0));
        }
    }
}
