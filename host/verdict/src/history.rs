//! What a document says of the history it was recorded in, and what
//! `driftguard history` tells of all of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Reason;
use crate::incident::{Family, State};
use crate::sequential::{Place, Step, Steps};
use crate::verdict::Level;

/// Name and version of what `driftguard history --json` prints.
pub const HISTORY_FORMAT: &str = "driftguard/history/v1";

/// Where the verdict was recorded, and what the records before it add.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct HistoryReport {
    /// The file.
    pub file: String,
    /// The stream of verdicts that this one belongs to.
    pub model: String,
    /// Number of the record.
    pub record: i64,
    /// The period that most rows belong to, where periods have names.
    pub period: Option<String>,
    /// The record of an earlier run with the same data and policy; such a run
    /// counts once.
    pub repeats: Option<i64>,
    /// What the detector of slow drift says; absent where there is no baseline
    /// to rank against.
    pub detector: Option<DetectorReport>,
    /// Incidents that are open or were closed now, oldest first.
    pub incidents: Vec<IncidentReport>,
}

/// Which sum reached the alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Alarm {
    /// None.
    None,
    /// That over all periods so far.
    Growing,
    /// That over the periods that the baseline was created with.
    Anchor,
    /// Both.
    Both,
}

impl Alarm {
    /// Of two sums and where they alarm.
    pub fn of(step: &Step, alarm_at: f64) -> Self {
        match (step.growing >= alarm_at, step.anchored >= alarm_at) {
            (false, false) => Self::None,
            (true, false) => Self::Growing,
            (false, true) => Self::Anchor,
            (true, true) => Self::Both,
        }
    }

    /// The word used in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Growing => "growing",
            Self::Anchor => "anchor",
            Self::Both => "both",
        }
    }

    /// From the word used in records.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::None, Self::Growing, Self::Anchor, Self::Both];
        all.into_iter().find(|alarm| alarm.name() == word)
    }
}

/// The detector of slow drift after this period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct DetectorReport {
    /// Rank among all periods so far, 1 the farthest out.
    pub rank: u64,
    /// How many those are, this one included.
    pub among: u64,
    /// Rank among the periods that the baseline was created with, and itself.
    pub anchor_rank: u64,
    /// How many the baseline was created with.
    pub anchor_periods: u64,
    /// The sum over all periods so far.
    pub growing: f64,
    /// The sum over the periods that the baseline was created with.
    pub anchored: f64,
    /// Either alarms from here on: at least so many periods pass until a false
    /// alarm, on average, if periods are exchangeable.
    pub alarm_at: f64,
    /// Which sum alarmed, and was large enough to matter.
    pub alarm: Alarm,
    /// Whether anything that is farther out than usual moved by at least what
    /// alerts; without that a sum never alarms.
    pub material: bool,
    /// Columns with the largest sums of their own, at most three.
    pub columns: Vec<ColumnSum>,
}

/// The sums of one column by itself: half of their mean over all columns is
/// part of the sums of the detector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ColumnSum {
    /// The column.
    pub column: String,
    /// The sum over all periods so far.
    pub growing: f64,
    /// The sum over the periods that the baseline was created with.
    pub anchored: f64,
    /// Whether the column moved by at least what alerts; without that its sums
    /// do not count today.
    pub moved: bool,
}

/// Columns named in a report.
const NAMED: usize = 3;

impl ColumnSum {
    /// The columns with the largest sums, the largest first; those that moved,
    /// whose sums count, before the others.
    pub fn leading(steps: &Steps) -> Vec<Self> {
        let mut all: Vec<Self> = steps
            .columns
            .iter()
            .map(|(name, column)| Self {
                column: name.clone(),
                growing: column.step.growing,
                anchored: column.step.anchored,
                moved: column.moved,
            })
            .collect();
        all.sort_by(|left, right| {
            let by_sum = right.largest().total_cmp(&left.largest());
            right.moved.cmp(&left.moved).then(by_sum)
        });
        all.truncate(NAMED);
        all
    }

    /// The larger of both sums.
    pub fn largest(&self) -> f64 {
        self.growing.max(self.anchored)
    }
}

impl DetectorReport {
    /// From the place of a period and the sums with it: what it was told, and
    /// whether anything was large enough to matter.
    pub fn new(
        place: &Place,
        steps: &Steps,
        alarm_at: f64,
        (alarm, material): (Alarm, bool),
    ) -> Self {
        let all = steps.all();
        Self {
            rank: place.rank,
            among: place.among,
            anchor_rank: place.anchor_rank,
            anchor_periods: place.anchor_periods,
            growing: all.growing,
            anchored: all.anchored,
            alarm_at,
            alarm,
            material,
            columns: ColumnSum::leading(steps),
        }
    }
}

/// An incident as it stands after this period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct IncidentReport {
    /// Its number in the history.
    pub id: i64,
    /// SHA-256 of stream, family, columns and directions: the same for the same
    /// cause, for those who count alerts elsewhere.
    pub key: String,
    /// What this period did to it.
    pub state: State,
    /// Which kind of thing is wrong.
    pub family: Family,
    /// The columns it was opened with, and their directions.
    pub columns: Vec<String>,
    /// The period (else the record) that opened it.
    pub since: String,
    /// Periods that alerted for this cause.
    pub seen: u64,
    /// Periods since it was opened, that one included.
    pub periods: u64,
    /// Quiet periods in a row; so many as the policy says close it.
    pub quiet: u32,
    /// Open for longer than the policy allows: tell somebody else.
    pub escalate: bool,
}

impl IncidentReport {
    /// `incident 3, open since 2013-03-02, seen 5 times: drift of temp (down)`:
    /// as it stands now, whatever the last period did.
    pub fn standing(&self) -> String {
        let state = match self.state {
            State::Opened => State::Seen,
            state => state,
        };
        Self {
            state,
            ..self.clone()
        }
        .words()
    }

    /// The same, with what this period did.
    pub fn words(&self) -> String {
        let of = match self.columns.as_slice() {
            [] => self.family.name().to_owned(),
            columns => format!("{} of {}", self.family.name(), columns.join(", ")),
        };
        let times = match self.seen {
            1 => "once".to_owned(),
            seen => format!("{seen} times"),
        };
        let state = match self.state {
            State::Opened => "opened now".to_owned(),
            State::Seen => format!("open since {}, seen {times}", self.since),
            State::Unsettled => format!(
                "open since {}, seen {times}, not this time but not over",
                self.since
            ),
            State::Quiet => format!(
                "open since {}, seen {times}, quiet for {}",
                self.since, self.quiet
            ),
            State::Closed => format!("closed now, was open since {}, seen {times}", self.since),
        };
        let escalate = if self.escalate {
            format!("; open for {} periods: escalate", self.periods)
        } else {
            String::new()
        };
        format!("incident {}, {state}: {of}{escalate}", self.id)
    }
}

/// One record, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// Its number.
    pub id: i64,
    /// When it was made, UTC.
    pub at: String,
    /// The stream.
    pub model: String,
    /// The period, where periods have names.
    pub period: Option<String>,
    /// Rows of the current data.
    pub rows: u64,
    /// The verdict.
    pub verdict: Level,
    /// Its reason.
    pub reason: Reason,
    /// Suspects, the likeliest culprit first.
    pub suspects: Vec<String>,
    /// Largest effect.
    pub effect: Option<f64>,
    /// Rank p-value.
    pub p: Option<f64>,
    /// Rank among all periods so far, and how many those are.
    pub rank: Option<(u64, u64)>,
    /// The sum over all periods so far, before it began again.
    pub growing: Option<f64>,
    /// The sum over the anchor's periods.
    pub anchored: Option<f64>,
    /// What the detector said.
    pub alarm: Alarm,
    /// The record that it repeats.
    pub repeats: Option<i64>,
    /// Incidents that it opened, joined or closed, and how.
    pub incidents: Vec<(i64, State)>,
    /// SHA-256 of thresholds, checks and settings.
    pub policy: String,
    /// SHA-256 of what the checks saw.
    pub data: String,
    /// SHA-256 of the document.
    pub document: String,
    /// SHA-256 of the baseline's file.
    pub baseline: Option<String>,
    /// SHA-256 of what the baseline was created with.
    pub anchor: Option<String>,
}

/// An incident, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct IncidentEntry {
    /// The stream.
    pub model: String,
    /// Whether it is open.
    pub open: bool,
    /// In words.
    pub words: String,
    /// As in a document.
    #[serde(flatten)]
    pub report: IncidentReport,
}

/// A whole history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Overview {
    /// [`HISTORY_FORMAT`].
    pub format: String,
    /// The sums alarm from here on.
    pub alarm_at: f64,
    /// Records, oldest first.
    pub records: Vec<Entry>,
    /// Incidents, oldest first.
    pub incidents: Vec<IncidentEntry>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sequential::{ColumnStep, Step};

    #[test]
    fn columns_whose_sums_count_lead() {
        let column = |(name, sum, moved): (&str, f64, bool)| {
            let step = Step {
                growing: 1.0,
                anchored: sum,
            };
            (name.to_owned(), ColumnStep { step, moved })
        };
        let all = [
            ("far", 90.0, false),
            ("slow", 8.0, true),
            ("slower", 7.0, true),
            ("farther", 99.0, false),
        ];
        let steps = Steps {
            joint: Step::default(),
            columns: all.map(column).into(),
        };
        let leading: Vec<String> = ColumnSum::leading(&steps)
            .into_iter()
            .map(|sum| sum.column)
            .collect();
        assert_eq!(leading, ["slow", "slower", "farther"]);
    }
}
