//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

use crate::frame::MOST_COLUMNS;

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("segments", "Slices that changed by themselves")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Looks for rows that meet two or three conditions (a value of one column and a range of another) of which \
             there are more or fewer than their columns by themselves make of it, and, where labels are known, for \
             slices whose accuracy changed otherwise than that of all others. Corrected for the number of slices \
             that were looked at. Names the one column that accounts for the drift of many.",
        )
        .dataset()
        .roles(&[Role::Feature, Role::Segment, Role::Prediction, Role::Score, Role::Label])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::integer(
            "min-rows",
            500,
            (200, 1_000_000_000),
            "Fewest sampled rows on either side.",
        ))
        .setting(Setting::number(
            "support",
            0.01,
            (0.001, 0.5),
            "A slice has at least this share of the rows on one side.",
        ))
        .setting(Setting::integer(
            "sample-rows",
            16_384,
            (500, 65_536),
            "Rows kept of either side, between half of this and this.",
        ))
        .setting(Setting::integer(
            "columns",
            24,
            (2, MOST_COLUMNS as i64),
            "Columns that conditions are about: categories first.",
        ))
        .setting(Setting::integer("top", 3, (1, 16), "Slices that are named of either kind."))
        .risk(Risk::Strategic)
        .reference("Chung et al., \"Slice Finder: Automated Data Slicing for Model Validation\", 2019")
        .reference("Sagadeeva and Boehm, \"SliceLine: Fast, Linear-Algebra-based Slice Finding\", 2021")
        .reference("Deville, Särndal and Sautory, \"Generalized Raking Procedures in Survey Sampling\", 1993")
        .build()
}
