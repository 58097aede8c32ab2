//! Reading what the host packs: texts one after the other, bits in bytes.

use crate::bindings::driftguard::check::data::{Bitmap, Strings};

impl Bitmap {
    /// The bit of a row, counted from the first one asked for; None beyond the
    /// last.
    pub fn bit(&self, row: usize) -> Option<bool> {
        let byte = self.bits.get(row / 8)?;
        Some((byte >> (row % 8)) & 1 == 1)
    }
}

impl Strings {
    /// Number of texts.
    pub fn count(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// The bytes of one text; None beyond the last, or for offsets that do not
    /// fit.
    pub fn bytes_of(&self, place: usize) -> Option<&[u8]> {
        let start = *self.offsets.get(place)? as usize;
        let end = *self.offsets.get(place + 1)? as usize;
        self.bytes.get(start..end)
    }

    /// One text; None also for bytes that are not UTF-8.
    pub fn text(&self, place: usize) -> Option<&str> {
        std::str::from_utf8(self.bytes_of(place)?).ok()
    }

    /// All texts as their own; what is not UTF-8 is replaced, what does not fit
    /// is empty.
    pub fn to_texts(&self) -> Vec<String> {
        let text = |place| {
            let bytes = self.bytes_of(place).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        (0..self.count()).map(text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_bits_are_where_they_should_be() {
        let strings = Strings {
            offsets: vec![0, 2, 2, 3],
            bytes: vec![b'a', b'b', 0xff],
        };
        assert_eq!((strings.count(), strings.text(0)), (3, Some("ab")));
        assert_eq!((strings.text(1), strings.text(2)), (Some(""), None));
        assert_eq!(
            (strings.bytes_of(2), strings.bytes_of(3)),
            (Some(&[0xff][..]), None)
        );
        assert_eq!(strings.to_texts(), ["ab", "", "\u{fffd}"]);
        let bits = Bitmap {
            rows: 9,
            bits: vec![0b10, 1],
        };
        assert_eq!(
            [0, 1, 8, 16].map(|row| bits.bit(row)),
            [Some(false), Some(true), Some(true), None]
        );
    }

    /// Replies of the host are not trusted to fit.
    #[test]
    fn offsets_that_do_not_fit_are_no_text() {
        let strings = Strings {
            offsets: vec![5, 2, 900],
            bytes: vec![b'a'; 8],
        };
        assert_eq!((strings.bytes_of(0), strings.bytes_of(1)), (None, None));
        assert_eq!(
            Strings {
                offsets: vec![],
                bytes: vec![]
            }
            .count(),
            0
        );
    }
}
