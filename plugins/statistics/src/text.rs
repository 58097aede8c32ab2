//! What a text looks like: length, case, script, damage, words, trigrams.
//! Pure functions of one text.

/// Writing system of a letter, told from its code point by blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Script {
    /// No letters at all.
    None,
    /// Latin with all its accents.
    Latin,
    /// Greek and Coptic.
    Greek,
    /// Cyrillic.
    Cyrillic,
    /// Hebrew.
    Hebrew,
    /// Arabic, Persian, Urdu.
    Arabic,
    /// Scripts of India and its neighbours, Thai, Lao, Tibetan.
    Indic,
    /// Han ideographs.
    Han,
    /// Hiragana and katakana.
    Kana,
    /// Hangul.
    Hangul,
    /// Any other letter.
    Other,
}

impl Script {
    /// All scripts, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::None,
        Self::Latin,
        Self::Greek,
        Self::Cyrillic,
        Self::Hebrew,
        Self::Arabic,
        Self::Indic,
        Self::Han,
        Self::Kana,
        Self::Hangul,
        Self::Other,
    ];

    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "no letters",
            Self::Latin => "Latin",
            Self::Greek => "Greek",
            Self::Cyrillic => "Cyrillic",
            Self::Hebrew => "Hebrew",
            Self::Arabic => "Arabic",
            Self::Indic => "Indic",
            Self::Han => "Han",
            Self::Kana => "Kana",
            Self::Hangul => "Hangul",
            Self::Other => "other letters",
        }
    }

    fn of(letter: char) -> Self {
        match u32::from(letter) {
            0..=0x024f | 0x1e00..=0x1eff => Self::Latin,
            0x0370..=0x03ff | 0x1f00..=0x1fff => Self::Greek,
            0x0400..=0x052f => Self::Cyrillic,
            0x0590..=0x05ff => Self::Hebrew,
            0x0600..=0x077f | 0x08a0..=0x08ff | 0xfb50..=0xfdff | 0xfe70..=0xfefc => Self::Arabic,
            0x0900..=0x0fff => Self::Indic,
            0x3040..=0x30ff => Self::Kana,
            0x1100..=0x11ff | 0xac00..=0xd7af => Self::Hangul,
            0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => Self::Han,
            _ => Self::Other,
        }
    }
}

/// Counts of characters of one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Unicode code points.
    pub characters: u32,
    /// Letters.
    pub letters: u32,
    /// Letters in upper case.
    pub upper: u32,
    /// Letters in lower case.
    pub lower: u32,
    /// Decimal digits and other numbers.
    pub digits: u32,
    /// White space.
    pub spaces: u32,
    /// Letters beyond ASCII.
    pub accented: u32,
    /// The script that most letters have.
    pub script: Script,
    /// Damage that a wrong encoding leaves.
    pub damage: Damage,
}

impl Shape {
    /// Neither letter nor digit nor white space.
    pub fn punctuation(&self) -> u32 {
        self.characters
            .saturating_sub(self.letters)
            .saturating_sub(self.digits)
            .saturating_sub(self.spaces)
    }
}

/// Damage that a wrong encoding leaves in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Damage {
    /// U+FFFD, or a question mark between two letters without a space.
    pub replaced: bool,
    /// Pairs such as `Ã©` and `â€`: UTF-8 that was read as Latin-1 or
    /// Windows-1252.
    pub mojibake: bool,
    /// Control characters other than tab and line ends.
    pub control: bool,
}

impl Damage {
    /// Any of them.
    pub fn any(self) -> bool {
        self.replaced || self.mojibake || self.control
    }
}

/// The shape of a text.
///
/// ```
/// use driftguard_statistics::text::{shape, Script};
/// let text = shape("CAFÃ\u{a9} 24");
/// assert_eq!((text.characters, text.upper, text.digits), (8, 4, 2));
/// assert_eq!(text.script, Script::Latin);
/// assert!(text.damage.mojibake && !text.damage.replaced);
/// ```
pub fn shape(text: &str) -> Shape {
    let mut shape = Shape {
        characters: 0,
        letters: 0,
        upper: 0,
        lower: 0,
        digits: 0,
        spaces: 0,
        accented: 0,
        script: Script::None,
        damage: Damage::default(),
    };
    let mut scripts = [0_u32; Script::ALL.len()];
    let (mut before, mut last) = (' ', ' ');
    for character in text.chars() {
        shape.characters = shape.characters.saturating_add(1);
        if character.is_alphabetic() {
            shape.letters += 1;
            shape.upper += u32::from(character.is_uppercase());
            shape.lower += u32::from(character.is_lowercase());
            shape.accented += u32::from(!character.is_ascii());
            if let Some(count) = scripts.get_mut(Script::of(character) as usize) {
                *count += 1;
            }
        } else if character.is_numeric() {
            shape.digits += 1;
        } else if character.is_whitespace() {
            shape.spaces += 1;
        }
        damage(&mut shape.damage, before, last, character);
        (before, last) = (last, character);
    }
    // Addresses hold question marks between letters.
    shape.damage.replaced &= text.contains('\u{fffd}') || !text.contains("://");
    let mut most = 0;
    for (script, count) in Script::ALL.into_iter().zip(scripts) {
        if count > most {
            (most, shape.script) = (count, script);
        }
    }
    shape
}

fn damage(damage: &mut Damage, before: char, last: char, here: char) {
    let question = last == '?' && before.is_alphabetic() && here.is_lowercase();
    damage.replaced |= here == '\u{fffd}' || question;
    damage.control |= here.is_control() && !matches!(here, '\t' | '\n' | '\r' | '\u{85}');
    damage.mojibake |= match last {
        // Two-byte sequences begin with C3 or C2, and go on with 80 to BF,
        // which Windows-1252 shows as these.
        'Ã' | 'Â' => continues(here),
        // Three bytes, E2 80: quotes, dashes, the ellipsis.
        'â' => here == '€' || here == '\u{80}',
        // Cyrillic begins with D0 or D1.
        'Ð' | 'Ñ' => continues(here) && here != '\u{a0}',
        _ => false,
    };
}

/// Whether Latin-1 or Windows-1252 shows a continuation byte of UTF-8 so.
fn continues(character: char) -> bool {
    matches!(u32::from(character), 0x80..=0xbf)
        || matches!(
            character,
            '€' | '‚'
                | 'ƒ'
                | '„'
                | '…'
                | '†'
                | '‡'
                | 'ˆ'
                | '‰'
                | 'Š'
                | '‹'
                | 'Œ'
                | 'Ž'
                | '‘'
                | '’'
                | '“'
                | '”'
                | '•'
                | '–'
                | '—'
                | '˜'
                | '™'
                | 'š'
                | '›'
                | 'œ'
                | 'ž'
                | 'Ÿ'
        )
}

/// Calls `take` with a hash of each word: the longest runs of letters, digits
/// and apostrophes, in lower case, digits all alike.
pub fn words(text: &str, mut take: impl FnMut(u32)) {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    let mut hash = START;
    for character in text.chars().chain(std::iter::once(' ')) {
        if character.is_alphanumeric() || (matches!(character, '\'' | '’') && hash != START) {
            for lower in lowered(character) {
                hash = (hash ^ u64::from(u32::from(lower))).wrapping_mul(0x0000_0100_0000_01b3);
            }
        } else if hash != START {
            take((hash ^ (hash >> 32)) as u32);
            hash = START;
        }
    }
}

/// Calls `take` with the bucket, below `buckets`, of each trigram of
/// characters: in lower case, digits all alike, runs of white space as one
/// space, one space before and after the text.
pub fn trigrams(text: &str, buckets: u32, mut take: impl FnMut(u32)) {
    let (mut first, mut second) = ('\0', ' ');
    let mut push = |character: char| {
        if second == ' ' && character == ' ' {
            return;
        }
        if first != '\0' {
            let mut hash = 0_u64;
            for part in [first, second, character] {
                hash = (hash ^ u64::from(u32::from(part))).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                hash ^= hash >> 29;
            }
            take(((hash >> 32) as u32) % buckets.max(1));
        }
        (first, second) = (second, character);
    };
    for character in text.chars() {
        lowered(character).for_each(&mut push);
    }
    push(' ');
}

/// A character as words and trigrams see it: one, but for a few letters whose
/// lower case is several.
fn lowered(character: char) -> impl Iterator<Item = char> {
    let seen = match character {
        'A'..='Z' => character.to_ascii_lowercase(),
        'a'..='z' | ' ' => character,
        '’' => '\'',
        c if c.is_numeric() => '0',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let plain = seen.is_ascii();
    let mut rest = (!plain).then(|| seen.to_lowercase());
    let mut first = plain.then_some(seen);
    std::iter::from_fn(move || first.take().or_else(|| rest.as_mut()?.next()))
}

/// A hash of the whole text: FNV-1a, mixed. Fowler, Noll and Vo, 1991.
pub fn text_hash(text: &[u8]) -> u64 {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all_words(text: &str) -> Vec<u32> {
        let mut found = vec![];
        words(text, |word| found.push(word));
        found
    }

    fn grams(text: &str) -> Vec<u32> {
        let mut found = vec![];
        trigrams(text, 1 << 20, |bucket| found.push(bucket));
        found
    }

    #[test]
    fn scripts_by_majority() {
        for (text, script) in [
            ("", Script::None),
            ("12 !?", Script::None),
            ("straße", Script::Latin),
            ("привет ok", Script::Cyrillic),
            ("καλημέρα", Script::Greek),
            ("שלום", Script::Hebrew),
            ("مرحبا", Script::Arabic),
            ("नमस्ते", Script::Indic),
            ("今日は", Script::Han),
            ("こんにちは", Script::Kana),
            ("안녕", Script::Hangul),
            ("ႀჀ", Script::Other),
        ] {
            assert_eq!(shape(text).script, script, "{text}");
        }
    }

    /// `"naïve café – Привет".encode().decode("cp1252", "replace")` and kin.
    #[test]
    fn damage_is_seen_and_good_text_is_left_alone() {
        for text in ["naÃ¯ve", "donâ€™t", "Â£5", "ÐŸÑ€Ð¸", "caf\u{c3}\u{a9}"] {
            assert!(shape(text).damage.mojibake, "{text}");
        }
        assert!(shape("caf\u{fffd}").damage.replaced && shape("pi?ata").damage.replaced);
        assert!(shape("a\u{0}b").damage.control);
        for text in [
            "naïve café",
            "Ação",
            "A! Why?Because. ok?",
            "tab\tand\nline",
            "“quotes” – €5",
            "Âme, âne",
            "http://a.org/b?c=d",
            "Ñandú",
        ] {
            assert!(!shape(text).damage.any(), "{text}");
        }
    }

    #[test]
    fn words_ignore_case_digits_and_punctuation() {
        assert_eq!(
            all_words("It's 12 o'clock!"),
            all_words("IT’S, (47) O'CLOCK")
        );
        assert_eq!(all_words("It's good").len(), 2);
        assert!(all_words(" ... ").is_empty() && all_words("").is_empty());
        assert_ne!(all_words("bad"), all_words("dab"));
    }

    #[test]
    fn trigrams_of_a_text() {
        // " ab", "abc", "bc ".
        assert_eq!(grams("abc").len(), 3);
        assert_eq!(grams("A b\n\tc"), grams("a b c"));
        assert!(grams("").is_empty());
        assert_eq!(grams("a").len(), 1);
    }

    proptest! {
        #[test]
        fn counts_add_up(text in "\\PC{0,40}") {
            let shape = shape(&text);
            prop_assert_eq!(shape.characters as usize, text.chars().count());
            prop_assert!(shape.upper + shape.lower <= shape.letters && shape.letters <= shape.characters);
            prop_assert_eq!(shape.letters + shape.digits + shape.spaces + shape.punctuation(), shape.characters);
            prop_assert_eq!(shape.script == Script::None, shape.letters == 0);
        }

        #[test]
        fn upper_case_changes_neither_words_nor_trigrams(text in "[a-z ,.0-9]{0,40}") {
            prop_assert_eq!(all_words(&text), all_words(&text.to_uppercase()));
            prop_assert_eq!(grams(&text), grams(&text.to_uppercase()));
        }
    }
}
