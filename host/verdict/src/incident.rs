//! Incidents: what alerts day after day for one cause is one thing to repair.
//!
//! An incident is opened by a verdict that is no pass, joined by later ones of
//! the same cause, and closed after enough quiet periods in a row. What closes
//! lies below what opens (hysteresis), so that an effect around the threshold
//! does not open one incident after the other.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Reason;
use crate::document::Document;
use crate::finding::{Finding, Nature, Status};
use crate::verdict::Level;

/// When an incident is over, and when it has been open for too long.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Quiet periods in a row that close it; at least 1.
    pub close_after: u32,
    /// A quiet period has a rank p-value above this, where it has one.
    pub close_p: f64,
    /// In a quiet period the columns moved by less than this share of
    /// `alert-at`.
    pub close_effect: f64,
    /// Open for more periods than this, it is escalated.
    pub escalate_after: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            close_after: 7,
            close_p: 0.2,
            close_effect: 0.6,
            escalate_after: 14,
        }
    }
}

/// Which kind of thing is wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The data is broken.
    Quality,
    /// Inputs or outputs moved.
    Drift,
    /// Drift that no single period shows.
    SlowDrift,
    /// Code and data, or what is known of them.
    Code,
    /// Too little data.
    CannotTell,
    /// A check could not do its work.
    Failure,
}

impl Family {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Quality,
        Self::Drift,
        Self::SlowDrift,
        Self::Code,
        Self::CannotTell,
        Self::Failure,
    ];

    /// The word used in records and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Drift => "drift",
            Self::SlowDrift => "slow-drift",
            Self::Code => "code",
            Self::CannotTell => "cannot-tell",
            Self::Failure => "failure",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == word)
    }

    fn of(reason: Reason) -> Self {
        match reason {
            Reason::DataQuality => Self::Quality,
            Reason::CheckFailed => Self::Failure,
            Reason::CannotTell => Self::CannotTell,
            Reason::SlowDrift | Reason::FarFromAnchor => Self::SlowDrift,
            Reason::CodeChangedBehaviour
            | Reason::Confounded
            | Reason::ProvenanceMissing
            | Reason::ReleaseNeutral
            | Reason::UnexplainedOutputChange => Self::Code,
            _ => Self::Drift,
        }
    }
}

/// Which way a column moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Larger values.
    Up,
    /// Smaller values.
    Down,
    /// No direction, or none known.
    Any,
}

impl Direction {
    fn of(findings: &[&Finding]) -> Self {
        let mut measured = findings.iter().filter_map(|finding| {
            let moved = finding.unit_effect.as_ref()?.value;
            (moved != 0.0 && moved.is_finite()).then_some(moved)
        });
        match measured.next() {
            Some(moved) if moved > 0.0 => Self::Up,
            Some(_) => Self::Down,
            None => Self::Any,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Any => "any",
        }
    }

    fn fits(self, other: Self) -> bool {
        self == other || self == Self::Any || other == Self::Any
    }
}

/// What alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Which kind of thing is wrong.
    pub family: Family,
    /// Columns (checks, where a check failed) with their directions.
    pub columns: BTreeMap<String, Direction>,
}

impl Cause {
    /// The cause of a verdict that is no pass: its suspects of the worst level.
    pub fn of(document: &Document) -> Option<Self> {
        if document.verdict == Level::Pass {
            return None;
        }
        let family = Family::of(document.reason);
        let columns = if family == Family::Failure {
            let failed = document.failures.iter();
            failed
                .map(|one| (one.check.clone(), Direction::Any))
                .collect()
        } else {
            let suspects = document.suspect_details.iter();
            let worst = suspects.clone().map(|suspect| suspect.level).max();
            suspects
                .filter(|suspect| Some(suspect.level) == worst)
                .map(|suspect| {
                    let findings = suspect.findings.iter();
                    let findings: Vec<&Finding> = findings
                        .filter_map(|at| Some(&document.findings.get(*at)?.finding))
                        .collect();
                    (suspect.name.clone(), Direction::of(&findings))
                })
                .collect()
        };
        Some(Self { family, columns })
    }

    /// Whether both speak of one thing: the same family, and a column in common
    /// that moved the same way. Which columns stand out differs from day to
    /// day, so they need not all be the same.
    pub fn same(&self, other: &Self) -> bool {
        if self.family != other.family {
            return false;
        }
        let shared = self.columns.iter().any(|(name, direction)| {
            let theirs = other.columns.get(name);
            theirs.is_some_and(|theirs| direction.fits(*theirs))
        });
        shared || self.columns.is_empty() && other.columns.is_empty()
    }

    /// The text whose SHA-256 is the key of an incident: one line each for the
    /// stream, the family, and each column with its direction, in order.
    pub fn text(&self, stream: &str) -> String {
        let mut text = format!("{}\n{}\n", quoted(stream), self.family.name());
        for (name, direction) in &self.columns {
            text.push_str(&format!("{} {}\n", quoted(name), direction.name()));
        }
        text
    }

    /// Columns with their directions, in words.
    pub fn words(&self) -> Vec<String> {
        let words = |(name, direction): (&String, &Direction)| match direction {
            Direction::Up => format!("{name} (up)"),
            Direction::Down => format!("{name} (down)"),
            Direction::Any => name.clone(),
        };
        self.columns.iter().map(words).collect()
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What an incident is told of a period.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Look {
    /// What alerts in it, if anything.
    pub cause: Option<Cause>,
    /// The rank p-value, where there is one.
    pub p: Option<f64>,
    /// By column the largest effect that is not what periods differ by anyway.
    pub effects: BTreeMap<String, f64>,
}

/// An effect whose own p-value, not corrected, is above this is none: of few
/// rows some are large.
const CHANCE: f64 = 0.01;

impl Look {
    /// Effects of a document's findings; `ordinary` says of a finding that
    /// periods differ as much.
    pub fn new(document: &Document, ordinary: impl Fn(&Finding) -> bool) -> Self {
        let mut effects = BTreeMap::new();
        for judged in &document.findings {
            let finding = &judged.finding;
            if finding.nature == Nature::Supporting || finding.status != Status::Ok {
                continue;
            }
            let by_chance = finding.p_value.is_some_and(|p| p > CHANCE);
            let effect = if by_chance || ordinary(finding) {
                0.0
            } else {
                finding.effect
            };
            let mut names = finding.subject.columns();
            if names.is_empty() {
                names.push(crate::rank::ROWS);
            }
            for name in names {
                let most = effects.entry(name.to_owned()).or_insert(0.0_f64);
                *most = most.max(effect);
            }
        }
        Self {
            cause: Cause::of(document),
            p: document.calibration.as_ref().map(|found| found.p_value),
            effects,
        }
    }
}

/// What a period did to an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The verdict opened it.
    Opened,
    /// The verdict alerts for the same cause.
    Seen,
    /// No alert, but too near to one to be quiet.
    Unsettled,
    /// Quiet.
    Quiet,
    /// Quiet for long enough.
    Closed,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Opened,
        Self::Seen,
        Self::Unsettled,
        Self::Quiet,
        Self::Closed,
    ];

    /// The word used in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Seen => "seen",
            Self::Unsettled => "unsettled",
            Self::Quiet => "quiet",
            Self::Closed => "closed",
        }
    }

    /// From that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == word)
    }
}

/// What a period does to the open incidents (each with its quiet periods in a
/// row so far), and whether it opens one.
pub fn step(
    open: &[(&Cause, u32)],
    look: &Look,
    settings: &Settings,
    alert_at: f64,
) -> (Vec<State>, bool) {
    let states: Vec<State> = open
        .iter()
        .map(|(cause, quiet)| {
            if look.cause.as_ref().is_some_and(|now| cause.same(now)) {
                State::Seen
            } else if !is_quiet(cause, look, settings, alert_at) {
                State::Unsettled
            } else if quiet + 1 >= settings.close_after {
                State::Closed
            } else {
                State::Quiet
            }
        })
        .collect();
    let opens = look.cause.is_some() && !states.contains(&State::Seen);
    (states, opens)
}

/// A column that nobody measures any more counts as still; a period that could
/// not be evaluated does not.
fn is_quiet(cause: &Cause, look: &Look, settings: &Settings, alert_at: f64) -> bool {
    let failed = look.cause.as_ref().map(|now| now.family) == Some(Family::Failure);
    let small = cause.columns.keys().all(|name| {
        let effect = look.effects.get(name);
        effect.is_none_or(|effect| *effect < settings.close_effect * alert_at)
    });
    !failed && small && look.p.is_none_or(|p| p > settings.close_p)
}

#[cfg(test)]
mod tests;
