//! `[history]`: where verdicts are recorded, and what follows from several.

use std::path::{Path, PathBuf};

use driftguard_verdict::incident::Settings;
use driftguard_verdict::sequential::ALARM_AT;
use toml::Spanned;

use super::place::Source;
use super::raw::RawHistory;

/// The stream of those who name none.
pub const DEFAULT_MODEL: &str = "default";

/// Where verdicts are recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryPolicy {
    /// The file; none: verdicts are not recorded. A path of a policy is already
    /// joined to its folder.
    pub file: Option<PathBuf>,
    /// The stream of verdicts.
    pub model: String,
    /// Periods until a false alarm of slow drift, at least.
    pub alarm_after: u32,
    /// When incidents are over.
    pub incidents: Settings,
}

impl Default for HistoryPolicy {
    fn default() -> Self {
        Self {
            file: None,
            model: DEFAULT_MODEL.to_owned(),
            alarm_after: ALARM_AT as u32,
            incidents: Settings::default(),
        }
    }
}

impl HistoryPolicy {
    /// Over the defaults; ranges were checked by the shape of the keys.
    pub(super) fn new(source: Source, raw: RawHistory) -> Self {
        let default = Self::default();
        let folder = source.file.parent().unwrap_or(Path::new(""));
        let settings = default.incidents;
        Self {
            file: raw
                .file
                .map(Spanned::into_inner)
                .map(|file| folder.join(file)),
            model: raw.model.unwrap_or(default.model),
            alarm_after: raw.alarm_after.unwrap_or(default.alarm_after),
            incidents: Settings {
                close_after: raw.close_after.unwrap_or(settings.close_after),
                close_p: raw.close_p.unwrap_or(settings.close_p),
                close_effect: raw.close_effect.unwrap_or(settings.close_effect),
                escalate_after: raw.escalate_after.unwrap_or(settings.escalate_after),
            },
        }
    }
}
