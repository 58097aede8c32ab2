//! Two fingerprints side by side. What is unknown is never the same.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::{Fingerprints, Part, PartName};

/// Whether something changed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sameness {
    /// It is the same, by digest.
    Same,
    /// It is another one.
    Different,
    /// Nobody can say.
    Unknown,
}

impl Sameness {
    /// The word in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }
}

/// One part on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PartComparison {
    /// Which part.
    pub part: PartName,
    /// Whether it changed.
    pub state: Sameness,
    /// Why that is so, in words.
    pub why: String,
    /// The digest on the reference side, where there is one.
    pub reference: Option<String>,
    /// The digest on the current side, where there is one.
    pub current: Option<String>,
}

/// All parts on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Code, model, configuration, dependencies and features together:
    /// different if any of them is, else unknown if any of them is, else same.
    pub code: Sameness,
    /// Every part.
    pub parts: Vec<PartComparison>,
}

impl Comparison {
    /// Compares part by part.
    pub fn new(reference: &Fingerprints, current: &Fingerprints) -> Self {
        let parts: Vec<PartComparison> = PartName::ALL
            .into_iter()
            .map(|name| compare(name, reference.part(name), current.part(name)))
            .collect();
        let any = |state| {
            let mut code = parts.iter().filter(|part| part.part.is_code());
            code.any(|part| part.state == state)
        };
        let code = if any(Sameness::Different) {
            Sameness::Different
        } else if any(Sameness::Unknown) {
            Sameness::Unknown
        } else {
            Sameness::Same
        };
        Self { code, parts }
    }

    /// Where no fingerprints were given: nothing is known, part by part.
    pub fn silent() -> Self {
        Self {
            code: Sameness::Unknown,
            parts: vec![],
        }
    }

    /// Names of the parts in this state, in their order; `code_only`: of those
    /// that make up the code.
    pub fn named(&self, state: Sameness, code_only: bool) -> Vec<&'static str> {
        self.parts
            .iter()
            .filter(|part| part.state == state && (part.part.is_code() || !code_only))
            .map(|part| part.part.name())
            .collect()
    }
}

fn digest(part: &Part) -> Option<&str> {
    match part {
        Part::Known { sha256, .. } => Some(sha256),
        Part::Absent { .. } | Part::Unknown { .. } => None,
    }
}

fn compare(part: PartName, reference: &Part, current: &Part) -> PartComparison {
    let (state, why) = judge(reference, current);
    PartComparison {
        part,
        state,
        why,
        reference: digest(reference).map(str::to_owned),
        current: digest(current).map(str::to_owned),
    }
}

fn judge(reference: &Part, current: &Part) -> (Sameness, String) {
    let unknown = |side: &str, why: &str| (Sameness::Unknown, format!("{side}: {why}"));
    match (reference, current) {
        (Part::Unknown { unknown: why }, Part::Unknown { .. }) => unknown("both sides", why),
        (Part::Unknown { unknown: why }, _) => unknown("reference", why),
        (_, Part::Unknown { unknown: why }) => unknown("current", why),
        (Part::Absent { .. }, Part::Absent { .. }) => (
            Sameness::Same,
            "there is none on either side, as was said".into(),
        ),
        (Part::Absent { .. }, Part::Known { of, .. }) => {
            (Sameness::Different, format!("there was none, now {of}"))
        }
        (Part::Known { of, .. }, Part::Absent { .. }) => (
            Sameness::Different,
            format!("there was {of}, now there is none"),
        ),
        (
            Part::Known {
                sha256: before,
                method: how_before,
                of: was,
            },
            Part::Known {
                sha256: now,
                method: how_now,
                of: is,
            },
        ) => {
            if before == now {
                (Sameness::Same, format!("equal digests of {is}"))
            } else if how_before == how_now {
                let of = if was == is {
                    is.clone()
                } else {
                    format!("{was} and {is}")
                };
                (Sameness::Different, format!("different digests of {of}"))
            } else {
                // Another rule gives another digest of the same files.
                (
                    Sameness::Unknown,
                    format!(
                        "the digests follow different rules ({how_before}, {how_now}): make both in one way"
                    ),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(digit: char, method: &str) -> Part {
        Part::Known {
            sha256: digit.to_string().repeat(64),
            method: method.into(),
            of: "model.onnx".into(),
        }
    }

    fn absent() -> Part {
        Part::Absent { absent: "x".into() }
    }

    #[test]
    fn the_states_of_one_part() {
        let unknown = Part::default();
        for (reference, current, expected) in [
            (known('a', "m"), known('a', "m"), Sameness::Same),
            // Equal digests are equal contents, whatever the rule.
            (known('a', "m"), known('a', "n"), Sameness::Same),
            (known('a', "m"), known('b', "m"), Sameness::Different),
            (known('a', "m"), known('b', "n"), Sameness::Unknown),
            (known('a', "m"), unknown.clone(), Sameness::Unknown),
            (unknown.clone(), known('a', "m"), Sameness::Unknown),
            (unknown.clone(), unknown.clone(), Sameness::Unknown),
            (unknown.clone(), absent(), Sameness::Unknown),
            (absent(), absent(), Sameness::Same),
            (absent(), known('a', "m"), Sameness::Different),
            (known('a', "m"), absent(), Sameness::Different),
        ] {
            let (state, why) = judge(&reference, &current);
            assert_eq!(state, expected, "{reference:?} {current:?}");
            assert!(!why.is_empty());
        }
    }

    #[test]
    fn all_parts_of_the_code_must_be_known_to_be_the_same() {
        let mut before = Fingerprints::unknown("0", "not given");
        for name in PartName::ALL {
            *before.part_mut(name) = known('a', "m");
        }
        assert_eq!(Comparison::new(&before, &before).code, Sameness::Same);
        for name in PartName::ALL {
            let if_code = |state| {
                if name.is_code() {
                    state
                } else {
                    Sameness::Same
                }
            };
            let mut now = before.clone();
            *now.part_mut(name) = Part::default();
            let comparison = Comparison::new(&before, &now);
            assert_eq!(comparison.code, if_code(Sameness::Unknown), "{name:?}");
            assert_eq!(
                comparison.named(Sameness::Unknown, false),
                vec![name.name()]
            );
            *now.part_mut(name) = known('b', "m");
            let comparison = Comparison::new(&before, &now);
            assert_eq!(comparison.code, if_code(Sameness::Different), "{name:?}");
        }
    }

    #[test]
    fn a_known_difference_outweighs_what_is_unknown() {
        let mut before = Fingerprints::unknown("0", "not given");
        let mut now = before.clone();
        before.model = known('a', "m");
        now.model = known('b', "m");
        let comparison = Comparison::new(&before, &now);
        assert_eq!(comparison.code, Sameness::Different);
        assert_eq!(comparison.named(Sameness::Different, true), vec!["model"]);
    }
}
