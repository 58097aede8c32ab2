//! Risks to the business: each check speaks to one of them. A tag for whoever
//! reads and routes verdicts; it takes no part in the decision.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which risk to the business a check speaks to. The list is that of the
/// plugin contract, `wit/check.wit`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Risk {
    /// A service that is wrong, late or down.
    Operational,
    /// Customers and publicity.
    Brand,
    /// Wrong decisions at scale, theft, regulation.
    Strategic,
}

impl Risk {
    /// The name used in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::Brand => "brand",
            Self::Strategic => "strategic",
        }
    }
}
