//! What the check says about itself.

use driftguard_sdk::prelude::{Descriptor, DescriptorBuilder, Kind, Risk, Role, Setting};

use crate::frame::MOST_GROUPS;

pub(crate) fn descriptor() -> Descriptor {
    DescriptorBuilder::new("fairness-drift", "Decisions by group")
        .version(env!("CARGO_PKG_VERSION"))
        .summary(
            "Compares how often each group is decided yes, and how often rightly and wrongly where labels are known, \
             with all other groups, and that gap with the reference's own. Quiet where all groups moved alike; \
             names the group that did not. Groups are the values of columns that `[roles]` of the policy calls \
             `segment`, and of those that the setting `groups` names.",
        )
        .dataset()
        .roles(&[Role::Segment, Role::Feature, Role::Prediction, Role::Score, Role::Label])
        .kinds(&[Kind::Numeric, Kind::Categorical])
        .setting(Setting::texts(
            "groups",
            "Columns whose values are groups, beside those with the role `segment`; numbers are cut into ranges.",
        ))
        .setting(Setting::integer(
            "min-group",
            100,
            (20, 1_000_000_000),
            "Fewest decided rows of a group, and of all others, on either side.",
        ))
        .setting(Setting::integer(
            "most-groups",
            12,
            (2, MOST_GROUPS as i64),
            "Groups of one column; the least frequent share the last of them.",
        ))
        .setting(Setting::number(
            "threshold",
            0.5,
            (0.0, 1.0),
            "Predictions, scores and labels within 0 and 1 mean yes from here on. Other numbers: the median.",
        ))
        // No choices: any text is taken.
        .setting(Setting::choice(
            "positive",
            "",
            &[],
            "The class that means yes. Empty: \"1\", \"true\" or \"yes\", else the last of two in order of text.",
        ))
        .risk(Risk::Brand)
        .reference("Hardt, Price and Srebro, \"Equality of Opportunity in Supervised Learning\", 2016")
        .reference("Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D, 1978")
        .reference("Woolf, \"On Estimating the Relation between Blood Group and Disease\", 1955")
        .build()
}
