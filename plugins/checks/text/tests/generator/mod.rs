//! Texts for tests: words by Zipf's law out of two subjects.

use driftguard_check_text::{Frame, Profile};
use driftguard_distribution::testing::Rng;

const SYLLABLES: [&str; 24] = [
    "ba", "ne", "tor", "il", "sha", "mon", "ke", "rin", "dul", "fo", "gra", "ste", "vi", "lo",
    "pam", "que", "zer", "hy", "ous", "cat", "ent", "mi", "ax", "ju",
];

/// The word of this rank in a subject's language.
fn word(rank: u64, subject: u64) -> String {
    // Frequent words are common to all subjects.
    let mut seed = Rng::new(if rank < 40 {
        rank
    } else {
        rank + 100_000 * subject
    });
    let count = 1 + seed.below(3);
    (0..count)
        .map(|_| SYLLABLES[seed.below(24) as usize])
        .collect()
}

/// A text of 5 to 24 words.
pub fn text(rng: &mut Rng, subject: u64) -> String {
    let words = 5 + rng.below(20);
    let mut out = String::new();
    for place in 0..words {
        let rank = (4_000_f64.powf(rng.uniform())) as u64;
        let mut next = word(rank, subject);
        if place == 0 || rng.below(12) == 0 {
            next[..1].make_ascii_uppercase();
        }
        if rng.below(30) == 0 {
            next = rng.below(2_000).to_string();
        }
        out.push_str(&next);
        out.push_str([" ", " ", " ", " ", " ", ", ", " ", " "][rng.below(8) as usize]);
    }
    out.push('.');
    out
}

pub fn texts(seed: u64, n: usize, subject: u64) -> Vec<String> {
    let mut rng = Rng::new(seed);
    (0..n).map(|_| text(&mut rng, subject)).collect()
}

pub fn frame(texts: &[String]) -> Frame {
    Frame::of_texts(texts.iter().map(String::as_str), 8192)
}

pub fn profile(frame: &Frame, texts: &[String], cap: u64) -> Profile {
    let mut profile = Profile::new(cap);
    for (row, text) in (0..).zip(texts) {
        profile.add(frame, row, text);
    }
    profile
}
