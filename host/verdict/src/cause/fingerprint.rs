//! Fingerprints: SHA-256 of everything that decides what a model answers.
//!
//! The document holds digests and names, never contents. Who makes them reads
//! files; this module only says what they look like.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name and version of the document's format.
pub const FORMAT: &str = "driftguard/fingerprints/v1";

/// What has a fingerprint.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum PartName {
    /// The source code.
    Code,
    /// The model: its weights.
    Model,
    /// The configuration.
    Config,
    /// The dependencies: a lock file.
    Deps,
    /// How features are made.
    Features,
    /// Names and types of the data's columns.
    Schema,
    /// Where it runs: processor, system, and what the user names.
    Runtime,
}

impl PartName {
    /// All parts, in the order of the document.
    pub const ALL: [Self; 7] = [
        Self::Code,
        Self::Model,
        Self::Config,
        Self::Deps,
        Self::Features,
        Self::Schema,
        Self::Runtime,
    ];

    /// The key in documents and policies, and the flag.
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Model => "model",
            Self::Config => "config",
            Self::Deps => "deps",
            Self::Features => "features",
            Self::Schema => "schema",
            Self::Runtime => "runtime",
        }
    }

    /// Whether the part is what people call "the code": what a release
    /// changes. Schema and runtime are told, but decide nothing.
    pub fn is_code(self) -> bool {
        !matches!(self, Self::Schema | Self::Runtime)
    }
}

/// The fingerprint of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Part {
    /// It was computed.
    Known {
        /// 64 lower-case hexadecimal digits.
        #[schemars(regex(pattern = r"^[0-9a-f]{64}$"))]
        sha256: String,
        /// The rule by which it was computed, `git-tracked/v1`. Different
        /// digests of different rules say nothing.
        method: String,
        /// Of what, for people: names of files, number of files.
        of: String,
    },
    /// The user says that there is no such part: a model without a
    /// configuration. A statement, not a measurement.
    Absent {
        /// Who says so.
        absent: String,
    },
    /// It is not known.
    Unknown {
        /// Why.
        unknown: String,
    },
}

impl Default for Part {
    fn default() -> Self {
        Self::Unknown {
            unknown: "the document does not name it".into(),
        }
    }
}

/// The document of `driftguard fingerprint`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Fingerprints {
    /// `driftguard/fingerprints/v1`; a reader refuses what it does not know.
    pub format: String,
    /// Version of the driftguard that wrote it.
    pub driftguard: String,
    /// The source code.
    #[serde(default)]
    pub code: Part,
    /// The model's bytes.
    #[serde(default)]
    pub model: Part,
    /// The configuration.
    #[serde(default)]
    pub config: Part,
    /// The lock file.
    #[serde(default)]
    pub deps: Part,
    /// Feature definitions and the code that makes features.
    #[serde(default)]
    pub features: Part,
    /// Names and types of the data's columns.
    #[serde(default)]
    pub schema: Part,
    /// Processor, system, and what the user names.
    #[serde(default)]
    pub runtime: Part,
}

impl Fingerprints {
    /// A document in which nothing is known, for this reason.
    pub fn unknown(driftguard: &str, why: &str) -> Self {
        let part = || Part::Unknown {
            unknown: why.to_owned(),
        };
        Self {
            format: FORMAT.into(),
            driftguard: driftguard.to_owned(),
            code: part(),
            model: part(),
            config: part(),
            deps: part(),
            features: part(),
            schema: part(),
            runtime: part(),
        }
    }

    /// One part.
    pub fn part(&self, name: PartName) -> &Part {
        match name {
            PartName::Code => &self.code,
            PartName::Model => &self.model,
            PartName::Config => &self.config,
            PartName::Deps => &self.deps,
            PartName::Features => &self.features,
            PartName::Schema => &self.schema,
            PartName::Runtime => &self.runtime,
        }
    }

    /// One part, to be written.
    pub fn part_mut(&mut self, name: PartName) -> &mut Part {
        match name {
            PartName::Code => &mut self.code,
            PartName::Model => &mut self.model,
            PartName::Config => &mut self.config,
            PartName::Deps => &mut self.deps,
            PartName::Features => &mut self.features,
            PartName::Schema => &mut self.schema,
            PartName::Runtime => &mut self.runtime,
        }
    }
}

/// Whether a text is a digest as documents hold it.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_comes_back_and_a_missing_part_is_unknown() {
        let mut document = Fingerprints::unknown("0.1.0", "not given");
        document.model = Part::Known {
            sha256: "a".repeat(64),
            method: "bytes/v1".into(),
            of: "model.onnx".into(),
        };
        document.config = Part::Absent {
            absent: "said with --config none".into(),
        };
        let text = serde_json::to_string(&document).unwrap();
        assert_eq!(
            serde_json::from_str::<Fingerprints>(&text).unwrap(),
            document
        );
        let short = format!(r#"{{"format":"{FORMAT}","driftguard":"0.1.0"}}"#);
        let read: Fingerprints = serde_json::from_str(&short).unwrap();
        for name in PartName::ALL {
            assert_eq!(read.part(name), &Part::default());
        }
    }

    #[test]
    fn keys_that_do_not_exist_are_refused() {
        let text = format!(r#"{{"format":"{FORMAT}","driftguard":"0.1.0","modle":{{}}}}"#);
        assert!(serde_json::from_str::<Fingerprints>(&text).is_err());
        let text = format!(r#"{{"format":"{FORMAT}","driftguard":"0.1.0","model":{{}}}}"#);
        assert!(serde_json::from_str::<Fingerprints>(&text).is_err());
    }

    #[test]
    fn digests_are_64_lower_case_hexadecimal_digits() {
        assert!(is_digest(&"0f".repeat(32)));
        assert!(!is_digest(&"0F".repeat(32)));
        assert!(!is_digest(&"0f".repeat(31)));
    }

    #[test]
    fn every_part_is_its_own_field() {
        let mut document = Fingerprints::unknown("0", "x");
        for name in PartName::ALL {
            let mark = Part::Absent {
                absent: name.name().into(),
            };
            *document.part_mut(name) = mark.clone();
            assert_eq!(document.part(name), &mark);
            let value = serde_json::to_value(&document).unwrap();
            assert_eq!(value[name.name()]["absent"], name.name());
        }
    }
}
