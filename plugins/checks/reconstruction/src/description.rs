//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("reconstruction", "Do the numeric columns still fit together?")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Learns the main linear relations of the numeric columns from the reference (principal components) and \
             measures how far each row is from them. Rows that break a relation lie farther out although every column \
             by itself looks as before; names the columns that left. Works on a uniform sample of the rows, the same on \
             every run.",
        )
        .dataset()
        .roles(&[Role::Feature])
        .kinds(&[Kind::Numeric])
        .setting(Setting::number(
            "variance",
            0.65,
            (0.2, 0.99),
            "Share of the variance that the components hold.",
        ))
        .setting(Setting::integer(
            "sample-rows",
            4096,
            (512, 65_536),
            "Most rows of each side that are looked at: a uniform sample by position, half of this to this many.",
        ))
        .setting(Setting::integer(
            "min-rows",
            200,
            (40, 1_000_000),
            "Fewest rows on either side; with fewer the answer is \"insufficient data\".",
        ))
        .risk(Risk::Operational)
        .reference("Pearson, \"On Lines and Planes of Closest Fit to Systems of Points in Space\", 1901")
        .reference("Jackson and Mudholkar, \"Control Procedures for Residuals Associated With Principal Component Analysis\", 1979")
        .reference("Rabanser, Guennemann and Lipton, \"Failing Loudly: An Empirical Study of Methods for Detecting Dataset Shift\", 2019")
        .reference("Flajolet, \"On adaptive sampling\", 1990")
        .build()
}
