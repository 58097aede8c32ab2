//! `text`: did the texts of a column change?
//!
//! # Layout
//!
//! - [`features`]: one text in numbers.
//! - [`frame`]: edges, words and spread of the reference.
//! - [`profile`]: counts over a thinned sample.
//! - [`read`]: texts out of a batch.
//! - [`compare`](mod@compare): two profiles into findings.
//! - `description`: what the check says about itself.
//!
//! # Method
//!
//! Every text is turned into a few numbers, and each text counts once. *fit*
//! freezes the deciles of these numbers, the words, and how the vectors of
//! trigrams spread. *profile* counts a uniform sample of texts by position,
//! half of `sample-rows` to `sample-rows` of them on each side. *compare* gives,
//! with `c = sqrt(1/n + 1/m)`:
//!
//! | metric | a text's number | statistic |
//! |---|---|---|
//! | `length/tv/q10ref/v1` | characters | total variation over deciles |
//! | `upper-case/tv/q10ref/v1` | share of upper case in its cased letters | the same |
//! | `digits/tv/q10ref/v1`, `punctuation/tv/q10ref/v1` | share of its characters | the same |
//! | `unknown-words/tv/q10ref/v1` | share of its words that the reference does not have | the same |
//! | `script/tv/v1` | script of most letters | total variation |
//! | `encoding-damage/tv/v1` | U+FFFD, `Ã©` and kin, `pi?ata`, control characters | difference of rates |
//! | `one-length/max/v1` | characters | largest change of the share of one length |
//! | `trigrams/mean-distance/b256/v1` | trigrams of characters, hashed into 256, of length 1 | distance of the mean vectors |
//!
//! Effects are the share of texts that moved, less its mean by chance; that of
//! the trigrams is the total variation of two normal laws as far apart as the
//! mean vectors are, in standard deviations of texts along that direction.
//!
//! A text is measured against the words of that half of the reference's sample
//! that it is not in (by its own hash), so that texts of the reference and new
//! ones meet unknown words alike. Case changes neither words nor trigrams.
//!
//! # Assumptions
//!
//! Texts are independent of each other; noise and p-values are of single
//! texts, never of words.
//!
//! # Minimum n
//!
//! `min-rows` (100) texts that are not null, on either side.
//!
//! # Failure modes
//!
//! - Damage or a script in less than about 0.1 % of the texts is not in the
//!   sample often enough to be seen.
//! - A topic that changes from day to day brings words that the sample holds
//!   of its own days only; periods of the reference then look better than a
//!   new one.
//! - Truncation is seen as texts of one length; cut at a word's end it is a
//!   change of length only. Lengths beyond 16,384 characters count as that.
//! - 256 buckets mix trigrams: exchanged rare words may cancel out.
//! - Languages without spaces have no words that could be unknown twice.
//!
//! # Measured
//!
//! Tests in `tests/`: on 200 pairs of equal law, 300 texts each, p < 0.05 in
//! at most 8 % for each metric; upper case, a cut, mojibake, another script,
//! another subject in a third of the texts are found by the metric that names
//! them in all of 20 runs.
//!
//! Real reviews (UCI sentences): 60 random halves of 600 + 600 all pass, each
//! metric with p < 0.05 in at most 5 of them; upper-cased texts alert, film
//! reviews block (unknown words 20 % -> 34 %). Where it must stay quiet: other
//! sentences of the same sites, of which a fifth of the words are new as well.
//!
//! *Cost*: 0.4 microseconds of processor time for each of 1M + 1M texts of 9
//! words, reading the column included; a comparison takes 3 ms.
//!
//! *Found by it alone* (`tests/scenarios/catalogue.py`; the last two injected
//! by `injected.py`): texts in upper case (effect 0.842), cut to 40 characters
//! (0.569), read in a wrong encoding (0.176); every other check passes.
//!
//! # References
//!
//! Cavnar and Trenkle, "N-Gram-Based Text Categorization", 1994; Weinberger et
//! al., "Feature Hashing for Large Scale Multitask Learning", 2009; Bai and
//! Saranadasa, "Effect of high dimension", 1996; Flajolet, "On adaptive
//! sampling", 1990.
//!
//! # Example
//!
//! ```
//! use driftguard_check_text::{compare, Frame, Profile};
//!
//! let before: Vec<String> = (0..300).map(|i| format!("Room {i} was clean and quiet.")).collect();
//! let after: Vec<String> = before.iter().map(|text| text.to_uppercase()).collect();
//! let frame = Frame::of_texts(before.iter().map(String::as_str), 8192);
//! let profile = |texts: &[String]| {
//!     let mut profile = Profile::new(8192);
//!     (0..).zip(texts).for_each(|(row, text)| profile.add(&frame, row, text));
//!     profile
//! };
//! let findings = compare("review", &frame, &profile(&before), &profile(&after), 100)?;
//! let case = &findings[1];
//! assert_eq!(case.metric, "upper-case/tv/q10ref/v1");
//! assert!(case.effect > 0.9);
//! assert!(case.message.starts_with("`review`: letters in upper case 5 % -> 100 %"));
//! # Ok::<(), driftguard_sdk::prelude::Error>(())
//! ```

pub mod compare;
mod description;
pub mod features;
pub mod frame;
pub mod profile;
pub mod read;

pub use compare::compare;
pub use frame::Frame;
pub use profile::Profile;

use driftguard_sdk::prelude::{Batch, Check, Context, Descriptor, Error, Finding};

/// The check `text`.
#[derive(Debug)]
pub struct Text;

impl Check for Text {
    type Frame = Frame;
    type Profile = Profile;

    fn describe() -> Descriptor {
        description::descriptor()
    }

    fn fit(context: &Context, sample: &Batch) -> Result<Frame, Error> {
        let texts = read::sample(sample)?;
        let words = context.count("vocabulary")?;
        Ok(Frame::of_texts(texts.iter().map(String::as_str), words))
    }

    fn begin(context: &Context, frame: &Frame) -> Result<Profile, Error> {
        frame.validate()?;
        Ok(Profile::new(context.count("sample-rows")? as u64))
    }

    fn update(
        profile: &mut Profile,
        _: &Context,
        frame: &Frame,
        batch: &Batch,
    ) -> Result<(), Error> {
        read::update(profile, frame, batch)
    }

    fn merge(profile: &mut Profile, other: Profile, _: &Context, _: &Frame) -> Result<(), Error> {
        profile.merge(&other)
    }

    fn compare(
        context: &Context,
        frame: &Frame,
        reference: &Profile,
        current: &Profile,
    ) -> Result<Vec<Finding>, Error> {
        let column = context.columns.first().map_or("", |column| &column.name);
        let min_rows = context.count("min-rows")? as u64;
        compare(column, frame, reference, current, min_rows)
    }
}

// Names of exports hold characters that native linkers refuse.
#[cfg(target_family = "wasm")]
driftguard_sdk::export_check!(crate::Text);
