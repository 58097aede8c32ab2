//! What the check says about itself.

use driftguard_distribution::convention;
use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

/// The default of the setting `threshold`.
pub(crate) const THRESHOLD: f64 = 0.5;

pub(crate) fn descriptor() -> Descriptor {
    let builder = DescriptorBuilder::new("output-drift", "Drift of predictions and scores")
        .summary(
            "Compares what the model says with the reference: the distribution of scores or the shares of classes, \
             the rate of positive decisions, and how many scores lie near the threshold, where small changes flip \
             decisions. Finds outputs that became constant, and outputs that got stuck on one value from some row \
             on, which averages over the whole side may hide.",
        )
        .roles(&[Role::Prediction, Role::Score])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .ordered()
        .state_format(5)
        .setting(Setting::integer(
            "min-rows",
            50,
            (2, 1_000_000_000),
            "Fewest values on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::number(
            "threshold",
            THRESHOLD,
            (-1e300, 1e300),
            "Scores at or above it are positive decisions. Set it for scores that do not lie within 0 and 1.",
        ))
        .setting(Setting::number(
            "near",
            0.05,
            (0.0, 1e300),
            "Scores closer than this to the threshold are counted as near it.",
        ))
        // No choices: any text is taken.
        .setting(Setting::choice(
            "positive",
            "",
            &[],
            "The class that counts as positive. Empty: of two classes \"1\" or \"true\", else the last in order \
             of text.",
        ))
        .setting(Setting::integer(
            "sample-rows",
            1024,
            (1, 8192),
            "Values kept of each side of a numeric output, as in `numeric-drift`.",
        ))
        .setting(Setting::integer(
            "categories",
            1000,
            (2, 10_000),
            "Classes that are counted one by one, as in `categorical-drift`.",
        ))
        .risk(Risk::Strategic)
        .reference("Smirnov, \"Table for Estimating the Goodness of Fit of Empirical Distributions\", 1948")
        .reference("Pearson, \"On the criterion that a given system of deviations ...\", 1900")
        .reference(
            "Newcombe, \"Interval Estimation for the Difference between Independent Proportions: Comparison of \
             Eleven Methods\", 1998",
        );
    convention::settings(builder, true).build()
}
