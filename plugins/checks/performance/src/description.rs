//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("performance", "Quality of the answers, by labels")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Measures on the rows whose label has arrived how good the answers are, on both sides, and whether that \
             fell: area under the ROC curve (of several classes over all pairs of them) and accuracy for classes, mean absolute error for numbers; beside them \
             log-loss, Brier score, F1, root mean squared error and bias. Says for how many rows labels are there. \
             With segment columns, names the segment that got worse.",
        )
        .dataset()
        .roles(&[Role::Label, Role::Prediction, Role::Score, Role::Segment])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::number(
            "material-drop",
            0.03,
            (1e-6, 1.0),
            "A fall of accuracy or of the area under the ROC curve by this much has effect 0.10, which blocks by default.",
        ))
        .setting(Setting::number(
            "material-error",
            0.25,
            (1e-6, 1e6),
            "The same for a rise of the mean absolute error by this share of the reference's.",
        ))
        .setting(Setting::integer(
            "min-labels",
            100,
            (20, 1_000_000_000),
            "Fewest rows with label and answer on either side; with fewer the answer is \"insufficient data\".",
        ))
        .setting(Setting::number(
            "threshold",
            0.5,
            (-1e300, 1e300),
            "Scores at or above it mean yes, where no column says what was predicted.",
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
            "DeLong, DeLong and Clarke-Pearson, \"Comparing the Areas under Two or More Correlated Receiver Operating \
             Characteristic Curves\", 1988",
        )
        .reference(
            "Newcombe, \"Interval Estimation for the Difference between Independent Proportions: Comparison of \
             Eleven Methods\", 1998",
        )
        .reference("Brier, \"Verification of Forecasts Expressed in Terms of Probability\", 1950")
        .reference("Good, \"Rational Decisions\", 1952")
        .build()
}
