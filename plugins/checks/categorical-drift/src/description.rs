//! What the check says about itself.

use driftguard_distribution::convention;
use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    let builder = DescriptorBuilder::new("categorical-drift", "Drift of a categorical column")
        .summary(
            "Compares how often each value of a categorical column occurs with the reference: the share of rows \
             that changed their value (total variation), less what chance alone would show, with the p-value of a \
             chi-square test of homogeneity. Names the values that gained or lost most. Nulls are left to \
             `completeness`, what new and vanished values mean to `validity`. Columns of many rare values do not \
             alarm by chance: such values are compared together.",
        )
        .roles(&[Role::Feature, Role::Label, Role::Segment])
        .kinds(&[Kind::Categorical])
        .setting(Setting::integer(
            "min-rows",
            50,
            (2, 1_000_000_000),
            "Fewest values on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "categories",
            1000,
            (2, 10_000),
            "Values of the reference that are counted one by one, the most frequent first; all others are \
             compared together.",
        ))
        .risk(Risk::Operational)
        .reference("Pearson, \"On the criterion that a given system of deviations ...\", 1900")
        .reference("Cochran, \"Some Methods for Strengthening the Common chi-square Tests\", 1954")
        .reference("McDiarmid, \"On the method of bounded differences\", 1989")
        .reference("Bergsma, \"A bias-correction for Cramér's V and Tschuprow's T\", 2013")
        .reference("Yurdakul and Naranjo, \"Statistical properties of the population stability index\", 2020");
    convention::settings(builder, false).build()
}
