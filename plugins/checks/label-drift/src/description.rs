//! What the check says about itself.

use crate::inputs::MOST_INPUTS;
use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("label-drift", "Labels that were changed")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Finds labels that contradict answers about which the model is sure: labels that were flipped, shuffled or \
             joined to the wrong rows, though their shares are as before. Also finds labels that contradict what their inputs foretell, by a \
             small model of its own and out of fold. For labels of two classes. How labels are \
             distributed is looked at by the checks of columns.",
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
        .setting(Setting::number(
            "sure",
            0.05,
            (0.001, 0.4),
            "Answers are sure where at most this share of the reference's labels contradict them.",
        ))
        .setting(Setting::number(
            "sure-rows",
            0.2,
            (0.01, 1.0),
            "Fewest rows with a sure answer on either side, as a share; with fewer the check does not apply.",
        ))
        .setting(Setting::integer(
            "min-labels",
            100,
            (20, 1_000_000_000),
            "Fewest rows with label and score on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::integer(
            "inputs",
            24,
            (0, MOST_INPUTS as i64),
            "Inputs that labels are foretold from, the first columns of the data; 0: none.",
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
        .reference(
            "Northcutt, Jiang and Chuang, \"Confident Learning: Estimating Uncertainty in Dataset Labels\", 2021",
        )
        .reference("Natarajan, Dhillon, Ravikumar and Tewari, \"Learning with Noisy Labels\", 2013")
        .build()
}
