//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new(
        "estimated-performance",
        "How good are the answers, as far as it shows without labels?",
    )
    .state_format(2)
    .summary(
        "Where labels have come in the reference and not yet for current rows, estimates how good the current answers \
         are: of a classifier with scores the accuracy, AUC and F1 that its calibrated scores promise (CBPE), with the \
         reference weighted to look like the current inputs (PAPE); of other models the loss foretold from inputs and \
         answer (DLE). Valid under covariate shift only: it cannot see that the same inputs have other labels than \
         before (concept drift), so it never proves that answers are good.",
    )
    .dataset()
    .roles(&[
        Role::Feature,
        Role::Segment,
        Role::Prediction,
        Role::Score,
        Role::Label,
    ])
    .kinds(&[Kind::Numeric, Kind::Categorical])
    .setting(Setting::integer(
        "sample-rows",
        5000,
        (500, 50_000),
        "Rows kept of each side: a uniform sample by position.",
    ))
    .setting(Setting::integer(
        "min-rows",
        300,
        (100, 1_000_000),
        "Fewest rows: with a label in the reference, with an answer now. With fewer the answer is \"insufficient data\".",
    ))
    .setting(Setting::number(
        "threshold",
        0.5,
        (-1e300, 1e300),
        "Scores at or above it are positive answers, where there is no prediction column.",
    ))
    // No choices: any text is taken.
    .setting(Setting::choice(
        "positive",
        "",
        &[],
        "The label that counts as positive. Empty: of two labels \"1\" or \"true\", else the last in order of text.",
    ))
    .setting(Setting::number(
        "material-drop",
        0.03,
        (1e-6, 1.0),
        "An estimated fall of accuracy or AUC by this much is an effect of 0.10, which blocks by default.",
    ))
    .setting(Setting::number(
        "material-growth",
        0.25,
        (1e-6, 1e6),
        "The same for the estimated mean absolute error of numbers, as a share of the reference's.",
    ))
    .setting(Setting::flag(
        "weighting",
        true,
        "Whether the reference is weighted to look like the current inputs (PAPE). Without, the estimate holds only if \
         scores are as well calibrated for every kind of row as they are on the whole.",
    ))
    .setting(Setting::flag(
        "when-labelled",
        false,
        "Estimate even where labels are there, reported only: to see how near the estimate comes.",
    ))
    .risk(Risk::Strategic)
    .reference("Bialek, Kivimaki, Kuberski and Perrakis, \"Estimating Model Performance Under Covariate Shift Without Labels\", 2024")
    .reference("Ayer, Brunk, Ewing, Reid and Silverman, \"An Empirical Distribution Function for Sampling with Incomplete Information\", 1955")
    .reference("Bickel, Brückner and Scheffer, \"Discriminative Learning Under Covariate Shift\", 2009")
    .reference("Kong, \"A Note on Importance Sampling using Standardized Weights\", 1992")
    .build()
}
