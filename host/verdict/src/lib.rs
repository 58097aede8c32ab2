//! The words and the judgement of driftguard: findings go in, a verdict comes
//! out. Pure: no files, no WebAssembly, no Arrow.
//!
//! # Layout
//!
//! - [`finding`]: what a plugin measured, on what, with how much noise.
//! - [`column`]: names of roles and kinds of columns.
//! - [`anchor`]: how far from the first anchor, whatever was accepted since.
//! - [`calibration`]: the rule that ranks the current data among the
//!   reference's own periods.
//! - [`cause`]: code or data: fingerprints, the table of cases, exact splits.
//! - [`code`]: every reason a verdict can give, with the words `explain` shows.
//! - [`replay`]: what a replay of the model found: canary, split, judgement.
//! - [`rules`]: thresholds of the decision, with defaults and reasons.
//! - [`decision`]: findings and rules to a [`verdict::Verdict`]; one trait, so
//!   that the rule can be replaced.
//! - [`document`]: the document a run produces, of which reports are projections.
//! - [`history`], [`incident`]: what the verdicts before this one add.
//! - [`rank`]: which columns to suspect first.
//! - [`risk`]: which risk to the business a check speaks to.
//! - [`sequential`]: slow drift, over many looks at one stream.
//! - [`setting`]: settings of a check, their types and bounds.
//! - [`verdict`]: the verdict, its level and exit code.

pub mod anchor;
pub mod calibration;
pub mod cause;
pub mod code;
pub mod column;
pub mod decision;
pub mod document;
pub mod finding;
pub mod history;
pub mod incident;
pub mod rank;
pub mod replay;
pub mod risk;
pub mod rules;
pub mod sequential;
pub mod setting;
pub mod verdict;

pub use code::Reason;
pub use column::{Kind, Role};
pub use decision::{Case, Decide, Failure, Judged, Materiality};
pub use finding::{Evidence, Finding, Interval, Nature, Noise, Status, Subject, UnitEffect};
pub use risk::Risk;
pub use rules::{Rules, Severity};
pub use setting::{Misfit, SettingSpec, SettingValue};
pub use verdict::{Level, Suspect, Verdict};
