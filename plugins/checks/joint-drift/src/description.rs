//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("joint-drift", "Drift of the relations between columns")
        .summary(
            "Finds what single columns hide: every column may look as before and still no longer belong to its rows \
             (shuffled, exchanged with another, joined one row off, on another clock). The strongest relations are \
             chosen from a sample of the reference; numeric, categorical and mixed pairs and the hour and weekday \
             of timestamps are counted over a few frozen cells. What counts is the share of rows out of step with \
             the reference's relation at the current margins, less chance. Changes are named as pairs and traced \
             to the column that left its partners.",
        )
        .dataset()
        .roles(&[
            Role::Feature,
            Role::Label,
            Role::Prediction,
            Role::Score,
            Role::Segment,
            Role::Timestamp,
        ])
        .kinds(&[Kind::Numeric, Kind::Categorical, Kind::Timestamp])
        .setting(Setting::integer(
            "min-rows",
            200,
            (50, 1_000_000_000),
            "Fewest rows that hold both columns of a pair, on either side; with fewer the pair is not judged.",
        ))
        .setting(Setting::integer(
            "pairs",
            64,
            (1, 2_048),
            "The strongest relations that are watched. Each costs about a nanosecond for each row.",
        ))
        .setting(Setting::integer(
            "partners",
            2,
            (0, 16),
            "Relations watched of every column besides: its strongest ones, be they weak.",
        ))
        .setting(Setting::integer(
            "cells",
            6,
            (2, 8),
            "Cells of each column. More see finer relations and need more rows: noise grows with the cells.",
        ))
        .setting(Setting::integer(
            "values-per-row",
            6,
            (1, 16),
            "Values read of each row on average. With more columns watched, one block of 1,024 rows in so many is \
             read beyond the start of the table: always the same ones.",
        ))
        .setting(Setting::integer(
            "columns",
            400,
            (2, 2_000),
            "Most columns among which relations are looked for, in the order of the table.",
        ))
        .risk(Risk::Operational)
        .reference("Deming and Stephan, \"On a Least Squares Adjustment of a Sampled Frequency Table When the Expected Marginal Totals are Known\", 1940")
        .reference("Haberman, \"The Analysis of Residuals in Cross-Classified Tables\", 1973")
        .reference("Bergsma, \"A bias-correction for Cramér's V and Tschuprow's T\", 2013")
        .reference("Spearman, \"The Proof and Measurement of Association between Two Things\", 1904")
        .build()
}
