//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("domain-classifier", "Can reference and current data be told apart?")
        .version(env!("CARGO_PKG_VERSION"))
        .state_format(2)
        .summary(
            "Trains a small classifier to tell rows of the reference from current rows, and measures how well it does on \
             rows that it has not seen: the blocks that come after those it learnt from. Sees many small changes \
             together and changes of columns that depend on each other; names the columns that tell the sides apart. \
             Works on a uniform sample of the rows, the same on every run.",
        )
        .dataset()
        .roles(&[Role::Feature, Role::Segment])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::integer(
            "sample-rows",
            1000,
            (200, 8192),
            "Rows kept of each side: a uniform sample by position.",
        ))
        .setting(Setting::integer(
            "min-rows",
            200,
            (40, 1_000_000),
            "Fewest rows on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "trees",
            24,
            (1, 200),
            "Trees of the classifier, of two levels each.",
        ))
        .risk(Risk::Strategic)
        .reference("Lopez-Paz and Oquab, \"Revisiting Classifier Two-Sample Tests\", 2017")
        .reference("Friedman, \"Greedy Function Approximation: A Gradient Boosting Machine\", 2001")
        .reference("Dawid, \"Statistical Theory: The Prequential Approach\", 1984")
        .reference("Mann and Whitney, \"On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other\", 1947")
        .reference("Cohen and Kaplan, \"Summarizing Data using Bottom-k Sketches\", 2007")
        .build()
}
