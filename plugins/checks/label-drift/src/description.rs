//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("label-drift", "Labels that were changed")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Finds labels that contradict answers about which the model is sure: labels that were flipped, shuffled or \
             joined to the wrong rows, though their shares are as before. For two classes with a score. How labels are \
             distributed is looked at by the checks of columns.",
        )
        .dataset()
        .roles(&[Role::Label, Role::Prediction, Role::Score])
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
