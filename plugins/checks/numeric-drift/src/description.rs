//! What the check says about itself.

use driftguard_distribution::convention;
use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    let builder = DescriptorBuilder::new("numeric-drift", "Drift of a numeric column")
        .summary(
            "Compares the distribution of a numeric column with the reference: the share of rows that crossed \
             some value (Kolmogorov-Smirnov), and the share that moved between the reference's deciles (total \
             variation), both less what chance alone would show. Reports medians, tails and spread in words, the \
             distance in the column's own unit, and PSI, Jensen-Shannon, Hellinger and Wasserstein beside them. \
             Nulls, NaN and infinities are left to `completeness`. Bins are frozen from the reference and reach \
             far beyond it, so a single outlier neither hides nor fakes a shift.",
        )
        .roles(&[Role::Feature, Role::Label, Role::Segment, Role::Weight])
        .kinds(&[Kind::Numeric])
        .setting(Setting::integer(
            "min-rows",
            50,
            (2, 1_000_000_000),
            "Fewest finite values on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "sample-rows",
            1024,
            (1, 8192),
            "Values kept of each side. While a side has no more, its distance and quantiles are exact; beyond, \
             they come from counts over the frozen bins.",
        ))
        .state_format(5)
        .risk(Risk::Operational)
        .reference("Smirnov, \"Table for Estimating the Goodness of Fit of Empirical Distributions\", 1948")
        .reference("Wei and Dudley, \"Two-sample Dvoretzky-Kiefer-Wolfowitz inequalities\", 2012")
        .reference("McDiarmid, \"On the method of bounded differences\", 1989")
        .reference("Yurdakul and Naranjo, \"Statistical properties of the population stability index\", 2020")
        .reference("Vallender, \"Calculation of the Wasserstein distance between probability distributions on the line\", 1974");
    convention::settings(builder, true).build()
}
