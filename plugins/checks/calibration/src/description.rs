//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("calibration", "Whether scores mean what they say")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "For two classes with a score within 0 and 1: whether rows that score 0.3 come true in three of ten. \
             Compares the expected calibration error with the reference's own, and reports calibration in the large, \
             slope and intercept, the parts of the Brier score and Spiegelhalter's z.",
        )
        .dataset()
        .roles(&[Role::Label, Role::Prediction, Role::Score])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::integer(
            "min-labels",
            500,
            (50, 1_000_000_000),
            "Fewest rows with label and score on either side; with fewer the answer is \"insufficient data\".",
        ))
        // No choices: any text is taken.
        .setting(Setting::choice(
            "positive",
            "",
            &[],
            "The class that counts as positive. Empty: of two classes \"1\" or \"true\", else the last in order \
             of text.",
        ))
        .risk(Risk::Strategic)
        .reference("Naeini, Cooper and Hauskrecht, \"Obtaining Well Calibrated Probabilities Using Bayesian Binning\", 2015")
        .reference("Kumar, Liang and Ma, \"Verified Uncertainty Calibration\", 2019")
        .reference("Murphy, \"A New Vector Partition of the Probability Score\", 1973")
        .reference("Spiegelhalter, \"Probabilistic prediction in patient management and clinical trials\", 1986")
        .reference("Cox, \"Two Further Applications of a Model for Binary Regression\", 1958")
        .build()
}
