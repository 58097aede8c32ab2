//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

const SUMMARY: &str = "Values that the reference never had. Numeric columns: values far outside of the reference's \
    range, texts that are no numbers, a column that became constant or froze. Categorical columns: values that are \
    new, values that vanished, values that look renamed. What a short reference could have missed by chance is \
    taken off (both sides dealt out anew), and a column that holds its value for long stretches in the reference \
    may do so now. A column gone constant, without a readable value or with renamed values is a fault.";

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("validity", "Values that the reference never had")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(SUMMARY)
        .roles(&[
            Role::Feature,
            Role::Prediction,
            Role::Score,
            Role::Label,
            Role::Segment,
            Role::Weight,
        ])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        // 2: frames hold how much values come and go.
        .state_format(2)
        // A column that froze shows in the order of its rows.
        .ordered()
        .setting(Setting::integer(
            "min-rows",
            50,
            (2, 1_000_000_000),
            "Fewest values on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::number(
            "far",
            2.0,
            (0.0, 1e9),
            "How far beyond the reference's smallest and largest value is far outside, in widths of its range.",
        ))
        .risk(Risk::Operational)
        .reference("Gumbel and von Schelling, The Distribution of the Number of Exceedances, 1950")
        .reference("Good, The Population Frequencies of Species and the Estimation of Population Parameters, 1953")
        .reference("Cochran, Sampling Techniques, 3rd edition, 1977")
        .reference("Beyer et al., On Synopses for Distinct-Value Estimation Under Multiset Operations, 2007")
        .reference("Joag-Dev and Proschan, Negative Association of Random Variables with Applications, 1983")
        .reference("Schilling, The Longest Run of Heads, 1990")
        .build()
}
