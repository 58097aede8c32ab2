//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("change-point", "Where in the rows a change began")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Reads the current rows in their order and finds where missing values, values or categories changed: \
             from some row on, or for a spell. How far rows follow each other is learnt from the reference, so that \
             the hours of a day and the weather of a week are no change. Names the row and the time, finds columns \
             that froze at one value, and tells where rows per time changed.",
        )
        .dataset()
        .ordered()
        .roles(&[Role::Feature, Role::Segment, Role::Prediction, Role::Score, Role::Timestamp])
        .kinds(&[Kind::Numeric, Kind::Categorical, Kind::Timestamp])
        .setting(Setting::integer(
            "min-rows",
            200,
            (50, 1_000_000_000),
            "Fewest rows of a column on either side.",
        ))
        .setting(Setting::integer(
            "cells",
            6,
            (2, 8),
            "Cells that the values of a column are put into.",
        ))
        .risk(Risk::Operational)
        .reference("Page, \"Continuous Inspection Schemes\", 1954")
        .reference("Kuiper, \"Tests concerning random points on a circle\", 1960")
        .reference("Csörgő and Horváth, \"Limit Theorems in Change-Point Analysis\", 1997")
        .reference("Zhang and Siegmund, \"A Modified Bayes Information Criterion\", 2007")
        .reference("Bifet and Gavaldà, \"Learning from Time-Changing Data with Adaptive Windowing\", 2007")
        .reference("Raab, Heusinger and Schleif, \"Reactive Soft Prototype Computing for Concept Drift Streams\", 2020")
        .build()
}
