//! What the check says about itself.

use crate::inputs::MOST_INPUTS;
use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("concept-drift", "What answers mean for the outcome")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Compares what came true for equal answers: within bins of the score, within predicted classes, or the \
             residuals within bins of an answered number. Finds that the same answer means another outcome than it \
             did, whatever rows there are more or fewer of; where inputs and answers only moved, it stays quiet. Looks at \
             each input as well: what goes up in some of its cells and down in others, which equal answers hide.",
        )
        .dataset()
        .roles(&[
            Role::Label,
            Role::Prediction,
            Role::Score,
            Role::Feature,
            Role::Segment,
        ])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::integer(
            "min-labels",
            200,
            (20, 1_000_000_000),
            "Fewest rows with label and answer on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "inputs",
            24,
            (0, MOST_INPUTS as i64),
            "Inputs that outcomes are told apart by, the first columns of the data; 0: none.",
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
        .reference("Gama, Zliobaite, Bifet, Pechenizkiy and Bouchachia, \"A Survey on Concept Drift Adaptation\", 2014")
        .reference("Shimodaira, \"Improving predictive inference under covariate shift\", 2000")
        .build()
}
