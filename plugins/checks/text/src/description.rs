//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("text", "Drift of a text column")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Compares texts with the reference by what they are made of: length, share of upper-case letters, of digits \
             and of punctuation, script, damage of a wrong encoding, texts cut at one length, words that the reference \
             does not have, and trigrams of characters. Each text counts once, so that long texts do not drown short \
             ones. Works on a uniform sample of the texts, the same on every run.",
        )
        .roles(&[Role::Feature, Role::Text, Role::Prediction])
        .kinds(&[Kind::Text])
        .setting(Setting::integer(
            "sample-rows",
            4096,
            (256, 65_536),
            "Most texts of each side that are looked at: a uniform sample by position, half of this to this many.",
        ))
        .setting(Setting::integer(
            "min-rows",
            100,
            (20, 1_000_000),
            "Fewest texts on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "vocabulary",
            8192,
            (64, 65_536),
            "Most words kept of each half of the reference's sample, the most frequent ones.",
        ))
        .risk(Risk::Brand)
        .reference("Yurdakul and Naranjo, \"Statistical properties of the population stability index\", 2020")
        .reference("Cavnar and Trenkle, \"N-Gram-Based Text Categorization\", 1994")
        .reference("Weinberger et al., \"Feature Hashing for Large Scale Multitask Learning\", 2009")
        .reference("Bai and Saranadasa, \"Effect of high dimension: by an example of a two sample problem\", 1996")
        .reference("Flajolet, \"On adaptive sampling\", 1990")
        .build()
}
