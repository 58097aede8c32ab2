//! One text in numbers.

use driftguard_statistics::text::{Script, Shape, shape, text_hash, trigrams, words};

/// Buckets of hashed trigrams.
pub const BUCKETS: usize = 256;

/// What is measured of a text as a number, in the order of its bins.
pub const MEASURES: [Measure; 5] = [
    Measure::Length,
    Measure::UpperCase,
    Measure::Digits,
    Measure::Punctuation,
    Measure::UnknownWords,
];

/// A number that a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Characters.
    Length,
    /// Share of the cased letters that are in upper case.
    UpperCase,
    /// Share of the characters that are digits.
    Digits,
    /// Share of the characters that are neither letter, digit nor space.
    Punctuation,
    /// Share of the words that the other half of the reference does not have.
    UnknownWords,
}

impl Measure {
    /// Name of the metric, before its convention.
    pub fn id(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::UpperCase => "upper-case",
            Self::Digits => "digits",
            Self::Punctuation => "punctuation",
            Self::UnknownWords => "unknown-words",
        }
    }
}

/// Hashes of words, sorted, from the texts of either half of the reference's
/// sample. A text is in one half or the other by its own hash, and is measured
/// against the words of the half that it is not in: so the reference's texts
/// meet words they did not bring themselves, as new texts do.
pub type Vocabulary = [Vec<u32>; 2];

/// Which half a text is in: 0 or 1.
pub fn half(text: &str) -> usize {
    (text_hash(text.as_bytes()) & 1) as usize
}

/// The numbers of one text; None where it has none (no letters, no words).
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    /// In the order of [`MEASURES`].
    pub values: [Option<f64>; MEASURES.len()],
    /// The script that most letters have.
    pub script: Script,
    /// Whether an encoding went wrong.
    pub damaged: bool,
    /// Characters.
    pub length: u32,
}

impl Features {
    /// Reads a text.
    pub fn of(text: &str, vocabulary: &Vocabulary) -> Self {
        let shape = shape(text);
        Self {
            values: [
                Some(f64::from(shape.characters)),
                share(shape.upper, shape.upper + shape.lower),
                share(shape.digits, shape.characters),
                share(shape.punctuation(), shape.characters),
                unknown(text, vocabulary),
            ],
            script: shape.script,
            damaged: damaged(&shape),
            length: shape.characters,
        }
    }
}

fn damaged(shape: &Shape) -> bool {
    shape.damage.any()
}

fn share(part: u32, all: u32) -> Option<f64> {
    (all > 0).then(|| f64::from(part) / f64::from(all))
}

fn unknown(text: &str, vocabulary: &Vocabulary) -> Option<f64> {
    let known = vocabulary.get(1 - half(text))?;
    let (mut all, mut unknown) = (0, 0);
    words(text, |word| {
        all += 1;
        unknown += u32::from(known.binary_search(&word).is_err());
    });
    share(unknown, all)
}

/// Hashed trigrams of a text as a vector of length 1: the buckets that are not
/// 0, in rising order. Empty without any.
pub fn gram_vector(text: &str) -> Vec<(usize, f32)> {
    let mut counts = [0_u32; BUCKETS];
    trigrams(text, BUCKETS as u32, |bucket| {
        if let Some(count) = counts.get_mut(bucket as usize) {
            *count += 1;
        }
    });
    let held = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    let square: f32 = held.clone().map(|(_, count)| (*count as f32).powi(2)).sum();
    let length = square.sqrt();
    held.map(|(bucket, count)| (bucket, *count as f32 / length))
        .collect()
}

/// The same with all its zeros.
pub fn dense(vector: &[(usize, f32)]) -> Vec<f32> {
    let mut all = vec![0.0; BUCKETS];
    for (bucket, x) in vector {
        if let Some(place) = all.get_mut(*bucket) {
            *place = *x;
        }
    }
    all
}
